"""The metric store under `kill -9`: what was acknowledged is there once; the file opens."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import numpy as np

from server_forks import fork_module
from weft.server.storage.contract import SeriesQuery
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


def _check(path: Path, log: Path) -> int:
    """Every acknowledged row is there once; of the others whole batches only. Returns rows."""
    store = SqliteMetricStore(path)
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
    store.close()
    return total


def test_acknowledged_rows_are_there_once_after_kill_9(tmp_path: Path, n_rounds: int) -> None:
    seed = int(os.environ.get("WEFT_TEST_SEED", str(random.randrange(10**9))))
    print(f"seed {seed}")
    chance = random.Random(seed)
    path, log = tmp_path / "metrics.db", tmp_path / "acknowledged"
    log.touch()
    before = 0
    for _ in range(n_rounds):
        # The process says what it had acknowledged; it goes on from where the store ends.
        process = fork_module(SCRIPT, path, log)
        size = log.stat().st_size
        deadline = time.monotonic() + 60
        while log.stat().st_size == size and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.random() * 0.4)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = _check(path, log)
        assert after > before
        before = after
    # What the kills left behind is swept away: nothing but the chunks' own parts remains.
    store = SqliteMetricStore(path)
    store.compact(until_idle=True)
    with store._database.snapshot() as view:  # the file's own books
        owned = view.db.execute(
            "SELECT count(*) FROM part WHERE NOT EXISTS"
            " (SELECT 1 FROM chunk WHERE part >= part_lo AND part < part_hi)"
        ).fetchone()[0]
        assert owned == 0
        assert view.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    store.close()
    assert _check(path, log) == before
    assert np.isfinite(before)
