"""Appends from three threads, compacts in a fourth, until killed; logs what was acknowledged.

python metric_store_script.py FILE LOG METADATA_URL METRICS_URL
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import numpy as np
from killed_stores import databases_of

from weft.server.storage.clickhouse import mover
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, Column, MetricStore, RowBlock, StepMetric
from weft.server.storage.metrics import SqliteMetricStore
from weft.server.storage.metrics.chunking import plan
from weft.server.storage.metrics.upkeep import rewrite

# Small tiers and slices: every step of a compaction is met by some kill.
plan.TIER_ROWS = (200, 1000, 5000)
plan.FRESH_BATCHES = 4
plan.CLOSED_ROWS = 5000
rewrite.SLICE_BYTES = 500
# What a killed process was moving is moved by the next one.
mover.INTENT_SECS = 1


def write_rows(store: MetricStore, log: int, writer: int) -> None:
    rng = np.random.default_rng()
    run = f"run{writer}"
    position = store.position(run, "w")
    row = position.position if position else 0
    store.set_axes(run, {"value": StepMetric("epoch")})
    while True:
        n = int(rng.integers(1, 200))
        rows = np.arange(row, row + n)
        # The epoch is told now and then: a row's x may lie in a chunk before its own.
        at_tells = np.flatnonzero(rows % 50 == 0).astype(np.uint32)
        columns = {"value": [Column("float", None, rows * 0.5)]}
        if len(at_tells):
            columns["epoch"] = [Column("int", at_tells, rows[at_tells] // 50)]
        block = RowBlock(row, rows, rows * 10_000, None, columns)
        store.append([Batch(run, "w", "w", row, row + n, rows=block, origin_micros=0)])
        row += n
        os.write(log, f"{writer} {row}.\n".encode())


def main() -> None:
    databases = databases_of(sys.argv[3:])
    store: MetricStore = SqliteMetricStore(Path(sys.argv[1]))
    if databases.metadata_url:
        store = SharedEngine(*databases).open("1")
    log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
    for writer in range(3):
        threading.Thread(target=write_rows, args=(store, log, writer), daemon=True).start()
    while True:
        store.compact()


main()
