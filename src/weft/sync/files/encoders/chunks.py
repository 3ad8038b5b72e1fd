"""Cuts large files into chunks by their content, so that a file which changed in part shares the
chunks of what did not change. No I/O of its own.

FastCDC (Xia et al., "The Design of Fast Content-Defined Chunking for Data Deduplication Based
Storage Systems", IEEE TPDS 2020), with the parameters of `docs/decisions/0034-chunks-of-files.md`.
Other parameters would cut files at other places, and none of their chunks would be known.
"""

from __future__ import annotations

import hashlib
import itertools
import warnings
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from weft.records.files.artifacts import MAX_CHUNK_BYTES, Chunk

if TYPE_CHECKING:
    from io import FileIO

    from pyfastcdc import FastCDC

LEAST_BYTES: Final = 64 << 20
"""Smaller files are sent as one content."""

_MEAN_BYTES: Final = 1 << 20
_SHORTEST_BYTES: Final = 1 << 18

_WINDOW_BYTES: Final = 3 * MAX_CHUNK_BYTES
"""The part of a file in memory, twice. The rest after a cut, at most `MAX_CHUNK_BYTES`, is
copied to the beginning of the next window."""


def can_cut() -> bool:
    """Whether this machine has the native library: in Python alone it takes 200 times longer."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the slow way, which is not taken
            from pyfastcdc import FastCDC
    except ImportError:
        return False
    return ".cy" in FastCDC.__module__


def cut(file: FileIO, tell: Callable[[int, list[Chunk]], None]) -> tuple[str, list[Chunk]]:
    """Read a file from its present position to its end.

    Returns the SHA-256 of the whole, and its chunks in order. While one window of the file is read
    and cut, two threads hash the one before: one the whole, the other the chunks. SHA-256 releases
    Python's lock, and so does the library. `tell` gets the chunks of each window, and where they
    begin.
    """
    from pyfastcdc import FastCDC

    cutter = FastCDC(
        _MEAN_BYTES,
        min_size=_SHORTEST_BYTES,
        max_size=MAX_CHUNK_BYTES,
        normalized_chunking=2,
    )
    whole = hashlib.sha256()
    hashing: deque[tuple[Future[None], Future[list[Chunk]]]] = deque()
    chunks: list[Chunk] = []
    n_cut_bytes = 0
    uncut = memoryview(b"")
    is_whole = False
    with ThreadPoolExecutor(1) as of_whole, ThreadPoolExecutor(1) as of_chunks:
        for window in itertools.cycle([memoryview(bytearray(_WINDOW_BYTES)) for _ in range(2)]):
            if len(hashing) == 2:
                hashed = _hashed(*hashing.popleft())  # the window that is read into now
                tell(n_cut_bytes, hashed)
                n_cut_bytes += sum(chunk.n_bytes for chunk in hashed)
                chunks += hashed
            start = len(uncut)
            window[:start] = uncut
            n_bytes = start + _fill(file, window[start:])
            is_whole = n_bytes < _WINDOW_BYTES
            updated = of_whole.submit(whole.update, window[start:n_bytes])
            parts, uncut = _parts(cutter, window[:n_bytes], is_whole=is_whole)
            hashing.append((updated, of_chunks.submit(_chunks_of, parts)))
            if is_whole:
                break
        for last in hashing:
            chunks += _hashed(*last)
    return whole.hexdigest(), chunks


def _fill(file: FileIO, window: memoryview) -> int:
    """Read as many bytes as fit, fewer only at the end of the file. Return how many."""
    n_bytes = 0
    while n_bytes < len(window) and (n_read := file.readinto(window[n_bytes:])):
        n_bytes += n_read
    return n_bytes


def _parts(
    cutter: FastCDC, window: memoryview, *, is_whole: bool
) -> tuple[list[memoryview], memoryview]:
    """Cut a window.

    Return its chunks, and the rest, whose next cut needs more bytes. If the file ends with it,
    `is_whole`, there is no rest.
    """
    parts: list[memoryview] = []
    start = 0
    cuts = iter(cutter.cut_buf(window))
    while start < len(window) and (is_whole or len(window) - start >= MAX_CHUNK_BYTES):
        parts.append(next(cuts).data)
        start += len(parts[-1])
    return parts, window[start:]


def _chunks_of(parts: Sequence[memoryview]) -> list[Chunk]:
    return [Chunk(len(part), hashlib.sha256(part).hexdigest()) for part in parts]


def _hashed(whole: Future[None], chunks: Future[list[Chunk]]) -> list[Chunk]:
    """Wait until a window is hashed, and return its chunks."""
    whole.result()
    return chunks.result()
