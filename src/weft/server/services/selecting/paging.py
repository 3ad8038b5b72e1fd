"""Keyset paging over arrays of sort keys: finds where the next page begins. Pure.

Keys are float64 arrays, all ascending; a position is a tuple with one number for each key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from weft.server.services.columns.texts import Bools
from weft.server.storage.contract import Float64, Int64


def sorted_indices(keys: Sequence[Float64]) -> Int64:
    """Indices that sort the entries by the first key, then the second, and so on."""
    return np.lexsort(list(reversed(keys)))


def after(keys: Sequence[Float64], position: Sequence[float]) -> Bools:
    """bool[n]: which entries come after a position.

    >>> after([np.array([1.0, 1.0, 2.0]), np.array([5.0, 6.0, 0.0])], (1.0, 5.0)).tolist()
    [False, True, True]
    """
    is_after = np.zeros(len(keys[0]), np.bool_)
    is_equal = np.ones(len(keys[0]), np.bool_)
    for key, number in zip(keys, position, strict=True):
        is_after |= is_equal & (key > number)
        is_equal &= key == number
    return is_after


class Candidates(NamedTuple):
    """The entries that can be in a range of the order; `n_before` come before all of them."""

    indices: Int64
    n_before: int


def candidates(key: Float64, first: int, end: int) -> Candidates:
    """The entries that can be at positions `[first, end)` of the order, by their first key alone.

    Sorting all of 100,000 entries costs ten times as much.

    >>> candidates(np.array([4.0, 1.0, 3.0, 2.0]), 1, 3)
    Candidates(indices=array([2, 3]), n_before=1)
    """
    n = len(key)
    first, end = min(first, n), min(end, n)
    if first >= end:
        return Candidates(np.empty(0, np.int64), n)
    if first == 0 and end == n:
        return Candidates(np.arange(n), 0)
    if first == 0:  # half the time
        high = np.partition(key, end - 1)[end - 1]
        return Candidates(np.flatnonzero(key <= high), 0)
    sorted_there = np.partition(key, (first, end - 1))
    low, high = sorted_there[first], sorted_there[end - 1]
    return Candidates(np.flatnonzero((key >= low) & (key <= high)), int(np.sum(key < low)))
