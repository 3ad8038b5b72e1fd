"""Many heavy questions at once: how much memory the server takes, and what short ones wait.

    python bench/heavy_questions.py [--questions N] [--rows N] [--json FILE]

`--questions` exports of a run of `--rows` rows of ten metrics and as many charts of its metrics
over another metric begin in the same moment, together with queries in SQL and packed uploads that
unpack to 32 MB; a chart that costs a millisecond and `/healthz` are asked meanwhile. Every answer
has to come, unless it is a 503 that says when to ask again.
"""

from __future__ import annotations

import http.client
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zstandard

from export import N_METRICS, compact, curves, make_run
from logs import LogMaker
from measure import Figure, Server, arguments, finish, median, running_server
from weft.server.services.opening.services import open_services

UNPACKED_BYTES = 32 * 2**20
N_OTHERS = 4  # queries in SQL, and uploads


def ask(
    server: Server, method: str, path: str, body: bytes, *, secs: float = 600
) -> tuple[int, int]:
    """Status and length of an answer that is thrown away."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=secs)
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    n_bytes = 0
    while piece := answer.read(2**18):
        n_bytes += len(piece)
    connection.close()
    return answer.status, n_bytes


def chart(key: str, axis: str) -> bytes:
    panel: dict[str, Any] = {"runs": ["big"], "keys": [key], "axis": "step", "n_buckets": 400}
    if axis:
        panel |= {"axis": "metric", "axis_metric": axis}
    return json.dumps({"panels": [panel]}).encode()


def upload(number: int) -> tuple[str, bytes]:
    """Path and body of a log that unpacks to 32 MB: some rows of 50 metrics many times over."""
    maker = LogMaker(f"up{number:03}", 50, project="heavy")
    frames = [maker.row() for _ in range(500)]
    n_times = UNPACKED_BYTES // sum(map(len, frames))
    body = zstandard.compress(maker.head + b"".join(frames) * n_times)
    path = f"/api/v1/projects/local/heavy/runs/{maker.header.run_id}/log/{maker.writer_id}"
    return f"{path}?position=0", body


def questions(n: int) -> list[tuple[str, str, str, bytes]]:
    """Kind, method, path and body of all that is heavy."""
    project = "/api/v1/projects/local/heavy"
    requests: list[tuple[str, str, str, bytes]] = []
    for number in range(n):
        form = ("parquet", "arrow", "csv")[number % 3]
        body = json.dumps({"runs": ["big"], "format": form}).encode()
        requests.append(("export", "POST", f"{project}/export", body))
        key, axis = number % N_METRICS, (number * 3 + number // N_METRICS + 1) % N_METRICS
        requests.append(("chart", "POST", f"{project}/series", chart(f"m{key}", f"m{axis}")))
    for number in range(N_OTHERS):
        query = f"SELECT avg(m{number}) FROM history"
        requests.append(("sql", "POST", f"{project}/sql", json.dumps({"query": query}).encode()))
        requests.append(("upload", "POST", *upload(number)))
    return requests


def children_mb(pid: int) -> float:
    """Resident memory of a process and all below it."""
    pids = [pid]
    for child in pids:
        for task in Path(f"/proc/{child}/task").glob("*/children"):
            pids += map(int, task.read_text().split())
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def measure(server: Server, n: int) -> dict[str, Any]:
    requests = questions(n)
    done: list[tuple[str, int, float]] = []
    begin = time.perf_counter()

    def work(kind: str, method: str, path: str, body: bytes) -> None:
        status, _ = ask(server, method, path, body)
        done.append((kind, status, time.perf_counter() - begin))

    threads = [threading.Thread(target=work, args=request) for request in requests]
    for thread in threads:
        thread.start()
    short: dict[str, list[float]] = {"chart": [], "healthz": []}
    together = 0.0
    while any(thread.is_alive() for thread in threads):
        for name, call in _short_questions(server).items():
            before = time.perf_counter()
            call()
            short[name].append(time.perf_counter() - before)
        together = max(together, children_mb(server.process.pid))
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    return {
        "done": done,
        "short": short,
        "together": together,
        "secs": time.perf_counter() - begin,
    }


def _short_questions(server: Server) -> dict[str, Callable[[], Any]]:
    body = chart("m0", "")
    return {
        "chart": lambda: ask(server, "POST", "/api/v1/projects/local/heavy/series", body),
        "healthz": lambda: ask(server, "GET", "/healthz", b""),
    }


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--rows", type=int, default=1_200_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        services = open_services(Path(folder))
        make_run(services, "heavy", "big", curves(args.rows))
        compact(services, "heavy")
        services.close()
        with running_server(Path(folder)) as server:
            got = measure(server, args.questions)
            peak = server.memory_mb("VmHWM")
    statuses: dict[tuple[str, int], int] = {}
    for kind, status, _ in got["done"]:
        statuses[kind, status] = statuses.get((kind, status), 0) + 1
    print(*(f"{kind} {status}: {n}" for (kind, status), n in sorted(statuses.items())), sep="\n")
    name = f"{args.questions} exports and {args.questions} charts of {args.rows:,} rows at once"
    finish(
        [
            Figure(f"{name}: server memory, peak", peak, "MB", 600),
            Figure(f"{name}: with its SQL processes", got["together"], "MB"),
            Figure(f"{name}: all answered", got["secs"], "s"),
            Figure(f"{name}: a short chart, median", median(got["short"]["chart"]) * 1e3, "ms"),
            Figure(f"{name}: a short chart, longest", max(got["short"]["chart"]) * 1e3, "ms"),
            Figure(f"{name}: /healthz, longest", max(got["short"]["healthz"]) * 1e3, "ms", 250),
            Figure(f"{name}: refused", sum(s == 503 for _, s, _ in got["done"]), ""),
        ],
        args.json,
    )


if __name__ == "__main__":
    main()
