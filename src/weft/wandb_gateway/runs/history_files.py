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
    """A file without a name, which is gone once nothing reads it.

    Attributes:
        n_bytes: its length.
        sha256: of its content.
    """

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


class _Made(NamedTuple):
    """What was made of a run.

    Attributes:
        rows: differs for other rows.
        file: None if the run has none.
    """

    rows: object
    file: HistoryFile | None


class HistoryFiles:
    """Makes and keeps the files.

    Args:
        folder: where they take up space.
    """

    def __init__(self, services: Services, folder: Path) -> None:
        self._services = services
        self._folder = folder
        self._made: OrderedDict[RunPath, _Made] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def find(self, actor: Actor, path: RunPath) -> HistoryFile | None:
        """The file of a run's rows. None if it has none, so that they are read in pages.

        Raises:
            NotFound: no such run.
            Forbidden: the actor may not read it.
            Unavailable: others are being made, or the disk has no room.
        """
        run = self._services.runs.get(actor, path)
        metrics = self._services.metrics.list(
            actor, path.of_project, [path.run], system=False, limit=_MAX_METRICS
        ).metrics
        rows = (run.created_micros, run.ended_micros, [(one.key, one.n_points) for one in metrics])
        made = self._kept(path, rows)
        if made is None:
            # One at a time: what takes the server's time and space is bounded.
            if not self._making.acquire(timeout=_WAIT_SECS):
                raise Unavailable("files of other runs are being made: try again")
            try:
                made = self._kept(path, rows) or _Made(rows, self._make(actor, path))
            finally:
                self._making.release()
            self._keep(path, made)
        return made.file

    def _kept(self, path: RunPath, rows: object) -> _Made | None:
        with self._lock:
            made = self._made.get(path)
            if made is None or made.rows != rows:
                return None
            self._made.move_to_end(path)
            return made

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

    def _keep(self, path: RunPath, made: _Made) -> None:
        """Keep a file, and forget those that were not asked for the longest."""
        with self._lock:
            self._made[path] = made
            self._made.move_to_end(path)
            n_bytes = sum(one.file.n_bytes for one in self._made.values() if one.file)
            while len(self._made) > 1 and (len(self._made) > _MAX_RUNS or n_bytes > _MAX_BYTES):
                _, old = self._made.popitem(last=False)
                n_bytes -= old.file.n_bytes if old.file else 0
