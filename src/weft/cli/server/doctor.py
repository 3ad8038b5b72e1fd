"""`weft server doctor`: what keeps people from reaching a server, or a server from its stores, and
what lets others in.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from weft.cli.reports import Finding, print_findings
from weft.cli.server.settings_source import (
    CONFIG,
    default_settings_file,
    read_server_settings,
    variable_warnings,
)
from weft.client.transport import Transport
from weft.errors import ConfigError, WeftError
from weft.records.sizes import shown_size
from weft.runlog.holder import present_holder_of, token_of
from weft.server.http.admission.tls import Certificate
from weft.server.settings import ServerSettings, is_loopback
from weft.wire.server.accounts import SignInFindings
from weft.wire.server.server import Health

SOON: Final = timedelta(days=14)

_SHORT_SHARE: Final = 0.1
"""The share of a disk below which it is soon full."""

_CLOCK_SECS: Final = 5.0

_WIDE: Final = {4: 8, 6: 32}
"""Shortest prefix of a network, by the version of IP, that is likely to hold proxies alone."""


def examine_server(options: Mapping[str, Any], *, as_json: bool) -> int:
    """Print what was found; the exit code is 1 if anything needs a remedy, else 0."""
    return print_findings(_findings(options), as_json=as_json)


def _findings(options: Mapping[str, Any]) -> Iterator[Finding]:
    for warning in variable_warnings(os.environ):
        yield Finding(warning, "correct or remove it")
    path = options.get(CONFIG) or default_settings_file(options.get("data"))
    try:
        settings, _ = read_server_settings(options)
    except ConfigError as error:
        yield Finding(str(error), "correct it: the server does not start")
        return
    if path is None:
        yield Finding("there is no settings file: options and variables alone count")
    elif sys.platform != "win32" and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        yield Finding(f"other users can read {path}", f"chmod 600 {path}, if it has passwords")
    else:
        yield Finding(f"the settings in {path} are valid")
    for check in CHECKS:
        try:
            yield from check(settings)
        except (WeftError, OSError) as error:
            yield Finding(str(error), "correct what this line names")


def _encryption(settings: ServerSettings) -> Iterator[Finding]:
    if settings.loopback or settings.tls_certificate or settings.trusted_proxies:
        return
    if is_loopback(settings.host):
        state = "public_url is set, but no proxy is trusted: all clients have the proxy's address"
    else:
        state = f"{settings.host} is served without HTTPS: others can read keys on the network"
    yield Finding(state, "set trusted_proxies to the addresses of your proxy, or tls_certificate")


def _certificate(settings: ServerSettings) -> Iterator[Finding]:
    path = settings.tls_certificate
    if path is None:
        return
    from cryptography import x509  # imported late: it is large

    Certificate(path, settings.tls_key)
    certificate = x509.load_pem_x509_certificates(path.read_bytes())[0]
    end = certificate.not_valid_after_utc
    days = (end - datetime.now(UTC)).days
    if days < 0:
        yield Finding(f"the certificate ended on {end:%Y-%m-%d}: {path}", "renew it")
    elif end - datetime.now(UTC) < SOON:
        yield Finding(f"the certificate ends in {days} days: {path}", "renew it")
    else:
        yield Finding(f"the certificate is valid until {end:%Y-%m-%d}")
    if settings.public_url is None:
        yield Finding(
            "public_url is not set: links begin with the name by which each client comes",
            "set it to https:// and the name in the certificate",
        )


def _proxies(settings: ServerSettings) -> Iterator[Finding]:
    for network in settings.trusted_proxies:
        if network.prefixlen < _WIDE[network.version]:
            yield Finding(
                f"trusted_proxies has {network}: clients in it can choose their address",
                "name the addresses of the proxies alone",
            )
    header = settings.sign_in_header
    if header is None:
        return
    if any(network.is_loopback for network in settings.trusted_proxies):
        yield Finding(
            f"every program on this machine can be any user, by the header {header}",
            "on a machine that others use, put the proxy on another one, and name it in "
            "trusted_proxies",
        )
    else:
        yield Finding(f"{header} signs people in, from trusted proxies alone")


def _public_address(settings: ServerSettings) -> Iterator[Finding]:
    """Whether the address that people use leads to this server."""
    url, server = settings.public_url, _running(settings)
    if url is None or server is None:
        return
    if urlsplit(url).scheme == "http" and not is_loopback(urlsplit(url).hostname or ""):
        yield Finding(f"{url} has no HTTPS: others can read keys on the network", "use https://")
    # Without the token: the address may lead to another's server.
    public = Transport(url)
    try:
        health = public.decode(public.request("GET", _HEALTH), Health)
    except WeftError as error:
        yield Finding(
            f"{url} can't be reached from here: {error}",
            "check the proxy and the name, unless this machine may not use the public address",
        )
        return
    finally:
        public.close()
    if health.server != server.decode(server.request("GET", _HEALTH), Health).server:
        yield Finding(f"{url} leads to another server", "correct public_url, or the proxy")
    elif urlsplit(url).scheme == "https" and health.scheme == "http":
        yield Finding(
            f"{url} leads to this server by a proxy that it does not believe",
            "add the proxy's address to trusted_proxies, and have it send X-Forwarded-For and "
            "X-Forwarded-Proto",
        )
    else:
        yield Finding(f"{url} leads to this server")


def _disk(settings: ServerSettings) -> Iterator[Finding]:
    if not settings.data.exists():
        return
    disk = shutil.disk_usage(settings.data)
    text = f"{shown_size(disk.free)} of {shown_size(disk.total)} are free at {settings.data}"
    is_short = disk.free < _SHORT_SHARE * disk.total
    yield Finding(text, "free some space, or move the data to a larger disk" if is_short else "")


def _database(settings: ServerSettings) -> Iterator[Finding]:
    url = settings.metadata_url
    if url is None or not url.startswith("postgresql"):
        return
    # These import SQLAlchemy.
    from weft.server.services.opening import SETTINGS_NOTE, find_difference
    from weft.server.storage.metadata import look_at_database

    state = look_at_database(url, SETTINGS_NOTE)
    if state.revision is None:
        yield Finding("the metadata database answers, and is empty")
    elif state.is_current:
        yield Finding("the metadata database answers, and has the tables of this version")
    else:
        yield Finding(
            f"the metadata database has the tables of revision {state.revision}",
            "start a server of this version, which brings them up to date, or install the version "
            "that wrote them",
        )
    if abs(state.ahead_secs) > _CLOCK_SECS:
        order = "ahead of" if state.ahead_secs > 0 else "behind"
        yield Finding(
            f"the database's clock is {abs(state.ahead_secs):.0f} s {order} this machine's",
            "set both by NTP: times of runs and sign-ins are wrong",
        )
    difference = find_difference(state.setting, settings)
    if difference is not None:
        yield Finding(difference, "start all servers of the database with the same settings")


def _clickhouse(settings: ServerSettings) -> Iterator[Finding]:
    if settings.metadata_url is None or not settings.is_on_postgresql:
        return
    from weft.server.storage.clickhouse.look import look_at_cluster  # needs psycopg

    for state in look_at_cluster(settings.metadata_url, settings.metrics_url):
        yield Finding(*state)


def _bucket(settings: ServerSettings) -> Iterator[Finding]:
    if settings.files_url is None:
        return
    from weft.server.storage.blobs.opening import has_owner  # imports obstore

    if has_owner(settings.files_url):
        yield Finding(f"{settings.files_url} answers, and has files of a weft server")
    else:
        yield Finding(f"{settings.files_url} answers, and has no files yet")


def _stores(settings: ServerSettings) -> Iterator[Finding]:
    """Whether the running server reaches its stores."""
    server = _running(settings)
    if server is None:
        return
    try:
        server.request("GET", _READY)
    except WeftError as error:
        yield Finding(f"the server is not ready: {error}", "see its log for the store's own words")
    else:
        yield Finding("the server is ready: its stores answer")


def _sign_in(settings: ServerSettings) -> Iterator[Finding]:
    server = _running(settings)
    if server is None:
        yield Finding("the server is not running: how people sign in was not checked")
        return
    answer = server.decode(server.request("GET", "/api/v1/server/sign-in"), SignInFindings)
    for finding in answer.findings:
        yield Finding(finding.text, finding.remedy)


CHECKS: Final[tuple[Callable[[ServerSettings], Iterator[Finding]], ...]] = (
    _encryption,
    _certificate,
    _proxies,
    _public_address,
    _disk,
    _database,
    _clickhouse,
    _bucket,
    _stores,
    _sign_in,
)
"""All checks of valid settings, in the order of the report."""

_HEALTH: Final = "/healthz"
_READY: Final = "/readyz"


def _running(settings: ServerSettings) -> Transport | None:
    """The server that runs on the data directory; None without one."""
    holder = present_holder_of(settings.data)
    return None if holder is None else Transport(holder.url, token_of(settings.data))
