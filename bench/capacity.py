"""The capacity model of docs/scale.md, and a simulation of what it says to buy.

    python bench/capacity.py [SECONDS]      (0: the model alone)

The constants are measured (see the page); all else is computed. In the simulation each writer
sends a row a second, runs begin in sweeps of 100 that send five requests more each at once, and a
balancer hands requests to servers in turn. A server works on as many as it has cores, the rest
wait in order; a request takes an exponential time around the measured CPU time. In the second
half one server is away, and what it had is sent again a second later. Acknowledgements also
wait for PostgreSQL's commit, which is not in these times.
"""

from __future__ import annotations

import heapq
import sys
from typing import NamedTuple

import numpy as np

CORES_OF_1000_WRITERS = 0.891
"""`bench/many_writers.py`: cores of one server; a writer sends a row of ten metrics a second."""

SHARED_TO_EMBEDDED = 1.8
"""`bench/shared_engine.py`: CPU of weft for small uploads, several servers to one."""

BYTES_OF_A_POINT = 7.5
POINTS_OF_A_ROW = 10
SECS_OF_A_RUN = 600
RUNS_AT_ONCE = 100
REQUESTS_OF_A_START = 5

UPLOAD_SECS = CORES_OF_1000_WRITERS / 1000


class Load(NamedTuple):
    """Writers, and the servers that the page says to buy for them."""

    title: str
    n_writers: float
    n_servers: int
    n_cores: int


LOADS = [
    Load("1 GPU", 1, 1, 2),
    Load("10 GPUs", 10, 1, 2),
    Load("100 GPUs", 100, 1, 2),
    Load("1,000 GPUs", 1000, 1, 4),
    Load("1 M runs a day, of ten minutes", 1e6 * 600 / 86_400, 6, 4),
    Load("10,000 writers", 10_000, 8, 4),
]


class Figures(NamedTuple):
    """Figures of a simulation: share of the cores in use, and times of requests in ms."""

    used: float
    p50: float
    p99: float
    p99_lost: float


def cores_of(load: Load, *, is_shared: bool) -> float:
    """Cores that weft is busy with, as several servers or as one."""
    return load.n_writers * UPLOAD_SECS * (SHARED_TO_EMBEDDED if is_shared else 1.0)


def arrivals(load: Load, secs: float, rng: np.random.Generator) -> np.ndarray:
    """Times of all requests: rows, and what a run sends at its start."""
    phases = rng.random(int(load.n_writers))
    rows = (phases[:, None] + np.arange(int(secs))[None, :]).ravel()
    n_sweeps = rng.poisson(load.n_writers / SECS_OF_A_RUN / RUNS_AT_ONCE * secs)
    starts = np.repeat(rng.random(n_sweeps) * secs, RUNS_AT_ONCE * REQUESTS_OF_A_START)
    # The scripts of a sweep begin within a second.
    return np.sort(np.concatenate([rows, starts + rng.random(len(starts))]))


def simulate(load: Load, secs: float) -> Figures:
    """Requests of `secs` seconds; in the second half one of several servers is away."""
    rng = np.random.default_rng(1)
    service_secs = cores_of(load, is_shared=load.n_servers > 1) / load.n_writers
    lost_at = secs / 2
    queue = [(at, at) for at in arrivals(load, secs, rng).tolist()]
    heapq.heapify(queue)
    cores = [[0.0] * load.n_cores for _ in range(load.n_servers)]
    times: list[tuple[float, float]] = []
    busy_secs = 0.0
    turn = 0
    while queue:
        at, sent = heapq.heappop(queue)
        n_present = load.n_servers - (load.n_servers > 1 and at >= lost_at)
        turn += 1
        of_server = cores[turn % n_present]
        work_secs = rng.exponential(service_secs)
        begin = max(at, of_server[0])
        end = begin + work_secs
        if load.n_servers > 1 and turn % n_present == load.n_servers - 1 and end > lost_at > at:
            heapq.heappush(queue, (lost_at + 1.0, sent))  # it was there when the server was lost
            continue
        heapq.heapreplace(of_server, end)
        busy_secs += work_secs
        times.append((sent, end - sent))
    sent, waits = np.array(times).T
    is_whole = sent < lost_at if load.n_servers > 1 else sent >= 0
    whole = waits[is_whole] * 1000
    lost = waits[~is_whole] * 1000
    return Figures(
        busy_secs / (load.n_servers * load.n_cores * secs),
        float(np.percentile(whole, 50)),
        float(np.percentile(whole, 99)),
        float(np.percentile(lost, 99)) if len(lost) else float("nan"),
    )


def main(secs: float = 120.0) -> None:
    print("| load | writers | points a second | cores of weft | stored a day |")
    for load in LOADS:
        points = load.n_writers * POINTS_OF_A_ROW
        stored = points * 86_400 * BYTES_OF_A_POINT / 1e9
        print(
            f"| {load.title} | {load.n_writers:,.0f} | {points:,.0f}"
            f" | {cores_of(load, is_shared=True):.2g} | {stored:.2g} GB |"
        )
    if not secs:
        return
    print("\n| load | servers × cores | cores in use | p50 | p99 | p99 with a server lost |")
    for load in LOADS:
        used, p50, p99, p99_lost = simulate(load, secs)
        lost = "–" if np.isnan(p99_lost) else f"{p99_lost:.0f} ms"
        print(
            f"| {load.title} | {load.n_servers} × {load.n_cores} | {used:.0%} | {p50:.1f} ms"
            f" | {p99:.0f} ms | {lost} |",
            flush=True,
        )


main(*map(float, sys.argv[1:]))
