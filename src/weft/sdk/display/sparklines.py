"""Sparklines for the closing lines, from the run's own log. Reads the log; changes nothing.

`log()` keeps no history in memory. At the end of a run, this reads a bounded part of its log: all
of a small log, 40 short windows of a large one. It takes about 10 ms whatever the run's length.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

from weft.errors import CorruptLog
from weft.records.record import ROW_TAG, Row
from weft.runlog.decoding import decode_records
from weft.runlog.format import find_frame, frame_at

BLOCKS: Final = "▁▂▃▄▅▆▇█"
MAX_CELLS: Final = 40

WHOLE_LOG_BYTES: Final = 512 * 1024
"""A log up to this size (about 4,500 rows of 10 metrics) is read as a whole."""

WINDOW_BYTES: Final = 12 * 1024
"""40 windows are about as large as `WHOLE_LOG_BYTES`; one holds a few rows of 100 metrics."""


def sample_values(
    log: Path, schemas: Mapping[int, Sequence[str]], n_bytes: int
) -> dict[str, list[float]]:
    """Read values of each numeric metric, in log order: up to `MAX_CELLS`, or means of neighbours.

    Rows of schemas that are not among `schemas` are skipped. `n_bytes` is the size of the log.
    """
    windows: list[tuple[int, int]] = [(0, n_bytes)]
    if n_bytes > WHOLE_LOG_BYTES:
        last_start = n_bytes - WINDOW_BYTES
        windows = [
            (last_start * cell // (MAX_CELLS - 1), WINDOW_BYTES) for cell in range(MAX_CELLS)
        ]
    values: defaultdict[str, list[float]] = defaultdict(list)
    with open(log, "rb") as file:
        for start, length in windows:
            file.seek(start)
            samples: defaultdict[str, list[float]] = defaultdict(list)
            for row in _rows_in(file.read(length)):
                keys = schemas.get(row.schema_id, ())
                for key, value in zip(keys, row.values, strict=False):
                    if type(value) is float or type(value) is int:
                        samples[key].append(float(value))
            for key, inner in samples.items():
                values[key] += inner if len(windows) == 1 else [_cell_value(inner)]
    return {key: _reduced(series) for key, series in values.items()}


def draw_sparkline(values: Iterable[float]) -> str:
    """Draw one block per value, from lowest to highest, and a blank for a nonfinite value.

    >>> draw_sparkline([0, 1, 2, 3, float("nan"), 7])
    '▁▂▃▄ █'
    """
    series = list(values)
    finite = [value for value in series if math.isfinite(value)]
    if not finite:
        return " " * len(series)
    low = min(finite)
    # Halved first, because the difference of two huge numbers may overflow.
    span = max(finite) / 2 - low / 2
    return "".join(
        BLOCKS[round((value / 2 - low / 2) / span * (len(BLOCKS) - 1)) if span > 0 else 0]
        if math.isfinite(value)
        else " "
        for value in series
    )


def _rows_in(data: bytes) -> list[Row]:
    payloads: list[bytes] = []
    frame = find_frame(data, 0)
    while frame is not None:
        # Byte 0 is the array's length, byte 1 the record's type.
        if data[frame.payload + 1] == ROW_TAG:
            payloads.append(data[frame.payload : frame.end])
        try:
            frame = frame_at(data, frame.end)
        except CorruptLog:
            frame = find_frame(data, frame.end)
    return [record for record in decode_records(payloads) if isinstance(record, Row)]


def _cell_value(values: Sequence[float]) -> float:
    """The mean of finite values, else the last value.

    Values are divided first, because the sum of huge numbers may overflow.
    """
    return math.fsum(value / len(values) for value in values) if _finite(values) else values[-1]


def _finite(values: Sequence[float]) -> bool:
    return all(math.isfinite(value) for value in values)


def _reduced(series: list[float]) -> list[float]:
    n_values = len(series)
    if n_values <= MAX_CELLS:
        return series
    edges = [n_values * cell // MAX_CELLS for cell in range(MAX_CELLS + 1)]
    return [_cell_value(series[low:high]) for low, high in pairwise(edges)]
