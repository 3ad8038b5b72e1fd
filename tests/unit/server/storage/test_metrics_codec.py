"""Arrays, objects and cells to bytes and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weft.errors import Damaged
from weft.server.storage.grid.cells import fold_points, make_grid
from weft.server.storage.metrics.encoding.chunk import decode_cells, encode_cells
from weft.server.storage.metrics.encoding.codec import (
    pack_array,
    pack_objects,
    pack_ordinals,
    unpack_array,
    unpack_objects,
    unpack_ordinals,
)

DTYPES = st.sampled_from([np.int64, np.float64, np.uint32, np.bool_])
SHAPES = st.one_of(st.integers(0, 30), st.just(300))


@given(DTYPES.flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)), st.booleans())
def test_arrays_come_back_bit_by_bit(array: np.ndarray, quick: bool) -> None:
    back = unpack_array(pack_array(array, quick=quick))
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**62), 2**62), st.integers(1, 40))
def test_sequences_come_back_also_at_the_ends_of_int64(start: int, step: int, n: int) -> None:
    with np.errstate(over="ignore"):
        array = np.array(start) + np.array(step) * np.arange(n)
    assert unpack_array(pack_array(array)).tolist() == array.tolist()


def test_zeros_of_both_signs_keep_theirs() -> None:
    array = np.array([0.0, -0.0, 0.0])
    assert np.signbit(unpack_array(pack_array(array))).tolist() == [False, True, False]


@pytest.mark.parametrize("every", [1, 3, 8, 50])
def test_ordinals_take_the_smaller_form(every: int) -> None:
    rng = np.random.default_rng(every)
    ordinals = np.flatnonzero(rng.random(20_000) < 1 / every).astype(np.uint32)
    data = pack_ordinals(ordinals, 20_000)
    assert unpack_ordinals(data).tolist() == ordinals.tolist()
    assert len(data) <= 20_000 // 8 + 30


def test_objects_come_back_compressed_or_not() -> None:
    for values in ([], ["a"], ["text " * 100, None, {"x": [1, 2.5, True]}] * 50):
        assert unpack_objects(pack_objects(values)) == values


def test_an_unknown_tag_is_corrupt() -> None:
    with pytest.raises(Damaged, match="unknown tag"):
        unpack_array(b"\x09abc")
    noise = np.random.default_rng(1).standard_normal(5000)
    with pytest.raises(Damaged, match="weft server check"):
        unpack_array(pack_array(noise)[:1000])


@pytest.mark.parametrize("fractional", [False, True])
@pytest.mark.parametrize("order", ["ascending", "shuffled", "odd"])
def test_cells_come_back_with_all_they_hold(fractional: bool, order: str) -> None:
    rng = np.random.default_rng(1)
    rows = np.arange(100, 1100)
    x = np.arange(1000) / 4 if fractional else np.arange(1000)
    if order == "shuffled":
        x = rng.permutation(x)
    values = rng.standard_normal(1000)
    if order == "odd":
        values[rng.integers(0, 1000, 90)] = np.nan
        values[500:600] = np.inf
    cells = fold_points(make_grid(x, rows, 5), values)
    back = decode_cells(encode_cells(cells, 100 if order == "ascending" else None), 5, 100)
    for name in cells.__slots__:
        np.testing.assert_array_equal(getattr(back, name), getattr(cells, name), name)
