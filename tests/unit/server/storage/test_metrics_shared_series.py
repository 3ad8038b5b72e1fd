"""Series that charts share: which are read again, and after which changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from metric_answers import KEYS, batch, make_rows, query
from weft.server.storage.contract import Series
from weft.server.storage.metrics import SqliteMetricStore
from weft.server.storage.metrics.reading import chart_caches

RUNS = ["ra", "rb"]


@pytest.fixture
def store(tmp_path: Path) -> SqliteMetricStore:
    store = SqliteMetricStore(tmp_path / "metrics.db")
    for run in RUNS:
        log(store, run)
    return store


def log(store: SqliteMetricStore, run: str) -> None:
    """Log 30 rows."""
    position = store.position(run, "w0")
    row = 0 if position is None else position.n_rows
    rows = make_rows(np.random.default_rng(row), row, 30, "regular", "float", fragments=False)
    at = 0 if position is None else position.position
    store.append([replace(batch(run, "w0", at, rows), n_rows=row + 30)])


def drawn(
    store: SqliteMetricStore, *runs: str, key: str = "loss", n_buckets: int = 64
) -> list[Series]:
    return store.series(replace(query(list(runs), [key]), n_buckets=n_buckets))


def test_panels_with_other_runs_and_widths_share_series(store: SqliteMetricStore) -> None:
    (ra, rb) = drawn(store, *RUNS)
    assert drawn(store, "rb", "ra", n_buckets=99)[0] is rb
    assert drawn(store, "ra", "never")[0] is ra
    # A narrow chart of the same run has other buckets, and leaves these where they are.
    log(store, "rb")
    assert drawn(store, "rb", n_buckets=5)[0].level > 0
    assert drawn(store, "ra")[0] is ra


def test_rows_of_a_run_have_only_its_series_read_again(store: SqliteMetricStore) -> None:
    (ra, rb) = drawn(store, *RUNS)
    log(store, "rb")
    again = drawn(store, *RUNS)
    assert again[0] is ra
    assert again[1] is not rb
    assert again[1].count.sum() == 60


def test_metrics_of_the_next_panels_are_read_with_the_first(store: SqliteMetricStore) -> None:
    first, *rest = KEYS
    store.series(replace(query(RUNS, [first]), next_keys=rest))
    alone = SqliteMetricStore(store._database.path.with_name("alone.db"))
    for run in RUNS:
        log(alone, run)
    for key in rest:
        ahead = drawn(store, *RUNS, key=key)
        assert [each.mean.tobytes() for each in ahead] == [
            each.mean.tobytes() for each in drawn(alone, *RUNS, key=key)
        ]


CHANGES: dict[str, Callable[[SqliteMetricStore], None]] = {
    "hidden": lambda store: store.hide_runs(["ra"]),
    "deleted": lambda store: store.delete_runs(["ra"]),
    "dropped": lambda store: store.drop_runs(["ra"]),
    "without the metric": lambda store: store.delete_metrics(["ra"], ["loss"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_that_is_gone_is_in_no_chart(store: SqliteMetricStore, change: str) -> None:
    assert len(drawn(store, *RUNS)) == 2
    CHANGES[change](store)
    assert [series.run for series in drawn(store, *RUNS)] == ["rb"]


def test_a_run_is_shown_under_its_new_name(store: SqliteMetricStore, tmp_path: Path) -> None:
    (ra,) = drawn(store, "ra")
    assert drawn(store, "new") == []
    store.hide_runs(["ra"])
    store.name_runs({"ra": "new"})
    assert drawn(store, "ra") == []
    (new,) = drawn(store, "new")
    assert (new.run, new.mean.tobytes()) == ("new", ra.mean.tobytes())
    other = SqliteMetricStore(tmp_path / "other.db")
    assert drawn(other, "new") == []
    store.copy_runs({"new": "new"}, other)
    other.show_runs(["new"])
    assert drawn(other, "new")[0].mean.tobytes() == ra.mean.tobytes()


def test_the_cache_is_bounded(
    store: SqliteMetricStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chart_caches, "ALL_SERIES", chart_caches.shared_cache(100))
    small = SqliteMetricStore(tmp_path / "small.db")
    for run in ("ra", "rb", "rc"):
        log(small, run)
    (ra,) = drawn(small, "ra")
    assert drawn(small, "ra")[0] is ra
    drawn(small, "rb")
    assert drawn(small, "ra")[0] is not ra


def test_stores_share_the_room_and_not_the_series(
    store: SqliteMetricStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(chart_caches, "ALL_SERIES", chart_caches.shared_cache(100))
    first, second = (SqliteMetricStore(tmp_path / f"{name}.db") for name in ("first", "second"))
    log(first, "ra")
    (ra,) = drawn(first, "ra")
    assert drawn(first, "ra")[0] is ra
    assert drawn(second, "ra") == []
    log(second, "rb")
    drawn(second, "rb")
    assert drawn(first, "ra")[0] is not ra
