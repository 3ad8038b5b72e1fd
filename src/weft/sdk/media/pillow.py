"""Images of Pillow, made of the payloads of images. Reads given files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from weft.sdk.media.media import Payload


def pillow_image(payload: Payload) -> Any:
    """The image of a payload: pixels, or the bytes or the path of a file of any format.

    Raises:
        OSError: the file is gone.
    """
    import PIL.Image

    pillow: Any = PIL.Image
    if payload.source is not None:
        with pillow.open(payload.source) as found:
            found.load()
            return found
    content = b"".join(bytes(memoryview(buffer).cast("B")) for buffer in payload.buffers)
    if payload.encoder == "bytes":
        with pillow.open(BytesIO(content)) as found:
            found.load()
            return found
    options = payload.options
    if options.get("order", "HWC") != "HWC":
        import numpy as np

        flat: Any = np.frombuffer(content, np.uint8)
        planes = flat.reshape(-1, options["height"], options["width"])
        content = planes.transpose(1, 2, 0).tobytes()
    found = pillow.frombytes(options["mode"], (options["width"], options["height"]), content)
    return found.convert(options["convert"]) if "convert" in options else found
