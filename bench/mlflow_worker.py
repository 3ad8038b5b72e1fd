"""Runs in MLflow's environment: the questions of `runs_table.py` to its SQLite store.

Prints one JSON object: ms of a page, p50, by question.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import mlflow
from mlflow.entities import ViewType
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlParam, SqlRun, SqlTag
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

N_KEYS = 100
ORIGIN_MILLIS = 1_700_000_000_000
DATA_FRAME = "all runs as a DataFrame"

QUESTIONS: dict[str, Any] = {
    "all, newest": lambda _: ("", []),
    "selective": lambda i: (f"metrics.k60 < {0.001 + i / 1e6}", []),
    "unselective": lambda i: (f"metrics.k60 > {0.1 + i / 1e4}", ["metrics.k61 ASC"]),
    "no match": lambda i: (f"metrics.k60 > {10 + i}", []),
    "sort key missing in half": lambda i: ("", [f"metrics.k51 {'DESC' if i % 2 else 'ASC'}"]),
    "two filters": lambda i: (
        f"metrics.k60 > {0.3 + i / 1e4} and params.k3 = 'v{i % 50}'",
        ["metrics.k62 DESC"],
    ),
    "text contains": lambda i: (f"attributes.run_name LIKE '%-{10 + i}%'", []),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--page", type=int, required=True)
    parser.add_argument("--asked", type=int, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = SqlAlchemyStore(f"sqlite:///{Path(folder) / 'mlflow.db'}", folder)
        make_runs(store, options.runs)
        report: dict[str, float] = {}
        for name, question in QUESTIONS.items():
            took: list[float] = []
            for i in range(options.asked + 1):
                text, order = question(i)
                begin = time.perf_counter()
                store.search_runs(["0"], text, ViewType.ACTIVE_ONLY, options.page, order)
                took.append(1000 * (time.perf_counter() - begin))
            report[name] = statistics.median(took[1:])
        report[DATA_FRAME] = frame_millis(store, options.asked)
    print(json.dumps(report))


def frame_millis(store: SqlAlchemyStore, n_asked: int) -> float:
    """ms to read all runs as a DataFrame of pandas, p50."""
    mlflow.set_tracking_uri(store.db_uri)
    took: list[float] = []
    for _ in range(n_asked + 1):
        begin = time.perf_counter()
        mlflow.search_runs(["0"])
        took.append(1000 * (time.perf_counter() - begin))
    return statistics.median(took[1:])


def make_runs(store: SqlAlchemyStore, n_runs: int) -> None:
    chance = random.Random(1)
    tables: dict[Any, list[dict[str, Any]]] = {}

    def add(model: Any, **values: Any) -> None:
        tables.setdefault(model.__table__, []).append(values)

    def write() -> None:
        with store.engine.begin() as connection:
            for table, rows in tables.items():
                connection.execute(table.insert(), rows)
        tables.clear()

    for i in range(n_runs):
        run = uuid.UUID(int=chance.getrandbits(128)).hex
        start = ORIGIN_MILLIS + i * 1000
        add(
            SqlRun, run_uuid=run, name=f"brave-fox-{i}", source_type="LOCAL", source_name="",
            entry_point_name="", user_id="me", status="FINISHED", start_time=start,
            end_time=start + 3_600_000, source_version="", lifecycle_stage="active",
            artifact_uri="x", experiment_id=0,
        )  # fmt: skip
        add(SqlTag, run_uuid=run, key="mlflow.runName", value=f"brave-fox-{i}")
        for k in range(N_KEYS):
            if k in {1, 51} and i % 2:
                continue
            if k < N_KEYS // 2:
                text = f"v{chance.randrange(50)}" if k % 10 == 3 else str(chance.random())
                add(SqlParam, run_uuid=run, key=f"k{k}", value=text)
            else:
                value = float(chance.randrange(1000)) if k % 10 == 5 else chance.random()
                point = {
                    "run_uuid": run, "key": f"k{k}", "value": value, "timestamp": start,
                    "step": 0, "is_nan": False,
                }  # fmt: skip
                add(SqlLatestMetric, **point)
        if i % 500 == 499:
            write()
    write()


if __name__ == "__main__":
    main()
