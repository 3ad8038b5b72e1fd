"""Runs in MLflow's environment: the runs of `deletion.py` in its SQLite store, deleted for good.

Prints one JSON object: `secs` that `delete_run` and the removal of `mlflow gc` took, and `left`,
the share of the file that is still there.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path

from mlflow.entities import Metric
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

PER_CALL = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--points", type=int, required=True)
    options = parser.parse_args()
    noise = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mlflow.db"
        store = SqlAlchemyStore(f"sqlite:///{file}", folder)
        ids: list[str] = []
        for number in range(options.runs):
            run = store.create_run("0", "me", 0, [], f"run{number}")
            ids.append(run.info.run_id)
            points = [
                Metric(f"metric/{step % 10}", noise.random(), 0, step // 10)
                for step in range(options.points)
            ]
            for at in range(0, len(points), PER_CALL):
                store.log_batch(ids[-1], points[at : at + PER_CALL], [], [])
        before = size(file)
        began = time.perf_counter()
        for run_id in ids:
            store.delete_run(run_id)
        for run_id in ids:
            store._hard_delete_run(run_id)
        secs = time.perf_counter() - began
        print(json.dumps({"secs": secs, "left": size(file) / before}))


def size(file: Path) -> int:
    return sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))


if __name__ == "__main__":
    main()
