"""Charts from the metric store: time and bytes, beside the same answer computed in other ways.

    python bench/series_query.py [--points N] [--json FILE] [--store DIR]

Prints budget (docs/architecture.md), figure, and a peer measured in the same run: numpy over the
raw arrays in memory, and DuckDB over a table of its own (put into `.bench/duckdb`). `--points` is
the number of points in all series together: a fifth in 2,000 series, two fifths in series of
a tenth each, two fifths in rows of ten; charts over another metric and exports are shown at a
hundredth, a tenth and the whole of a tenth of it. 100 million take some three minutes, 1e9 ten
times that.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from measure import Figure, finish, print_table, running_server
from weft.server.storage.contract import Batch, Column, RowBlock, SeriesQuery, Source, StepMetric
from weft.server.storage.metrics import SqliteMetricStore

ROWS_PER_BATCH = 8000  # an upload of 1 MB holds about so many rows of ten metrics
SMALL_BATCH = 250  # a live run's upload at 1,000 rows a second
N_METRICS = 10
LONG_METRICS = 4
PEER_ROWS = 20_000  # numpy's raw arrays would fill the memory beyond


def make_columns(n: int, n_metrics: int, seed: int, *, single: bool) -> dict[str, np.ndarray]:
    """Loss-like curves with noise and one spike; float32 values if `single`."""
    rng = np.random.default_rng(seed)
    trend = np.exp(-np.arange(n) / n * 3)
    columns = {}
    for key in range(n_metrics):
        values = trend + rng.standard_normal(n) * 0.05
        values[n // 2] = 100
        columns[f"m{key:02}"] = values.astype(np.float32).astype(np.float64) if single else values
    return columns


def fill(
    store: SqliteMetricStore,
    run: str,
    columns: dict[str, np.ndarray],
    rows: range,
    rows_per_batch: int = ROWS_PER_BATCH,
) -> None:
    """Append rows of a run in batches, by default as large as uploads are."""
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.integers(9000, 11_000, rows.stop - rows.start))
    last = store.position(run, "w")
    position = last.position if last else 0
    for lo in range(rows.start, rows.stop, rows_per_batch):
        hi = min(lo + rows_per_batch, rows.stop)
        block = RowBlock(
            lo,
            np.arange(lo, hi),
            times[lo - rows.start : hi - rows.start],
            None,
            {key: [Column("float", None, values[lo:hi])] for key, values in columns.items()},
        )
        store.append([Batch(run, "w", "w", position, position + 1, rows=block, origin_micros=0)])
        position += 1


def millis(call: Callable[[], Any], repeat: int = 9) -> float:
    """Median time of a call."""
    call()
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def drop_page_cache(path: Path) -> None:
    """Make the next read of a file come from the disk."""
    for name in (path, path.with_name(path.name + "-wal")):
        if name.exists():
            descriptor = os.open(name, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def fold_with_numpy(values: np.ndarray, width: int) -> tuple[np.ndarray, ...]:
    """Compute a chart from the raw points of a series with steps 0, 1, 2, …"""
    starts = np.arange(0, len(values), width)
    counts = np.diff(starts, append=len(values))
    sums = np.add.reduceat(values, starts)
    return np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts), sums / counts


def import_duckdb() -> Any:
    """The peer, installed into `.bench/duckdb` when it is missing; None if it can't be had."""
    folder = Path(__file__).resolve().parent.parent / ".bench" / "duckdb"
    if not folder.exists():
        uv = Path(sys.executable).with_name("uv")
        install = [uv, "pip", "install", "-q", "--python", sys.executable, "--target", folder]
        try:
            subprocess.run([*install, "duckdb"], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"duckdb can't be installed, so it is left out: {error}", flush=True)
            return None
    sys.path.append(str(folder))
    return importlib.import_module("duckdb")


def fold_with_duckdb(values: np.ndarray, width: int, folder: Path) -> float | None:
    """Median ms of the same question to DuckDB's own table on disk; None without DuckDB."""
    duckdb = import_duckdb()
    if duckdb is None:
        return None
    path = folder / "peer.duckdb"
    db = duckdb.connect(str(path))
    db.register("arrays", {"step": np.arange(len(values)), "value": values})
    db.execute("CREATE TABLE points AS SELECT step, value FROM arrays")
    db.execute("CHECKPOINT")
    query = (
        f"SELECT step // {width} AS bucket, min(value), max(value), avg(value), count(*)"
        " FROM points GROUP BY bucket ORDER BY bucket"
    )
    took = millis(lambda: db.execute(query).fetchnumpy(), 3)
    db.close()
    path.unlink()
    return took


class Report:
    """The figures so far; each is printed when it is known."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []

    def add(
        self,
        name: str,
        budget: float | None,
        figure: float,
        unit: str,
        peer: str | None = None,
        peer_figure: float | None = None,
        *,
        at_least: bool = False,
    ) -> None:
        result = Figure(name, figure, unit, budget, at_least, peer, peer_figure)
        self.figures.append(result)
        print_table([result])


def measure_rows_of_ten(folder: Path, n_rows: int, report: Report) -> None:
    """One run, ten metrics a row: speed of append and compaction, bytes a point."""
    for single, budget in ((True, 4.5), (False, 8.5)):
        kind = "float32 values" if single else "noisy float64"
        path = folder / f"ten-{single}.db"
        store = SqliteMetricStore(path)
        columns = make_columns(n_rows, N_METRICS, 0, single=single)
        n_points = n_rows * N_METRICS
        cpu = time.process_time()
        fill(store, "run", columns, range(n_rows))
        appended = time.process_time()
        store.compact(until_idle=True)
        compacted = time.process_time()
        exported = millis_once(partial(count_rows, store))
        store.close()
        for name, took in (("append", appended - cpu), ("compaction", compacted - appended)):
            rate = n_points / took / 1e6
            report.add(f"{name}, {kind}, rows of 10, per core", None, rate, "M points/s")
        rate = n_points / exported / 1e3
        report.add(f"columns, {kind}, rows of 10", 5, rate, "M points/s", at_least=True)
        size = path.stat().st_size / n_points
        plain = 8 + 16 / N_METRICS
        name = f"store with pyramid, {kind}, rows of 10"
        report.add(name, budget, size, "B/point", "plain arrays", plain)
        path.unlink()


def measure_long_series(folder: Path, n_rows: int, report: Report) -> None:
    """One run with a few very long series: charts warm and cold, zoomed, with late rows."""
    path = folder / "long.db"
    store = SqliteMetricStore(path)
    columns = make_columns(n_rows, LONG_METRICS, 0, single=False)
    # A sixth comes later, which is 20 % of the rest.
    n_early = n_rows - n_rows // 6
    fill(store, "run", columns, range(n_early))
    store.compact(until_idle=True)
    values = columns["m01"]
    chart = SeriesQuery(["run"], ["m01"], n_buckets=1000)
    level = store.series(chart)[0].level
    figure = millis(partial(store.series, chart))
    name = f"chart of a {n_early / 1e6:.1f}M-point series, N = 1000, warm"
    peer = millis(partial(fold_with_numpy, values[:n_early], 2**level), 3)
    report.add(name, 10, figure, "ms", "numpy, raw arrays in memory", peer)
    duck = fold_with_duckdb(values[:n_early], 2**level, folder)
    if duck is not None:
        report.add(name, 10, figure, "ms", "DuckDB, own table", duck)
    by_time = SeriesQuery(["run"], ["m01"], axis="time", n_buckets=1000)
    report.add("the same by time, warm", 10, millis(partial(store.series, by_time)), "ms")
    middle = SeriesQuery(["run"], ["m01"], lo=n_early / 2 - 5e4, hi=n_early / 2 + 5e4)
    report.add("zoom to 100,000 points, warm", None, millis(partial(store.series, middle)), "ms")
    close_up = SeriesQuery(["run"], ["m01"], lo=n_early / 2 - 200, hi=n_early / 2 + 200)
    report.add("zoom to 400 points, warm", None, millis(partial(store.series, close_up)), "ms")
    rewound = replace(chart, lineage={"run": [Source("run", "w", n_early * 63 // 100)]})
    report.add(
        "the chart, rewound to 63 %, first",
        None,
        millis_once(partial(store.series, rewound)),
        "ms",
    )
    report.add("the same, warm", 20, millis(partial(store.series, rewound)), "ms")
    steps = np.linspace(n_early / 100, n_early - 1, 100, dtype=np.int64).tolist()
    forks = {f"fork{step}": [Source("run", "w", step)] for step in steps}
    forked = replace(chart, runs=list(forks), lineage=forks)
    report.add("100 forks of it, first", None, millis_once(partial(store.series, forked)), "ms")
    report.add("the same, warm", None, millis(partial(store.series, forked)), "ms")
    store.close()
    cold: list[float] = []
    for _ in range(5):
        drop_page_cache(path)
        store = SqliteMetricStore(path)
        cold.append(millis_once(partial(store.series, chart)))
        store.close()
    report.add("the chart, cold, store just opened", 50, statistics.median(cold), "ms")
    store = SqliteMetricStore(path)
    n_large = n_early + (n_rows - n_early) // 2
    fill(store, "run", columns, range(n_early, n_large))
    fill(store, "run", columns, range(n_large, n_rows), SMALL_BATCH)
    name = "the chart with 20 % late points, all of them fresh"
    report.add(f"{name}, first", 50, millis_once(partial(store.series, chart)), "ms")
    report.add(name, 2 * figure, millis(partial(store.series, chart)), "ms")
    late = 0.0
    while store.compact():
        late = millis(partial(store.series, chart), 3)
    report.add("the chart with 20 % late points, compacted", 2 * figure, late, "ms")
    (series,) = store.series(chart)
    expected = fold_with_numpy(values, 2**series.level)
    assert (series.minimum == expected[0]).all()
    assert (series.maximum == expected[1]).all()
    assert np.allclose(series.mean, expected[2], rtol=1e-12)
    store.close()
    path.unlink()


def measure_axes(folder: Path, n_rows: int, report: Report) -> None:
    """A run of three metrics: charts over a defined step metric, columns, points, a page of rows.

    The step metric grows by one with every thousand rows.
    """
    path = folder / "axes.db"
    store = SqliteMetricStore(path)
    store.set_axes("run", {"*": StepMetric("epoch")})
    columns = make_columns(n_rows, 2, 0, single=False)
    columns["epoch"] = np.arange(n_rows) // 1000 * 1.0
    fill(store, "run", columns, range(n_rows))
    store.compact(until_idle=True)
    size = f"{n_rows / 1e6:g}M"
    chart = SeriesQuery(["run"], ["m01"], axis="metric", axis_metric="epoch", n_buckets=1000)
    name = f"chart by the defined step metric, {size} points"
    values, epochs = columns["m01"], columns["epoch"]
    peer = millis(partial(fold_by, epochs, values), 3)
    figure = millis(partial(store.series, chart))
    report.add(name, 20, figure, "ms", "numpy, raw arrays in memory", peer)
    close_up = replace(chart, lo=float(epochs[n_rows // 2]), hi=float(epochs[n_rows // 2] + 5))
    report.add("the same, 5 epochs of it", 20, millis(partial(store.series, close_up)), "ms")
    took = millis_once(partial(count_rows, store))
    rate = n_rows * len(columns) / took / 1e3
    report.add(f"columns of all rows, {size} rows", 5, rate, "M points/s", at_least=True)
    after = (n_rows * 0.7, 0, "w", 0)
    page = millis(lambda: list(store.rows("run", after=after, limit=1000)), 5)
    report.add(f"page of 1,000 rows out of {size}", None, page, "ms")
    store.close()
    path.unlink()


def count_rows(store: SqliteMetricStore) -> int:
    """Reads all columns of a run."""
    return sum(len(batch) for batch in store.columns(["run"]))


def fold_by(x: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, ...]:
    """A chart over ascending x, from raw arrays."""
    starts = np.flatnonzero(np.diff(x, prepend=-1))
    return np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)


def measure_other_metric(folder: Path, report: Report) -> None:
    """Charts over a metric that nobody defined, its values in no order."""
    for n_rows in (10_000, 100_000, 1_000_000):
        path = folder / "other.db"
        store = SqliteMetricStore(path)
        columns = make_columns(n_rows, 2, 0, single=False)
        columns["x"] = np.random.default_rng(5).standard_normal(n_rows)
        fill(store, "run", columns, range(n_rows))
        store.compact(until_idle=True)
        chart = SeriesQuery(["run"], ["m01"], axis="metric", axis_metric="x", n_buckets=1000)
        name = f"chart over another metric, {n_rows:,} points, first"
        peer = millis(partial(np.argsort, columns["x"], kind="stable"), 3)
        first = millis_once(partial(store.series, chart))
        report.add(name, 300, first, "ms", "numpy, to sort the arrays", peer)
        report.add("the same, warm", None, millis(partial(store.series, chart)), "ms")
        store.close()
        path.unlink()


def measure_keys(report: Report) -> None:
    """A run with very many metrics: listed and searched through HTTP."""
    for n_keys in (1000, 10_000, 100_000):
        names = [f"group{key % 100}/layer{key}/weight" for key in range(n_keys)]
        with running_server() as server:
            logged = json.dumps([names, 2])
            script = (
                "import json, sys, weft; names, n = json.loads(sys.stdin.read());"
                "run = weft.init(project='keys', id='ab12cd34');"
                "[run.log({name: float(step) for name in names}) for step in range(n)];"
                "run.finish()"
            )
            with tempfile.TemporaryDirectory() as folder:
                env = {"WEFT_BASE_URL": server.url, "WEFT_DIR": folder, "WEFT_SILENT": "true"}
                subprocess.run(
                    [sys.executable, "-c", script],
                    input=logged, text=True, check=True, env=dict(os.environ) | env,
                )  # fmt: skip
            base = f"{server.url}/api/v1/projects/local/keys/metrics?runs=ab12cd34&limit=1000"
            for title, query in (
                ("listed", ""),
                ("searched", "&search=layer777"),
                ("searched by a pattern", "&search=layer7.*7/w&regex=true"),
            ):
                figure = millis(partial(fetch, base + query), 5)
                report.add(
                    f"{n_keys:,} metrics of a run {title}, page of 1,000", 100, figure, "ms"
                )
            memory = server.memory_mb("VmHWM")
            report.add(f"server's peak with {n_keys:,} metrics", 600, memory, "MB")


def fetch(url: str) -> int:
    """Bytes of an answer."""
    with urllib.request.urlopen(url, timeout=60) as answer:
        return len(answer.read())


def millis_once(call: Callable[[], Any]) -> float:
    """Time of a single call."""
    start = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - start)


def measure_panels(folder: Path, n_points: int, report: Report) -> None:
    """100 runs × 20 keys at panel width, all on a page at once."""
    n_runs, n_keys = 100, 20
    n_rows = max(1000, n_points // (n_runs * n_keys))
    store = SqliteMetricStore(folder / "panels.db")
    everything: list[dict[str, np.ndarray]] = []
    for run in range(n_runs):
        columns = make_columns(n_rows, n_keys, run, single=False)
        if n_rows <= PEER_ROWS:
            everything.append(columns)
        fill(store, f"run{run:03}", columns, range(n_rows))
    store.compact(until_idle=True)
    runs = [f"run{run:03}" for run in range(n_runs)]
    panels = [SeriesQuery(runs, [f"m{key:02}"], n_buckets=400) for key in range(n_keys)]
    level = store.series(panels[0])[0].level

    def with_numpy() -> None:
        for columns in everything:
            for values in columns.values():
                fold_with_numpy(values, 2**level)

    report.add(
        f"{n_runs} runs x {n_keys} charts, {n_rows:,} points each, N = 400, warm",
        500,
        millis(lambda: [store.series(panel) for panel in panels], 5),
        "ms",
        "numpy, raw arrays in memory",
        millis(with_numpy, 3) if everything else None,
    )
    store.close()


def main(argv: Sequence[str]) -> int:
    """Run all measurements; returns 0."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=float, default=1e8, help="points in all (default 1e8)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--store", type=Path, help="folder for the data (default: temporary)")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="weft-bench-", dir=options.store))
    report = Report()
    try:
        measure_panels(folder, int(options.points / 5), report)
        for part in (100, 10, 1):
            measure_axes(folder, int(options.points / 10 / part), report)
        measure_other_metric(folder, report)
        measure_keys(report)
        measure_long_series(folder, int(options.points * 0.4) // LONG_METRICS, report)
        measure_rows_of_ten(folder, int(options.points * 0.2) // N_METRICS, report)
    finally:
        shutil.rmtree(folder)
    finish(report.figures, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
