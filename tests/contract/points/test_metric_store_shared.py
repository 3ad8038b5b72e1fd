"""The distributed engine with several servers: positions, freezes and names are of all of them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import psycopg
import pytest

from at_length import at_length
from metric_answers import batch, query
from postgres_cluster import PostgresCluster
from server_forks import fork_module
from weft.errors import ConfigError, Gone, PositionConflict, Unavailable
from weft.server.storage.clickhouse import presence
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Column, ConsoleLine, MetricStore, RowBlock

HANG_SECS = 120
"""Far above the limits of the engine, for machines that are slow; a hang is longer."""

Pair = tuple[MetricStore, MetricStore]


@pytest.fixture
def url(postgres_cluster: PostgresCluster) -> str:
    """The address of an empty database."""
    return postgres_cluster.new_database()


@pytest.fixture
def servers(url: str) -> Iterator[Pair]:
    """One store, opened by two servers."""
    engines = SharedEngine(url), SharedEngine(url)
    yield engines[0].open("1"), engines[1].open("1")
    for engine in engines:
        engine.close()


def rows(row_lo: int, n_rows: int, key: str = "loss") -> RowBlock:
    at = np.arange(row_lo, row_lo + n_rows)
    columns = {key: [Column("float", None, at.astype(float))]}
    return RowBlock(row_lo, at, at * 1000, None, columns)


def count(store: MetricStore, run: str = "r") -> int:
    return sum(int(series.count.sum()) for series in store.series(query([run])))


def test_ST4_each_server_sees_what_the_other_acknowledged(servers: Pair) -> None:
    for nth in range(20):
        here, there = servers[nth % 2], servers[1 - nth % 2]
        here.append([batch("r", "w", nth * 3, rows(nth * 3, 3, f"key{nth}"))])
        last = [latest.key for latest in there.latest("r")]
        assert f"key{nth}" in last
        assert [info.key for info in there.keys(["r"])["r"]] == sorted(last)
        assert there.search_keys().total == nth + 1
    servers[0].delete_runs(["r"])
    assert servers[1].keys() == {}
    with pytest.raises(Gone):
        servers[1].append([batch("r", "w", 60, rows(60, 1))])


@at_length
def test_rows_for_a_database_that_hangs_are_refused_within_limits(
    servers: Pair, postgres_cluster: PostgresCluster
) -> None:
    store = servers[0]
    store.append([batch("r", "w", 0, rows(0, 3))])
    with ThreadPoolExecutor(1) as pool, postgres_cluster.paused():
        waiting = pool.submit(store.append, [batch("r", "w", 3, rows(3, 3))])
        with pytest.raises(Unavailable, match="does not answer"):
            waiting.result(HANG_SECS)
    # A server that was paused may have had the batch.
    at = store.position("r", "w")
    assert at is not None
    store.append([batch("r", "w", at.position, rows(at.position, 3))])
    assert count(store) == at.position + 3


def test_a_restart_of_the_database_costs_one_request(url: str) -> None:
    connections = Connections(url)
    with ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(connections.use())
    with psycopg.connect(url) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(Unavailable), connections.use() as connection:
        connection.execute("SELECT 1")
    with connections.use() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    connections.close()


def test_a_server_that_is_paused_holds_no_locks_for_long(url: str) -> None:
    connections = Connections(url)

    def limit(connection: Connection) -> str:
        ((text,),) = connection.execute("SHOW idle_in_transaction_session_timeout").fetchall()
        return text

    assert connections.change(limit) == "30s"
    with connections.snapshot() as connection:  # holds none, and takes as long as its reader
        assert limit(connection) == "0"
    assert connections.change(limit) == "30s"
    connections.close()


CHANGES: dict[str, Callable[[MetricStore], None]] = {
    "more rows": lambda store: store.append([batch("r", "v", 0, rows(0, 4))]),
    "other rows": lambda store: store.append([batch("r", "x", 0, rows(0, 4), offset_micros=9)]),
    "hidden": lambda store: store.hide_runs(["r"]),
    "shown": lambda store: store.show_runs(["r"]),
    "renamed": lambda store: store.name_runs({"r": "s"}),
    "named again": lambda store: store.name_runs({"s": "r"}),
    "copied": lambda store: store.copy_runs({"r": "s"}, store),
    "replaced by a copy": lambda store: store.name_runs({"s": "r"}),
    "without the metric": lambda store: store.delete_metrics(["r"], ["loss"]),
    "logged after that": lambda store: store.append([batch("r", "y", 0, rows(0, 2))]),
    "deleted": lambda store: store.delete_runs(["r"]),
}


def test_ST4_charts_in_memory_follow_what_the_other_server_changes(
    servers: Pair, url: str
) -> None:
    here, there = servers
    engine = SharedEngine(url)
    here.append([batch(run, "w", 0, rows(0, 3)) for run in ("r", "other")])
    panels = [query(["r", "s", "other"], axis=axis) for axis in ("step", "time")]
    for name, change in CHANGES.items():
        change(there)
        for panel in panels:
            ours, uncached = here.series(panel), engine.open("1").series(panel)
            again = here.series(panel)
            assert [repr(series) for series in ours] == [repr(series) for series in uncached], name
            assert all(a is b for a, b in zip(ours, again, strict=True)), name
    engine.close()
    assert [series.run for series in here.series(panels[0])] == ["other"]


def test_ST3_of_two_servers_with_the_same_batch_one_is_refused(servers: Pair) -> None:
    n_batches, size = 30, 4
    accepted: list[int] = []
    refused: list[int] = []
    lock = threading.Lock()
    barrier = threading.Barrier(4)

    def send(store: MetricStore) -> None:
        for nth in range(n_batches):
            barrier.wait(60)
            # New streams and writers each third time, which both servers add at once.
            run, at = f"r{nth // 3}", nth % 3 * size
            try:
                store.append([batch(run, "w", at, rows(at, size))])
                with lock:
                    accepted.append(nth)
            except PositionConflict as error:
                with lock:
                    refused.append(error.position - at)
            barrier.wait(60)

    with ThreadPoolExecutor(4) as pool:
        for sent in [pool.submit(send, servers[nth % 2]) for nth in range(4)]:
            sent.result(120)
    assert sorted(accepted) == list(range(n_batches))
    assert refused == [size] * 3 * n_batches
    assert [count(servers[0], f"r{nth}") for nth in range(10)] == [3 * size] * 10


def test_ST8_two_servers_append_read_and_delete_at_once(servers: Pair) -> None:
    n_batches, size = 25, 5

    def write(nth_server: int, writer: str) -> None:
        store = servers[nth_server]
        for nth in range(n_batches):
            store.append([batch("r", writer, nth * size, rows(nth * size, size))])
            assert count(store) >= (nth + 1) * size
            store.append([batch(f"gone-{writer}-{nth}", writer, 0, rows(0, 1))])
            servers[1 - nth_server].delete_runs([f"gone-{writer}-{nth}"])
            store.compact()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, nth % 2, f"w{nth}") for nth in range(4)]:
            done.result(120)
    assert count(servers[0]) == 4 * n_batches * size
    servers[0].compact(until_idle=True)
    assert servers[1].usage().by_run.keys() == {"r"}


def test_a_freeze_holds_on_all_servers_and_ends_with_its_owner(
    servers: Pair, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with servers[0].freeze_runs(["r"]) as freeze:
        with pytest.raises(Unavailable):
            servers[1].append([batch("r", "w", 0, rows(0, 1))])
        freeze.check()
        # Its owner was paused for so long that it has ended.
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "UPDATE weft_metrics.frozen SET expires = clock_timestamp() - interval '1 s'"
            )
        servers[1].append([batch("r", "w", 0, rows(0, 1))])
        monkeypatch.setattr(presence, "FREEZE_SECS", presence.RENEW_SECS)
        with pytest.raises(Unavailable):
            freeze.check()


def test_ST2_a_killed_server_leaves_all_of_a_batch_or_nothing(
    url: str, tmp_path: Path, n_rounds: int
) -> None:
    engine = SharedEngine(url)
    store = engine.open("1")
    acked = tmp_path / "acked"
    for nth in range(n_rounds):
        child = fork_module(Path(__file__).with_name("shared_metric_child.py"), url, acked)
        while not acked.exists() or acked.stat().st_size < 40 * (nth + 1):
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        n_acked = max(int(line) for line in acked.read_text().split("\n")[:-1])
        position = store.position("r", "w")
        assert position is not None
        # The last one may be there without its acknowledgement.
        assert position.position - n_acked in {0, 7}
        assert count(store) == position.position
    engine.close()


def test_a_frozen_store_has_all_as_it_was_written_and_a_removed_one_nothing(url: str) -> None:
    engine = SharedEngine(url)
    store = engine.open("1")
    lines = [ConsoleLine("stdout", nth, nth, f"line {nth}") for nth in range(1500)]
    store.append([batch("r", "w", 0, rows(0, 3), console=lines, state=b"s")])
    store.append([batch("hidden", "w", 0, rows(0, 2))])
    store.append([batch("gone", "w", 0, rows(0, 2))])
    store.delete_metrics(["hidden"], ["loss"])
    store.hide_runs(["hidden"])
    store.delete_runs(["gone"])
    frozen = engine.freeze("1")
    store.append([batch("r", "w", 3, rows(3, 4))])
    assert (frozen.run_names(), sorted(frozen.all_names())) == (["r"], ["hidden", "r"])
    run, hidden = frozen.runs()["r"], frozen.runs()["hidden"]
    (raw,) = frozen.rows(run)
    assert (raw.writer, raw.rows.tolist(), raw.n_points) == ("w", [0, 1, 2], 3)
    assert [part.n_points for part in frozen.rows(hidden)] == [0]
    assert [line for _, part in frozen.console(run) for line in part] == lines
    assert frozen.streams(run)["w"].position == 3
    frozen.close()
    assert list(engine.verify("1", lambda _: None)) == []
    assert engine.unowned("1").n_pieces == 1
    engine.reclaim("1")
    assert engine.unowned("1").n_pieces == 0
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE weft_metrics.fresh SET crc = crc + 1 WHERE row_lo = 3")
    (fault,) = engine.verify("1", lambda _: None)
    assert fault.run == "r"
    assert engine.n_bytes("1") > 0
    engine.remove("1")
    assert (engine.names(), engine.n_bytes("1")) == ([], 0)
    with pytest.raises(FileNotFoundError):
        engine.freeze("1")
    with psycopg.connect(url) as connection:
        for table in ("run", "writer", "stream", "position", "decoder", "fresh", "tomb", "dirty"):
            query = f"SELECT count(*) FROM weft_metrics.{table}"
            assert connection.execute(query.encode()).fetchone() == (0,)
    engine.close()


def test_a_lost_postgresql_is_unavailable_and_comes_back(servers: Pair) -> None:
    servers[0].append([batch("r", "w", 0, rows(0, 2))])
    with pytest.raises(Unavailable):
        SharedEngine("postgresql://weft@127.0.0.1:1/none")
    assert count(servers[1]) == 2


def test_a_postgresql_that_forgets_commits_is_refused(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        name = url.rpartition("/")[2]
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    with pytest.raises(ConfigError, match="synchronous_commit is off; set it to on"):
        SharedEngine(url)
