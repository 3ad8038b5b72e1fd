"""New SQLite databases of metadata are copies of the first one of the process.

Tests and their servers open more than a thousand, and to create all tables takes two thirds of the
time of that. A server that is no fork creates its own, as do tests of migrations.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from weft.server.storage.metadata import store
from weft.server.storage.metadata.database.engine import Database
from weft.server.storage.metadata.upgrade import upgrade


@cache
def new_database() -> bytes:
    """The file of a database with all tables and no rows."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "metadata.db")
        database = Database(f"sqlite:///{path}")
        upgrade(database)
        database.close()
        return path.read_bytes()


def upgrade_or_copy(database: Database) -> None:
    """Fill the empty file of a new database; upgrade any other."""
    path = sqlite_file(database)
    if path is not None and path.stat().st_size == 0:
        path.write_bytes(new_database())
    upgrade(database)


def sqlite_file(database: Database) -> Path | None:
    url = database._engine.url
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if is_file else None


vars(store)["upgrade"] = upgrade_or_copy
