"""The capacity model of docs/scale.md, and a simulation of what it says to buy.

    python bench/capacity.py [SECONDS]      (0: the model alone)

The constants are measured (see the page); all else is computed. In the simulation each writer
logs a row a second and keeps to the pauses that servers ask for, runs begin in sweeps of 100 that
send five requests more each at once, and a balancer hands requests to servers in turn. A server
works on one, as Python does, the rest wait in order; a request takes an exponential time around
the measured CPU time. In the second half one server is away, and what it had is sent again a
second later. Acknowledgements also wait for PostgreSQL's commit, which is not in these times.
"""

from __future__ import annotations

import heapq
import sys
from typing import NamedTuple

import numpy as np

from weft.server.services.ingest.pace import UPLOADS_PER_SEC

CORES_OF_1000_WRITERS = 0.42
"""`bench/many_writers.py`: cores of one server; a writer logs a row of ten metrics a second."""

SHARED_TO_EMBEDDED = 1.17
"""The same bench with PostgreSQL and ClickHouse: CPU of weft to that of one server."""

BYTES_OF_A_POINT = 7.5
POINTS_OF_A_ROW = 10
SECS_OF_A_RUN = 600
RUNS_AT_ONCE = 100
REQUESTS_OF_A_START = 5

UPLOAD_SECS = CORES_OF_1000_WRITERS / UPLOADS_PER_SEC
"""1,000 writers are asked for as many uploads as a server takes in all."""


class Load(NamedTuple):
    """Writers, and the servers that the page says to buy for them."""

    title: str
    n_writers: float
    n_servers: int


LOADS = [
    Load("1 GPU", 1, 1),
    Load("10 GPUs", 10, 1),
    Load("100 GPUs", 100, 1),
    Load("1,000 GPUs", 1000, 1),
    Load("1 M runs a day, of ten minutes", 1e6 * 600 / 86_400, 4),
    Load("10,000 writers", 10_000, 6),
]


class Figures(NamedTuple):
    """Figures of a simulation: share of a core of each server, and times of requests in ms."""

    used: float
    p50: float
    p99: float
    p99_lost: float


def uploads_per_sec(load: Load) -> float:
    """Uploads of all writers: a row each, or as many as the servers ask for."""
    return min(load.n_writers, UPLOADS_PER_SEC * load.n_servers)


def cores_of(load: Load) -> float:
    """Cores that weft is busy with."""
    ratio = SHARED_TO_EMBEDDED if load.n_servers > 1 else 1.0
    return uploads_per_sec(load) * UPLOAD_SECS * ratio


def arrivals(load: Load, secs: float, rng: np.random.Generator) -> np.ndarray:
    """Times of all requests: uploads, and what a run sends at its start."""
    pause = load.n_writers / uploads_per_sec(load)
    phases = rng.random(int(load.n_writers)) * pause
    uploads = (phases[:, None] + np.arange(0, secs, pause)[None, :]).ravel()
    uploads = uploads[uploads < secs]
    n_sweeps = rng.poisson(load.n_writers / SECS_OF_A_RUN / RUNS_AT_ONCE * secs)
    starts = np.repeat(rng.random(n_sweeps) * secs, RUNS_AT_ONCE * REQUESTS_OF_A_START)
    # The scripts of a sweep begin within a second.
    return np.sort(np.concatenate([uploads, starts + rng.random(len(starts))]))


def simulate(load: Load, secs: float) -> Figures:
    """Requests of `secs` seconds; in the second half one of several servers is away."""
    rng = np.random.default_rng(1)
    service_secs = cores_of(load) / uploads_per_sec(load)
    lost_at = secs / 2
    queue = [(at, at) for at in arrivals(load, secs, rng).tolist()]
    heapq.heapify(queue)
    free_at = [0.0] * load.n_servers
    times: list[tuple[float, float]] = []
    busy_secs = 0.0
    turn = 0
    while queue:
        at, sent = heapq.heappop(queue)
        n_present = load.n_servers - (load.n_servers > 1 and at >= lost_at)
        turn += 1
        server = turn % n_present
        work_secs = rng.exponential(service_secs)
        end = max(at, free_at[server]) + work_secs
        if load.n_servers > 1 and server == load.n_servers - 1 and end > lost_at > at:
            heapq.heappush(queue, (lost_at + 1.0, sent))  # it was there when the server was lost
            continue
        free_at[server] = end
        busy_secs += work_secs
        times.append((sent, end - sent))
    sent, waits = np.array(times).T
    is_whole = sent < lost_at if load.n_servers > 1 else sent >= 0
    whole = waits[is_whole] * 1000
    lost = waits[~is_whole] * 1000
    return Figures(
        busy_secs / (load.n_servers * secs),
        float(np.percentile(whole, 50)),
        float(np.percentile(whole, 99)),
        float(np.percentile(lost, 99)) if len(lost) else float("nan"),
    )


def main(secs: float = 120.0) -> None:
    print(
        "| load | writers | points a second | servers | rows reach them within"
        " | cores of weft | stored a day |"
    )
    for load in LOADS:
        points = load.n_writers * POINTS_OF_A_ROW
        stored = points * 86_400 * BYTES_OF_A_POINT / 1e9
        print(
            f"| {load.title} | {load.n_writers:,.0f} | {points:,.0f} | {load.n_servers}"
            f" | {load.n_writers / uploads_per_sec(load):.1f} s | {cores_of(load):.2g}"
            f" | {stored:.2g} GB |"
        )
    if not secs:
        return
    print("\n| load | servers | of a core of each | p50 | p99 | p99 with a server lost |")
    for load in LOADS:
        used, p50, p99, p99_lost = simulate(load, secs)
        lost = "–" if np.isnan(p99_lost) else f"{p99_lost:.0f} ms"
        print(
            f"| {load.title} | {load.n_servers} | {used:.0%} | {p50:.1f} ms"
            f" | {p99:.0f} ms | {lost} |",
            flush=True,
        )


main(*map(float, sys.argv[1:]))
