"""Small blobs, many in one SQLite file: `DATA/blobs/small.sqlite`. Does I/O.

Part of `local`. A file of its own costs a small blob two fsyncs and the rest of its last block; a
row costs a fraction of a transaction, which all blobs that wait together share.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from weft.server.storage.blobs.contract import BlobInfo
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.group_commit import GroupCommit
from weft.server.storage.private import make_private_file

SMALL_BYTES: Final = 256 * 1024
"""Largest small blob. Reading one copies it, and takes as long as from a file. Writing many of
120 KB takes a third of the CPU time that synced files do, many of 250 KB half of it."""

_GROUP_BYTES: Final = 32 * 2**20
_PAGE_BYTES: Final = 8192
_IDLE_READERS: Final = 8
_LISTED_AT_ONCE: Final = 1000
_FREE_PAGES: Final = 512
"""Free pages that the file may have. More are given back to the system, so many at once."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS blob (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    content BLOB NOT NULL
)
"""
_PUT: Final = (
    "INSERT INTO blob (sha256, content) VALUES (?, ?)"
    " ON CONFLICT (sha256) DO UPDATE SET content = excluded.content"
)


@dataclass(slots=True, eq=False)
class _Put:
    """Blobs of one caller, and why they could not be written."""

    blobs: Sequence[tuple[bytes, bytes | memoryview]]
    error: Exception | None = None


class SmallBlobs:
    """Blobs of at most `SMALL_BYTES`. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._readers: list[sqlite3.Connection] = []
        self._commits = GroupCommit(
            self._write_together,
            weigh=lambda put: sum(len(content) for _, content in put.blobs),
            max_weight=_GROUP_BYTES,
        )
        with disk_faults(f"small files can't be opened at {path}"):
            make_private_file(path)
            self._writer = self._connect()
            # These only take effect before the first page is written.
            self._writer.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            self._writer.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = FULL")
            self._writer.execute(_SCHEMA)

    def put(self, contents: Mapping[str, bytes | memoryview]) -> None:
        """Add contents by their SHA-256, all or none; they are durable when this returns."""
        put = _Put([(bytes.fromhex(sha256), data) for sha256, data in contents.items()])
        self._commits.run(put)
        if put.error is not None:
            with disk_faults("small files can't be written"):
                raise put.error

    def size(self, sha256: str) -> int | None:
        """The size of a blob; None if it is not there."""
        return self._value("SELECT length(content) FROM blob WHERE sha256 = ?", sha256)

    def read(self, sha256: str) -> bytes | None:
        """The content of a blob; None if it is not there."""
        return self._value("SELECT content FROM blob WHERE sha256 = ?", sha256)

    def remove(self, blobs: Iterable[str]) -> int:
        """Remove those blobs that are there, and return how many bytes they had."""
        n_bytes = 0
        with self._lock, disk_faults("small files can't be removed"):
            keys = [key for key in map(bytes.fromhex, blobs) if self._is_there(key)]
            if not keys:
                return 0
            with self._transaction():
                for key in keys:
                    row = self._writer.execute(
                        "DELETE FROM blob WHERE sha256 = ? RETURNING length(content)", (key,)
                    ).fetchone()
                    n_bytes += row[0]
            self._give_back()
        return n_bytes

    def list(self) -> Iterator[BlobInfo]:
        """All blobs, by name."""
        after = b""
        query = "SELECT sha256, length(content) FROM blob WHERE sha256 > ? ORDER BY sha256 LIMIT ?"
        while True:
            with self._reading() as db:
                rows = db.execute(query, (after, _LISTED_AT_ONCE)).fetchall()
            if not rows:
                return
            yield from (BlobInfo(key.hex(), n_bytes) for key, n_bytes in rows)
            after = rows[-1][0]

    def close(self) -> None:
        """Close the file. No other method is running or called later."""
        for reader in self._readers:
            reader.close()
        self._writer.close()

    def _is_there(self, key: bytes) -> bool:
        query = "SELECT 1 FROM blob WHERE sha256 = ?"
        return self._writer.execute(query, (key,)).fetchone() is not None

    def _give_back(self) -> None:
        """Give the space of removed blobs back to the system."""
        while self._writer.execute("PRAGMA freelist_count").fetchone()[0] > _FREE_PAGES:
            self._writer.execute(f"PRAGMA incremental_vacuum({_FREE_PAGES})").fetchall()

    def _write_together(self, puts: Sequence[_Put]) -> None:
        try:
            with self._lock, self._transaction():
                for put in puts:
                    self._writer.executemany(_PUT, put.blobs)
        except (sqlite3.Error, OSError) as error:
            for put in puts:
                put.error = error

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._writer.execute("COMMIT")
        except BaseException:
            # A full disk may have rolled it back already.
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    def _value(self, query: str, sha256: str) -> Any:
        with self._reading() as db:
            row = db.execute(query, (bytes.fromhex(sha256),)).fetchone()
        return None if row is None else row[0]

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        with disk_faults("small files can't be read"):
            try:
                db = self._readers.pop()
            except IndexError:
                db = self._connect()
            try:
                yield db
            finally:
                if len(self._readers) < _IDLE_READERS:
                    self._readers.append(db)
                else:
                    db.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA busy_timeout = 10000")
        return db
