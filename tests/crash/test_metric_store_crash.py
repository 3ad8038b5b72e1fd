"""The metric store under `kill -9`: what was acknowledged is there once; the file opens."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import psycopg
import pytest
from killed_stores import Databases

from server_forks import fork_module
from weft.server.storage.clickhouse import mover
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import MetricStore, SeriesQuery
from weft.server.storage.metrics import SqliteMetricStore

SCRIPT = Path(__file__).with_name("metric_store_script.py")
N_WRITERS = 3


def _acknowledged(log: Path) -> dict[str, int]:
    """Rows per writer that the killed process saw acknowledged."""
    rows: dict[str, int] = {}
    for line in log.read_text().splitlines():
        # The last line may be torn: it was about to be written when the kill came.
        if line.endswith("."):
            writer, n_rows = line[:-1].split()
            rows[writer] = int(n_rows)
    return rows


def _check(store: MetricStore, log: Path) -> int:
    """Every acknowledged row is there once; of the others whole batches only. Returns rows."""
    total = 0
    expected = _acknowledged(log)
    for writer in range(N_WRITERS):
        run = f"run{writer}"
        position = store.position(run, "w")
        n_rows = position.position if position else 0
        assert n_rows >= expected.get(str(writer), 0)
        rows = list(store.rows(run, limit=10**6))
        assert [row.row for row in rows] == list(range(n_rows))
        assert all(row.values["value"] == row.row * 0.5 for row in rows)
        by_epoch = SeriesQuery([run], ["value"], "metric", n_buckets=64, axis_metric="epoch")
        for points in store.series(by_epoch):
            # 50 rows an epoch, from the first one on.
            width = 50 * max(1, 2**points.level)
            firsts = points.buckets * 2.0**points.level * 50
            assert (points.count == np.minimum(width, n_rows - firsts)).all()
            assert (points.first == firsts * 0.5).all()
        for axis in ("step", "time"):
            series = store.series(SeriesQuery([run], ["value"], axis=axis, n_buckets=64))  # type: ignore[arg-type]
            assert sum(int(s.count.sum()) for s in series) == n_rows
            assert not series or series[0].maximum.max() == (n_rows - 1) * 0.5
        if n_rows:
            assert bool(store.dirty_mark(run))
            assert {info.key: info.n_points for info in store.keys([run])[run]} == {
                "epoch": (n_rows + 49) // 50,
                "value": n_rows,
            }
        total += n_rows
    return total


def test_acknowledged_rows_are_there_once_after_kill_9(
    tmp_path: Path, n_rounds: int, new_databases: Callable[[], Databases]
) -> None:
    seed = int(os.environ.get("WEFT_TEST_SEED", str(random.randrange(10**9))))
    print(f"seed {seed}")
    chance = random.Random(seed)
    path, log = tmp_path / "metrics.db", tmp_path / "acknowledged"
    databases = new_databases()
    log.touch()
    before = 0
    for _ in range(n_rounds):
        # The process says what it had acknowledged; it goes on from where the store ends.
        process = fork_module(SCRIPT, path, log, *databases.words())
        size = log.stat().st_size
        deadline = time.monotonic() + 60
        while log.stat().st_size == size and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.4)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with _opened(databases, path) as store:
            after = _check(store, log)
        assert after > before
        before = after
    # What the kills left behind is swept away: nothing but the chunks' own parts remains.
    if databases.metadata_url:
        _assert_swept(databases, tmp_path)
    else:
        _assert_swept_file(path)
    with _opened(databases, path) as store:
        assert _check(store, log) == before


@contextmanager
def _opened(databases: Databases, path: Path) -> Generator[MetricStore]:
    if databases.metadata_url:
        with closing(SharedEngine(*databases)) as engine:
            yield engine.open("1")
    else:
        with closing(SqliteMetricStore(path)) as store:
            yield store


def _assert_swept_file(path: Path) -> None:
    with closing(SqliteMetricStore(path)) as store:
        store.compact(until_idle=True)
        with store._database.snapshot() as view:  # the file's own books
            owned = view.db.execute(
                "SELECT count(*) FROM part WHERE NOT EXISTS"
                " (SELECT 1 FROM chunk WHERE part >= part_lo AND part < part_hi)"
            ).fetchone()[0]
            assert owned == 0
            assert view.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def _assert_swept(databases: Databases, path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mover, "INTENT_SECS", 0)
        patch.setattr(mover, "KEPT_SECS", 0)
        with _opened(databases, path) as store:
            for _ in range(2):  # first what the ends of the intents set free, then the rest
                store.compact(until_idle=True)
    with psycopg.connect(databases.metadata_url) as connection:
        row = connection.execute(
            "SELECT count(*) FILTER (WHERE state = 1), count(*) FROM weft_metrics.chunk"
        ).fetchone()
        assert row is not None
        n_listed, n_chunks = row
        assert n_listed == n_chunks > 0
        assert connection.execute("SELECT count(*) FROM weft_metrics.fresh").fetchone() == (0,)
    with closing(Clients(databases.metrics_url)) as clients:
        assert clients.read("SELECT count() FROM col WHERE key = 0") == [(n_listed,)]
        assert clients.read("SELECT uniq(bitShiftRight(part, 28)) FROM part") == [(n_listed,)]
