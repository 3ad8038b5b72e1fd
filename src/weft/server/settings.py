"""A server's settings, such as its address and data directory. Pure values, no I/O.

The command line (`weft.cli.server.serve`) makes a `ServerSettings` from its options. The server
reads no other configuration, so a test can start one from a value of this class.
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
"""How requests are admitted. `local`: no accounts, see `weft.server.http.admission.local_mode`."""


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
        data: the data directory: databases, lock and token.
        host: address to listen on. If it is not loopback, everyone needs the token.
        port: port to listen on; 0 picks a free one.
        metadata_url: SQLAlchemy URL of the metadata database. If None, SQLite in `data`.
        files_url: where the contents of files are kept, `s3://bucket/prefix`. If None, where they
            are; for a new data directory in `data`.
        direct_downloads: whether clients may download contents from the bucket itself.
        public_url: the address people use, if it is not `http://host:port`.
        mode: how requests are admitted.
        trash_days: how many days deleted runs and projects can be restored; 0 disables the trash.
            If None, until a user empties the trash.
        upload_quota_bytes: what the projects of one user may take. If None, as much as there is.
        disk_reserve_bytes: what uploads leave free on the disk of `data`. If None, 256 MB, or 2 %
            of a smaller disk.
        slow_secs: requests whose answer begins later than this are logged.
        access_log: whether every request is logged.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    metadata_url: str | None = None
    files_url: str | None = None
    direct_downloads: bool = False
    public_url: str | None = None
    mode: Mode = "local"
    trash_days: float | None = 30.0
    upload_quota_bytes: int | None = None
    disk_reserve_bytes: int | None = None
    slow_secs: float = 1.0
    access_log: bool = False

    @property
    def is_https(self) -> bool:
        """Whether people use the server by HTTPS, through a proxy."""
        return self.public_url is not None and self.public_url.lower().startswith("https://")

    @property
    def trash_micros(self) -> int | None:
        """`trash_days` in µs."""
        return None if self.trash_days is None else int(self.trash_days * 86_400_000_000)

    @property
    def loopback(self) -> bool:
        """Whether the server can only be reached from this machine."""
        return is_loopback(self.host)
