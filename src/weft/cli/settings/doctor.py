"""`weft doctor`: says what keeps runs from being recorded, sent or shown, and what to do."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from weft.cli.connect import connect
from weft.cli.reports import Finding, print_findings
from weft.errors import ConfigError, Forbidden, WeftError
from weft.records.sizes import shown_size
from weft.runlog.layout import find_runtime_directory, run_directories, weft_directory
from weft.runlog.spool import spool_files
from weft.sdk.setup.precedence import read_settings
from weft.sdk.setup.settings import Settings
from weft.sync.addresses.netrc_file import saved_key
from weft.sync.addresses.server_address import (
    ServerAddress,
    address_variable,
    find_server,
    key_variable,
)
from weft.version import VERSION
from weft.wire.server.server import get_server

LITTLE_SPACE_BYTES: Final = 2**30
SLOW_DISK_SECS: Final = 0.5


def examine(base_url: str | None, *, as_json: bool) -> int:
    """Print what was found; the exit code is 1 if anything needs a remedy, else 0."""
    return print_findings(_findings(base_url), as_json=as_json)


def _findings(base_url: str | None) -> Iterator[Finding]:
    troubles: list[str] = []
    try:
        settings = read_settings({}, troubles=troubles)
    except ConfigError as error:
        settings = Settings()
        yield Finding(f"the settings are invalid: {error}", "correct the value that it names")
    else:
        yield Finding(f"weft {VERSION}, mode {settings.mode}")
    for trouble in troubles:
        yield Finding(trouble, "correct it; until then it has no effect")
    looks: list[Callable[[], Iterator[Finding]]] = [
        lambda: _server(base_url),
        lambda: _folder(settings),
        _locks,
        _unsent_media,
    ]
    for look in looks:
        try:
            yield from look()
        except (WeftError, OSError) as error:
            yield Finding(str(error), "mend what this line names")


def _server(base_url: str | None) -> Iterator[Finding]:
    server = find_server(base_url=base_url)
    if server is None:
        yield Finding("no server is known: runs stay in their folders, and `weft ui` shows them")
        return
    client = connect(server)
    began = time.monotonic()
    try:
        info = client.call(get_server)
    except Forbidden:
        yield Finding(f"{server.url} refuses {_origin_of_key(server)}", _remedy_of_key(server))
        return
    except WeftError as error:
        variable = address_variable()
        named = f"unset {variable}" if variable else "name another with WEFT_BASE_URL"
        yield Finding(f"{error}", f"start the server, or {named}")
        return
    finally:
        client.close()
    millis = (time.monotonic() - began) * 1e3
    yield Finding(f"{server.url} answers in {millis:.0f} ms and accepts {_origin_of_key(server)}")
    if info.version != VERSION:
        yield Finding(
            f"the server is weft {info.version}, this is {VERSION}",
            "install the same version on both",
        )


def _origin_of_key(server: ServerAddress) -> str:
    """The key that is used there, and its origin."""
    if server.key is None:
        return "requests without a key"
    variable = key_variable(server)
    if variable:
        return f"the key in {variable}"
    if server.local:
        return "you, as this is your own local server"
    if saved_key(server.url) == server.key:
        return "the key in your netrc file"
    return "the key in your settings"


def _remedy_of_key(server: ServerAddress) -> str:
    """Return the way to a valid key. A variable comes before what a login saves."""
    variable = key_variable(server)
    login = f"weft login --base-url {server.url}"
    return f"unset {variable}; then, if a key is needed: {login}" if variable else login


def _folder(settings: Settings) -> Iterator[Finding]:
    """Whether runs that start here can be recorded."""
    directory = settings.dir if "dir" in settings.given else Path()
    folder = weft_directory(Path(directory))
    existing = next(
        ancestor for ancestor in (folder, *folder.absolute().parents) if ancestor.exists()
    )
    try:
        began = time.monotonic()
        with tempfile.TemporaryFile(dir=existing) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        secs = time.monotonic() - began
    except OSError as error:
        yield Finding(
            f"{existing} can't be written: {error.strerror or error}",
            "set WEFT_DIR to a folder of your own; until then runs are recorded elsewhere",
        )
        return
    free = shutil.disk_usage(existing).free
    remedy = "free some, or set WEFT_DIR to another disk" if free < LITTLE_SPACE_BYTES else ""
    yield Finding(f"{folder} has {shown_size(free)} of free space", remedy)
    if secs > SLOW_DISK_SECS:
        yield Finding(
            f"a write to {existing} took {secs:.1f} s to reach its disk",
            "set WEFT_DIR to a local disk: a slow one delays `log()`",
        )


def _locks() -> Iterator[Finding]:
    runtime = find_runtime_directory()
    if runtime.trouble:
        yield Finding(
            f"{runtime.trouble}: locks are kept elsewhere",
            "set XDG_RUNTIME_DIR to a folder that only you can write",
        )


def _unsent_media() -> Iterator[Finding]:
    """Runs of this folder with media that are still to be made."""
    unsent = [
        directory
        for directory in run_directories(weft_directory(Path()))
        if spool_files(directory)
    ]
    if unsent:
        runs = "1 run here has" if len(unsent) == 1 else f"{len(unsent)} runs here have"
        yield Finding(f"{runs} media that were not sent", "weft sync, once they have ended")
