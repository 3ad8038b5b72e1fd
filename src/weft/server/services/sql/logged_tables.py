"""The tables that scripts logged, for a query: each run's last one under a metric.

Reads the project's metric store, and copies the tables' files to where the child process may read
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from weft.errors import ConfigError, LimitExceeded
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.files.service import FileService
from weft.server.services.logged_tables import LoggedTable, OwningRun, find_files, table_in
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.stores.stores import Stores

MAX_RUNS: Final = 1000
"""Maximum number of runs whose tables under one metric a query reads."""

MAX_BYTES: Final = 4 * 2**30

_MAX_KEYS: Final = 100_000


class LoggedTables:
    """One query's view of the tables that a project's runs have logged."""

    def __init__(
        self, stores: Stores, files: FileService, actor: Actor, path: ProjectPath, project_id: int
    ) -> None:
        self._stores = stores
        self._files = files
        self._actor = actor
        self._path = path
        self._project_id = project_id
        self._n_copied = 0
        self._n_bytes = 0

    def make(self, key: str, runs: Sequence[str], folder: Path) -> dict[str, Any]:
        """Copy the tables under a metric into a folder: their `name`, and the path, run and step
        of the `files`. ConfigError without files, LimitExceeded if they are too many or too
        large.
        """
        tables = self._find(key, runs)
        if not tables:
            near = self._near(key)
            raise ConfigError(f"none of these runs has logged a table {key!r}{near}")
        files: list[dict[str, Any]] = []
        for run, step, table in tables:
            self._n_bytes += sum(file.n_bytes for file in table.stored)
            if self._n_bytes > MAX_BYTES:
                raise LimitExceeded(
                    f"the logged tables that the query needs have more than "
                    f"{MAX_BYTES // 2**30} GB: name fewer runs in WHERE"
                )
            self._n_copied += 1
            paths = table.copy_to(folder, f"{self._n_copied}-")
            files += [{"path": path, "run": run, "step": step} for path in paths]
        return {"name": key, "files": files}

    def _find(self, key: str, runs: Sequence[str]) -> list[tuple[str, int | float, LoggedTable]]:
        """The runs that have stored tables, with the step of each."""
        lineage = lineage_of(self._stores, self._project_id, runs)
        logged: list[tuple[str, int | float, str]] = []
        with self._stores.metrics.use(self._project_id) as store:
            having = store.latest_of(runs, [key], lineage=lineage)
            if len(having) > MAX_RUNS:
                raise LimitExceeded(
                    f"{len(having):,} runs have logged {key!r}, at most {MAX_RUNS:,} can be "
                    "queried at once: name fewer runs in WHERE"
                )
            for run in having:
                point = store.last_object(run, key, sources=lineage.get(run, ()))
                item = None if point is None else table_in(point.value)
                if point is not None and item is not None and item.join is None:
                    logged.append((run, point.x, item.path))
        tables = [(run, step, find_files(self._owner(run), path)) for run, step, path in logged]
        return [(run, step, table) for run, step, table in tables if table.stored]

    def _owner(self, run: str) -> OwningRun:
        return OwningRun(self._files, self._actor, self._path.run(run))

    def _near(self, key: str) -> str:
        with self._stores.metrics.use(self._project_id) as store:
            page = store.search_keys(limit=_MAX_KEYS)
        names = [total.key for total in page.keys if total.key != key]
        near = get_close_matches(key, names, n=3)
        return f"; metrics are called {', '.join(near)}" if near else ""
