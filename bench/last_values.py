"""Last values of 10,000 runs, as a page asks for them: the distributed server beside the embedded.

    python bench/last_values.py postgresql://user@host/empty_database clickhouse://host/name

Both hold the same runs of 100 metrics, which ended. *First* reads a project that is not in memory.
The points themselves are read beside, as they were before metadata had last values.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

from measure import Figure, arguments, finish
from shared_engine import batch
from weft.records.record import Run
from weft.runlog.format import Header
from weft.server.services.access.actors import LOCAL, SYSTEM
from weft.server.services.access.paths import ProjectPath
from weft.server.services.ingest.steps import SentUpload
from weft.server.services.ingest.upload import Segment, Upload
from weft.server.services.opening.services import Services, open_services
from weft.server.services.summaries.projection import (
    QUIET_MICROS,
    clean_quiet_runs,
    project_summaries,
)
from weft.wire.metrics.metrics import LatestQuery

N_RUNS: Final = 10_000
N_KEYS: Final = 100
N_TOGETHER: Final = 200
N_REPEATS: Final = 3
START: Final = 1_700_000_000_000_000
PROJECT: Final = ProjectPath("local", "bench")
RUNS: Final = [f"last{nth}" for nth in range(N_RUNS)]


def upload(run: str) -> Upload:
    rows = batch(run, "w", 0, 1, N_KEYS).rows
    assert rows is not None
    return Upload(
        "w", "w", 0, 300, [(100, Run(run, "bench", start_micros=START))],
        [Segment(rows, False, 300)], state=b"", live=False,
        header=Header("", "w", None, START, 0, "host", "machine", "boot", 7, 7),
    )  # fmt: skip


def fill(services: Services) -> None:
    for at in range(0, len(RUNS), N_TOGETHER):
        uploads = [
            SentUpload(LOCAL, PROJECT.run(run), upload(run)) for run in RUNS[at : at + N_TOGETHER]
        ]
        services.ingest.apply_uploads(SYSTEM, uploads)
    while not project_summaries(services.stores, at_end=True):
        pass


def read(services: Services, n_keys: int) -> float:
    query = LatestQuery(runs=RUNS, keys=[f"key{nth}" for nth in range(n_keys)])
    begin = time.perf_counter()
    answer = services.metrics.latest(LOCAL, PROJECT, query)
    secs = time.perf_counter() - begin
    assert len(answer.runs) == N_RUNS
    assert len(answer.runs[-1].values) == n_keys
    return secs


def read_points(services: Services, n_keys: int) -> float:
    begin = time.perf_counter()
    with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
        values = store.latest_of(RUNS, [f"key{nth}" for nth in range(n_keys)])
    assert len(values) == N_RUNS
    return time.perf_counter() - begin


def figures_of(name: str, open_again: Callable[[], Services]) -> list[Figure]:
    services = open_again()
    fill(services)
    # A minute and more later, the runs are quiet.
    clean_quiet_runs(services.stores)
    services.close()
    figures: list[Figure] = []
    for n_keys in (1, N_KEYS):
        services = open_again()
        title = f"{name}: {n_keys} of {N_RUNS:,} runs"
        figures.append(Figure(f"{title}, first", read(services, n_keys), "s"))
        secs = median(read(services, n_keys) for _ in range(N_REPEATS))
        figures.append(Figure(f"{title}, then", secs, "s", 1.0))
        if n_keys == 1:
            figures.append(Figure(f"{title}, from points", read_points(services, n_keys), "s"))
        services.close()
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("url", help="of an empty database")
    parser.add_argument("clickhouse_url")
    args = parser.parse_args()
    ticks = count(START, 2 * QUIET_MICROS)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        alone, shared = Path(folder) / "embedded", Path(folder) / "shared"
        engines: dict[str, Callable[[], Services]] = {
            "embedded": lambda: open_services(alone, now=lambda: next(ticks), jobs=False),
            "distributed": lambda: open_services(
                shared, args.url, metrics_url=args.clickhouse_url,
                now=lambda: next(ticks), jobs=False,
            ),
        }  # fmt: skip
        for name, open_again in engines.items():
            figures += figures_of(name, open_again)
    finish(figures, args.json)


if __name__ == "__main__":
    main()
