"""Every kind of chart question equals brute force in plain Python, on the rows logged."""

from __future__ import annotations

import itertools
import json
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chart_brute_force import (
    BruteBucket,
    BruteExpression,
    LoggedRow,
    bucket_index,
    buckets_of,
    grouped,
    joined_points_of,
    points_of,
    quantile,
)
from service_uploads import SECOND, START, Clock, WriterLog
from weft.queries.expression_text import parse_axis_expression, parse_expression
from weft.queries.expressions import (
    Expression,
    baseline_config_of,
    baseline_metrics_of,
    config_of,
    metrics_of,
)
from weft.records.record import Config, MetricDefinition, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.charting import drawing
from weft.server.services.charting.answers import Drawn, PanelAnswer
from weft.server.services.charting.grouped.student import t_quantile
from weft.server.services.opening.services import Services, open_services
from weft.server.services.selecting.select import MISSING
from weft.wire.metrics.charts import Bounds, Grouping, NamedExpression, PanelQuery

RUNS = ["run1", "run2", "run3"]
KEYS = ["loss", "acc", "epoch"]
BASELINE = "run2"
CONFIG: dict[str, dict[str, float]] = {
    "run1": {"n": 0.0, "pair": 1.0},
    "run2": {"n": 1.0, "pair": 1.0},
    "run3": {},
}
"""Numbers of each run's config; a bool is 0 or 1."""

_values = st.one_of(
    st.integers(-50, 50).map(float),
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0]),
)
_steps = st.one_of(
    st.integers(-20, 200),
    st.integers(0, 40).map(lambda n: n / 4),
    st.integers(0, 3),  # rows of one step, which metrics are joined by over time
)


@dataclass
class World:
    """Logged data, and the server that has it."""

    rows: list[LoggedRow]
    origins: dict[str, int]
    services: Services
    project: str

    def ask(self, **query: Any) -> PanelAnswer:
        question = PanelQuery(**{"runs": RUNS, "keys": [], **query})
        (answer,) = self.services.series.panels(
            LOCAL, ProjectPath("local", self.project), [question]
        )
        return answer

    def brute(
        self, run: str, trees: Sequence[Expression], axis: tuple[str, str | None]
    ) -> BruteExpression | None:
        """Evaluates expressions over a run and the baseline; None = their config lacks some."""
        own_keys = dict.fromkeys(key for tree in trees for key in metrics_of(tree))
        keys = dict.fromkeys(key for tree in trees for key in baseline_metrics_of(tree))
        for owner, config_paths in ((run, config_of), (BASELINE, baseline_config_of)):
            if any(path not in CONFIG[owner] for tree in trees for path in config_paths(tree)):
                return None
        return BruteExpression(
            {key: self._joined_points(run, key, axis) for key in own_keys},
            {key: self._joined_points(BASELINE, key, axis) for key in keys},
            CONFIG[run],
            CONFIG[BASELINE],
        )

    def _joined_points(self, run: str, key: str, axis: tuple[str, str | None]) -> Any:
        return joined_points_of(self.rows, run, key, *axis, self.origins[run])

    def points(self, run: str, key: str, axis: str, metric: str | None, **more: Any) -> Any:
        return points_of(
            self.rows,
            run,
            key,
            axis=axis,
            axis_metric=metric,
            origin=self.origins[run],
            **more,
        )


@st.composite
def logged(draw: st.DrawFn) -> list[LoggedRow]:
    rows: list[LoggedRow] = []
    for number, run in enumerate(RUNS):
        origin = START + number * 17 * SECOND
        # Of a resumed run w2 is the second life.
        pause, ran = draw(st.sampled_from([(0, 0), (0, 0), (50, 7), (3, 200), (1000, 1)]))
        for writer in draw(st.sampled_from([["w1"], ["w1", "w2"]])):
            own = draw(st.lists(st.tuples(_steps, st.dictionaries(
                st.sampled_from(KEYS), _values, min_size=1)), max_size=12))  # fmt: skip
            for row, (step, values) in enumerate(own):
                micros, base = origin + row * SECOND, origin
                if writer == "w2" and ran:
                    micros += (pause + ran) * SECOND
                    base += pause * SECOND
                rows.append(LoggedRow(run, f"{run}{writer}", row, step, micros, values, base))
    return rows


_projects = itertools.count()


@pytest.fixture(scope="module")
def chart_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """One server for all examples, each in a project of its own."""
    services = open_services(tmp_path_factory.mktemp("charts"), now=Clock())
    yield services
    services.close()


def world(
    services: Services, rows: Sequence[LoggedRow], definitions: Sequence[MetricDefinition] = ()
) -> World:
    """A project with these rows; each run's config has `n` (its number) and `pair`."""
    project = f"p{next(_projects)}"
    origins: dict[str, int] = {}
    for number, run in enumerate(RUNS):
        origins[run] = START + number * 17 * SECOND
        names = {f"{run}w1", *(row.writer for row in rows if row.run == run)}
        for writer in sorted(names):
            first = next((row for row in rows if row.writer == writer and row.row == 0), None)
            start = first.micros if first else origins[run]
            log = WriterLog(writer, anchor=start)
            log.header = msgspec.structs.replace(log.header, labels={"rank": writer[-1]})
            record = Run(run, project)
            if first and start != origins[run]:
                record = Run(run, project, resume="allow", runtime_micros=start - first.base)
            records: list[Any] = [record, *definitions]
            if writer.endswith("w1") and number != 2:
                records.append(
                    Config(
                        START, [(["n"], number), (["pair"], number // 2 == 0), (["none"], None)]
                    )
                )
            own_rows = [row for row in rows if row.run == run and row.writer == writer]
            own_rows.sort(key=lambda row: row.row)
            upload = log.upload(*records, rows=[dict(row.values) for row in own_rows], live=False)
            for segment in upload.segments:
                steps = [row.step for row in own_rows]
                whole = all(isinstance(step, int) for step in steps)
                segment.rows.steps = np.array(steps, np.int64 if whole else np.float64)
            services.ingest.apply_upload(LOCAL, RunPath("local", project, run), upload)
    return World(list(rows), origins, services, project)


def assert_series(drawn: Drawn, expected: Mapping[int, BruteBucket], *, exact: bool) -> None:
    series = drawn.series
    assert series.buckets.tolist() == list(expected)
    nonfinite = {
        series.buckets[position]: n for n, position in enumerate(series.nonfinite.tolist())
    }
    for n, (index, bucket) in enumerate(expected.items()):
        assert series.count[n] == len(bucket.values)
        counts = (bucket.nan, bucket.positive_infinity, bucket.negative_infinity)
        assert (index in nonfinite) == (counts != (0, 0, 0))
        if index in nonfinite:
            at = nonfinite[index]
            assert counts == (
                series.nan[at], series.positive_infinity[at], series.negative_infinity[at]
            )  # fmt: skip
        if len(bucket.xs) == 1:
            assert series.x[n] == bucket.xs.pop()
        else:
            assert math.isnan(series.x[n])
        if not bucket.values:
            assert math.isnan(series.mean[n])
            continue
        least, greatest = min(bucket.values), max(bucket.values)
        size = max(abs(least), abs(greatest), 1e-9)
        slack = {"rel": 0, "abs": 0} if exact else {"rel": 1e-9, "abs": size * 1e-9}
        assert series.minimum[n] == pytest.approx(least, **slack)
        assert series.maximum[n] == pytest.approx(greatest, **slack)
        assert series.first[n] == pytest.approx(bucket.values[0], **slack)
        assert series.last[n] == pytest.approx(bucket.values[-1], **slack)
        assert series.mean[n] == pytest.approx(bucket.mean, rel=1e-9, abs=size * 1e-9)


def assert_level(levels: set[int], xs: Sequence[Any], query: Mapping[str, Any]) -> int:
    """One level for all, and the lowest that will do."""
    assert len(levels) == 1
    (level,) = levels
    lo, hi = query.get("lo"), query.get("hi")
    first = min(xs) if lo is None else lo
    last = max(xs) if hi is None else hi

    def n_buckets(at: int) -> int:
        n = bucket_index(last, at) - bucket_index(first, at) + 1
        edge = hi is not None and n > 1 and bucket_index(last, at) * 2.0**at == last
        return n - edge

    n = query.get("n_buckets", 64)
    assert n_buckets(level) <= n
    whole = all(isinstance(x, int) for x in xs)
    if not ((whole and level == 0) or (hi is None and first == last)):
        assert n_buckets(level - 1) > n
    return level


_ranges = st.sampled_from(
    [{}, {"lo": 3.0, "hi": 40.0}, {"lo": -5.5}, {"hi": 7.25}, {"lo": 1e300}, {"hi": -1e300}]
)


@given(
    logged(),
    st.sampled_from([("step", None), ("time", None), ("time_wall", None), ("metric", "epoch")]),
    _ranges,
    st.sampled_from([None, "writer", "rank"]),
)
@settings(max_examples=settings().max_examples // 3)
def test_series_on_every_axis_whole_and_by_part(
    chart_services: Services,
    rows: list[LoggedRow],
    axis: tuple[str, str | None],
    range_: dict[str, float],
    by: str | None,
) -> None:
    query = {"axis": axis[0], "axis_metric": axis[1], "n_buckets": 64, "by": by, **range_}
    if axis[0].startswith("time"):
        query |= {name: value * SECOND for name, value in range_.items() if abs(value) < 1e9}
    here = world(chart_services, rows)
    answer = here.ask(keys=["loss", "acc"], **query)
    expected: dict[tuple[str, str, str], list[Any]] = {}
    for run, key in itertools.product(RUNS, ["loss", "acc"]):
        writers = {row.writer for row in rows if row.run == run}
        parts: dict[str, set[str]] = {"": writers}
        if by is not None:
            parts = {}
            for writer in writers:
                name = writer if by == "writer" else writer.removeprefix(run)[1:]
                parts.setdefault(name, set()).add(writer)
        for part, points_of_part in parts.items():
            points = here.points(run, key, *axis, writers=points_of_part, by_time=False)
            if points:
                expected[run, key, part] = points
    drawn = {(d.series.run, d.series.key, d.series.part or ""): d for d in answer.drawn}
    assert len(drawn) == len(answer.drawn)
    if not drawn:
        level = 0
    else:
        xs = [x for points in expected.values() for x, _ in points]
        level = assert_level({d.series.level for d in answer.drawn}, xs, query)
    shown = {
        name: buckets
        for name, points in expected.items()
        if (buckets := buckets_of(points, level, query.get("lo"), query.get("hi")))
    }
    assert drawn.keys() >= {
        name for name, points_of_part in expected.items() if is_any_in(points_of_part, query)
    }
    if drawn:
        assert drawn.keys() == shown.keys()
    for name, curve in drawn.items():
        assert_series(curve, shown[name], exact=True)


def is_any_in(points: Sequence[tuple[Any, float]], range_: Mapping[str, Any]) -> bool:
    """Whether a curve of these points has to be drawn: some lies in the range."""
    lo, hi = range_.get("lo", -math.inf), range_.get("hi", math.inf)
    return any(lo <= x < hi for x, _ in points)


EXPRESSIONS = [
    "loss",
    "-loss * 2 + 1",
    "loss - acc",
    "loss - ema(loss, 0.9)",
    "ema(loss, 0.5) / acc",
    "loss / baseline(loss)",
    "baseline(ema(loss, 0)) ** 2 % 7",
    "log(loss) + log10(abs(loss)) + sqrt(loss)",
    "exp(loss / 1e5)",
    "min(loss, acc, 3)",
    "max(loss, 0) - clip(acc, -1, loss)",
    "rolling_mean(loss, 3)",
    "rolling_median(loss + 0, 4) - acc",
    "rolling_quantile(loss, 5, 0.3)",
    "rolling_median(loss, 2147483647)",
    "diff(loss)",
    "diff(loss) / loss",
    "diff(diff(loss)) + acc - loss",
    "cumsum(loss - acc)",
    "shift(loss, 1) + loss",
    "shift(acc, -2) - shift(loss, 2) + diff(acc)",
    "loss % acc",
    "loss ** acc",
    "acc / (loss - loss)",
    "diff(loss) * acc + shift(loss, 1)",
    "loss * (config.n - 3)",
    "loss / config.n + baseline(loss * config.pair)",
]
X_EXPRESSIONS = [
    "_step",
    "-_step / 3",
    "_step * (config.n + 2)",
    "epoch * 10 + _step",
    "epoch",
    "log(epoch)",
    "cumsum(abs(epoch))",
    "shift(loss, 1)",
    "diff(acc) + config.pair",
]


@given(
    logged(),
    st.sampled_from(EXPRESSIONS),
    st.sampled_from([("step", None), ("time", None), ("time_wall", None), ("metric", "epoch")]),
    _ranges,
)
@settings(max_examples=settings().max_examples // 2)
def test_expressions_on_every_axis(
    chart_services: Services,
    rows: list[LoggedRow],
    text: str,
    axis: tuple[str, str | None],
    range_: dict[str, float],
) -> None:
    tree = parse_expression(text)
    query = {"axis": axis[0], "axis_metric": axis[1], "n_buckets": 64, **range_}
    if axis[0].startswith("time"):
        query |= {name: value * SECOND for name, value in range_.items() if abs(value) < 1e9}
    here = world(chart_services, rows)
    answer = here.ask(expressions=[NamedExpression("made", text)], baseline=BASELINE, **query)
    again = here.ask(expressions=[NamedExpression("made", text)], baseline=BASELINE, **query)
    assert repr(again) == repr(answer)  # from what was kept
    brute: dict[str, list[Any]] = {}
    for run in RUNS:
        evaluation = here.brute(run, [tree], axis)
        brute[run] = evaluation.points(tree) if evaluation else []
    assert_drawn(answer, "made", brute, range_ and query)


@given(
    logged(),
    st.sampled_from(["loss", *EXPRESSIONS, "loss * _step", "acc + _step * 0"]),
    st.sampled_from(X_EXPRESSIONS),
    _ranges,
)
@settings(max_examples=settings().max_examples // 2)
def test_an_expression_as_the_x_axis(
    chart_services: Services,
    rows: list[LoggedRow],
    text: str,
    x_text: str,
    range_: dict[str, float],
) -> None:
    tree, x_tree = parse_expression(text), parse_axis_expression(x_text)
    query = {"axis": "expression", "axis_expression": x_text, "n_buckets": 64, **range_}
    here = world(chart_services, rows)
    drawn = {"keys": [text]} if text in KEYS else {"expressions": [NamedExpression(text, text)]}
    answer = here.ask(**drawn, baseline=BASELINE, **query)
    assert {curve.axis_metric for curve in answer.drawn} <= {x_text}
    brute: dict[str, list[Any]] = {}
    for run in RUNS:
        evaluation = here.brute(run, [tree, x_tree], ("step", None))
        brute[run] = evaluation.points_over(tree, x_tree) if evaluation else []
    assert_drawn(answer, text, brute, range_)


def test_points_that_a_range_keeps_are_bounded(
    chart_services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MAX_HELD_POINTS", 15)
    rows = [
        LoggedRow(run, f"{run}w1", n, n, START + n * SECOND, {"loss": 1.0}, START)
        for run in RUNS
        for n in range(10)
    ]
    here = world(chart_services, rows)
    query: dict[str, Any] = {"expressions": [NamedExpression("e", "loss * 2")], "n_buckets": 64}
    whole = here.ask(**query)
    assert [curve.series.run for curve in whole.drawn] == RUNS
    question = PanelQuery(runs=RUNS, lo=0.0, hi=50.0, **query)
    (ranged,) = chart_services.series.panels(
        LOCAL, ProjectPath("local", here.project), [question], reasons=True
    )
    reasons = {curve.series.run: curve.reason for curve in ranged.drawn}
    assert reasons.pop("run1") == ""
    assert all("more than 15 points; show fewer runs" in reason for reason in reasons.values())
    assert len(reasons) == 2


def assert_drawn(
    answer: PanelAnswer,
    name: str,
    brute: Mapping[str, Sequence[Any]],
    range_: Mapping[str, Any],
) -> None:
    """The series of one metric or expression are those of the points of each run."""
    levels = {curve.series.level for curve in answer.drawn}
    assert len(levels) <= 1
    shown = {}
    for run, points in brute.items():
        level = next(iter(levels), 0)
        buckets = buckets_of(points, level, range_.get("lo"), range_.get("hi"))
        if buckets:
            shown[run] = buckets
    drawn = {curve.series.run: curve for curve in answer.drawn}
    if levels:
        assert drawn.keys() == shown.keys()
    for run, curve in drawn.items():
        assert curve.series.key == name
        assert_series(curve, shown[run], exact=False)
    if not levels and not range_:
        assert not any(brute.values())


@given(
    logged(),
    st.sampled_from(
        [[], ["config.n"], ["config.pair"], ["config.pair", "config.nothing"], ["config.none"]]
    ),
    st.sampled_from(["mean", "median"]),
    st.sampled_from([None, "minmax", "std", "stderr", "ci95"]),
    st.sampled_from(["step", "time", "time_wall"]),
    st.booleans(),
    st.sampled_from([{}, {}, {"lo": 3.0, "hi": 8.5}, {"lo": 4.25}, {"hi": 7.25}]),
)
@settings(max_examples=settings().max_examples // 3)
def test_groups(
    chart_services: Services,
    rows: list[LoggedRow],
    by: list[str],
    center: Any,
    band: Any,
    axis: str,
    computed: bool,
    range_: dict[str, float],
) -> None:
    group = Grouping(by, center, band)
    if axis.startswith("time"):
        range_ = {name: value * SECOND for name, value in range_.items()}
    fields: dict[str, Any] = {"keys": ["loss"]}
    if computed:
        fields = {"expressions": [NamedExpression("loss2", "loss + 0")]}
    here = world(chart_services, rows)
    answer = here.ask(axis=axis, n_buckets=64, group=group, **fields, **range_)
    levels = {curve.series.level for curve in answer.drawn}
    assert len(levels) <= 1
    values = {"run1": (0, True, None), "run2": (1, True, None), "run3": (MISSING,) * 3}
    members: dict[tuple[Any, ...], list[Any]] = {}
    must: set[tuple[Any, ...]] = set()
    for run in RUNS:
        points = here.points(run, "loss", axis, None)
        buckets = buckets_of(points, next(iter(levels), 0), None, None)
        config = dict(zip(["config.n", "config.pair", "config.none"], values[run], strict=True))
        name = tuple(config.get(column, MISSING) for column in by)
        if buckets:
            members.setdefault(name, []).append(buckets)
        if any(math.isfinite(value) for _, value in points) and is_any_in(points, range_):
            must.add(name)
    drawn = {curve.group: curve for curve in answer.drawn}
    assert drawn.keys() >= must
    if not drawn:
        return
    (level,) = levels
    curves: dict[tuple[Any, ...], Any] = {}
    for name, group_members in members.items():
        # Interpolated over all that a run has, then cut to the range.
        curve = grouped(group_members)
        if curve := {at: curve[at] for at in curve if is_inside(at, range_, level)}:
            curves[name] = curve
    assert drawn.keys() == curves.keys()
    for name, shown in drawn.items():
        assert range_ or shown.n_runs == len(members[name])
        expected = curves[name]
        assert shown.series.buckets.tolist() == list(expected)
        assert shown.band is not None
        for n, bucket in enumerate(expected.values()):
            assert shown.series.count[n] == bucket.n_points
            assert shown.band.n_runs[n] == len(bucket.values)
            low, high = _edges(band, bucket.values, bucket.least, bucket.greatest)
            size = max([abs(v) for v in bucket.values] + [1e-9])
            slack: dict[str, Any] = {"rel": 1e-9, "abs": size * 1e-9, "nan_ok": True}
            middle = statistics.fmean if center == "mean" else statistics.median
            mean = middle(bucket.values) if bucket.values else math.nan
            assert shown.series.mean[n] == pytest.approx(mean, **slack)
            assert shown.band.low[n] == pytest.approx(low, **slack)
            assert shown.band.high[n] == pytest.approx(high, **slack)


def is_inside(index: int, range_: Mapping[str, float], level: int) -> bool:
    width = Fraction(2) ** level
    starts_before_end = "hi" not in range_ or index * width < Fraction(range_["hi"])
    return starts_before_end and (
        "lo" not in range_ or (index + 1) * width > Fraction(range_["lo"])
    )


def _edges(
    band: str | None, values: list[float], least: list[float], greatest: list[float]
) -> tuple[float, float]:
    nothing = math.nan, math.nan
    if band is None or not values:
        return nothing
    if band == "minmax":
        return min(least), max(greatest)
    if len(values) < 2:
        return nothing
    half = statistics.stdev(values)
    if band != "std":
        half /= math.sqrt(len(values))
    if band == "ci95":
        half *= t_quantile(0.975, len(values) - 1)
    mean = statistics.fmean(values)
    return mean - half, mean + half


@given(logged(), st.sampled_from([(0.05, 0.95), (0.0, 1.0), (0.4, 0.5)]))
@settings(max_examples=settings().max_examples // 4)
def test_bounds_are_percentiles_of_what_is_drawn(
    chart_services: Services, rows: list[LoggedRow], ends: tuple[float, float]
) -> None:
    here = world(chart_services, rows)
    answer = here.ask(keys=["loss", "acc"], bounds=Bounds(*ends), n_buckets=64)
    level = next((curve.series.level for curve in answer.drawn), 0)
    edges: list[float] = []
    for run, key in itertools.product(RUNS, ["loss", "acc"]):
        for bucket in buckets_of(here.points(run, key, "step", None), level, None, None).values():
            if bucket.values:
                edges += [min(bucket.values), max(bucket.values)]
    if not edges:
        assert answer.bounds is None
    else:
        expected = [quantile(edges, q) for q in ends]
        assert list(answer.bounds or ()) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(logged(), _ranges)
@settings(max_examples=settings().max_examples // 4)
def test_defined_axes_differ_by_metric(
    chart_services: Services, rows: list[LoggedRow], range_: dict[str, float]
) -> None:
    rules = [MetricDefinition("lo*", step_metric="epoch", step_sync=True)]
    here = world(chart_services, rows, rules)
    answer = here.ask(
        keys=["loss", "acc"],
        expressions=[NamedExpression("twice", "loss * 2")],
        axis="defined",
        n_buckets=64,
        **range_,
    )
    levels = {curve.series.level for curve in answer.drawn}
    assert len(levels) <= 1
    drawn = {(curve.series.run, curve.series.key) for curve in answer.drawn}
    assert len(drawn) == len(answer.drawn)
    for run in RUNS:
        by_epoch = here.points(run, "loss", "metric", "epoch")
        by_step = here.points(run, "acc", "step", None)
        assert ((run, "loss") in drawn) == ((run, "twice") in drawn) >= is_any_in(by_epoch, range_)
        assert ((run, "acc") in drawn) >= is_any_in(by_step, range_)
    for curve in answer.drawn:
        by_epoch = curve.series.key != "acc"
        assert curve.axis_metric == ("epoch" if by_epoch else None)
        axis = ("metric", "epoch") if by_epoch else ("step", None)
        key = "acc" if curve.series.key == "acc" else "loss"
        is_computed = curve.series.key == "twice"
        points = here.points(curve.series.run, key, *axis, by_time=is_computed)
        if is_computed:
            points = [(x, value * 2) for x, value in points]
        buckets = buckets_of(points, curve.series.level, range_.get("lo"), range_.get("hi"))
        assert_series(curve, buckets, exact=True)


@given(logged(), st.sampled_from([{}, {"lo": 3, "hi": 20}, {"lo": 20}, {"hi": 20}]))
@settings(max_examples=settings().max_examples // 4)
def test_wall_time_is_time_by_each_runs_own_edge(
    chart_services: Services, rows: list[LoggedRow], range_: dict[str, int]
) -> None:
    query = {name: float(START + value * SECOND) for name, value in range_.items()}
    here = world(chart_services, rows)
    answer = here.ask(keys=["loss"], axis="wall", n_buckets=64, **query)
    levels = {curve.series.level for curve in answer.drawn}
    assert len(levels) <= 1
    for curve in answer.drawn:
        run = curve.series.run
        assert curve.origin_micros == here.origins[run]
        ends = [
            None if query.get(end) is None else query[end] - here.origins[run]
            for end in ("lo", "hi")
        ]
        points = here.points(run, "loss", "time_wall", None, by_time=False)
        assert_series(curve, buckets_of(points, curve.series.level, *ends), exact=True)
    if not range_:
        assert {curve.series.run for curve in answer.drawn} == {
            row.run for row in rows if "loss" in row.values
        }
        spans = [
            (curve.origin_micros + int(edge) * 2**curve.series.level)
            for curve in answer.drawn
            for edge in curve.series.buckets[[0, -1]]
        ]
        if spans:
            assert (max(spans) - min(spans)) / 2 ** next(iter(levels)) <= 65


def test_t_quantiles_are_those_of_tables() -> None:
    # Two-sided 95 %: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
    table = json.loads(
        '{"1": 12.706, "2": 4.303, "3": 3.182, "4": 2.776, "5": 2.571, "9": 2.262, "10": 2.228,'
        ' "15": 2.131, "20": 2.086, "29": 2.045, "30": 2.042, "50": 2.009, "99": 1.984,'
        ' "100": 1.984, "1000000": 1.960}'
    )
    for freedom, value in table.items():
        assert round(t_quantile(0.975, int(freedom)), 3) == value
    assert [round(t_quantile(0.95, n), 3) for n in (1, 5, 10, 100)] == [6.314, 2.015, 1.812, 1.66]
