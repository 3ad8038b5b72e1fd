"""Encodes raw pixels as PNG, JPEG, BMP or WebP. Runs in the file worker.

Most PNG files are written by `png`, all others by Pillow.
"""

from __future__ import annotations

from typing import Any, BinaryIO, Final

from weft.libraries.optional import needed
from weft.sync.files.encoders.png import CHANNELS, LEVEL, STRATEGY, write_png

_JPEG_QUALITY: Final = 90
_OPAQUE: Final = frozenset({"jpg", "bmp"})
_FORMATS: Final = {"png": "PNG", "jpg": "JPEG", "bmp": "BMP", "webp": "WEBP"}
_CHANNELS: Final = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "I;16": 1}


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write an image file. MissingLibrary if that takes Pillow, or numpy, and it is not installed.

    Args:
        payload: the pixels, row by row: 8 bits per channel, or 16 (little-endian) in mode "I;16".
        options: `width`, `height`, `mode` (Pillow's), `format` (`png`, `jpg`, `bmp` or `webp`);
            optionally `order`, "CHW" if one channel follows the other, and `convert`, the mode to
            convert to.

    Raises:
        ValueError: the payload has another size than the options say.

    >>> from io import BytesIO
    >>> import PIL.Image
    >>> file = BytesIO()
    >>> options = {"width": 2, "height": 1, "mode": "RGB", "format": "png"}
    >>> encode(memoryview(bytes(6)), options, file)
    >>> PIL.Image.open(file).size
    (2, 1)
    """
    mode, size = options["mode"], (options["width"], options["height"])
    n_bytes = size[0] * size[1] * _CHANNELS[mode] * (2 if mode == "I;16" else 1)
    if len(payload) != n_bytes:
        raise ValueError(f"{len(payload)} bytes of pixels where {n_bytes} are expected")
    order = options.get("order", "HWC")
    if options["format"] == "png" and mode in CHANNELS and "convert" not in options and n_bytes:
        write_png(payload, *size, mode, file, order=order)
        return
    pillow = needed("PIL.Image", f"an image in the format {options['format']}")
    if order == "CHW" and _CHANNELS[mode] > 1:
        n_plane = size[0] * size[1]
        planes = [
            pillow.frombytes("L", size, bytes(payload[start : start + n_plane]))
            for start in range(0, n_bytes, n_plane)
        ]
        image = pillow.merge(mode, planes)
    else:
        # Bytes, as Pillow 9 takes no views of them.
        image = pillow.frombytes(mode, size, bytes(payload))
    if "convert" in options:
        image = image.convert(options["convert"])
    kind = options["format"]
    if kind in _OPAQUE and image.mode in {"LA", "RGBA", "I;16", "P"}:
        image = image.convert("L" if image.mode in {"LA", "I;16"} else "RGB")
    if kind == "png":
        image.save(file, _FORMATS[kind], compress_level=LEVEL, compress_type=STRATEGY)
    elif kind == "webp":
        image.save(file, _FORMATS[kind], lossless=True, method=0)
    elif kind == "jpg":
        image.save(file, _FORMATS[kind], quality=_JPEG_QUALITY)
    else:
        image.save(file, _FORMATS[kind])
