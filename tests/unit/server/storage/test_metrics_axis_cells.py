"""Charts over a step metric: from cells in the file, whatever came first, rows or definition."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from at_length import case_at_length
from memory_engine.metrics import MemoryMetricStore
from metric_answers import assert_same_series
from weft.server.storage.contract import (
    Batch,
    Column,
    MetricStore,
    RowBlock,
    SeriesQuery,
    Source,
    StepMetric,
)
from weft.server.storage.metrics import SqliteMetricStore
from weft.server.storage.metrics.encoding.axis_cells import step_metrics_of
from weft.server.storage.metrics.reading import by_metric

N_ROWS = 600


def make_batch(
    x: np.ndarray[Any, Any],
    at: Sequence[int] | None = None,
    *,
    row_lo: int = 0,
    continues: np.ndarray[Any, Any] | None = None,
) -> Batch:
    """Rows with a full and a sparse metric, and the step metric in all rows or in some."""
    rng = np.random.default_rng(row_lo)
    rows = np.arange(row_lo, row_lo + N_ROWS)
    loss = rng.standard_normal(N_ROWS)
    loss[rng.integers(0, N_ROWS, 20)] = np.nan
    numbers = np.flatnonzero(rng.random(N_ROWS) < 0.3).astype(np.uint32)
    own = None if at is None else np.array(at, dtype=np.uint32)
    columns = {
        "epoch": [Column("float", own, x if own is None else x[own])],
        "loss": [Column("float", None, loss)],
        "rare": [Column("int", numbers, numbers.astype(np.int64))],
    }
    block = RowBlock(row_lo, rows, rows * 1000, continues, columns)
    return Batch("r", "w", "w", row_lo, row_lo + N_ROWS, rows=block, origin_micros=0)


def stores(tmp_path: Path) -> tuple[SqliteMetricStore, MemoryMetricStore]:
    return SqliteMetricStore(tmp_path / "m.db"), MemoryMetricStore()


def columns_with_cells(store: SqliteMetricStore) -> list[str]:
    with store._database.snapshot() as view:  # the file's own books
        rows = view.db.execute("SELECT name FROM col JOIN key USING (key) WHERE n_axis > 0")
        return sorted({name for (name,) in rows})


def compare(store: MetricStore, twin: MetricStore, sources: Sequence[Source] = ()) -> None:
    for step_sync in (True, False):
        for lo, hi in ((None, None), (2.5, 4.25), (-100.0, 1e6), (3.0, 3.001)):
            query = SeriesQuery(
                ["r"], ["loss", "rare", "epoch"], "metric", lo, hi, 64, {"r": sources}, "epoch",
                step_sync,
            )  # fmt: skip
            assert_same_series(store.series(query), twin.series(query))


EPOCHS = np.arange(N_ROWS) // 100 * 1.0
FINITE = np.where(np.arange(N_ROWS) % 100 == 7, np.nan, np.arange(N_ROWS) / 70)

CASES: dict[str, tuple[Any, Any, Any]] = {
    "in every row": (np.arange(N_ROWS) / 70, None, None),
    "the same in many rows": (EPOCHS, None, None),
    "now and then": (np.arange(N_ROWS) / 70, range(50, N_ROWS, 4), None),
    "descending": (np.arange(N_ROWS)[::-1] / 70, None, None),
    "not finite at times": (FINITE, None, None),
    "in a later fragment": (
        np.arange(N_ROWS) / 70, range(1, N_ROWS, 2), np.arange(N_ROWS) % 2 == 1,
    ),
    "in the fragment before": (
        np.arange(N_ROWS) / 70, range(1, N_ROWS, 2), np.arange(N_ROWS) % 2 == 0,
    ),
}  # fmt: skip


RARER = {"in every row", "the same in many rows", "descending", "in a later fragment"}


@pytest.mark.parametrize(
    "case", [case_at_length(case) if case in RARER else case for case in CASES]
)
@pytest.mark.parametrize("step_sync", [True, case_at_length(False)])
def test_a_chart_over_a_step_metric_is_exact(tmp_path: Path, case: str, step_sync: bool) -> None:
    store, twin = stores(tmp_path)
    x, at, continues = CASES[case]
    store.set_axes("r", {"*": StepMetric("epoch", step_sync)})
    for row_lo in (0, N_ROWS):
        batch = make_batch(x, at, row_lo=row_lo, continues=continues)
        for each in (store, twin):
            each.append([batch])
        compare(store, twin)
        store.compact(until_idle=True)
        compare(store, twin)
    assert "loss" in columns_with_cells(store)
    compare(store, twin, [Source("r", "w", 750)])
    late = make_batch(x * 2, at, row_lo=2 * N_ROWS)
    for each in (store, twin):
        each.append([late])
    compare(store, twin)
    store.close()


def test_chunks_from_before_the_definition_are_read_as_they_are(tmp_path: Path) -> None:
    store, twin = stores(tmp_path)
    for each in (store, twin):
        each.append([make_batch(EPOCHS)])
    store.compact(until_idle=True)
    store.set_axes("r", {"loss": StepMetric("epoch")})
    for each in (store, twin):
        each.append([make_batch(EPOCHS + 6, row_lo=N_ROWS)])
    compare(store, twin)
    assert columns_with_cells(store) == []
    store.compact(until_idle=True)
    compare(store, twin)
    assert columns_with_cells(store) == ["loss"]
    store.close()


def test_a_deleted_step_metric_takes_its_charts_along(tmp_path: Path) -> None:
    store, twin = stores(tmp_path)
    store.set_axes("r", {"*": StepMetric("epoch")})
    for each in (store, twin):
        each.append([make_batch(EPOCHS)])
    store.compact(until_idle=True)
    compare(store, twin)
    for each in (store, twin):
        each.delete_metrics(["r"], ["epoch"])
    compare(store, twin)
    assert store.series(SeriesQuery(["r"], ["loss"], "metric", axis_metric="epoch")) == []
    for each in (store, twin):
        each.append([make_batch(EPOCHS, range(300, N_ROWS, 7), row_lo=N_ROWS)])
    compare(store, twin)
    store.compact(until_idle=True)
    compare(store, twin)
    store.close()


def test_step_metrics_outlive_a_restart_and_end_with_the_run(tmp_path: Path) -> None:
    store, _ = stores(tmp_path)
    store.set_axes("r", {"*": StepMetric("epoch")})
    store.close()
    store = SqliteMetricStore(tmp_path / "m.db")
    store.append([make_batch(EPOCHS)])
    store.compact(until_idle=True)
    assert columns_with_cells(store) == ["epoch", "loss", "rare"]
    store.delete_runs(["r"])
    store.set_axes("r", {"*": StepMetric("epoch")})
    with store._database.snapshot() as view:
        assert view.db.execute("SELECT count(*) FROM axis_rule").fetchone() == (0,)
    store.close()


def test_a_second_chart_of_points_without_cells_reads_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_metric, "LARGE_COLUMN", 500)
    store, _ = stores(tmp_path)
    store.append([make_batch(EPOCHS)])
    store.compact(until_idle=True)
    query = SeriesQuery(["r"], ["loss"], "metric", axis_metric="epoch")
    first = store.series(query)
    with store._database.transaction() as db:
        db.execute("UPDATE part SET data = x'00'")
    assert_same_series(store.series(query), first)
    store.close()


def test_at_most_two_metrics_are_axes_of_a_run() -> None:
    rules = {name: StepMetric(f"x{name}") for name in ("a", "b", "c")}
    assert set(step_metrics_of({1: "a", 2: "b", 3: "c"}, rules)) == {1, 2}
    globbed = {"c*": StepMetric("xc"), "b": StepMetric("xb"), "a": StepMetric("xa")}
    assert set(step_metrics_of({1: "a", 2: "b", 3: "cc"}, globbed)) == {1, 3}
    assert step_metrics_of({1: "a"}, {}) == {}
