"""Deletion for good: what it takes, what it gives back, and what uploads beside it notice.

One run of 10 million points; one metric of 1,000 runs; 10,000 runs; all through HTTP, while
another run logs a row every 20 ms.

Beside MLflow's SQLite store: 200 runs of 1,000 points in each, deleted one by one (MLflow: as
`mlflow gc` does, in its own process without HTTP; it has no call for many) and, by weft, at once.
All files of either store are counted, logs of their databases and metadata included.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import zstandard

from logs import LogMaker, metric_name
from measure import Figure, Server, arguments, finish, percentile, running_server
from peers import run_worker

N_KEYS = 10
LARGE_ROWS = 1_000_000
N_RUNS = 10_000
SMALL_ROWS = 10
N_RUNS_OF_METRIC = 1000
PEER_RUNS, PEER_POINTS = 200, 1000
ROW_SECS = 0.02
PROJECT = "/api/v1/projects/local/bench"


def main() -> None:
    options = arguments(__doc__).parse_args()
    figures: list[Figure] = []
    with running_server() as server:
        fill(server)
        wait_for_quiet(server)
        with uploads_beside(server) as acks:
            quiet = measured(server, acks, lambda: time.sleep(5))
            metric = measured(server, acks, lambda: delete_metric(server))
            run = measured(server, acks, lambda: delete_large(server))
            every = [f"run{number}" for number in range(N_RUNS)]
            many = measured(server, acks, lambda: delete_in_bulk(server, every))
        figures += [
            Figure("p99 ack, nothing deleted", quiet.ack_p99_ms, "ms"),
            *metric.figures(f"one metric of {N_RUNS_OF_METRIC:,} runs"),
            *run.figures(f"a run of {LARGE_ROWS * N_KEYS / 1e6:.0f} M points"),
            *many.figures(f"{N_RUNS:,} runs"),
        ]
    finish(figures + beside_mlflow(), options.json)


def beside_mlflow() -> list[Figure]:
    """The same runs in both stores, deleted permanently."""
    worker = Path(__file__).with_name("mlflow_deletion_worker.py")
    sizes = ["--runs", str(PEER_RUNS), "--points", str(PEER_POINTS)]
    report = run_worker("mlflow", [str(worker), *sizes], starts_with='{"secs"')
    peer_ms = None if report is None else report["secs"] / PEER_RUNS * 1e3
    peer_left = None if report is None else 100 * report["left"]
    runs = [f"run{number}" for number in range(PEER_RUNS)]
    figures: list[Figure] = []
    for way, delete in (("one by one", delete_singly), ("at once", delete_in_bulk)):
        with running_server() as server:
            fill_small(server, PEER_RUNS, PEER_POINTS // N_KEYS)
            wait_for_quiet(server)
            done = measured(server, [], partial(delete, server, runs))
        title = f"{PEER_RUNS} runs of {PEER_POINTS:,} points deleted {way}"
        figures += [
            Figure(
                f"{title}: a run",
                done.secs / PEER_RUNS * 1e3,
                "ms",
                None,
                False,
                "mlflow",
                peer_ms,
            ),
            Figure(
                f"{title}: files then",
                100 * done.left,
                "% of it",
                None,
                False,
                "mlflow",
                peer_left,
            ),
        ]
    return figures


def fill(server: Server) -> None:
    """The large run, and the many small ones."""
    large = LogMaker("large", N_KEYS)
    send(server, large, large.batches(LARGE_ROWS))
    fill_small(server, N_RUNS, SMALL_ROWS)


def fill_small(server: Server, n_runs: int, n_rows: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send_small, repeat(server), range(n_runs), repeat(n_rows)))


def send_small(server: Server, number: int, n_rows: int) -> None:
    log = LogMaker(f"run{number}", N_KEYS)
    send(server, log, log.batches(n_rows))


def send(server: Server, log: LogMaker, batches: Iterator[bytes]) -> None:
    position = 0
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        for data in batches:
            path = f"{PROJECT}/runs/{log.header.run_id}/log/{log.writer_id}?position={position}"
            ask(connection, "POST", path, zstandard.compress(data))
            position += len(data)


def ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> Any:
    connection.request(method, path, body)
    answer = connection.getresponse()
    data = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {data[:300]!r}")
    return json.loads(data) if data else None


def wait_for_quiet(server: Server) -> None:
    """Wait until compaction has nothing more to do."""
    idle = 0
    while idle < 3:
        before = server.cpu_secs()
        time.sleep(1)
        idle = idle + 1 if server.cpu_secs() - before < 0.1 else 0


@contextmanager
def uploads_beside(server: Server) -> Generator[list[tuple[float, float]]]:
    """A run logs a row every 20 ms; when each was sent, and the seconds until it was acked."""
    acks: list[tuple[float, float]] = []
    end = threading.Event()

    def log_rows() -> None:
        log = LogMaker("beside", N_KEYS)
        path = f"{PROJECT}/runs/beside/log/{log.writer_id}"
        with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
            position, data = 0, log.head
            while not end.wait(ROW_SECS):
                data += log.row()
                began = time.perf_counter()
                ask(connection, "POST", f"{path}?position={position}", zstandard.compress(data))
                acks.append((began, time.perf_counter() - began))
                position += len(data)
                data = b""

    thread = threading.Thread(target=log_rows)
    thread.start()
    yield acks
    end.set()
    thread.join()


class Measured:
    """Cost and gain of a deletion."""

    def __init__(self, secs: float, before: int, after: int, acks: list[float]) -> None:
        self.secs = secs
        self.returned_mb = (before - after) / 1e6
        self.left = after / before
        self.ack_p99_ms = 1000 * percentile(acks, 99) if acks else 0.0

    def figures(self, title: str) -> list[Figure]:
        return [
            Figure(f"{title}: deleted in", self.secs, "s"),
            Figure(f"{title}: given back", self.returned_mb, "MB", at_least=True),
            Figure(f"{title}: p99 ack meanwhile", self.ack_p99_ms, "ms"),
        ]


def measured(server: Server, acks: list[tuple[float, float]], work: Any) -> Measured:
    before = file_bytes(server)
    began = time.perf_counter()
    work()
    ended = time.perf_counter()
    latencies = [secs for at, secs in list(acks) if began <= at <= ended]
    return Measured(ended - began, before, file_bytes(server), latencies)


def file_bytes(server: Server) -> int:
    """All that the server's stores take on the disk, logs of databases included."""
    return sum(path.stat().st_size for path in server.data.rglob("*") if path.is_file())


def delete_large(server: Server) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        ask(connection, "DELETE", f"{PROJECT}/runs/large?permanently=true")


def delete_metric(server: Server) -> None:
    runs = [f"run{number}" for number in range(N_RUNS_OF_METRIC)]
    request = {"runs": runs, "keys": [metric_name(0)]}
    post(server, f"{PROJECT}/metrics/delete", request)


def delete_singly(server: Server, runs: list[str]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        for run in runs:
            ask(connection, "DELETE", f"{PROJECT}/runs/{run}?permanently=true")


def delete_in_bulk(server: Server, runs: list[str]) -> None:
    action = {"kind": "delete", "permanently": True}
    answer = post(server, f"{PROJECT}/runs/bulk", {"runs": runs, "action": action})
    if answer["n_done"] != len(runs):
        raise SystemExit(f"not all were deleted: {answer}")


def post(server: Server, path: str, request: dict[str, Any]) -> Any:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port)) as connection:
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(request), headers)
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {data[:300]!r}")
        return json.loads(data)


if __name__ == "__main__":
    main()
