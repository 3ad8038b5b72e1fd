"""Types and sizes of images, read from their bytes without decoding them. Pure.

Decoders of images have had holes, so the server leaves decoding to browsers. Here the parts of a
file are followed to its end, so that one that was cut off is refused.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from weft.errors import ConfigError

MAX_PIXELS: Final = 100_000_000
"""Most pixels of an image: a browser takes 4 bytes for each, however small the file is."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_GIFS: Final = (b"GIF87a", b"GIF89a")


class ImageHeader(NamedTuple):
    """The media type of an image, and its size."""

    media_type: str
    width_px: int
    height_px: int


def read_header(content: bytes) -> ImageHeader:
    r"""The type and size of an image.

    ConfigError if it is no PNG, JPEG, GIF or WebP, if it is cut off, or if it has too many pixels.

    >>> read_header(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    Traceback (most recent call last):
    weft.errors.ConfigError: not an image of a known type: it must be PNG, JPEG, GIF or WebP
    """
    if content.startswith(_PNG):
        reader, media_type = _png_size, "image/png"
    elif content.startswith(_JPEG):
        reader, media_type = _jpeg_size, "image/jpeg"
    elif content.startswith(_GIFS):
        reader, media_type = _gif_size, "image/gif"
    elif content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        reader, media_type = _webp_size, "image/webp"
    else:
        raise ConfigError("not an image of a known type: it must be PNG, JPEG, GIF or WebP")
    try:
        width, height = reader(content)
    except (IndexError, struct.error):
        raise ConfigError(f"the image is cut off or damaged ({media_type})") from None
    if width * height > MAX_PIXELS:
        raise ConfigError(f"the image has {width} × {height} pixels, more than {MAX_PIXELS:,}")
    if not width or not height:
        raise ConfigError(f"the image has no pixels ({media_type})")
    return ImageHeader(media_type, width, height)


def _png_size(content: bytes) -> tuple[int, int]:
    """Chunks of length, type, data and checksum; the first has the size, `IEND` is the last."""
    kind, width, height = struct.unpack_from(">4sII", content, 12)
    if kind != b"IHDR":
        raise IndexError
    at = len(_PNG)
    while True:
        n_bytes, kind = struct.unpack_from(">I4s", content, at)
        at += 12 + n_bytes
        if at > len(content):
            raise IndexError
        if kind == b"IEND":
            return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Segments up to the scans; the first `SOF` has the size, and `EOI` ends the file."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise IndexError
        while content[at + 1] == 0xFF:  # padding
            at += 1
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            break
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    # cameras add bytes after the end
    if content.rfind(b"\xff\xd9", at) < 0:
        raise IndexError
    return width, height


def _gif_size(content: bytes) -> tuple[int, int]:
    """Blocks of data in pieces; the byte `;` is the last."""
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    at = 13 + _n_color_bytes(flags)
    while content[at] != 0x3B:
        if content[at] == 0x2C:
            at += 11 + _n_color_bytes(content[at + 9])
        elif content[at] == 0x21:
            at += 2
        else:
            raise IndexError
        while content[at]:
            at += 1 + content[at]
        at += 1
    return width, height


def _n_color_bytes(flags: int) -> int:
    """The bytes of a table of colors that flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp_size(content: bytes) -> tuple[int, int]:
    """A RIFF file whose first chunk has the size: lossy, lossless or extended."""
    (n_bytes,) = struct.unpack_from("<I", content, 4)
    if n_bytes + 8 > len(content):
        raise IndexError
    match content[12:16]:
        case b"VP8X":
            width, height = (int.from_bytes(content[at : at + 3], "little") for at in (24, 27))
            return width + 1, height + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", content, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", content, 26)
            return width & 0x3FFF, height & 0x3FFF
        case _:
            raise IndexError
