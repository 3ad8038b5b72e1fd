"""PNG files of ours hold exactly the pixels that went in, as Pillow reads them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import PIL.Image
import pytest

from weft.sync.files.encoders import png
from weft.sync.files.encoders.png import CHANNELS, write_png

SHAPES = ((1, 1), (1, 7), (7, 1), (33, 20), (3, 300_000), (1500, 700))
"""The last two are filtered in several bands: one row each, and many rows each."""


def read_back(pixels: Any, mode: str, order: str) -> Any:
    height, width, n_channels = pixels.shape
    ordered = pixels.transpose(2, 0, 1) if order == "CHW" else pixels
    payload = memoryview(np.ascontiguousarray(ordered)).cast("B")
    file = BytesIO()
    write_png(payload, width, height, mode, file, order=order)
    payload.release()  # no view of it is left
    with PIL.Image.open(file) as image:
        assert (image.mode, image.size) == (mode, (width, height))
        return np.asarray(image).reshape(height, width, n_channels)


@pytest.fixture(params=["isal", "zlib"], autouse=True)
def packer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that packs the files: the fast one, and the fallback of other platforms."""
    assert png.isal_zlib is not None
    if request.param == "zlib":
        monkeypatch.setattr(png, "isal_zlib", None)


@pytest.mark.parametrize("order", ["HWC", "CHW"])
@pytest.mark.parametrize("mode", CHANNELS)
def test_pixels_come_back_as_they_were(mode: str, order: str) -> None:
    rng = np.random.default_rng(0)
    for height, width in SHAPES:
        noise = rng.integers(0, 256, (height, width, CHANNELS[mode]), np.uint8)
        flat = np.full_like(noise, 255)
        flat[height // 2 :] = 0  # differences of -255 and 255 wrap
        half = noise.copy()
        half[height // 2 :] = half[:1]  # the first rows get one filter, the last ones the other
        for pixels in (noise, flat, half):
            assert np.array_equal(read_back(pixels, mode, order), pixels)


def test_rows_like_the_row_above_and_columns_like_the_column_before_are_small() -> None:
    line = np.random.default_rng(0).integers(0, 256, 256, np.uint8)
    for pixels in (np.tile(line, (256, 1)), np.tile(line[:, None], (1, 256))):
        file = BytesIO()
        write_png(memoryview(pixels).cast("B"), 256, 256, "L", file)
        assert len(file.getvalue()) < pixels.size / 20
