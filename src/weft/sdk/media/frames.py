"""Converts arrays of any library to the frames of a video, as 8-bit pixels. No I/O.

The values are converted by the rule of images, with one range for all frames. The guide's chapter
on videos states the order of axes (`docs/guide/media.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from weft.libraries.optional import need
from weft.sdk.media.pixels import MAX_SIDE_PIXELS, Order, is_torch, numbers_of, order_of, to_bytes
from weft.sdk.values.arrays import numpy_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WHAT = "a video"


@dataclass(slots=True, frozen=True)
class Frames:
    """The frames of a video, in one block of memory of its own.

    `data` is uint8, (frames, height, width, channels) or (frames, channels, height, width) as
    `order` says.
    """

    data: NDArray[Any]
    order: Order

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return int(self.data.shape[0])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.data.shape[1 if self.order == "HWC" else 2])

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.data.shape[2 if self.order == "HWC" else 3])

    @property
    def n_channels(self) -> int:
        """1 for gray, 2 for gray with alpha, 3 for color, 4 for color with alpha."""
        return int(self.data.shape[3 if self.order == "HWC" else 1])


def frames_of(value: Any, notes: list[str]) -> Frames:
    """Convert an array to frames.

    Args:
        value: an array of any library. Axes: (frames, channels, height, width) or (frames,
            height, width, channels), with 1 to 4 channels; where both fit, the channels are
            first. With one more axis in front, it is a batch of videos, which become one: a grid
            whose free places are black. Or a list of frames: Pillow's images, or arrays, for which
            the rule of images holds: where both orders fit, only torch's has the channels first.
        notes: gets what was changed, as ends of sentences that begin with the key.

    Raises:
        ValueError: the shape is not a video's.
        TypeError: the values are not real numbers.

    >>> import numpy as np
    >>> frames = frames_of(np.zeros((7, 3, 4, 5)), [])
    >>> frames.n_frames, frames.width, frames.height, frames.order
    (7, 5, 4, 'CHW')
    >>> frames_of(np.zeros((3, 7, 1, 4, 5)), []).data.shape
    (7, 1, 4, 20)
    """
    usual: Order = "CHW"
    if isinstance(value, (list, tuple)):
        listed = cast("Sequence[Any]", value)
        usual = "CHW" if listed and is_torch(listed[0]) else "HWC"
        value = _stacked(listed)
    array = numbers_of(value, _WHAT)
    shape = array.shape
    if array.ndim not in {4, 5} or array.size == 0:
        raise _wrong_shape(shape)
    order = order_of(array.shape, usual)
    if order is None:
        raise _wrong_shape(shape)
    frames = Frames(to_bytes(array if array.ndim == 4 else _tiled(array, order), notes), order)
    if max(frames.width, frames.height) > MAX_SIDE_PIXELS:
        raise ValueError(
            f"a video of {frames.width}×{frames.height} pixels is too large: the limit is "
            f"{MAX_SIDE_PIXELS} on each side"
        )
    return frames


def _wrong_shape(shape: tuple[int, ...]) -> ValueError:
    return ValueError(
        f"an array of shape {shape} is not a video: expected (frames, channels, height, width) or "
        "(frames, height, width, channels) with 1 to 4 channels, or a batch of these"
    )


def _stacked(frames: Sequence[Any]) -> NDArray[Any]:
    """Make one array of a list of frames: arrays of the same shape, or Pillow's images."""
    need("numpy", "a video of frames")
    import numpy as np

    arrays: list[NDArray[Any]] = []
    for frame in frames:
        if hasattr(frame, "getbands"):
            arrays.append(
                np.asarray(frame if frame.mode in {"L", "RGB"} else frame.convert("RGB"))
            )
        else:
            arrays.append(numpy_of(frame) if hasattr(frame, "shape") else np.asarray(frame))
    shapes = {array.shape for array in arrays}
    if len(shapes) != 1:
        raise ValueError(
            "the frames of a video have one shape, not "
            + (", ".join(map(str, sorted(shapes))) if shapes else "none: the list is empty")
        )
    array = np.stack(arrays)
    return array[..., None] if array.ndim == 3 else array  # gray frames


def _tiled(batch: NDArray[Any], order: Order) -> NDArray[Any]:
    """Put the videos of a batch next to each other, in W&B's layout."""
    import numpy as np

    n_videos = len(batch)
    rows = 1 << (n_videos.bit_length() - 1) // 2
    columns = (1 << (n_videos - 1).bit_length()) // rows
    down, right = (1, 2) if order == "HWC" else (2, 3)
    size = [*batch.shape[1:]]
    height, width = size[down], size[right]
    size[down], size[right] = rows * height, columns * width
    grid = np.full(size, min(float(batch.min()), 0) if batch.dtype.kind == "f" else 0, batch.dtype)
    for nth, video in enumerate(batch):
        tile = [slice(None)] * 4
        tile[down] = slice(nth // columns * height, (nth // columns + 1) * height)
        tile[right] = slice(nth % columns * width, (nth % columns + 1) * width)
        grid[tuple(tile)] = video
    return grid
