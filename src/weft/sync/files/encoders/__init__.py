"""The encoders, by the names in spool files. Each is a module with a function `encode`.

`encode(payload, options, file)` writes a file's content. It is called in the file worker with one
payload at a time, and raises an error if it can't make the file; the error's text is shown to the
user where the file would be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, BinaryIO, Final

Encode = Callable[[memoryview, dict[str, Any], BinaryIO], None]

ENCODERS: Final = {
    "bytes": f"{__name__}.raw",
    "gif": f"{__name__}.gif",
    "image": f"{__name__}.image",
    "manifest": f"{__name__}.manifest",
    "table": "weft.tables.encode",
    "video": f"{__name__}.video",
}
"""Modules by the names in spool files."""


@cache
def encoder_of(name: str) -> Encode:
    """Return an encoder; ValueError if a newer weft wrote its name.

    >>> encoder_of("bytes").__module__
    'weft.sync.files.encoders.raw'
    """
    if name not in ENCODERS:
        raise ValueError(
            f"this version of weft has no encoder {name!r}: install the one that wrote it"
        )
    return import_module(ENCODERS[name]).encode
