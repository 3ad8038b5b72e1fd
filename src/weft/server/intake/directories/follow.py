"""Follows run logs on this machine's disk and feeds them to ingest, as an upload would.

In `weft ui` it receives whole frames from `runlog.reader`, and passes decoded uploads to
`services.ingest`.

One thread checks every log's size four times a second, and searches for new and deleted logs once
a second. An error in one log affects only that log: it is reported, and the log is tried again.
The store shows what the directory holds:

- Copies of one writer's log are one stream: the longest is followed. Copies that differ before the
  shorter one's end are two runs; the id of the second ends with a hash of its path.
- A renamed log stays the same stream. If a log is deleted, its run is dropped from the store, and
  the remaining logs of the run are read again.
- Nothing is concluded from folders that can't be listed.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from weft.errors import Unavailable, WeftError
from weft.records.sizes import shown_size
from weft.runlog.format import Header
from weft.server.intake.directories.followed_log import FollowedLog, Replaced, damage_of
from weft.server.intake.directories.listing import (
    Listing,
    identify_log,
    is_prefix_of_other,
    list_logs,
    run_and_writer,
)
from weft.server.services.access import LOCAL, RunPath
from weft.server.services.ingest import IngestService, SentStream, SentUpload, Upload
from weft.server.services.opening import FollowingService
from weft.wire.server.server import Following

_LOOK_SECS: Final = 0.25
_SEARCH_SECS: Final = 1.0
_STALL_SECS: Final = 60.0
"""If one read, list or write takes longer, the disk or network file system does not answer."""

_HEAD_SECS: Final = 10.0
"""A log is created together with its header and first record. If they are missing for longer, it
is damaged, or its process was killed or ran out of disk."""

_MAX_WARNINGS: Final = 100

_MAX_BATCH_LOGS: Final = 256
_MAX_BATCH_BYTES: Final = 4 << 20
"""Limit of log bytes applied together. Decoded they take a few times as much memory."""

_Stream = tuple[RunPath, str]
"""A run and a writer of it."""

_log: Any = structlog.get_logger(__name__)


@dataclass(slots=True)
class _File:
    """A log's file; only one of several copies is followed."""

    path: Path
    inode: int
    header: Header
    target: RunPath

    @property
    def stream(self) -> _Stream:
        return self.target, self.header.writer_id


class _Batch:
    """New data of some logs, to be applied together."""

    def __init__(self) -> None:
        self.parts: list[tuple[FollowedLog, Upload]] = []
        self._n_bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self.parts) >= _MAX_BATCH_LOGS or self._n_bytes >= _MAX_BATCH_BYTES

    def add_upload(self, log: FollowedLog, upload: Upload) -> None:
        self.parts.append((log, upload))
        self._n_bytes += upload.to_position - upload.from_position


class Follower:
    """Follows all logs under a directory while it is entered as a context.

    `root` has `weft/` in it, is a `weft` folder or a run's directory, or contains such folders.
    """

    def __init__(self, root: Path, ingest: IngestService, following: FollowingService) -> None:
        self.root = root
        self._ingest = ingest
        self._following = following
        self._files: dict[str, _File] = {}
        self._streams: dict[_Stream, FollowedLog] = {}
        # Logs that could not be identified: signature and reason. Tried again when they change.
        self._unidentified: dict[str, tuple[tuple[int, ...], str | None]] = {}
        self._unreadable: dict[str, str] = {}
        self._reported: dict[str, str] = {}
        self._device = 0
        self._is_compared = False
        self._error: str | None = None
        self._behind: dict[FollowedLog, int] = {}
        self._next_search = 0.0
        self._n_searched = 0
        self._turn_secs = time.monotonic()
        self._end = threading.Event()
        self._wake = threading.Event()
        self._looks = threading.Condition()
        self._n_requested = 0
        self._n_done = 0
        self._thread = threading.Thread(target=self._run, name="weft-follow", daemon=True)

    def __enter__(self) -> Follower:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._wake.set()
        self._thread.join()

    def catch_up(self, timeout_secs: float) -> bool:
        """Wait until all that was under the directory at this call has been fed to ingest; False
        if the time ends first. Unavailable if it can't be read.
        """
        deadline = time.monotonic() + timeout_secs
        with self._looks:
            self._n_requested += 1
            turn = self._n_requested
            self._wake.set()
            while self._n_done < turn:
                # A thread that has died or hangs notifies no one.
                if not self._thread.is_alive() or self._has_stalled():
                    raise Unavailable(self.error() or "the directory is not read")
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._looks.wait(min(remaining, _SEARCH_SECS))
            if self._error is not None:
                raise Unavailable(self._error)
            return True

    def error(self) -> str | None:
        """Why the directory is not being read at present; None if it is."""
        if not self._thread.is_alive() and not self._end.is_set():
            return f"{self.root} is not followed any more: the thread that reads it has ended"
        if self._has_stalled():
            secs = round(time.monotonic() - self._turn_secs)
            return f"{self.root} can't be read: its disk has not answered for {secs} s"
        return self._error

    def info(self) -> Following:
        logs = list(self._streams.values())
        warnings = [f"{reason}: {path}" for path, reason in sorted(self._troubles().items())]
        return Following(
            root=str(self.root),
            error=self.error(),
            n_logs=len(logs),
            n_bytes=sum(max(log.size, log.position) for log in logs),
            n_read_bytes=sum(log.position for log in logs),
            warnings=warnings[:_MAX_WARNINGS],
        )

    def count_runs(self) -> tuple[int, int]:
        """The number of runs that are fully read or can't be read, and of all runs."""
        logs = list(self._streams.values())
        unread = {log.target for log in logs if not log.is_read and not log.is_stuck}
        n_runs = len({log.target for log in logs})
        return n_runs - len(unread), n_runs

    def warnings_of(self, target: RunPath) -> list[str]:
        """Warnings about a run's files, for those who look at the run."""
        warnings: list[str] = []
        for log in list(self._streams.values()):
            if log.target != target:
                continue
            if log.problem is not None:
                warnings.append(f"a log can't be read at present, {log.problem}: {log.path}")
            elif log.n_torn_bytes:
                torn = shown_size(log.n_torn_bytes)
                warnings.append(
                    f"{torn} at the end of a log are no whole record; what they held is lost: "
                    f"{log.path}"
                )
        return warnings

    def directory_of(self, target: RunPath) -> tuple[Path, Header] | None:
        """The directory of a followed run, and the header of a log in it."""
        for log in list(self._streams.values()):
            if log.target == target and log.header.run_id == target.run:
                return log.path.parent, log.header
        return None

    def logs_of(self, target: RunPath) -> tuple[set[Path], set[Path]]:
        """All logs of a run, including copies that are not followed; and all of other runs."""
        own: set[Path] = set()
        others: set[Path] = set()
        for file in list(self._files.values()):
            (own if file.target == target else others).add(file.path)
        return own, others

    def release(self, target: RunPath) -> None:
        """Forget a run's logs, so that they are searched for and read again."""
        for key, file in list(self._files.items()):
            if file.target == target:
                self._files.pop(key, None)
        for stream, log in list(self._streams.items()):
            if log.target == target:
                self._streams.pop(stream, None)

    def _has_stalled(self) -> bool:
        return time.monotonic() - self._turn_secs > _STALL_SECS

    def _troubles(self) -> dict[str, str]:
        """The reasons why folders and logs can't be read, by path."""
        troubles = {
            path: f"folder can't be read ({why})" for path, why in self._unreadable.items()
        }
        for path, (_, reason) in list(self._unidentified.items()):
            if reason is not None:
                troubles[path] = reason
        for log in list(self._streams.values()):
            if log.problem is not None:
                troubles[str(log.path)] = f"log can't be read at present, {log.problem}"
        return troubles

    def _run(self) -> None:
        while not self._end.is_set():
            self._wake.clear()
            try:
                is_busy = self._turn()
            except Exception as error:  # noqa: BLE001 - reported by /readyz, and tried again
                _log.error("following failed, trying again", root=str(self.root), exc_info=error)
                reason = f"{type(error).__name__}: {error}"
                self._answer(f"{self.root} is not followed at present: {reason}")
                self._next_search = 0.0
                self._end.wait(_SEARCH_SECS)
                continue
            if not is_busy:
                self._wake.wait(_LOOK_SECS)

    def _answer(self, error: str | None) -> None:
        """Notify waiting callers that everything has been read, or why it has not."""
        if error is not None and error != self._error:
            _log.warning("directory can't be followed", reason=error)
        with self._looks:
            self._error = error
            self._n_done = self._n_requested if error is not None else self._n_searched
            self._looks.notify_all()

    def _turn(self) -> bool:
        """Check the logs once; return whether there may be more to read at once."""
        self._turn_secs = time.monotonic()
        n_wanted = self._n_requested
        is_wanted = self._n_searched < n_wanted and not self._behind
        is_searching = is_wanted or time.monotonic() >= self._next_search
        if is_searching:
            self._next_search = time.monotonic() + _SEARCH_SECS
            try:
                self._search()
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                self._answer(f"{self.root} can't be read: {reason}")
                return False
            self._error = None
        if is_wanted:
            self._n_searched = n_wanted
            self._behind = {log: _size_of(log) for log in self._streams.values()}
        busy: set[FollowedLog] = set()
        batch = _Batch()
        logs = list(self._streams.values())
        for nth, log in enumerate(logs):
            if self._end.is_set():
                return False
            if nth % _MAX_BATCH_LOGS == 0:
                self._find_positions(logs[nth : nth + _MAX_BATCH_LOGS])
            if is_searching or log in self._behind or not log.is_resting:
                self._turn_secs = time.monotonic()
                if self._read(log, batch):
                    busy.add(log)
                if batch.is_full:
                    busy -= self._apply(batch)
                    batch = _Batch()
        busy -= self._apply(batch)
        # Of a log that keeps growing, only what it had when `catch_up` was called counts.
        self._behind = {
            log: size for log, size in self._behind.items() if log in busy and log.position < size
        }
        if not self._behind:
            self._answer(None)
        return bool(busy)

    def _find_positions(self, logs: Sequence[FollowedLog]) -> None:
        """Fetch in one call the positions that logs would otherwise ask for one by one."""
        asking = [log for log in logs if log.asks_for_position]
        streams = [SentStream(LOCAL, *log.stream) for log in asking]
        positions = self._ingest.positions(LOCAL, streams)
        for log, position in zip(asking, positions, strict=True):
            log.set_position(position)

    def _read(self, log: FollowedLog, batch: _Batch) -> bool:
        """Add a log's new data to a batch; return whether there may be more."""
        try:
            upload = log.read(self._ingest)
        except Replaced:
            return self._replace(log)
        except Exception as error:  # noqa: BLE001 - a fault of one log must not stop the others
            return self._note_failed(log, error)
        if upload is None:
            self._note_well(log)
            return False
        batch.add_upload(log, upload)
        return True

    def _apply(self, batch: _Batch) -> set[FollowedLog]:
        """Apply a batch; return the logs of which nothing more can be read now."""
        if not batch.parts:
            return set()
        self._turn_secs = time.monotonic()
        uploads = [SentUpload(LOCAL, log.target, upload) for log, upload in batch.parts]
        stuck: set[FollowedLog] = set()
        outcomes = self._ingest.apply_uploads(LOCAL, uploads)
        for (log, upload), outcome in zip(batch.parts, outcomes, strict=True):
            if isinstance(outcome, Exception):
                if not self._note_failed(log, outcome):
                    stuck.add(log)
            else:
                log.note_applied(upload)
                self._note_well(log)
        return stuck

    def _note_failed(self, log: FollowedLog, error: Exception) -> bool:
        """Note that a log could not be read or applied; return whether to try again at once."""
        log.note_failed(error)
        if log.problem is not None:
            self._report(str(log.path), log.problem, error)
        return not log.is_stuck

    def _note_well(self, log: FollowedLog) -> None:
        if self._reported and log.problem is None:
            self._reported.pop(str(log.path), None)

    def _replace(self, log: FollowedLog) -> bool:
        """Read the run again, because the log's file is not the one whose rows the store has.

        If the file is no longer a log, keep the store's rows: they are all that is left.
        """
        try:
            is_log = identify_log(log.path) is not None
        except (WeftError, OSError) as error:
            log.note_failed(error)
            return False
        if not is_log:
            log.note_failed(WeftError("it was cut short"))
            return False
        self._drop({log.target})
        return True

    def _drop(self, targets: set[RunPath]) -> None:
        """Drop runs from the store; the rest of their logs is read again."""
        for target in targets:
            _log.info("run read again, its logs were changed or removed", run=str(target))
        self._following.drop(LOCAL, targets)
        for log in self._streams.values():
            if log.target in targets:
                log.restart()

    def _report(self, path: str, reason: str, error: Exception | None = None) -> None:
        if self._reported.get(path) == reason:
            return
        self._reported[path] = reason
        unforeseen = error is not None and not isinstance(error, (WeftError, OSError))
        details: dict[str, Any] = {"exc_info": error} if unforeseen else {}
        _log.warning("log can't be read at present", path=path, reason=reason, **details)

    def _search(self) -> None:
        """Search for logs that are new, deleted or renamed."""
        listing = self._list()
        self._unreadable = listing.unreadable
        for path, reason in listing.unreadable.items():
            self._report(path, reason)
        removed = {
            key: file
            for key, file in self._files.items()
            if listing.logs.get(key) != file.inode and not listing.may_hide(key)
        }
        for key in removed:
            self._files.pop(key, None)
        by_inode = {(file.inode, file.stream[1]): file for file in removed.values()}
        for key, inode in listing.logs.items():
            if key not in self._files and not self._end.is_set():
                self._turn_secs = time.monotonic()
                self._add(key, inode, by_inode)
        for notes in (self._unidentified, self._reported):
            for key in [key for key in notes if key not in listing.logs]:
                if key not in listing.unreadable:
                    del notes[key]
        self._drop_removed(by_inode)
        if not self._is_compared and not listing.unreadable:
            self._compare_with_store()
            self._following.store_artifacts(LOCAL)
            self._is_compared = True

    def _list(self) -> Listing:
        """List all logs."""
        listing = list_logs(self.root)
        if any(listing.logs.get(key) != file.inode for key, file in self._files.items()):
            # A log that is being renamed may be missed in both folders, so list once more.
            again = list_logs(self.root)
            listing.logs |= again.logs
            listing.unreadable |= again.unreadable
        if not listing.logs and self._files and self._device != listing.device:
            raise OSError("it is empty, and on another file system than before")
        self._device = listing.device
        return listing

    def _add(self, key: str, inode: int, removed: dict[tuple[int, str], _File]) -> None:
        """Add a new log, which may be one of the `removed` logs, renamed."""
        path = Path(key)
        signature: tuple[int, ...] = ()
        try:
            signature = _signature(path)
            before = self._unidentified.get(key)
            if before is not None and before[0] == signature:
                return
            identity = identify_log(path)
            if identity is None:
                self._note_headless(key, path)
                return
            header, target = identity
            renamed = removed.get((inode, header.writer_id))
            if renamed is not None and renamed.header.run_id == header.run_id:
                del removed[inode, header.writer_id]
                self._files[key] = _File(path, inode, header, renamed.target)
                log = self._streams.get(renamed.stream)
                if log is not None and log.path == renamed.path:
                    log.path = path
            else:
                self._take(key, _File(path, inode, header, target))
            self._unidentified.pop(key, None)
        except FileNotFoundError:
            return
        except (WeftError, OSError) as error:
            reason = damage_of(error)
            # An OSError may pass without any change of the file, so it is tried again each time.
            self._unidentified[key] = () if isinstance(error, OSError) else signature, reason
            self._report(key, reason)

    def _note_headless(self, key: str, path: Path) -> None:
        """Note a log without a whole header and first record; its process may be making it now.

        A damaged length makes a header look unfinished, so the file's age decides.
        """
        status = path.stat()
        reason = None
        if status.st_size and time.time() - status.st_mtime > _HEAD_SECS:
            reason = "is damaged: it has no whole header and first record"
            self._report(key, reason)
        self._unidentified[key] = (), reason

    def _take(self, key: str, file: _File) -> None:
        """Follow a log, unless it is a copy of a followed log that is at least as long."""
        other = self._streams.get(file.stream)
        if other is not None and not is_prefix_of_other(file.path, other.path):
            digest = hashlib.sha256(key.encode()).hexdigest()[:6]
            run = file.target
            file.target = RunPath(run.entity, run.project, f"{run.run}-{digest}")
            _log.warning("copies of a log differ", paths=[key, str(other.path)])
            other = None
        if other is None or file.path.stat().st_size > other.path.stat().st_size:
            if other is not None:
                other.close()
            self._streams[file.stream] = FollowedLog(file.path, file.header, file.target)
        self._files[key] = file

    def _drop_removed(self, removed: dict[tuple[int, str], _File]) -> None:
        """Drop the runs of deleted logs, unless copies of the logs remain."""
        lost: set[RunPath] = set()
        for file in removed.values():
            log = self._streams.get(file.stream)
            if log is None or log.path != file.path:
                continue
            log.close()
            del self._streams[file.stream]
            copies = [copy for copy in self._files.values() if copy.stream == file.stream]
            copies.sort(key=lambda copy: _size(copy.path))
            if copies:
                longest = copies[-1]
                self._streams[file.stream] = FollowedLog(
                    longest.path, longest.header, longest.target
                )
            else:
                lost.add(file.target)
        if lost:
            self._drop(lost)

    def _compare_with_store(self) -> None:
        """Drop runs that have lost a log since the store was made."""
        present = set(self._streams)
        # The file name tells the run and writer of a log that can't be identified.
        named = {run_and_writer(key) for key in self._unidentified}
        lost = {
            run
            for run, writers in self._following.followed_writers(LOCAL).items()
            for writer in writers
            if (run, writer) not in present and (run.run, writer) not in named
        }
        if lost:
            self._drop(lost)


def _signature(path: Path) -> tuple[int, ...]:
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _size_of(log: FollowedLog) -> int:
    return _size(log.path)
