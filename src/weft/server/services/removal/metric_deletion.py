"""Deletion of metrics of many runs, by name or by pattern.

Each transaction deletes the metrics of a group of runs, at most `_METRICS_PER_GROUP` in total. A
run's metrics are deleted in one transaction if there are no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from weft.errors import ConfigError, LimitExceeded
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.removal.deleting import publish
from weft.server.services.selecting.patterns import compile_pattern
from weft.server.services.selecting.select import requested_runs
from weft.server.services.stores.stores import Service
from weft.server.services.summaries.projection import drop_metrics
from weft.server.services.summaries.refreshing import mark_stale
from weft.wire.metrics.metrics import MAX_DELETED_KEYS, DeletedMetrics, MetricDeletion

_METRICS_PER_GROUP: Final = 10_000
_RUNS_PER_GROUP: Final = 200


class MetricDeletionService(Service):
    """Deletes metrics of many runs."""

    def delete(self, actor: Actor, path: ProjectPath, deletion: MetricDeletion) -> DeletedMetrics:
        """Delete the points that the metrics' writers have sent; the space is freed at once.

        Runs and metrics that do not exist are skipped, so the call may be repeated. Locked runs
        keep their metrics, and are listed.
        """
        require(actor, Action.DELETE, path)
        if (deletion.keys is None) == (deletion.regex is None):
            raise ConfigError("give keys or a regex", field="keys")
        stores = self._stores
        project_id = stores.find_project(path)
        runs = requested_runs(stores, actor, project_id, deletion.runs, deletion.filter)
        if len(deletion.keys or ()) > MAX_DELETED_KEYS:
            raise LimitExceeded(
                f"{len(deletion.keys or ())} keys; the limit is {MAX_DELETED_KEYS}"
            )
        n_runs = n_metrics = 0
        locked: list[str] = []
        for at in range(0, len(runs), _RUNS_PER_GROUP):
            by_run = self._find(project_id, runs[at : at + _RUNS_PER_GROUP], deletion)
            locked += self._take_locked(project_id, by_run)
            for group in _groups(by_run):
                self._delete(actor, path, project_id, group)
                n_metrics += sum(map(len, group.values()))
            n_runs += len(by_run)
        if n_metrics:
            after = {"n_runs": n_runs, "n_metrics": n_metrics}
            stores.audit.note_alone(actor, "project.metrics", path.entity, path, after)
        return DeletedMetrics(n_runs=n_runs, n_metrics=n_metrics, locked=locked)

    def _take_locked(self, project_id: int, by_run: dict[str, list[str]]) -> list[str]:
        """Take the locked runs out of `by_run`, and return them."""
        with self._stores.metadata.read() as tx:
            locks = self._stores.metadata.runs.locks_of_project(tx, project_id)
        locked = [run for run in by_run if run in locks]
        for run in locked:
            del by_run[run]
        return locked

    def _find(
        self, project_id: int, runs: Sequence[str], deletion: MetricDeletion
    ) -> dict[str, list[str]]:
        """The metrics to delete that each run has."""
        with self._stores.metrics.use(project_id) as store:
            by_run = store.keys(runs)
        if deletion.regex is not None:
            matches = compile_pattern(deletion.regex)
            by_keys = {
                run: [info.key for info in infos if matches(info.key)]
                for run, infos in by_run.items()
            }
        else:
            keys = set(deletion.keys or ())
            by_keys = {
                run: [info.key for info in infos if info.key in keys]
                for run, infos in by_run.items()
            }
        return {run: keys for run, keys in by_keys.items() if keys}

    def _delete(
        self, actor: Actor, path: ProjectPath, project_id: int, group: dict[str, list[str]]
    ) -> None:
        stores = self._stores
        metadata = stores.metadata
        by_keys: dict[tuple[str, ...], list[str]] = {}
        with stores.presence:
            with metadata.write() as tx:
                rows = metadata.trash.present_rows(tx, project_id, list(group))
                for run, row_id in rows.items():
                    metadata.tombstones.add_metrics(
                        tx, row_id, group[run], now_micros=stores.now()
                    )
                    by_keys.setdefault(tuple(group[run]), []).append(run)
            with stores.metrics.use(project_id) as store:
                for keys, runs in by_keys.items():
                    store.delete_metrics(runs, keys)
            for run in rows:
                entry = stores.registry.peek(path.run(run))
                if entry is not None:
                    drop_metrics(entry, group[run])
            with metadata.write() as tx:
                for run, row_id in rows.items():
                    for key in group[run]:
                        metadata.fields.delete_metric(tx, row_id, key)
                    metadata.tombstones.set_metrics_purged(tx, row_id, group[run])
            for fork, sources in lineage_of(stores, project_id).items():
                if any(source.run in rows and source.run != fork for source in sources):
                    mark_stale(stores, path.run(fork))
        publish(stores, actor, path, list(rows))


def _groups(by_run: dict[str, list[str]]) -> Iterator[dict[str, list[str]]]:
    group: dict[str, list[str]] = {}
    n_metrics = 0
    for run, keys in by_run.items():
        for at in range(0, len(keys), _METRICS_PER_GROUP):
            batch = keys[at : at + _METRICS_PER_GROUP]
            if run in group or n_metrics + len(batch) > _METRICS_PER_GROUP:
                yield group
                group, n_metrics = {}, 0
            group[run] = batch
            n_metrics += len(batch)
    if group:
        yield group
