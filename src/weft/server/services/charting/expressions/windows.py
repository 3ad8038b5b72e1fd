"""Functions over neighbouring points: moving averages, rolling quantiles, running sums. Pure.

`evaluate` passes a series' values in the order of its points. All functions but `shift` use finite
values only: a nonfinite value stays unchanged in its position and is left out of its neighbours'
windows, as in TensorBoard. Windows are trailing: the last n finite values up to and including the
point. The first points have shorter windows.

Every function takes at most O(n log n), whatever the window. Long ones check `waits` on the way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.services.access.cancellation import Cancellation
from weft.server.storage.contract import Float64

_BLOCK: Final = 8192
"""Windows computed at once: their points and counts, some 200 KB, fit in a core's cache."""

_MOST: Final = 2**20
"""The same for windows larger than a cache: bounds the memory, at 60 bytes each."""


def ema(values: Float64, weight: float, waits: Cancellation) -> Float64:
    """Exponential moving average, corrected for its start.

    With finite values v_1 … v_i so far it is `sum(w**(i-j) * v_j) / sum(w**(i-j))`, that is
    `s_i = w * s_(i-1) + (1-w) * v_i` from `s_0 = 0`, divided by `1 - w**i`. Without the division
    the curve would begin near 0 instead of at its first value.

    Source: TensorBoard's line chart (`resmoothDataset` in vz_line_chart2) and the "Exponential"
    smoothing of W&B, which says that it is TensorBoard's; the correction comes from Kingma,
    Ba, Adam, 2015.

    >>> ema(np.array([1.0, 3.0]), 0.5, Cancellation())
    array([1.        , 2.33333333])
    """
    return _over_finite(values, lambda finite: _ema(finite, weight, waits))


def _ema(values: Float64, weight: float, waits: Cancellation) -> Float64:
    if weight == 0:
        return np.array(values)
    total = values * (1 - weight)
    # Sums over the last 1, 2, 4, … values; the oldest of a pair of sums is `shift` further back.
    shift, decay = 1, weight
    while shift < len(total) and decay > 0:
        waits.check()
        total[shift:] += decay * total[:-shift]
        shift, decay = 2 * shift, decay * decay
    return total / -np.expm1(np.arange(1, len(total) + 1) * math.log(weight))


def rolling_mean(values: Float64, n: int, waits: Cancellation) -> Float64:
    """Mean of the last `n` values.

    Adds up each window and never subtracts from a running sum, so that a spike leaves no rounding
    error behind.

    >>> rolling_mean(np.array([1.0, 2.0, 6.0]), 2, Cancellation())
    array([1. , 1.5, 4. ])
    """
    return _over_finite(values, lambda finite: _rolling_mean(finite, n, waits))


def _rolling_mean(values: Float64, n: int, waits: Cancellation) -> Float64:
    n = min(n, len(values))
    # Scale by a power of two, so that sums of the largest floats don't overflow; else exact.
    exponent = n.bit_length() if np.abs(values).max() > np.finfo(np.float64).max / n else 0
    power = np.ldexp(values, -exponent)
    total = np.zeros(len(values))
    covered = 0
    for bit in range(n.bit_length()):
        waits.check()
        if n >> bit & 1:
            total[covered:] += power[: len(power) - covered]
            covered += 1 << bit
        if n >> (bit + 1):
            shift = 1 << bit
            power[shift:] += np.array(power[:-shift])
    sizes = np.minimum(np.arange(1, len(values) + 1), n)
    return np.ldexp(total / sizes, exponent)


def rolling_quantile(values: Float64, n: int, q: float, waits: Cancellation) -> Float64:
    """Quantile of the last `n` values, linear between neighbours.

    Of m sorted values it is the one at index `q * (m - 1)`, counted from 0; between two indices
    the values are interpolated. The median is the quantile 0.5.

    Source of the definition: Hyndman, Fan, Sample quantiles in statistical packages, 1996,
    definition 7, the default of numpy and pandas; of the method: Claude, Navarro, Ordóñez, The
    wavelet matrix, 2015: the rank of a window's k-th value is found bit by bit, here for all
    windows of a block at once.
    Cost: O(log(n + 8192)) per point.

    >>> rolling_quantile(np.array([1.0, 5.0, 2.0, 9.0]), 3, 0.5, Cancellation())
    array([1., 3., 2., 5.])
    """
    return _over_finite(values, lambda finite: _rolling_quantile(finite, n, q, waits))


def _rolling_quantile(values: Float64, n: int, q: float, waits: Cancellation) -> Float64:
    n = min(n, len(values))
    size = min(max(n, _BLOCK), _MOST)
    answer = np.empty(len(values))
    for first in range(0, len(values), size):
        last = min(first + size, len(values))
        begin = max(0, first - n + 1)
        ends = np.arange(first + 1 - begin, last + 1 - begin, dtype=np.int32)
        starts = np.maximum(ends - n, 0).astype(np.int32)
        positions = q * (ends - starts - 1)
        lower = np.floor(positions)
        between = positions - lower
        k = [lower.astype(np.int32)]
        if bool((between > 0).any()):
            k.append(np.ceil(positions).astype(np.int32))
        low, *others = _smallest(values[begin:last], starts, ends, k, waits)
        high = others[0] if others else low
        answer[first:last] = np.where(low == high, low, low * (1 - between) + high * between)
    return answer


class _Search:
    """Slices of a level's ranks, and the index k of the rank to find in each; all int32."""

    def __init__(
        self, starts: NDArray[np.int32], ends: NDArray[np.int32], k: NDArray[np.int32]
    ) -> None:
        self._starts = starts
        self._ends = ends
        self._k = k
        self.ranks = np.zeros(len(k), dtype=np.int32)

    def find_bits(self, zeros: NDArray[np.int32]) -> None:
        """Find the next bit of each rank; `zeros` counts the ranks before each position with a
        zero bit.
        """
        before, up_to = zeros[self._starts], zeros[self._ends]
        n_zeros = up_to - before
        is_one = self._k >= n_zeros
        self.ranks = (self.ranks << 1) | is_one
        self._k = np.where(is_one, self._k - n_zeros, self._k)
        self._starts = np.where(is_one, zeros[-1] + self._starts - before, before)
        self._ends = np.where(is_one, zeros[-1] + self._ends - up_to, up_to)


def _smallest(
    values: Float64,
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    k: list[NDArray[np.int32]],
    waits: Cancellation,
) -> list[Float64]:
    """The k-th smallest value (from 0) of each slice `[start, end)`, for each k.

    Each level of the wavelet matrix is searched as it is built, so only one is in memory.
    """
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values), dtype=np.int32)
    ranks[order] = np.arange(len(values), dtype=np.int32)
    zeros = np.zeros(len(values) + 1, dtype=np.int32)
    searches = [_Search(starts, ends, order) for order in k]
    for bit in reversed(range((len(values) - 1).bit_length())):
        waits.check()
        is_zero = (ranks >> bit & 1) == 0
        np.cumsum(is_zero, out=zeros[1:])
        for search in searches:
            search.find_bits(zeros)
        ranks = np.concatenate((ranks[is_zero], ranks[~is_zero]))
    return [values[order[search.ranks]] for search in searches]


def cumsum(values: Float64) -> Float64:
    """Running sum of the finite values.

    >>> cumsum(np.array([1.0, np.nan, 2.0]))
    array([ 1., nan,  3.])
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _over_finite(values, np.cumsum)


def diff(values: Float64) -> tuple[NDArray[np.intp], Float64]:
    """Difference of each finite value from the finite one before it, and the indices of the points
    that have one. The first has none; nonfinite values stay unchanged.

    >>> diff(np.array([1.0, np.inf, 4.0]))
    (array([1, 2]), array([inf,  3.]))
    """
    differences = np.array(values)
    finite = np.flatnonzero(np.isfinite(values))
    with np.errstate(over="ignore"):
        differences[finite[1:]] = np.diff(values[finite])
    has_value = np.ones(len(values), dtype=np.bool_)
    has_value[finite[:1]] = False
    (index,) = np.nonzero(has_value)
    return index, differences[index]


def shift(values: Float64, n: int) -> tuple[NDArray[np.intp], Float64]:
    """The values from `n` points earlier (n < 0: later), and the indices of the points that have
    one.

    >>> shift(np.array([1.0, 2.0, 3.0]), 1)
    (array([1, 2]), array([1., 2.]))
    """
    size = max(0, len(values) - abs(n))
    to, start = (len(values) - size, 0) if n >= 0 else (0, len(values) - size)
    return np.arange(to, to + size), np.array(values[start : start + size])


def _over_finite(values: Float64, function: Callable[[Float64], Any]) -> Float64:
    finite = np.isfinite(values)
    if bool(finite.all()):
        return function(values) if len(values) else values
    result = np.array(values)
    if bool(finite.any()):
        result[finite] = function(values[finite])
    return result
