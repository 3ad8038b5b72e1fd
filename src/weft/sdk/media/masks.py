"""Masks drawn over an image: a class id for each pixel. No I/O but checking a given path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from weft.libraries.optional import need
from weft.sdk.media.class_labels import labels_of
from weft.sdk.media.media import Payload
from weft.sdk.values.arrays import numpy_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_CLASS_ID: Final = 65_535
"""Largest id: a PNG has at most 16 bits per pixel."""

_NO_CLASS_IDS: Final = (255, MAX_CLASS_ID)
"""Ids that are stored for negative ids if they are free."""

_KEYS: Final = ("mask_data", "path", "class_labels")


class ImageMask:
    """One layer of an `Image` that assigns a class to each pixel.

    Args:
        val: `mask_data`, an array (height, width) of class ids from 0 to 65,535, or `path`, a PNG
            file with one; and optionally `class_labels`, names by class id. Negative ids mean "no
            class", by custom (-1, -100): they are stored as an id that no class has, `no_class`.
        key: the layer's name.

    Raises:
        TypeError: the array has another shape, or values that are no class ids. The message names
            the layer.
        FileNotFoundError: there is no file at `path`.

    Attributes:
        class_labels: names by class id.
        class_ids: the ids of the array.
        no_class: the id that is stored for negative ids. None if there are none.
        notes: changes of the data, as ends of sentences that begin with the key.

    >>> import numpy as np
    >>> layer = ImageMask({"mask_data": np.array([[0, 1]]), "class_labels": {1: "cat"}}, "truth")
    >>> layer.class_labels, layer.size
    ({1: 'cat'}, (2, 1))
    """

    def __init__(self, val: Mapping[str, Any], key: str) -> None:
        where = f"mask {key!r}"
        self.key = key
        self.notes: list[str] = [
            f"has the unknown key {name!r} in {where}; it is left out: a mask has "
            f"{', '.join(_KEYS)}"
            for name in val
            if name not in _KEYS
        ]
        self._data: NDArray[Any] | None = None
        self._source: Path | None = None
        self.class_ids: list[int] = []
        self.no_class: int | None = None
        labels = val.get("class_labels") or None  # without names, all classes get one
        self.class_labels = {} if labels is None else labels_of(labels, f"{where}, class_labels")
        if val.get("mask_data") is not None:
            self._data = self._ids_of(val["mask_data"], where)
        elif val.get("path") is not None:
            self._source = Path(os.path.abspath(val["path"]))  # noqa: PTH100
            if not self._source.is_file():
                raise FileNotFoundError(f"{where}: no such file: {self._source}")
        else:
            raise TypeError(f"{where}: mask_data (an array of class ids) or path is missing")
        if labels is None:
            self.class_labels = {number: f"class_{number}" for number in self.class_ids}

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

    def _ids_of(self, mask_data: Any, where: str) -> NDArray[Any]:
        need("numpy", "a mask")
        import numpy as np

        array = numpy_of(mask_data) if hasattr(mask_data, "shape") else np.asarray(mask_data)
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
                raise TypeError(f"{where}: {n_nan:,} values are not finite, so no class ids")
            whole = np.trunc(array)
            if bool((whole != array).any()):
                self.notes.append(f"has fractions in {where}, which were cut: class ids are ints")
            array = whole
        low, high = int(array.min()), int(array.max())
        if high > MAX_CLASS_ID:
            raise TypeError(f"{where}: the largest class id is {MAX_CLASS_ID}, not {high}")
        if low >= 0:
            ids = np.array(array, _dtype_for(high), order="C")
            self.class_ids = _distinct(ids)
            return ids
        is_none = array < 0
        self.class_ids = _distinct(array[~is_none].astype(_dtype_for(max(high, 0))))
        self.no_class = _free_id({*self.class_ids, *self.class_labels})
        nearest = int(array[is_none].max())
        if low != nearest:
            self.notes.append(
                f"has ids from {low} to {nearest} in {where}; negative ids mean 'no class' and "
                "are not drawn"
            )
        return np.where(is_none, self.no_class, array).astype(
            _dtype_for(max(high, self.no_class)), order="C"
        )


def _dtype_for(highest: int) -> Any:
    import numpy as np

    return np.dtype(np.uint8 if highest <= 255 else "<u2")


def _free_id(used: set[int]) -> int:
    if not used:
        return 0  # which is not drawn where there are no names
    ids = (*_NO_CLASS_IDS, *range(MAX_CLASS_ID - 1, -1, -1))
    return next((number for number in ids if number not in used), MAX_CLASS_ID)


def _distinct(ids: NDArray[Any]) -> list[int]:
    """Return the ids in an array of uint8 or uint16, sorted."""
    import numpy as np

    flat: Any = ids.ravel()
    if flat.itemsize == 2 or flat.size < 2:
        return [int(number) for number in np.flatnonzero(np.bincount(flat))]
    # Two bytes at a time: half the time.
    n_even = flat.size - flat.size % 2
    counts: Any = np.bincount(flat[:n_even].view("<u2"), minlength=1 << 16)
    pairs = counts.reshape(256, 256)
    has = pairs.any(axis=0) | pairs.any(axis=1)
    has[flat[-1]] = True
    return [int(number) for number in np.flatnonzero(has)]
