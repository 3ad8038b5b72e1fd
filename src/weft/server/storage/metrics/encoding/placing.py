"""Computes the x of rows from another metric's value in the same joined row or an earlier one.

Pure numpy, no I/O. Reads place all system rows or all other rows of a writer at once; compaction
places the rows of a chunk.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Float64, Int64

Own = tuple[Int64, Float64]
"""Ordinals of the rows that have a value of the axis metric, ascending, and these values."""


def place_rows(
    n_rows: int,
    continues: NDArray[np.bool_] | None,
    own: Own,
    *,
    step_sync: bool,
    before: float | None = None,
) -> Float64:
    """The x of each of some consecutive rows, NaN if a row has none. See `AxisSpec`.

    The rows are consecutive system rows, or other rows, of one writer that all count. `continues`
    tells which are fragments of the row before; None if none is. `before` is, with `step_sync`,
    the last value before the first row.

    >>> own = np.array([1, 3]), np.array([10.0, 20.0])
    >>> place_rows(5, None, own, step_sync=True)
    array([nan, 10., 10., 20., 20.])
    >>> place_rows(5, np.array([0, 1, 0, 0, 0], dtype=bool), own, step_sync=False)
    array([10., 10., nan, 20., nan])
    """
    ordinals, values = own
    if len(ordinals) == n_rows and continues is None:
        return values
    x = np.full(n_rows, np.nan)
    if continues is None or not bool(continues[1:].any()):
        if not step_sync:
            x[ordinals] = values
            return x
        starts = ordinals
    else:
        opens = ~continues
        opens[0] = True
        first_rows = np.flatnonzero(opens)
        # The joined row of each value. If a row has several values, the last counts.
        group = np.searchsorted(first_rows, ordinals, "right") - 1
        last = np.ones(len(group), dtype=np.bool_)
        last[:-1] = group[1:] != group[:-1]
        group, values = group[last], values[last]
        starts = first_rows[group]
        if not step_sync:
            stops = np.append(first_rows, n_rows)[group + 1]
            sizes = stops - starts
            before_each: Any = np.repeat(starts - np.cumsum(sizes) + sizes, sizes)
            at = before_each + np.arange(int(sizes.sum()))
            x[at] = np.repeat(values, sizes)
            return x
    lead = int(starts[0]) if len(starts) else n_rows
    if before is not None:
        x[:lead] = before
    x[lead:] = np.repeat(values, np.diff(starts, append=n_rows))
    return x
