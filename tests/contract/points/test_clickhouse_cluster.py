"""Points in two shards of two replicas: what is away costs neither rows nor acknowledgements."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import psycopg
import pytest

from clickhouse_cluster import ClickHouseCluster
from clickhouse_server import IS_CHDB, VERSION
from metric_answers import batch, query
from postgres_cluster import PostgresCluster
from server_process import wait_until
from weft.errors import ConfigError, Unavailable
from weft.server.storage.clickhouse import look, mover
from weft.server.storage.clickhouse.chunk_tables import create_tables
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.cluster import Cluster
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.clickhouse.look import look_at_cluster
from weft.server.storage.clickhouse.points_mirror.tables import MirrorTables
from weft.server.storage.contract import Column, ConsoleLine, MetricStore, RowBlock
from weft_command import run_weft

pytestmark = pytest.mark.at_length

RUNS = [f"r{nth}" for nth in range(8)]
TABLES = ["chunk_limit", "col", "owner", "part", "points", "points_copied", "project_paths"]


DEADLINE_SECS = 240
"""Of what a busy machine does in a few seconds, with all nodes back."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[ClickHouseCluster]:
    cluster = ClickHouseCluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def nodes(cluster: ClickHouseCluster) -> ClickHouseCluster:
    """All of them run, whatever the test before left."""
    cluster.start()
    return cluster


def rows(row_lo: int, n_rows: int) -> RowBlock:
    at = np.arange(row_lo, row_lo + n_rows)
    columns = {"loss": [Column("float", None, at.astype(float))]}
    return RowBlock(row_lo, at, at * 1000, None, columns)


def log(store: MetricStore, first: int, n: int) -> None:
    lines = [ConsoleLine("stdout", nth, nth, f"line {nth}") for nth in range(first, first + n)]
    store.append([batch(run, "w", first, rows(first, n), console=lines) for run in RUNS])


def count(store: MetricStore, runs: list[str] = RUNS) -> dict[str, int]:
    n_rows = {run: len(list(store.rows(run, limit=10_000))) for run in runs}
    n_points = Counter[str]()
    for series in store.series(query(runs)):
        n_points[series.run] += int(series.count.sum())
    assert n_rows == n_points
    return n_rows


def move(store: MetricStore) -> None:
    """Move all rows, as soon as ClickHouse accepts them."""
    repeat(lambda: store.compact(until_idle=True))


def repeat(work: Callable[[], object]) -> None:
    """Do work, as soon as ClickHouse lets it: a node that just started is read-only at first."""
    deadline = time.monotonic() + DEADLINE_SECS
    while True:
        try:
            work()
        except Unavailable:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            return


def test_ST4_reads_and_acknowledgements_go_on_while_nodes_are_away(
    nodes: ClickHouseCluster, postgres_cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, clickhouse_url = postgres_cluster.new_database(), nodes.new_database()
    engine = SharedEngine(url, clickhouse_url)
    store = engine.open("1")
    log(store, 0, 20)
    move(store)
    with psycopg.connect(url) as connection:
        shards = dict(
            connection.execute("SELECT name, shard FROM weft_metrics.chunk JOIN weft_metrics.run"
                               " USING (run)").fetchall()
        )  # fmt: skip
    assert set(shards.values()) == {"1", "2"}
    # One replica of each shard is lost, after the other one has all.
    wait_for_copies(engine)
    for name in (("1", "a"), ("2", "b")):
        nodes.nodes[name].kill()
    engine.close()
    engine = SharedEngine(url)  # it starts without them
    store = engine.open("1")
    assert count(store) == dict.fromkeys(RUNS, 20)
    assert len(store.console("r3", "w", "stdout", 0, 100)) == 20
    log(store, 20, 10)
    move(store)
    assert count(store) == dict.fromkeys(RUNS, 30)
    # What only one replica has stays in PostgreSQL, too.
    with monkeypatch.context() as patch:
        patch.setattr(mover, "KEPT_SECS", 0)
        move(store)
    assert moved(url) == 2 * len(RUNS)
    # A shard is away: its runs are refused, those of the other are there.
    nodes.nodes["1", "b"].kill()
    away = [run for run in RUNS if shards[run] == "1"]
    others = [run for run in RUNS if shards[run] == "2"]
    for run in away:
        with pytest.raises(Unavailable, match="ClickHouse"):
            count(store, [run])
    log(store, 30, 5)
    with pytest.raises(Unavailable):
        store.compact(until_idle=True)
    # All of the others are moved by then, although each insert may meet the dead replica first.
    assert count(store, others) == dict.fromkeys(others, 35)
    assert fresh(url, others) == 0 < fresh(url, away)
    for name in (("1", "a"), ("1", "b"), ("2", "b")):
        nodes.nodes[name].start()
    move(store)
    assert count(store) == dict.fromkeys(RUNS, 35)
    assert fresh(url, RUNS) == 0
    # Without ZooKeeper, acknowledgements and reads go on, and moves wait.
    nodes.zookeeper.kill()
    log(store, 35, 5)
    with pytest.raises(Unavailable):
        store.compact(until_idle=True)
    assert count(store) == dict.fromkeys(RUNS, 40)
    nodes.zookeeper.start()
    move(store)
    assert count(store) == dict.fromkeys(RUNS, 40)
    # What was replaced leaves all replicas.
    wait_for_copies(engine)
    monkeypatch.setattr(mover, "KEPT_SECS", 0)
    move(store)
    assert moved(url) == 0
    store.delete_runs(RUNS)
    move(store)
    for node in nodes.nodes.values():
        clients = Clients(
            f"clickhouse://127.0.0.1:{node.port}/{clickhouse_url.rpartition('/')[2]}"
        )
        assert clients.read("SELECT count() FROM col") == [(0,)]
        clients.close()
    engine.close()


def test_all_nodes_take_the_definitions_of_replicated_tables(
    nodes: ClickHouseCluster, postgres_cluster: PostgresCluster
) -> None:
    clickhouse_url = nodes.new_database()
    cluster = Cluster(clickhouse_url, {})
    for node in cluster.nodes:
        create_tables(node)
    MirrorTables(cluster).create()
    for node in cluster.nodes:
        engines = node.read(
            "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()"
            " AND engine LIKE 'Replicated%' ORDER BY name"
        )
        assert [name.decode() for name, _ in engines] == TABLES
        for name, engine in engines:
            path = f"/weft/{node.clients.database}/{{shard}}/{name.decode()}"
            assert f"ReplicatedMergeTree('{path}', '{{replica}}')" in engine.decode()
        assert node.read("SELECT count() FROM projects") == [(0,)]
    # chdb has no address for other replicas, and so never starts replication.
    expected = "is read-only" if IS_CHDB else f"version {VERSION}"
    url = postgres_cluster.new_metadata()
    wait_until(
        lambda: all(expected in state.text for state in look_at_cluster(url, clickhouse_url)),
        secs=DEADLINE_SECS,
        what="the doctor tells the state of the nodes",
    )
    cluster.close()


def test_points_that_left_the_mirror_come_back_as_they_were(
    nodes: ClickHouseCluster, postgres_cluster: PostgresCluster
) -> None:
    clickhouse_url = nodes.new_database()
    engine = SharedEngine(postgres_cluster.new_database(), clickhouse_url, mirrors_points=True)
    store = engine.open("1")
    log(store, 0, 20)
    database = clickhouse_url.rpartition("/")[2]
    clients = [
        Clients(f"clickhouse://127.0.0.1:{nodes.nodes[shard, 'a'].port}/{database}")
        for shard in "12"
    ]

    def copy() -> int:
        while engine.mirror_points({1: "lab/mnist"}):
            pass
        for client in clients:
            client.read("SYSTEM SYNC REPLICA points")
        return sum(client.read("SELECT count() FROM points")[0][0] for client in clients)

    assert copy() == 20 * len(RUNS)
    for _ in range(2):
        store.hide_runs(RUNS)
        assert copy() == 0
        store.show_runs(RUNS)
        assert copy() == 20 * len(RUNS)
    for client in clients:
        client.close()
    engine.close()


def test_a_shard_that_is_not_named_is_refused(
    nodes: ClickHouseCluster, postgres_cluster: PostgresCluster
) -> None:
    url, clickhouse_url = postgres_cluster.new_database(), nodes.new_database()
    SharedEngine(url, clickhouse_url).close()
    hosts, _, name = clickhouse_url.rpartition("/")
    half = ",".join(hosts.split(",")[:2])
    with pytest.raises(ConfigError, match="also in other shards"):
        SharedEngine(url, f"{half}/{name}")
    twice = hosts.split(",")[0].replace("//127.0.0.1", "//localhost")
    with pytest.raises(ConfigError, match="has the macros of another node"):
        SharedEngine(url, f"{twice},{hosts.partition('//')[2]}/{name}")


def test_a_lost_console_block_is_read_from_another_replica_or_refused(
    nodes: ClickHouseCluster, postgres_cluster: PostgresCluster
) -> None:
    url, clickhouse_url = postgres_cluster.new_metadata(), nodes.new_database()
    engine = SharedEngine(url, clickhouse_url)
    store = engine.open("1")
    database = clickhouse_url.rpartition("/")[2]
    clients = {
        node_id: Clients(f"clickhouse://127.0.0.1:{node.port}/{database}")
        for node_id, node in nodes.nodes.items()
    }
    late = [client for (_, replica), client in clients.items() if replica == "b"]

    def n_blocks(replica: str) -> int:
        return sum(
            client.read(f"SELECT count() FROM part WHERE {is_block}")[0][0]
            for (_, name), client in clients.items()
            if name == replica
        )

    def lines_of(run: str) -> list[ConsoleLine]:
        return store.console(run, "w", "stdout", 0, 1000)

    def is_refused(run: str) -> bool:
        try:
            present = lines_of(run)
        except Unavailable:
            return True
        assert present == lines, "never less"
        return False

    for client in late:
        client.read("SYSTEM STOP FETCHES part")
    log(store, 0, 40)
    move(store)
    with psycopg.connect(url) as connection:
        blocks = connection.execute("SELECT stored FROM weft_metrics.console_block").fetchall()
    assert len(blocks) == len(RUNS)
    is_block = f"bitShiftRight(part, 28) IN ({','.join(str(stored) for (stored,) in blocks)})"
    wait_until(lambda: n_blocks("a") == len(RUNS), what="one replica has all blocks")
    assert n_blocks("b") < len(RUNS)
    lines = [ConsoleLine("stdout", nth, nth, f"line {nth}") for nth in range(40)]
    for run in RUNS * 2:  # replicas are asked in turn
        assert lines_of(run) == lines
    for client in late:
        client.read("SYSTEM START FETCHES part")
    wait_until(lambda: n_blocks("b") == len(RUNS), secs=DEADLINE_SECS, what="both have all blocks")
    ((part,), *_) = clients["1", "a"].read(f"SELECT part FROM part WHERE {is_block}")
    clients["1", "a"].change(f"ALTER TABLE part DELETE WHERE part = {part}")
    wait_until(
        lambda: n_blocks("a") == n_blocks("b") == len(RUNS) - 1,
        secs=DEADLINE_SECS,
        what="no replica has the block",
    )
    (refused,) = {run for run in RUNS * 2 if is_refused(run)}
    for _ in range(2):
        with pytest.raises(Unavailable, match="lacks 1 parts of chunks"):
            lines_of(refused)
        with pytest.raises(Unavailable, match="lacks 1 parts of chunks"):
            store.console_before(refused, "w", "stdout", 40, 10)
        assert len(list(store.rows(refused, limit=1000))) == 40  # its rows are there
    for client in clients.values():
        client.close()
    engine.close()


def test_the_doctor_names_a_late_replica_and_those_that_are_read_only(
    nodes: ClickHouseCluster,
    postgres_cluster: PostgresCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, clickhouse_url = postgres_cluster.new_metadata(), nodes.new_database()
    engine = SharedEngine(url, clickhouse_url)
    store = engine.open("1")
    assert {state.remedy for state in look_at_cluster(url, None)} == {""}
    address = f"127.0.0.1:{nodes.nodes['1', 'b'].port}"
    late = Clients(f"clickhouse://{address}/{clickhouse_url.rpartition('/')[2]}")
    for table in ("col", "part"):
        late.read(f"SYSTEM STOP FETCHES {table}")
    log(store, 0, 20)
    move(store)
    monkeypatch.setattr(look, "BEHIND_SECS", 0)
    wait_until(
        lambda: (
            [state.remedy for state in look_at_cluster(url, None) if address in state.text]
            == ["see its log for what it can't copy"]
        ),
        secs=DEADLINE_SECS,
        what="a late replica is named",
    )
    for table in ("col", "part"):
        late.read(f"SYSTEM START FETCHES {table}")
    late.close()
    engine.close()
    nodes.zookeeper.kill()

    def read_only() -> list[str]:
        done = run_weft(
            "server", "doctor", "--json", "--data", str(tmp_path), "--metadata-url", url
        )
        findings = json.loads(done.stdout)
        return [finding["what"] for finding in findings if "ZooKeeper" in finding["remedy"]]

    expected = [
        f"ClickHouse at 127.0.0.1:{node.port} is read-only" for node in nodes.nodes.values()
    ]
    wait_until(lambda: read_only() == expected, secs=DEADLINE_SECS, what="all are read-only")


def fresh(url: str, runs: list[str]) -> int:
    """Batches of runs that are still to be moved."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM weft_metrics.fresh JOIN weft_metrics.run USING (run)"
            " WHERE name = ANY(%s) AND chunk IS NULL",
            (runs,),
        ).fetchone()
    assert row is not None
    return row[0]


def moved(url: str) -> int:
    """Batches that are in ClickHouse and still in PostgreSQL."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM weft_metrics.fresh WHERE chunk IS NOT NULL"
        ).fetchone()
    assert row is not None
    return row[0]


def wait_for_copies(engine: SharedEngine) -> None:
    """Wait until the replicas of each shard have the same rows."""
    assert engine._tables is not None  # pyright: ignore[reportPrivateUsage]
    for shard in engine._tables.cluster.shards.values():  # pyright: ignore[reportPrivateUsage]
        for table in ("col", "part"):
            for node in shard.nodes:
                repeat(partial(node.read, f"SYSTEM SYNC REPLICA {table}"))
