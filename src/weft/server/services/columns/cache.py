"""Caches the columns of all projects in bounded memory; drops the least recently used first."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Collection, Sequence
from typing import Any, Final

from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.columns.path_use import ROOTS, PathUse, Root, Use
from weft.server.services.columns.project_columns import ProjectColumns, View
from weft.server.services.columns.runs import Runs
from weft.server.services.columns.saved_columns import ColumnSaves
from weft.server.services.live_runs.clocks import Clock
from weft.server.storage.contract import Int64
from weft.server.storage.metadata import MetadataStore

MAX_BYTES: Final = 128 * 2**20
"""A column of 100,000 runs takes 1.3 MB, plus 20 MB for its texts if all are different. The
columns of the last query stay even if they take more: its next page needs them."""


class ColumnCache:
    """Hands out views of projects. Thread-safe."""

    def __init__(
        self,
        metadata: MetadataStore,
        now: Clock,
        saves: ColumnSaves | None = None,
        *,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._metadata = metadata
        self.saves = saves
        self._now = now
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._uses = itertools.count()
        self._last_query = 0
        self._projects: dict[int, ProjectColumns] = {}
        self._uses_of: dict[tuple[int, Root], PathUse] = {}

    def view(self, actor: Actor, project_id: int, names: Collection[str]) -> View:
        """The current runs of a project, and columns of them as the actor sees them."""
        project = self._project(project_id)
        view = project.view(actor, names, self._now())
        if names:
            self._last_query = project.used
        self._shrink()
        return view

    def values(
        self, actor: Actor, project_id: int, names: Sequence[str], row_ids: Sequence[int] | Int64
    ) -> list[list[Any]]:
        """Columns of some runs, each as a list in the order of `row_ids`; `MISSING` where a run
        has no value.
        """
        values = self._project(project_id).values(
            actor, names, [int(row_id) for row_id in row_ids]
        )
        self._shrink()
        return values

    def columns_in_use(self, project_id: int, root: Root) -> tuple[Runs, Use]:
        with self._lock:
            key = (project_id, root)
            paths = self._uses_of.get(key)
            if paths is None:
                paths = self._uses_of[key] = PathUse(self._metadata, project_id, root)
            # Reinsert the most recently used entry at the end.
            self._uses_of[key] = self._uses_of.pop(key)
        runs = self.view(SYSTEM, project_id, ()).runs
        use = paths.use(runs)
        self._shrink()
        return runs, use

    def projects(self) -> dict[int, ProjectColumns]:
        """The projects in memory, by row id."""
        with self._lock:
            return dict(self._projects)

    def n_bytes(self) -> int:
        """Approximate memory of all columns."""
        with self._lock:
            projects = list(self._projects.values())
            paths = list(self._uses_of.values())
        return sum(use.n_bytes for use in paths) + sum(project.n_bytes for project in projects)

    def _project(self, project_id: int) -> ProjectColumns:
        with self._lock:
            project = self._projects.get(project_id)
            if project is None:
                project = ProjectColumns(self._metadata, project_id, self._uses, self.saves)
                self._projects[project_id] = project
            return project

    def _shrink(self) -> None:
        with self._lock:
            projects = dict(self._projects)
            paths = dict(self._uses_of)
        total = sum(use.n_bytes for use in paths.values())
        total += sum(project.n_bytes for project in projects.values())
        if total <= self._max_bytes:
            return
        entries: list[tuple[int, int, ProjectColumns, str]] = []
        for project in projects.values():
            for name, (used, n_bytes) in project.loaded().items():
                entries.append((used, n_bytes, project, name))
        for used, n_bytes, project, name in sorted(entries, key=lambda entry: entry[0]):
            if used >= self._last_query:
                break
            project.drop(name)
            total -= n_bytes
            if total <= self._max_bytes:
                return
        # Dropping columns was not enough: drop path sets, then runs of whole projects.
        with self._lock:
            for key, use in list(paths.items())[: -len(ROOTS)]:
                total -= use.n_bytes
                self._uses_of.pop(key, None)
                if total <= self._max_bytes:
                    return
            for project_id, project in sorted(projects.items(), key=lambda entry: entry[1].used)[
                :-1
            ]:
                total -= project.n_run_bytes()
                self._projects.pop(project_id, None)
                if total <= self._max_bytes:
                    return
