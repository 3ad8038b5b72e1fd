"""The image encoder: the pixels that go in come out of the file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask
from weft.sync.files.encoders.image import encode


def encoded(image: Image) -> PIL.Image.Image:
    payload = image.payloads()[""]
    file = BytesIO()
    encode(memoryview(payload.buffers[0]).cast("B"), payload.options, file)
    return PIL.Image.open(file)


SIDES = st.integers(1, 9)
LOSSLESS = st.sampled_from(["png", "webp"])


@given(st.data(), SIDES, SIDES, st.sampled_from([1, 3, 4]), LOSSLESS)
def test_pixels_come_out_as_they_went_in(
    data: st.DataObject, height: int, width: int, n_channels: int, kind: str
) -> None:
    pixels = data.draw(arrays.arrays(np.uint8, (height, width, n_channels)))
    if n_channels == 4 and kind == "webp":
        pixels[:, :, 3] = 255  # WebP drops the color of what is transparent
    opened = encoded(Image(pixels, file_type=kind))
    assert opened.size == (width, height)
    pixels_back = np.asarray(opened.convert({1: "L", 3: "RGB", 4: "RGBA"}[n_channels]))
    assert (pixels_back.reshape(height, width, -1) == pixels).all()


@given(st.data(), SIDES, st.integers(5, 9), st.sampled_from([3, 4]))
def test_channels_may_come_first(
    data: st.DataObject, height: int, width: int, n_channels: int
) -> None:
    pixels = data.draw(arrays.arrays(np.uint8, (n_channels, height, width)))
    pixels_back = np.asarray(encoded(Image(pixels)))
    assert (pixels_back == pixels.transpose(1, 2, 0)).all()


@given(arrays.arrays(np.uint16, arrays.array_shapes(min_dims=2, max_dims=2)))
def test_class_ids_of_masks_come_out_as_they_went_in(ids: Any) -> None:
    payload = ImageMask({"mask_data": ids}, "k").payload()
    file = BytesIO()
    encode(memoryview(payload.buffers[0]).cast("B"), payload.options, file)
    assert (np.asarray(PIL.Image.open(file)) == ids).all()


@pytest.mark.parametrize("kind", ["png", "jpg", "bmp", "webp"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_each_mode_in_each_format(mode: str, kind: str) -> None:
    opened = encoded(Image(PIL.Image.new(mode, (5, 4)), file_type=kind))
    assert (opened.size, opened.format) == ((5, 4), kind.upper().replace("JPG", "JPEG"))


def test_an_image_is_converted() -> None:
    assert encoded(Image(np.zeros((4, 5, 3), np.uint8), mode="L")).mode == "L"


def test_a_payload_of_another_size_is_refused() -> None:
    options = {"width": 2, "height": 2, "mode": "RGB", "format": "png"}
    with pytest.raises(ValueError, match="11 bytes of pixels where 12 are expected"):
        encode(memoryview(bytes(11)), options, BytesIO())
