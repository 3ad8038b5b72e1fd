"""Hashes local files. Does I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PIECE_BYTES: Final = 1 << 20
_LARGE_BYTES: Final = 8 << 20
"""A thread is worth its start for contents of this size."""


def hash_of(path: Path) -> str:
    """The SHA-256 of a local file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


class PieceHash:
    """The SHA-256 of a content that arrives in pieces, hashed next to its other uses: in a pool of
    one thread, so that pieces are hashed in order, or if None in `update`.
    """

    def __init__(self, pool: ThreadPoolExecutor | None) -> None:
        self._digest = hashlib.sha256()
        self._pool = pool
        self._last: Future[None] | None = None

    def update(self, piece: bytes) -> None:
        """Add bytes; they are hashed while the caller uses them otherwise."""
        if self._pool is None:
            self._digest.update(piece)
            return
        if self._last is not None:
            self._last.result()  # so that at most two pieces are in memory
        self._last = self._pool.submit(self._digest.update, piece)

    def hexdigest(self) -> str:
        """The hash in hexadecimal digits."""
        if self._last is not None:
            self._last.result()
        return self._digest.hexdigest()


@contextmanager
def piece_hash(n_bytes: int) -> Generator[PieceHash]:
    """Hash a content of about `n_bytes` that arrives in pieces.

    >>> with piece_hash(3) as digest:
    ...     digest.update(b"abc")
    ...     digest.hexdigest()[:8]
    'ba7816bf'
    """
    if n_bytes < _LARGE_BYTES:
        yield PieceHash(None)
        return
    with ThreadPoolExecutor(1) as pool:
        yield PieceHash(pool)
