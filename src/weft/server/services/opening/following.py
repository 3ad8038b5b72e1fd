"""Runs whose logs are in a directory that the server follows, as `weft ui` does.

The store is a cache of that directory. A run whose logs are gone is dropped from the store without
a tombstone, so that a new run with its id starts clean. See docs/decisions/0014.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.artifacts import store_followed
from weft.server.services.background.jobs import BackgroundJobs
from weft.server.services.removal.deleting import publish
from weft.server.services.stores.stores import Stores
from weft.wire.server.server import Following

_SUMMARIES_SECS: Final = 5.0
"""Time limit for writing summaries. If it is too short, some sort orders stay slightly stale."""

_DROPPED_AT_ONCE: Final = 100
"""Runs per transaction. Other metadata writers wait about 30 ms for one."""


class LogReader(Protocol):
    """Feeds the run logs of this machine to `ingest`."""

    def catch_up(self, timeout_secs: float) -> bool:
        """Wait until everything present at this call is fed; False if there is still more."""
        ...

    def info(self) -> Following:
        """The reader's progress."""
        ...


class FollowingService:
    """Reports the progress of reading a followed directory, and drops runs that left it.

    `logs` reads it, set by its owner; None if runs only arrive by upload.
    """

    def __init__(self, stores: Stores, background: BackgroundJobs) -> None:
        self._stores = stores
        self._background = background
        self.logs: LogReader | None = None

    def catch_up(self, actor: Actor, timeout_secs: float) -> bool:
        """Wait until everything in the directory at this call can be queried; False if the time is
        over first.
        """
        require(actor, Action.READ, SERVER)
        if self.logs is not None and not self.logs.catch_up(timeout_secs):
            return False
        self._background.write_summaries(_SUMMARIES_SECS)
        return True

    def info(self, actor: Actor) -> Following | None:
        """The progress of reading the followed directory. None if the server follows none."""
        require(actor, Action.READ, SERVER)
        return None if self.logs is None else self.logs.info()

    def followed_writers(self, actor: Actor) -> dict[RunPath, set[str]]:
        """The runs that were read from the directory, with the writers of their logs."""
        require(actor, Action.READ, SERVER)
        writers: dict[RunPath, set[str]] = {}
        with self._stores.metadata.read() as tx:
            for entity, project, run, writer in self._stores.metadata.writers.followed(tx):
                writers.setdefault(RunPath(entity, project, run), set()).add(writer)
        return writers

    def store_artifacts(self, actor: Actor) -> None:
        """Store the versions of artifacts that a server before this one did not get to."""
        require(actor, Action.WRITE, SERVER)
        store_followed(self._stores)

    def drop(self, actor: Actor, paths: Iterable[RunPath]) -> None:
        """Forget runs. If their logs are still there, they are read again from position 0.

        Runs in the trash stay there, because their logs are in the trash too.
        """
        require(actor, Action.DELETE, SERVER)
        by_project: dict[ProjectPath, list[str]] = {}
        for run_path in paths:
            by_project.setdefault(run_path.of_project, []).append(run_path.run)
        for path, runs in by_project.items():
            for at in range(0, len(runs), _DROPPED_AT_ONCE):
                self._drop_some(path, runs[at : at + _DROPPED_AT_ONCE])

    def _drop_some(self, path: ProjectPath, runs: Sequence[str]) -> None:
        stores = self._stores
        metadata = stores.metadata
        project_id = stores.registry.find_project(path)
        if project_id is None:
            return
        with stores.presence:
            with metadata.read() as tx:
                present = metadata.trash.present_rows(tx, project_id, runs)
            if not present:
                return
            # Rows go first: after a kill in between, the next start finds the runs' logs missing.
            with stores.metrics.use(project_id) as store:
                store.drop_runs(list(present))
            with metadata.write() as tx:
                stores.blobs.release_runs(tx, list(present.values()))
                metadata.artifacts.drop_logged(tx, list(present.values()))
                metadata.trash.remove_runs(tx, list(present.values()))
                metadata.sources.note_removals(tx, project_id, list(present))
            for run in present:
                stores.registry.forget(path.run(run))
        publish(stores, SYSTEM, path, list(present))
