"""Converts arrays of any library to 8-bit pixels, by one rule for images and videos. No I/O.

The order of axes and the range of values are guessed from the array as the guide's chapter on
images states (`docs/guide/media.md`). A value that does not fit is clipped, never wrapped, and
`Pixels.notes` says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from weft.libraries.optional import need
from weft.sdk.values.arrays import NoArray, numpy_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Order = Literal["HWC", "CHW"]
"""The order of an array's axes: height, width and channels, with the channels last or first."""

MODES: Final = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
"""Pillow's name of an image with so many channels."""

MAX_SIDE_PIXELS: Final = 65_500
"""Longest side of an image. JPEG and most browsers show no longer one."""

OVERSHOOT: Final = 0.05
"""The excess of floats over 0 to 1 (or -1 to 1) that still counts as that range: resampling
overshoots by a few percent, and a single such pixel must not change how all others look."""

_CHUNK_ITEMS: Final = 1 << 18
"""Items converted at a time: their float32 copies stay in the processor's cache."""

_GRID_COLUMNS: Final = 8
_GRID_GAP_PIXELS: Final = 2


@dataclass(slots=True, frozen=True)
class Pixels:
    """An image as 8-bit numbers, in one block of memory of its own.

    `data` is uint8, (height, width), or has three axes in the order of `order`. `notes` are
    changes of the data, as ends of sentences that begin with the key.
    """

    data: NDArray[Any]
    order: Order = "HWC"
    notes: list[str] = field(default_factory=list[str])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.data.shape[0 if self.order == "HWC" else 1])

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.data.shape[1 if self.order == "HWC" else 2])

    @property
    def n_channels(self) -> int:
        """1 for gray, 2 for gray with alpha, 3 for color, 4 for color with alpha."""
        if self.data.ndim == 2:
            return 1
        return int(self.data.shape[2 if self.order == "HWC" else 0])


def pixels_of(value: Any, *, normalize: bool = True) -> Pixels:
    """Convert an array to pixels.

    Args:
        value: an array of numpy, torch, JAX, TensorFlow or another library, or nested lists. Axes:
            (height, width), (height, width, channels) or (channels, height, width), with 1 to 4
            channels. Where both orders fit, torch's is channels first, all others' channels last.
            A batch of several images becomes one image, a grid with eight in a row.
        normalize: whether to scale floats to 0 to 255: floats of 0 to 1 by 255, of -1 to 1 by
            127.5 after adding 1. Others are clipped to 0 to 255, as are ints. Bools become 0 and
            255.

    Raises:
        ValueError: the shape is not an image's.
        TypeError: the values are not real numbers.

    >>> import numpy as np
    >>> pixels_of(np.array([[0.0, 0.5, 1.0]])).data
    array([[  0, 127, 255]], dtype=uint8)
    >>> pixels = pixels_of(np.array([[300, -5, 7]]))
    >>> pixels.data.tolist(), pixels.notes
    ([[255, 0, 7]], ['has values from -5 to 300; those outside 0 to 255 were clipped'])
    """
    array = numbers_of(value, "an image")
    array, order = _with_image_axes(array, "CHW" if is_torch(value) else "HWC")
    notes: list[str] = []
    return Pixels(to_bytes(array, notes, normalize=normalize), order, notes)


def is_torch(value: Any) -> bool:
    """Whether a value is a tensor of torch, or of a subclass."""
    return any(kind.__module__.partition(".")[0] == "torch" for kind in type(value).__mro__)


def order_of(shape: tuple[int, ...], usual: Order) -> Order | None:
    """Return the order of the last three axes, whose first or last one has the channels, or
    `usual` if both may have. None if neither has 1 to 4.

    >>> order_of((3, 40, 50), "HWC"), order_of((3, 40, 3), "HWC"), order_of((40, 50, 60), "HWC")
    ('CHW', 'HWC', None)
    """
    fitting: dict[Order, bool] = {"HWC": shape[-1] in MODES, "CHW": shape[-3] in MODES}
    if fitting[usual]:
        return usual
    other: Order = "CHW" if usual == "HWC" else "HWC"
    return other if fitting[other] else None


def numbers_of(value: Any, product: str) -> NDArray[Any]:
    """Return an array of any library, or nested lists, as an array of real numbers; TypeError for
    others. `product` is the thing to be made of it, such as "an image", for errors.
    """
    need("numpy", product)
    import numpy as np

    if value is None:
        raise TypeError(f"{product} can't be made of None")
    try:
        array = numpy_of(value) if hasattr(value, "shape") else np.asarray(value)
    except (NoArray, ValueError) as error:
        raise TypeError(f"{product} can't be made of {type(value).__name__}: {error}") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{product} can't be made of values of type {array.dtype}")
    return array


def _with_image_axes(array: NDArray[Any], usual: Order) -> tuple[NDArray[Any], Order]:
    shape = array.shape
    while array.ndim > 3 and array.shape[0] == 1:
        array = array[0]
    if array.size == 0 or array.ndim not in {2, 3, 4}:
        raise _wrong_shape(shape)
    if array.ndim == 4:
        first, order = _with_image_axes(array[0], usual)
        if first.ndim == 3 and first.shape != array[0].shape:
            raise _wrong_shape(shape)
        return _grid_of(array, order), order
    if array.ndim == 2:
        order: Order | None = "HWC"
        height, width = array.shape
    else:
        order = order_of(array.shape, usual)
        if order is None:
            raise _wrong_shape(shape)
        height, width = array.shape[:2] if order == "HWC" else array.shape[1:]
    if max(height, width) > MAX_SIDE_PIXELS:
        raise ValueError(
            f"an image of {width}×{height} pixels is too large: the limit is {MAX_SIDE_PIXELS} "
            "on each side"
        )
    return array, order  # pyrefly: ignore[bad-return]


def _wrong_shape(shape: tuple[int, ...]) -> ValueError:
    return ValueError(
        f"an array of shape {shape} is not an image: expected (height, width), (height, width, "
        "channels) or (channels, height, width) with 1 to 4 channels, or a batch of these"
    )


def _grid_of(batch: NDArray[Any], order: Order) -> NDArray[Any]:
    """Put the images of a batch next to each other, eight in a row, on black."""
    import numpy as np

    n_images = len(batch)
    columns = min(n_images, _GRID_COLUMNS)
    rows = -(-n_images // columns)
    first = 0 if order == "HWC" else 1
    height, width = batch.shape[1:][first : first + 2]
    step_down, step_right = height + _GRID_GAP_PIXELS, width + _GRID_GAP_PIXELS
    size = [*batch.shape[1:]]
    size[first : first + 2] = [
        rows * step_down + _GRID_GAP_PIXELS,
        columns * step_right + _GRID_GAP_PIXELS,
    ]
    low = batch.min() if batch.dtype.kind == "f" else 0
    grid = np.full(size, min(low, 0), dtype=batch.dtype)
    for nth, image in enumerate(batch):
        top = nth // columns * step_down + _GRID_GAP_PIXELS
        left = nth % columns * step_right + _GRID_GAP_PIXELS
        tile = (slice(None),) * first + (slice(top, top + height), slice(left, left + width))
        grid[tile] = image
    return grid


def to_bytes(array: NDArray[Any], notes: list[str], *, normalize: bool = True) -> NDArray[Any]:
    """Convert values to contiguous uint8; always a copy, since the script may reuse its array.

    `notes` gets what was changed; `normalize`: see `pixels_of`.
    """
    import numpy as np

    kind = array.dtype.kind
    if kind == "b":
        return np.multiply(array, 255, dtype=np.uint8, order="C")
    if array.dtype == np.uint8:
        return np.array(array, order="C")
    if kind in "iu":
        low, high = int(array.min()), int(array.max())
        if low < 0 or high > 255:
            notes.append(f"has values from {low} to {high}; those outside 0 to 255 were clipped")
        return array.clip(0, 255).astype(np.uint8, order="C")
    return _floats_to_bytes(np.ascontiguousarray(array), normalize, notes)


def _floats_to_bytes(array: NDArray[Any], normalize: bool, notes: list[str]) -> NDArray[Any]:
    import numpy as np

    flat = array.ravel()
    low, high, n_nan = _range_of(flat)
    scale, shift = 1.0, 0.0
    if normalize and high <= 1 + OVERSHOOT and low >= -OVERSHOOT:
        scale = 255.0
    elif normalize and high <= 1 + OVERSHOOT and low >= -1 - OVERSHOOT:
        scale, shift = 127.5, 127.5
    elif low < 0 or high > 255:
        notes.append(
            f"has values from {low:.4g} to {high:.4g}; those outside 0 to 255 were clipped"
        )
    if n_nan:
        notes.append(f"has {n_nan:,} NaN values, which are drawn as 0")
    converted = np.empty(flat.size, np.uint8)
    room = np.empty(min(flat.size, _CHUNK_ITEMS), np.float32)
    for start in range(0, flat.size, _CHUNK_ITEMS):
        stop = min(start + _CHUNK_ITEMS, flat.size)
        part = room[: stop - start]
        np.multiply(flat[start:stop], scale, out=part, casting="same_kind")
        if shift:
            part += shift
        if n_nan:
            np.nan_to_num(part, copy=False, posinf=255.0, neginf=0.0)
        np.maximum(part, 0, out=part)
        np.minimum(part, 255, out=part)
        np.copyto(converted[start:stop], part, casting="unsafe")
    shaped: NDArray[Any] = cast("Any", converted).reshape(array.shape)
    return shaped


def _range_of(flat: NDArray[Any]) -> tuple[float, float, int]:
    """Return the least and the largest number, and how many are NaN."""
    import numpy as np

    low, high = float(flat.min()), float(flat.max())
    if low == low:  # NaN would have come through
        return low, high, 0
    n_nan = int(np.count_nonzero(np.isnan(flat)))
    if n_nan == flat.size:
        return 0.0, 0.0, n_nan
    return float(np.nanmin(flat)), float(np.nanmax(flat)), n_nan
