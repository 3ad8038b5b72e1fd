"""Images of Pillow, made of the payloads of images. Reads given files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from weft.libraries.optional import needed
from weft.sdk.media.media import Payload


def pillow_image(payload: Payload) -> Any:
    """The image of a payload: pixels, or the bytes or the path of a file of any format."""
    pillow = needed("PIL.Image", "the image of a logged picture")
    if payload.source is not None:
        with pillow.open(payload.source) as image:
            image.load()
            return image
    content = b"".join(bytes(memoryview(buffer).cast("B")) for buffer in payload.buffers)
    if payload.encoder == "bytes":
        with pillow.open(BytesIO(content)) as image:
            image.load()
            return image
    options = payload.options
    if options.get("order", "HWC") != "HWC":
        import numpy as np

        flat: Any = np.frombuffer(content, np.uint8)
        planes = flat.reshape(-1, options["height"], options["width"])
        content = planes.transpose(1, 2, 0).tobytes()
    image = pillow.frombytes(options["mode"], (options["width"], options["height"]), content)
    return image.convert(options["convert"]) if "convert" in options else image
