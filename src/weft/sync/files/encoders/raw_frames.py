"""Splits the payload of a video into frames, and checks its size. No I/O."""

from __future__ import annotations

from typing import Any

import msgspec


class FrameLayout(msgspec.Struct, frozen=True):
    """The layout of the frames of a payload.

    Attributes:
        channels: 1 for gray, 2 for gray with alpha, 3 for color, 4 for color with alpha.
        order: "CHW" if one channel follows the other, "HWC" if they alternate.
        format: the format to make. None if the encoder makes only one.

    >>> layout = FrameLayout(2, 1, 3, "HWC", 4.0)
    >>> [bytes(frame) for frame in layout.split(memoryview(b"abcdefABCDEF"))]
    [b'abcdef', b'ABCDEF']
    """

    width: int
    height: int
    channels: int
    order: str
    fps: float
    format: str | None = None

    def split(self, payload: memoryview) -> list[memoryview]:
        """Return the frames; ValueError if there is no whole number of them, or none."""
        n_bytes = self.width * self.height * self.channels
        if not payload or len(payload) % n_bytes:
            raise ValueError(
                f"{len(payload)} bytes of pixels are not frames of {n_bytes} bytes each"
            )
        return [payload[at : at + n_bytes] for at in range(0, len(payload), n_bytes)]


def layout_of(options: dict[str, Any]) -> FrameLayout:
    """Read the options of a job."""
    return msgspec.convert(options, FrameLayout)
