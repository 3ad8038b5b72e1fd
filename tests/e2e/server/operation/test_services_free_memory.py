"""Memory between small blocks that live on is given back, and arrays of charts reuse theirs."""

from __future__ import annotations

import subprocess
import sys

from at_length import at_length

SCRIPT = """
import psutil
from weft.server.services.background.free_memory import give_back_free_memory

def used():
    return psutil.Process().memory_info().rss >> 20

blocks = [bytes(2000) for _ in range(250_000)]
full = used()
blocks = blocks[::100]
give_back_free_memory()
assert len(blocks) == 2500
print(full, used())
"""


@at_length
def test_what_lies_free_between_blocks_is_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=180
    )
    full, left = map(int, done.stdout.split())
    assert full > 450
    assert left < full / 2


ARRAYS = """
import ctypes
import numpy as np
from weft.server.services.background.free_memory import give_back_large_arrays

class Counts(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "abcdefghij"]

mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Counts
give_back_large_arrays()
arrays = [np.ones(100_000) for _ in range(8)]
full = mallinfo().a
arrays.clear()
print(full, mallinfo().a)
"""


def test_arrays_of_a_chart_reuse_the_memory_of_those_before() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ARRAYS], capture_output=True, text=True, check=True, timeout=180
    )
    full, left = map(int, done.stdout.split())  # bytes of the heap
    assert left == full
