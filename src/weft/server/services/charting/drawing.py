"""Draws one panel: reads stored series from the metric store and computes the others.

Receives a parsed panel and its runs from `services.charting`; returns a `PanelAnswer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, product
from typing import Final

from weft.errors import LimitExceeded
from weft.queries.expressions import Expression, Metric, baseline_metrics_of, metrics_of
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.access.paths import ProjectPath
from weft.server.services.charting.answers import Drawn, PanelAnswer, empty_series
from weft.server.services.charting.bounds import find_bounds
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.charting.expressions.evaluate import Curve
from weft.server.services.charting.expressions.expression_curves import (
    ExpressionCurves,
    ExpressionScope,
    NoCurve,
)
from weft.server.services.charting.grouped.grouping import group_series
from weft.server.services.charting.grouped.neighbours import join_buckets, nearest_bucket
from weft.server.services.charting.levels import coarsen_series, common_level, whole_buckets
from weft.server.services.charting.panel_queries import ParsedPanel
from weft.server.services.charting.panel_runs import Group, PanelRun
from weft.server.services.charting.reasons import lacking_series
from weft.server.storage.contract import (
    BY_STEP,
    AxisSpec,
    Lineage,
    MetricStore,
    Series,
    SeriesQuery,
)
from weft.server.storage.grid.buckets import bucket_points
from weft.server.storage.grid.levels import bucket_of, plan_window

MAX_HELD_POINTS: Final = 10_000_000
"""Most points of a panel's expressions that are held in memory, at 16 bytes each, until all curves
and so the panel's level are known. Only a range needs them: for whole runs each curve is reduced
to buckets at once."""


@dataclass(slots=True)
class _PlacedSeries:
    """A series from the store or from an expression."""

    run: PanelRun
    series: Series
    axis_spec: AxisSpec


@dataclass(slots=True)
class _Stored:
    """Metrics of runs that share an x axis and a range."""

    axis_spec: AxisSpec
    runs: Sequence[PanelRun]
    keys: Sequence[str]


@dataclass(slots=True)
class _Computed:
    """An expression over a run or a part of it; `curve` is None if it has no points."""

    axis_spec: AxisSpec
    run: PanelRun
    name: str
    part: str | None
    curve: Curve | None
    reason: str = "no points in the range"


_Source = _Stored | _Computed


class Panel:
    """One panel over one metric store."""

    def __init__(
        self,
        store: MetricStore,
        parsed: ParsedPanel,
        runs: Sequence[PanelRun],
        expressions: ExpressionCurves,
        waits: Cancellation,
        next_keys: Sequence[str] = (),
    ) -> None:
        self._store = store
        self._next_keys = next_keys
        self._parsed = parsed
        self._query = parsed.query
        self._runs = runs
        self._by_id = {run.run: run for run in runs}
        self._lineage: Lineage = {run.run: run.sources for run in runs if run.sources}
        self._bases = {run.run: run.bases for run in runs if run.bases}
        self._expressions = expressions
        self._waits = waits
        self._is_wall = parsed.query.axis == "wall"
        self._is_whole = parsed.query.lo is None and parsed.query.hi is None
        self._n_held = 0
        self._level: int | None = None
        self._stored_keys = list(dict.fromkeys(parsed.query.keys))
        self._computed_trees = list(parsed.expressions)
        if parsed.x is not None:
            # Over a computed x axis, metrics are computed as expressions, too.
            metrics: list[tuple[str, Expression]] = [
                (key, Metric(key)) for key in self._stored_keys
            ]
            self._computed_trees = [*metrics, *self._computed_trees]
            self._stored_keys = []

    def answer(self, *, full: bool, reasons: bool) -> PanelAnswer:
        """Compute the panel; see `SeriesService.panels`."""
        query = self._query
        sources, by_source = self._aligned(chain(self._stored(), self._computed()))
        placed_series = [entry for source_series in by_source for entry in source_series]
        if query.group is not None:
            drawn = self._grouped(sources, by_source)
        else:
            drawn = [
                Drawn(entry.series, entry.run.origin_micros, entry.axis_spec.metric)
                for entry in placed_series
            ]
            if full:
                self._add_first_nonfinite(placed_series, drawn)
        bounds = None if query.bounds is None else find_bounds(drawn, query.bounds)
        if reasons:
            for source, source_series in zip(sources, by_source, strict=True):
                if isinstance(source, _Computed) and not source_series:
                    drawn.append(_lacking(source))
            present = {(entry.series.run, entry.series.key) for entry in placed_series}
            drawn += lacking_series(
                self._store,
                self._parsed,
                self._runs,
                self._stored_keys,
                present,
                self._axis,
                self._waits,
            )
        return PanelAnswer(drawn, bounds)

    # -- where series come from ---

    def _stored(self) -> Iterable[_Stored]:
        keys = self._stored_keys
        if not keys or not self._runs:
            return
        if self._query.axis == "defined":
            yield from self._by_defined_axis(keys)
        elif self._is_wall:
            # In wall time, a range maps to a different range of each run's own time axis.
            yield from (_Stored(AxisSpec("time"), [run], keys) for run in self._runs)
        else:
            yield _Stored(self._axis(self._runs[0], keys[0]), self._runs, keys)

    def _by_defined_axis(self, keys: Sequence[str]) -> Iterable[_Stored]:
        together: dict[tuple[AxisSpec, str], list[PanelRun]] = {}
        for key in keys:
            for run in self._runs:
                together.setdefault((run.defined_axis(key), key), []).append(run)
        merged: dict[tuple[AxisSpec, tuple[str, ...]], tuple[list[PanelRun], list[str]]] = {}
        for (axis, key), runs in together.items():
            names = tuple(run.run for run in runs)
            merged.setdefault((axis, names), (runs, []))[1].append(key)
        for (axis, _), (runs, keys_of_axis) in merged.items():
            yield _Stored(axis, runs, keys_of_axis)

    def _computed(self) -> Iterable[_Computed]:
        for name, tree in self._computed_trees:
            first = (metrics_of(tree) or baseline_metrics_of(tree))[0]
            for run in self._runs:
                axis = self._axis(run, first)
                parts: list[str | None] = [None]
                if run.parts is not None:
                    parts = list(dict.fromkeys(run.parts.values()))
                for part in parts:
                    self._waits.check()
                    source = _Computed(axis, run, name, part, None)
                    try:
                        source.curve = self._bounded(
                            self._expressions.curve(run, tree, axis, part)
                        )
                    except (NoCurve, LimitExceeded) as reason:
                        source.reason = str(reason)
                    yield source

    def _bounded(self, curve: Curve) -> Curve:
        if not self._is_whole:
            self._n_held += len(curve)
            if self._n_held > MAX_HELD_POINTS:
                raise NoCurve(
                    f"what the panel computes has more than {MAX_HELD_POINTS:,} points; show fewer"
                    " runs, or the whole x axis"
                )
        return curve

    def _axis(self, run: PanelRun, key: str) -> AxisSpec:
        match self._query.axis:
            case "defined":
                return run.defined_axis(key)
            case "metric":
                return AxisSpec("metric", self._query.axis_metric)
            case "expression":
                return AxisSpec("metric", self._query.axis_expression)
            case "time" | "time_wall" | "wall":
                return AxisSpec("time")
            case "step":
                return BY_STEP

    # -- series, all on one level ---

    def _aligned(
        self, all_sources: Iterable[_Source]
    ) -> tuple[list[_Source], list[list[_PlacedSeries]]]:
        query = self._query
        sources: list[_Source] = []
        by_source: list[list[_PlacedSeries]] = []
        for source in all_sources:
            by_source.append(self._read(source, *self._range(source)))
            if self._is_whole and isinstance(source, _Computed):
                source.curve = None  # only a range is asked for again
            sources.append(source)
        placed_series = [entry for source_series in by_source for entry in source_series]
        if len(sources) < 2 or not placed_series:
            self._level = placed_series[0].series.level if placed_series else self._level
            return sources, by_source
        level = common_level(
            [entry.series for entry in placed_series],
            query.n_buckets,
            query.lo,
            query.hi,
            [entry.run.origin_micros for entry in placed_series] if self._is_wall else (),
        )
        if not self._is_whole:
            # Series on lower levels are read again, so that buckets across the range's edges are
            # whole in all series.
            for n, (source, source_series) in enumerate(zip(sources, by_source, strict=True)):
                if not source_series or source_series[0].series.level < level:
                    ends = whole_buckets(*self._range(source), level)
                    by_source[n] = self._read(source, *ends)
        for source_series in by_source:
            for entry in source_series:
                entry.series = coarsen_series(entry.series, level)
        self._level = level
        return sources, by_source

    def _read(
        self, source: _Source, lo: float | None, hi: float | None, n_buckets: int | None = None
    ) -> list[_PlacedSeries]:
        self._waits.check()
        n_buckets = n_buckets or self._query.n_buckets
        if isinstance(source, _Stored):
            query = self._series_query(source, lo, hi, n_buckets)
            return [
                _PlacedSeries(self._by_id[series.run], series, source.axis_spec)
                for series in self._store.series(query)
            ]
        if source.curve is None:
            return []
        series = bucket_points(
            source.curve.x,
            source.curve.values,
            lo,
            hi,
            n_buckets,
            run=source.run.run,
            key=source.name,
            part=source.part,
        )
        return [] if series is None else [_PlacedSeries(source.run, series, source.axis_spec)]

    def _range(self, source: _Source) -> tuple[float | None, float | None]:
        lo, hi = self._query.lo, self._query.hi
        if not self._is_wall:
            return lo, hi
        run = source.runs[0] if isinstance(source, _Stored) else source.run
        origin = run.origin_micros
        return None if lo is None else lo - origin, None if hi is None else hi - origin

    def _series_query(
        self, source: _Stored, lo: float | None, hi: float | None, n_buckets: int
    ) -> SeriesQuery:
        parts = None
        if self._query.by is not None:
            parts = {run.run: run.parts or {} for run in source.runs}
        return SeriesQuery(
            [run.run for run in source.runs],
            source.keys,
            source.axis_spec.axis,
            lo,
            hi,
            n_buckets,
            self._lineage,
            source.axis_spec.metric,
            source.axis_spec.step_sync,
            parts,
            self._bases,
            self._next_on(source),
        )

    def _next_on(self, source: _Stored) -> Sequence[str]:
        """The metrics of later panels that have the same x axis."""
        if self._query.axis != "defined":
            return self._next_keys
        return [
            key
            for key in self._next_keys
            if all(run.defined_axis(key) == source.axis_spec for run in source.runs)
        ]

    # -- groups and nonfinite values ---

    def _grouped(
        self, sources: Sequence[_Source], by_source: Sequence[Sequence[_PlacedSeries]]
    ) -> list[Drawn]:
        group = self._query.group
        assert group is not None
        placed_series = [entry for source_series in by_source for entry in source_series]
        inside = self._inside(sources)
        if inside != (None, None):
            placed_series = [
                entry
                for source, source_series in zip(sources, by_source, strict=True)
                for entry in self._with_neighbours(source, source_series, inside)
            ]
        members: dict[tuple[Group, str, str | None], list[Series]] = {}
        for entry in placed_series:
            for values in entry.run.groups:
                # Curves over different x axes can't be averaged.
                name = (values, entry.series.key, entry.axis_spec.metric)
                members.setdefault(name, []).append(entry.series)
        drawn: list[Drawn] = []
        for (values, _, axis_metric), group_members in members.items():
            self._waits.check()
            curve = group_series(group_members, group.center, group.band, self._waits, inside)
            if curve is not None:
                series, band = curve
                drawn.append(
                    Drawn(
                        series, 0, axis_metric, group=values, n_runs=len(group_members), band=band
                    )
                )
        return drawn

    def _inside(self, sources: Sequence[_Source]) -> tuple[int | None, int | None]:
        """First and last bucket of the range; None if that side is open or nothing is shown."""
        lo, hi = self._query.lo, self._query.hi
        if self._level is None and lo is not None and hi is not None and sources:
            # No run has a point in the range, but some may have one before it and one after it.
            is_whole = all(source.axis_spec.metric is None for source in sources)
            ends = [0, 0] if is_whole else [0.0, 0.0]
            window = plan_window(ends, lo, hi, self._query.n_buckets)
            self._level = None if window is None else window[0]
        if self._level is None:
            return None, None
        start, stop = whole_buckets(lo, hi, self._level)
        return (
            None if start is None else bucket_of(start, self._level),
            None if stop is None else bucket_of(stop, self._level) - 1,
        )

    def _with_neighbours(
        self,
        source: _Source,
        source_series: Sequence[_PlacedSeries],
        inside: tuple[int | None, int | None],
    ) -> Iterable[_PlacedSeries]:
        by_run_and_key = {
            (entry.series.run, entry.series.key): entry.series for entry in source_series
        }
        runs, keys = (
            (source.runs, source.keys)
            if isinstance(source, _Stored)
            else ([source.run], [source.name])
        )
        level, (first, last) = self._level or 0, inside
        for run, key in product(runs, keys):
            self._waits.check()
            series = by_run_and_key.get((run.run, key))
            ask = partial(self._read_one, source, run, key)
            before = after = None
            if first is not None and (series is None or series.buckets[0] != first):
                before = nearest_bucket(ask, level, first, before=True)
            if series is None and before is None:
                continue
            if last is not None and (series is None or series.buckets[-1] != last):
                after = nearest_bucket(ask, level, last + 1, before=False)
            if series is None and after is None:
                continue
            joined = join_buckets([before, series, after])
            if joined is not None:
                yield _PlacedSeries(run, joined, source.axis_spec)

    def _read_one(
        self,
        source: _Source,
        run: PanelRun,
        key: str,
        lo: float | None,
        hi: float | None,
        n_buckets: int,
    ) -> Series | None:
        if isinstance(source, _Computed):
            placed_series = self._read(source, lo, hi, n_buckets)
        else:
            placed_series = self._read(_Stored(source.axis_spec, [run], [key]), lo, hi, n_buckets)
        return placed_series[0].series if placed_series else None

    def _add_first_nonfinite(
        self, placed_series: Sequence[_PlacedSeries], drawn: Sequence[Drawn]
    ) -> None:
        computed = {name for name, _ in self._parsed.expressions}
        for entry, shown in zip(placed_series, drawn, strict=True):
            series = entry.series
            if len(series.nonfinite) and series.part is None and series.key not in computed:
                self._waits.check()
                shown.first_nonfinite = self._store.first_nonfinite(
                    series.run, series.key, sources=entry.run.sources
                )


def _lacking(source: _Computed) -> Drawn:
    empty = empty_series(source.run.run, source.name, source.part)
    origin = source.run.origin_micros
    return Drawn(empty, origin, source.axis_spec.metric, reason=source.reason)


def draw_panel(
    store: MetricStore,
    curves: CurveCache,
    path: ProjectPath,
    project_id: int,
    parsed: ParsedPanel,
    runs: Sequence[PanelRun],
    baseline: PanelRun | None,
    waits: Cancellation,
    *,
    expression_secs: float,
    next_keys: Sequence[str],
    full: bool,
    reasons: bool,
) -> PanelAnswer:
    """Answer one panel.

    A curve whose expressions take longer than `expression_secs` gets that as its reason.
    `baseline` is None if the run that `baseline(...)` refers to does not exist. `next_keys` are
    metrics that later panels show of the same runs.
    """
    query = parsed.query
    shared = ExpressionScope(
        path,
        project_id,
        baseline,
        query.lo,
        query.hi,
        parsed.x,
        is_wall=query.axis == "wall",
        needs_all=query.group is not None,
    )
    expressions = ExpressionCurves(store, curves, shared, waits.within(expression_secs))
    panel = Panel(store, parsed, runs, expressions, waits, next_keys)
    return panel.answer(full=full, reasons=reasons)
