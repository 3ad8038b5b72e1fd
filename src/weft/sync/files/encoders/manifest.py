"""Hashes the files of an artifact where they are, cuts large ones, and writes its manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from io import FileIO
from itertools import repeat
from typing import Any, BinaryIO, Final, TypeAlias

import msgspec

from weft.records.files.artifacts import Chunk, Manifest, ManifestEntry
from weft.sync.files.encoders.chunks import LEAST_BYTES, can_cut, cut

_PIECE_BYTES: Final = 1 << 20

_N_THREADS: Final = 4
_LARGE_BYTES: Final = 1 << 18
"""Smaller files are hashed faster by one thread than they are handed to others."""


_OpenEntry: TypeAlias = Callable[[str], int]
_TellChunks: TypeAlias = Callable[[str, int, list[Chunk]], None]


class DraftManifest(msgspec.Struct, frozen=True, array_like=True):
    """A manifest without hashes, as a script hands it over.

    Its entries have no hash, unless the server has their contents already; `n_bytes` is the size
    that each file had. `changed_nanos` are when the files were last changed, in the same order; 0
    for a copy that only weft has.
    """

    manifest: Manifest
    changed_nanos: list[int]


_decode: Final = msgspec.msgpack.Decoder(DraftManifest).decode


def encode(payload: memoryview, options: dict[str, Any], file: BinaryIO) -> None:
    """Write the manifest.

    Option `open_entry` opens the file of an entry by its path; `tell_chunks`, if present, is
    called with the path of a file, chunks of it as they are cut, and where they begin, by several
    threads.
    """
    draft = _decode(payload)
    tell = options.get("tell_chunks", _tell_no_one)
    entries = _all_hashed(draft, options["open_entry"], tell)
    file.write(msgspec.json.encode(msgspec.structs.replace(draft.manifest, entries=entries)))


def _tell_no_one(path: str, start: int, chunks: list[Chunk]) -> None:
    pass


def _all_hashed(
    draft: DraftManifest, open_entry: _OpenEntry, tell: _TellChunks
) -> list[ManifestEntry]:
    """The entries with their hashes. Large files are read by several threads."""
    entries, nanos = draft.manifest.entries, draft.changed_nanos
    n_bytes = sum(entry.n_bytes for entry in entries)
    if n_bytes < _LARGE_BYTES * max(len(entries), _N_THREADS):
        return [
            _hashed(entry, open_entry, at, tell) for entry, at in zip(entries, nanos, strict=True)
        ]
    with ThreadPoolExecutor(_N_THREADS) as pool:
        return [*pool.map(_hashed, entries, repeat(open_entry), nanos, repeat(tell))]


def _hashed(
    entry: ManifestEntry, open_entry: _OpenEntry, changed_nanos: int, tell: _TellChunks
) -> ManifestEntry:
    if entry.reference or entry.sha256:
        return entry
    try:
        with FileIO(open_entry(entry.path)) as file:
            if entry.n_bytes >= LEAST_BYTES and can_cut():
                sha256, chunks = cut(file, partial(tell, entry.path))
                n_bytes = sum(chunk.n_bytes for chunk in chunks)
            else:
                sha256, n_bytes = _hash(file)
                chunks = []
            status = os.fstat(file.fileno())
    except FileNotFoundError:
        raise FileNotFoundError(f"{entry.path} was deleted before it could be read") from None
    if n_bytes != entry.n_bytes or changed_nanos not in {0, status.st_mtime_ns}:
        raise ValueError(f"{entry.path} was changed after it was logged: log the artifact again")
    return ManifestEntry(entry.path, n_bytes, sha256, chunks=chunks)


def _hash(file: BinaryIO) -> tuple[str, int]:
    digest = hashlib.sha256()
    n_bytes = 0
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
        n_bytes += len(piece)
    return digest.hexdigest(), n_bytes
