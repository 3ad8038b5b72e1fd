"""Returns unused memory to the system.

glibc gives back what lies free at the end of a heap. After exports and charts of many runs at once
hundreds of MB lie free between small blocks that live on, in as many heaps as there are threads:
eight exports left 750 MB where 160 were in use. Other C libraries do as they think best.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any, Final

import psutil

_WORTH_BYTES: Final = 256 * 2**20
"""A server smaller than that is left alone: looking through its heaps costs some milliseconds."""

_M_MMAP_THRESHOLD: Final = -3
_LARGE_BYTES: Final = 2**20


def give_back_free_memory() -> None:
    """Let the C library look for free pages, if the process is large enough for it to matter."""
    trim = _function("malloc_trim")
    if trim is not None and psutil.Process().memory_info().rss > _WORTH_BYTES:
        trim(0)


def give_back_large_arrays() -> None:
    """From now on, return arrays of 1 MiB and more as soon as they are freed.

    glibc raises the size from which it does so to that of the largest array it saw, 32 MiB at
    most, and keeps what is smaller in a heap of the thread.
    """
    set_option = _function("mallopt")
    if set_option is not None:
        set_option(_M_MMAP_THRESHOLD, _LARGE_BYTES)


@cache
def _function(name: str) -> Any:
    try:
        return getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # no glibc
        return None
