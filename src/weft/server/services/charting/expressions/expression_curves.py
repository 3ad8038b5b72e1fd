"""Curves of expressions over one run: reads the metrics' points, computes and caches the curve.

Receives a run of a panel from `charting.drawing`; reads points from the metric store.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from weft.queries.expressions import (
    Expression,
    baseline_config_of,
    baseline_metrics_of,
    config_of,
    has_baseline,
    has_step,
    is_pointwise,
    metrics_of,
)
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.access.paths import ProjectPath
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.charting.expressions.evaluate import Curve, RunValues, evaluate
from weft.server.services.charting.panel_runs import PanelRun
from weft.server.storage.contract import BY_STEP, MIN_BUCKETS, AxisSpec, MetricStore, SeriesQuery

MAX_POINTS: Final = 3_000_000
"""Most points of all metrics of one expression together. Each takes 48 bytes while it is read and
another 40 in a rolling quantile over all points, and two expressions are computed at once."""


@dataclass(frozen=True, slots=True)
class ExpressionScope:
    """The values that all runs and expressions of a panel share.

    Attributes:
        lo, hi: the panel's range; values outside are not needed.
        x: the expression of the x axis. None for any other axis.
        needs_all: whether points outside the range matter, as neighbours of those inside.
        is_wall: whether x is wall time; the baseline's times then count from its own origin.
    """

    path: ProjectPath
    project_id: int
    baseline: PanelRun | None
    lo: float | None
    hi: float | None
    x: Expression | None = None
    is_wall: bool = False
    needs_all: bool = False


class NoCurve(Exception):
    """There is nothing to draw; the message says why."""


class ExpressionCurves:
    """Computes expressions over one metric store."""

    def __init__(
        self, store: MetricStore, cache: CurveCache, scope: ExpressionScope, waits: Cancellation
    ) -> None:
        self._store = store
        self._cache = cache
        self._scope = scope
        self._waits = waits

    def curve(
        self, run: PanelRun, tree: Expression, axis: AxisSpec, part: str | None = None
    ) -> Curve:
        """An expression's points over at least the panel's range.

        If `axis` is an expression, points are read by step. NoCurve if the run or the baseline
        lacks a metric or a number of its config, or has too many points.
        """
        scope = self._scope
        if scope.x is not None:
            axis = BY_STEP
        lo, hi = (None, None)
        is_ranged = self._is_ranged(tree, axis) and not scope.needs_all
        if is_ranged and scope.lo is not None and scope.hi is not None:
            # The margin completes buckets across the edges: none is wider than the range, or 1.
            margin = max(scope.hi - scope.lo, 1.0)
            origin = run.origin_micros if scope.is_wall else 0
            lo, hi = scope.lo - origin - margin, scope.hi - origin + margin
        baseline = scope.baseline if has_baseline(tree) else None
        runs = [run] if baseline is None else [run, baseline]
        name = (
            *(scope.project_id, run.run, tree, scope.x, axis, part, lo, hi),
            tuple(sorted(run.parts.items())) if part is not None and run.parts else None,
            None if baseline is None else baseline.run,
            scope.is_wall,
            *(tuple(sorted(shown.bases.items())) for shown in runs),
            *(tuple(sorted(shown.config.items())) for shown in runs),
        )
        made_of = {
            scope.path.run(name_of_run)
            for shown in runs
            for name_of_run in (shown.run, *(source.run for source in shown.sources))
        }
        cached = self._cache.get(name, made_of)
        if cached is not None:
            return cached
        moment = self._cache.moment()
        curve = self._computed(run, baseline, tree, axis, part, lo, hi)
        self._cache.put(name, curve, moment)
        return curve

    def _computed(
        self,
        run: PanelRun,
        baseline: PanelRun | None,
        tree: Expression,
        axis: AxisSpec,
        part: str | None,
        lo: float | None,
        hi: float | None,
    ) -> Curve:
        x = self._scope.x
        trees = [tree] if x is None else [tree, x]
        if axis != BY_STEP and any(map(has_step, trees)):
            raise NoCurve("_step is known where the x axis is the step, or an expression")
        own_keys = list(
            dict.fromkeys(key for expression in trees for key in metrics_of(expression))
        )
        baseline_keys = baseline_metrics_of(tree)
        # a run without the metric itself is not left out for its x
        n_points = self._count(run, own_keys, axis, lo, hi, "the run")
        config = _config(
            run, [path for expression in trees for path in config_of(expression)], "the run"
        )
        baseline_config: Mapping[str, float] = {}
        if baseline is not None:
            owner = f"the baseline run {baseline.run}"
            baseline_config = _config(baseline, baseline_config_of(tree), owner)
            n_points += self._count(baseline, baseline_keys, axis, lo, hi, owner)
        elif has_baseline(tree):
            raise NoCurve("there is no such baseline run")
        if n_points > MAX_POINTS:
            raise NoCurve(
                f"the expression is over {n_points:,} points, and at most {MAX_POINTS:,} are"
                " computed; " + self._remedy(tree, axis)
            )
        writers = None
        if part is not None and run.parts is not None:
            writers = {writer for writer, name in run.parts.items() if name == part}
        own = RunValues(self._points(run, own_keys, axis, lo, hi, writers), config)
        other = RunValues()
        if baseline is not None:
            points = self._points(baseline, baseline_keys, axis, lo, hi, None)
            if self._scope.is_wall:
                move = baseline.origin_micros - run.origin_micros
                points = {
                    key: Curve(curve.x + move, curve.values, curve.steps)
                    for key, curve in points.items()
                }
            other = RunValues(points, baseline_config)
        curve = evaluate(tree, own, other, self._waits, x)
        curves = [*own.points.values(), *other.points.values()]
        if not len(curve) and own.points and all(map(len, curves)):
            if x is not None:
                raise NoCurve(
                    "its metrics have no step in common, or no x there is a finite number"
                )
            common = "step" if axis.axis in {"step", "time"} else "x"
            raise NoCurve(f"its metrics have no {common} in common")
        return curve

    def _remedy(self, tree: Expression, axis: AxisSpec) -> str:
        if self._scope.x is not None:
            return "an x that is computed needs all of them, so that a shorter range does not help"
        if not is_pointwise(tree):
            return "it looks at neighbouring points, so that a shorter range does not help"
        if _is_joined_by_step(tree, axis):
            return "over time its metrics are joined by step; draw it by step, in a shorter range"
        return "ask for a shorter range"

    def _is_ranged(self, tree: Expression, axis: AxisSpec) -> bool:
        """Whether points in the panel's range depend only on points near it."""
        return is_pointwise(tree) and self._scope.x is None and not _is_joined_by_step(tree, axis)

    def _count(
        self,
        run: PanelRun,
        keys: Sequence[str],
        spec: AxisSpec,
        lo: float | None,
        hi: float | None,
        owner: str,
    ) -> int:
        """Count the points. Raises NoCurve if a metric has none."""
        # Counting a range over another metric costs as much as reading it, so all points count.
        axis = spec.axis if spec.axis != "metric" else "step"
        ranged = (lo, hi) if spec.axis == axis else (None, None)
        lineage, bases = {run.run: run.sources}, {run.run: run.bases}
        query = SeriesQuery(
            [run.run], keys, axis, *ranged, n_buckets=MIN_BUCKETS, lineage=lineage, bases=bases
        )
        by_key = {series.key: series for series in self._store.series(query)}
        missing = [key for key in keys if key not in by_key]
        if missing and ranged != (None, None):
            query = SeriesQuery([run.run], missing, axis, n_buckets=MIN_BUCKETS, lineage=lineage)
            if len(self._store.series(query)) == len(missing):
                raise NoCurve("no points in the range")
        for key in missing:
            raise NoCurve(f"{owner} has no metric {key!r} with numbers")
        return sum(
            int(counts.sum())
            for series in by_key.values()
            for counts in (
                series.count,
                series.nan,
                series.positive_infinity,
                series.negative_infinity,
            )
        )

    def _points(
        self,
        run: PanelRun,
        keys: Sequence[str],
        axis: AxisSpec,
        lo: float | None,
        hi: float | None,
        writers: Collection[str] | None,
    ) -> Mapping[str, Curve]:
        curves: dict[str, Curve] = {}
        for key in keys:
            xs: list[Any] = []
            values: list[Any] = []
            steps: list[Any] = []
            for points in self._store.points(
                run.run, key, axis,
                lo=lo, hi=hi, writers=writers, sources=run.sources, bases=run.bases,
            ):  # fmt: skip
                self._waits.check()
                xs.append(points.x)
                values.append(points.values)
                steps.append(points.steps)
            none = np.zeros(0, dtype=np.int64)
            curves[key] = Curve(
                np.concatenate(xs) if xs else none,
                np.concatenate(values) if xs else np.zeros(0),
                (np.concatenate(steps) if xs else none) if axis.axis == "time" else None,
            )
        return curves


def _is_joined_by_step(tree: Expression, axis: AxisSpec) -> bool:
    """Whether metrics at any distance in time may meet in a point."""
    return axis.axis == "time" and len(metrics_of(tree)) + len(baseline_metrics_of(tree)) > 1


def _config(run: PanelRun, paths: Sequence[str], owner: str) -> Mapping[str, float]:
    for path in paths:
        if path not in run.config:
            raise NoCurve(f"{owner} has no number config.{path}")
    return {path: run.config[path] for path in paths}
