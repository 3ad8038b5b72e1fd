"""Arrays of any library as Python values; those that need the library are in tests/frameworks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from weft.sdk.values.arrays import NoArray, n_items_of, numbers_in, numpy_of, python_of


class Foreign:
    """An array of a library that is not known, and that numpy can read."""

    dtype = "float32"

    def __init__(self, *shape: int) -> None:
        self.shape = shape

    def numpy(self) -> Any:
        return np.ones(self.shape, np.float32)


def test_an_array_is_what_has_a_shape_and_a_dtype() -> None:
    assert n_items_of(Foreign(2, 3)) == 6
    assert n_items_of(Foreign()) == 1
    assert n_items_of(np.zeros((0, 3))) == 0
    for other in ([1], "text", SimpleNamespace(shape=(2,)), SimpleNamespace(shape=len, dtype=1)):
        assert n_items_of(other) is None


def test_an_array_of_an_unknown_library_is_read_by_numpy() -> None:
    assert python_of(Foreign(2)) == [1.0, 1.0]
    assert python_of(Foreign(1, 1)) == 1.0
    numbers = numbers_in(Foreign(50))
    assert numbers is not None
    assert numbers.sum() == 50


def test_what_has_a_shape_and_no_numbers_is_refused() -> None:
    box = SimpleNamespace(shape=(3,), dtype="float32")  # as gym's spaces have
    with pytest.raises(NoArray, match="SimpleNamespace has no numbers"):
        python_of(box)


def test_times_become_texts_and_durations_seconds() -> None:
    assert numpy_of(np.array(["2026-01-02"], "M8[ns]")).tolist() == [
        "2026-01-02T00:00:00.000000000"
    ]
    assert numpy_of(np.array([1500], "m8[ms]")).tolist() == [1.5]


@pytest.mark.parametrize(
    ("array", "counted"),
    [
        (np.array([1, 2.5, None, True], object), 4),
        (np.ma.masked_greater(np.arange(5), 2), 3),
        (np.array(["a"]), None),
        (np.array([1j]), None),
        (np.array([object()]), None),
        (np.array(["2026"], "M8[Y]"), None),
        (np.ma.masked_greater(np.arange(5), -1), None),
    ],
)
def test_only_real_numbers_are_counted(array: Any, counted: int | None) -> None:
    numbers = numbers_in(array)
    assert (None if numbers is None else numbers.size) == counted
