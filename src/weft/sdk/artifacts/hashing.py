"""Hashes local files. Does I/O."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_PIECE_BYTES: Final = 1 << 20


def hash_of(path: Path) -> str:
    """The SHA-256 of a local file, in hexadecimal digits.

    Raises:
        OSError: it can't be read.
    """
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
