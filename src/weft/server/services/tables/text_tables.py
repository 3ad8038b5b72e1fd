"""Parquet copies of large tables of text and JSON, so that each content is parsed once.

A window of 200 rows of a CSV file needs the types of all its rows, so the whole file. The
first process that reads a large one writes it as Parquet, and later ones read that.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from pathlib import Path
from typing import Final

from weft.server.services.logged_tables import LoggedTable
from weft.server.services.sql_child.table_sources import OTHER_TABLES

MIN_BYTES: Final = 2**20
"""Smaller files are parsed in less time than a process takes to start."""

MAX_KEPT_BYTES: Final = 256 * 2**20
"""Bytes of all copies; the least recently read ones are dropped first."""


class TextTables:
    """The copies, of `max_bytes` in all, by the SHA-256 of the text.

    Thread-safe. They are in a temporary folder of this server's process.
    """

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        # In the order of use, the last used at the end.
        self._n_bytes: dict[str, int] = {}

    @staticmethod
    def content_of(table: LoggedTable) -> str | None:
        """The SHA-256 of a table that is one large file of text or JSON. None for others."""
        stored = table.stored
        if len(stored) != 1 or stored[0].n_bytes < MIN_BYTES:
            return None
        is_text = Path(stored[0].path).suffix.lower() in OTHER_TABLES
        return stored[0].sha256 if is_text else None

    def link_to(self, sha256: str, path: Path) -> bool:
        """Link the copy of a content to a free path. False if there is none."""
        with self._lock:
            if sha256 not in self._n_bytes:
                return False
            try:
                os.link(self._path(sha256), path)
            except OSError:
                self._drop(sha256)
                return False
            self._n_bytes[sha256] = self._n_bytes.pop(sha256)
            return True

    def keep(self, sha256: str, path: Path) -> None:
        """Move a new copy here. Without an effect if it is too large, or the disk refuses it."""
        with self._lock, contextlib.suppress(OSError):
            n_bytes = path.stat().st_size
            if sha256 in self._n_bytes or n_bytes > self._max_bytes:
                return
            while sum(self._n_bytes.values()) + n_bytes > self._max_bytes:
                self._drop(next(iter(self._n_bytes)))
            path.rename(self._path(sha256))
            self._n_bytes[sha256] = n_bytes

    def close(self) -> None:
        """Remove all copies."""
        with self._lock:
            self._n_bytes.clear()
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None

    def _path(self, sha256: str) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(
                prefix="weft-tables-", ignore_cleanup_errors=True
            )
        return Path(self._folder.name) / f"{sha256}.parquet"

    def _drop(self, sha256: str) -> None:
        del self._n_bytes[sha256]
        self._path(sha256).unlink(missing_ok=True)
