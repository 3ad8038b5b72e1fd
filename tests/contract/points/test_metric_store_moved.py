"""Rows that the distributed engine moved to ClickHouse: each is there once, or reads refuse."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psycopg
import pytest

from at_length import case_at_length
from clickhouse_server import ClickHouseServer
from faulty_relay import FaultyRelay
from metric_answers import assert_same_answers, batch, make_rows, query
from postgres_cluster import PostgresCluster
from server_forks import fork_module
from weft.errors import Unavailable
from weft.server.storage.clickhouse import cluster, comparison, mover
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import (
    Column,
    ConsoleLine,
    Fault,
    MetricStore,
    RowBlock,
    StepMetric,
)
from weft.server.storage.metrics import SqliteMetricStore


class Databases:
    """The addresses of a database in PostgreSQL and of one in ClickHouse, and a look into them."""

    def __init__(self, url: str, clickhouse_url: str) -> None:
        self.url = url
        self.clickhouse_url = clickhouse_url

    def moved(self, statement: str) -> int:
        """A number that ClickHouse answers."""
        clients = Clients(self.clickhouse_url)
        try:
            ((number,),) = clients.read(statement)
            return number
        finally:
            clients.close()

    def delete(self, table: str, where: str) -> None:
        """Lose rows of ClickHouse."""
        clients = Clients(self.clickhouse_url)
        clients.read(f"ALTER TABLE {table} DELETE WHERE {where}")
        while clients.read(f"SELECT count() FROM {table} WHERE {where}") != [(0,)]:
            pass
        clients.close()

    def listed(self) -> int:
        """The number of chunks that reads ask for."""
        return self.count("chunk WHERE state = 1")

    def intents(self) -> int:
        """The number of chunks that are being written, perhaps."""
        return self.count("chunk WHERE state = 0")

    def fresh(self) -> int:
        """The number of batches that are in PostgreSQL."""
        return self.count("fresh")

    def count(self, rows: str) -> int:
        """The number of rows of the engine's tables in PostgreSQL."""
        with psycopg.connect(self.url) as connection:
            query = f"SELECT count(*) FROM weft_metrics.{rows}"
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture
def databases(postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer) -> Databases:
    return Databases(postgres_cluster.new_database(), clickhouse_server.new_database())


@pytest.fixture
def engine(databases: Databases) -> Iterator[SharedEngine]:
    engine = SharedEngine(databases.url, databases.clickhouse_url)
    yield engine
    engine.close()


@pytest.fixture
def store(engine: SharedEngine) -> MetricStore:
    return engine.open("1")


def rows(row_lo: int, n_rows: int, keys: tuple[str, ...] = ("loss",)) -> RowBlock:
    at = np.arange(row_lo, row_lo + n_rows)
    columns = {key: [Column("float", None, at.astype(float))] for key in keys}
    return RowBlock(row_lo, at, at * 1000, None, columns)


def lines(first: int, n: int) -> list[ConsoleLine]:
    return [ConsoleLine("stdout", nth, nth, f"line {nth}") for nth in range(first, first + n)]


def count(store: MetricStore, run: str = "r") -> int:
    return sum(int(series.count.sum()) for series in store.series(query([run])))


@pytest.mark.parametrize(
    "shape", ["random", *map(case_at_length, ["huge", "regular", "fraction"])]
)
def test_buckets_are_those_of_the_embedded_engine_to_the_last_bit(
    store: MetricStore, tmp_path: Path, shape: str
) -> None:
    rng = np.random.default_rng(len(shape))
    embedded = SqliteMetricStore(tmp_path / "1.db")
    for each in (store, embedded):
        each.set_axes("r0", {"*": StepMetric("acc", step_sync=True)})
    for nth, n_rows in enumerate((3, 700, 90, 5000)):
        batches = [
            batch(
                f"r{nth % 2}", "w0", nth // 2 * 10_000,
                make_rows(rng, nth * 10_000, n_rows, shape, "odd", fragments=nth % 2 == 0),
                console=lines(nth * 900, 1000), origin_micros=7,
            )
        ]  # fmt: skip
        batches[0].to_position = (nth // 2 + 1) * 10_000
        for each in (store, embedded):
            each.append(batches)
            if nth != 2:  # one batch stays fresh for a while
                each.compact(until_idle=True)
    for axis in ("step", "time"):
        for lo, hi in ((None, None), (-50.0, 400.0)):
            panel = query(["r0", "r1"], ["loss", "flag", "acc"], axis=axis, lo=lo, hi=hi)
            ours, theirs = store.series(panel), embedded.series(panel)
            assert [repr(series) for series in ours] == [repr(series) for series in theirs]
    assert_same_answers(store, embedded, ["r0", "r1"])
    assert store.usage().by_run == embedded.usage().by_run
    embedded.close()


def test_a_chunk_that_is_not_whole_is_unavailable_and_never_less(
    engine: SharedEngine, store: MetricStore, databases: Databases
) -> None:
    for nth in range(3):
        store.append([batch("r", "w", nth * 50, rows(nth * 50, 50), console=lines(nth, 1))])
        store.compact(until_idle=True)
    assert count(store) == 150
    databases.delete("part", "key = 1")
    with pytest.raises(Unavailable, match="lacks 1 parts"):
        list(store.points("r", "loss"))
    assert store.keys()["r"][0].n_points == 150
    databases.delete("col", "key = 0")
    other = engine.open("1")  # the first one has counts of these chunks in memory
    for read in (
        lambda: other.series(query(["r"])),
        lambda: other.latest("r"),
        lambda: other.keys(),
        lambda: other.run_usage("r"),
    ):
        with pytest.raises(Unavailable, match="lacks"):
            read()
    databases.delete("part", "key = 0")
    with pytest.raises(Unavailable, match="lacks 1 parts"):
        store.console("r", "w", "stdout", 0, 10)


def test_a_server_that_started_before_clickhouse_refuses_reads_until_it_starts_again(
    databases: Databases,
) -> None:
    early = SharedEngine(databases.url)
    early.open("1").append([batch("r", "w", 0, rows(0, 2))])
    engine = SharedEngine(databases.url, databases.clickhouse_url)
    engine.open("1").compact(until_idle=True)
    with pytest.raises(Unavailable, match="whose address is not set"):
        count(early.open("1"))
    early.close()
    engine.close()
    again = SharedEngine(databases.url)  # it has the address from the database
    assert count(again.open("1")) == 2
    again.close()


# By name of the method that a mover calls when it is killed, and the number of the call.
STEPS = [
    ("Clients.insert", 2),  # M2: parts without headers
    ("Move._put_block", 1),  # M4: in the middle of the swap
    ("ChunkTables.n_rows", 1),  # M5: removed in ClickHouse, perhaps
]
MORE_STEPS = [
    ("Move._insert", 1),  # M1: there is an intent
    ("ChunkTables.insert", 2),  # M2: a chunk without its lines
    ("Move._swap", 1),  # M3: all is there, and nothing is listed
    ("Move._swap", 2),  # M4: one is listed, the next is not
    ("ChunkTables.delete", 1),  # M5: nothing was removed yet
]


@pytest.mark.parametrize("steps", [STEPS, case_at_length(MORE_STEPS)], ids=["some", "more"])
def test_ST6_a_mover_that_is_killed_at_any_step_loses_and_doubles_nothing(
    store: MetricStore,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[str, int]],
) -> None:
    runs: list[str] = []
    for method, nth in steps:
        # Of each step its own: intents of killed movers keep others from their writers' rows.
        new = [f"r{len(runs)}", f"r{len(runs) + 1}"]
        store.append([batch(run, "w", 0, rows(0, 40), console=lines(0, 40)) for run in new])
        store.compact(until_idle=True)
        store.append([batch(run, "w", 40, rows(40, 20), console=lines(40, 20)) for run in new])
        runs += new
        child = Path(__file__).with_name("moving_child.py")
        moving = fork_module(child, databases.url, databases.clickhouse_url, method, nth)
        assert moving.wait(120) == -signal.SIGKILL, method
        assert_all_there(store, new, 60)
    store.compact(until_idle=True)
    assert databases.intents() > 0
    assert databases.fresh() > 0  # what was moved stays for a while
    monkeypatch.setattr(mover, "INTENT_SECS", 0)
    monkeypatch.setattr(mover, "KEPT_SECS", 0)
    for _ in range(2):  # first what the ends of the intents set free, then the rest
        store.compact(until_idle=True)
        assert_all_there(store, runs, 60)
    assert (databases.intents(), databases.fresh()) == (0, 0)
    assert databases.moved("SELECT count() FROM col WHERE key = 0") == databases.listed()
    assert databases.moved("SELECT uniq(bitShiftRight(part, 28)) FROM part") == databases.listed()
    store.delete_runs(runs)
    store.compact(until_idle=True)
    assert databases.moved("SELECT count() FROM col") == 0
    assert databases.moved("SELECT count() FROM part") == 0


def assert_all_there(store: MetricStore, runs: list[str], n_rows: int) -> None:
    for run in runs:
        assert count(store, run) == n_rows
        assert [row.row for row in store.rows(run, limit=1000)] == list(range(n_rows))
        assert store.console(run, "w", "stdout", 0, 1000) == lines(0, n_rows)


def test_ST6_a_mover_never_guesses_after_an_unknown_answer(
    engine: SharedEngine,
    databases: Databases,
    clickhouse_server: ClickHouseServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "REST_SECS", 0)
    n_rows = n_refused = 0
    database = databases.clickhouse_url.rpartition("/")[2]
    # Each further connection is cut a little later: between any two packets of the answers.
    with FaultyRelay(
        f"clickhouse://127.0.0.1:{clickhouse_server.port}", most_down=lambda nth: 40 + nth * 37
    ) as relay:
        url = f"clickhouse://127.0.0.1:{relay.url.rpartition(':')[2]}/{database}"
        faulty = SharedEngine(databases.url, url)
        store = faulty.open("1")
        relay.start_faults()
        for _ in range(25):
            store.append([batch("r", "w", n_rows, rows(n_rows, 10), console=lines(n_rows, 10))])
            n_rows += 10
            try:
                store.compact(until_idle=True)
            except Unavailable:
                n_refused += 1
        assert n_refused > 5
        faulty.close()
    whole = engine.open("1")
    assert count(whole) == n_rows
    assert databases.moved("SELECT count() FROM col WHERE key = 0") > databases.listed()
    monkeypatch.setattr(mover, "KEPT_SECS", 0)
    whole.compact(until_idle=True)
    assert (count(whole), len(list(whole.rows("r", limit=1000)))) == (n_rows, n_rows)
    assert whole.console("r", "w", "stdout", 0, 1000) == lines(0, n_rows)
    assert databases.moved("SELECT count() FROM col WHERE key = 0") == databases.listed()


def test_unlisted_rows_are_removed_and_lost_chunks_moved_again_or_named(
    engine: SharedEngine,
    store: MetricStore,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for run in ("whole", "lost"):
        store.append([batch(run, "w", 0, rows(0, 40), console=lines(0, 40))])
    store.append([batch("again", "w", 0, rows(0, 40))])
    store.compact(until_idle=True)
    # A mover that was paused in its insert for longer than its intent stayed.
    insert_late = Clients(databases.clickhouse_url)
    insert_late.insert(
        "part", ["run", "key", "nth", "part", "crc", "data"],
        [[1], [0], [0], [999 << 28], [0], [b"late"]],
    )  # fmt: skip
    insert_late.close()
    databases.delete("col", "key = 0 AND run IN (2, 3)")
    with pytest.raises(Unavailable):
        list(store.rows("again"))
    again = "ClickHouse lost rows 0 to 39; PostgreSQL has them, and they are moved again"
    assert Fault(again, "again", "w") in list(engine.verify("1", lambda _: None))
    with monkeypatch.context() as patch:
        patch.setattr(comparison, "COMPARED_SECS", 0)
        store.compact()
    assert [row.row for row in store.rows("again")] == list(range(40))
    n_listed = databases.listed()
    store.compact(until_idle=True)
    assert databases.listed() == n_listed + 1
    assert [row.row for row in store.rows("again")] == list(range(40))
    assert "ClickHouse lost 1 chunks in" in caplog.text
    assert databases.moved("SELECT count() FROM part WHERE part = bitShiftLeft(999, 28)") == 0
    assert count(store, "whole") == 40
    assert "ClickHouse lost 2 chunks of 1 runs" in caplog.text
    assert list(engine.verify("1", lambda _: None)) == [
        Fault("ClickHouse lost lines 0 to 39 of stdout", "lost", "w"),
        Fault("ClickHouse lost rows 0 to 39", "lost", "w"),
    ]


def test_what_clickhouse_loses_right_after_its_move_is_there_before_batches_leave(
    engine: SharedEngine,
    store: MetricStore,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runs = ["whole", "row", "part"]
    for run in runs:
        store.append([batch(run, "w", 0, rows(0, 40, ("loss", "acc")))])
    for row_lo in (0, 4000):  # two chunks, which are merged
        store.append([batch("merged", "w", row_lo, rows(row_lo, 4000))])
        store.compact(until_idle=True)
    # By then each chunk was seen in ClickHouse.
    merge = databases.moved("SELECT max(chunk) FROM col WHERE run = 4")
    databases.delete("col", f"key = 0 AND (run = 2 OR chunk = {merge})")
    databases.delete("part", "key = 1 AND run = 3")
    with pytest.raises(Unavailable):
        list(store.points("part", "loss"))
    monkeypatch.setattr(mover, "KEPT_SECS", 0)
    for _ in range(2):  # first what is missing is noted, then it is moved again
        store.compact(until_idle=True)
    for run in runs:
        assert [row.row for row in store.rows(run, ["loss", "acc"])] == list(range(40))
    # What a lost merge was made of is listed in its place, and merged again.
    assert count(store, "merged") == 8000
    assert databases.count("chunk WHERE run = 4 AND state = 1") == 1
    assert databases.moved("SELECT max(chunk) FROM col WHERE run = 4") > merge
    assert list(engine.verify("1", lambda _: None)) == []


def test_a_lost_merge_of_a_run_and_its_copy_is_read_from_what_was_merged(
    engine: SharedEngine, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, to = engine.open("1"), engine.open("2")
    for row_lo in (0, 4000):
        store.append([batch("r", "w", row_lo, rows(row_lo, 4000, ("loss", "acc")))])
        store.compact(until_idle=True)
    store.copy_runs({"r": "copy"}, to)
    to.show_runs(["copy"])
    store.delete_metrics(["r"], ["acc"])
    merge = databases.moved("SELECT max(chunk) FROM col")
    databases.delete("part", f"bitShiftRight(part, 28) = {merge}")
    lost = "ClickHouse lost rows 0 to 7999; the chunks that were merged into theirs are read again"
    for name, run in (("1", "r"), ("2", "copy")):
        (fault,) = engine.verify(name, lambda _: None)
        assert (fault.detail.startswith(lost), fault.run) == (True, run)
    with monkeypatch.context() as patch:
        patch.setattr(comparison, "COMPARED_SECS", 0)
        store.compact()
    assert [info.key for info in store.keys()["r"]] == ["loss"]
    assert [len(points.values) for points in to.points("copy", "acc")] == [8000]
    for each in (store, to):
        each.compact(until_idle=True)
    assert list(store.points("r", "acc")) == []
    assert [count(store), count(to, "copy")] == [8000, 2 * 8000]
    assert [*engine.verify("1", lambda _: None), *engine.verify("2", lambda _: None)] == []


def test_a_restored_postgresql_gives_chunks_no_numbers_that_clickhouse_has(
    postgres_cluster: PostgresCluster, databases: Databases
) -> None:
    """After a restore PostgreSQL knows nothing of later chunks, whose rows ClickHouse has."""

    def log(url: str, row_lo: int, n: int) -> None:
        engine = SharedEngine(url, databases.clickhouse_url)
        store = engine.open("1")
        store.append([batch("r", "w", row_lo, rows(row_lo, n), console=lines(row_lo, n))])
        store.compact(until_idle=True)
        engine.close()

    log(databases.url, 0, 40)
    backup = postgres_cluster.new_database(template=databases.url.rpartition("/")[2])
    log(databases.url, 40, 500)
    log(backup, 40, 3)
    engine = SharedEngine(backup, databases.clickhouse_url)
    store = engine.open("1")
    assert [row.row for row in store.rows("r")] == list(range(43))
    assert count(store) == 43
    assert store.console("r", "w", "stdout", 0, 1000) == lines(0, 43)
    assert list(engine.verify("1", lambda _: None)) == []
    engine.close()


def test_two_movers_at_once_and_a_deletion_leave_each_row_once(
    store: MetricStore, databases: Databases
) -> None:
    other = SharedEngine(databases.url, databases.clickhouse_url)
    stores = store, other.open("1")
    with ThreadPoolExecutor(2) as pool:
        for nth in range(12):
            store.append([batch("r", "w", nth * 5, rows(nth * 5, 5, ("loss", "acc")))])
            for moved in [pool.submit(each.compact, until_idle=True) for each in stores]:
                moved.result(60)
    assert databases.intents() == 0
    # The rows that both had read were written by one of them.
    assert databases.moved("SELECT sum(n) FROM col WHERE key = 1") == 60
    store.delete_metrics(["r"], ["acc"])
    store.append([batch("r", "w", 60, rows(60, 5, ("loss", "acc")))])
    for each in stores:
        each.compact(until_idle=True)
        assert [len(points.values) for points in each.points("r", "acc")] == [5]
        assert count(each) == 70
    other.close()


def test_a_copy_shares_the_rows_and_keeps_them_when_the_run_goes(
    engine: SharedEngine, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mover, "KEPT_SECS", 0)
    store, to = engine.open("1"), engine.open("2")
    store.append([batch("r", "w", 0, rows(0, 30), console=lines(0, 30))])
    store.compact(until_idle=True)
    store.append([batch("r", "w", 30, rows(30, 4))])
    store.copy_runs({"r": "copy"}, to)
    to.show_runs(["copy"])
    n_parts = databases.moved("SELECT count() FROM part")
    store.delete_runs(["r"])
    store.compact(until_idle=True)
    assert databases.moved("SELECT count() FROM part") == n_parts
    assert count(to, "copy") == 34
    assert to.keys()["copy"][0].n_points == 34
    assert to.latest("copy")[0].value == 33.0
    assert to.console("copy", "w", "stdout", 0, 100) == lines(0, 30)
    to.append([batch("copy", "w", 34, rows(34, 1), console=lines(30, 1))])
    to.compact(until_idle=True)
    assert to.console("copy", "w", "stdout", 0, 100) == lines(0, 31)
    to.delete_runs(["copy"])
    to.compact(until_idle=True)
    assert databases.moved("SELECT count() FROM part") == 0
