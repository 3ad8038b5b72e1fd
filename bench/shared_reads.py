"""Charts and console search of the distributed engine, beside the embedded one.

    python bench/shared_reads.py postgresql://user@host/empty_database clickhouse://host/name

Both hold the same points and lines, moved to chunks. Figures are medians after a first read, which
is printed as well: a series that was read is cached until its run changes.
"""

from __future__ import annotations

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

from console_search import line_of
from grouped import ask
from shared_engine import batch
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.selecting.patterns import compile_line_search
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, ConsoleLine, MetricStore
from weft.server.storage.metrics import SqliteMetricStore
from weft.wire.metrics.charts import Grouping

N_LONG: Final = 10_000_000
N_LINES: Final = 1_000_000
N_TOGETHER: Final = 100_000
N_REPEATS: Final = 5


def fill(store: MetricStore) -> None:
    for first in range(0, N_LONG, N_TOGETHER):
        store.append([batch("long", "w", first, N_TOGETHER, 1)])
    for nth in range(100):
        store.append([batch(f"page{nth}", "w", 0, 1000, 20)])
    for nth in range(1000):
        store.append([batch(f"band{nth}", "w", 0, 10_000, 1)])
    chance = random.Random(7)
    for nth, first in enumerate(range(0, N_LINES, 20_000)):
        lines = [
            ConsoleLine("stdout", number, 1000 * number, line_of(number, chance, colored=False))
            for number in range(first, first + 20_000)
        ]
        store.append([Batch("lines", "c", "c", nth, nth + 1, console=lines)])
    store.compact(until_idle=True)


def bytes_of_pages(store: MetricStore, stored: Callable[[], int]) -> float:
    """Bytes a point of 100 runs of 20 metrics, when they are in chunks."""
    before = stored()
    for nth in range(100):
        store.append([batch(f"size{nth}", "w", 0, 10_000, 20)])
    store.compact(until_idle=True)
    return (stored() - before) / (100 * 20 * 10_000)


def used_bytes(path: Path) -> int:
    """Bytes of the pages of a database of SQLite that are not free."""
    with closing(sqlite3.connect(path)) as database:
        numbers = [
            database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        ]
    return (numbers[0] - numbers[1]) * numbers[2]


def stored_bytes(clients: Clients) -> int:
    query = (
        "SELECT sum(bytes_on_disk) FROM system.parts"
        f" WHERE active AND database = '{clients.database}'"
    )
    return int(clients.read(query)[0][0])


def page(store: MetricStore) -> None:
    for nth in range(20):
        ask(store, [f"page{run}" for run in range(100)], CurveCache(), keys=[f"key{nth}"])


def search(store: MetricStore) -> None:
    pattern = compile_line_search(r"gradient \w+ at step \d+")  # which expires
    hits = store.search_console("lines", "c", "stdout", pattern, limit=1000)
    assert len(hits) == 100


def seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main(url: str, clickhouse_url: str) -> None:
    engine = SharedEngine(url, clickhouse_url)
    group = Grouping((), "mean", "std")
    bands = [f"band{nth}" for nth in range(1000)]
    reads: dict[str, Callable[[MetricStore], object]] = {
        "chart of 10 M points": lambda store: ask(
            store, ["long"], CurveCache(), keys=["key0"], n_buckets=1000
        ),
        "100 runs × 20 charts": page,
        "band over 1,000 runs × 10,000 points": lambda store: ask(
            store, bands, CurveCache(), keys=["key0"], group=group
        ),
        "search in a million console lines": search,
    }
    with tempfile.TemporaryDirectory() as folder:
        stores: dict[str, MetricStore] = {
            "embedded": SqliteMetricStore(Path(folder) / "metrics.db"),
            "shared": engine.open("bench"),
        }
        for name, store in stores.items():
            print(
                f"{name}: filled in {seconds(lambda store=store: fill(store)):.0f} s", flush=True
            )
        clients = Clients(clickhouse_url)
        sizes: dict[str, Callable[[], int]] = {
            "embedded": lambda: used_bytes(Path(folder) / "metrics.db"),
            "shared": lambda: stored_bytes(clients),
        }
        for name, store in stores.items():
            n_bytes = bytes_of_pages(store, sizes[name])
            print(f"{name}: {n_bytes:.1f} bytes a point", flush=True)
        clients.close()
        for title, read in reads.items():
            for name, store in stores.items():
                work = lambda store=store, read=read: read(store)  # noqa: E731
                first = seconds(work)
                warm = median(seconds(work) for _ in range(N_REPEATS))
                print(
                    f"{title}, {name}: first {first * 1e3:.0f} ms, then {warm * 1e3:.0f} ms",
                    flush=True,
                )
        for store in stores.values():
            store.close()
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
