"""This server's state of live runs, for use without a query. In memory, bounded.

A row-only upload or a heartbeat needs nothing else: the run's row id, its origin, each writer's
clock offset and last beat, and whether to stop are here. `services.background` writes beats every
30 s. The code that makes any other change writes it to metadata, then updates or drops the entry.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from weft.errors import Gone, Moved, Unavailable
from weft.server.services.access.directory import NO_PEOPLE, DirectoryHolder
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.live_runs.run_entry import RunEntry, WriterEntry
from weft.server.storage.contract import Lineage
from weft.server.storage.metadata import OPEN_STATES, MetadataStore, RunRow

Forks = dict[str, list[tuple[str, int | float]]]
"""The other runs that show a run's rows, and the last step shown, by its writer."""

MAX_RUNS: Final = 20_000
"""Most entries in memory: about 2 KB each with ten metrics, so 40 MB at most."""

_MAX_PROJECTS: Final = 10_000
_READ_TRIES: Final = 8
"""Tries of `find_run` while other runs are being deleted. Each try is one read of metadata."""

_MOST_MOVES: Final = 8
"""Moves that `resolve_moves` follows before it gives up. A move takes longer than a lookup."""


class ResolvedRun(NamedTuple):
    """The current path of a run that may have moved, and its entry; None if it never existed."""

    path: RunPath
    entry: RunEntry | None


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

    def resolve_moves(self, path: RunPath) -> ResolvedRun:
        """The run that is, or was, at a path; its entry is as from `find_run`.

        For uploads: a script continues to send to its run's original path. Unavailable if the run
        keeps being moved.
        """
        current = self.current_path(path)
        for _ in range(_MOST_MOVES):
            try:
                return ResolvedRun(current, self.find_run(current))
            except Moved as moved:
                # The run may be moved again before it is looked up at its new path.
                current = RunPath(*moved.path.split("/"))
        raise Unavailable(f"run {path} is being moved: send again")

    def current_path(self, path: RunPath) -> RunPath:
        """The path of a run, in its project's present place if the project was moved."""
        moved = self._people.current.moved.get(path[:2])
        return path if moved is None else RunPath(*moved, path.run)

    def resolve_moves_of(self, paths: Iterable[RunPath]) -> dict[RunPath, ResolvedRun | Exception]:
        """The result or error of `resolve_moves` for each path, in few reads of metadata."""
        results: dict[RunPath, ResolvedRun | Exception] = {}
        requested = set(paths)
        unread = [
            path
            for path in requested
            if path not in self._runs and self.current_path(path) == path
        ]
        try:
            absent = self._read_many(unread)
        except Exception as error:  # noqa: BLE001 - returned for each run
            absent = set[RunPath]()
            results = dict.fromkeys(unread, error)
        for path in requested - results.keys():
            try:
                results[path] = (
                    ResolvedRun(path, None) if path in absent else self.resolve_moves(path)
                )
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
                stored = metadata.runs.get_many(tx, *project, runs)
                deleted = metadata.tombstones.find_many(tx, *project, runs)
                absent.update(
                    project.run(run) for run in runs if run not in stored and run not in deleted
                )
                rows += stored.values()
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
            existing = self._runs.get(entry.path)
            if existing is not None:
                return existing
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
