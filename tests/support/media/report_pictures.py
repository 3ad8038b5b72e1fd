"""Pictures to put into reports, as bytes."""

from __future__ import annotations

import io

from PIL import Image


def picture(color: str = "red", *, file_format: str = "PNG", width: int = 120) -> bytes:
    """An image of one color; each color and width has a content of its own."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, 80), color).save(buffer, file_format)
    return buffer.getvalue()
