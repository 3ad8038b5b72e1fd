"""SQLite as a metadata database: address, file, and settings of connections. Does I/O."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from weft.errors import ConfigError, Unavailable
from weft.server.storage.private import make_private_file


def parse_url(url: str) -> URL:
    """The address of a metadata database as SQLAlchemy reads it; ConfigError if it can't."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError) as error:
        raise ConfigError(
            "the metadata database must be an address such as sqlite:///metadata.db or"
            " postgresql://user@host/weft"
        ) from error


def make_sqlite_file(path: str | None) -> None:
    """Create the file of a database, which only its owner may read, unless it is there."""
    if path and path != ":memory:":
        try:
            make_private_file(Path(path))
        except OSError as error:
            raise Unavailable(f"metadata database can't be opened: {error}") from error


def set_up_sqlite(engine: Engine, *, cache_kib: int | None = None) -> None:
    """Have all connections of an engine be durable, and transactions begin where they should."""

    # Transactions are begun explicitly, because the driver begins them late and never as
    # IMMEDIATE: one that reads before it writes would fail if another wrote in between.
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "busy_timeout = 10000",
            *([] if cache_kib is None else [f"cache_size = -{cache_kib}"]),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        writes = connection.get_execution_options().get("weft_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
