"""Moves and merges that a killed server left: another one does them without its restart."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest

from clickhouse_server import ClickHouseServer
from postgres_cluster import PostgresCluster, share_disk
from server_forks import fork_module
from server_process import wait_until
from service_uploads import START, WriterLog
from weft.records.record import Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.background import jobs
from weft.server.services.opening.services import open_services
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Backlog, Batch, Column, RowBlock

N_ROWS = 4200
"""Two chunks that have so many rows together are merged."""


class Addresses:
    """Those of a database in PostgreSQL and of one in ClickHouse, and a look into the first."""

    def __init__(self, url: str, clickhouse_url: str) -> None:
        self.url = url
        self.clickhouse_url = clickhouse_url

    def count(self, rows: str) -> int:
        with psycopg.connect(self.url) as connection:
            query = f"SELECT count(*) FROM weft_metrics.{rows}"
            row = connection.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    def let_time_pass(self, secs: int) -> None:
        """Have all that is there be older."""
        with psycopg.connect(self.url) as connection:
            for table, column in (("fresh", "received"), ("chunk", "since")):
                connection.execute(
                    f"UPDATE weft_metrics.{table} SET {column} = {column}"
                    " - %s * interval '1 s'".encode(),
                    (secs,),
                )


@pytest.fixture
def addresses(postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer) -> Addresses:
    return Addresses(postgres_cluster.new_metadata(), clickhouse_server.new_database())


@pytest.fixture
def engine(addresses: Addresses) -> Iterator[SharedEngine]:
    engine = SharedEngine(addresses.url, addresses.clickhouse_url)
    yield engine
    engine.close()


def test_chunks_of_a_killed_server_are_merged_by_one_that_has_merged_before(
    engine: SharedEngine, addresses: Addresses
) -> None:
    store = engine.open("1")
    store.compact(until_idle=True)
    child = Path(__file__).with_name("moving_child.py")
    words = (addresses.url, addresses.clickhouse_url, "Move.from_chunks", 1, N_ROWS)
    assert fork_module(child, *words).wait(120) == -signal.SIGKILL
    assert addresses.count("chunk WHERE state = 1") == 2
    assert engine.backlog() == Backlog()
    addresses.let_time_pass(60)
    assert engine.backlog() == Backlog(("1",))
    while store.compact():
        pass
    assert addresses.count("chunk WHERE state = 1") == 1
    assert engine.backlog() == Backlog()
    assert sum(len(points.values) for points in store.points("r", "loss")) == N_ROWS


def test_rows_that_a_killed_server_received_are_moved_by_another(
    addresses: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share_disk(tmp_path / "killed", tmp_path / "other")
    # It receives rows, and does no background work from then on.
    killed = open_services(
        tmp_path / "killed", addresses.url, metrics_url=addresses.clickhouse_url, jobs=False
    )
    path = RunPath("local", "p", "ab12cd34")
    log = WriterLog("w1")
    killed.ingest.apply_upload(LOCAL, path, log.upload(Run(path.run, "p", start_micros=START)))
    killed.ingest.apply_upload(LOCAL, path, log.upload(rows=[{"loss": 1.0}, {"loss": 0.5}]))
    overdue = killed.stores.metrics.look_at_backlog()
    assert (overdue, addresses.count("fresh WHERE chunk IS NULL")) == ([], 1)
    addresses.let_time_pass(100)
    monkeypatch.setattr(jobs, "BACKLOG_SECS", 0.1)
    other = open_services(tmp_path / "other", addresses.url)
    wait_until(
        lambda: not addresses.count("fresh WHERE chunk IS NULL"), what="the rows were moved"
    )
    assert addresses.count("chunk WHERE state = 1") == 1
    other.close()
    killed.close()


def test_the_backlog_is_what_is_due_and_for_how_long(
    engine: SharedEngine, addresses: Addresses
) -> None:
    store = engine.open("1")
    at = np.arange(10)
    for nth in range(3):
        columns = {"loss": [Column("float", None, at.astype(float))]}
        block = RowBlock(nth * 10, at, at, None, columns)
        store.append([Batch(f"r{nth}", "w", "w", 0, 10, rows=block)])
    waiting = engine.backlog()
    assert (waiting.stores, waiting.n_batches, waiting.lag_secs) == ((), 3, 0)
    addresses.let_time_pass(40)
    assert engine.backlog().lag_secs == 0  # its writers may go on
    addresses.let_time_pass(25)
    due = engine.backlog()
    assert due.stores == ()
    assert due.lag_secs >= 5
    addresses.let_time_pass(40)
    late = engine.backlog()
    assert late.stores == ("1",)
    assert late.lag_secs >= 45
    assert late.n_bytes == waiting.n_bytes > 0
    while store.compact():
        pass
    assert engine.backlog() == Backlog()
    # Each of the three waited for the time that has passed.
    times = engine.move_times()
    assert [times.waits.counts()[times.waits.ends.index(secs)] for secs in (90, 3600)] == [0, 3]
    assert times.waits.total_secs >= 3 * 105
    assert times.locks.counts()[-1] == 3
