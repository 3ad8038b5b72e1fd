"""A server's settings, such as its address and data directory. Pure values, no I/O.

The command line (`weft.cli.server.settings_source`) makes a `ServerSettings` of options,
variables and the settings file. The server reads no other configuration, so a test can start one
from a value of this class.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from weft.errors import ConfigError
from weft.server.settings.kinds import (
    FLAG,
    HEADER,
    NETWORKS,
    PATH,
    PORT,
    SITES,
    SIZE,
    TEXT,
    URL,
    Network,
    number,
)
from weft.server.settings.sign_in import OidcProvider, SmtpSettings
from weft.server.settings.table import Setting, Table

DEFAULT_PORT: Final = 8080

SETTINGS_FILE: Final = "weft.toml"
"""The name of the settings file in a data directory."""

Mode = Literal["local"]
"""The admission of requests. `local`: no accounts, see `weft.server.http.admission.local_mode`."""


def default_data_directory() -> Path:
    """Where the user's own server keeps its data: `$XDG_DATA_HOME/weft`.

    ConfigError without that and without a home directory.
    """
    # The XDG specification says to ignore a relative path in this variable.
    value = os.environ.get("XDG_DATA_HOME", "")
    if Path(value).is_absolute():
        return Path(value) / "weft"
    try:
        return Path.home() / ".local/share/weft"
    except RuntimeError:
        raise ConfigError(
            "this user has no home directory to keep data in: name one with --data, or set "
            "XDG_DATA_HOME"
        ) from None


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be reached from this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.5"), is_loopback("::1")
    (True, True, True)
    >>> is_loopback("0.0.0.0"), is_loopback("localhost.example")
    (False, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The settings that one server was started with.

    Attributes:
        mode: how requests are admitted.
        trash_days: None only in the engine of `weft ui`: until a user empties the trash.
    """

    data: Annotated[Path, Setting(PATH, "Data directory.", "~/.local/share/weft")]
    host: Annotated[
        str,
        Setting(TEXT, "Address to listen on; beyond loopback every request needs a key."),
    ] = "127.0.0.1"
    port: Annotated[int, Setting(PORT, "Port to listen on; 0 = any free port.")] = DEFAULT_PORT
    metadata_url: Annotated[
        str | None,
        Setting(
            TEXT, "SQLAlchemy address of the metadata database.", "SQLite in the data directory"
        ),
    ] = None
    metrics_url: Annotated[
        str | None,
        Setting(
            TEXT,
            "ClickHouse for points and console lines, clickhouse://HOST,…/DATABASE; for several "
            "servers, with the metadata in PostgreSQL.",
            "where they are; at first in the data directory",
        ),
    ] = None
    points_mirror: Annotated[
        bool,
        Setting(FLAG, "Keep a row of ClickHouse for each point, too, for SQL of your own."),
    ] = False
    files_url: Annotated[
        str | None,
        Setting(
            TEXT,
            "Bucket that keeps the contents of files, s3://BUCKET/PREFIX.",
            "where they are; at first in the data directory",
        ),
    ] = None
    direct_downloads: Annotated[
        bool,
        Setting(FLAG, "Let scripts download from that bucket itself, if they reach it."),
    ] = False
    public_url: Annotated[
        str | None,
        Setting(
            URL,
            "Address that people use, where it is another than host and port.",
            "host and port",
        ),
    ] = None
    trusted_proxies: Annotated[
        tuple[Network, ...],
        Setting(
            NETWORKS,
            "Proxies whose forwarded headers tell the client's address, scheme and host.",
            "no proxy is believed",
        ),
    ] = ()
    sign_in_header: Annotated[
        str | None,
        Setting(
            HEADER,
            "Header in which a trusted proxy names the user that it has signed in.",
            "no header signs in",
        ),
    ] = None
    embed_sites: Annotated[
        tuple[str, ...],
        Setting(
            SITES,
            "Sites that may show shares in frames, such as https://wiki.example.org; * = all.",
            "no site",
        ),
    ] = ()
    tls_certificate: Annotated[
        Path | None,
        Setting(PATH, "Certificate with its chain, in PEM, to serve HTTPS.", "plain HTTP"),
    ] = None
    tls_key: Annotated[
        Path | None, Setting(PATH, "Private key of the certificate, in PEM.", "in its file")
    ] = None
    trash_days: Annotated[
        float | None,
        Setting(
            number(0, 36_500),
            "How many days deleted runs can be brought back; 0 = they are gone at once.",
        ),
    ] = 30.0
    audit_days: Annotated[
        float, Setting(number(1, 36_500), "How many days entries of the audit log stay.")
    ] = 400.0
    users_create_teams: Annotated[
        bool, Setting(FLAG, "Let all users create teams, not administrators alone.")
    ] = False
    upload_quota_bytes: Annotated[
        int | None,
        Setting(SIZE, "What the projects of each user may take, such as 500GB.", "no limit"),
    ] = None
    disk_reserve_bytes: Annotated[
        int | None,
        Setting(
            SIZE,
            "What uploads leave free on the disk of the data directory.",
            "256MB, or 2% of a small disk",
        ),
    ] = None
    slow_secs: Annotated[
        float, Setting(number(0), "Log each request whose answer begins later than this.")
    ] = 1.0
    access_log: Annotated[bool, Setting(FLAG, "Log every request.")] = False
    smtp: Annotated[SmtpSettings | None, Table(SmtpSettings)] = None
    oidc: Annotated[tuple[OidcProvider, ...], Table(OidcProvider, is_named=True)] = ()
    mode: Mode = "local"

    def __post_init__(self) -> None:
        if self.tls_key is not None and self.tls_certificate is None:
            raise ConfigError("tls_key needs tls_certificate", field="tls_certificate")
        if self.metrics_url is not None and not self.is_on_postgresql:
            raise ConfigError(
                "metrics_url needs the metadata in PostgreSQL: metadata_url = postgresql://…",
                field="metadata_url",
            )
        if self.sign_in_header is not None and not self.trusted_proxies:
            raise ConfigError(
                "sign_in_header needs trusted_proxies: else any client could send the header and "
                "be any user",
                field="trusted_proxies",
            )

    @property
    def is_on_postgresql(self) -> bool:
        """Whether the metadata are in PostgreSQL, which several servers may share."""
        return (self.metadata_url or "").startswith("postgresql")

    @property
    def is_https(self) -> bool:
        """Whether people use the server by HTTPS."""
        return self.public_url is not None and self.public_url.lower().startswith("https://")

    @property
    def cookie_port(self) -> int | None:
        """The port that names cookies: of `public_url`, where several servers behind it may share
        PostgreSQL. None for the one that is listened on.
        """
        if self.public_url is None or not self.is_on_postgresql:
            return None
        return urlsplit(self.public_url).port or (443 if self.is_https else 80)

    @property
    def trash_micros(self) -> int | None:
        """`trash_days` in µs."""
        return None if self.trash_days is None else int(self.trash_days * 86_400_000_000)

    @property
    def loopback(self) -> bool:
        """Whether the server is for this machine alone.

        Not if a proxy makes it public: a proxy on this machine may run as the server's user, and
        connects from loopback.
        """
        if self.trusted_proxies or not is_loopback(self.host):
            return False
        return self.public_url is None or is_loopback(urlsplit(self.public_url).hostname or "")
