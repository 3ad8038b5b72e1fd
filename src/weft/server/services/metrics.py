"""Metrics: which there are, and deleting one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from weft.errors import Conflict, NotFound
from weft.server.services.actors import Actor
from weft.server.services.busy.registry import RunEntry
from weft.server.services.context import Stores
from weft.server.services.lineage import lineage_of, sources_of
from weft.server.services.permissions import Action, ProjectPath, require
from weft.server.services.purging import purge
from weft.server.services.types import MetricInfo, RunPath
from weft.server.storage.contract import MetricStore
from weft.server.storage.metadata.tombstones import PendingPurge


class MetricService:
    """What can be done with metrics as a whole."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def keys(
        self, actor: Actor, entity: str, project: str, runs: Sequence[str] | None = None
    ) -> list[MetricInfo]:
        """The metrics of some or all runs of a project, by key.

        Raises:
            NotFound: there is no such project.
        """
        require(actor, Action.READ, ProjectPath(entity, project))
        project_id = self._stores.find_project(entity, project)
        with self._stores.metrics.use(project_id) as store:
            by_run = store.keys(runs, lineage=lineage_of(self._stores, project_id, runs))
        kinds: dict[str, set[str]] = {}
        counts: dict[str, list[int]] = {}
        for infos in by_run.values():
            for info in infos:
                kinds.setdefault(info.key, set()).update(info.kinds)
                count = counts.setdefault(info.key, [0, 0])
                count[0] += 1
                count[1] += info.n_points
        return [
            MetricInfo(key=key, kinds=sorted(kinds[key]), n_runs=n_runs, n_points=n_points)
            for key, (n_runs, n_points) in sorted(counts.items())
        ]

    def delete(self, actor: Actor, path: RunPath, key: str) -> None:
        """Delete one metric of a run, up to what each of its writers has sent so far.

        Forks that show rows of the run lose it, too.

        Raises:
            NotFound: the run has no such metric.
            Conflict: it has it only in rows of the runs that it was forked from.
            Gone: the run was deleted.
        """
        require(actor, Action.DELETE, path)
        stores = self._stores
        entry = stores.find_run(path)
        with stores.metrics.use(entry.project_id) as store:
            known = store.keys([path.run]).get(path.run, [])
            if all(info.key != key for info in known):
                self._refuse(entry, store, key)
        with stores.metadata.write() as tx:
            stores.metadata.tombstones.add_metric(tx, entry.row_id, key, now_micros=stores.now())
        pending = PendingPurge(
            entry.project_id, entry.row_id, path.entity, path.project, path.run, key
        )
        purge(stores, pending)
        stores.live.publish(actor, path.entity, path.project, path.run, keys=None, meta=True)

    def _refuse(self, entry: RunEntry, store: MetricStore, key: str) -> NoReturn:
        path = entry.path
        sources = sources_of(self._stores, entry.project_id, path.run)
        runs = sorted({one.run for one in sources if one.run != path.run})
        for run, infos in store.keys(runs).items():
            if any(info.key == key for info in infos):
                raise Conflict(
                    f"metric {key!r} of run {path} lies in rows of run {run}, from which it was"
                    " forked: delete it there"
                )
        raise NotFound(f"run {path} has no metric {key!r}")
