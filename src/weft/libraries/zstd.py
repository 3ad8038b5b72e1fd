"""Zstandard: the module of Python 3.14's standard library, or its backport."""

from __future__ import annotations

import sys
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_WHOLE = zstd.ZstdCompressor.FLUSH_FRAME


class Packer:
    """Packs bytes at one level, each time as one frame of its own. Not thread-safe."""

    def __init__(self, level: int) -> None:
        self._compressor = zstd.ZstdCompressor(level)

    def pack(self, content: Any) -> bytes:
        """The frame of a buffer; it names the size of the content."""
        return self._compressor.compress(content, _WHOLE)
