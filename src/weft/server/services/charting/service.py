"""Series for charts: exact buckets of any range, expressions and groups, panel by panel.

Receives queries from `http.metrics.charts`, finds their runs, and has `charting.drawing` query
the project's metric store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import msgspec

from weft.errors import ConfigError, LimitExceeded
from weft.records.limits import MAX_REQUEST_EXPRESSIONS, REQUEST_EXPRESSION_SECS
from weft.server.services.access.actors import Actor
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.charting.answers import PanelAnswer
from weft.server.services.charting.drawing import draw_panel
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.charting.histograms import HistogramFold
from weft.server.services.charting.panel_queries import ParsedPanel, check_histograms, parse_panel
from weft.server.services.charting.panel_runs import (
    TIME_AXES,
    PanelRun,
    add_bases,
    add_config,
    find_runs,
    find_runs_on,
    panel_runs,
)
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import ObjectPoint
from weft.wire.metrics.charts import MAX_PANELS, HistogramQuery, HistogramSeries, PanelQuery

PANEL_SECS: Final = 30.0
"""Time limit for the expressions of one panel."""

READ_TOGETHER: Final = 64
"""Series of several panels that are read at once: with more, the first panel would wait."""


class SeriesService:
    """Answers chart queries."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._curves = CurveCache()
        stores.live.watchers.append(self._curves.note_change)

    def panels(
        self,
        actor: Actor,
        path: ProjectPath,
        queries: Sequence[PanelQuery],
        waits: Cancellation | None = None,
        *,
        full: bool = False,
        reasons: bool = False,
    ) -> PanelAnswers:
        """Answer the queries in order. The call checks all of them; each `next` computes one.

        `full` adds each series' first nonfinite value; `reasons` the series without points, with
        the reason. LimitExceeded for more than 100,000 series in a query, or
        `MAX_REQUEST_EXPRESSIONS` expressions in all. A `next` raises Cancelled if `waits` was
        cancelled.
        """
        require(actor, Action.READ, path)
        if len(queries) > MAX_PANELS:
            raise ConfigError(f"at most {MAX_PANELS} panels in one request", field="panels")
        n_expressions = sum(len(query.expressions) for query in queries)
        if n_expressions > MAX_REQUEST_EXPRESSIONS:
            raise LimitExceeded(
                f"a request has at most {MAX_REQUEST_EXPRESSIONS:,} expressions in all its "
                f"panels, not {n_expressions:,}: ask for the panels in several requests"
            )
        panels = [_parsed(n, query) for n, query in enumerate(queries)]
        project_id = self._stores.find_project(path)
        shared = _PageRequest(
            self._stores,
            self._curves,
            actor,
            path,
            project_id,
            panels,
            waits or Cancellation(),
            full=full,
            reasons=reasons,
        )
        return PanelAnswers(shared)

    def histograms(
        self,
        actor: Actor,
        path: ProjectPath,
        query: HistogramQuery,
        waits: Cancellation | None = None,
    ) -> list[HistogramSeries]:
        """Histograms of metrics over an axis; series without histograms are left out."""
        require(actor, Action.READ, path)
        check_histograms(query)
        waits = waits or Cancellation()
        project_id = self._stores.find_project(path)
        runs = find_runs_on(self._stores, path, project_id, query.runs, query.axis)
        fold = HistogramFold(query.lo, query.hi, query.n_columns)
        with self._stores.metrics.use(project_id) as store:
            for run in runs:
                for key in dict.fromkeys(query.keys):
                    axis = run.axis_of(key, query.axis, query.axis_metric)
                    points = store.objects(
                        run.run,
                        key,
                        axis,
                        lo=query.lo,
                        hi=query.hi,
                        sources=run.sources,
                        bases=run.bases,
                    )
                    fold.add(run.run, key, _while_waited_for(points, waits), axis.metric)
        return fold.series({run.run: run.origin_micros for run in runs})


@dataclass(frozen=True, slots=True)
class _PageRequest:
    """The parsed panels of a page."""

    stores: Stores
    curves: CurveCache
    actor: Actor
    path: ProjectPath
    project_id: int
    panels: Sequence[ParsedPanel]
    waits: Cancellation
    full: bool
    reasons: bool


class PanelAnswers(Iterator[PanelAnswer]):
    """The answers to a page's panels, each computed at its `next`.

    Raises at a `next` or `is_next_slow`:
        Cancelled: `waits` was cancelled.
    """

    def __init__(self, shared: _PageRequest) -> None:
        self._shared = shared
        self._at = 0
        # Most panels of a page show the same runs, so the last list of runs is cached.
        self._runs_name: bytes | None = None
        self._runs: list[PanelRun] = []
        self._expression_secs = REQUEST_EXPRESSION_SECS

    def is_next_slow(self) -> bool:
        """Whether the next panel joins points or computes expressions, instead of reading cells.

        May have to read the panel's runs, because they define which metric is whose x axis.
        """
        if self._at == len(self._shared.panels):
            return False
        panel = self._shared.panels[self._at]
        query = panel.query
        if panel.expressions or query.axis in {"metric", "expression"}:
            return True
        if query.axis != "defined":
            return False
        self._shared.waits.check()
        runs = [run for run in self._runs_of(panel) if run.axes is not None]
        return any(run.defined_axis(key).metric is not None for run in runs for key in query.keys)

    def __next__(self) -> PanelAnswer:
        shared = self._shared
        if self._at == len(shared.panels):
            raise StopIteration
        panel = shared.panels[self._at]
        shared.waits.check()
        runs = self._runs_of(panel)
        baseline = None
        if panel.query.baseline is not None:
            baseline_runs = find_runs(shared.stores, shared.project_id, [panel.query.baseline])
            add_bases(shared.stores, shared.path, baseline_runs, panel.query.axis)
            add_config(shared.stores, shared.project_id, baseline_runs, panel.config_paths)
            baseline = next(iter(baseline_runs), None)
        began_secs = monotonic()
        # Acquired for each panel, so that a slow reader does not keep a deleted project's file.
        with shared.stores.metrics.use(shared.project_id) as store:
            answer = draw_panel(
                store,
                shared.curves,
                shared.path,
                shared.project_id,
                panel,
                runs,
                baseline,
                shared.waits,
                expression_secs=min(PANEL_SECS, self._expression_secs),
                next_keys=self._next_keys(panel, len(runs)),
                full=shared.full,
                reasons=shared.reasons,
            )
        if panel.query.expressions:
            self._expression_secs = max(0.0, self._expression_secs - (monotonic() - began_secs))
        self._at += 1
        return answer

    def _next_keys(self, panel: ParsedPanel, n_runs: int) -> list[str]:
        """Metrics of the next panels that are read with this one, which takes hardly longer."""
        keys = dict.fromkeys(panel.query.keys)
        n_own = len(keys)
        for later in self._shared.panels[self._at + 1 :]:
            more = keys | dict.fromkeys(later.query.keys)
            is_alike = _key_of_points(later) == _key_of_points(panel)
            if not is_alike or n_runs * len(more) > READ_TOGETHER:
                break
            keys = more
        return list(keys)[n_own:]

    def _runs_of(self, panel: ParsedPanel) -> list[PanelRun]:
        name = _key_of_runs(panel)
        if name != self._runs_name:
            shared = self._shared
            self._runs = panel_runs(
                shared.stores, shared.actor, shared.path, shared.project_id, panel
            )
            self._runs_name = name
        return self._runs


def _while_waited_for(points: Iterable[ObjectPoint], waits: Cancellation) -> Iterator[ObjectPoint]:
    for point in points:
        waits.check()
        yield point


def _parsed(n: int, query: PanelQuery) -> ParsedPanel:
    try:
        return parse_panel(query)
    except ConfigError as error:
        error.field = ".".join(filter(None, ("panels", str(n), error.field)))
        raise


def _key_of_runs(panel: ParsedPanel) -> bytes:
    """A cache key of everything that determines a panel's runs and what is read of them."""
    query = panel.query
    columns = None if query.group is None else query.group.by
    return msgspec.json.encode(
        (
            *(query.runs, query.filter, query.order, query.limit),
            *(query.axis == "defined", query.axis if query.axis in TIME_AXES else None),
            *(query.by, columns),
            panel.config_paths,
        )
    )


def _key_of_points(panel: ParsedPanel) -> tuple[object, ...]:
    """Equal for panels whose points can be read together."""
    query = panel.query
    return (
        *(_key_of_runs(panel), query.axis, query.axis_metric, query.axis_expression),
        *(query.lo, query.hi, query.n_buckets),
    )
