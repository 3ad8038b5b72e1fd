"""Reads runs from the local run directories, to resume, fork and rewind without a server.

Receives a run's id, hands the content of its logs to `weft.sdk.continuing.merged_logs`, and the
resulting `Continuation` to `weft.sdk.continuing.continued`. Does I/O: reads run logs.
"""

from __future__ import annotations

import glob
import time
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Final, NamedTuple

from weft.errors import CorruptLog, WeftError
from weft.records.definition import aggregates_of, definition_of
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import Exit, Run
from weft.runlog.decoding import decode_record
from weft.runlog.format import Header, frame_at
from weft.runlog.layout import logs_of, run_directories
from weft.runlog.platform import boot_id, machine_id, wall_micros
from weft.runlog.reader import open_file
from weft.sdk.continuing.local_logs import read_facts
from weft.sdk.continuing.merged_logs import Limits, LogPart, continuation_of, definitions_in, least
from weft.sdk.rows.logged_folds import read_folds
from weft.sdk.rows.steps import FloatOrInt
from weft.sync.addresses.server_address import ServerAddress
from weft.sync.orphans import is_same_process
from weft.sync.uploading.marker import LOCAL_SERVER, read_marker
from weft.sync.uploading.tail import is_closed, read_exit, read_head
from weft.wire.runs.continuation import PEER_MICROS, Continuation

MAX_LOOKED_AT: Final = 1000
"""Maximum number of runs that `auto` looks at, newest first. They take a quarter of a second."""

_EXIT_BYTES: Final = 96
"""An Exit frame is shorter."""

_BEGIN_SECS: Final = 0.5
"""A log has its header and first record within a fraction of this."""

_PREFIX_CHARS: Final = len("run-20260101_000000-")

FRESH_SECS: Final = 60.0
"""A log from another machine that grew this recently belongs to a live process, because its
sidecar takes a sample every 15 s."""


class LocalLog(NamedTuple):
    """A local log: its header and its first record, which end at `head_bytes`."""

    path: Path
    header: Header
    run: Run
    head_bytes: int

    @property
    def writer(self) -> str:
        return self.header.writer_id

    @property
    def n_bytes(self) -> int:
        """The log's size now, or 0 if it was removed."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0


class LocalRuns:
    """The runs of one project in some `weft` folders.

    A run whose id is known may be in any of them. Others are searched in the first only, since the
    rest are shared with other work. `tell` is called with a sentence about each log that can't be
    read; other logs still count.
    """

    def __init__(
        self,
        weft_dirs: Sequence[Path],
        entity: str,
        project: str,
        tell: Callable[[str], None],
    ) -> None:
        self._weft_dirs = weft_dirs
        self._entity = entity
        self._project = project
        self._tell = tell

    def unfinished(self) -> Iterator[str]:
        """Yield ids of runs that did not end well and whose processes are dead, newest first.

        Only a run's last session counts: a run that crashed, was resumed and finished ended well.
        """
        by_run: dict[str, list[Path]] = {}
        for directory in reversed(run_directories(self._weft_dirs[0])):
            by_run.setdefault(directory.name[_PREFIX_CHARS:], []).append(directory)
        newest_first = islice(by_run.values(), MAX_LOOKED_AT)
        for _, directories_of_runs in groupby(
            newest_first, lambda directories: directories[0].name[:_PREFIX_CHARS]
        ):
            # For runs that began in the same second, the names don't tell which is newer.
            unfinished: list[tuple[int, str]] = []
            for copies in directories_of_runs:
                logs = [log for directory in copies for log in self._logs_in(directory)]
                if _is_unfinished(logs):
                    unfinished.append((max(map(_start_of, logs)), logs[0].run.run_id))
            yield from (run_id for _, run_id in sorted(unfinished, reverse=True))

    def is_unfinished(self, run_id: str) -> bool:
        """Whether a run did not end well and its processes are dead."""
        return _is_unfinished(self.logs(run_id).values())

    def logs(self, run_id: str) -> dict[str, LocalLog]:
        """Return the logs of a run by writer. Of several copies, the longest one."""
        logs: dict[str, LocalLog] = {}
        pattern = f"run-*-{glob.escape(run_id)}"
        directories = [
            directory for weft_dir in self._weft_dirs for directory in weft_dir.glob(pattern)
        ]
        for log in (log for directory in sorted(directories) for log in self._logs_in(directory)):
            other = logs.get(log.writer)
            if log.run.run_id == run_id and (other is None or log.n_bytes > other.n_bytes):
                logs[log.writer] = log
        return logs

    def read(
        self,
        run_id: str,
        step: FloatOrInt | None = None,
        *,
        joining: bool = False,
        only: Container[str] | None = None,
    ) -> Continuation | None:
        """Read a run from its local logs, up to a step; None without any.

        If `joining`, `last_step` ignores live processes that began a moment ago. They belong to
        the same job as this one, and all of them continue at the same step. `only` are writers
        whose logs are read; by default all of the run and of the runs that it was forked from.
        Cost: `local_logs.read_facts` of these logs.
        """
        logs = self.logs(run_id)
        if not logs:
            return None
        limits = _limits(run_id, logs)
        chosen = [log for log in logs.values() if only is None or log.writer in only]
        origins = _origins(logs)
        parts = [self._part(log, origins[log.writer], limits, step) for log in chosen]
        others = {source for source, _ in limits if source != run_id}
        for other in sorted(others) if only is None else ():
            theirs = self.logs(other)
            origins = _origins(theirs)
            parts += [
                self._part(log, origins[log.writer], limits, step)
                for log in theirs.values()
                if (other, log.writer) in limits
            ]
        read = [part for part in parts if part is not None]
        read = self._with_folds(run_id, read)
        return continuation_of(run_id, read, limits, step, joining=joining)

    def _part(
        self,
        log: LocalLog,
        origin_micros: int,
        limits: Limits,
        step: FloatOrInt | None,
    ) -> LogPart | None:
        limit = least(limits.get((log.run.run_id, log.writer)), step)
        try:
            facts = read_facts(log.path, limit)
        except (WeftError, OSError) as error:
            self._tell(f"a run log can't be read and is left out: {error} ({log.path})")
            return None
        alive = is_alive(log)
        is_young = alive and wall_micros() - log.header.wall_micros < PEER_MICROS
        return LogPart(
            log.path, facts, log.run.run_id, origin_micros, limit, alive, is_young=is_young
        )

    def _with_folds(self, run_id: str, parts: list[LogPart]) -> list[LogPart]:
        """Fold the numbers that aggregates need in a second pass: definitions may follow rows."""
        definitions = definitions_in(part for part in parts if part.run_id == run_id)
        if not any(aggregates_of(definition) for definition in definitions.values()):
            return parts

        def is_wanted(key: str) -> bool:
            return bool(aggregates_of(definition_of(key, definitions)))

        return [
            part._replace(folds=read_folds(part.path, part.limit, is_wanted)) for part in parts
        ]

    def _logs_in(self, directory: Path) -> Iterator[LocalLog]:
        try:
            paths = logs_of(directory)
        except OSError:
            return
        for path in paths:
            try:
                header, run, head_bytes = _read_begun(path)
            except (CorruptLog, OSError) as error:
                self._tell(f"a run log can't be read and is left out: {error} ({path})")
                continue
            if (run.entity or DEFAULT_ENTITY, run.project) == (self._entity, self._project):
                yield LocalLog(path, header, run, head_bytes)


def _read_begun(path: Path) -> tuple[Header, Run, int]:
    """Call `read_head`, and wait briefly for the first record of a log that was just created."""
    until_secs = time.monotonic() + _BEGIN_SECS
    while True:
        try:
            return read_head(path)
        except CorruptLog:
            if time.monotonic() > until_secs or time.time() - path.stat().st_mtime > _BEGIN_SECS:
                raise
        time.sleep(0.01)


def is_alive(log: LocalLog) -> bool:
    """Whether the process that writes a log is live and has not closed it.

    For a log from another machine, only whether its run grew recently is known.
    """
    if is_over(log):
        return False
    if log.header.machine_id == machine_id():
        return True
    try:
        newest = max(path.stat().st_mtime for path in logs_of(log.path.parent))
    except OSError:
        return False
    return time.time() - newest < FRESH_SECS


def is_over(log: LocalLog) -> bool:
    """Whether it is certain that a log's writer has ended."""
    try:
        if is_closed(log.path) or _is_of_editor(log):
            return True
    except (OSError, CorruptLog):
        return True
    is_here = log.header.machine_id == machine_id()
    return is_here and not is_same_process(log.header, boot_id())


def _is_of_editor(log: LocalLog) -> bool:
    """Whether a log holds edits made in the browser: its second record is an Exit."""
    with open(open_file(log.path), "rb") as file:
        file.seek(log.head_bytes)
        data = file.read(_EXIT_BYTES)
    try:
        frame = frame_at(data, 0)
        record = decode_record(data[frame.payload : frame.end]) if frame else None
    except CorruptLog:
        return False
    return isinstance(record, Exit)


def belongs_to(log: LocalLog, address: ServerAddress) -> bool:
    """Whether a log was sent to this server or to no server yet."""
    marker = read_marker(log.path)
    return marker is None or marker.server in {None, _name_in_markers(address)}


def is_sent(log: LocalLog, address: ServerAddress) -> bool:
    """Whether the server has the whole log, according to the uploader's marker."""
    marker = read_marker(log.path)
    return (
        marker is not None
        and marker.server == _name_in_markers(address)
        and marker.position >= log.n_bytes
    )


def _name_in_markers(address: ServerAddress) -> str:
    return LOCAL_SERVER if address.local else address.url


def _limits(run_id: str, logs: Mapping[str, LocalLog]) -> Limits:
    """Return the last step that counts by run and writer, as the logs say [RL43]."""
    named: dict[tuple[str, str], FloatOrInt] = {}
    for log in logs.values():
        for source_run, writer, last_step in log.run.sources:
            name = (source_run, writer)
            named[name] = min(named.get(name, last_step), last_step)
    limits = dict(named)
    for writer, log in logs.items():
        for above in _ancestors(log, logs):
            last_step = named.get((run_id, above))
            if last_step is not None:
                limits[run_id, writer] = min(limits.get((run_id, writer), last_step), last_step)
    return limits


def _ancestors(log: LocalLog, logs: Mapping[str, LocalLog]) -> list[str]:
    """Return the parent writers of a log's writer, nearest first."""
    ancestors: list[str] = []
    parent = log.header.parent_writer
    while parent is not None and parent not in ancestors:
        ancestors.append(parent)
        parent = logs[parent].header.parent_writer if parent in logs else None
    return ancestors


def _origins(logs: Mapping[str, LocalLog]) -> dict[str, int]:
    """Return by writer when its run would have begun if there had been no pauses.

    The log of a resumed run records the runtime until then. Other logs have the origin of their
    parent's log, or of the newest resumed log that began before them.
    """
    begun = min((log.header.wall_micros for log in logs.values()), default=0)
    lives = {
        name: (_start_of(log), _start_of(log) - log.run.runtime_micros)
        for name, log in logs.items()
        if log.run.runtime_micros
    }
    origins: dict[str, int] = {}
    for name, log in logs.items():
        above = [lives[writer] for writer in (name, *_ancestors(log, logs)) if writer in lives]
        before = [life for life in sorted(lives.values()) if life[0] <= _start_of(log)]
        origins[name] = (above[:1] or before[-1:] or [(0, begun)])[0][1]
    return origins


def _start_of(log: LocalLog) -> int:
    return log.header.wall_micros


def _is_unfinished(logs: Collection[LocalLog]) -> bool:
    scripts = [log for log in logs if log.header.parent_writer is None]
    return bool(scripts) and not _ended_well(scripts) and not any(map(is_alive, logs))


def _ended_well(scripts: Sequence[LocalLog]) -> bool:
    """Whether a run's last session ended well, according to the Exits in its scripts' logs."""
    ends = [_exit_of(log) for log in scripts]
    resumed = max((log.header.wall_micros for log in scripts if log.run.resume), default=0)
    for log, end in zip(scripts, ends, strict=True):
        started = log.header.wall_micros
        if started < resumed and (end is None or started + end.micros < resumed):
            continue  # an earlier session
        if end is None or end.exit_code or end.state:
            return False
    return True


def _exit_of(log: LocalLog) -> Exit | None:
    try:
        return read_exit(log.path)
    except (OSError, CorruptLog):
        return None
