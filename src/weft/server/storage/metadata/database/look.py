"""The state of a metadata database that a server is about to open, or has open. Does I/O."""

from __future__ import annotations

import time
from typing import NamedTuple

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Database
from weft.server.storage.metadata.database.leases import database_micros
from weft.server.storage.metadata.database.schema import HEAD
from weft.server.storage.metadata.database.upgrade import revision_of


class DatabaseState(NamedTuple):
    """`revision` is None of an empty database; `ahead_secs` is its clock's lead over this one."""

    revision: str | None
    is_current: bool
    ahead_secs: float


def look_at_database(url: str) -> DatabaseState:
    """Look at a database in PostgreSQL and change nothing.

    ConfigError if the address is invalid, MetadataUnavailable if it does not answer.
    """
    database = Database(url)
    try:
        with database.read() as tx:
            revision = revision_of(tx)
            before = time.time()
            micros = tx.connection.execute(select(database_micros(tx.dialect))).scalar_one()
            middle = (before + time.time()) / 2
    finally:
        database.close()
    return DatabaseState(revision, revision == HEAD, micros / 1e6 - middle)
