"""Runs are hidden and shown, frozen, copied and named, alike in every metric store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from at_length import engines_at_length
from service_uploads import row_block
from weft.errors import Gone, Unavailable
from weft.server.storage.contract import Batch, MetricStore
from weft.server.storage.metrics import SqliteMetricStore

Pair = tuple[MetricStore, MetricStore]


@pytest.fixture
def stores(new_store: Callable[[], MetricStore]) -> Pair:
    """Two stores of one engine."""
    return new_store(), new_store()


def log(store: MetricStore, run: str, first: int, *values: Any) -> None:
    rows = row_block([{"loss": value} for value in values], row_lo=first, first_micros=first)
    to = first + len(values)
    store.append([Batch(run, "w", "w", first, to, state=b"s", rows=rows, origin_micros=0)])


def losses(store: MetricStore, run: str) -> list[Any]:
    return [row.values["loss"] for row in store.rows(run)]


def test_ST7_what_was_hidden_is_shown_again_whole(stores: Pair) -> None:
    store, _ = stores
    log(store, "r", 0, 1.0, 2)
    before = store.position("r", "w"), store.keys(), store.latest("r")
    store.hide_runs(["r", "never"])
    assert (losses(store, "r"), store.keys(), store.position("r", "w")) == ([], {}, None)
    for run in ("r", "never"):
        with pytest.raises(Gone):
            log(store, run, 0, 3.0)
    store.compact(until_idle=True)
    store.show_runs(["r", "unknown"])
    assert (store.position("r", "w"), store.keys(["r"]), store.latest("r")) == before
    assert store.dirty_runs() == ["r"]
    log(store, "r", 2, 3.0)
    assert losses(store, "r") == [1.0, 2, 3.0]


@pytest.mark.parametrize("before", ["shown", "hidden", "deleted", "compacted"])
@engines_at_length("moved", before="hidden")
@engines_at_length("moved", before="compacted")
def test_ST7_a_dropped_run_leaves_its_name_free(stores: Pair, before: str) -> None:
    store, _ = stores
    log(store, "r", 0, 1.0, 2)
    log(store, "other", 0, 5.0)
    if before == "hidden":
        store.hide_runs(["r"])
    elif before == "deleted":
        store.delete_runs(["r"])
    elif before == "compacted":
        store.compact(until_idle=True)
    store.drop_runs(["r", "never"])
    assert (losses(store, "r"), store.position("r", "w"), store.dirty_mark("r")) == ([], None, 0)
    log(store, "r", 0, 3.0)
    store.compact(until_idle=True)
    assert (losses(store, "r"), losses(store, "other")) == ([3.0], [5.0])
    store.drop_runs(["r"])
    log(store, "r", 0, 4.0)
    assert losses(store, "r") == [4.0]


def test_a_deleted_run_that_is_shown_begins_anew(stores: Pair) -> None:
    store, _ = stores
    log(store, "r", 0, 1.0, 2.0)
    store.delete_metrics(["r"], ["loss"])
    store.delete_runs(["r"])
    store.show_runs(["r"])
    assert (losses(store, "r"), store.position("r", "w")) == ([], None)
    log(store, "r", 0, 5.0)
    assert losses(store, "r") == [5.0]


@engines_at_length("moved")
def test_a_frozen_run_is_refused_for_now(stores: Pair) -> None:
    store, _ = stores
    log(store, "r", 0, 1.0)
    with store.freeze_runs(["r"]) as freeze:
        with store.freeze_runs(["r"]):
            pass
        with pytest.raises(Unavailable):
            log(store, "r", 1, 2.0)
        log(store, "other", 0, 1.0)
        freeze.check()
    log(store, "r", 1, 2.0)
    assert losses(store, "r") == [1.0, 2.0]


@pytest.mark.parametrize("compacted", [False, True])
@engines_at_length("moved", compacted=True)
def test_copies_are_hidden_until_they_are_named(stores: Pair, compacted: bool) -> None:
    source, target = stores
    log(target, "other", 0, 9.0)
    log(source, "r", 0, 1.0, 2, "text")
    log(source, "gone", 0, 7.0)
    source.hide_runs(["gone"])
    if compacted:
        source.compact(until_idle=True)
    source.copy_runs({"r": "/1", "gone": "/2", "never": "/3"}, target)
    assert [run for run, infos in target.keys().items() if infos] == ["other"]
    target.compact(until_idle=True)
    target.name_runs({"/1": "r", "/3": "never", "/9": "unknown"})
    target.name_runs({"/2": "gone"}, hidden=True)
    assert losses(target, "r") == [1.0, 2, "text"]
    assert target.position("r", "w") == source.position("r", "w")
    assert (losses(target, "never"), losses(target, "gone")) == ([], [])
    log(target, "r", 3, 4.0)
    log(target, "never", 0, 1.0)
    with pytest.raises(Gone):
        log(target, "gone", 1, 1.0)
    target.show_runs(["gone"])
    assert losses(target, "gone") == [7.0]
    assert losses(source, "r") == [1.0, 2, "text"]


def test_a_copy_takes_the_place_of_what_was_hidden_or_deleted(stores: Pair) -> None:
    source, target = stores
    log(source, "r", 0, 1.0)
    for before in ("hidden", "deleted"):
        if before == "hidden":
            log(target, "r", 0, 5.0, 6.0)
            target.hide_runs(["r"])
        else:
            target.delete_runs(["r"])
        source.copy_runs({"r": "/1"}, target)
        target.name_runs({"/1": "r"})
        assert losses(target, "r") == [1.0], before
    log(target, "r", 1, 2.0)
    assert losses(target, "r") == [1.0, 2.0]


def test_a_copied_run_keeps_its_metric_tombstones(stores: Pair) -> None:
    source, target = stores
    log(source, "r", 0, 1.0, 2.0)
    source.delete_metrics(["r"], ["loss"])
    source.copy_runs({"r": "/1"}, target)
    target.name_runs({"/1": "r"})
    late = row_block([{"loss": 1.0}, {"loss": 2.0}], row_lo=0, first_micros=0)
    target.append([Batch("r", "w", "again", 0, 2, rows=late)])
    assert list(target.keys(["r"])["r"]) == []
    log(target, "r", 2, 3.0)
    assert [info.n_points for info in target.keys(["r"])["r"]] == [1]


def test_sizes_of_runs_are_those_of_their_parts(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    log(store, "r", 0, *(float(value * 7919 % 1009) for value in range(3000)))
    fresh = store.run_usage("r")
    assert fresh is not None
    assert store.usage().by_run == {"r": fresh.n_bytes} == {"r": fresh.fresh_bytes}
    store.compact(until_idle=True)
    usage = store.run_usage("r")
    assert usage is not None
    assert store.usage().by_run == {"r": usage.n_bytes}
    assert (usage.fresh_bytes, 0 < usage.by_key["loss"] < usage.n_bytes) == (0, True)
    assert store.run_usage("none") is None
    store.close()
