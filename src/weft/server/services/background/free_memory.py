"""Returns unused memory to the system.

glibc returns only the free memory at the end of a heap. After exports and charts of many runs at
once, hundreds of MB stay free between small live blocks, in one heap per thread: eight exports
left 750 MB where 160 were in use. With other C libraries nothing is done.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

import psutil

_WORTH_BYTES: Final = 256 * 2**20
"""Smaller servers are left alone: trimming the heaps costs some milliseconds."""

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 2**20
_REUSED_BYTES: Final = 16 * 2**20
"""Free memory at the end of a heap that is kept for the next arrays. By default 128 KiB: then each
array of a chart gets new pages, and zeroing them takes longer than the arithmetic."""


def give_back_free_memory() -> None:
    """Let the C library return free pages, if the process is large enough for it to matter."""
    trim = _function("malloc_trim")
    if trim is not None and psutil.Process().memory_info().rss > _WORTH_BYTES:
        trim(0)


def give_back_large_arrays() -> None:
    """From now on, return arrays of 1 MiB and more as soon as they are freed; reuse smaller ones.

    By default glibc raises this threshold to the size of the largest array that was freed, up to
    32 MiB, and keeps smaller arrays in a heap of the thread.
    """
    set_option = _function("mallopt")
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE_BYTES)
        set_option(_M_TRIM_THRESHOLD, _REUSED_BYTES)


@cache
def _function(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # no glibc
        return None
