"""The runs table: pages, counts and groups over 1,000 to 100,000 runs of 100 keys, through HTTP.

The runs are written straight into the metadata database. The questions are a stated set, each
asked again and again with other constants; MLflow's SQLite store gets the same runs and the same
questions (it has no counts and no groups). Cold = the first question that needs its columns;
the first rows and the first lists of columns are each asked of a server that has just started.
Saved = the first questions to a server that has just started, about columns that an earlier one
saved. `--million` measures that with 1,000,000 runs of 20 keys, which takes minutes.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import weft
from measure import Figure, Server, arguments, finish, median, percentile, running_server
from peers import run_worker
from weft.server.services.background.path_set_saver import PathSetSaver
from weft.server.services.columns.current_save import MIN_SAVED_RUNS
from weft.server.storage.metadata import MetadataStore

N_KEYS = 100
KEYS = range(N_KEYS)
MILLION_KEYS = (*range(10), 51, *range(60, 69))
PAGE = 50
ASKED = 30
PEER_ASKED = 3
"""It takes seconds for a page of 10,000 runs."""

ORIGIN = 1_700_000_000_000_000
PAGE_BUDGET_MS = 100
COUNT_BUDGET_MS = 250
COLD_BUDGET_MS = 1000
SAVED_BUDGET_MS = 250
FRAME_BUDGET_MS = 2000
MOST_FRAME_RUNS = 10_000
DATA_FRAME = "all runs as a DataFrame"
"""As in `mlflow_worker.py`."""
SAVED_STARTS = 5

Question = Callable[[int], dict[str, Any]]

QUESTIONS: dict[str, Question] = {
    "all, newest": lambda _: {},
    "selective": lambda i: {"filter": f"summary.k60 < {0.001 + i / 1e6}"},
    "unselective": lambda i: {"filter": f"summary.k60 > {0.1 + i / 1e4}", "order": "summary.k61"},
    "no match": lambda i: {"filter": f"summary.k60 > {10 + i}"},
    "sort key missing in half": lambda i: {"order": "-summary.k51" if i % 2 else "summary.k51"},
    "two filters": lambda i: {
        "filter": f"summary.k60 > {0.3 + i / 1e4} and config.k3 = v{i % 50}",
        "order": "-summary.k62",
    },
    "text contains": lambda i: {"filter": f"name contains '-{10 + i}'"},
}
GROUPS: dict[str, Question] = {
    "of 50 texts": lambda _: {"by": ["config.k3"]},
    "two filters + nested": lambda i: {
        "filter": f"summary.k60 > {0.3 + i / 1e4} and summary.k62 < 0.9",
        "by": ["config.k3", "group"],
        "levels": 2,
        "limit": 20,
    },
    "of all numbers": lambda _: {"by": ["config.k2"]},
}
AGGREGATES = [
    {"column": "summary.k60", "function": function}
    for function in ("count", "mean", "min", "max", "std", "last")
]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--runs", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--peer-runs", type=int, default=10_000)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--million", action="store_true")
    options = parser.parse_args()
    peer: dict[str, float] = {}
    if not options.no_peer:
        peer = measure_peer(options.peer_runs) or {}
    figures: list[Figure] = []
    if options.million:
        with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
            make_runs(Path(folder) / "metadata.db", 1_000_000, MILLION_KEYS)
            figures += measure_saved(Path(folder), "1,000,000 runs")
        options.runs = []
    for n_runs in options.runs:
        figures += measure(n_runs, peer if n_runs == options.peer_runs else {})
    finish(figures, options.json)


def measure(n_runs: int, peer: dict[str, float]) -> list[Figure]:
    figures: list[Figure] = []
    size = f"{n_runs:,} runs"
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        data = Path(folder)
        make_runs(data / "metadata.db", n_runs)
        save_path_sets(data / "metadata.db")
        figures += measure_cold(data, size)
        with running_server(data) as server, closing(Asker(server)) as asker:
            idle_mb = server.memory_mb()
            for name, question in QUESTIONS.items():
                cold, warm = asker.times(
                    "/runs/query", lambda i, q=question: {**q(i), "limit": PAGE}
                )
                other = peer.get(name)
                figures.append(
                    Figure(f"page of {PAGE}, p95, {name}, {size}", percentile(warm, 95), "ms",
                           PAGE_BUDGET_MS, peer="MLflow, p50" if other else None,
                           peer_figure=other)
                )  # fmt: skip
                figures.append(Figure(f"  p50; {name}, {size}", median(warm), "ms"))
                figures.append(Figure(f"  the first; {name}, {size}", cold, "ms"))
            counts: list[float] = []
            for question in QUESTIONS.values():
                _, warm = asker.times(
                    "/runs/query", lambda i, q=question: {**q(i), "limit": 1, "columns": []}
                )
                counts.append(percentile(warm, 95))
            figures.append(
                Figure(f"count, p95, the worst, {size}", max(counts), "ms", COUNT_BUDGET_MS)
            )
            for name, question in GROUPS.items():
                cold, warm = asker.times(
                    "/runs/groups", lambda i, q=question: {"aggregates": AGGREGATES, **q(i)}
                )
                figures.append(
                    Figure(
                        f"groups, p95, {name}, {size}", percentile(warm, 95), "ms", COUNT_BUDGET_MS
                    )
                )
            columns = [f"{'config' if k < 50 else 'summary'}.k{k}" for k in range(N_KEYS)]
            _, warm = asker.times(
                "/runs/query",
                lambda i: {"limit": PAGE, "columns": columns, "order": f"summary.k{60 + i % 3}"},
            )
            figures.append(
                Figure(f"table of {PAGE} × {N_KEYS}, p95, {size}", percentile(warm, 95), "ms",
                       PAGE_BUDGET_MS)
            )  # fmt: skip
            if n_runs <= MOST_FRAME_RUNS:
                figures.append(measure_frame(server, size, peer))
            cold, warm = asker.gets("/columns?limit=100&search=k")
            figures.append(Figure(f"columns listed, p95, {size}", percentile(warm, 95), "ms", 100))
            figures.append(Figure(f"  the first; columns listed, {size}", cold, "ms"))
            figures.append(Figure(f"server's memory, before, {size}", idle_mb, "MB", 150))
            figures.append(
                Figure(f"server's memory, after, {size}", server.memory_mb(), "MB", 600)
            )
        if n_runs >= MIN_SAVED_RUNS:
            figures += measure_saved(data, size)
    return figures


def measure_frame(server: Server, size: str, peer: dict[str, float]) -> Figure:
    """All runs as a DataFrame of pandas, as a notebook reads them."""
    api = weft.Api({"base_url": f"http://127.0.0.1:{server.port}"})
    took: list[float] = []
    for _ in range(PEER_ASKED + 1):
        begin = time.perf_counter()
        frame = api.runs("local/p").pandas()
        took.append(1000 * (time.perf_counter() - begin))
        if frame.shape[1] <= N_KEYS:
            raise SystemExit(f"only {frame.shape[1]} columns")
    return Figure(
        f"{DATA_FRAME}, p50, {size}", median(took[1:]), "ms", FRAME_BUDGET_MS,
        peer="MLflow, p50" if DATA_FRAME in peer else None, peer_figure=peer.get(DATA_FRAME),
    )  # fmt: skip


def measure_cold(data: Path, size: str) -> list[Figure]:
    """First answers of servers that have just started; the system has the database in memory."""
    with running_server(data) as server, closing(Asker(server)) as asker:
        rows = asker.first("POST", "/runs/query", {"limit": PAGE, "columns": ["created", "tags"]})
    with running_server(data) as server, closing(Asker(server)) as asker:
        lists = [
            asker.first("GET", f"/columns?limit=300&scope={scope}")
            for scope in ("config", "summary", "writer")
        ]
    return [
        Figure(f"first rows, cold, {size}", rows, "ms", COLD_BUDGET_MS),
        Figure(f"first lists of columns, cold, {size}", sum(lists), "ms", COLD_BUDGET_MS),
    ]


def measure_saved(data: Path, size: str) -> list[Figure]:
    """First answers of servers that start with the columns that an earlier one saved."""
    with running_server(data) as server, closing(Asker(server)) as asker:
        for question in QUESTIONS.values():
            asker.first("POST", "/runs/query", {**question(0), "limit": PAGE})
        wait_for_save(data, {"summary.k51", "summary.k60", "summary.k62", "config.k3", "name"})
    took: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    cpu: list[float] = []
    for i in range(SAVED_STARTS):
        with running_server(data) as server, closing(Asker(server)) as asker:
            begin = server.cpu_secs()
            for name, question in QUESTIONS.items():
                took[name].append(
                    asker.first("POST", "/runs/query", {**question(i), "limit": PAGE})
                )
            cpu.append(1000 * (server.cpu_secs() - begin) / len(QUESTIONS))
    pages = [ms for name, times in took.items() if name != "text contains" for ms in times]
    return [
        Figure(f"first pages, saved, p95, {size}", percentile(pages, 95), "ms", SAVED_BUDGET_MS),
        Figure(f"  p50; {size}", median(pages), "ms"),
        Figure(f"  CPU of a page, {size}", median(cpu), "ms"),
        Figure(f"  the first; text contains, {size}", median(took["text contains"]), "ms"),
    ]


def wait_for_save(data: Path, columns: set[str]) -> None:
    for _ in range(600):
        with suppress(FileNotFoundError):
            saved = json.loads((data / "columns" / "1" / "save.json").read_text())
            if saved["columns"].keys() >= columns:
                os.sync()  # so that the next server does not wait for the disk
                return
        time.sleep(0.1)
    raise SystemExit("no columns were saved")


def save_path_sets(path: Path) -> None:
    """Save what the background of a server has saved of runs half a minute after they ended."""
    with closing(MetadataStore(f"sqlite:///{path}")) as store:
        saver = PathSetSaver(store)
        while saver.save_some():
            pass


class Asker:
    """One connection to a server."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

    def first(self, method: str, path: str, body: dict[str, Any] | None = None) -> float:
        """ms of one answer."""
        return self._time(method, path, json.dumps(body).encode() if body else None)

    def times(self, path: str, body: Question) -> tuple[float, list[float]]:
        """ms of the first answer, and of the others."""
        took = [self._time("POST", path, json.dumps(body(i)).encode()) for i in range(ASKED + 1)]
        return took[0], took[1:]

    def gets(self, path: str) -> tuple[float, list[float]]:
        took = [self._time("GET", path, None) for _ in range(ASKED + 1)]
        return took[0], took[1:]

    def _time(self, method: str, path: str, body: bytes | None) -> float:
        headers = {"Content-Type": "application/json"} if body else {}
        begin = time.perf_counter()
        self._connection.request(method, f"/api/v1/projects/local/p{path}", body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        took = 1000 * (time.perf_counter() - begin)
        if answer.status != 200:
            raise SystemExit(f"{method} {path} {body!r}: {text!r}")
        return took

    def close(self) -> None:
        self._connection.close()


def make_runs(path: Path, n_runs: int, keys: Sequence[int] = KEYS) -> None:
    """Write runs as years of ingest would have left them."""
    MetadataStore(f"sqlite:///{path}").close()
    chance = random.Random(1)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA cache_size = -400000")
        database.execute("BEGIN")
        database.execute("INSERT INTO entity (id, name, created_micros) VALUES (1, 'local', 1)")
        database.execute(
            "INSERT INTO project (id, entity_id, name, created_micros, active_micros, n_begun)"
            " VALUES (1, 1, 'p', 1, 1, 0)"
        )
        database.executemany(
            "INSERT INTO run (id, project_id, run, name, tags, stamps, state, created_micros,"
            " started_micros, ended_micros, origin_micros, host, stop_requested, is_continued,"
            " run_group, color)"
            " VALUES (?, 1, ?, ?, ?, '{}', 'finished', ?, ?, ?, ?, ?, 0, 0, ?, 1)",
            run_rows(n_runs),
        )
        database.executemany(
            "INSERT INTO path (id, path) VALUES (?, ?)",
            [(k + 1, f"k{k}") for k in range(N_KEYS)],
        )
        database.executemany(
            "INSERT INTO field (run_id, scope, path_id, kind, number, text, exact, edit_micros,"
            f" edit_writer, edit_position, shown) VALUES (?, ?, ?, ?, ?, ?, ?, {ORIGIN},"
            " 'w', 1, 1)",
            field_rows(n_runs, keys, chance),
        )
        database.execute("COMMIT")


def run_rows(n_runs: int) -> Iterator[tuple[Any, ...]]:
    for i in range(n_runs):
        start = ORIGIN + i * 1_000_000
        tags = '["baseline"]' if i % 10 == 0 else "[]"
        group = f"g{i % 200}" if i % 2 else None
        yield (
            i + 1, f"r{i:07}", f"brave-fox-{i}", tags, start, start, start + 3_600_000_000, start,
            f"host{i % 50}", group,
        )  # fmt: skip


def field_rows(
    n_runs: int, keys: Sequence[int], chance: random.Random
) -> Iterator[tuple[Any, ...]]:
    for i in range(n_runs):
        for k in keys:
            scope = "config" if k < N_KEYS // 2 else "logged"
            if k in {1, 51} and i % 2:
                continue
            if k < N_KEYS // 2 and k % 10 == 3:
                yield (i + 1, scope, k + 1, "text", None, f"v{chance.randrange(50)}", None)
            elif k % 10 == 5:
                value = chance.randrange(1000)
                yield (i + 1, scope, k + 1, "number", float(value), None, str(value))
            else:
                yield (i + 1, scope, k + 1, "number", chance.random(), None, None)


def measure_peer(n_runs: int) -> dict[str, float] | None:
    """ms of a page by question, p50, from MLflow's SQLite store with as many runs."""
    worker = Path(__file__).with_name("mlflow_worker.py")
    arguments = [
        str(worker),
        "--runs",
        str(n_runs),
        "--page",
        str(PAGE),
        "--asked",
        str(PEER_ASKED),
    ]
    return run_worker("mlflow", arguments, starts_with="{", activity=" to answer the runs table")


if __name__ == "__main__":
    main()
