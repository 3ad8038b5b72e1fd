"""Hashes the files of an artifact where they are, cuts large ones, and writes its manifest."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, BinaryIO, Final

import msgspec

from weft.records.artifacts import Manifest, ManifestEntry
from weft.sync.files.encoders.chunks import LEAST_BYTES, can_cut, cut

_PIECE_BYTES: Final = 1 << 20


class DraftManifest(msgspec.Struct, frozen=True, array_like=True):
    """A manifest without hashes, as a script hands it over.

    Attributes:
        manifest: its entries have no hash; `n_bytes` is the size that each file had.
        changed_nanos: when the files of the entries were last changed, in the same order.
    """

    manifest: Manifest
    changed_nanos: list[int]


_decode: Final = msgspec.msgpack.Decoder(DraftManifest).decode


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write the manifest.

    Args:
        options: `folder` is the folder of the files.

    Raises:
        OSError: a file is gone or can't be read.
        ValueError: a file was changed after it was logged.
    """
    draft = _decode(payload)
    folder = str(options["folder"])
    entries = [
        entry if entry.reference else _hashed(entry, folder, nanos)
        for entry, nanos in zip(draft.manifest.entries, draft.changed_nanos, strict=True)
    ]
    file.write(msgspec.json.encode(msgspec.structs.replace(draft.manifest, entries=entries)))


def _hashed(entry: ManifestEntry, folder: str, changed_nanos: int) -> ManifestEntry:
    path = f"{folder}{os.sep}{entry.path}"
    try:
        with Path(path).open("rb", buffering=0) as file:
            if entry.n_bytes >= LEAST_BYTES and can_cut():
                sha256, chunks = cut(file)
                n_bytes = sum(chunk.n_bytes for chunk in chunks)
            else:
                sha256, n_bytes = _hash(file)
                chunks = []
            found = os.fstat(file.fileno())
    except FileNotFoundError:
        raise FileNotFoundError(f"{entry.path} was deleted before it could be read") from None
    if (n_bytes, found.st_mtime_ns) != (entry.n_bytes, changed_nanos):
        raise ValueError(f"{entry.path} was changed after it was logged: log the artifact again")
    return ManifestEntry(entry.path, n_bytes, sha256, chunks=chunks)


def _hash(file: BinaryIO) -> tuple[str, int]:
    digest = hashlib.sha256()
    n_bytes = 0
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
        n_bytes += len(piece)
    return digest.hexdigest(), n_bytes
