"""History out of the server: exports and SQL, beside other ways to the same.

    python bench/export.py [--points N] [--runs N] [--json FILE]

A run of `--points` (100 million by default: the largest of three sizes, ten times apart) and a
project of `--runs` runs are written to stores of their own; a server hands them out over loopback,
and the reader throws the bytes away. Peers: pyarrow and DuckDB writing the same columns, which
they have in memory, to Parquet; DuckDB asking the exported Parquet file; TensorBoard's own reader.
"""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from measure import Figure, Server, arguments, finish, median, running_server
from peers import run_worker
from weft.records.record import Run
from weft.runlog.format import Header
from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.ingest.upload import Segment, Upload
from weft.server.services.opening.services import Services, open_services
from weft.server.storage.contract import Column, RowBlock

N_METRICS = 10
ROWS_PER_UPLOAD = 50_000
START = 1_700_000_000_000_000

TENSORBOARD = """
import json, sys, time
from tensorboardX import SummaryWriter
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
n = int(sys.argv[1])
writer = SummaryWriter("events", max_queue=10_000)
for step in range(n):
    writer.add_scalar("m0", step * 0.5, step)
writer.close()
begin = time.perf_counter()
events = EventAccumulator("events", size_guidance={"scalars": 0, "tensors": 0})
events.Reload()
tags = events.Tags()
found = events.Scalars("m0") if "m0" in tags["scalars"] else events.Tensors("m0")
print(json.dumps({"points": len(found), "secs": time.perf_counter() - begin}))
"""


def make_run(services: Services, project: str, run: str, columns: dict[str, Any]) -> None:
    """Upload a run's rows as its script would have."""
    n_rows = len(next(iter(columns.values())))
    position = 0
    for lo in range(0, n_rows, ROWS_PER_UPLOAD):
        hi = min(lo + ROWS_PER_UPLOAD, n_rows)
        steps = np.arange(lo, hi)
        block = RowBlock(
            lo, steps, START + steps * 10_000, None,
            {key: [Column("float", None, values[lo:hi])] for key, values in columns.items()},
        )  # fmt: skip
        header = Header("", "w", None, START, 0, "box", "machine", "boot", 7, 7)
        upload = Upload(
            "w", "w", position, position + hi - lo,
            records=[(position + 1, Run(run, project))] if not lo else [],
            segments=[Segment(block, False, position + hi - lo)],
            state=b"state",
            header=header if not lo else None,
        )  # fmt: skip
        services.ingest.apply_upload(SYSTEM, RunPath("local", project, run), upload)
        position += hi - lo


def compact(services: Services, project: str) -> None:
    project_id = services.stores.find_project(ProjectPath("local", project))
    with services.stores.metrics.use(project_id) as store:
        store.compact(until_idle=True)


def curves(n_rows: int, n_metrics: int = N_METRICS, seed: int = 1) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        f"m{nth}": rng.standard_normal(n_rows).astype(np.float32).astype(np.float64)
        for nth in range(n_metrics)
    }


def take(
    server: Server, project: str, path: str, body: dict[str, Any]
) -> tuple[float, int, float]:
    """Ask and throw away; seconds, bytes, and the server's processor seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    spent = server.cpu_secs()
    begin = time.perf_counter()
    connection.request(
        "POST", f"/api/v1/projects/local/{project}/{path}", json.dumps(body),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    reply = connection.getresponse()
    n_bytes = 0
    while piece := reply.read(2**20):
        n_bytes += len(piece)
    secs = time.perf_counter() - begin
    if reply.status != 200:
        raise SystemExit(f"{path}: {reply.status}")
    connection.close()
    return secs, n_bytes, server.cpu_secs() - spent


def save(server: Server, project: str, body: dict[str, Any], path: Path) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.request(
        "POST", f"/api/v1/projects/local/{project}/export", json.dumps(body),
        {"Content-Type": "application/json"},
    )  # fmt: skip
    reply = connection.getresponse()
    with path.open("wb") as file:
        while piece := reply.read(2**20):
            file.write(piece)
    connection.close()


def timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def peer_writers(columns: dict[str, Any], folder: Path) -> tuple[float, float]:
    """Points/s of pyarrow and of DuckDB, one thread each, with the columns in memory."""
    import duckdb
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_cpu_count(1)
    n_points = sum(map(len, columns.values()))
    table = pa.table(columns)
    arrow_secs = timed(lambda: pq.write_table(table, folder / "a.parquet", compression="zstd"))
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("source", columns)
    copy = f"COPY source TO '{folder / 'd.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
    duckdb_secs = timed(lambda: connection.execute(copy).fetchall())
    return n_points / arrow_secs, n_points / duckdb_secs


def measure_exports(server: Server, sizes: list[int], folder: Path) -> list[Figure]:
    figures: list[Figure] = []
    peers = peer_writers(curves(sizes[0] // N_METRICS * 10), folder)
    for size in sizes:
        project = f"size{size}"
        before = server.memory_mb("VmHWM")
        for name in ("parquet", "arrow", "csv"):
            if name == "csv" and size > 10**7:
                continue
            secs, n_bytes, _ = take(server, project, "export", {"runs": ["r"], "format": name})
            rate = size / secs
            about = f"{name} of {size / 1e6:g} M points in rows of ten"
            if name != "parquet":
                figures.append(Figure(about, rate, "points/s", at_least=True))
                continue
            figures += [
                Figure(about, rate, "points/s", 5e6, True, "DuckDB, in memory", peers[1]),
                Figure("  the same", rate, "points/s", None, True, "pyarrow, in memory", peers[0]),
                Figure("  bytes a point", n_bytes / size, "bytes"),
            ]
        grown = server.memory_mb("VmHWM") - before
        figures.append(Figure(f"  more memory at most, {size / 1e6:g} M points", grown, "MB"))
    figures.append(Figure("peak memory of the server", server.memory_mb("VmHWM"), "MB", 600))
    return figures


QUERIES = {
    "mean and least of two metrics": "SELECT avg(m0), min(m1) FROM history",
    "rows where a metric is large": "SELECT count(*) FROM history WHERE m2 > 3",
    "curve in 100 buckets": (
        "SELECT step // 10000 AS bucket, avg(m3), max(m3) FROM history GROUP BY 1 ORDER BY 1"
    ),
    "a thousand of the steps": "SELECT step, m4 FROM history WHERE step BETWEEN 500 AND 1499",
}


def answer(connection: Any, query: str) -> Any:
    return connection.execute(query).fetchall()


def measure_sql(server: Server, size: int, folder: Path) -> list[Figure]:
    import duckdb

    project = f"size{size}"
    file = folder / "history.parquet"
    save(server, project, {"runs": ["r"]}, file)
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW history AS SELECT * FROM '{file}'")
    figures: list[Figure] = []
    for name, query in QUERIES.items():
        secs = median([take(server, project, "sql", {"query": query})[0] for _ in range(3)])
        peer = median([timed(partial(answer, connection, query)) for _ in range(3)])
        about = f"SQL, {size / 1e6:g} M points: {name}"
        beside = "DuckDB on the Parquet"
        figures.append(Figure(about, secs * 1000, "ms", None, False, beside, peer * 1000))
    return figures


def measure_project(server: Server, n_runs: int) -> list[Figure]:
    figures: list[Figure] = []
    for name in ("parquet", "csv"):
        secs, _, _ = take(server, "many", "export", {"format": name})
        figures.append(Figure(f"{n_runs} runs of 200 rows of 5 as {name}", secs, "s", 60))
    query = "SELECT run, min(m0) FROM history GROUP BY run"
    secs = median([take(server, "many", "sql", {"query": query})[0] for _ in range(3)])
    figures.append(Figure(f"SQL: least loss of each of {n_runs} runs", secs * 1000, "ms"))
    return figures


def measure_tensorboard(size: int) -> list[Figure]:
    n_points = min(size, 200_000)
    report = run_worker(
        "tensorboard",
        ["-c", TENSORBOARD, str(n_points)],
        starts_with='{"points"',
        activity=" to read",
    )
    if report is None:
        return []
    rate = report["points"] / report["secs"]
    return [Figure("TensorBoard's reader", rate, "points/s", at_least=True)]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--points", type=int, default=100_000_000)
    parser.add_argument("--runs", type=int, default=5000)
    options = parser.parse_args()
    sizes = [options.points // 100, options.points // 10, options.points]
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as name:
        folder = Path(name)
        services = open_services(folder / "data")
        for size in sizes:
            make_run(services, f"size{size}", "r", curves(size // N_METRICS))
            compact(services, f"size{size}")
        for nth in range(options.runs):
            make_run(services, "many", f"run{nth}", curves(200, 5, nth))
        compact(services, "many")
        services.close()
        with running_server(folder / "data") as server:
            figures = measure_project(server, options.runs)
            figures += measure_exports(server, sizes, folder)
            figures += measure_sql(server, sizes[1], folder)
    figures += measure_tensorboard(sizes[0])
    finish(figures, options.json)


if __name__ == "__main__":
    main()
