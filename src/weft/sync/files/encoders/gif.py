"""Encodes raw frames as an animated GIF, by Pillow. Runs in the file worker."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, BinaryIO, Final

from weft.libraries.optional import needed
from weft.sync.files.encoders.raw_frames import FrameLayout, layout_of

_MODES: Final = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write a GIF that repeats forever, of 8-bit frames as `FrameLayout` says.

    Colors are reduced to 256 a frame; grays stay exact.

    >>> from io import BytesIO
    >>> import PIL.Image
    >>> options = {"width": 2, "height": 1, "channels": 1, "order": "HWC", "fps": 4.0}
    >>> file = BytesIO()
    >>> encode(memoryview(bytes([0, 9, 9, 0])), options, file)
    >>> PIL.Image.open(file).n_frames
    2
    """
    layout = layout_of(options)
    frames = layout.split(payload)
    images = _images(layout, frames)
    next(images).save(
        file,
        "GIF",
        save_all=True,
        append_images=images,
        duration=durations_of(len(frames), layout.fps),
        loop=0,
    )


def durations_of(n_frames: int, fps: float) -> list[int]:
    """Return how long each frame is shown, in ms. A GIF counts hundredths of a second.

    The frames take turns in being longer, so that the sum is right to a hundredth.

    >>> durations_of(6, 30)
    [30, 40, 30, 30, 40, 30]
    """
    ends = [round(100 * nth / fps) for nth in range(n_frames + 1)]
    return [10 * (end - start) for start, end in pairwise(ends)]


def _images(layout: FrameLayout, frames: list[memoryview]) -> Iterator[Any]:
    """Yield the frames one by one: all of them as images would take the memory twice."""
    pillow = needed("PIL.Image", "a GIF")
    size, n_plane = (layout.width, layout.height), layout.width * layout.height
    mode = _MODES[layout.channels]
    opaque = "L" if layout.channels <= 2 else "RGB"
    for frame in frames:
        if layout.order == "CHW" and layout.channels > 1:
            planes = [
                pillow.frombytes("L", size, bytes(frame[at : at + n_plane]))
                for at in range(0, len(frame), n_plane)
            ]
            image = pillow.merge(mode, planes)
        else:
            image = pillow.frombytes(mode, size, bytes(frame))
        yield image if mode == opaque else image.convert(opaque)
