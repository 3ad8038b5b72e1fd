"""The state of a metadata database that a server is about to open, or has open. Does I/O."""

from __future__ import annotations

import time
from typing import NamedTuple

from weft.server.storage.metadata.database.engine import Database
from weft.server.storage.metadata.database.leases import read_micros
from weft.server.storage.metadata.database.schema import HEAD
from weft.server.storage.metadata.settings import SettingTable
from weft.server.storage.metadata.upgrade import revision_of


class DatabaseState(NamedTuple):
    """`revision` is None of an empty database; `ahead_secs` is its clock's lead over this one;
    `setting` is None unless its tables are those of this version.
    """

    revision: str | None
    is_current: bool
    ahead_secs: float
    setting: str | None


def look_at_database(url: str, setting_key: str) -> DatabaseState:
    """Look at a database in PostgreSQL, and at a setting in it, and change nothing.

    ConfigError if the address is invalid, MetadataUnavailable if it does not answer.
    """
    database = Database(url)
    try:
        with database.read() as tx:
            revision = revision_of(tx)
            before = time.time()
            micros = read_micros(tx)
            middle = (before + time.time()) / 2
            value: str | None = None
            if revision == HEAD:
                value = SettingTable().find_setting(tx, setting_key)
    finally:
        database.close()
    return DatabaseState(revision, revision == HEAD, micros / 1e6 - middle, value)
