"""`rows`: all rows of a run in order, fragments joined, a page at a time.

A page reads a window of the run that begins at the cursor (`columns`), and turns its columns into
rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np

from weft.server.storage.contract import JoinedRow, Source
from weft.server.storage.metrics.reading.columns import numbers_of_keys, read_windows, writers_of
from weft.server.storage.metrics.reading.joined import Bounds, JoinedWindow
from weft.server.storage.metrics.reading.parts import counted_rows
from weft.server.storage.metrics.view import MetricDatabase

Cursor = tuple[float, int, str, int]
"""(step, corrected time, writer, row) of a joined row."""

PAGE_ROWS: Final = 10_000
"""The maximum number of joined rows made at once."""

MOST_ROWS: Final = 100_000
"""The maximum number of rows that a window is planned for, which is the largest page."""

_WINDOW_ROWS: Final = 2
"""A window is planned for so many times the requested rows, since headers only give estimates."""


def read_rows(
    database: MetricDatabase,
    run: str,
    keys: Sequence[str] | None,
    *,
    after: Cursor | None,
    limit: int,
    lo: float | None,
    hi: float | None,
    apart: bool,
    system: bool,
    sources: Sequence[Source],
) -> Iterator[JoinedRow]:
    """Joined rows after a cursor. See `MetricStore.rows`.

    Cost per page: decodes the requested metrics of the chunks that overlap its steps.
    """
    numbers = numbers_of_keys(database, keys)
    if numbers is not None and not numbers:
        return
    steps = Bounds(lo, hi)
    bounds_of_writers: list[tuple[str | None, Bounds]] = [(None, steps)]
    if apart:
        bounds_of_writers = _by_writer(
            writers_of(database, run, sources, system=system), steps, after
        )
    elif after is not None and (lo is None or lo < after[0]):
        bounds_of_writers = [(None, steps._replace(step_lo=after[0]))]
    for writer, bounds in bounds_of_writers:
        windows = read_windows(
            database, run, numbers, bounds, writer=writer, system=system, sources=sources,
            n_rows=min(limit, MOST_ROWS) * _WINDOW_ROWS,
        )  # fmt: skip
        for window in windows:
            first = 0 if after is None or apart else _first_after(window, after)
            for start in range(first, len(window), PAGE_ROWS):
                stop = min(start + PAGE_ROWS, len(window), start + limit)
                for row in _rows_of(database, window.part(start, stop)):
                    if limit <= 0:
                        return
                    limit -= 1
                    yield row
            if limit <= 0:
                return


def _by_writer(
    writers: Sequence[str], steps: Bounds, after: Cursor | None
) -> list[tuple[str | None, Bounds]]:
    if after is None:
        return [(writer, steps) for writer in writers]
    _, _, last, row = after
    return [
        (writer, steps._replace(row_lo=row + 1) if writer == last else steps)
        for writer in writers
        if writer >= last
    ]


def _first_after(window: JoinedWindow, after: Cursor) -> int:
    step, time, writer, row = after
    # The window begins at the cursor's step or after it.
    same_step = counted_rows(window.steps, step)
    left, stop = 0, len(window) if same_step is None else int(np.count_nonzero(same_step))
    while left < stop:
        middle = (left + stop) // 2
        name = window.writers[int(window.rank[middle])]
        position = int(window.times[middle]), name, int(window.rows[middle])
        if position > (time, writer, row):
            stop = middle
        else:
            left = middle + 1
    return left


def _plain_steps(window: JoinedWindow) -> list[int | float]:
    """Steps as they were stored: ints or floats."""
    if window.whole is None:
        steps: list[int | float] = window.steps.tolist()
        return steps
    return [
        int(step) if whole else float(step)
        for step, whole in zip(window.steps, window.whole.tolist(), strict=True)
    ]


def _rows_of(database: MetricDatabase, window: JoinedWindow) -> list[JoinedRow]:
    values: list[dict[str, Any]] = [{} for _ in range(len(window))]
    ranks: list[int] = window.rank.tolist()
    for key, columns in window.columns.items():
        name = database.key_name(key)
        for column in columns:
            stored: Any = column.values
            plain: list[Any] = stored if column.kind == "object" else stored.tolist()
            at = range(len(window)) if column.rows is None else column.rows.tolist()
            for nth, value in zip(at, plain, strict=True):
                values[nth][name] = value
    return [
        JoinedRow(window.writers[rank], row, step, time, inner)
        for rank, row, step, time, inner in zip(
            ranks,
            window.rows.tolist(),
            _plain_steps(window),
            window.times.tolist(),
            values,
            strict=True,
        )
    ]
