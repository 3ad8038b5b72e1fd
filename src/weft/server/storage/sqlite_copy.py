"""Copies an SQLite database while others write to it. Does I/O.

Backups copy both databases this way: a read transaction in WAL mode keeps one state for as long as
it is open, so any number of databases can be held at one moment and copied one by one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from weft.server.storage.contract import Advance
from weft.server.storage.private import make_private_file

PAGES_PER_STEP: Final = 1024


def copy_database(source: sqlite3.Connection, path: Path, advance: Advance) -> None:
    """Copy what a connection sees to a new file, a few megabytes at a time; durable at the end.

    The connection's read transaction keeps the state, so commits by others do not make SQLite
    restart the copy.
    """
    size: int = source.execute("PRAGMA page_size").fetchone()[0]
    n_pages: int = source.execute("PRAGMA page_count").fetchone()[0]

    def progress(_status: int, remaining: int, _total: int) -> None:
        nonlocal n_pages
        advance(max(n_pages - remaining, 0) * size)
        n_pages = remaining

    make_private_file(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = FULL")
        source.backup(target, pages=PAGES_PER_STEP, progress=progress)
