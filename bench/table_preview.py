"""A page of rows of a CSV file, as the app shows it: the first time, and again.

The peer is DuckDB in this process, which parses the same file for the same rows each time.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from measure import Figure, Server, arguments, finish, median, running_server

N_ROWS = 200_000
PAGE_ROWS = 100
N_ROUNDS = 7
PROJECT = "/api/v1/projects/local/bench"
BUDGET_SECS = 0.3

SCRIPT = "import weft; weft.init(project='bench', id='bench').log({'a': 1})"


def request(server: Server, method: str, path: str, body: bytes) -> Any:
    """Send a request over a connection of its own, and return the answer."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    try:
        link.request(method, path, body, {"Content-Type": "application/json"})
        answer = link.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(text)
        return json.loads(text) if text else None
    finally:
        link.close()


def timed(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def main() -> None:
    args = arguments(__doc__).parse_args()
    rng = random.Random(0)
    lines = [f"{i},row-{i},{rng.random()},{rng.random()}" for i in range(N_ROWS)]
    text = "\n".join(["n,name,x,y", *lines]).encode()
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        file = Path(folder) / "t.csv"
        file.write_bytes(text)
        environment = {**os.environ, "WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"}
        subprocess.run([sys.executable, "-c", SCRIPT], cwd=folder, env=environment, check=True)
        files = f"{PROJECT}/runs/bench/files"

        def read_page(nth: int, name: str) -> None:
            asked = {"run": "bench", "path": name, "offset": nth * PAGE_ROWS}
            body = json.dumps({**asked, "limit": PAGE_ROWS}).encode()
            rows = request(server, "POST", f"{PROJECT}/tables/query", body)["rows"]
            assert rows[0][0] == nth * PAGE_ROWS

        def parse(nth: int) -> None:
            reading = f"read_csv('{file}', sample_size = -1)"
            page = f"SELECT * FROM {reading} LIMIT {PAGE_ROWS} OFFSET {nth * PAGE_ROWS}"
            assert duckdb.sql(page).fetchall()[0][0] == nth * PAGE_ROWS

        request(server, "PUT", f"{files}/small.csv", b"n\n0\n")
        read_page(0, "small.csv")  # the process that reads tables has started
        request(server, "PUT", f"{files}/t.csv", text)
        first = timed(lambda: read_page(0, "t.csv"))
        again = median([timed(lambda nth=nth: read_page(nth, "t.csv")) for nth in range(N_ROUNDS)])
        peer = median([timed(lambda nth=nth: parse(nth)) for nth in range(N_ROUNDS)])
    name = f"100 of {N_ROWS:,} rows of a CSV of {len(text) / 1e6:.0f} MB"
    figures = [
        Figure(f"{name}, first", first, "s", peer="DuckDB", peer_figure=peer),
        Figure(f"{name}, again", again, "s", BUDGET_SECS, peer="DuckDB", peer_figure=peer),
    ]
    finish(figures, args.json)


if __name__ == "__main__":
    main()
