"""Converts a large logged array to a histogram. No I/O.

    {"_type": "histogram", "bins": [33 edges], "values": [32 counts]}

It covers the finite values. Nonfinite values are counted separately, if there are any: `nan`,
`pos_inf`, `neg_inf`. The edges are as in `numpy.histogram`, so a chart looks as it does in W&B.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

N_BINS: Final = 32
"""As many as W&B uses for a logged array."""

LARGE: Final = 2.0**1022
"""Above this, the difference of two float64 may overflow, so values are halved for counting."""


def histogram_of(array: NDArray[Any], n_bins: int = N_BINS) -> dict[str, Any]:
    """Count the values of an array of any shape, bools, ints or floats, at least one, in `n_bins`
    of the same width.

    Cost: 5 ns per item (0.5 s for 100 million), 12 ns for ints. An array with NaN or Inf also
    needs a byte of memory per item.

    >>> import numpy as np
    >>> made = histogram_of(np.array([0, 32, 32, np.nan]))
    >>> made["bins"][:2], made["values"][0], made["values"][-1], made["nan"]
    ([0.0, 1.0], 1, 2, 1)
    """
    import numpy as np

    values, weights = array, None
    if array.dtype.kind == "b":
        n_true = int(np.count_nonzero(array))
        weights = np.array([array.size - n_true, n_true])
        values = np.flatnonzero(weights)
        weights = weights[values]
    if values.dtype.itemsize > 8:
        with np.errstate(over="ignore"):
            values = values.astype(np.float64)
    low, high, others = _finite_range(values)
    scale = 1.0
    if max(abs(low), abs(high)) > LARGE:
        scale = 0.5
        values, low, high = values * scale, low * scale, high * scale
    low, high = widened(low, high, n_bins)
    span = (np.float64(low), np.float64(high))
    counts, edges = np.histogram(values, bins=n_bins, range=span, weights=weights)
    with np.errstate(over="ignore"):
        edges = np.nan_to_num(edges / scale)  # inf becomes the largest float
    histogram = {"_type": "histogram", "bins": edges.tolist(), "values": counts.tolist()}
    return histogram | {name: count for name, count in others.items() if count}


def _finite_range(values: NDArray[Any]) -> tuple[float, float, dict[str, int]]:
    """Return the finite range and the counts of nonfinite values; 0 to 1 if none is finite."""
    import numpy as np

    low, high = float(values.min()), float(values.max())
    if np.isfinite(low) and np.isfinite(high):
        return low, high, {}
    finite = np.isfinite(values)
    n_finite = int(np.count_nonzero(finite))
    n_nan = int(np.count_nonzero(np.isnan(values)))
    n_above = int(np.count_nonzero(values == np.inf))
    others = {
        "nan": n_nan,
        "pos_inf": n_above,
        "neg_inf": values.size - n_finite - n_nan - n_above,
    }
    if not n_finite:
        return 0.0, 1.0, others
    low = float(values.min(where=finite, initial=np.inf))
    return low, float(values.max(where=finite, initial=-np.inf)), others


def widened(low: float, high: float, n_bins: int) -> tuple[float, float]:
    """Widen a range until all edges differ: as numpy does for a constant, or just enough."""
    import numpy as np

    if bool(np.all(np.diff(np.linspace(low, high, n_bins + 1)) > 0)):
        return low, high
    margin = max(0.5, max(abs(low), abs(high)) * 2.0**-40)
    return low - margin, high + margin
