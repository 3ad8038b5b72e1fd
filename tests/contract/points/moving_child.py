"""A server that moves rows to ClickHouse, and is killed when it calls a method the nth time."""

from __future__ import annotations

import sys

import numpy as np
from dying_calls import kill_at

from weft.server.storage.clickhouse import mover
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, Column, RowBlock


def main(url: str, clickhouse_url: str, method_name: str, nth: str, n_rows: str = "0") -> None:
    """Move what is there, and then so many rows of run `r`, as two chunks."""
    mover.KEPT_SECS = 0
    kill_at(method_name, int(nth))
    store = SharedEngine(url, clickhouse_url).open("1")
    store.compact(until_idle=True)
    for at in np.arange(int(n_rows)).reshape(2, -1):
        if not len(at):
            return
        columns = {"loss": [Column("float", None, at.astype(float))]}
        rows = RowBlock(int(at[0]), at, at, None, columns)
        store.append([Batch("r", "w", "w", int(at[0]), int(at[-1]) + 1, rows=rows)])
        store.compact(until_idle=True)


main(*sys.argv[1:])
