"""Large arrays become histograms, whatever they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from weft.sdk.values.histogram import N_BINS, histogram_of

LARGEST = float(np.finfo(np.float64).max)


def n_in(histogram: dict[str, Any]) -> int:
    """All values that the histogram knows of."""
    others = sum(histogram.get(name, 0) for name in ("nan", "pos_inf", "neg_inf"))
    return sum(histogram["values"]) + others


@pytest.mark.parametrize(
    "array",
    [
        np.random.default_rng(0).standard_normal(1000),
        np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32),
        np.arange(-128, 128).astype(np.int8),
        np.arange(100.0).reshape(10, 10).T[::3],
        np.full(40, 7.0),
    ],
)
def test_counts_and_edges_are_numpy_s(array: Any) -> None:
    counts, edges = np.histogram(array.astype(np.float64), bins=N_BINS)
    histogram = histogram_of(array)
    assert histogram == {"_type": "histogram", "bins": edges.tolist(), "values": counts.tolist()}
    assert {*map(type, histogram["values"])} == {int}
    assert {*map(type, histogram["bins"])} == {float}


def test_what_is_not_finite_is_counted_beside_the_bins() -> None:
    histogram = histogram_of(np.array([1.0, 2.0, np.inf, np.inf, -np.inf, np.nan] * 10))
    assert (histogram["nan"], histogram["pos_inf"], histogram["neg_inf"]) == (10, 20, 10)
    assert (histogram["bins"][0], histogram["bins"][-1]) == (1.0, 2.0)
    assert sum(histogram["values"]) == 20
    assert "neg_inf" not in histogram_of(np.array([1.0, np.nan] * 20))


def test_without_any_finite_value_the_bins_are_empty() -> None:
    histogram = histogram_of(np.full(50, np.nan))
    assert histogram["nan"] == 50
    assert histogram["values"] == [0] * N_BINS
    assert (histogram["bins"][0], histogram["bins"][-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    "array",
    [
        np.array([True, False] * 20),
        np.array([65504, -65504] * 20, np.float16),
        np.array([2**63 - 1, -(2**63)] * 20),
        np.array([2**64 - 1, 0] * 20, np.uint64),
        np.array([LARGEST, -LARGEST] * 20),
        np.array([1, np.longdouble("1e4000")] * 20, np.longdouble),
        np.array([0, 5e-324] * 20),
    ],
)
def test_the_ends_of_a_type_s_range_lie_in_the_outer_bins(array: Any) -> None:
    histogram = histogram_of(array)
    assert n_in(histogram) == array.size
    assert all(np.isfinite(histogram["bins"]))
    if histogram["bins"][0] == float(array.min()):
        assert (histogram["values"][0], histogram["values"][-1]) == (20, 20)


@given(
    arrays_of.arrays(
        st.one_of(
            arrays_of.floating_dtypes(endianness="="),
            arrays_of.integer_dtypes(),
            arrays_of.boolean_dtypes(),
        ),
        arrays_of.array_shapes(min_dims=1, max_dims=3, max_side=5),
    )
)
def test_every_value_is_in_exactly_one_bin(array: Any) -> None:
    histogram = histogram_of(array)
    assert n_in(histogram) == array.size
    assert len(histogram["bins"]) == len(histogram["values"]) + 1 == N_BINS + 1
    assert histogram["bins"] == sorted(histogram["bins"])
    finite = array[np.isfinite(array)]
    if finite.size:
        assert histogram["bins"][0] <= float(finite.min())
        assert float(finite.max()) <= histogram["bins"][-1]
