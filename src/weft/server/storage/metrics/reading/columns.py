"""`columns`: all joined rows of a run as columns, window after window, in bounded memory.

A window is a range of steps (with `apart`, of one writer's row numbers) that holds about as much
as may be in memory at once, estimated from headers. Each window is read in its own snapshot, so
that a slow reader of a long export blocks nothing. `joined` reads a window.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from weft.server.storage.contract import ColumnBatch, Source
from weft.server.storage.metrics.reading.joined import Bounds, JoinedWindow, read_window
from weft.server.storage.metrics.reading.parts import number_writers, parts_of
from weft.server.storage.metrics.reading.units import Unit, read_units
from weft.server.storage.metrics.view import MetricDatabase

WINDOW_POINTS: Final = 4_000_000
"""Values in memory at once, including three for each row itself: 32 MB. Of a larger chunk only a
part is used; the next window decodes it again, at some 100 million values a second."""

BATCH_POINTS: Final = 1_000_000
"""The approximate number of values in one batch of an answer."""

_MOST_PLANNED_ROWS: Final = 500_000

_PER_ROW: Final = 3
"""Row number, step and time."""


def read_run_columns(
    database: MetricDatabase,
    run: str,
    keys: Sequence[str] | None,
    *,
    lo: float | None,
    hi: float | None,
    apart: bool,
    every_row: bool,
    system: bool,
    sources: Sequence[Source],
) -> Iterator[ColumnBatch]:
    """The rows of one run. See `MetricStore.columns`.

    Cost: each chunk is decoded once for each window that it overlaps, mostly one.
    """
    numbers = numbers_of_keys(database, keys)
    if numbers is not None and not numbers and not every_row:
        return
    writers: list[str | None] = [None]
    if apart:
        writers = [*writers_of(database, run, sources, system=system)]
    for writer in writers:
        windows = read_windows(
            database, run, numbers, Bounds(lo, hi), writer=writer, every_row=every_row,
            system=system, sources=sources,
        )  # fmt: skip
        while (window := next(windows, None)) is not None:
            yield from _batches(database, run, window)
            del window  # or it would stay while the next one is read


def numbers_of_keys(database: MetricDatabase, keys: Sequence[str] | None) -> frozenset[int] | None:
    """The numbers of the metrics that exist. None, which means all metrics, if `keys` is None."""
    if keys is None:
        return None
    return frozenset(number for key in keys if (number := database.find_key(key)) is not None)


def writers_of(
    database: MetricDatabase, run: str, sources: Sequence[Source], *, system: bool
) -> list[str]:
    """Names of the writers whose rows make up a run, ascending."""
    parts = parts_of(database, run, sources)
    with database.snapshot({part.run for part in parts}) as view:
        number_writers(view, parts)
        return sorted({unit.name for unit in read_units(database, view, parts, system=system)})


def read_windows(
    database: MetricDatabase,
    run: str,
    numbers: frozenset[int] | None,
    bounds: Bounds,
    *,
    writer: str | None,
    every_row: bool = False,
    system: bool,
    sources: Sequence[Source],
    n_rows: int | None = None,
) -> Iterator[JoinedWindow]:
    """The joined rows of a run, a window at a time.

    `every_row` also yields rows that have none of `numbers`. With a `writer`, only its rows are
    read, in order of row numbers; else all in order of (step, time, writer, row). The first window
    holds about `n_rows`, each further one up to four times as many, so that few windows are read
    if rows with `numbers` are sparse; without it, as many as may be in memory.
    """
    apart = writer is not None
    while True:
        parts = parts_of(database, run, sources)
        with database.snapshot({part.run for part in parts}) as view:
            number_writers(view, parts)
            writers = None if writer is None else [writer]
            units = list(read_units(database, view, parts, system=system, writers=writers))
            spans = [_span_of(unit, numbers, by_row=apart) for unit in units]
            size = WINDOW_POINTS
            if n_rows is not None:
                spans = [
                    Span(span.lo, span.hi, unit.n_rows)
                    for span, unit in zip(spans, units, strict=True)
                ]
                size = n_rows
            if apart:
                stop = plan_stop(spans, bounds.row_lo, bounds.row_hi, size)
                here = bounds._replace(row_hi=None if stop is None else int(stop))
            else:
                stop = plan_stop(spans, bounds.step_lo, bounds.step_hi, size)
                here = bounds._replace(step_hi=stop)
            window = read_window(view, units, here, numbers, apart=apart, every_row=every_row)
        if window is not None:
            yield window
        del window
        if here == bounds:
            return
        bounds = (
            bounds._replace(row_lo=here.row_hi) if apart else bounds._replace(step_lo=here.step_hi)
        )
        if n_rows is not None:
            n_rows = n_rows * 4 if n_rows < _MOST_PLANNED_ROWS else None


class Span(NamedTuple):
    """A unit's range of steps or row numbers, both ends included, and how much is in it."""

    lo: float
    hi: float
    n: int


def _span_of(unit: Unit, keys: frozenset[int] | None, *, by_row: bool) -> Span:
    n_points = unit.n_points
    if keys is not None:
        n_points = min(n_points, unit.n_rows * len(keys))
    lo, hi = unit.row_span if by_row else unit.step_span
    return Span(lo, hi, n_points + _PER_ROW * unit.n_rows)


def plan_stop(
    spans: Sequence[Span], start: float | None, stop: float | None, size: int
) -> float | None:
    """The end of a window that begins at `start`, so that it holds about `size`, or one point.

    It ends where a unit begins if that is not much earlier, so that chunks are decoded only once.
    The content of a span is assumed to be evenly distributed.

    >>> chunks = [Span(0, 99, 1000), Span(100, 199, 1000), Span(200, 299, 1000)]
    >>> plan_stop(chunks, None, None, 2500), plan_stop(chunks, 200, None, 2500)
    (200, None)
    >>> plan_stop([Span(0, 10**6, 10**9)], 5, None, 2000)
    7
    """
    spans = [
        span
        for span in spans
        if (start is None or span.hi >= start) and (stop is None or span.lo < stop)
    ]
    if not spans:
        return stop
    first = min(span.lo for span in spans)
    first = first if start is None or first > start else start
    lows, highs, sizes = (np.array([float(span[nth]) for span in spans]) for nth in range(3))
    widths = highs - lows + np.maximum(1.0, np.spacing(highs))

    def amount(end: float) -> float:
        below = [np.minimum(np.maximum((float(x) - lows) / widths, 0), 1) for x in (end, first)]
        return float((sizes * (below[0] - below[1])).sum())

    last = max(span.hi for span in spans)
    if stop is not None and stop <= last:
        last = stop
    if amount(last) + 1 <= size:
        return stop
    edges = sorted({span.lo for span in spans if first < span.lo < last})
    low, high = 0, len(edges)
    while low < high:
        middle = (low + high) // 2
        if amount(edges[middle]) <= size:
            low = middle + 1
        else:
            high = middle
    if low and amount(edges[low - 1]) >= size / 4:
        return edges[low - 1]
    return _halve(first, edges[low] if low < len(edges) else last, amount, size)


def _halve(start: float, stop: float, amount: Callable[[float], float], size: int) -> float:
    """Find the end between `start` and `stop` that holds about `size`; always beyond `start`."""
    whole = isinstance(start, int) and isinstance(stop, int)
    low, high = start, stop
    for _ in range(64):
        middle = (low + high) // 2 if whole else low + (high - low) / 2
        if not low < middle < high:
            break
        if amount(middle) <= size:
            low = middle
        else:
            high = middle
    if low > start:
        return low
    return start + 1 if isinstance(start, int) else math.nextafter(start, math.inf)


def _batches(database: MetricDatabase, run: str, window: JoinedWindow) -> Iterator[ColumnBatch]:
    n_values = sum(len(column.values) for columns in window.columns.values() for column in columns)
    n_values += _PER_ROW * len(window)
    n_rows = max(1, len(window) * BATCH_POINTS // n_values)
    for start in range(0, len(window), n_rows):
        part = window.part(start, min(start + n_rows, len(window)))
        steps = part.steps
        if part.whole is not None:
            steps = steps.astype(np.int64 if bool(part.whole.all()) else np.float64)
        yield ColumnBatch(
            run, part.writers, part.rank, part.rows, steps, part.times,
            {database.key_name(key): columns for key, columns in part.columns.items()},
        )  # fmt: skip
