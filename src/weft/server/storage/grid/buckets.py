"""Puts computed points into the same buckets that `MetricStore.series` uses. Pure, no I/O.

`services.charting` uses it for the curves of expressions.
"""

from __future__ import annotations

import numpy as np

from weft.server.storage.contract import Float64, Series, Steps
from weft.server.storage.grid.cells import fold_points, make_grid
from weft.server.storage.grid.levels import Window, plan_window
from weft.server.storage.grid.merge import Piece, merge_pieces


def bucket_points(
    x: Steps,
    values: Float64,
    lo: float | None = None,
    hi: float | None = None,
    n_buckets: int = 400,
    *,
    window: Window | None = None,
    run: str = "",
    key: str = "",
    part: str | None = None,
) -> Series | None:
    """The series that `MetricStore.series` would return for some points. None if it is empty.

    Points with the same x, which is finite, keep their order, which decides what is first and
    last. `window`, the buckets of the chart that the series is part of, is used instead of `lo`,
    `hi` and `n_buckets`, because all series of a chart must have the same level.

    >>> found = bucket_points(np.arange(4), np.array([1.0, 2.0, 4.0, np.nan]), 0, 4, 64)
    >>> found.buckets.tolist(), found.count.tolist(), found.nan.tolist()
    ([0, 1, 2, 3], [1, 1, 1, 0], [1])
    """
    if not len(x):
        return None
    window = window or plan_window([x.min().item(), x.max().item()], lo, hi, n_buckets)
    if window is None:
        return None
    grid = make_grid(x, np.arange(len(x)), window[0], window[1])
    series = merge_pieces([Piece(0, 0, fold_points(grid, values))], [(run, key, part)])
    return series[0] if series else None
