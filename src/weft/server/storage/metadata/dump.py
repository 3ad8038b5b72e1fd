"""Writes the metadata database to one portable file and loads it again. Does I/O.

`services.upkeep` uses it for backups. For SQLite, the database itself is copied; for PostgreSQL,
whose files weft can't copy, the rows of all tables are written. Either can be restored to either.

A dump is a zstd stream of msgpack arrays, each after its length (u32). The first is
`["weft metadata", revision]`. Each table, after the tables it refers to, has
`["table", name, [column, …]]`, then any number of `["rows", [[value, …], …]]`, then
`["next", table, id]` with the first row id that was never assigned. The last is `["end"]`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import zstandard
from sqlalchemy import Table, func, select, text

from weft.errors import ConfigError, Conflict, CorruptLog
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import HEAD, metadata
from weft.server.storage.metadata.store import MetadataStore
from weft.server.storage.sqlite_copy import Advance, copy_database
from weft.version import VERSION

DATABASE_NAME: Final = "metadata.db"
DUMP_NAME: Final = "metadata.dump.zst"

_MAGIC: Final = "weft metadata"
_ROWS_PER_RECORD: Final = 1000
_MAX_RECORD_BYTES: Final = 256 << 20


def copy_metadata(tx: Transaction, folder: Path, advance: Advance) -> Path:
    """Write the state that a snapshot sees to a new file in `folder`; returns its path."""
    if tx.dialect == "sqlite":
        path = folder / DATABASE_NAME
        driver: Any = tx.connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        copy_database(driver, path, advance)
        return path
    path = folder / DUMP_NAME
    dump_metadata(tx, path, advance)
    return path


def dump_metadata(tx: Transaction, path: Path, advance: Advance) -> None:
    """Write all tables to a new file."""
    encode = msgspec.msgpack.Encoder().encode
    with path.open("xb") as file, zstandard.ZstdCompressor(3).stream_writer(file) as packed:

        def put(*record: Any) -> None:
            data = encode(record)
            packed.write(len(data).to_bytes(4, "little") + data)
            advance(len(data))

        put(_MAGIC, HEAD)
        for table in metadata.sorted_tables:
            names = [str(column.name) for column in table.columns]
            put("table", str(table.name), names)
            streamed = tx.connection.execution_options(yield_per=_ROWS_PER_RECORD)
            for rows in streamed.execute(select(table)).partitions():
                put("rows", [list(row) for row in rows])
            if has_counter(table):
                put("next", str(table.name), next_id(tx, table))
        put("end")


def load_metadata(store: MetadataStore, path: Path, advance: Advance) -> None:
    """Load a dump into an empty database, completely or not at all.

    Conflict if it is not empty, ConfigError if another version with other tables wrote the dump,
    CorruptLog if it is not complete.
    """
    with store.write() as tx:
        for table in metadata.sorted_tables:
            if tx.connection.execute(select(func.count()).select_from(table)).scalar_one():
                raise Conflict(f"the metadata database is not empty: it has rows in {table.name}")
        records = _records(path, advance)
        head: list[Any] = next(records, list[Any]())
        if len(head) != 2 or head[0] != _MAGIC:
            raise CorruptLog(f"{path.name} is not a dump of metadata")
        if head[1] != HEAD:
            raise ConfigError(
                f"{path.name} is of revision {head[1]}, and weft {VERSION} is at {HEAD}: "
                "restore it with the weft that wrote it, then open the data with this one"
            )
        if _load(tx, records) != ["end"]:
            raise CorruptLog(f"{path.name} ends early")


def _load(tx: Transaction, records: Iterator[list[Any]]) -> list[Any]:
    table: Table | None = None
    columns: list[str] = []
    record: list[Any] = []
    for record in records:
        match record:
            case ["table", name, names]:
                table, columns = metadata.tables[name], names
            case ["rows", rows] if table is not None:
                values = [dict(zip(columns, row, strict=True)) for row in rows]
                tx.connection.execute(table.insert(), values)
            case ["next", name, next_id]:
                set_next_id(tx, metadata.tables[name], next_id)
            case _:
                break
    return record


def _records(path: Path, advance: Advance) -> Iterator[list[Any]]:
    decode = msgspec.msgpack.Decoder(list[Any]).decode
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
        while head := packed.read(4):
            size = int.from_bytes(head, "little")
            if size > _MAX_RECORD_BYTES:
                raise CorruptLog(f"{path.name} is not a dump of metadata")
            data = packed.read(size)
            advance(len(data))
            if len(data) != size:
                return
            yield decode(data)


def has_counter(table: Table) -> bool:
    return "id" in table.columns and bool(table.columns["id"].autoincrement is True)


def next_id(tx: Transaction, table: Table) -> int:
    highest = tx.connection.execute(select(func.max(table.columns["id"]))).scalar() or 0
    if tx.dialect == "sqlite":
        if not tx.connection.execute(
            text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        ).scalar():
            return highest + 1
        row = tx.connection.execute(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        ).scalar()
    else:
        row = tx.connection.execute(
            text("SELECT last_value FROM pg_sequences WHERE sequencename = :name"),
            {"name": f"{table.name}_id_seq"},
        ).scalar()
    return max(highest, row or 0) + 1


def set_next_id(tx: Transaction, table: Table, next_id: int) -> None:
    if tx.dialect == "postgresql":
        tx.connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :next, false)"),
            {"name": f'"{table.name}"', "next": next_id},
        )
    elif table.dialect_options["sqlite"]["autoincrement"]:
        tx.connection.execute(
            text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        )
        tx.connection.execute(
            text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"),
            {"name": table.name, "last": next_id - 1},
        )
