"""Points a second through HTTP ingest, per core of the server; rows of ten metrics and of one.

The peer is the same machine's SQLite: one INSERT a row into a plain table, as simple trackers do.
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import tempfile
import time
from pathlib import Path

import zstandard

from logs import LogMaker
from measure import Figure, Server, arguments, finish, running_server


def upload(server: Server, log: LogMaker, batches: list[bytes]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    position = 0
    run = log.header.run_id
    for batch in batches:
        connection.request(
            "POST",
            f"/api/v1/projects/local/bench/runs/{run}/log/{log.writer_id}?position={position}",
            batch,
            {"X-Weft-Live": "1"},
        )
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"upload refused: {answer.status} {body!r}")
        position = json.loads(body)["position"]
    connection.close()


def measure(server: Server, run_id: str, n_keys: int, n_rows: int) -> tuple[float, float]:
    """Upload one log; returns points a second of server CPU, and of wall time."""
    log = LogMaker(run_id, n_keys)
    batches = [zstandard.compress(batch) for batch in log.batches(n_rows)]
    cpu, begin = server.cpu_secs(), time.perf_counter()
    upload(server, log, batches)
    n_points = n_keys * n_rows
    return n_points / (server.cpu_secs() - cpu), n_points / (time.perf_counter() - begin)


def sqlite_rows(n_rows: int, n_keys: int) -> float:
    """Points a second of a row table with one transaction for each 1,000 rows."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "rows.db", isolation_level=None)
        db.executescript("pragma journal_mode=wal; create table m(run, step, key, value)")
        begin = time.process_time()
        for start in range(0, n_rows, 1000):
            db.execute("begin")
            db.executemany(
                "insert into m values (?, ?, ?, ?)",
                (("r", s, k, 0.5) for s in range(start, start + 1000) for k in range(n_keys)),
            )
            db.execute("commit")
        return n_rows * n_keys / (time.process_time() - begin)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rows", type=int, default=400_000)
    args = parser.parse_args()
    figures: list[Figure] = []
    with running_server() as server:
        figures.append(Figure("server starts in", server.start_secs, "s", 2.0))
        time.sleep(1.0)
        figures.append(Figure("server memory, idle", server.memory_mb(), "MB", 150))
        measure(server, "warmup00", 10, 20_000)
        peer = sqlite_rows(20_000, 10)
        for n_keys, budget in ((10, 2e6), (1, 0.5e6), (100, None)):
            n_rows = args.rows if n_keys <= 10 else args.rows // 10
            core, wall = measure(server, f"bench{n_keys:03}", n_keys, n_rows)
            name = f"ingest over HTTP, rows of {n_keys}"
            figures.append(
                Figure(f"{name}, per core", core, "points/s", budget, True, "SQLite rows", peer)
            )
            figures.append(Figure(f"{name}, one uploader", wall, "points/s"))
        figures.append(Figure("server memory, peak", server.memory_mb("VmHWM"), "MB", 600))
        n_points = args.rows * 11 + args.rows // 10 * 100 + 200_000
        size = sum(f.stat().st_size for f in Path(server.data).rglob("*") if f.is_file())
        figures.append(Figure("data directory, right after", size / n_points, "B/point"))
    os.sync()
    finish(figures, args.json)


if __name__ == "__main__":
    main()
