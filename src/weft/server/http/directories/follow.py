"""Follows run logs on this machine's disk and feeds them to ingest, as an upload would.

The way of a point in `weft ui`: receives whole frames from `runlog.reader`, hands decoded uploads
to `services.ingest`. Beside `http.ingest` because these two are all that knows frames.

One thread looks at every known log's size four times a second, and for new logs once a second.
Copies of one writer's log are one stream: the longest is followed. Copies that differ before the
shorter one's end are two runs, the second with the writer's id behind its own.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import structlog

from weft.errors import CorruptLog, Gone, PositionConflict, WeftError
from weft.records.ids import DEFAULT_ENTITY, check_name
from weft.records.record import Run
from weft.runlog.format import Header, decode_header, decode_record, frame_at
from weft.runlog.header import log_clock_micros
from weft.runlog.platform import boot_id, is_running, machine_id, wall_micros
from weft.runlog.reader import LogTail
from weft.server.http.uploads.decode import decode_upload
from weft.server.services.actors import LOCAL
from weft.server.services.ingest import IngestService
from weft.server.services.types import RunPath

_LOOK_SECS: Final = 0.25
_SEARCH_SECS: Final = 1.0
_BEAT_SECS: Final = 10.0
_PATTERNS: Final = (
    "run-*.weft",
    "run-*/run-*.weft",
    "weft/run-*/run-*.weft",
    "*/weft/run-*/run-*.weft",
)
_COMPARED_BYTES: Final = 1 << 20

_log: Any = structlog.get_logger(__name__)


class Follower:
    """Follows all logs under a directory while it is entered as a context.

    Args:
        root: a folder with `weft/` in it, a `weft` folder, a run's directory, or a folder of
            such folders.
    """

    def __init__(self, root: Path, ingest: IngestService) -> None:
        self.root = root
        self._ingest = ingest
        self._logs: dict[Path, _FollowedLog | None] = {}
        self._by_writer: dict[tuple[RunPath, str], _FollowedLog] = {}
        self._paths: dict[RunPath, set[Path]] = {}
        self._end = threading.Event()
        self._wake = threading.Event()
        self._looks = threading.Condition()
        self._n_wanted = 0
        self._n_had = 0
        self._thread = threading.Thread(target=self._run, name="weft-follow", daemon=True)

    def __enter__(self) -> Follower:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._wake.set()
        self._thread.join()

    def catch_up(self, timeout_secs: float) -> bool:
        """Wait until all that lay under the directory at this call was fed to ingest.

        Returns:
            False: there is still more, after `timeout_secs`.
        """
        with self._looks:
            self._n_wanted += 1
            wanted = self._n_wanted
            self._wake.set()
            return self._looks.wait_for(lambda: self._n_had >= wanted, timeout_secs)

    def place_of(self, target: RunPath) -> tuple[Path, Header] | None:
        """The directory of a followed run, and the header of a log in it."""
        for log in list(self._by_writer.values()):
            if log.target == target and log.header.run_id == target.run:
                return log.path.parent, log.header
        return None

    def logs_of(self, target: RunPath) -> tuple[set[Path], set[Path]]:
        """All logs of a run, also shorter copies that are not followed; and those of others."""
        paths = {run: set(found) for run, found in list(self._paths.items())}
        mine = paths.pop(target, set[Path]())
        return mine, set[Path]().union(*paths.values())

    def release(self, target: RunPath) -> None:
        """Forget a run's logs, so that they are looked for and read anew."""
        for path in self._paths.get(target, ()):
            self._logs.pop(path, None)
        for name, log in list(self._by_writer.items()):
            if log.target == target:
                self._by_writer.pop(name, None)

    def _run(self) -> None:
        next_search = 0.0
        n_searched = 0
        behind: dict[_FollowedLog, int] = {}
        while not self._end.is_set():
            self._wake.clear()
            n_wanted = self._n_wanted
            is_wanted = n_searched < n_wanted and not behind
            if is_wanted or time.monotonic() >= next_search:
                self._search()
                next_search = time.monotonic() + _SEARCH_SECS
            if is_wanted:
                n_searched = n_wanted
                behind = {log: log.size() for log in self._by_writer.values()}
            busy: set[_FollowedLog] = set()
            for log in list(self._by_writer.values()):
                if self._end.is_set():
                    return
                if log.step(self._ingest):
                    busy.add(log)
            # A log that grows all the time is caught up with as it was when that was asked.
            behind = {
                log: size for log, size in behind.items() if log in busy and log.position < size
            }
            if not behind:
                with self._looks:
                    self._n_had = n_searched
                    self._looks.notify_all()
            if not busy:
                self._wake.wait(_LOOK_SECS)

    def _search(self) -> None:
        for path in _log_files(self.root):
            if path in self._logs:
                continue
            try:
                found = identify_log(path)
            except (WeftError, OSError) as error:
                self._logs[path] = None
                _log.warning("log left out", path=str(path), reason=str(error))
                continue
            if found is not None:  # else its process is just making it
                self._logs[path] = self._take(path, *found)

    def _take(self, path: Path, header: Header, target: RunPath) -> _FollowedLog | None:
        """Begin to follow a log, unless it is a copy of one that is followed and no shorter."""
        other = self._by_writer.get((target, header.writer_id))
        if other is not None and not _one_begins_the_other(path, other.path):
            digest = hashlib.sha256(str(path).encode()).hexdigest()[:6]
            target = RunPath(target.entity, target.project, f"{target.run}-{digest}")
            _log.warning("copies of a log differ", paths=[str(path), str(other.path)])
        self._paths.setdefault(target, set()).add(path)
        if other is not None and other.target == target:
            if path.stat().st_size <= other.path.stat().st_size:
                return None
            other.close()
        log = _FollowedLog(path, header, target)
        self._by_writer[target, header.writer_id] = log
        return log


class _FollowedLog:
    """One log, and how far it has been applied."""

    def __init__(self, path: Path, header: Header, target: RunPath) -> None:
        self.path = path
        self.header = header
        self.target = target
        self._tail: LogTail | None = None
        self._is_over = False
        self._next_beat = 0.0

    @property
    def position(self) -> int:
        """How far it was read."""
        return 0 if self._tail is None else self._tail.position

    def size(self) -> int:
        """How long it is now; 0 where it has gone."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def step(self, ingest: IngestService) -> bool:
        """Apply what is there, at most about 1 MB; True = there may be more."""
        if self._is_over:
            return False
        try:
            return self._apply_next(ingest)
        except PositionConflict:
            self._reopen()  # at the position that the store has
            return True
        except (WeftError, OSError) as error:
            if not isinstance(error, Gone):
                _log.warning("log is not followed further", path=str(self.path), reason=str(error))
            self.close()
            return False
        except Exception as error:  # noqa: BLE001 - a fault of ours must not blind all other logs
            _log.error("log is not followed further", path=str(self.path), exc_info=error)
            self.close()
            return False

    def close(self) -> None:
        self._is_over = True
        self._reopen()

    def _reopen(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None

    def _apply_next(self, ingest: IngestService) -> bool:
        writer = self.header.writer_id
        if self._tail is None:
            known = ingest.position(LOCAL, self.target, writer)
            self._tail = LogTail(self.path, known.position if known else 0)
        if self._tail.size == self._tail.position:
            self._beat(ingest)
            return False
        stretch = self._tail.read()
        if not stretch.data:
            self._beat(ingest)
            return False
        known = ingest.position(LOCAL, self.target, writer)
        upload = decode_upload(
            stretch.data,
            writer=writer,
            position=stretch.start,
            n_damaged=stretch.n_damaged,
            known=known,
        )
        upload.client_time_micros = log_clock_micros(self.header)
        upload.received_micros = wall_micros()
        upload.live = self._is_live()
        ingest.apply(LOCAL, self.target, upload)
        return True

    def _beat(self, ingest: IngestService) -> None:
        now = time.monotonic()
        if now < self._next_beat:
            return
        self._next_beat = now + _BEAT_SECS
        if self._is_live() and self._tail is not None:
            ingest.beat(
                LOCAL,
                self.target,
                self.header.writer_id,
                client_time_micros=log_clock_micros(self.header),
                received_micros=wall_micros(),
                position=self._tail.position,
            )

    def _is_live(self) -> bool:
        header = self.header
        same_boot = (header.machine_id, header.boot_id) == (machine_id(), boot_id())
        return same_boot and is_running(header.pid, header.pid_start)


def _log_files(root: Path) -> Iterator[Path]:
    for pattern in _PATTERNS:
        yield from sorted(root.glob(pattern))


def identify_log(path: Path) -> tuple[Header, RunPath] | None:
    """Header and run of a log; None = its first record is not there yet.

    Raises:
        CorruptLog: it is no log, or does not begin with a Run record.
    """
    with path.open("rb") as file:
        data = file.read(1 << 20)
    head = decode_header(data)
    if head is None:
        return None
    header, start = head
    frame = frame_at(data, start)
    if frame is None:
        return None
    record = decode_record(data[frame.payload : frame.end])
    if not isinstance(record, Run):
        raise CorruptLog("the log does not begin with a Run record")
    target = RunPath(
        check_name("entity", record.entity or DEFAULT_ENTITY),
        check_name("project", record.project),
        check_name("run", header.run_id),
    )
    return header, target


def _one_begins_the_other(first: Path, second: Path) -> bool:
    with first.open("rb") as one, second.open("rb") as two:
        while True:
            a, b = one.read(_COMPARED_BYTES), two.read(_COMPARED_BYTES)
            n_bytes = min(len(a), len(b))
            if a[:n_bytes] != b[:n_bytes]:
                return False
            if n_bytes < _COMPARED_BYTES:
                return True
