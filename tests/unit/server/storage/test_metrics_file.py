"""The metric file itself: its size after deletion, its format, its log, its slices."""

from __future__ import annotations

import sqlite3
import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from weft.errors import Damaged, PositionConflict, Unavailable
from weft.server.storage.contract import Batch, Column, RowBlock, SeriesQuery
from weft.server.storage.metrics import SqliteMetricStore


def log_noise(store: SqliteMetricStore, run: str, n_rows: int, n_keys: int = 4) -> None:
    rng = np.random.default_rng(n_rows)
    columns = {
        f"k{key}": [Column("float", None, rng.standard_normal(n_rows))] for key in range(n_keys)
    }
    rows = np.arange(n_rows)
    block = RowBlock(0, rows, rows * 1000, None, columns)
    store.append([Batch(run, "w", "w", 0, 1, rows=block)])


def test_deleting_a_run_shrinks_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path)
    log_noise(store, "small", 1000)
    log_noise(store, "big", 60_000)
    store.compact(until_idle=True)
    assert store.usage().by_run["big"] > 1_000_000
    before = store.usage().file_bytes
    store.delete_runs(["big"])
    after = store.usage()
    assert after.file_bytes < before / 5
    assert path.stat().st_size < 300_000
    assert list(after.by_run) == ["small"]
    assert len(store.series(SeriesQuery(["small"], ["k0"]))) == 1
    store.close()


def test_a_file_shrinks_once_those_who_read_it_are_done(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path)
    log_noise(store, "small", 1000)
    log_noise(store, "run", 20_000)
    store.compact(until_idle=True)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM run").fetchall()
    store.delete_runs(["run"])
    assert store.usage().file_bytes > 600_000
    reader.close()
    while store.compact():
        pass
    assert store.usage().file_bytes < 200_000
    store.close()


def test_deleting_a_metric_shrinks_the_file(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path)
    log_noise(store, "run", 60_000)
    store.compact(until_idle=True)
    store.delete_metrics(["run"], ["k1", "k3"])
    n_bytes = store.usage().file_bytes
    store.delete_metrics(["run"], ["k0"])
    assert n_bytes - store.usage().file_bytes > 400_000
    assert [info.key for info in store.keys()["run"]] == ["k2"]
    store.close()


@pytest.mark.parametrize("table", ["part", "fresh"])
def test_what_a_disk_changed_is_no_answer_and_keeps_nothing_waiting(
    tmp_path: Path, table: str
) -> None:
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path)
    log_noise(store, "hurt", 60_000, n_keys=1)
    log_noise(store, "sound", 50_000, n_keys=1)
    if table == "part":
        store.compact(until_idle=True)
    whole = store.series(SeriesQuery(["hurt"], ["k0"]))
    assert len(whole) == 1
    store.close()
    db = sqlite3.connect(path)
    # A bit in the middle of a value: it would be decoded without an error.
    changes = [
        (data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], number)
        for number, data in db.execute(
            f"SELECT {table}, data FROM {table} ORDER BY length(data) DESC LIMIT 1"
        )
    ]
    db.executemany(f"UPDATE {table} SET data = ? WHERE {table} = ?", changes)
    db.commit()
    db.close()

    store = SqliteMetricStore(path)
    with pytest.raises(Damaged, match="weft server check"):
        list(store.rows("hurt", limit=60_000))
    store.compact(until_idle=True)
    assert len(list(store.rows("sound", limit=60_000))) == 50_000
    with pytest.raises(Damaged):
        list(store.rows("hurt", limit=60_000))
    assert n_fresh_of(path) == (0 if table == "part" else 1), "the damaged rows stay as they are"
    store.close()


def n_fresh_of(path: Path) -> int:
    db = sqlite3.connect(path)
    (n,) = db.execute("SELECT count(*) FROM fresh").fetchone()
    db.close()
    return n


def test_a_file_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    SqliteMetricStore(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(Unavailable, match="later version"):
        SqliteMetricStore(path)


def test_the_file_has_the_pages_and_the_log_that_the_record_says(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    SqliteMetricStore(path).close()
    db = sqlite3.connect(path)
    pragmas = {
        name: db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_size", "auto_vacuum", "journal_mode")
    }
    db.close()
    assert pragmas == {"page_size": 4096, "auto_vacuum": 2, "journal_mode": "wal"}


def test_callers_of_one_group_are_refused_each_for_itself(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    outcomes: dict[str, object] = {}

    def call(name: str, from_position: int) -> None:
        try:
            store.append([Batch("r", name, name, from_position, from_position + 3)])
            outcomes[name] = "applied"
        except PositionConflict as error:
            outcomes[name] = error.position

    threads = [
        threading.Thread(target=call, args=(f"w{nth}", 0 if nth % 2 else 5)) for nth in range(6)
    ]
    # The first to come leads and waits for the lock; all others become one group behind it.
    with store._database.write_lock:
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + 10
        while len(store._appender._commits._queue) < 5 and time.monotonic() < deadline:
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert outcomes == {f"w{nth}": "applied" if nth % 2 else 0 for nth in range(6)}
    store.close()


def test_the_log_starts_over_while_batches_keep_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weft.server.storage.metrics.database.CHECKPOINT_BYTES", 1 << 20)
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path)
    rng = np.random.default_rng(0)
    for nth in range(100):
        rows = np.arange(nth * 20_000, (nth + 1) * 20_000)
        values = Column("float", None, rng.standard_normal(20_000))
        block = RowBlock(int(rows[0]), rows, rows, None, {"k": [values]})
        store.append([Batch("r", "w", "w", nth, nth + 1, rows=block)])
    log = path.with_name("m.db-wal").stat().st_size
    store.close()
    assert log < 12 << 20  # all batches together are 16 MB


def test_rows_of_a_silent_writer_become_a_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    log_noise(store, "run", 3)
    assert not store.compact()
    monkeypatch.setattr("weft.server.storage.metrics.chunking.plan.IDLE_SECS", 0.0)
    assert store.compact()
    with store._database.snapshot() as view:
        assert view.db.execute("SELECT n FROM chunk").fetchall() == [(3,)]
        assert view.db.execute("SELECT count(*) FROM fresh").fetchone() == (0,)
    store.close()


def test_a_full_disk_refuses_the_batch_and_takes_it_when_there_is_room(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    db = store._database.writing
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(Unavailable, match="disk is full"):
        log_noise(store, "run", 10_000)
    assert store.position("run", "w") is None
    db.execute("PRAGMA max_page_count = 1000000")
    log_noise(store, "run", 10_000)
    assert [info.n_points for info in store.keys()["run"]] == [10_000] * 4
    store.close()


def test_a_projected_run_stays_clean_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "m.db"
    store = SqliteMetricStore(path)
    for run in ("one", "two"):
        log_noise(store, run, 10)
    store.clean("one", store.dirty_mark("one"))
    store.close()
    store = SqliteMetricStore(path)
    assert store.dirty_runs() == ["two"]
    store.close()


def test_rows_are_read_without_chunks_that_lie_between_others(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    first = 0
    # The first and the last rows are made one chunk; those between are large enough already.
    for n_rows in (100, *[5000] * 12, 4000):
        rows = np.arange(first, first + n_rows)
        block = RowBlock(first, rows, rows * 1000, None, {"k": [Column("float", None, rows / 8)]})
        first += n_rows
        store.append([Batch("run", "w", "w", first - n_rows, first, rows=block)])
        store.compact(until_idle=True)
    with sqlite3.connect(tmp_path / "m.db") as db:
        spans = db.execute("SELECT row_lo, row_hi, n FROM chunk ORDER BY row_lo").fetchall()
    assert spans[0] == (0, first - 1, 4100)
    assert len(spans) == 13

    (batch,) = store.columns(["run"], ["k"], hi=50)
    assert batch.rows.tolist() == batch.steps.tolist() == list(range(50))
    (everything,) = store.columns(["run"], ["k"])
    assert everything.rows.tolist() == list(range(first))
    assert list(everything.columns["k"][0].values) == (np.arange(first) / 8).tolist()

    tracemalloc.start()
    for _ in store.columns(["run"], ["k"], hi=50):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24 * first / 2, "three axes of all rows were decoded"
    store.close()


def test_a_page_of_all_metrics_reads_none_that_lies_beyond_it(tmp_path: Path) -> None:
    store = SqliteMetricStore(tmp_path / "m.db")
    rows = np.arange(3000)
    columns = {
        "loss": [Column("float", None, rows / 8)],
        "late": [Column("float", np.array([2000, 2900], np.uint32), np.array([0.1, 0.7]))],
        "note": [Column("object", np.array([5], np.uint32), ["early"])],
        "both": [
            Column("float", np.array([2500], np.uint32), np.array([1.0])),
            Column("object", np.array([7], np.uint32), ["early"]),
        ],
    }
    store.append(
        [Batch("run", "w", "w", 0, 3000, rows=RowBlock(0, rows, rows * 9, None, columns))]
    )
    store.compact(until_idle=True)
    with sqlite3.connect(tmp_path / "m.db") as db:
        (late,) = db.execute(
            "SELECT part FROM col JOIN key USING (key) WHERE name = 'late'"
        ).fetchone()
        db.execute("UPDATE part SET crc = crc + 1 WHERE part = ?", (late,))

    page = list(store.rows("run", limit=10))
    assert [set(row.values) - {"loss"} for row in page[5:8]] == [{"note"}, set(), {"both"}]
    for lo in (2000, 2500, 2900):
        with pytest.raises(Damaged):
            list(store.rows("run", limit=1, lo=lo))
    assert len(list(store.rows("run", limit=10, lo=2901))) == 10
    store.close()
