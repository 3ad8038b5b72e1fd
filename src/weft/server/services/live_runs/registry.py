"""This server's state of live runs, for use without a query. In memory, bounded.

A row-only upload or a heartbeat needs nothing else: the run's row id, its origin, each writer's
clock offset and last beat, and whether to stop are here. `services.background` writes beats every
30 s. The code that makes any other change writes it to metadata, then updates or drops the entry.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from weft.errors import Gone, Moved, Unavailable
from weft.runlog.child_log import SIDECAR_PROCESS
from weft.server.services.access.actors import SOMEONE
from weft.server.services.access.directory import NO_PEOPLE, DirectoryHolder
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.live_runs.aggregates import Aggregates, Rules
from weft.server.services.live_runs.clocks import ClockOffset
from weft.server.services.live_runs.latest import LatestValues
from weft.server.services.live_runs.states import WriterFacts
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.storage.contract import Lineage
from weft.server.storage.metadata import OPEN_STATES, MetadataStore, RunRow, WriterRow

Forks = dict[str, list[tuple[str, int | float]]]
"""For each writer of a run, the other runs that show its rows, and the last step shown."""

MAX_RUNS: Final = 20_000
"""Most entries in memory: about 2 KB each with ten metrics, so 40 MB at most."""

_MAX_PROJECTS: Final = 10_000
_READ_TRIES: Final = 8
"""Tries of `find_run` while other runs are being deleted. Each try is one read of metadata."""

_MOST_MOVES: Final = 8
"""Moves that `follow` follows before it gives up. A move takes longer than a lookup."""


class WriterEntry:
    """A writer of a live run.

    Attributes:
        row: its row in metadata.
        beat_micros: time of its last sign of life while its process ran, by the server's clock.
        saved_beat_micros: the value of `beat_micros` in metadata.
        seen_micros: time of its last sign of life of any kind.
        position: where its stream ends; None if not read from the store yet.
        stored_record_position: the position of its last record whose upload is in the metric store
            as well; None if none came since the server started.
        clock: its clock offset according to its requests; newer than `row` until written there.
        n_lacking: number of its files that lack their content. None if they have to be counted.
        n_file_changes: counts changes of its files, to detect one during a count.
    """

    __slots__ = (
        "beat_micros",
        "clock",
        "n_file_changes",
        "n_lacking",
        "position",
        "row",
        "saved_beat_micros",
        "seen_micros",
        "stored_record_position",
    )

    def __init__(self, row: WriterRow) -> None:
        self.row = row
        self.beat_micros = row.heartbeat_micros
        self.saved_beat_micros = row.heartbeat_micros
        self.seen_micros = row.heartbeat_micros or row.first_micros
        self.position: int | None = None
        self.stored_record_position: int | None = None
        self.clock = ClockOffset(row.offset_micros)
        self.n_lacking: int | None = None
        self.n_file_changes = 0

    def follow(self, row: WriterRow) -> None:
        """Take what another server has written of the writer; the run's lock is held."""
        if row.record_position >= self.row.record_position:
            self.row = row
        beat = row.heartbeat_micros
        if beat is not None and beat > (self.beat_micros or 0):
            self.beat_micros = self.saved_beat_micros = beat
            self.seen_micros = max(self.seen_micros, beat)

    def facts(self) -> WriterFacts:
        """The facts that the run's state depends on."""
        row = self.row
        offset = row.offset_micros or 0
        return WriterFacts(
            writer=row.writer,
            parent=row.parent,
            resumed=row.resumed,
            start_micros=(row.anchor_micros or row.first_micros) + offset,
            first_micros=row.first_micros,
            beat_micros=self.beat_micros,
            seen_micros=self.seen_micros,
            exit_micros=None if row.exit_micros is None else row.exit_micros + offset,
            exit_code=row.exit_code,
            exit_state=row.exit_state,
            preempting=row.preempting,
            exit_reason=row.exit_reason,
            is_of_sidecar=row.labels.get("process") == SIDECAR_PROCESS,
        )


class RunEntry:
    """A live run.

    Attributes:
        lock: held while anything below changes.
        latest: last logged values; None if nothing was logged since the entry was made.
        aggregates: aggregates of metrics that define some; None if none do, or not read yet.
        rules: the values of each metric that the summary shows; None if not read yet.
        generation, fresh_generation: counters that differ while the entry is stale.
        refreshing: held while its summary is read from the metric store.
        was_open: whether the run had not ended when the entry was made. Its writers then get
            time to be heard from after a restart of the server.
        n_appending: number of uploads that may be in the metric file but not in `latest`.
        n_printed: counts uploads with console lines.
        searched: the state of the run and `n_printed` when its output was last searched for the
            reason of its end; None if it was not.
        n_metrics_deleted: counts metric deletions, to detect one that happens meanwhile.
        n_appended: counts uploads, to detect one that arrives meanwhile.
        stopper: the user who asked the run to stop, or None.
        seen_micros: the latest time of a row, corrected by its offset; None if unknown.
        projection_secs: monotonic time before which its last values are not written.
    """

    __slots__ = (
        "aggregates",
        "ended_micros",
        "fresh_generation",
        "generation",
        "last_append_micros",
        "latest",
        "lock",
        "n_appended",
        "n_appending",
        "n_metrics_deleted",
        "n_printed",
        "origin_micros",
        "path",
        "project_id",
        "projection_secs",
        "reason",
        "refreshing",
        "row_id",
        "rules",
        "searched",
        "seen_micros",
        "state",
        "stopper",
        "was_open",
        "writers",
    )

    def __init__(self, path: RunPath, row: RunRow, writers: Iterable[WriterRow]) -> None:
        self.path = path
        self.row_id = row.row_id
        self.project_id = row.project_id
        self.origin_micros = row.origin_micros
        self.stopper = (row.stopped_by or SOMEONE) if row.stop_requested else None
        self.state = row.state
        self.reason = row.reason
        self.ended_micros = row.ended_micros
        self.was_open = row.state in OPEN_STATES
        self.lock = OrderedLock(LockOrder.RUN, row.row_id)
        self.writers = {writer.writer: WriterEntry(writer) for writer in writers}
        self.latest: LatestValues | None = None
        self.aggregates: Aggregates | None = None
        self.rules: Rules | None = None
        self.generation = 0
        self.fresh_generation = 0
        self.refreshing = OrderedLock(LockOrder.REFRESH, row.row_id)
        self.n_appending = 0
        self.n_appended = 0
        self.n_metrics_deleted = 0
        self.n_printed = 0
        self.searched: tuple[str, int] | None = None
        self.last_append_micros = 0
        self.projection_secs = 0.0
        self.seen_micros: int | None = None

    def heartbeat_micros(self) -> int | None:
        """The time of the last sign of life of a writer while its process ran."""
        return max(
            (
                writer.beat_micros
                for writer in self.writers.values()
                if writer.beat_micros is not None
            ),
            default=None,
        )

    def mark_stale(self) -> None:
        """Note that memory lacks part of the summary; the caller holds the lock."""
        self.generation += 1

    def follow(self, row: RunRow, writers: Iterable[WriterRow]) -> None:
        """Take what another server has written of the run; the caller holds the lock."""
        self.stopper = (row.stopped_by or SOMEONE) if row.stop_requested else None
        self.state = row.state
        self.reason = row.reason
        self.ended_micros = row.ended_micros
        for writer_row in writers:
            writer = self.writers.get(writer_row.writer)
            if writer is None:
                self.writers[writer_row.writer] = WriterEntry(writer_row)
            else:
                writer.follow(writer_row)
                writer.n_lacking = None
                writer.n_file_changes += 1

    def note_files_changed(self, writer: str) -> None:
        """Note that files of a writer changed; the caller holds the lock."""
        entry = self.writers.get(writer)
        if entry is not None:
            entry.n_lacking = None
            entry.n_file_changes += 1

    @property
    def is_stale(self) -> bool:
        """Whether the summary has to be read from the metric store."""
        return self.generation != self.fresh_generation

    @property
    def is_written(self) -> bool:
        """Whether metadata has the whole summary."""
        return (
            not self.is_stale
            and (self.latest is None or self.latest.is_written)
            and (self.aggregates is None or self.aggregates.is_written)
        )

    def n_summary_values(self) -> int:
        """Number of logged values that its summary has in memory."""
        n_aggregates = 0 if self.aggregates is None else self.aggregates.n_values
        return n_aggregates + (0 if self.latest is None else self.latest.n_metrics)

    def is_disposable(self) -> bool:
        """Whether nothing is lost if the entry is dropped."""
        return (
            not self.n_appending
            and self.is_written
            and all(
                writer.beat_micros == writer.saved_beat_micros for writer in self.writers.values()
            )
        )


class RunRegistry:
    """Entries of live runs, and row ids of projects. Thread-safe."""

    def __init__(self, metadata: MetadataStore, people: DirectoryHolder = NO_PEOPLE) -> None:
        self._metadata = metadata
        self._people = people
        self._lock = threading.Lock()
        self._runs: OrderedDict[RunPath, RunEntry] = OrderedDict()
        self._projects: dict[ProjectPath, int] = {}
        self._forks: dict[int, tuple[Lineage, dict[str, Forks]]] = {}
        self._n_forgotten = 0

    @property
    def n_forgotten(self) -> int:
        """Number of entries that were forgotten, for `put`."""
        return self._n_forgotten

    def find_run(self, path: RunPath) -> RunEntry | None:
        """The entry of a run, read from metadata if necessary; None if it never existed."""
        entry = None
        for _ in range(_READ_TRIES):
            entry = self._read(path)
            # Values that are logged to an entry outside the registry would be lost with it.
            if entry is None or self._runs.get(path) is entry:
                return entry
        return entry

    def _read(self, path: RunPath) -> RunEntry | None:
        entry = self._runs.get(path)
        if entry is not None:
            return entry
        n_forgotten = self._n_forgotten
        with self._metadata.read() as tx:
            row = self._metadata.runs.get(tx, *path)
            if row is None:
                tombstone = self._metadata.tombstones.find_tombstones(tx, *path)
                if tombstone is not None and tombstone.moved_to is not None:
                    raise Moved(f"run {path} was moved", path="/".join(tombstone.moved_to))
                if tombstone is not None:
                    raise Gone(f"run {path} was deleted")
                return None
            writers = self._metadata.writers.of_run(tx, row.row_id)
        return self.put(RunEntry(path, row, writers), unless_forgotten_since=n_forgotten)

    def follow(self, path: RunPath) -> tuple[RunPath, RunEntry | None]:
        """The current path of a run that is, or was, at a path; and its entry, as from `find_run`.

        For uploads: a script continues to send to its run's original path. Unavailable if the run
        keeps being moved.
        """
        now = self.present(path)
        for _ in range(_MOST_MOVES):
            try:
                return now, self.find_run(now)
            except Moved as moved:
                # The run may be moved again before it is looked up at its new path.
                now = RunPath(*moved.path.split("/"))
        raise Unavailable(f"run {path} is being moved: send again")

    def present(self, path: RunPath) -> RunPath:
        """The path at which a run is sought, if its project was moved."""
        moved = self._people.current.moved.get(path[:2])
        return path if moved is None else RunPath(*moved, path.run)

    def follow_many(
        self, paths: Iterable[RunPath]
    ) -> dict[RunPath, tuple[RunPath, RunEntry | None] | Exception]:
        """The result or error of `follow` for each path, in few reads of metadata."""
        results: dict[RunPath, tuple[RunPath, RunEntry | None] | Exception] = {}
        requested = set(paths)
        unread = [
            path for path in requested if path not in self._runs and self.present(path) == path
        ]
        try:
            absent = self._read_many(unread)
        except Exception as error:  # noqa: BLE001 - returned for each run
            absent = set[RunPath]()
            results = dict.fromkeys(unread, error)
        for path in requested - results.keys():
            try:
                results[path] = (path, None) if path in absent else self.follow(path)
            except Exception as error:  # noqa: BLE001 - returned for the run
                results[path] = error
        return results

    def _read_many(self, paths: Sequence[RunPath]) -> set[RunPath]:
        """Read the entries of some runs into memory; returns the paths that never existed."""
        if not paths:
            return set()
        by_project: dict[ProjectPath, list[str]] = {}
        for path in paths:
            by_project.setdefault(path.of_project, []).append(path.run)
        metadata = self._metadata
        absent: set[RunPath] = set()
        rows: list[RunRow] = []
        n_forgotten = self._n_forgotten
        with metadata.read() as tx:
            for project, runs in by_project.items():
                present = metadata.runs.get_many(tx, *project, runs)
                deleted = metadata.tombstones.find_many(tx, *project, runs)
                absent.update(
                    project.run(run) for run in runs if run not in present and run not in deleted
                )
                rows += present.values()
            writers = metadata.writers.of_runs(tx, [row.row_id for row in rows])
        for row in rows:
            path = RunPath(row.entity, row.project, row.run)
            entry = RunEntry(path, row, writers[row.row_id])
            self.put(entry, unless_forgotten_since=n_forgotten)
        return absent

    def n_lacking(self, entry: RunEntry, writer: WriterEntry) -> int:
        """Number of a writer's files that lack their content; counted if they may have changed."""
        n_lacking, n_changes = writer.n_lacking, writer.n_file_changes
        if n_lacking is None:
            with self._metadata.read() as tx:
                n_lacking = self._metadata.contents.n_lacking(tx, entry.row_id, writer.row.writer)
            with entry.lock:
                if writer.n_file_changes == n_changes:
                    writer.n_lacking = n_lacking
        return n_lacking

    def find_present(self, path: RunPath) -> RunEntry | None:
        """The entry of a run, read from metadata if necessary; None if missing or deleted."""
        try:
            return self.find_run(path)
        except Gone:
            return None

    def peek(self, path: RunPath) -> RunEntry | None:
        """The entry of a run if it is in memory, else None."""
        return self._runs.get(path)

    def put(self, entry: RunEntry, *, unless_forgotten_since: int | None = None) -> RunEntry:
        """Add an entry unless the run already has one; returns the run's entry.

        With `unless_forgotten_since`, an entry that was read before any run was forgotten is
        returned but not added: it may belong to the run that was deleted.
        """
        with self._lock:
            present = self._runs.get(entry.path)
            if present is not None:
                return present
            if unless_forgotten_since in {None, self._n_forgotten}:
                self._runs[entry.path] = entry
                self._drop_surplus()
        return entry

    def forget(self, path: RunPath) -> None:
        """Drop the entry of a run that was deleted."""
        with self._lock:
            self._n_forgotten += 1
            self._runs.pop(path, None)

    def entries(self) -> list[RunEntry]:
        """All entries in memory."""
        with self._lock:
            return list(self._runs.values())

    def n_open(self) -> int:
        """The number of runs in memory that have not ended."""
        return sum(entry.state in OPEN_STATES for entry in self.entries())

    def forks_of(self, project_id: int, run: str, lineage: Lineage) -> Forks:
        """The runs that show rows of `run`, by its writer, each with the last step shown.

        Cost: none except for the first call with a lineage, which inverts the whole lineage.
        """
        cached = self._forks.get(project_id)
        if cached is None or cached[0] is not lineage:
            by_source: dict[str, Forks] = {}
            for fork, sources in lineage.items():
                for source in sources:
                    if source.run != fork:
                        shown = by_source.setdefault(source.run, {}).setdefault(source.writer, [])
                        shown.append((fork, source.last_step))
            cached = lineage, by_source
            with self._lock:
                if len(self._forks) >= _MAX_PROJECTS:
                    self._forks.clear()
                self._forks[project_id] = cached
        return cached[1].get(run, {})

    def find_project(self, path: ProjectPath) -> int | None:
        """The row id of a project; None if no project has that name."""
        project_id = self._projects.get(path)
        if project_id is None:
            with self._metadata.read() as tx:
                project_id = self._metadata.projects.find_project(tx, *path)
            if project_id is not None:
                with self._lock:
                    if len(self._projects) >= _MAX_PROJECTS:
                        self._projects.clear()
                    self._projects[path] = project_id
        return project_id

    def forget_projects(self) -> None:
        """Look paths of projects up again: another server deleted, restored or moved one."""
        with self._lock:
            self._projects.clear()
            self._n_forgotten += 1

    def forget_project(self, path: ProjectPath) -> None:
        """Drop a deleted project and the entries of its runs."""
        with self._lock:
            self._n_forgotten += 1
            self._projects.pop(path, None)
            for run in list(self._runs):
                if run.of_project == path:
                    del self._runs[run]

    def _drop_surplus(self) -> None:
        # The oldest entries go first; one in use is read again when its run is next heard from.
        if len(self._runs) <= MAX_RUNS:
            return
        for path, entry in list(self._runs.items())[: MAX_RUNS // 10]:
            if entry.is_disposable():
                del self._runs[path]
