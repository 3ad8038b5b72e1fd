"""One tracker, one way to make a table: times the script's thread. `tables.py` runs it.

    python tables_worker.py PEER CASE N_ROWS

Prints a JSON list with one number: seconds. CASE is `rows`, `frame`, `add` or `increments`.
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from typing import Any

NAMES = ["loss", "score", "weight", "id", "text"]


def columns(n_rows: int) -> dict[str, list[Any]]:
    import numpy as np

    rng = np.random.default_rng(0)
    columns: dict[str, list[Any]] = {name: rng.random(n_rows).tolist() for name in NAMES[:3]}
    return columns | {
        "id": [*range(n_rows)],
        "text": [f"sample {n % 1000}" for n in range(n_rows)],
    }


def main() -> None:
    peer, case, n_rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    tracker: Any = import_module(peer)
    run = tracker.init(project="bench")
    run.log({"first": 0.0})
    data = columns(n_rows)
    rows = [[*row] for row in zip(*data.values(), strict=True)]
    if case == "frame":
        frame = import_module("pandas").DataFrame(data)
        run.log({"small": tracker.Table(dataframe=frame[:10])})
    start = time.perf_counter()
    if case == "rows":
        run.log({"table": tracker.Table(columns=NAMES, data=rows)})
    elif case == "frame":
        run.log({"table": tracker.Table(dataframe=frame)})
    elif case == "add":
        table = tracker.Table(columns=NAMES)
        for row in rows:
            table.add_data(*row)
        run.log({"table": table})
    else:
        table = tracker.Table(columns=NAMES, log_mode="INCREMENTAL")
        for row in rows:
            table.add_data(*row)
            run.log({"table": table})
    print(json.dumps([time.perf_counter() - start]), flush=True)
    run.finish()


if __name__ == "__main__":
    main()
