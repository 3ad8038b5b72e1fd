"""Masks drawn over an image: a class id for each pixel. No I/O but checking a given path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from weft.sdk.media.class_labels import labels_of
from weft.sdk.media.media import Payload
from weft.sdk.values.arrays import numpy_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

IGNORED: Final = 255
"""The id that is stored for negative ids, which mean "no class" by custom (-1, -100)."""

MAX_CLASS_ID: Final = 65_535
"""Largest id: a PNG has at most 16 bits per pixel."""


class ImageMask:
    """One layer of an `Image` that assigns a class to each pixel.

    Args:
        val: `mask_data`, an array (height, width) of class ids from 0 to 65,535, or `path`, a PNG
            file with one; and optionally `class_labels`, names by class id. Negative ids mean "no
            class".
        key: the layer's name.

    Raises:
        TypeError, ValueError: the array has another shape, or values that are no class ids. The
            message names the layer.
        FileNotFoundError: there is no file at `path`.

    >>> import numpy as np
    >>> layer = ImageMask({"mask_data": np.array([[0, 1]]), "class_labels": {1: "cat"}}, "truth")
    >>> layer.class_labels, layer.size
    ({1: 'cat'}, (2, 1))
    """

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        where = f"mask {key!r}"
        self._key = key
        self.notes: list[str] = []
        self._data: NDArray[Any] | None = None
        self._source: Path | None = None
        ids: list[int] = []
        if val.get("mask_data") is not None:
            self._data = self._ids_of(val["mask_data"], where)
            ids = _distinct(self._data)
        elif val.get("path") is not None:
            self._source = Path(os.path.abspath(val["path"]))  # noqa: PTH100
            if not self._source.is_file():
                raise FileNotFoundError(f"{where}: no such file: {self._source}")
        else:
            raise TypeError(f"{where}: mask_data (an array of class ids) or path is missing")
        labels = val.get("class_labels")
        if labels is None:
            self.class_labels = {number: f"class_{number}" for number in ids}
        else:
            self.class_labels = labels_of(labels, f"{where}, class_labels")

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels. None for a file."""
        return None if self._data is None else (self._data.shape[1], self._data.shape[0])

    def payload(self) -> Payload:
        """Return the file of the layer, a gray PNG of 8 or 16 bits whose values are the ids."""
        if self._data is None:
            return Payload("images/mask", ".mask.png", "bytes", source=self._source)
        height, width = self._data.shape
        options = {
            "width": width,
            "height": height,
            "mode": "L" if self._data.itemsize == 1 else "I;16",
            "format": "png",
        }
        return Payload("images/mask", ".mask.png", "image", options, [self._data])

    def _ids_of(self, given: Any, where: str) -> NDArray[Any]:
        import numpy as np

        array = numpy_of(given) if hasattr(given, "shape") else np.asarray(given)
        if array.ndim == 3 and 1 in {array.shape[0], array.shape[2]}:
            array = array[0] if array.shape[0] == 1 else array[:, :, 0]
        if array.ndim != 2 or not array.size:
            raise TypeError(
                f"{where}: mask_data must have the shape (height, width), not {array.shape}"
            )
        if array.dtype.kind not in "biuf":
            raise TypeError(f"{where}: mask_data must be class ids, not values of {array.dtype}")
        if array.dtype.kind == "f":
            n_nan = int(np.count_nonzero(~np.isfinite(array)))
            if n_nan:
                raise ValueError(f"{where}: {n_nan:,} values are not finite, so no class ids")
            whole = np.trunc(array)
            if bool((whole != array).any()):
                self.notes.append(f"has fractions in {where}, which were cut: class ids are ints")
            array = whole
        low, high = int(array.min()), int(array.max())
        if high > MAX_CLASS_ID:
            raise ValueError(f"{where}: the largest class id is {MAX_CLASS_ID}, not {high}")
        if low < 0:
            array = np.where(array < 0, IGNORED, array)
        return np.array(array, np.uint8 if high <= 255 else np.dtype("<u2"), order="C")


def _distinct(ids: NDArray[Any]) -> list[int]:
    import numpy as np

    counts = np.bincount(ids.ravel())
    return [int(number) for number in np.flatnonzero(counts)]
