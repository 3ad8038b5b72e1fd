"""A server that appends to a run of the distributed engine until it is killed."""

from __future__ import annotations

import os
import sys

import numpy as np

from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Batch, Column, RowBlock

N_ROWS = 7


def main(url: str, path: str) -> None:
    store = SharedEngine(url).open("1")
    acked = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    stored = store.position("r", "w")
    position = 0 if stored is None else stored.position
    while True:
        rows = np.arange(position, position + N_ROWS)
        block = RowBlock(
            position, rows, rows * 1000, None, {"loss": [Column("float", None, rows * 1.0)]}
        )
        store.append([Batch("r", "w", "w", position, position + N_ROWS, rows=block)])
        position += N_ROWS
        os.write(acked, b"%d\n" % position)


main(*sys.argv[1:])
