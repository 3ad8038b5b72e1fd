"""Parts of charts: windows, cached curves, histograms, levels, neighbours."""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chart_brute_force import WINDOWS, bucket_index, buckets_of
from weft.errors import ConfigError, LimitExceeded
from weft.queries.expression_text import parse_expression
from weft.server.services.access.cancellation import Cancellation, Cancelled
from weft.server.services.access.paths import RunPath
from weft.server.services.charting.expressions import windows
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.charting.expressions.evaluate import (
    Curve,
    RunValues,
    common_indices,
    evaluate,
)
from weft.server.services.charting.grouped.grouping import group_series
from weft.server.services.charting.grouped.neighbours import (
    join_buckets,
    nearest_bucket,
    take_buckets,
)
from weft.server.services.charting.histograms import HistogramFold, read_histogram
from weft.server.services.charting.levels import coarsen_series, whole_buckets
from weft.server.services.charting.panel_queries import check_histograms
from weft.server.storage.contract import ObjectPoint, Series
from weft.server.storage.grid.buckets import bucket_points
from weft.wire.metrics.charts import HistogramQuery

WAITS = Cancellation()

_values = st.lists(
    st.one_of(
        st.floats(-1e9, 1e9, allow_subnormal=False),
        st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e300, 0.0]),
    ),
    max_size=60,
)


# -- windows ---


@given(_values, st.integers(1, 70), st.floats(0, 1))
def test_rolling_functions_equal_brute_force(values: list[float], n: int, q: float) -> None:
    array = np.array(values, dtype=np.float64)
    for name, rolled in (
        ("rolling_mean", windows.rolling_mean(array, n, WAITS)),
        ("rolling_quantile", windows.rolling_quantile(array, n, q, WAITS)),
    ):
        options = (n, q) if name == "rolling_quantile" else (n,)
        expected = WINDOWS[name](values, *options)
        size = max([abs(v) for v in values if math.isfinite(v)], default=0)
        assert rolled.tolist() == pytest.approx(expected, rel=1e-9, abs=1e-12 * size, nan_ok=True)


@pytest.mark.parametrize("n", [1, 2, 7, 8192, 8193, 20_000, 2**31 - 1])
def test_quantiles_over_several_blocks_are_numpys(n: int) -> None:
    rng = np.random.default_rng(n)
    values = rng.integers(0, 50, 20_000) / 4
    rolled = windows.rolling_quantile(values, n, 0.3, WAITS)
    for at in rng.integers(0, len(values), 200).tolist():
        window = values[max(0, at + 1 - n) : at + 1]
        assert rolled[at] == pytest.approx(np.quantile(window, 0.3), rel=1e-12)


@given(_values, st.floats(0, 1, exclude_max=True, allow_subnormal=False))
def test_ema_equals_brute_force(values: list[float], weight: float) -> None:
    rolled = windows.ema(np.array(values, dtype=np.float64), weight, WAITS)
    expected = WINDOWS["ema"](values, weight)
    size = max([abs(v) for v in values if math.isfinite(v)], default=0)
    assert rolled.tolist() == pytest.approx(expected, rel=1e-6, abs=1e-9 * size, nan_ok=True)


def test_a_spike_leaves_nothing_behind_in_a_rolling_mean() -> None:
    values = np.full(1000, 0.1)
    values[10] = 1e300
    rolled = windows.rolling_mean(values, 5, WAITS)
    assert rolled[20:] == pytest.approx(np.full(980, 0.1), rel=1e-15)


def test_the_largest_floats_do_not_overflow() -> None:
    values = np.array([1.7e308, 1.7e308, -1.7e308, 1.7e308])
    assert windows.rolling_mean(values, 2, WAITS).tolist() == [1.7e308, 1.7e308, 0, 0]
    assert windows.rolling_quantile(values, 2, 0.5, WAITS).tolist() == [1.7e308, 1.7e308, 0, 0]
    assert windows.ema(values[:2], 0.999, WAITS) == pytest.approx([1.7e308, 1.7e308])


@pytest.mark.parametrize(
    "work",
    [
        partial(windows.rolling_quantile, np.zeros(300_000), 300_000, 0.5),
        partial(windows.rolling_mean, np.zeros(300_000), 300_000),
        partial(windows.ema, np.zeros(300_000), 0.999),
    ],
)
def test_windows_end_when_nobody_waits(work: Callable[[Cancellation], Any]) -> None:
    gone = Cancellation()
    gone.cancel()
    with pytest.raises(Cancelled):
        work(gone)


def test_a_hostile_window_costs_no_more_than_a_small_one() -> None:
    values = np.random.default_rng(1).random(200_000)
    begin = time.process_time()
    windows.rolling_quantile(values, 10, 0.5, WAITS)
    small = time.process_time() - begin
    windows.rolling_quantile(values, 2**31 - 1, 0.5, WAITS)
    assert time.process_time() - begin - small < 30 * small + 1


# -- time ---


def test_work_has_a_time_of_its_own_and_ends_with_the_request() -> None:
    request = Cancellation()
    part = request.within(0.0)
    with pytest.raises(LimitExceeded, match="0 s"):
        part.check()
    request.check()
    request.cancel()
    with pytest.raises(Cancelled):
        part.check()


# -- joins ---


@given(
    st.sets(st.integers(-(2**62), 2**62) | st.integers(-5, 5)),
    st.sets(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5).map(float)),
)
def test_ints_and_floats_meet_where_they_are_equal(ints: set[int], floats: set[float]) -> None:
    left = np.array(sorted(ints), dtype=np.int64)
    right = np.array(sorted(floats), dtype=np.float64)
    in_left, in_right = common_indices(left, right)
    assert left[in_left].tolist() == sorted(n for n in ints if n in floats)
    assert [int(x) for x in right[in_right]] == left[in_left].tolist()
    in_right, in_left = common_indices(right, left)
    assert left[in_left].tolist() == sorted(n for n in ints if n in floats)


# -- kept curves ---


def curve(n: int) -> Curve:
    return Curve(np.arange(n), np.arange(n) / 2)


def test_a_kept_curve_is_given_until_a_run_of_it_changes() -> None:
    cache = CurveCache()
    made_of = {("e", "p", "run"), ("e", "p", "base")}
    moment = cache.moment()
    cache.put("name", curve(3), moment)
    cache.note_change(RunPath("e", "p", "other"))
    assert cache.get("name", made_of) is not None
    cache.note_change(RunPath("e", "p", "base"))
    assert cache.get("name", made_of) is None


def test_what_changed_while_it_was_computed_is_not_kept() -> None:
    cache = CurveCache()
    moment = cache.moment()
    cache.note_change(RunPath("e", "p", "run"))
    cache.put("name", curve(3), moment)
    assert cache.get("name", {("e", "p", "run")}) is None


def test_kept_curves_are_bounded_and_the_oldest_goes_first() -> None:
    cache = CurveCache(max_bytes=1000)
    for name in "abc":
        cache.put(name, curve(20), cache.moment())  # 320 bytes each
    assert cache.get("a", ()) is not None
    cache.put("d", curve(20), cache.moment())
    assert cache.get("b", ()) is None
    assert cache.get("a", ()) is not None
    cache.put("large", curve(1000), cache.moment())
    assert cache.get("large", ()) is None


def test_changes_of_more_runs_than_are_known_drop_what_is_older() -> None:
    cache = CurveCache()
    cache.put("name", curve(3), cache.moment())
    for n in range(20_001):
        cache.note_change(RunPath("e", "p", f"run{n}"))
    assert cache.get("name", {("e", "p", "quiet")}) is None


# -- histograms ---


def histogram(count: int, **more: Any) -> dict[str, Any]:
    return {"_type": "histogram", "values": [count], "bins": [0.0, 1.0], **more}


def points(xs: list[Any], value: Callable[[int], Any] = histogram) -> list[ObjectPoint]:
    return [ObjectPoint(x, 17, "w", n, value(n)) for n, x in enumerate(xs)]


@given(
    st.lists(st.one_of(st.integers(-1000, 1000), st.floats(-1e3, 1e3)), min_size=1, max_size=40),
    st.lists(st.integers(-50, 5000), max_size=10),
    st.integers(2, 20),
)
def test_columns_hold_the_last_histogram_of_their_bucket(
    ours: list[Any], other: list[Any], n_columns: int
) -> None:
    ours, other = sorted(ours), sorted(other)
    fold = HistogramFold(None, None, n_columns)
    fold.add("r", "a", points(ours))
    fold.add("r", "b", points(other))
    folded = fold.series({"r": 5})
    assert len({series.level for series in folded}) == 1
    level = folded[0].level
    n_buckets = {
        at: bucket_index(max(ours + other), at) - bucket_index(min(ours + other), at) + 1
        for at in (level, level - 1)
    }
    assert n_buckets[level] <= n_columns
    for series, xs in zip(folded, [ours, other], strict=False):
        expected: dict[int, list[int]] = {}
        for n, x in enumerate(xs):
            expected.setdefault(bucket_index(x, level), []).append(n)
        assert [column.bucket for column in series.columns] == list(expected)
        for column, of_bucket in zip(series.columns, expected.values(), strict=True):
            assert (column.n, column.counts) == (len(of_bucket), [of_bucket[-1]])
            assert column.x == xs[of_bucket[-1]]


@pytest.mark.parametrize(
    "value",
    [
        "text",
        {"_type": "image"},
        {"_type": "histogram"},
        {"_type": "histogram", "values": [], "bins": [0]},
        {"_type": "histogram", "values": [1, 2], "bins": [0, 1]},
        {"_type": "histogram", "values": [1], "bins": [1, 0]},
        {"_type": "histogram", "values": ["1"], "bins": [0, 1]},
        {"_type": "histogram", "values": [1], "bins": [0, math.inf]},
        {"_type": "histogram", "values": [1], "packedBins": {"min": 0, "size": 1}},
        {"_type": "histogram", "values": [1], "packedBins": {"min": 0, "size": 1, "count": 10**9}},
        {"_type": "histogram", "values": [1], "packedBins": [1]},
    ],
    ids=range(11),
)
def test_what_is_no_histogram_is_left_out(value: Any) -> None:
    assert read_histogram(value) is None
    fold = HistogramFold(None, None, 10)
    fold.add("r", "k", points([1, 2], lambda n: value if n else histogram(7)))
    ((column,),) = (series.columns for series in fold.series({}))
    assert (column.x, column.counts) == (1, [7])


def test_counts_of_odd_values_come_along() -> None:
    fold = HistogramFold(0, 10, 5)
    fold.add("r", "k", points([3], lambda n: histogram(1, nan=2, pos_inf=3)))
    ((column,),) = (series.columns for series in fold.series({}))
    assert (column.nan, column.pos_inf, column.neg_inf) == (2, 3, 0)


def test_bad_questions_for_histograms_are_refused() -> None:
    for fields in (
        {"n_columns": 1}, {"n_columns": 1001}, {"axis": "metric"}, {"lo": 5.0, "hi": 5.0},
        {"lo": math.nan},
    ):  # fmt: skip
        with pytest.raises(ConfigError):
            check_histograms(HistogramQuery(**{"runs": ["r"], "keys": ["k"], **fields}))
    with pytest.raises(LimitExceeded):
        check_histograms(HistogramQuery(runs=["r"] * 1001, keys=["k"]))


# -- levels and neighbours ---

_points = st.lists(
    st.tuples(
        st.integers(-300, 300) | st.integers(-6, 6),
        st.one_of(st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf])),
    ),
    min_size=1,
    max_size=40,
)


def series_of(points: list[tuple[Any, float]], lo: Any = None, hi: Any = None, n: int = 64) -> Any:
    points = sorted(points, key=lambda point: point[0])
    x = np.array([x for x, _ in points])
    return bucket_points(x, np.array([v for _, v in points], dtype=np.float64), lo, hi, n)


@given(_points, st.integers(0, 12))
def test_coarser_buckets_equal_those_made_at_once(
    points: list[tuple[int, float]], more: int
) -> None:
    fine = series_of(points)
    coarse = coarsen_series(fine, fine.level + more)
    expected = buckets_of(sorted(points, key=lambda point: point[0]), coarse.level, None, None)
    assert coarse.buckets.tolist() == list(expected)
    assert coarse.count.tolist() == [len(bucket.values) for bucket in expected.values()]
    for n, bucket in enumerate(expected.values()):
        if bucket.values:
            assert coarse.minimum[n] == min(bucket.values)
            assert coarse.maximum[n] == max(bucket.values)
            assert coarse.mean[n] == pytest.approx(bucket.mean, rel=1e-9, abs=1e-6)
            m2 = sum((value - bucket.mean) ** 2 for value in bucket.values)
            assert coarse.m2[n] == pytest.approx(m2, rel=1e-6, abs=1e-3)
    nonfinite = [
        n for n, bucket in enumerate(expected.values()) if bucket.nan or bucket.positive_infinity
    ]
    assert coarse.nonfinite.tolist() == nonfinite
    whole = series_of(points, n=10_000)
    assert coarsen_series(whole, fine.level).buckets.tolist() == fine.buckets.tolist()


@given(_points, st.integers(-300, 300), st.integers(-6, 6))
def test_the_nearest_bucket_beyond_an_edge_is_found(
    points: list[tuple[int, float]], edge: int, level: int
) -> None:
    def ask(lo: float | None, hi: float | None, n_buckets: int) -> Series | None:
        return series_of(points, lo, hi, min(n_buckets, 64))  # coarse, so that it has to narrow

    buckets = sorted(buckets_of(points, level, None, None))
    before = nearest_bucket(ask, level, edge, before=True)
    after = nearest_bucket(ask, level, edge, before=False)
    neighbours = [
        None if bucket is None else bucket.buckets.tolist() for bucket in (before, after)
    ]
    assert neighbours == [
        [at for at in buckets if at < edge][-1:] or None,
        [at for at in buckets if at >= edge][:1] or None,
    ]


@given(_points, st.integers(0, 40))
def test_parts_of_a_series_join_to_the_whole(points: list[tuple[int, float]], at: int) -> None:
    whole = series_of(points)
    joined = join_buckets(
        [take_buckets(whole, slice(at)), None, take_buckets(whole, slice(at, None))]
    )
    assert repr(joined) == repr(whole)


def test_whole_buckets_of_a_huge_range_are_open() -> None:
    assert whole_buckets(1e308, 1.7e308, 1023) == (8.98846567431158e307, None)


@pytest.mark.parametrize(
    "text",
    [
        "log(a) - (" * 31 + "a" + ")" * 31,
        "min(log(a), " * 30 + "a" + ")" * 30,
        "min(" + ", ".join(["log(a)"] * 120) + ")",
        "clip(log(a), log(a), " * 30 + "a" + ")" * 30,
        "+".join(["log(a)"] * 80),
    ],
    ids=range(5),
)
def test_no_expression_keeps_many_values_at_once(text: str) -> None:
    points = Curve(np.arange(100_000), np.full(100_000, 2.0))
    tree = parse_expression(text)
    tracemalloc.start()
    evaluate(tree, RunValues({"a": points}), RunValues(), WAITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * points.values.nbytes


# -- groups ---


def _member(*values: float) -> Series:
    series = bucket_points(np.arange(len(values)), np.array(values))
    assert series is not None
    return series


def test_a_bucket_of_a_group_has_the_x_that_all_its_runs_have_there() -> None:
    def member(*xs: int) -> Series:
        series = bucket_points(np.array(xs), np.ones(len(xs)), window=(3, (0, 9)))
        assert series is not None
        return series

    drawn = group_series([member(3, 8, 9, 20, 32), member(3, 8, 21, 37)], "mean", None, WAITS)
    assert drawn is not None
    series, _ = drawn
    assert series.buckets.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(series.x, [3, np.nan, np.nan, np.nan, np.nan])


@pytest.mark.parametrize(
    ("center", "inside", "last"),
    [
        ("mean", (None, None), (7 + 2 + 9) / 3),
        ("median", (None, None), 7),
        ("mean", (None, 1), (7 + 1 + 9) / 3),
    ],
)
def test_a_group_ends_at_the_center_of_its_runs_last_finite_values(
    center: Any, inside: tuple[int | None, int | None], last: float
) -> None:
    members = [_member(5, 7, math.nan), _member(0, 1, 2, math.inf), _member(9)]
    measured = group_series(members, center, None, WAITS, inside)
    assert measured is not None
    series, _ = measured
    assert series.last[-1] == pytest.approx(last)
    assert np.isnan(series.last[:-1]).all()
    assert group_series([_member(math.nan)], center, None, WAITS) is not None
