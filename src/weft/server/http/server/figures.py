"""Figures of a server for Prometheus: requests, uploads, work that waits, and the process.

They are written as text, without a library: `prometheus_client` would be one more package of the
server for a page of lines. They name no project, run or user.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from weft.server.http.admission.heavy import HeavyWork
from weft.server.services.access import SYSTEM
from weft.server.services.opening import Services
from weft.server.storage.contract import Histogram
from weft.version import VERSION

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_HEAVY: Final = (
    ("running", "gauge", "Heavy work that is admitted now."),
    ("waiting", "gauge", "Heavy work that waits for room."),
    ("admitted_total", "counter", "Heavy work that was admitted since the start."),
    ("refused_total", "counter", "Heavy work that found no room in time, since the start."),
)

_STARTED_SECS: Final = time.time()

_Labels = tuple[tuple[str, str], ...]


class Sample(NamedTuple):
    """A value with its labels; `suffix` follows the name of its family."""

    value: float
    labels: _Labels = ()
    suffix: str = ""


class RequestFigures:
    """Counts answers by route and status, and the times until they began, in one event loop."""

    def __init__(self) -> None:
        self._n_answers: dict[tuple[str, str, int], int] = {}
        self._times: dict[tuple[str, str], Histogram] = {}

    def note(self, method: str, route: str, status: int, secs: float) -> None:
        """Count an answer. `route` is the pattern of its address, without names in it."""
        if method not in _METHODS:  # clients choose it
            method = "other"
        answer = (method, route, status)
        self._n_answers[answer] = self._n_answers.get(answer, 0) + 1
        times = self._times.get((method, route))
        if times is None:
            times = self._times[method, route] = Histogram()
        times.add(secs)

    def lines(self) -> list[str]:
        """The lines of the counters and histograms."""
        answers = [
            Sample(n, (("method", method), ("route", route), ("status", str(status))))
            for (method, route, status), n in self._n_answers.items()
        ]
        times: list[Sample] = []
        for (method, route), histogram in self._times.items():
            times += _samples(histogram, (("method", method), ("route", route)))
        return [
            *_family("weft_requests_total", "counter", "Answers since the start.", answers),
            *_family("weft_request_seconds", "histogram", "Time until an answer began.", times),
        ]


def figures_text(requests: RequestFigures, heavy: HeavyWork, services: Services) -> str:
    """All figures, in Prometheus's text format."""
    lines = [
        *_family("weft_info", "gauge", "The server.", [Sample(1, (("version", VERSION),))]),
        *requests.lines(),
    ]
    loads = heavy.loads()
    for name, kind, meaning in _HEAVY:
        field = f"n_{name.removesuffix('_total')}"
        samples = [Sample(getattr(load, field), (("kind", load.kind),)) for load in loads]
        lines += _family(f"weft_heavy_{name}", kind, meaning, samples)
    for name, kind, meaning, value in _single_figures(services):
        lines += _family(name, kind, meaning, [Sample(value)])
    times = services.stores.metrics.move_times()
    for name, meaning, histogram in (
        (
            "wait",
            "Time from an upload until this server moved it to ClickHouse.",
            times.waits,
        ),
        ("lock", "Time for which a move or merge holds its project's lock.", times.locks),
    ):
        lines += _family(f"weft_move_{name}_seconds", "histogram", meaning, _samples(histogram))
    pool = services.stores.metadata.connections()
    samples = [Sample(n, (("state", state),)) for state, n in pool.items()]
    lines += _family(
        "weft_database_connections", "gauge", "Connections to the metadata database.", samples
    )
    return "\n".join([*lines, ""])


def _single_figures(services: Services) -> Iterable[tuple[str, str, str, float]]:
    counts = services.ingest.counts
    yield "weft_uploads_total", "counter", "Uploads of logs that were stored.", counts.n_uploads
    yield "weft_upload_rows_total", "counter", "Rows that were stored.", counts.n_rows
    yield "weft_upload_points_total", "counter", "Points that were stored.", counts.n_points
    yield "weft_upload_bytes_total", "counter", "Bytes of logs that were stored.", counts.n_bytes
    n_live = services.stores.registry.n_open()
    yield "weft_live_runs", "gauge", "Runs in memory that have not ended.", n_live
    n_leases = services.stores.duties.n_held()
    yield "weft_leases", "gauge", "Leases of background work that this server holds.", n_leases
    n_pages = services.stores.live.n_subscriptions(SYSTEM)
    yield "weft_live_pages", "gauge", "Pages that follow changes.", n_pages
    # Of one server; 0 at the others, and where points don't move.
    backlog = services.stores.metrics.backlog
    waiting = "that wait for their move to ClickHouse, at the server that looks"
    yield "weft_waiting_batches", "gauge", f"Uploads {waiting}.", backlog.n_batches
    yield "weft_waiting_bytes", "gauge", f"Bytes {waiting}.", backlog.n_bytes
    lag = "Time for which the first of them have been due."
    yield "weft_moves_lag_seconds", "gauge", lag, backlog.lag_secs
    lag = "Age of the first upload that the mirror of points lacks, at the server that looks."
    yield "weft_points_mirror_lag_seconds", "gauge", lag, backlog.mirror_lag_secs
    cpu_secs = time.process_time()
    yield "process_cpu_seconds_total", "counter", "CPU time of the process.", cpu_secs
    yield "process_start_time_seconds", "gauge", "Start of the process.", _STARTED_SECS
    yield "weft_threads", "gauge", "Threads of the process.", threading.active_count()
    if sys.platform == "linux":
        import resource  # not on Windows

        n_pages = int(Path("/proc/self/statm").read_text().split()[1])
        n_bytes = n_pages * os.sysconf("SC_PAGE_SIZE")
        yield "process_resident_memory_bytes", "gauge", "Memory of the process.", n_bytes
        n_open = len([*Path("/proc/self/fd").iterdir()])
        yield "process_open_fds", "gauge", "Open descriptors.", n_open
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        yield "process_max_fds", "gauge", "Most open descriptors.", soft


def _samples(histogram: Histogram, labels: _Labels = ()) -> list[Sample]:
    counts = histogram.counts()
    ends = [*map(str, histogram.ends), "+Inf"]
    return [
        *(
            Sample(n, (*labels, ("le", end)), "_bucket")
            for end, n in zip(ends, counts, strict=True)
        ),
        Sample(histogram.total_secs, labels, "_sum"),
        Sample(counts[-1], labels, "_count"),
    ]


def _family(name: str, kind: str, meaning: str, samples: Sequence[Sample]) -> list[str]:
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
    for value, labels, suffix in samples:
        lines.append(f"{name}{suffix}{_labels_text(dict(labels))} {value}")
    return lines


def _labels_text(labels: Mapping[str, str]) -> str:
    pairs = [f'{name}="{value}"' for name, value in labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""
