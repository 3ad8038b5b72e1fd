"""What a server can be told: where it listens, where its data lie. Pure values, no I/O.

The command line (`weft.cli.serve`) makes a `ServerSettings` of its options; everything in the
server reads it and nothing else, so a test starts a server with a value of this class.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from weft.errors import ConfigError

DEFAULT_PORT: Final = 8080

Mode = Literal["local"]
"""How requests are admitted. `local`: no accounts, see `weft.server.http.local_mode`."""


def default_data_directory() -> Path:
    """Where the user's own server keeps its data: `$XDG_DATA_HOME/weft`."""
    return _xdg("XDG_DATA_HOME", ".local/share") / "weft"


def default_cache_directory() -> Path:
    """Where things lie that can be made again: `$XDG_CACHE_HOME/weft`."""
    return _xdg("XDG_CACHE_HOME", ".cache") / "weft"


def _xdg(variable: str, fallback: str) -> Path:
    # The XDG rule: a relative path in these variables is to be ignored.
    value = os.environ.get(variable, "")
    if Path(value).is_absolute():
        return Path(value)
    try:
        return Path.home() / fallback
    except RuntimeError:
        remedy = "name one with --data, or " if variable == "XDG_DATA_HOME" else ""
        raise ConfigError(
            f"this user has no home directory to keep data in: {remedy}set {variable}"
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
    """What one server was started with.

    Attributes:
        data: the data directory: databases, lock and token.
        host: address to listen on; one that is not loopback makes the token a must.
        port: 0 = any free one.
        metadata_url: SQLAlchemy address of the metadata database; None = SQLite in `data`.
        public_url: the address people use, if it is not `http://host:port`.
        mode: how requests are admitted.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    metadata_url: str | None = None
    public_url: str | None = None
    mode: Mode = "local"

    @property
    def loopback(self) -> bool:
        """Whether the server can only be reached from this machine."""
        return is_loopback(self.host)
