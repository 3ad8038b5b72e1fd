"""One state of a metric file, held while others write to it. Does I/O.

Used by `services.upkeep`: all files of a server are held at one moment, then copied one by one.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from weft.server.storage.sqlite_copy import Look, copy_database


class FrozenFile:
    """A metric file as it was when this was made; close it soon, its log can't shrink meanwhile.

    Raises:
        FileNotFoundError: there is no such file, or nothing in it yet.
    """

    def __init__(self, path: Path) -> None:
        try:
            # Not made if it is missing: the project may be deleted at this very moment.
            self._db = sqlite3.connect(
                f"file:{quote(str(path))}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                timeout=30,
            )
        except sqlite3.OperationalError:
            raise FileNotFoundError(path) from None
        try:
            self._db.execute("BEGIN")
            # BEGIN alone takes no snapshot; the first read does.
            self._db.execute("SELECT 1 FROM garbage LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            self._db.close()
            raise FileNotFoundError(path) from None

    @property
    def connection(self) -> sqlite3.Connection:
        """To read from; its transaction has to stay open."""
        return self._db

    def n_bytes(self) -> int:
        """How large a copy will be."""
        pages = self._db.execute("PRAGMA page_count").fetchone()[0]
        return pages * self._db.execute("PRAGMA page_size").fetchone()[0]

    def copy_to(self, path: Path, look: Look) -> None:
        """Write it to a new file, durably."""
        copy_database(self._db, path, look)

    def run_names(self) -> list[str]:
        """Names of its runs that are not deleted."""
        rows = self._db.execute("SELECT name FROM run WHERE gone = 0")
        return [name for (name,) in rows]

    def all_names(self) -> list[str]:
        """Names of all runs that are not gone for good, also of hidden ones and drafts."""
        return [name for (name,) in self._db.execute("SELECT name FROM run WHERE gone IN (0, 3)")]

    def close(self) -> None:
        """Let it go. May be repeated."""
        self._db.close()
