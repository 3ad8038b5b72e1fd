"""Grouped curves and expressions: time of a panel, beside the same answer computed in other ways.

    python bench/grouped.py [--points N] [--json FILE] [--store DIR]

Prints budget (docs/architecture.md), figure, and peers measured in the same run: DuckDB over a
Parquet file of the same points, and numpy over the raw arrays in memory. `--points` is the number
of points of each run (default one million); the band is asked for over 10, 100 and 1,000 runs
(these with a tenth of the points) and the expressions over a tenth of them and all.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from measure import Figure, arguments, finish
from weft.queries.expression_text import parse_expression
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.access.paths import ProjectPath
from weft.server.services.charting.drawing import draw_panel
from weft.server.services.charting.expressions.curve_cache import CurveCache
from weft.server.services.charting.panel_queries import parse_panel
from weft.server.services.charting.panel_runs import PanelRun
from weft.server.storage.contract import Batch, Column, MetricStore, RowBlock
from weft.server.storage.metrics import SqliteMetricStore
from weft.wire.metrics.charts import Grouping, NamedExpression, PanelQuery

ROWS_PER_BATCH = 100_000
N_BUCKETS = 400

EXPRESSIONS = (
    "log(m) * 2",
    "ema(m, 0.99)",
    "rolling_mean(m, 1000)",
    "rolling_median(m, 1000)",
    "rolling_median(m, 1000000)",
    "m - k",
)
NUMPY: dict[str, Callable[[dict[str, np.ndarray]], np.ndarray]] = {
    "log(m) * 2": lambda of: np.log(of["m"]) * 2,
    "rolling_mean(m, 1000)": lambda of: np.convolve(of["m"], np.full(1000, 1e-3))[: len(of["m"])],
    "m - k": lambda of: of["m"] - of["k"],
}
"""The same by numpy alone, where it has it; without reading points, order or buckets."""


def curve(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.exp(-np.arange(n) / n * 3) + rng.random(n) * 0.1


def fill(store: SqliteMetricStore, run: str, columns: dict[str, np.ndarray]) -> None:
    n = len(next(iter(columns.values())))
    for nth, lo in enumerate(range(0, n, ROWS_PER_BATCH)):
        hi = min(lo + ROWS_PER_BATCH, n)
        block = RowBlock(
            lo,
            np.arange(lo, hi),
            np.arange(lo, hi) * 10_000,
            None,
            {key: [Column("float", None, values[lo:hi])] for key, values in columns.items()},
        )
        store.append([Batch(run, "w", "w", nth, nth + 1, rows=block, origin_micros=0)])


def ask(
    store: MetricStore,
    runs: Sequence[str],
    cache: CurveCache,
    *,
    n_buckets: int = N_BUCKETS,
    **query: Any,
) -> Any:
    panel = parse_panel(PanelQuery(runs=runs, n_buckets=n_buckets, **query))
    group = [()] if panel.query.group is not None else []
    panel_runs = [PanelRun(run, n, 0, groups=group) for n, run in enumerate(runs)]
    return draw_panel(
        store,
        cache,
        ProjectPath("local", "bench"),
        1,
        panel,
        panel_runs,
        None,
        Cancellation(),
        expression_secs=600.0,
        next_keys=(),
        full=False,
        reasons=False,
    )


def millis(call: Callable[[], Any], repeat: int = 5) -> float:
    """Median time of a call, after one that does not count."""
    call()
    times: list[float] = []
    for _ in range(repeat):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


def band_with_numpy(arrays: Sequence[np.ndarray], width: int) -> np.ndarray:
    """Mean, deviation, extremes of runs whose steps are 0, 1, 2, …"""
    starts = np.arange(0, len(arrays[0]), width)
    sizes = np.diff(starts, append=len(arrays[0]))
    means = np.stack([np.add.reduceat(array, starts) / sizes for array in arrays])
    low = np.min([np.minimum.reduceat(array, starts) for array in arrays], axis=0)
    high = np.max([np.maximum.reduceat(array, starts) for array in arrays], axis=0)
    return np.stack((means.mean(axis=0), means.std(axis=0, ddof=1), low, high))


def band_with_duckdb(path: Path, width: int) -> Callable[[], Any]:
    db = duckdb.connect()
    query = f"""
        WITH cells AS (
            SELECT run, step // {width} AS bucket, avg(value) AS mean, min(value) AS low,
                   max(value) AS high
            FROM '{path}' GROUP BY run, bucket)
        SELECT bucket, avg(mean), stddev_samp(mean), min(low), max(high), count(*)
        FROM cells GROUP BY bucket ORDER BY bucket
    """
    return lambda: db.execute(query).fetchnumpy()


def measure_bands(folder: Path, n_points: int) -> list[Figure]:
    figures: list[Figure] = []
    for n_runs, n in ((10, n_points), (100, n_points), (1000, n_points // 10)):
        store = SqliteMetricStore(folder / f"runs{n_runs}.db")
        runs = [f"run{number:04}" for number in range(n_runs)]
        path = folder / f"runs{n_runs}.parquet"
        writer: Any = None
        arrays: list[np.ndarray] = []
        for number, run in enumerate(runs):
            values = curve(n, number)
            fill(store, run, {"m": values})
            table = pa.table(
                {"run": np.full(n, number, np.int32), "step": np.arange(n), "value": values}
            )
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
            arrays.append(values)
        writer.close()
        store.compact(until_idle=True)
        cache = CurveCache()
        group = Grouping((), "mean", "std")

        def band(
            store: SqliteMetricStore = store,
            runs: Sequence[str] = runs,
            cache: CurveCache = cache,
            group: Grouping = group,
        ) -> Any:
            return ask(store, runs, cache, keys=["m"], group=group)

        width = 2 ** band().drawn[0].series.level
        (drawn,) = band().drawn
        expected = band_with_numpy(arrays, width)
        assert np.allclose(drawn.series.mean, expected[0], rtol=1e-9)
        assert np.allclose(drawn.band.high - drawn.series.mean, expected[1], rtol=1e-6)
        assert (drawn.series.maximum == expected[3]).all()
        name = f"band of {n_runs} runs x {n:,} points"
        budget = 1000 if (n_runs, n) == (100, 1_000_000) else None
        figure = millis(band)
        duck = millis(band_with_duckdb(path, width), 2)
        figures.append(
            Figure(name, figure, "ms", budget, peer="DuckDB, Parquet", peer_figure=duck)
        )
        numpy_took = millis(lambda members=arrays, wide=width: band_with_numpy(members, wide), 2)
        figures.append(
            Figure(name, figure, "ms", budget, peer="numpy, arrays", peer_figure=numpy_took)
        )
        store.close()
        path.unlink()
    return figures


def measure_expressions(folder: Path, n_points: int) -> list[Figure]:
    figures: list[Figure] = []
    for n in (n_points // 10, n_points):
        store = SqliteMetricStore(folder / f"expressions{n}.db")
        columns = {"m": curve(n, 1), "k": curve(n, 2)}
        fill(store, "run", columns)
        store.compact(until_idle=True)
        for text in EXPRESSIONS:
            parse_expression(text)
            named = [NamedExpression("e", text)]

            def first(
                store: SqliteMetricStore = store, named: Sequence[NamedExpression] = named
            ) -> Any:
                return ask(store, ["run"], CurveCache(), expressions=named)

            assert first().drawn
            by_numpy = NUMPY.get(text)
            peer = None
            if by_numpy is not None:
                peer = millis(lambda compute=by_numpy, of=columns: compute(of))
            figures.append(
                Figure(
                    f"{text} over {n:,} points",
                    millis(first, 3),
                    "ms",
                    peer=None if peer is None else "numpy, arrays alone",
                    peer_figure=peer,
                )
            )
        cache = CurveCache()
        zoom: dict[str, Any] = {"lo": n / 2, "hi": n / 2 + n / 100}
        named = [NamedExpression("e", "rolling_median(m, 1000)")]
        figures.append(
            Figure(
                f"a zoom into such a curve, {n:,} points, kept",
                millis(
                    lambda s=store, k=cache, e=named, z=zoom: ask(
                        s, ["run"], k, expressions=e, **z
                    )
                ),
                "ms",
            )
        )
        store.close()
    return figures


def main(argv: Sequence[str]) -> int:
    """Run all measurements; returns 0."""
    parser = arguments(__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--points", type=float, default=1e6, help="points a run (default 1e6)")
    parser.add_argument("--store", type=Path, help="folder for the data (default: temporary)")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="weft-bench-", dir=options.store))
    try:
        figures = measure_expressions(folder, int(options.points))
        figures += measure_bands(folder, int(options.points))
    finally:
        shutil.rmtree(folder)
    finish(figures, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
