"""`weft.sdk.media.pixels`: the rules for axes and values of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weft.sdk.media.pixels import pixels_of


@pytest.mark.parametrize(
    ("shape", "width", "height", "n_channels", "order"),
    [
        ((4, 5), 5, 4, 1, "HWC"),
        ((4, 5, 1), 5, 4, 1, "HWC"),
        ((4, 5, 2), 5, 4, 2, "HWC"),
        ((4, 5, 3), 5, 4, 3, "HWC"),
        ((4, 5, 4), 5, 4, 4, "HWC"),
        ((3, 4, 5), 5, 4, 3, "CHW"),
        ((1, 6, 5), 5, 6, 1, "CHW"),
        ((1, 4, 5, 3), 5, 4, 3, "HWC"),
        ((1, 5, 3), 5, 1, 3, "HWC"),
        ((5, 1, 3), 1, 5, 3, "HWC"),
        ((3, 4, 3), 4, 3, 3, "HWC"),
    ],
)
def test_axes_of_arrays(
    shape: tuple[int, ...], width: int, height: int, n_channels: int, order: str
) -> None:
    pixels = pixels_of(np.zeros(shape, np.uint8))
    assert (pixels.width, pixels.height, pixels.n_channels) == (width, height, n_channels)
    assert pixels.order == order


@pytest.mark.parametrize("shape", [(), (5,), (5, 6, 7), (0, 5), (2, 5, 6, 7), (2, 1, 1, 2, 3, 3)])
def test_other_shapes_are_refused_with_the_expected_ones(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(height, width\)"):
        pixels_of(np.zeros(shape))


def test_an_image_that_no_browser_shows_is_refused() -> None:
    with pytest.raises(ValueError, match="70000×1 pixels is too large: the limit is 65500"):
        pixels_of(np.zeros((1, 70_000)))


def test_a_batch_is_a_grid_of_eight_in_a_row() -> None:
    batch = np.stack([np.full((4, 6, 3), nth + 1, np.uint8) for nth in range(10)])
    pixels = pixels_of(batch)
    assert (pixels.width, pixels.height) == (8 * (6 + 2) + 2, 2 * (4 + 2) + 2)
    assert pixels.data[2, 2].tolist() == [1, 1, 1]
    assert pixels.data[2, 2 + 8].tolist() == [2, 2, 2]
    assert pixels.data[2 + 6, 2].tolist() == [9, 9, 9]
    assert pixels.data[0, 0].tolist() == [0, 0, 0]
    assert pixels.data[2 + 6, 2 + 3 * 8].tolist() == [0, 0, 0]  # no eleventh


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ([[0.0, 0.5, 1.0]], [0, 127, 255]),
        ([[-1.0, -0.5, 1.0]], [0, 63, 255]),
        ([[0.0, 127.9, 255.0]], [0, 127, 255]),
        ([[-1e-6, 0.5, 1.0001]], [0, 127, 255]),
        ([[False, True]], [0, 255]),
        ([[0, 1, 255]], [0, 1, 255]),
        ([[300, -5, 256]], [255, 0, 255]),
        ([[0.0, 300.0, -7.0]], [0, 255, 0]),
    ],
)
def test_values(array: Any, expected: list[int]) -> None:
    assert pixels_of(np.array(array)).data.tolist() == [expected]


def test_values_of_any_float_type_are_the_same() -> None:
    expected = [[0, 63, 255]]
    for dtype in (np.float16, np.float32, np.float64):
        assert pixels_of(np.array([[0, 0.25, 1]], dtype)).data.tolist() == expected


def test_what_does_not_fit_is_clipped_and_said() -> None:
    assert pixels_of(np.array([[300, -5]])).notes == [
        "has values from -5 to 300; those outside 0 to 255 were clipped"
    ]
    pixels = pixels_of(np.array([[0.0, np.nan, 1.0, np.nan]]))
    assert pixels.data.tolist() == [[0, 0, 255, 0]]
    assert pixels.notes == ["has 2 NaN values, which are drawn as 0"]
    assert pixels_of(np.array([[np.nan]])).data.tolist() == [[0]]
    pixels = pixels_of(np.array([[np.inf, -np.inf, 3.0]]))
    assert pixels.data.tolist() == [[255, 0, 3]]
    assert pixels.notes == ["has values from -inf to inf; those outside 0 to 255 were clipped"]


def test_floats_are_not_scaled_if_that_is_not_wanted() -> None:
    assert pixels_of(np.array([[0.0, 0.9, 200.0]]), normalize=False).data.tolist() == [[0, 0, 200]]


@pytest.mark.parametrize("array", [np.array([["a"]]), np.array([[1j]]), {"a": 1}, object()])
def test_what_is_no_number_is_refused(array: Any) -> None:
    with pytest.raises(TypeError, match="an image can't be made of"):
        pixels_of(array)


def test_the_script_may_reuse_its_array() -> None:
    array = np.zeros((4, 5), np.uint8)
    pixels = pixels_of(array)
    array[:] = 9
    assert not pixels.data.any()


SHAPES = st.sampled_from([(7, 5), (7, 5, 3), (3, 7, 5), (7, 5, 4), (7, 5, 1)])


@given(arrays.arrays(np.uint8, SHAPES), st.booleans())
def test_bytes_come_through_whatever_their_memory_is_like(array: Any, is_reversed: bool) -> None:
    array_view = array[::-1, ::-1] if is_reversed else np.asfortranarray(array)
    pixels = pixels_of(array_view)
    assert pixels.data.flags.c_contiguous
    assert (pixels.data == array_view).all()


UNIT = st.floats(-0.046875, 1.03125, width=32)  # within the overshoot


@given(arrays.arrays(np.float32, SHAPES, elements=UNIT))
def test_floats_of_the_unit_range_are_scaled_by_255(array: Any) -> None:
    expected = np.trunc((array * np.float32(255)).clip(0, 255))
    assert (pixels_of(array).data == expected).all()
