"""Quantiles of Student's t distribution, for confidence intervals of means. Pure.

The degrees of freedom are a number of runs minus 1, so they are whole and the distribution
function is a finite sum that needs no library.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

_EXACT_UP_TO: Final = 200
"""Degrees of freedom up to which the sum is inverted. Beyond, the series is off by < 1e-11."""


@lru_cache(maxsize=1024)
def t_quantile(probability: float, freedom: int) -> float:
    """The t that a variable with `freedom` degrees of freedom stays below with `probability`.

    Source: Abramowitz, Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4 (the
    distribution function), 26.7.5 (the expansion in 1/freedom).

    Args:
        probability: above 0.5 and below 1.

    >>> round(t_quantile(0.975, 1), 4), round(t_quantile(0.975, 10), 4)
    (12.7062, 2.2281)
    """
    if freedom > _EXACT_UP_TO:
        return _expanded(probability, freedom)
    low, high = 0.0, 1.0
    while _probability_within(high, freedom) < 2 * probability - 1:
        high *= 2
    while low < (middle := (low + high) / 2) < high:
        if _probability_within(middle, freedom) < 2 * probability - 1:
            low = middle
        else:
            high = middle
    return high


def _probability_within(t: float, freedom: int) -> float:
    """The probability of a value from -t to t."""
    angle = math.atan2(t, math.sqrt(freedom))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    is_odd = freedom % 2
    # cos, cos^3 * 2/3, cos^5 * 2/3 * 4/5, … or 1, cos^2 * 1/2, cos^4 * 1/2 * 3/4, …
    term = math.cos(angle) if is_odd else 1.0
    total = 0.0
    for power in range(1 + is_odd, freedom, 2):
        total += term
        term *= square * power / (power + 1)
    return 2 / math.pi * (angle + sine * total) if is_odd else sine * total


def _expanded(probability: float, freedom: int) -> float:
    x = NormalDist().inv_cdf(probability)
    terms = (
        (x**3 + x) / 4,
        (5 * x**5 + 16 * x**3 + 3 * x) / 96,
        (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        (79 * x**9 + 776 * x**7 + 1482 * x**5 - 1920 * x**3 - 945 * x) / 92160,
    )
    return x + sum(term / freedom ** (n + 1) for n, term in enumerate(terms))
