"""The distributed engine beside the embedded one: appends, reads and moves of rows, as ratios.

    python bench/shared_engine.py postgresql://user@host/empty_database [clickhouse://host/name]

Without ClickHouse, all rows stay fresh. Both store the same batches in turn, in one process;
figures are medians of pairs, and CPU seconds are of this process alone, without PostgreSQL and
ClickHouse. Points a second and core of the distributed engine are points by these seconds.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np

from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, Column, MetricStore, RowBlock, SeriesQuery
from weft.server.storage.metrics import SqliteMetricStore

N_PAIRS = 5
N_THREADS = 16
N_KEYS = 10


def batch(run: str, writer: str, first: int, n_rows: int, n_keys: int) -> Batch:
    """Noise, as numbers of 64 bits and of 32 in turn, at times that jitter by a millisecond."""
    rows = np.arange(first, first + n_rows)
    noise = np.random.default_rng(first)
    columns: dict[str, list[Column]] = {}
    for nth in range(n_keys):
        values = noise.standard_normal(n_rows)
        rounded = values.astype(np.float32).astype(float) if nth % 2 else values
        columns[f"key{nth}"] = [Column("float", None, rounded)]
    times = rows * 1_000_000 + noise.integers(0, 1000, n_rows)
    block = RowBlock(first, rows, times, None, columns)
    return Batch(run, writer, writer, first, first + n_rows, rows=block)


def append(store: MetricStore, round_: int, n_writers: int, n_batches: int, n_rows: int) -> None:
    def write(nth: int) -> None:
        for at in range(n_batches):
            store.append([batch(f"r{round_}-{nth}", "w", at * n_rows, n_rows, N_KEYS)])

    with ThreadPoolExecutor(N_THREADS) as pool:
        list(pool.map(write, range(n_writers)))


def chart(store: MetricStore, round_: int, n_runs: int) -> None:
    runs = [f"r{round_}-{nth}" for nth in range(n_runs)]
    series = store.series(SeriesQuery(runs, ["key0", "key1"]))
    assert len(series) == 2 * n_runs


def append_and_compact(store: MetricStore, round_: int, n_writers: int, n_rows: int) -> None:
    append(store, round_, n_writers, 1, n_rows)
    store.compact(until_idle=True)


def measure(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def main(url: str, clickhouse_url: str | None = None) -> None:
    engine = SharedEngine(url, clickhouse_url)
    with tempfile.TemporaryDirectory() as folder:
        stores: dict[str, MetricStore] = {
            "embedded": SqliteMetricStore(Path(folder) / "metrics.db"),
            "shared": engine.open("bench"),
        }
        n_points = {
            "1,000 uploads of one row": 1000 * N_KEYS,
            "50 uploads of 10,000 points": 50 * 10_000,
            "20 uploads of 100,000 points, compacted": 20 * 100_000,
        }
        questions: dict[str, Callable[[MetricStore, int], object]] = {
            "1,000 uploads of one row": lambda store, nth: append(store, nth, 50, 20, 1),
            "chart of 50 runs, 20 batches each": lambda store, nth: chart(store, nth, 50),
            "the same again": lambda store, nth: chart(store, nth, 50),
            "50 uploads of 10,000 points": lambda store, nth: append(
                store, 100 + nth, 50, 1, 1000
            ),
        }
        if clickhouse_url is not None:
            questions |= {
                "20 uploads of 100,000 points, compacted": lambda store, nth: append_and_compact(
                    store, 200 + nth, 20, 10_000
                ),
                "chart of these runs": lambda store, nth: chart(store, 200 + nth, 20),
            }
        for title, question in questions.items():
            figures: dict[str, list[tuple[float, float]]] = {name: [] for name in stores}
            for nth in range(N_PAIRS):
                for name, store in stores.items():
                    figures[name].append(measure(partial(question, store, nth)))
            wall, cpu = (
                {name: median(pair[at] for pair in pairs) for name, pairs in figures.items()}
                for at in range(2)
            )
            print(
                f"{title}: wall {wall['shared'] / wall['embedded']:.2f} of embedded"
                f" ({wall['embedded'] * 1e3:.0f} ms), CPU {cpu['shared'] / cpu['embedded']:.2f}"
            )
            if title in n_points:
                rate = n_points[title] / cpu["shared"]
                print(f"  {rate:,.0f} points a second and core", flush=True)
        for store in stores.values():
            store.close()
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
