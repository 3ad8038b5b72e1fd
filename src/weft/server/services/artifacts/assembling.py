"""Gives a version the files of others: of its parts, and of the version before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from weft.errors import ConfigError
from weft.records.files.artifacts import Manifest, ManifestEntry, digest_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import (
    ArtifactFileRow,
    ArtifactRow,
    AssemblyRow,
    Transaction,
    clean_text,
)

_ALL: Final = 2**31


def gather(
    stores: Stores, tx: Transaction, row: ArtifactRow, assembly: AssemblyRow
) -> tuple[ArtifactRow, list[int]] | None:
    """Give a version that is complete itself all files that it gets from others, and return it and
    its parts. Its collection is locked. None if parts are still being sent, or if it can't be
    stored: a part failed, or two have different files at one path.
    """
    metadata = stores.metadata
    ids: list[int] = []
    if assembly.distributed_id:
        ids = metadata.artifact_assemblies.parts(tx, row.collection_id, assembly.distributed_id)
    parts = sorted(metadata.artifacts.by_ids(tx, ids), key=lambda part: part.row_id)
    if any(part.state in {"announced", "awaited"} for part in parts):
        return None
    failed = [part for part in parts if part.state == "failed"]
    if failed:
        for part in failed:
            metadata.artifact_assemblies.forget(tx, part.row_id)
        _fail(stores, tx, row, f"a part of it failed: {failed[0].error}")
        return None
    merged = {file.path: (row.row_id, file) for file in _files(stores, tx, row.row_id)}
    for part in parts:
        for file in _files(stores, tx, part.row_id):
            _, there = merged.setdefault(file.path, (part.row_id, file))
            if _content(there) != _content(file):
                _fail(stores, tx, row, f"two parts of it have different files {file.path!r}")
                return None
    if assembly.is_incremental:
        newest = metadata.artifacts.newest(tx, row.collection_id)
        if newest is not None:
            for file in _files(stores, tx, newest.row_id):
                merged.setdefault(file.path, (newest.row_id, file))
    entries = [_entry(file) for _, file in merged.values()]
    try:
        Manifest(entries).check()
    except ConfigError as error:
        _fail(stores, tx, row, f"its files and those that it gets from others: {error}")
        return None
    added = [(source, file) for source, file in merged.values() if source != row.row_id]
    metadata.artifact_files.add_files(tx, row.row_id, [file for _, file in added])
    for source, file in added:
        if file.state == "chunked":
            chunks = metadata.artifact_chunks.of_file(tx, source, file.path)
            metadata.artifact_chunks.add_chunks(tx, row.row_id, chunks)
    for part in parts:
        metadata.artifact_files.clear(tx, part.row_id)  # the version has all of its contents now
        metadata.artifact_assemblies.forget(tx, part.row_id)
    assembled = replace(
        row,
        digest=digest_of(entries),
        n_files=len(entries),
        n_bytes=sum(entry.n_bytes for entry in entries),
    )
    metadata.artifacts.resize(
        tx,
        row.row_id,
        digest=assembled.digest,
        n_files=assembled.n_files,
        n_bytes=assembled.n_bytes,
    )
    return assembled, [part.row_id for part in parts]


def _files(stores: Stores, tx: Transaction, row_id: int) -> Iterable[ArtifactFileRow]:
    return stores.metadata.artifact_files.page(tx, row_id, "", None, _ALL)


def _content(file: ArtifactFileRow) -> tuple[str, str | None, str | None]:
    return file.sha256, file.reference, file.checksum


def _entry(file: ArtifactFileRow) -> ManifestEntry:
    return ManifestEntry(
        file.path, file.n_bytes, file.sha256, file.reference or "", file.checksum or ""
    )


def _fail(stores: Stores, tx: Transaction, row: ArtifactRow, error: str) -> None:
    stores.metadata.artifacts.fail(tx, row.row_id, clean_text(error))
