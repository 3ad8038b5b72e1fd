"""Runs copied from one metric engine to another, in passes, while rows arrive and are deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from metric_answers import STEPS, batch, make_rows
from postgres_cluster import PostgresCluster
from weft.server.services.migration.digests import digest_of
from weft.server.services.migration.points import PointCopy
from weft.server.services.migration.progress_record import ProgressRecord
from weft.server.services.stores.metric_stores import MetricStores, embedded_engine, shared_engine
from weft.server.services.upkeep.progress import unheard
from weft.server.storage.contract import ConsoleLine, MetricStore


class Sides(NamedTuple):
    """Stores of two engines, and the copy from the first to the second."""

    source: MetricStores
    target: MetricStores
    record: ProgressRecord
    copy: PointCopy

    def move(self) -> int:
        """Make a pass; returns how many points it wrote, after both sides were compared."""
        before = self.copy.n_points
        self.copy.copy_projects([1], compacts=False)
        assert digests(self.source) == digests(self.target)
        return self.copy.n_points - before


@pytest.fixture(params=["embedded to shared", "shared to embedded"])
def sides(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_cluster: PostgresCluster
) -> Iterator[Sides]:
    engines = [
        embedded_engine(tmp_path / "metrics"),
        shared_engine(postgres_cluster.new_database(), None),
    ]
    source, target = map(
        MetricStores, engines if request.param == "embedded to shared" else reversed(engines)
    )
    record = ProgressRecord(tmp_path, "m")
    yield Sides(source, target, record, PointCopy(source, target, record, unheard))
    record.close()
    source.close()
    target.close()


def digests(metrics: MetricStores) -> dict[str, object]:
    try:
        frozen = metrics.freeze(1)
    except FileNotFoundError:
        return {}
    try:
        return {
            name: (run.hidden, run.origin, frozen.streams(run), digest_of(frozen, run))
            for name, run in frozen.runs().items()
        }
    finally:
        frozen.close()


def fill(store: MetricStore, run: str, seed: int) -> None:
    """Rows of all shapes by two writers, and console lines of which some are written again."""
    rng = np.random.default_rng(seed)
    for writer in ("w", "v"):
        position = 0
        for nth in range(6):
            rows = make_rows(rng, position, 40, STEPS[seed + nth], "odd", fragments=nth > 2)
            lines = [ConsoleLine("stdout", i, nth + i, f"line {i} {nth}") for i in range(nth + 1)]
            more = {"system": nth == 3, "offset_micros": nth // 2, "state": b"%d" % nth}
            store.append([batch(run, writer, position, rows, console=lines, **more)])
            position += len(rows)


def test_a_further_pass_writes_only_what_is_new(sides: Sides) -> None:
    with sides.source.use(1) as store:
        for nth, run in enumerate(["one", "two"]):
            fill(store, run, nth)
        assert sides.move() > 0
        assert sides.move() == 0
        store.compact(until_idle=True)
        rows = make_rows(np.random.default_rng(9), 240, 5, "regular", "odd", fragments=False)
        store.append([batch("one", "w", 240, rows)])
        n_new = sum(len(c.values) for columns in rows.columns.values() for c in columns)
        assert sides.move() == n_new
        store.append([batch("three", "w", 0, None, console=[ConsoleLine("out", 0, 1, "a")])])
        assert sides.move() == 0


def test_what_is_deleted_between_two_passes_is_deleted_on_both_sides(sides: Sides) -> None:
    with sides.source.use(1) as store:
        for nth, run in enumerate(["one", "two", "three", "four"]):
            fill(store, run, nth)
        sides.move()
        store.delete_metrics(["one"], ["loss"])
        store.compact(until_idle=True)
        store.delete_console(["two"])
        store.hide_runs(["three"])
        store.delete_runs(["four"])
        sides.move()
        store.show_runs(["three"])
        store.drop_runs(["one"])
        fill(store, "one", 2)
        sides.move()


def test_without_the_record_everything_is_compared_and_nothing_is_written_again(
    sides: Sides, tmp_path: Path
) -> None:
    with sides.source.use(1) as store:
        fill(store, "one", 1)
    sides.move()
    record = ProgressRecord(tmp_path, "another")
    copy = PointCopy(sides.source, sides.target, record, unheard)
    copy.copy_projects([1], compacts=True)
    assert (copy.n_points, copy.n_listed) == (0, 1)
    record.close()
    assert digests(sides.source) == digests(sides.target)
