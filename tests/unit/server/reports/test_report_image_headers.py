"""Types and sizes of images, read from their bytes: each format, and files that were cut off."""

from __future__ import annotations

import io
import struct
from itertools import pairwise

import pytest
from PIL import Image

from weft.errors import ConfigError
from weft.server.services.reports.images.headers import ImageHeader, read_header

FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def encoded(file_format: str, width: int = 31, height: int = 17, **options: object) -> bytes:
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def animation(file_format: str) -> bytes:
    frames = [Image.new("RGB", (31, 17), color) for color in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, file_format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_type_and_size_are_read(file_format: str) -> None:
    header = ImageHeader(FORMATS[file_format], 31, 17)
    assert read_header(encoded(file_format)) == header
    assert read_header(encoded(file_format) + b"more after the end") == header


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("JPEG", {"exif": b"Exif\0\0" + b"x" * 1000}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0"}),
        ("PNG", {"compress_level": 0}),
    ],
)
def test_variants_of_a_format_are_read(file_format: str, options: dict[str, object]) -> None:
    assert read_header(encoded(file_format, **options))[1:] == (31, 17)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_animations_are_read(file_format: str) -> None:
    assert read_header(animation(file_format)) == (FORMATS[file_format], 31, 17)


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_image_that_was_cut_off_is_refused(file_format: str) -> None:
    content = encoded(file_format)
    lengths = sorted({*range(0, len(content), 7), len(content) - 1})
    for n_bytes, _ in pairwise([*lengths, len(content)]):
        with pytest.raises(ConfigError, match=r"cut off|known type"):
            read_header(content[:n_bytes])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><img src=x onerror=alert(1)>",
        b"%PDF-1.7",
        b"BM" + b"\0" * 100,
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\x89PNG\r\n\x1a",
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(ConfigError, match="PNG, JPEG, GIF or WebP"):
        read_header(content)


def test_an_image_of_too_many_or_no_pixels_is_refused() -> None:
    content = bytearray(encoded("PNG"))
    struct.pack_into(">II", content, 16, 20_000, 20_000)
    with pytest.raises(ConfigError, match="20000 × 20000 pixels"):
        read_header(bytes(content))
    struct.pack_into(">II", content, 16, 0, 5)
    with pytest.raises(ConfigError, match="no pixels"):
        read_header(bytes(content))
