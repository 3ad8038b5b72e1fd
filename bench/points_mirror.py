"""The mirror of points beside the chunks: CPU of weft for each point, and bytes in ClickHouse.

    python bench/points_mirror.py postgresql://user@host/empty_database clickhouse://host/name

Both store the same two million points of noise, ten metrics a row, in uploads of 100,000 points.
CPU seconds are of this process alone.
"""

from __future__ import annotations

import sys
import time
from urllib.parse import urlsplit

import numpy as np

from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, Column, RowBlock

N_RUNS = 20
N_ROWS = 10_000
N_KEYS = 10


def upload(run: int) -> Batch:
    noise = np.random.default_rng(run)
    rows = np.arange(N_ROWS)
    times = np.cumsum(noise.integers(990_000, 1_010_000, N_ROWS)) + 1_700_000_000_000_000
    columns = {
        f"train/metric{nth}": [Column("float", None, noise.standard_normal(N_ROWS))]
        for nth in range(N_KEYS)
    }
    return Batch(f"run{run}", "w", "w", 0, N_ROWS, rows=RowBlock(0, rows, times, None, columns))


def main(url: str, clickhouse_url: str) -> None:
    engine = SharedEngine(url, clickhouse_url, mirrors_points=True)
    store = engine.open("1")
    n_points = N_RUNS * N_ROWS * N_KEYS
    cpu_secs = {"chunks": 0.0, "mirror": 0.0}
    for run in range(N_RUNS):
        began = time.process_time()
        store.append([upload(run)])
        store.compact(until_idle=True)
        cpu_secs["chunks"] += time.process_time() - began
        began = time.process_time()
        while engine.mirror_points({1: "bench/noise"}):
            pass
        cpu_secs["mirror"] += time.process_time() - began
    clients = Clients(clickhouse_url)
    database = urlsplit(clickhouse_url).path.strip("/")
    sizes = {"chunks": ("part", "col"), "mirror": ("points",)}
    for table in ("part", "col", "points"):
        clients.read(f"OPTIMIZE TABLE {table} FINAL")
    ((n_rows,),) = clients.read("SELECT count() FROM points")
    assert n_rows == n_points, f"{n_rows} of {n_points}"
    for name, tables in sizes.items():
        ((n_bytes,),) = clients.read(
            f"SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = '{database}'"
            f" AND table IN ({', '.join(map(repr, tables))})"
        )
        micros = cpu_secs[name] / n_points * 1e6
        print(f"{name}: {micros:.2f} µs of CPU a point, {n_bytes / n_points:.2f} bytes a point")
    print(f"mirror to chunks: CPU {cpu_secs['mirror'] / cpu_secs['chunks']:.1f}")
    clients.close()
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
