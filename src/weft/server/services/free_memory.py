"""Gives memory that nobody uses back to the system.

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


def give_back_free_memory() -> None:
    """Let the C library look for free pages, if the process is large enough for it to matter."""
    trim = _malloc_trim()
    if trim is not None and psutil.Process().memory_info().rss > _WORTH_BYTES:
        trim(0)


@cache
def _malloc_trim() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # no glibc
        return None
