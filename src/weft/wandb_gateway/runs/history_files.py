"""Parquet files of ended runs' rows: made when a client asks, and kept for a while.

The client reads such a file instead of pages, and keeps it under a name that says nothing of what
is in it. So a run has one only if it won't change: see `ExportService.run_rows`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final, NamedTuple

from weft.errors import LimitExceeded, Unavailable
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services

_MAX_RUNS: Final = 64
_MAX_BYTES: Final = 2**30
_WAIT_SECS: Final = 5.0
_PIECE_BYTES: Final = 2**18
_MAX_METRICS: Final = 10_000


class HistoryFile:
    """A file without a name, which is gone once nothing reads it."""

    def __init__(self, file: IO[bytes], n_bytes: int, sha256: str) -> None:
        self._file = file
        self.n_bytes = n_bytes
        self.sha256 = sha256
        weakref.finalize(self, file.close)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes `[start, stop)`."""
        while start < stop:
            piece = os.pread(self._file.fileno(), min(_PIECE_BYTES, stop - start), start)
            if not piece:
                raise Unavailable("the file of this run's rows ended early")
            start += len(piece)
            yield piece


class _Entry(NamedTuple):
    """A cached file of a run's rows, or None. `rows` is a key that differs for other rows."""

    rows: object
    file: HistoryFile | None


class HistoryFiles:
    """Makes and keeps the files."""

    def __init__(self, services: Services, folder: Path) -> None:
        self._services = services
        self._folder = folder
        self._cache: OrderedDict[RunPath, _Entry] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def find_history_file(self, actor: Actor, path: RunPath) -> HistoryFile | None:
        """The file of a run's rows.

        None if it has none, so that they are read in pages. Unavailable if others are being made.
        """
        run = self._services.runs.get(actor, path)
        metrics = self._services.metrics.list(
            actor, path.of_project, [path.run], system=False, limit=_MAX_METRICS
        ).metrics
        rows = (
            run.created_micros,
            run.ended_micros,
            [(metric.key, metric.n_points) for metric in metrics],
        )
        entry = self._cached(path, rows)
        if entry is None:
            # One at a time: what takes the server's time and space is bounded.
            if not self._making.acquire(timeout=_WAIT_SECS):
                raise Unavailable("files of other runs are being made: try again")
            try:
                entry = self._cached(path, rows) or _Entry(rows, self._make(actor, path))
            finally:
                self._making.release()
            self._store(path, entry)
        return entry.file

    def _cached(self, path: RunPath, rows: object) -> _Entry | None:
        with self._lock:
            entry = self._cache.get(path)
            if entry is None or entry.rows != rows:
                return None
            self._cache.move_to_end(path)
            return entry

    def _make(self, actor: Actor, path: RunPath) -> HistoryFile | None:
        """Make a file. None also if it would be too large."""
        digest = hashlib.sha256()
        n_bytes = 0

        def write(piece: bytes) -> None:
            nonlocal n_bytes
            n_bytes += len(piece)
            if n_bytes > _MAX_BYTES:
                raise LimitExceeded(f"file of more than {_MAX_BYTES} bytes")
            digest.update(piece)
            file.write(piece)

        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(tempfile.TemporaryFile(dir=self._folder))
                if not self._services.exports.run_rows(actor, path, write):
                    return None
                file.flush()
            except LimitExceeded:
                return None
            except OSError as error:
                raise Unavailable(f"no file can be made of this run's rows: {error}") from error
            stack.pop_all()
        return HistoryFile(file, n_bytes, digest.hexdigest())

    def _store(self, path: RunPath, entry: _Entry) -> None:
        """Cache a file, and drop the least recently used ones."""
        with self._lock:
            self._cache[path] = entry
            self._cache.move_to_end(path)
            n_bytes = sum(cached.file.n_bytes for cached in self._cache.values() if cached.file)
            while len(self._cache) > 1 and (len(self._cache) > _MAX_RUNS or n_bytes > _MAX_BYTES):
                _, old = self._cache.popitem(last=False)
                n_bytes -= old.file.n_bytes if old.file else 0
