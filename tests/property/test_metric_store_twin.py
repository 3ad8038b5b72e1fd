"""Each store against its brute-force twin: anything in any order, no answer differs."""

from __future__ import annotations

import math
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from at_length import at_length
from clickhouse_server import ClickHouseServer
from memory_engine.metrics import MemoryMetricStore
from metric_answers import (
    KEYS,
    STEPS,
    assert_same_answers,
    assert_same_columns,
    assert_same_points,
    assert_same_series,
    batch,
    make_rows,
    query,
)
from postgres_cluster import PostgresCluster
from weft.errors import Gone, PositionConflict
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import (
    AxisSpec,
    Batch,
    ConsoleLine,
    MetricStore,
    RowBlock,
    Series,
    Source,
    StepMetric,
)
from weft.server.storage.metrics import SqliteMetricStore, fresh
from weft.server.storage.metrics.chunking import plan
from weft.server.storage.metrics.reading import by_metric, columns, folds, loose, rows
from weft.server.storage.metrics.reading.chart_caches import ChartCaches
from weft.server.storage.metrics.upkeep import rewrite

RUNS = ["ra", "rb"]
WRITERS = {"ra": ["w0", "w1", "w2"], "rb": ["v0", "v1", "v2"]}
FORKS = [*RUNS, "rc"]
"""Runs that may have sources; the last never has rows of its own."""

BASES = {"ra": {"w1": -77}, "rb": {"w0": 5_000_000, "v1": 12_345}, "rc": {"w1": 10**15}}
"""The origins of the times of some writers."""

ENDS = [None, -3, 0, 0.5, 17, 100, 250.25, 5e11]


@contextmanager
def small_tiers() -> Iterator[None]:
    """Tiers a few hundred rows large, so that merges of all tiers happen within a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "TIER_ROWS", (100, 300, 900))
        patch.setattr(plan, "CHUNKS_PER_TIER", 3)
        patch.setattr(plan, "FRESH_BATCHES", 3)
        patch.setattr(plan, "CLOSED_ROWS", 900)
        patch.setattr(rewrite, "SLICE_BYTES", 2000)
        patch.setattr(rows, "PAGE_ROWS", 150)
        patch.setattr(rows, "MOST_ROWS", 100)
        patch.setattr(columns, "WINDOW_POINTS", 900)
        patch.setattr(columns, "BATCH_POINTS", 200)
        patch.setattr(loose, "LARGE_COLUMN", 64)
        patch.setattr(loose, "MOST_CELLS", 16)
        patch.setattr(by_metric, "LARGE_COLUMN", 64)
        patch.setattr(by_metric, "MOST_CELLS", 16)
        patch.setattr(folds, "FOLD_FROM", 150)
        patch.setattr(folds, "JOINED_ROWS", 100)
        patch.setattr(fresh, "JOINED_ROWS", 100)
        patch.setattr(fresh, "JOIN_FROM", 3)
        patch.setattr(folds, "MOST_CELLS", 16)
        yield


class StoreAndTwin(RuleBasedStateMachine):
    """Every rule does the same to both; the invariant compares a few answers after each."""

    @initialize()
    def open_store(self) -> None:
        self.patched = small_tiers()
        self.patched.__enter__()
        self.folder = tempfile.TemporaryDirectory()
        self.name = uuid.uuid4().hex
        self.store = self.open_engine_store()
        self.twin = MemoryMetricStore()
        self.next_row: dict[tuple[str, str], int] = {}
        self.past: list[Batch] = []
        self.rng = np.random.default_rng(0)

    def open_engine_store(self) -> MetricStore:
        """The store, as it is after a restart."""
        return SqliteMetricStore(Path(self.folder.name) / "metrics.db")

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()
            self.patched.__exit__(None, None, None)

    def _both(self, batches: list[Batch]) -> None:
        outcomes: list[Any] = []
        for store in (self.store, self.twin):
            try:
                store.append(batches)
                outcomes.append(None)
            except PositionConflict as error:
                outcomes.append(error.position)
            except Gone:
                outcomes.append("gone")
        assert outcomes[0] == outcomes[1]
        if outcomes[0] is None:
            self.past += batches

    @rule(
        seed=st.integers(0, 2**32),
        run=st.sampled_from(RUNS),
        nth_writer=st.integers(0, 2),
        n=st.sampled_from([1, 2, 30, 150, 400]),
        steps=st.sampled_from(STEPS),
        values=st.sampled_from(["float", "odd", "constant", "huge"]),
        skip=st.sampled_from([0, 0, 0, 50]),
        more=st.booleans(),
        offset=st.sampled_from([0, 0, 0, 5_000_000]),
        system=st.sampled_from([False, False, False, True]),
    )
    def log_rows(
        self,
        seed: int,
        run: str,
        nth_writer: int,
        n: int,
        steps: str,
        values: str,
        skip: int,
        more: bool,
        offset: int,
        system: bool,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        writer = WRITERS[run][nth_writer]
        row = self.next_row.get((run, writer), 0) + skip
        self.next_row[run, writer] = row + n
        position = self.twin.position(run, writer)
        block = make_rows(self.rng, row, n, steps, values, fragments=more)
        batch_made = batch(
            run,
            writer,
            position.position if position else 0,
            block,
            offset_micros=offset,
            system=system,
            origin_micros=1000 if more else None,
            state=bytes(str(seed), "ascii") if more else None,
            console=[ConsoleLine("stdout", seed % 3000 + i, seed, f"t{seed}") for i in range(3)],
        )
        self._both([batch_made])

    @precondition(lambda self: self.past)
    @rule(at=st.integers(0, 1000))
    def send_again(self, at: int) -> None:
        """Exactly as before: refused with the right position."""
        self._both([self.past[at % len(self.past)]])

    @precondition(lambda self: self.past)
    @rule(at=st.integers(0, 1000), seed=st.integers(0, 1000))
    def send_again_elsewhere(self, at: int, seed: int) -> None:
        """Rows that are partly there, late, or fill a hole, as further bytes of the stream."""
        old = self.past[at % len(self.past)]
        position = self.twin.position(old.run, old.stream)
        if old.rows is None or position is None:
            return
        rng = np.random.default_rng(seed)
        row = max(0, old.rows.row_lo - int(rng.integers(0, 60)))
        block = make_rows(rng, row, len(old.rows) + 10, "random", "odd", fragments=False)
        name = (old.run, old.writer)
        self.next_row[name] = max(self.next_row.get(name, 0), row + len(block))
        self._both([batch(old.run, old.writer, position.position, block)])

    @rule(until_idle=st.booleans())
    def compact(self, until_idle: bool) -> None:
        self.store.compact(until_idle=until_idle)

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = self.open_engine_store()

    @rule(run=st.sampled_from(RUNS), key=st.sampled_from([*KEYS, "never"]))
    def delete_metric(self, run: str, key: str) -> None:
        self.store.delete_metrics([run], [key])
        self.twin.delete_metrics([run], [key])

    @precondition(lambda self: len(self.past) > 12)
    @rule(run=st.sampled_from(RUNS), hide=st.booleans())
    def delete_run(self, run: str, hide: bool) -> None:
        for store in (self.store, self.twin):
            store.hide_runs([run]) if hide else store.delete_runs([run])

    @rule(run=st.sampled_from(RUNS))
    def clean(self, run: str) -> None:
        self.store.clean(run, self.store.dirty_mark(run))
        self.twin.clean(run, self.twin.dirty_mark(run))

    @rule()
    def compare_all(self) -> None:
        assert_same_answers(self.store, self.twin, RUNS)

    @rule(
        axis=st.sampled_from(["step", "time"]),
        lo=st.sampled_from(ENDS),
        hi=st.sampled_from(ENDS),
        scale=st.sampled_from([1, 1, 1, 10_000]),
        n_buckets=st.sampled_from([2, 5, 64, 400, 10_000]),
        base=st.sampled_from([None, None, 0, -77, 123_456_789]),
    )
    def zoom(
        self, axis: Any, lo: Any, hi: Any, scale: int, n_buckets: int, base: int | None
    ) -> None:
        lo = None if lo is None else lo * scale
        hi = None if hi is None else hi * scale
        panel = query(RUNS, axis=axis, lo=lo, hi=hi, n_buckets=n_buckets)
        if base is not None:
            panel = replace(panel, bases={run: {WRITERS[run][-1]: base} for run in RUNS})
        assert_same_series(self.store.series(panel), self.twin.series(panel))

    @precondition(lambda self: self.past)
    @rule(seed=st.integers(0, 2**32), axis=st.sampled_from(["step", "time"]))
    def share(self, seed: int, axis: Any) -> None:
        """Panels of other people: each number is as without what was cached for the others."""
        rng = np.random.default_rng(seed)
        past = [batch.rows for batch in self.past if batch.rows is not None and len(batch.rows)]
        lineage = {run: random_sources(rng, past) for run in FORKS if rng.random() < 0.4}
        for _ in range(4):
            keys = [str(key) for key in rng.permutation(KEYS)]
            runs = [str(run) for run in rng.permutation(FORKS)]
            lo, hi = (ENDS[n] for n in rng.integers(len(ENDS), size=2).tolist())
            panel = replace(
                query(
                    runs[: rng.integers(1, 4)], keys[:2], n_buckets=int(rng.choice([5, 64, 400]))
                ),
                axis=axis,
                lo=lo if rng.random() < 0.3 else None,
                hi=hi if rng.random() < 0.3 else None,
                lineage=lineage,
                next_keys=keys[2 : rng.integers(2, 5)],
                bases=BASES if seed % 2 else {},
                parts={"ra": {"w0": "a", "w1": "b"}} if seed % 5 == 0 else None,
            )
            shared = self.store.series(panel)
            self.store._chart_caches.series = ChartCaches().series  # type: ignore[attr-defined]
            assert exact(shared) == exact(self.store.series(panel))
            if rng.random() < 0.7:
                self.store.series(replace(panel, runs=FORKS, keys=KEYS, n_buckets=64))

    @precondition(lambda self: self.past)
    @rule(
        seed=st.integers(0, 2**32),
        axis=st.sampled_from(["step", "time"]),
        n_buckets=st.sampled_from([5, 64, 10_000]),
    )
    def fork_and_rewind(self, seed: int, axis: Any, n_buckets: int) -> None:
        """Runs with any sources: no answer differs."""
        rng = np.random.default_rng(seed)
        past = [batch.rows for batch in self.past if batch.rows is not None and len(batch.rows)]
        lineage = {run: random_sources(rng, past) for run in FORKS if rng.random() < 0.8}
        for keys in (KEYS, ["flag"]):
            panel = query(FORKS, keys, axis=axis, n_buckets=n_buckets, lineage=lineage)
            if seed % 2:
                panel = replace(panel, bases=BASES)
            expected = self.twin.series(panel)
            # The second answer comes from what the first one kept.
            for _ in range(2):
                assert_same_series(self.store.series(panel), expected)
            part = query(FORKS, keys, axis=axis, lo=-3, hi=250.25, lineage=lineage)
            assert_same_series(self.store.series(part), self.twin.series(part))
        assert_same_answers(self.store, self.twin, FORKS, lineage)

    @rule(
        seed=st.integers(0, 2**32),
        metric=st.sampled_from(["acc", "flag", "loss", "note", "never"]),
        step_sync=st.booleans(),
        lo=st.sampled_from(ENDS),
        hi=st.sampled_from(ENDS),
        n_buckets=st.sampled_from([5, 64, 10_000]),
    )
    def by_metric(
        self, seed: int, metric: str, step_sync: bool, lo: Any, hi: Any, n_buckets: int
    ) -> None:
        """x by another metric, with any sources, and runs divided into parts."""
        rng = np.random.default_rng(seed)
        past = [batch.rows for batch in self.past if batch.rows is not None and len(batch.rows)]
        lineage = {run: random_sources(rng, past) for run in FORKS if rng.random() < 0.5}
        split: Any = rng.choice([None, "half", "one"])
        parts = split and {
            run: {name: f"{split}{nth % 2}" for nth, name in enumerate(WRITERS["ra"][:2])}
            for run in FORKS
        }
        panel = replace(
            query(FORKS, lo=lo, hi=hi, n_buckets=n_buckets, lineage=lineage),
            axis="metric",
            axis_metric=metric,
            step_sync=step_sync,
            parts=parts,
        )
        assert_same_series(self.store.series(panel), self.twin.series(panel))
        for axis in ("step", "time"):
            divided = replace(panel, axis=axis, parts=parts or {"ra": {"w0": "w0"}})  # type: ignore[arg-type]
            assert_same_series(self.store.series(divided), self.twin.series(divided))
        for x_axis in (AxisSpec("metric", metric, step_sync), AxisSpec(), AxisSpec("time")):
            for run in FORKS:
                more = {"lo": lo, "hi": hi, "sources": lineage.get(run, ())}
                if seed % 2:
                    more["bases"] = BASES[run]
                assert_same_points(self.store, self.twin, run, "acc", x_axis, **more)
                assert_same_points(self.store, self.twin, run, "note", x_axis, **more)
        for run in FORKS:
            sources = lineage.get(run, ())
            for key in ("loss", "acc", "note"):
                nonfinite = self.store.first_nonfinite(run, key, sources=sources)
                assert repr(nonfinite) == repr(
                    self.twin.first_nonfinite(run, key, sources=sources)
                )

    @rule(
        seed=st.integers(0, 2**32),
        keys=st.sampled_from([None, ["loss", "note"], ["flag"], ["never"]]),
        lo=st.sampled_from(ENDS),
        hi=st.sampled_from(ENDS),
        apart=st.booleans(),
        system=st.booleans(),
    )
    def columns(self, seed: int, keys: Any, lo: Any, hi: Any, apart: bool, system: bool) -> None:
        """Joined rows as columns, and the list of keys."""
        rng = np.random.default_rng(seed)
        past = [batch.rows for batch in self.past if batch.rows is not None and len(batch.rows)]
        lineage = {run: random_sources(rng, past) for run in FORKS if rng.random() < 0.5}
        assert_same_columns(
            self.store, self.twin, FORKS, keys=keys, lo=lo, hi=hi, apart=apart, system=system,
            every_row=seed % 2 == 0, lineage=lineage,
        )  # fmt: skip
        for after in (None, "flag"):
            answers = [
                each.search_keys(
                    None if apart else FORKS,
                    system=[None, False, True][seed % 3],
                    lineage=lineage,
                    matches=(lambda name: "o" in name) if system else None,
                    after=after,
                    limit=2,
                )
                for each in (self.store, self.twin)
            ]
            assert answers[0] == answers[1]
        latest = [
            each.latest_of(FORKS, keys or ["acc"], lineage=lineage)
            for each in (self.store, self.twin)
        ]
        assert repr(latest[0]) == repr(latest[1])

    @rule(
        run=st.sampled_from(RUNS),
        metric=st.sampled_from(["acc", "flag"]),
        step_sync=st.booleans(),
        name=st.sampled_from(["*", "loss", "never"]),
    )
    def define_x(self, run: str, metric: str, step_sync: bool, name: str) -> None:
        """Before or after the rows came."""
        self.store.set_axes(run, {name: StepMetric(metric, step_sync)})

    @invariant()
    def charts_are_exact(self) -> None:
        if hasattr(self, "store"):
            for axis in ("step", "time"):
                for run in RUNS:
                    panel = query([run], ["loss", "acc", "flag"], axis=axis)  # type: ignore[arg-type]
                    assert_same_series(self.store.series(panel), self.twin.series(panel))


def exact(drawn: list[Series]) -> list[list[Any]]:
    """Every bit of some series."""
    return [
        [
            value.tobytes() if isinstance(value, np.ndarray) else value
            for name in Series.__slots__
            for value in [getattr(series, name)]
        ]
        for series in drawn
    ]


def random_sources(rng: np.random.Generator, past: list[RowBlock]) -> list[Source]:
    """Some writers, cut at steps that rows have, just beside them, or anywhere."""
    sources: list[Source] = []
    for run, writers in WRITERS.items():
        for writer in writers:
            if not past or rng.random() < 0.4:
                continue
            block = past[int(rng.integers(len(past)))]
            step: int | float = block.steps[int(rng.integers(len(block)))].item()
            beside = [
                step,
                step,
                step + 0.5,
                math.nextafter(step, -math.inf),
                int(step) + 1,
                int(rng.integers(-600, 600)),
                2**63 - 1,
                -(2**63),
            ]
            sources.append(Source(run, writer, beside[int(rng.integers(len(beside)))]))
    return sources


SETTINGS = settings(
    max_examples=max(8, settings().max_examples // 4), stateful_step_count=25, deadline=None
)

TestStoreAndTwin = StoreAndTwin.TestCase
TestStoreAndTwin.settings = SETTINGS


def test_a_run_has_the_same_bits_alone_and_next_to_its_fork() -> None:
    machine = StoreAndTwin()
    machine.open_store()
    try:
        machine.log_rows(
            run="ra", nth_writer=2, n=400, seed=0, steps="regular", values="float",
            offset=0, skip=0, more=False, system=False,
        )  # fmt: skip
        lineage = {"rc": [Source("ra", "w2", 138)]}
        both = machine.store.series(query(["rc", "ra"], ["loss"], n_buckets=5, lineage=lineage))
        machine.store._chart_caches.series = ChartCaches().series  # type: ignore[attr-defined]
        alone = machine.store.series(query(["ra"], ["loss"], n_buckets=5))
        assert exact([series for series in both if series.run == "ra"]) == exact(alone)
    finally:
        machine.teardown()


@at_length
@pytest.mark.timeout(60 * SETTINGS.max_examples)
@pytest.mark.parametrize("has_clickhouse", [False, True])
def test_the_store_of_several_servers_against_its_twin(
    postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer, has_clickhouse: bool
) -> None:
    url = postgres_cluster.new_database()
    engine = SharedEngine(url, clickhouse_server.new_database() if has_clickhouse else None)

    class SharedStoreAndTwin(StoreAndTwin):
        """The same over PostgreSQL, and over ClickHouse."""

        def open_engine_store(self) -> MetricStore:
            return engine.open(self.name)

    run_state_machine_as_test(SharedStoreAndTwin, settings=SETTINGS)
    engine.close()
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM weft_metrics.chunk").fetchone()
    assert row is not None
    assert (row[0] > 0) == has_clickhouse
