"""Cuts large files into chunks by their content, so that a file which changed in part shares the
chunks of what did not change. No I/O of its own.

FastCDC (Xia et al., "The Design of Fast Content-Defined Chunking for Data Deduplication Based
Storage Systems", IEEE TPDS 2020), with the parameters of `docs/decisions/0034-chunks-of-files.md`.
Other parameters would cut files at other places, and none of their chunks would be known.
"""

from __future__ import annotations

import hashlib
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO, Final, cast

from weft.records.artifacts import MAX_CHUNK_BYTES, Chunk

LEAST_BYTES: Final = 64 << 20
"""Smaller files are sent as one content."""

_MEAN_BYTES: Final = 1 << 20
_SHORTEST_BYTES: Final = 1 << 18


def can_cut() -> bool:
    """Whether this machine has the native library: in Python alone it takes 200 times longer."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the slow way, which is not taken
            from pyfastcdc import FastCDC
    except ImportError:
        return False
    return ".cy" in FastCDC.__module__


def cut(file: BinaryIO) -> tuple[str, list[Chunk]]:
    """Read a file from its present position to its end.

    Returns:
        The SHA-256 of the whole, and its chunks in order.

    Raises:
        OSError: the file can't be read.
    """
    from pyfastcdc import FastCDC

    cutter = FastCDC(
        _MEAN_BYTES,
        min_size=_SHORTEST_BYTES,
        max_size=MAX_CHUNK_BYTES,
        normalized_chunking=2,
    )
    whole = hashlib.sha256()
    chunks: list[Chunk] = []
    with ThreadPoolExecutor(1) as pool:
        for found in cutter.cut_stream(cast("Any", file)):
            updated = pool.submit(whole.update, found.data)
            chunks.append(Chunk(found.length, hashlib.sha256(found.data).hexdigest()))
            updated.result()  # the next chunk takes the memory of this one
    return whole.hexdigest(), chunks
