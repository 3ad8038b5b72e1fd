"""Combines counts, means and M2 of groups of points into those of larger groups. Pure numpy.

Source: Chan, Golub, LeVeque (1979); sums of squares are never formed.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract import Float64, Int64

_SMALL: Final = 2.0**-900
_LARGE: Final = 2.0**500
"""Between these bounds a mean is accurate to its last bits and the square of its error finite."""


def add_moments(
    counts: Int64, means: Float64, m2s: Float64, starts: NDArray[np.intp]
) -> tuple[Int64, Float64, Float64]:
    """Count, mean and M2 of larger groups, each of which begins at one of `starts`, ascending.

    >>> small = np.array([5e-324, 1e-323])
    >>> add_moments(np.array([2, 2]), small, np.zeros(2), np.array([0]))[1].tolist()
    [1e-323]
    """
    sizes = np.diff(starts, append=len(counts))
    count = np.add.reduceat(counts, starts)
    # Means are weighted before they are summed, so that means near the largest float don't
    # overflow.
    weights = counts / np.repeat(count, sizes)
    size = np.abs(means)
    is_extreme = (size > _LARGE) | ((size < _SMALL) & (size > 0))
    if bool(is_extreme.any()):
        mean = _scaled_mean(means, weights, starts, sizes)
    else:
        mean = np.add.reduceat(means * weights, starts)
    with np.errstate(over="ignore", invalid="ignore"):
        apart = means - np.repeat(mean, sizes)
        m2 = np.add.reduceat(m2s + counts * (apart * apart), starts)
    single = sizes == 1
    mean[single], m2[single] = means[starts[single]], m2s[starts[single]]
    return count, mean, m2


def _scaled_mean(
    means: Float64, weights: Float64, starts: NDArray[np.intp], sizes: Any
) -> Float64:
    """The mean, computed near 1: a weighted subnormal number would lose its last bits.

    The result is clipped to the range of the means: if they are equal, the square of their
    distance from a rounded mean would be beyond float64.
    """
    exponent = np.frexp(np.maximum.reduceat(np.abs(means), starts))[1]
    scaled = np.ldexp(means, -np.repeat(exponent, sizes))
    with np.errstate(over="ignore"):
        mean = np.ldexp(np.add.reduceat(scaled * weights, starts), exponent)
    lowest, highest = np.minimum.reduceat(means, starts), np.maximum.reduceat(means, starts)
    return np.minimum(np.maximum(mean, lowest), highest)
