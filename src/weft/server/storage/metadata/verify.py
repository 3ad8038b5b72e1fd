"""Checks the pages and every row of the metadata database. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import metadata
from weft.server.storage.sqlite_copy import Advance


def verify_metadata(tx: Transaction, advance: Advance) -> Iterator[str]:
    """Messages about what is wrong.

    SQLite checks its own pages, indexes and references. PostgreSQL enforces references itself; its
    rows are all read, which fails where a page checksum does not match, if checksums are on.
    """
    if tx.dialect == "sqlite":
        try:
            for (text,) in tx.connection.exec_driver_sql("PRAGMA integrity_check"):
                if text != "ok":
                    yield f"database: {text}"
            for table, row, parent, _ in tx.connection.exec_driver_sql("PRAGMA foreign_key_check"):
                yield f"row {row} of {table} refers to a row of {parent} that is not there"
        except DatabaseError as error:
            yield f"the database can't be read: {error.orig}"
            return
    for table in metadata.sorted_tables:
        try:
            streamed = tx.connection.execution_options(yield_per=1000)
            for rows in streamed.execute(select(table)).partitions():
                advance(len(rows))
        except DatabaseError as error:
            yield f"table {table.name} can't be read: {error.orig}"
            return
