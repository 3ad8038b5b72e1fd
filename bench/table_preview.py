"""A page of rows of a table, as the app shows it: the first time, and again.

The table is CSV, Parquet, and W&B's JSON. The peer is DuckDB in this process, which reads the same
file of CSV or Parquet for the same rows each time.
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
    rows = [(i, f"row-{i}", rng.random(), rng.random()) for i in range(N_ROWS)]
    names = ["n", "name", "x", "y"]
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, running_server() as server:
        texts = {"t.csv": "\n".join([",".join(names), *(",".join(map(str, r)) for r in rows)])}
        texts["t.table.json"] = json.dumps({"columns": names, "data": rows})
        for name, text in texts.items():
            (Path(folder) / name).write_text(text)
        parquet = Path(folder) / "t.parquet"
        duckdb.sql(f"COPY (FROM read_csv('{parquet.with_name('t.csv')}')) TO '{parquet}'")
        environment = {**os.environ, "WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"}
        subprocess.run([sys.executable, "-c", SCRIPT], cwd=folder, env=environment, check=True)
        files = f"{PROJECT}/runs/bench/files"

        def read_page(nth: int, name: str) -> None:
            query = {"run": "bench", "path": name, "offset": nth * PAGE_ROWS}
            body = json.dumps({**query, "limit": PAGE_ROWS}).encode()
            rows = request(server, "POST", f"{PROJECT}/tables/query", body)["rows"]
            assert rows[0][0] == nth * PAGE_ROWS

        def read_with_peer(nth: int, name: str) -> None:
            reading = f"'{Path(folder, name)}'"
            if name.endswith(".csv"):
                reading = f"read_csv({reading}, sample_size = -1)"
            page = f"SELECT * FROM {reading} LIMIT {PAGE_ROWS} OFFSET {nth * PAGE_ROWS}"
            assert duckdb.execute(page).fetchall()[0][0] == nth * PAGE_ROWS

        def median_secs(read: Callable[[int, str], None], name: str) -> float:
            return median([timed(lambda nth=nth: read(nth, name)) for nth in range(N_ROUNDS)])

        request(server, "PUT", f"{files}/small.csv", b"n\n0\n")
        read_page(0, "small.csv")  # the process that reads tables has started
        for name in (*texts, parquet.name):
            content = Path(folder, name).read_bytes()
            request(server, "PUT", f"{files}/{name}", content)
            first = timed(lambda name=name: read_page(0, name))
            again = median_secs(read_page, name)
            peer = None if name.endswith(".json") else "DuckDB"
            peer_secs = median_secs(read_with_peer, name) if peer else None
            ending, n_mb = name.partition(".")[2], len(content) / 1e6
            title = f"100 of {N_ROWS:,} rows of {ending}, {n_mb:.0f} MB"
            figures += [
                Figure(f"{title}, first", first, "s", None, peer=peer, peer_figure=peer_secs),
                Figure(
                    f"{title}, again", again, "s", BUDGET_SECS, peer=peer, peer_figure=peer_secs
                ),
            ]
    finish(figures, args.json)


if __name__ == "__main__":
    main()
