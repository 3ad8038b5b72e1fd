"""Metrics: list them, read their last values, and delete one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from weft.errors import ConfigError, Conflict, LimitExceeded, NotFound
from weft.queries.filter_json import filter_of
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.locked import refusal_of_deletion
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.media.values import kind_of_object, tables_of_charts
from weft.server.services.metrics.last_values import last_values
from weft.server.services.reading.hidden_metrics import hidden_metrics
from weft.server.services.reading.lineage import lineage_of, sources_of
from weft.server.services.removal.purging import purge_metrics
from weft.server.services.selecting.patterns import compile_pattern
from weft.server.services.selecting.select import select_runs
from weft.server.services.stores.stores import Service
from weft.server.storage.contract import Lineage, MetricStore
from weft.server.storage.names import NameSearch
from weft.wire.metrics.metrics import (
    MAX_METRICS,
    MAX_NAMES,
    PAGE_OF_METRICS,
    LatestList,
    LatestQuery,
    Metric,
    MetricList,
    MetricNames,
    RunLatest,
)

_MAX_TYPED: Final = 1_000
"""Maximum number of object metrics whose kind is looked up; the kind of the others is `other`."""

_MAX_TYPED_RUNS: Final = 256
_RUNS_AT_ONCE: Final = 16

MAX_LATEST: Final = 1_000_000
"""Most last values of one query: runs × metrics."""


def _name_search(search: str, *, is_pattern: bool) -> NameSearch | None:
    """The search for names. None if all names match."""
    if not search:
        return None
    pattern = compile_pattern(search, folded=True, field="search") if is_pattern else None
    return NameSearch(search, pattern, is_pattern)


def _kinds_of(
    store: MetricStore, runs: Sequence[str], keys: Sequence[str], lineage: Lineage
) -> tuple[list[str], list[str]]:
    """The kinds of object metrics, and those of them that are tables of charts.

    Each is judged by the last value in the first run that has one.
    """
    untyped, kinds = set(keys[:_MAX_TYPED]), dict[str, str]()
    chart_tables = set[str]()
    for first in range(0, min(len(runs), _MAX_TYPED_RUNS), _RUNS_AT_ONCE):
        if not untyped:
            break
        batch = runs[first : first + _RUNS_AT_ONCE]
        for values in store.latest_of(batch, sorted(untyped), lineage=lineage).values():
            tables = tables_of_charts({point.key: point.value for point in values})
            for point in values:
                if point.key in untyped:
                    untyped.remove(point.key)
                    kinds[point.key] = kind_of_object(point.value)
                    if point.key in tables:
                        chart_tables.add(point.key)
    return [kinds.get(key, "other") for key in keys], sorted(chart_tables)


class MetricService(Service):
    """Operations on whole metrics."""

    def list(
        self,
        actor: Actor,
        path: ProjectPath,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        search: str = "",
        regex: bool = False,
        limit: int = PAGE_OF_METRICS,
        cursor: str | None = None,
    ) -> MetricList:
        """List a page of the metrics of some or all runs of a project, ordered by name.

        `system` selects metrics of machines and processes, or if False those that scripts logged.
        `search` has words that the name contains, in either case; with `regex` an RE2 pattern.
        """
        require(actor, Action.READ, path)
        check_limit(limit, MAX_METRICS)
        after = None if cursor is None else decode_cursor(cursor, str)
        matches = _name_search(search, is_pattern=regex)
        project_id = self._stores.find_project(path)
        lineage = lineage_of(self._stores, project_id, runs)
        with self._stores.metrics.use(project_id) as store:
            page = store.search_keys(
                runs, system=system, lineage=lineage, matches=matches, after=after,
                limit=limit + 1,
            )  # fmt: skip
        metrics = [
            Metric(
                key=total.key,
                kinds=sorted(total.kinds),
                origins=sorted(total.origins),
                n_runs=total.n_runs,
                n_points=total.n_points,
            )
            for total in page.keys[:limit]
        ]
        more = len(page.keys) > limit
        return MetricList(metrics, encode_cursor(metrics[-1].key) if more else None, page.total)

    def names(
        self, actor: Actor, path: ProjectPath, runs: Sequence[str] | None = None
    ) -> MetricNames:
        """The names of all metrics of some or all runs of a project.

        The answer is small, and fast even with 100,000 metrics.
        """
        require(actor, Action.READ, path)
        project_id = self._stores.find_project(path)
        lineage = lineage_of(self._stores, project_id, runs)
        with self._stores.metrics.use(project_id) as store:
            page = store.search_keys(runs, lineage=lineage, limit=MAX_NAMES)
            with_numbers = [total for total in page.keys if total.kinds - {"object"}]
            with_objects = [total for total in page.keys if not total.kinds - {"object"}]
            objects = [total.key for total in with_objects]
            among = (
                select_runs(self._stores, actor, project_id, None).ids if runs is None else runs
            )
            kinds, chart_tables = _kinds_of(store, among, objects, lineage)
        with self._stores.metadata.read() as tx:
            steps = self._stores.metadata.definitions.used_step_metrics(tx, project_id, runs)
        system = [total for total in page.keys if "system" in total.origins]
        return MetricNames(
            numbers=[total.key for total in with_numbers],
            objects=objects,
            kinds=kinds,
            chart_tables=chart_tables,
            n_runs=[total.n_runs for total in (*with_numbers, *with_objects)],
            system=[total.key for total in system],
            both=[total.key for total in system if "logged" in total.origins],
            hidden=sorted(hidden_metrics(self._stores, project_id, runs)),
            steps=steps,
            total=page.total,
        )

    def latest(self, actor: Actor, path: ProjectPath, query: LatestQuery) -> LatestList:
        """The last values of some metrics of many runs, at most a million.

        Only runs that have a value are returned, in the requested order.
        """
        require(actor, Action.READ, path)
        if query.runs is not None and query.filter is not None:
            raise ConfigError("name either runs or a filter", field="runs")
        project_id = self._stores.find_project(path)
        runs = query.runs
        if runs is None:
            runs = select_runs(self._stores, actor, project_id, filter_of(query.filter)).ids
        if len(runs) * len(query.keys) > MAX_LATEST:
            raise LimitExceeded(f"one request asks for at most {MAX_LATEST:,} last values")
        by_run = last_values(self._stores, path, runs, query.keys)
        return LatestList([RunLatest(run, values) for run, values in by_run.items()])

    def delete(self, actor: Actor, path: RunPath, key: str) -> None:
        """Delete the points of one metric that the writers of a run have sent.

        Forks that show rows of the run lose it too. Conflict if the run is locked.
        """
        require(actor, Action.DELETE, path)
        stores = self._stores
        entry = stores.find_run(path)
        with stores.metrics.use(entry.project_id) as store:
            metrics = store.keys([path.run]).get(path.run, [])
            if all(info.key != key for info in metrics):
                self._refuse(entry, store, key)
        with stores.metadata.write() as tx:
            for user in stores.metadata.runs.locks(tx, [entry.row_id]).values():
                raise refusal_of_deletion(f"run {path}", user)
            stores.metadata.tombstones.add_metrics(
                tx, entry.row_id, [key], now_micros=stores.now()
            )
            stores.audit.note(tx, actor, "project.metrics", path.entity, path, {"key": key})
        purge_metrics(stores, path, entry.row_id, [key])
        stores.live.publish(actor, path, keys=None, meta=True)

    def _refuse(self, entry: RunEntry, store: MetricStore, key: str) -> NoReturn:
        path = entry.path
        sources = sources_of(self._stores, entry.project_id, path.run)
        runs = sorted({source.run for source in sources if source.run != path.run})
        for run, infos in store.keys(runs).items():
            if any(info.key == key for info in infos):
                raise Conflict(
                    f"metric {key!r} of run {path} is in rows of run {run}, from which it was"
                    " forked: delete it there"
                )
        raise NotFound(f"run {path} has no metric {key!r}")
