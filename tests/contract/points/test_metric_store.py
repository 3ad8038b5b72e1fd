"""The contract of `MetricStore` (ST1 to ST8), on every engine and on the in-memory twin."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from at_length import engines_at_length
from memory_engine.metrics import MemoryMetricStore
from metric_answers import assert_same_series, batch, make_rows, query
from weft.errors import Gone, PositionConflict
from weft.records.value import Kind
from weft.server.storage.contract import (
    AxisSpec,
    Batch,
    Column,
    ConsoleLine,
    ConsoleStream,
    KeyInfo,
    KeyPage,
    KeyTotal,
    MetricStore,
    RowBlock,
    RunEnd,
    Series,
    Source,
    StepMetric,
    StreamPosition,
    TextSearch,
)
from weft.server.storage.metrics import SqliteMetricStore
from weft.server.storage.names import NameSearch


def rows_of(values: list[object], *, row_lo: int = 0, key: str = "loss") -> RowBlock:
    """One column of ints, floats, bools or objects; step and time follow the row."""
    rows = np.arange(row_lo, row_lo + len(values))
    kinds: dict[str, list[int]] = {}
    for nth, value in enumerate(values):
        name = {int: "int", float: "float", bool: "bool"}.get(type(value), "object")
        kinds.setdefault(name, []).append(nth)
    columns: list[Column] = []
    for kind, at in kinds.items():
        chosen = [values[nth] for nth in at]
        array = chosen if kind == "object" else np.array(chosen)
        columns.append(Column(kind, np.array(at, dtype=np.uint32), array))  # type: ignore[arg-type]
    return RowBlock(row_lo, rows, rows * 1000, None, {key: columns})


@engines_at_length("moved")
def test_ST3_a_batch_sent_again_is_refused_with_the_right_position(store: MetricStore) -> None:
    first = batch("r", "w", 0, rows_of([1.0, 2.0]))
    store.append([first])
    with pytest.raises(PositionConflict) as caught:
        store.append([first])
    assert caught.value.position == 2
    assert store.keys()["r"] == [KeyInfo("loss", frozenset({"float"}), 2)]


@engines_at_length("moved")
def test_ST3_a_gap_in_the_stream_is_refused(store: MetricStore) -> None:
    with pytest.raises(PositionConflict) as caught:
        store.append([batch("r", "w", 7, rows_of([1.0]))])
    assert caught.value.position == 0
    assert store.position("r", "w") is None


def test_ST3_an_overlapping_batch_adds_only_its_new_rows(store: MetricStore) -> None:
    store.append([batch("r", "w", 0, rows_of([0.0, 1.0, 2.0]))])
    store.append([batch("r", "w", 3, rows_of([10.0, 20.0, 30.0], row_lo=1))])
    assert [row.values["loss"] for row in store.rows("r")] == [0.0, 1.0, 2.0, 30.0]
    (series,) = store.series(query(["r"]))
    assert series.count.tolist() == [1, 1, 1, 1]


@engines_at_length("moved")
def test_ST2_one_bad_batch_leaves_out_its_whole_call(store: MetricStore) -> None:
    good, bad = batch("r", "w0", 0, rows_of([1.0])), batch("r", "w1", 5, rows_of([1.0]))
    with pytest.raises(PositionConflict):
        store.append([good, bad])
    assert store.position("r", "w0") is None
    assert list(store.rows("r")) == []


def test_batches_of_one_call_follow_each_other_in_the_stream(store: MetricStore) -> None:
    history = Batch("r", "w", "w", 0, 0, rows=rows_of([1.0]))
    system = Batch(
        "r", "w", "w", 0, 9, rows=rows_of([5.0], row_lo=1, key="system.cpu"), system=True
    )
    store.append([history, system])
    assert store.position("r", "w") == StreamPosition(9, b"")
    assert [row.row for row in store.rows("r")] == [0]
    assert [row.row for row in store.rows("r", system=True)] == [1]
    assert [latest.key for latest in store.latest("r")] == ["loss"]


@engines_at_length("moved")
def test_the_decoder_state_stays_until_it_changes(store: MetricStore) -> None:
    store.append([batch("r", "w", 0, state=b"one")])
    store.append([batch("r", "w", 1)])
    assert store.position("r", "w") == StreamPosition(2, b"one")


def test_values_read_back_as_what_they_were(store: MetricStore) -> None:
    values = [5, 5.0, True, "5", None, {"_type": "image", "path": "x"}, float("inf"), 2**62]
    store.append([batch("r", "w", 0, rows_of(values))])
    for _ in range(2):
        assert repr([row.values["loss"] for row in store.rows("r")]) == repr(values)
        assert repr(store.latest("r")[0].value) == repr(2**62)
        store.compact(until_idle=True)


def test_non_finite_points_are_counted_by_kind(store: MetricStore) -> None:
    nan, inf = float("nan"), float("inf")
    store.append([batch("r", "w", 0, rows_of([1.0, nan, nan, inf, -inf]))])
    (series,) = store.series(query(["r"], lo=0, hi=64, n_buckets=64))
    assert series.count.tolist() == [1, 0, 0, 0, 0]
    assert series.nonfinite.tolist() == [1, 2, 3, 4]
    assert series.nan.tolist() == [1, 1, 0, 0]
    assert series.positive_infinity.tolist() == [0, 0, 1, 0]
    assert series.negative_infinity.tolist() == [0, 0, 0, 1]
    assert np.isnan(series.mean[1:]).all()


def test_first_and_last_at_one_step_are_told_by_writer_and_row(store: MetricStore) -> None:
    for writer, value in (("w2", 2.0), ("w0", 0.5), ("w1", 1.0)):
        rows = rows_of([value, value + 10])
        rows.steps = np.array([3, 3])
        store.append([batch("r", writer, 0, rows)])
    for _ in range(2):
        (series,) = store.series(query(["r"]))
        assert (series.first.tolist(), series.last.tolist()) == ([0.5], [12.0])
        store.compact(until_idle=True)


def test_fragments_join_across_batches_and_the_later_key_wins(store: MetricStore) -> None:
    first = RowBlock(
        0,
        np.array([4]),
        np.array([100]),
        None,
        {"a": [Column("int", None, np.array([1]))], "b": [Column("int", None, np.array([2]))]},
    )
    second = RowBlock(
        1, np.array([4]), np.array([300]), np.array([True]), {"a": [Column("object", None, ["x"])]}
    )
    store.append([batch("r", "w", 0, first)])
    store.append([batch("r", "w", 1, second)])
    for _ in range(2):
        (row,) = store.rows("r")
        assert (row.row, row.step, row.micros, dict(row.values)) == (0, 4, 300, {"a": "x", "b": 2})
        store.compact(until_idle=True)


def test_a_fragment_joins_over_a_system_sample(store: MetricStore) -> None:
    first, last = rows_of([1.0]), rows_of([2.0], row_lo=2, key="acc")
    last.continues = np.array([True])
    sample = batch("r", "w", 1, rows_of([9.0], row_lo=1, key="system.cpu"))
    sample.system = True
    store.append([batch("r", "w", 0, first), sample, batch("r", "w", 2, last)])
    store.compact(until_idle=True)
    (row,) = store.rows("r")
    assert (row.row, row.values) == (0, {"loss": 1.0, "acc": 2.0})


@pytest.mark.parametrize("fragments", [False, True])
@engines_at_length("shared", "moved", fragments=False)
def test_rows_go_on_after_a_cursor(store: MetricStore, fragments: bool) -> None:
    rng = np.random.default_rng(5)
    for writer in ("w0", "w1"):
        store.append(
            [batch("r", writer, 0, make_rows(rng, 0, 150, "repeated", "float", fragments))]
        )
    every = list(store.rows("r", limit=1000))
    paged = []
    after = None
    while page := list(store.rows("r", after=after, limit=17)):
        paged += page
        last = page[-1]
        after = (last.step, last.micros, last.writer, last.row)
    assert repr(paged) == repr(every)


def test_the_origin_is_the_first_and_stays(store: MetricStore) -> None:
    assert store.run_origin("r") is None
    store.append([batch("r", "w0", 0, rows_of([1.0]), origin_micros=500, offset_micros=20)])
    store.append([batch("r", "w1", 0, rows_of([1.0]), origin_micros=900)])
    assert store.run_origin("r") == 500
    (series,) = store.series(query(["r"], axis="time", n_buckets=1000))
    assert series.buckets.tolist() == [-500, -480]


def test_the_level_is_the_smallest_that_fits(store: MetricStore) -> None:
    store.append([batch("r", "w", 0, rows_of([float(i) for i in range(1000)]))])
    for n_buckets, level in ((64, 4), (100, 4), (125, 3), (1000, 0), (10_000, 0)):
        (series,) = store.series(query(["r"], n_buckets=n_buckets))
        assert series.level == level
        assert len(series.buckets) <= n_buckets
    (series,) = store.series(query(["r"], lo=100, hi=110, n_buckets=64))
    assert (series.level, series.buckets.tolist()) == (0, list(range(100, 110)))


def test_a_rewritten_console_line_supersedes(store: MetricStore) -> None:
    lines = [ConsoleLine("stdout", n, 10 + n, f"line {n}") for n in range(2500)]
    store.append([batch("r", "w", 0, console=lines)])
    store.append([batch("r", "w", 1, console=[ConsoleLine("stdout", 999, 5000, "new")])])
    for _ in range(2):
        assert [line.text for line in store.console("r", "w", "stdout", 998, 4)] == [
            "line 998", "new", "line 1000", "line 1001",
        ]  # fmt: skip
        assert len(store.console("r", "w", "stdout", 0, 9999)) == 2500
        assert store.console("r", "w", "stderr", 0, 10) == []
        store.compact(until_idle=True)


def test_console_lines_are_deleted_and_later_ones_kept(store: MetricStore) -> None:
    lines = [ConsoleLine("stdout", n, 10 + n, f"line {n}") for n in range(2500)]
    for run in ("r", "other"):
        store.append([batch(run, "w", 0, rows_of([1.0]), console=lines[:1500])])
    store.compact(until_idle=True)
    store.append([batch("r", "w", 1, console=lines[1500:])])
    store.delete_console(["r", "unknown"])
    assert store.console_streams("r") == []
    assert "r" not in store.usage().console_by_run
    assert len(store.console("other", "w", "stdout", 0, 9999)) == 1500
    assert store.keys()["r"] == [KeyInfo("loss", frozenset({"float"}), 1)]
    store.append([batch("r", "w", 2, console=[ConsoleLine("stdout", 2500, 3000, "late")])])
    for _ in range(2):
        assert [line.line for line in store.console("r", "w", "stdout", 0, 9999)] == [2500]
        store.compact(until_idle=True)


def test_a_log_is_read_backwards_and_counted(store: MetricStore) -> None:
    lines = [ConsoleLine("stdout", n, 10 + n, f"line {n}") for n in range(2500) if n != 2000]
    store.append([batch("r", "w", 0, console=lines)])
    store.append([batch("r", "v", 0, console=[ConsoleLine("stderr", 3, 7, "other")])])
    for _ in range(2):
        last = store.console_before("r", "w", "stdout", 2**62, 3)
        assert [line.line for line in last] == [2497, 2498, 2499]
        before = store.console_before("r", "w", "stdout", 2001, 2)
        assert [line.line for line in before] == [1998, 1999]
        assert store.console_before("r", "w", "stdout", 0, 5) == []
        assert len(store.console_before("r", "w", "stdout", 9999, 9999)) == 2499
        assert store.console_streams("r") == [
            ConsoleStream("v", "stderr", 1, 3, 3, 7, 7),
            ConsoleStream("w", "stdout", 2499, 0, 2499, 10, 2509),
        ]
        numbers, times = store.console_times("r", "w", "stdout")
        assert numbers.tolist() == [line.line for line in lines]
        assert times.tolist() == [line.micros for line in lines]
        store.compact(until_idle=True)
    # Fresh lines on top of stored ones: a new text, a late copy of an old one, and a new line.
    newer = [
        ConsoleLine("stdout", 5, 9000, "changed"),
        ConsoleLine("stdout", 6, 1, "late"),
        ConsoleLine("stdout", 2500, 8000, "last"),
    ]
    store.append([batch("r", "w", 1, console=newer)])
    for _ in range(2):
        five_to_six = store.console("r", "w", "stdout", 5, 2)
        assert [line.text for line in five_to_six] == ["changed", "line 6"]
        stream = store.console_streams("r")[1]
        assert stream == ConsoleStream("w", "stdout", 2500, 0, 2500, 10, 9000)
        assert store.console_times("r", "w", "stdout")[1][5] == 9000
        store.compact(until_idle=True)
    assert store.console_streams("unknown") == []
    assert store.console_before("r", "unknown", "stdout", 5, 5) == []


def test_a_log_is_searched_without_its_colors(store: MetricStore) -> None:
    texts = ["all good", "\x1b[31mer\x1b[1mror\x1b[0m: bad", "", "an error", "31m", "not this er"]
    lines = [ConsoleLine("stdout", n, n, text) for n, text in enumerate(texts * 300)]
    store.append([batch("r", "w", 0, console=lines)])

    def find(needle: bytes) -> TextSearch:
        return lambda text, at: text.find(needle, at)

    every = [n for n in range(1800) if n % 6 in {1, 3}]
    for _ in range(2):
        assert store.search_console("r", "w", "stdout", find(b"error"), limit=9999) == every
        matching = store.search_console("r", "w", "stdout", find(b"error"), first=4, limit=3)
        assert matching == [7, 9, 13]
        codes = store.search_console("r", "w", "stdout", find(b"31m"), limit=9999)
        assert codes == [n for n in range(1800) if n % 6 == 4]
        assert store.search_console("r", "w", "stdout", find(b"absent"), limit=9) == []
        assert store.search_console("r", "v", "stdout", find(b"error"), limit=9) == []
        store.compact(until_idle=True)


@engines_at_length("moved")
def test_dirty_marks_tell_what_came_after_the_projection(store: MetricStore) -> None:
    store.append([batch("r", "w", 0, rows_of([1.0]))])
    mark = store.dirty_mark("r")
    store.append([batch("r", "w", 1, rows_of([2.0], row_lo=1))])
    store.clean("r", mark)
    assert store.dirty_runs() == ["r"]
    store.clean("r", store.dirty_mark("r"))
    assert (store.dirty_runs(), store.dirty_mark("r")) == ([], 0)


def test_a_metric_deleted_of_a_run_without_rows_leaves_the_run_clean(store: MetricStore) -> None:
    store.append([batch("other", "w", 0, rows_of([1.0]))])
    store.clean("other", store.dirty_mark("other"))
    store.set_axes("r", {"*": StepMetric("acc", step_sync=False)})
    store.delete_metrics(["r"], ["loss"])
    assert store.dirty_runs() == []
    store.delete_metrics(["other"], ["loss"])
    assert store.dirty_runs() == ["other"]


def test_ST7_a_deleted_run_is_gone_for_good(store: MetricStore) -> None:
    store.append([batch("r", "w", 0, rows_of([1.0]))])
    store.append([batch("other", "w", 0, rows_of([1.0]))])
    store.delete_runs(["r", "never seen"])
    assert list(store.keys()) == ["other"]
    assert (store.series(query(["r"])), list(store.rows("r")), store.latest("r")) == ([], [], [])
    for run in ("r", "never seen"):
        with pytest.raises(Gone):
            store.append([batch(run, "w", 0, rows_of([1.0]))])


def test_ST3_a_run_that_comes_after_a_deleted_one_keeps_its_rows(store: MetricStore) -> None:
    store.append([batch("r", "w", 0, rows_of([1.0, 2.0]))])
    assert [row.values["loss"] for row in store.rows("r")] == [1.0, 2.0]
    store.delete_runs(["r"])
    store.append([batch("next", "w", 0, rows_of([3.0, 4.0]))])
    assert [row.values["loss"] for row in store.rows("next")] == [3.0, 4.0]


@pytest.mark.parametrize("compacted", [False, True])
@engines_at_length("moved", compacted=True)
def test_ST7_a_deleted_metric_comes_back_only_with_later_rows(
    store: MetricStore, compacted: bool
) -> None:
    store.append([batch("r", "w", 0, rows_of([1.0] * 5, row_lo=5))])
    if compacted:
        store.compact(until_idle=True)
    store.delete_metrics(["r"], ["loss"])
    assert store.keys(["r"]) == {"r": []}
    # Rows 0 to 4 come late and are below the tombstone; rows 10 and 11 are new.
    store.append([batch("r", "w", 5, rows_of([2.0] * 5))])
    store.append([batch("r", "w", 10, rows_of([3.0] * 2, row_lo=10))])
    for _ in range(2):
        assert [row.values for row in store.rows("r", ["loss"])] == [{"loss": 3.0}] * 2
        (series,) = store.series(query(["r"]))
        assert series.buckets.tolist() == [10, 11]
        store.compact(until_idle=True)


def test_ST5_many_series_in_one_query_are_each_exact(store: MetricStore) -> None:
    twin = MemoryMetricStore()
    rng = np.random.default_rng(3)
    runs = [f"r{n}" for n in range(6)]
    for run in runs:
        run_batch = batch(run, "w", 0, make_rows(rng, 0, 700, "regular", "odd", False))
        for each in (store, twin):
            each.append([run_batch])
    store.compact(until_idle=True)
    for axis in ("step", "time"):
        panel_query = query(runs, axis=axis, n_buckets=100)  # type: ignore[arg-type]
        assert_same_series(store.series(panel_query), twin.series(panel_query))


def shown(store: MetricStore, run: str, sources: list[Source]) -> list[object]:
    """The values of a run's rows, which all other reads must agree with."""
    values = [row.values["loss"] for row in store.rows(run, ["loss"], sources=sources)]
    lineage = {run: sources}
    n_points = sum(info.n_points for info in store.keys([run], lineage=lineage).get(run, []))
    assert n_points == len(values)
    for axis in ("step", "time"):
        series = store.series(query([run], ["loss"], axis=axis, lineage=lineage))  # type: ignore[arg-type]
        assert sum(int(curve.count.sum()) for curve in series) == len(values)
    return values


@pytest.mark.parametrize("axis", ["step", "time"])
@pytest.mark.parametrize("compacted", [False, True])
@engines_at_length("moved", compacted=True)
@engines_at_length("shared", axis="time")
def test_ST5_buckets_of_each_level_are_those_of_numpy(
    store: MetricStore, axis: Any, compacted: bool
) -> None:
    # The twin walks over all rows at each question.
    n_rows, gap = (5_000, 8) if isinstance(store, MemoryMetricStore) else (40_000, 1)
    steps = np.arange(n_rows) * gap - 5000
    times = np.arange(n_rows) * gap * 50
    values = np.random.default_rng(5).integers(-1000, 1000, n_rows).astype(float)
    values[::997] = np.nan
    columns = {"loss": [Column("float", None, values)]}
    store.append([batch("r", "w", 0, RowBlock(0, steps, times, None, columns))])
    if compacted:
        store.compact(until_idle=True)
    x = steps if axis == "step" else times
    whole = int(x[-1] - x[0]).bit_length() - 6
    levels: list[int] = []
    for level in range(whole + 1):
        # Inside both ends, and at last the whole range.
        lo = (int(x[n_rows // 3]) >> level) << level
        ends = (lo, lo + (64 << level)) if level < whole - 1 else (None, None)
        (series,) = store.series(query(["r"], ["loss"], axis=axis, lo=ends[0], hi=ends[1]))
        levels.append(series.level)
        assert ends[0] is None or series.level == level
        inside = np.ones(n_rows, bool) if ends[0] is None else (x >= ends[0]) & (x < ends[1])
        buckets, starts = np.unique(x[inside] // 2**series.level, return_index=True)
        points = np.split(values[inside], starts[1:])
        expected = dict(zip(buckets.tolist(), points, strict=True))
        assert series.buckets.tolist() == sorted(expected)
        for nth, bucket in enumerate(series.buckets.tolist()):
            finite = expected[bucket][np.isfinite(expected[bucket])]
            assert series.count[nth] == len(finite)
            if len(finite):
                assert (series.minimum[nth], series.maximum[nth]) == (finite.min(), finite.max())
                assert series.mean[nth] == pytest.approx(finite.mean(), rel=1e-12, abs=1e-9)
                assert (series.first[nth], series.last[nth]) == (finite[0], finite[-1])
        n_nan = {bucket: int(np.isnan(points).sum()) for bucket, points in expected.items()}
        nonfinite = dict(
            zip(series.buckets[series.nonfinite].tolist(), series.nan.tolist(), strict=True)
        )
        assert nonfinite == {bucket: n for bucket, n in n_nan.items() if n}
    assert max(levels) >= 10


@pytest.mark.parametrize("compacted", [False, True])
@engines_at_length("shared", "moved", compacted=True)
def test_times_may_count_from_a_base_for_each_writer(store: MetricStore, compacted: bool) -> None:
    n_rows, micros, origin, pause = 2_000, 50_000, 1_000_000, 777_777_777
    own = np.arange(n_rows) * micros
    rng = np.random.default_rng(7)
    times, values = {"w0": own, "w1": own + n_rows * micros + pause}, {}
    for writer, its in times.items():
        values[writer] = rng.integers(-1000, 1000, n_rows).astype(float)
        rows = RowBlock(0, np.arange(n_rows), its, None, {
            "loss": [Column("float", None, values[writer])]})  # fmt: skip
        store.append([batch("r", writer, 0, rows, origin_micros=origin, offset_micros=3)])
    if compacted:
        store.compact(until_idle=True)
    sources = [Source("r", "w1", 1_338)]
    ranges: list[tuple[float | None, float | None]] = [(None, None), (90_000_000, 110_000_123)]
    bases = {"r": {"w1": origin + pause}, "fork": {"w1": origin + 12_345_678}}
    # Asked again, the second time from what is kept, and by two runs with bases of their own.
    for _, (lo, hi) in itertools.product(range(2), ranges):
        for tested in (bases, {}, {"r": {"w0": origin, "w1": origin + pause}}):
            for runs in (["r"], ["r", "fork"]):
                panel = replace(
                    query(runs, ["loss"], axis="time", lo=lo, hi=hi, n_buckets=500),
                    lineage={"fork": sources},
                    bases=tested,
                )
                for series in store.series(panel):
                    names, n = (["w0", "w1"], n_rows) if series.run == "r" else (["w1"], 1_339)
                    its = tested.get(series.run, {})
                    x = np.concatenate([times[w][:n] + 3 - its.get(w, origin) for w in names])
                    all_values = np.concatenate([values[w][:n] for w in names])
                    assert_buckets(series, x, all_values, lo, hi)
    for points in store.points(
        "r", "loss", AxisSpec("time"), lo=99_000_000, hi=101_000_000, bases=bases["r"]
    ):
        x = np.concatenate([times["w0"], times["w1"] - pause]) + 3 - origin
        assert points.x.tolist() == x[(x >= 99_000_000) & (x < 101_000_000)].tolist()


def assert_buckets(
    series: Series, x: Any, values: Any, lo: float | None, hi: float | None
) -> None:
    """Every bucket is what numpy makes of the points whose x are in it."""
    at = x >> series.level
    inside = np.ones(len(x), bool)
    if lo is not None and hi is not None:
        inside = (at >= int(lo) >> series.level) & (at <= int(hi - 1) >> series.level)
    at, x, values = at[inside], x[inside], values[inside]
    order = np.argsort(x, kind="stable")
    at, values = at[order], values[order]
    indexes, starts, counts = np.unique(at, return_index=True, return_counts=True)
    assert series.buckets.tolist() == indexes.tolist()
    assert series.count.tolist() == counts.tolist()
    assert series.minimum.tolist() == np.minimum.reduceat(values, starts).tolist()
    assert series.maximum.tolist() == np.maximum.reduceat(values, starts).tolist()
    assert series.first.tolist() == values[starts].tolist()
    assert series.last.tolist() == values[starts + counts - 1].tolist()
    means = np.add.reduceat(values, starts) / counts
    assert series.mean == pytest.approx(means, rel=1e-9, abs=1e-9)


def test_the_space_of_a_deleted_metric_is_given_back(store: MetricStore) -> None:
    noise = np.random.default_rng(1)
    n_rows = 20_000
    rows = np.arange(n_rows)
    columns = {
        name: [Column("float", None, noise.standard_normal(n_rows))] for name in ("loss", "acc")
    }
    store.append([batch("r", "w", 0, RowBlock(0, rows, rows * 1000, None, columns))])
    store.compact(until_idle=True)
    before = store.usage().by_run.get("r", 0)  # in memory nothing is counted
    store.delete_metrics(["r"], ["loss"])
    store.compact(until_idle=True)
    # Each of the two had about half of it, besides the steps.
    assert store.usage().by_run.get("r", 0) <= 0.7 * before
    (series,) = store.series(query(["r"], ["acc"]))
    assert series.count.sum() == n_rows


def test_a_fork_shows_the_named_writers_up_to_a_step(store: MetricStore) -> None:
    store.append([batch("parent", "w0", 0, rows_of([0.0, 1.0, 2.0]))])
    store.append([batch("parent", "w1", 0, rows_of([10.0, 11.0]))])
    for _ in range(2):
        for limit in (1, 1.0, 1.5):
            sources = [Source("parent", "w0", limit)]
            assert shown(store, "child", sources) == [0.0, 1.0]
            assert store.end("child", sources=sources).last_step == 1
            assert [point.value for point in store.latest("child", sources=sources)] == [1.0]
        both = [Source("parent", "w0", 0), Source("parent", "w1", 2**62)]
        assert shown(store, "child", both) == [0.0, 10.0, 11.0]
        assert shown(store, "child", [Source("parent", "nobody", 5)]) == []
        assert shown(store, "child", [Source("nobody", "w0", 5)]) == []
        store.compact(until_idle=True)
    store.append([batch("child", "x", 0, rows_of([-1.0]))])
    assert shown(store, "child", [Source("parent", "w0", 0)]) == [0.0, -1.0]
    assert shown(store, "child", []) == [-1.0]


def test_a_rewound_run_shows_its_own_writers_up_to_a_step(store: MetricStore) -> None:
    store.append([batch("r", "w0", 0, rows_of([0.0, 1.0, 2.0]))])
    store.append([batch("r", "w1", 0, rows_of([10.0, 11.0]))])
    for _ in range(2):
        assert shown(store, "r", [Source("r", "w0", 0)]) == [0.0, 10.0, 11.0]
        assert shown(store, "r", [Source("r", "w0", -1), Source("r", "w1", -1)]) == []
        nothing = [Source("r", "w0", -1), Source("r", "w1", -1)]
        assert store.end("r", sources=nothing) == RunEnd(None, [])
        store.compact(until_idle=True)


@pytest.mark.parametrize(
    ("steps", "limit", "n_counted"),
    [
        ([2**53, 2**53 + 1, 2**53 + 2], 2**53 + 1, 2),
        ([2**53, 2**53 + 1, 2**53 + 2], float(2**53), 1),
        ([2**62, 2**62 + 1], float(2**63), 2),
        ([float(2**53), float(2**53 + 2)], 2**53 + 1, 1),
        ([0.1, 0.3, 0.1 + 0.2], 0.3, 2),
        ([-1, -(2**63)], -1.5, 1),
    ],
)
def test_steps_are_compared_with_a_cut_exactly(
    store: MetricStore, steps: list[int | float], limit: float, n_counted: int
) -> None:
    block = rows_of([float(n) for n in range(len(steps))])
    block.steps = np.array(steps)
    store.append([batch("r", "w", 0, block)])
    for _ in range(2):
        assert len(shown(store, "r", [Source("r", "w", limit)])) == n_counted
        store.compact(until_idle=True)


def test_a_cut_joins_only_fragments_that_count(store: MetricStore) -> None:
    block = rows_of([1.0, 2.0, 3.0, 4.0])
    block.steps = np.array([0, 0, 5, 5])
    block.continues = np.array([False, True, False, True])
    store.append([batch("r", "w", 0, block)])
    for _ in range(2):
        (row,) = store.rows("r", sources=[Source("r", "w", 4)])
        assert (row.row, row.step, row.values) == (0, 0, {"loss": 2.0})
        store.compact(until_idle=True)


def test_system_rows_know_no_sources(store: MetricStore) -> None:
    system = rows_of([5.0, 6.0], row_lo=1, key="system.cpu")
    store.append(
        [
            batch("r", "w", 0, rows_of([1.0])),
            Batch("r", "w", "w", 1, 9, rows=system, system=True),
        ]
    )
    for _ in range(2):
        cut, fork = [Source("r", "w", -1)], [Source("r", "w", 5)]
        assert [row.row for row in store.rows("r", system=True, sources=cut)] == [1, 2]
        assert list(store.rows("child", system=True, sources=fork)) == []
        assert [info.key for info in store.keys(["r"], lineage={"r": cut})["r"]] == ["system.cpu"]
        assert [i.key for i in store.keys(["child"], lineage={"child": fork})["child"]] == ["loss"]
        (series,) = store.series(query(["r"], ["loss", "system.cpu"], lineage={"r": cut}))
        assert (series.key, int(series.count.sum())) == ("system.cpu", 2)
        store.compact(until_idle=True)


def test_ST7_a_hidden_run_is_gone_but_for_those_who_show_it(store: MetricStore) -> None:
    store.append([batch("parent", "w", 0, rows_of([0.0, 1.0]))])
    sources = [Source("parent", "w", 1)]
    store.hide_runs(["parent", "never"])
    for _ in range(2):
        assert shown(store, "child", sources) == [0.0, 1.0]
        assert list(store.rows("parent")) == []
        assert store.series(query(["parent"], lineage={"parent": sources})) == []
        assert store.keys().get("parent") is None
        assert (store.latest("parent"), store.dirty_runs()) == ([], [])
        assert store.position("parent", "w") is None
        for run in ("parent", "never"):
            with pytest.raises(Gone):
                store.append([batch(run, "w", 2, rows_of([2.0], row_lo=2))])
        store.compact(until_idle=True)
    store.delete_runs(["parent"])
    assert shown(store, "child", sources) == []


def test_a_hidden_run_stays_hidden_and_a_deleted_one_deleted(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    for run in ("kept", "removed"):
        store.append([batch(run, "w", 0, rows_of([0.0, 1.0]))])
        store.hide_runs([run])
    store.delete_runs(["removed"])
    store.hide_runs(["removed"])
    store.close()
    store = SqliteMetricStore(tmp_path / "m.db")
    assert shown(store, "child", [Source("kept", "w", 5)]) == [0.0, 1.0]
    assert shown(store, "child", [Source("removed", "w", 5)]) == []
    store.compact(until_idle=True)
    assert shown(store, "child", [Source("kept", "w", 5)]) == [0.0, 1.0]
    assert store.usage().by_run.keys() == {"kept"}
    store.close()


def test_ST1_what_was_appended_is_there_after_reopening(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    store.append([batch("r", "w", 0, rows_of([1, 2.5, "x"]), state=b"s", origin_micros=7)])
    store.delete_runs(["gone"])
    store.close()
    store = SqliteMetricStore(tmp_path / "m.db")
    assert [row.values["loss"] for row in store.rows("r")] == [1, 2.5, "x"]
    assert store.position("r", "w") == StreamPosition(3, b"s")
    assert (store.run_origin("r"), store.dirty_runs()) == (7, ["r"])
    with pytest.raises(Gone):
        store.append([batch("gone", "w", 0)])
    store.close()


def test_ST8_threads_append_read_and_compact_at_once(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    n_threads, n_batches, size = 6, 20, 50
    errors: list[BaseException] = []
    done = threading.Event()

    def write(writer: str) -> None:
        try:
            for nth in range(n_batches):
                lo = nth * size
                block = rows_of([float(lo + i) for i in range(size)], row_lo=lo)
                store.append([batch("r", writer, lo, block)])
                # ST4: what this thread was told is durable, it also sees.
                seen = store.series(query(["r"]))[0].count.sum()
                assert seen >= (nth + 1) * size
        except BaseException as error:
            errors.append(error)

    def compact() -> None:
        try:
            while not done.is_set():
                store.compact(until_idle=True)
        except BaseException as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(n_threads)]
    compactor = threading.Thread(target=compact)
    for thread in [*writers, compactor]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    compactor.join()
    assert errors == []
    (series,) = store.series(query(["r"]))
    assert series.count.sum() == n_threads * n_batches * size
    assert (
        series.maximum == np.minimum(series.buckets * 2**series.level + 2**series.level, 1000) - 1
    ).all()
    store.close()


def with_columns(steps: list[int], *, row_lo: int = 0, **values: list[object]) -> RowBlock:
    """Rows of several metrics; None = the row has none of it."""
    block = rows_of([0.0] * len(steps), row_lo=row_lo)
    block.steps, block.columns = np.array(steps), {}
    for key, cells in values.items():
        at = [nth for nth, value in enumerate(cells) if value is not None]
        for column in rows_of([cells[nth] for nth in at], key=key).columns[key]:
            assert column.rows is not None
            column.rows = np.array(at, dtype=np.uint32)[column.rows]
            block.columns.setdefault(key, []).append(column)
    return block


def points_of(
    store: MetricStore, key: str, axis: AxisSpec, **query: Any
) -> list[tuple[float, float]]:
    points_found = [
        (float(x), float(value))
        for points in store.points("r", key, axis, **query)
        for x, value in zip(points.x, points.values, strict=True)
    ]
    in_log_order = store.points("r", key, axis, in_log_order=True, **query)
    assert sum(len(points) for points in in_log_order) == len(points_found)
    return points_found


def test_x_by_a_metric_is_the_value_in_the_row_or_the_last_before(store: MetricStore) -> None:
    nan = float("nan")
    block = with_columns(
        [0, 1, 2, 3, 4, 5],
        epoch=[None, 1, None, 2.5, nan, None],
        loss=[10.0, 11.0, 12.0, 13.0, 14.0, 15.0],
    )
    store.append([batch("r", "w", 0, block)])
    later = with_columns([6, 7], row_lo=6, epoch=[None, 0], loss=[16.0, 17.0])
    store.append([batch("r", "w", 6, later)])
    store.append([batch("r", "v", 0, with_columns([0], loss=[99.0]))])
    for _ in range(2):
        same_row = AxisSpec("metric", "epoch", step_sync=False)
        assert points_of(store, "loss", same_row) == [(0, 17), (1, 11), (2.5, 13)]
        synced = AxisSpec("metric", "epoch")
        # Rows 4 to 6 have NaN as their x; the other writer has none.
        assert points_of(store, "loss", synced) == [(0, 17), (1, 11), (1, 12), (2.5, 13)]
        assert points_of(store, "loss", synced, lo=1, hi=2.5) == [(1, 11), (1, 12)]
        assert points_of(store, "loss", AxisSpec("metric", "never")) == []
        cut = [Source("r", "w", 2)]
        assert points_of(store, "loss", synced, sources=cut) == [(1, 11), (1, 12)]
        (series,) = store.series(
            replace(query(["r"], ["loss"], axis="metric"), axis_metric="epoch")
        )
        assert (int(series.count.sum()), series.first[-1]) == (4, 13)
        store.compact(until_idle=True)


def test_fragments_of_a_row_have_one_x(store: MetricStore) -> None:
    block = with_columns(
        [0, 0, 1, 1],
        loss=[1.0, None, 2.0, None],
        acc=[None, 0.1, None, 0.2],
        epoch=[None, 7, 8, 9],
    )
    block.continues = np.array([False, True, False, True])
    store.append([batch("r", "w", 0, block)])
    for _ in range(2):
        for step_sync in (True, False):
            axis = AxisSpec("metric", "epoch", step_sync)
            assert points_of(store, "loss", axis) == [(7, 1), (9, 2)]
            assert points_of(store, "acc", axis) == [(7, 0.1), (9, 0.2)]
        store.compact(until_idle=True)


def test_points_come_by_x_and_time_or_as_they_were_logged(store: MetricStore) -> None:
    first = with_columns([5, 3, 3], loss=[0.0, 1.0, True])
    first.times = np.array([9, 8, 7])
    store.append([batch("r", "w1", 0, first)])
    store.append([batch("r", "w0", 0, with_columns([3], loss=[2**62]))])
    for _ in range(2):
        assert points_of(store, "loss", AxisSpec()) == [(3, 2.0**62), (3, 1), (3, 1), (5, 0)]
        (points,) = store.points("r", "loss")
        assert [points.writers[nth] for nth in points.writer] == ["w0", "w1", "w1", "w1"]
        assert points.times.tolist() == [0, 7, 8, 9]
        assert points.steps.tolist() == [3, 3, 3, 5]
        (points,) = store.points("r", "loss", AxisSpec("time"))
        assert points.steps.tolist() == [3, 3, 3, 5]
        (points,) = store.points("r", "loss", in_log_order=True, writers=["w1"])
        assert (points.rows.tolist(), points.x.tolist()) == ([0, 1, 2], [5, 3, 3])
        assert list(store.points("r", "loss", writers=[])) == []
        store.compact(until_idle=True)


def test_objects_and_the_first_value_that_is_not_finite(store: MetricStore) -> None:
    nan, inf = float("nan"), float("inf")
    values: list[object] = [1.0, "a", {"bins": [1]}, inf, nan]
    store.append([batch("r", "w", 0, with_columns([4, 3, 2, 1, 1], loss=values))])
    for _ in range(2):
        assert [(point.x, point.value) for point in store.objects("r", "loss", lo=2)] == [
            (2, {"bins": [1]}),
            (3, "a"),
        ]
        first = store.first_nonfinite("r", "loss")
        assert first is not None
        assert (first.step, first.micros, first.row, first.value) == (1, 3000, 3, inf)
        assert store.first_nonfinite("r", "never") is None
        assert store.first_nonfinite("r", "loss", sources=[Source("r", "w", 0)]) is None
        store.compact(until_idle=True)


def test_the_first_value_that_is_not_finite_is_that_of_the_lowest_step(store: MetricStore) -> None:
    nan = float("nan")
    # logged in descending order of steps, so the lowest step has the latest time
    store.append([batch("r", "w", 0, with_columns([9, 5, 3, 1], loss=[nan, nan, nan, 0.5]))])
    for _ in range(2):
        first = store.first_nonfinite("r", "loss")
        assert first is not None
        assert (first.step, first.micros, first.row) == (3, 2000, 2)
        store.compact(until_idle=True)


def test_the_last_object_up_to_a_step_and_the_positions_of_all(store: MetricStore) -> None:
    values: list[object] = [{"n": 0}, 1.0, {"n": 2}, {"n": 3}, {"n": 4}]
    hours = [0.5, None, 2.5, None, 4.5]
    rows = with_columns([7, 8, 2, 2, 9.5], img=values, hours=hours)
    store.append([batch("r", "w1", 0, rows)])
    store.append([batch("r", "w0", 0, with_columns([2, 9], img=[{"m": 0}, "text"]))])
    for _ in range(2):
        assert [at.step for at in store.object_positions("r", "img")] == [2, 2, 2, 7, 9, 9.5]
        by_time = store.object_positions("r", "img", AxisSpec("time"))
        assert sorted(at.step for at in by_time) == [2, 2, 2, 7, 9, 9.5]
        by_hours = store.object_positions("r", "img", AxisSpec("metric", "hours"))
        assert by_hours == [(0.5, 7), (2.5, 2), (2.5, 2), (4.5, 9.5)]
        last = {at: store.last_object("r", "img", at=at) for at in (None, 9.2, 8, 6.5, 2, 1)}
        assert {
            at: point and (point.x, point.writer, point.value) for at, point in last.items()
        } == {
            None: (9.5, "w1", {"n": 4}),
            9.2: (9, "w0", "text"),
            8: (7, "w1", {"n": 0}),
            6.5: (2, "w1", {"n": 3}),  # of one step the latest
            2: (2, "w1", {"n": 3}),
            1: None,
        }
        assert store.last_object("r", "never") is None
        assert store.object_positions("r", "never") == []
        assert store.object_positions("r", "img", AxisSpec("metric", "never")) == []
        fork = [Source("r", "w0", 5), Source("r", "w1", -1)]
        forked = store.last_object("fork", "img", sources=fork)
        assert forked is not None
        assert (forked.x, forked.value) == (2, {"m": 0})
        assert store.object_positions("fork", "img", sources=fork) == [(2, 2)]
        store.compact(until_idle=True)


def test_series_are_told_apart_by_writer(store: MetricStore) -> None:
    for nth, writer in enumerate(["w0", "w1", "w2"]):
        store.append([batch("r", writer, 0, rows_of([float(nth)] * 3))])
    parts = {"r": {"w2": "odd", "w0": "even", "w1": "even"}}
    for _ in range(2):
        for axis in ("step", "time"):
            series = store.series(replace(query(["r"], ["loss"], axis=axis), parts=parts))  # type: ignore[arg-type]
            assert [(curve.part, int(curve.count.sum())) for curve in series] == [
                ("odd", 3),
                ("even", 6),
            ]
        only = replace(query(["r", "s"], ["loss"]), parts={"r": {"w1": "rank 1"}})
        assert [curve.part for curve in store.series(only)] == ["rank 1"]
        store.compact(until_idle=True)


def test_columns_are_joined_rows_merged_or_apart(store: MetricStore) -> None:
    block = with_columns([0, 0, 1], a=[1, None, 2], b=["x", 2.5, None])
    block.continues = np.array([False, True, False])
    store.append([batch("r", "w1", 0, block)])
    store.append([batch("r", "w0", 0, with_columns([0, 2], a=[7, True]))])
    for _ in range(2):
        (merged,) = store.columns(["r", "never"])
        assert [merged.writers[nth] for nth in merged.writer] == ["w0", "w1", "w1", "w0"]
        assert merged.steps.tolist() == [0, 0, 1, 2]
        assert merged.times.tolist() == [0, 1000, 2000, 1000]
        kinds = {column.kind: column for column in merged.columns["a"]}
        assert kinds["int"].rows is not None
        assert (kinds["int"].rows.tolist(), list(kinds["int"].values)) == ([0, 1, 2], [7, 1, 2])
        # The later fragment's value is the row's.
        (column,) = merged.columns["b"]
        assert (column.kind, list(column.values)) == ("float", [2.5])
        apart = list(store.columns(["r"], ["a"], apart=True, lo=0, hi=2))
        assert [row for batch in apart for row in batch.rows.tolist()] == [0, 0, 2]
        assert [len(batch) for batch in store.columns(["r"], ["b"])] == [1]
        assert list(store.columns(["r"], ["never"])) == []
        store.compact(until_idle=True)


def test_metrics_are_searched_and_paged_by_name(store: MetricStore) -> None:
    for run in ("r", "s"):
        store.append([batch(run, "w", 0, with_columns([0], b=[1], Ba=[2.5], c=["x"]))])
    store.append([batch("s", "v", 0, with_columns([0], b=["text"], d=[True]))])
    for _ in range(2):
        page = store.search_keys(matches=NameSearch("B"), limit=1)
        assert page == KeyPage([KeyTotal("Ba", frozenset({"float"}), 2, 2)], 2)
        page = store.search_keys(matches=NameSearch("B"), after="Ba")
        assert page.keys == [KeyTotal("b", frozenset({"int", "object"}), 2, 3)]
        assert [key.key for key in store.search_keys(["r", "never"]).keys] == ["Ba", "b", "c"]
        assert store.search_keys(matches=lambda name: name > "c") == KeyPage(
            [KeyTotal("d", frozenset({"bool"}), 1, 1)], 1
        )
        latest = store.latest_of(["s", "r", "never"], ["c", "d"])
        assert {run: [point.key for point in points] for run, points in latest.items()} == {
            "s": ["c", "d"],
            "r": ["c"],
        }
        store.compact(until_idle=True)


def test_system_metrics_are_told_by_their_rows_not_by_their_names(store: MetricStore) -> None:
    def log(run: str, first: int, *, system: bool, **values: list[object]) -> None:
        rows = with_columns([0], row_lo=first, **values)
        store.append([Batch(run, "w", "w", first, first + 1, rows=rows, system=system)])

    log("r", 0, system=False, **{"system.load": [5.0], "system.cpu": ["high"], "loss": [1]})
    log("r", 1, system=True, **{"system.cpu": [50.0], "system.memory": [0.5]})
    log("s", 0, system=True, **{"system.cpu": [60.0]})
    number, text = frozenset[Kind]({"float"}), frozenset[Kind]({"object"})
    cut = {"r": [Source("r", "w", 5)], "s": [Source("s", "w", -1)]}
    for _ in range(2):
        for lineage in (None, cut):
            logged = store.search_keys(system=False, lineage=lineage).keys
            assert logged == [
                KeyTotal("loss", frozenset({"int"}), 1, 1),
                KeyTotal("system.cpu", text, 1, 1),
                KeyTotal("system.load", number, 1, 1),
            ]
            sampled = store.search_keys(["r", "s"], system=True, lineage=lineage).keys
            assert sampled == [
                KeyTotal("system.cpu", number, 2, 2, frozenset({"system"})),
                KeyTotal("system.memory", number, 1, 1, frozenset({"system"})),
            ]
            both = store.search_keys(lineage=lineage).keys
            assert [(key.key, sorted(key.origins), key.n_runs) for key in both] == [
                ("loss", ["logged"], 1),
                ("system.cpu", ["logged", "system"], 2),
                ("system.load", ["logged"], 1),
                ("system.memory", ["system"], 1),
            ]
        assert store.keys(["r", "s"], system=True) == {
            "r": [KeyInfo("system.cpu", number, 1), KeyInfo("system.memory", number, 1)],
            "s": [KeyInfo("system.cpu", number, 1)],
        }
        assert store.keys(["s"], system=False) == {"s": []}
        assert store.keys(["s"]) == {"s": [KeyInfo("system.cpu", number, 1)]}
        store.compact(until_idle=True)
    # A later chunk of the one kind of rows leaves the totals of the other as they are.
    log("r", 2, system=False, **{"system.memory": [True]})
    store.compact(until_idle=True)
    assert store.keys(["r"], system=True)["r"][1] == KeyInfo("system.memory", number, 1)
    assert store.keys(["r"])["r"][3] == KeyInfo("system.memory", number | {"bool"}, 2)


@engines_at_length("shared", "moved")
def test_system_metrics_of_many_runs_are_counted_apart(store: MetricStore) -> None:
    for nth in range(20):
        run, key = f"r{nth}", "cpu" if nth % 4 else "load"
        logged, sampled = with_columns([0], load=[1.0]), with_columns([0], row_lo=1, **{key: [2]})
        store.append(
            [
                Batch(run, "w", "w", 0, 1, rows=logged),
                Batch(run, "w", "w", 1, 2, rows=sampled, system=True),
            ]
        )
    whole, part = frozenset[Kind]({"int"}), frozenset[Kind]({"float"})
    for _ in range(2):
        assert store.search_keys(system=False).keys == [KeyTotal("load", part, 20, 20)]
        assert store.search_keys(system=True).keys == [
            KeyTotal("cpu", whole, 15, 15, frozenset({"system"})),
            KeyTotal("load", whole, 5, 5, frozenset({"system"})),
        ]
        assert store.search_keys().keys == [
            KeyTotal("cpu", whole, 15, 15, frozenset({"system"})),
            KeyTotal("load", whole | part, 20, 25, frozenset({"logged", "system"})),
        ]
        store.compact(until_idle=True)
