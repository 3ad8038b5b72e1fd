"""From an announcement to a version: reads manifests, and numbers complete versions.

Called by `services.files` when a client asks for the lacking contents, and when contents were
stored. Each step may be repeated, so a kill in between costs nothing: a manifest that was not read
to its end is read again when its sender asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import accumulate, islice
from typing import Final

import msgspec

from weft.errors import ConfigError, NotFound
from weft.records.files.artifacts import (
    LATEST,
    MANIFEST_SUFFIX,
    MAX_CHUNK_BYTES,
    MAX_MANIFEST_BYTES,
    Chunk,
    Manifest,
    ManifestEntry,
    digest_of,
)
from weft.server.services.artifacts.aliases import move_aliases
from weft.server.services.artifacts.assembling import gather
from weft.server.services.artifacts.linking import make_links
from weft.server.services.artifacts.used import note_awaited_uses
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.stores.originals import OriginalFile
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import (
    ActivityObject,
    ArtifactChunkRow,
    ArtifactFileRow,
    ArtifactRow,
    AssemblyRow,
    FileRow,
    Transaction,
    clean_text,
)

_FILES_PER_TRANSACTION: Final = 5000
"""Other writers of metadata wait for one transaction: about 50 ms."""

_WAITING_AT_ONCE: Final = 100

_decode: Final = msgspec.json.Decoder(Manifest).decode
_encode: Final = msgspec.json.encode


def read_manifests(
    stores: Stores, entry: RunEntry, writer: str, *, any_order: bool = False
) -> bool:
    """Read those manifests of a log that are stored and were not read yet.

    What lacks no content is stored as a version at once. Returns whether manifests are still to be
    sent: contents follow them.

    Args:
        any_order: whether versions wait for no earlier one of their collection. Its log may have
            lost a part of it, and they would wait forever.
    """
    with stores.metadata.read() as tx:
        announced = stores.metadata.artifacts.announced(tx, entry.row_id, writer)
    unread: set[int] = set()
    """Collections whose next manifest is to come: later ones wait for it, to keep the order."""
    is_more = False
    for row in announced:
        if row.collection_id in unread and stores.originals is None and not any_order:
            continue
        with stores.reading_manifest_of(row.row_id):
            if not _read_manifest(stores, entry, row.row_id):
                unread.add(row.collection_id)
                is_more = True
    if any_order:
        with stores.metadata.write() as tx:
            for row in stores.metadata.artifacts.awaited(tx, entry.row_id, writer):
                _store(stores, tx, row, any_order=True)
    return is_more


def _read_manifest(stores: Stores, entry: RunEntry, artifact_id: int) -> bool:
    """Read one manifest; False if it is still to be sent."""
    metadata = stores.metadata
    with metadata.read() as tx:
        row = metadata.artifacts.by_id(tx, artifact_id)
        if row is None or row.state != "announced":
            return True
        path = f"{row.folder}{MANIFEST_SUFFIX}"
        file = metadata.files.get(tx, entry.row_id, path)
    if file is None:
        return False
    original = None
    if file.state == "awaited":
        original = None if file.n_bytes > MAX_MANIFEST_BYTES else _original_of(stores, entry, file)
        if original is None:
            return False
    elif file.state != "stored":
        _fail(stores, row, file.error or "its manifest was deleted")
        return True
    try:
        if file.n_bytes > MAX_MANIFEST_BYTES:
            raise ConfigError(f"its manifest has more than {MAX_MANIFEST_BYTES} bytes")
        if original is None:
            original = b"".join(stores.blobs.store.read(file.sha256))
        manifest = _decode(original)
        original = None  # as large as the manifest made of it
        manifest.check()
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        _fail(stores, row, f"its manifest is invalid: {error}")
        return True
    except (ConfigError, NotFound) as error:
        _fail(stores, row, str(error))
        return True
    _add_files(stores, entry, row, manifest.entries)
    ttl_micros = manifest.ttl_secs * 1_000_000
    with metadata.write() as tx:
        current = metadata.artifacts.by_id(tx, row.row_id, for_update=True)
        if current is None or current.state != "announced":
            return True  # another server has read it meanwhile, and may have stored the version
        metadata.artifacts.open(
            tx,
            row.row_id,
            digest=digest_of(manifest.entries),
            description=clean_text(manifest.description),
            metadata=_encode(manifest.metadata).decode(),
            tags=manifest.tags,
            n_files=len(manifest.entries),
            n_bytes=sum(file_entry.n_bytes for file_entry in manifest.entries),
            expires_micros=stores.now() + ttl_micros if ttl_micros > 0 else None,
            ttl_secs=manifest.ttl_secs if ttl_micros > 0 else None,
            step=manifest.step,
        )
        if manifest.is_incremental:
            assembly = metadata.artifact_assemblies.of(tx, row.row_id)
            metadata.artifact_assemblies.put(
                tx, row.row_id, row.collection_id, assembly._replace(is_incremental=True)
            )
        store_complete(stores, tx, [row.row_id])
    return True


def _original_of(stores: Stores, entry: RunEntry, file: FileRow) -> bytes | None:
    """A manifest in the run's directory, if the server follows the directory."""
    if stores.originals is None:
        return None
    announced = OriginalFile(file.stamp.writer, file.path, file.n_bytes)
    opened = stores.originals.open(entry.path, announced)
    if opened is None:
        return None
    with opened:
        try:
            return opened.read()
        except OSError:
            return None


def _fail(stores: Stores, row: ArtifactRow, error: str) -> None:
    with stores.metadata.write() as tx:
        stores.metadata.collections.get(tx, row.collection_id, for_update=True)
        stores.metadata.artifacts.fail(tx, row.row_id, clean_text(error))
        _look_at_waiting(stores, tx, row)
        _store_following(stores, tx, row)


def _add_files(
    stores: Stores, entry: RunEntry, row: ArtifactRow, entries: Sequence[ManifestEntry]
) -> None:
    remaining = iter(entries)
    contents = stores.metadata.contents
    # A content that a file of the project has must not be removed before this commits.
    with stores.blobs.hold():
        while batch := list(islice(remaining, _FILES_PER_TRANSACTION)):
            with stores.metadata.write() as tx:
                hashes = {file.sha256 for file in batch if file.sha256}
                stores.metadata.removals.share(tx, hashes)
                stored = contents.stored_in(tx, entry.project_id, hashes)
                batch = _with_known_chunks(stores, tx, entry, batch, stored)
                rows = [_file_row(file, file.sha256 in stored) for file in batch]
                stores.metadata.artifact_files.add_files(tx, row.row_id, rows)
                in_chunks = {file_row.path for file_row in rows if file_row.state == "chunked"}
            for file in batch:
                if file.path in in_chunks:
                    _add_chunks(stores, entry, row, file)


def _with_known_chunks(
    stores: Stores,
    tx: Transaction,
    entry: RunEntry,
    files: Sequence[ManifestEntry],
    stored: Collection[str],
) -> list[ManifestEntry]:
    """Files, with the chunks of files that a script names by hash."""
    chunks = stores.metadata.artifact_chunks
    hashes = {
        file.sha256
        for file in files
        if file.n_bytes > MAX_CHUNK_BYTES and not file.chunks and file.sha256 not in stored
    }
    stored_files = chunks.files_with(tx, entry.project_id, hashes)

    def with_chunks(file: ManifestEntry) -> ManifestEntry:
        if file.chunks or file.sha256 not in stored_files:
            return file
        stored_chunks = chunks.of_file(tx, *stored_files[file.sha256])
        return msgspec.structs.replace(
            file, chunks=[Chunk(chunk.n_bytes, chunk.sha256) for chunk in stored_chunks]
        )

    return [with_chunks(file) for file in files]


def _add_chunks(stores: Stores, entry: RunEntry, row: ArtifactRow, file: ManifestEntry) -> None:
    starts = accumulate((chunk.n_bytes for chunk in file.chunks), initial=0)
    remaining = zip(starts, file.chunks, strict=False)
    while batch := list(islice(remaining, _FILES_PER_TRANSACTION)):
        with stores.metadata.write() as tx:
            hashes = {chunk.sha256 for _, chunk in batch}
            stores.metadata.removals.share(tx, hashes)
            stored = stores.metadata.contents.stored_in(tx, entry.project_id, hashes)
            rows = [
                ArtifactChunkRow(
                    file.path,
                    start,
                    chunk.sha256,
                    chunk.n_bytes,
                    "stored" if chunk.sha256 in stored else "awaited",
                )
                for start, chunk in batch
            ]
            stores.metadata.artifact_chunks.add_chunks(tx, row.row_id, rows)


def _file_row(entry: ManifestEntry, is_stored: bool) -> ArtifactFileRow:
    if entry.reference:
        state = "reference"
    elif is_stored:
        state = "stored"
    else:
        state = "chunked" if entry.chunks else "awaited"
    return ArtifactFileRow(
        entry.path,
        entry.sha256,
        entry.n_bytes,
        entry.reference or None,
        entry.checksum or None,
        state,
    )


def store_complete(stores: Stores, tx: Transaction, artifact_ids: Iterable[int]) -> None:
    """Store the announced artifacts whose contents are all there, oldest first.

    Called in the transaction that noted the last content: the senders of artifacts that lack none
    may have ended, so after a kill between the two they would never become versions.
    """
    rows = [stores.metadata.artifacts.by_id(tx, artifact_id) for artifact_id in set(artifact_ids)]
    # Always in the same order, so that transactions don't deadlock.
    for row in sorted(filter(None, rows), key=lambda row: (row.collection_id, row.row_id)):
        _store_in_turn(stores, tx, row)


def store_waiting(stores: Stores) -> None:
    """Store the versions that waited for parts of runs that were deleted meanwhile."""
    after = 0
    while True:
        with stores.metadata.read() as tx:
            waiting = stores.metadata.artifact_assemblies.all_waiting(tx, after, _WAITING_AT_ONCE)
        for row_id in waiting:
            with stores.metadata.write() as tx:
                store_complete(stores, tx, [row_id])
            after = row_id
        if len(waiting) < _WAITING_AT_ONCE:
            return


def _store_in_turn(stores: Stores, tx: Transaction, row: ArtifactRow) -> None:
    """Store a version, and those that waited for it alone."""
    if _store(stores, tx, row):
        _store_following(stores, tx, row)


def _store_following(stores: Stores, tx: Transaction, row: ArtifactRow) -> None:
    following = stores.metadata.artifacts.following(tx, row)
    while following is not None and _store(stores, tx, following):
        following = stores.metadata.artifacts.following(tx, following)


def _store(stores: Stores, tx: Transaction, row: ArtifactRow, *, any_order: bool = False) -> bool:
    """Store a version whose contents are all there. Returns whether later ones may follow.

    Versions get their numbers in the order of their log. `any_order`: see `read_manifests`.
    """
    metadata, artifact_id = stores.metadata, row.row_id
    if row.state != "awaited":
        return False
    # Most requests bring some contents of many, and SQLite needs no lock to know that.
    if _lacks_contents(stores, tx, artifact_id, is_locked=False):
        return False
    # The collection first: what completes a part goes on to the version that waits for it.
    collection = metadata.collections.get(tx, row.collection_id, for_update=True)
    locked = metadata.artifacts.by_id(tx, artifact_id, for_update=True)
    if locked is None or locked.state != "awaited" or _lacks_contents(stores, tx, artifact_id):
        return False
    row = locked
    assembly = metadata.artifact_assemblies.of(tx, artifact_id)
    if assembly.is_part:
        metadata.artifacts.note_part(tx, artifact_id)
        _look_at_waiting(stores, tx, row)
        return True
    if not any_order and _has_earlier(stores, tx, row):
        return False
    parts: list[int] = []
    if assembly != AssemblyRow():
        gathered = gather(stores, tx, row, assembly)
        if gathered is None:
            return True  # the parts are of other runs, which may never send them
        row, parts = gathered
    newest = metadata.artifacts.newest(tx, collection.row_id)
    if newest is not None and newest.digest == row.digest:
        metadata.artifacts.note_same(tx, artifact_id, newest.row_id)
        stores.blobs.drop_after(tx, metadata.artifact_files.clear(tx, artifact_id))
        stored_id, version = newest.row_id, newest.version
    else:
        stored_id, version = artifact_id, metadata.collections.take_number(tx, collection)
        metadata.artifacts.store(tx, artifact_id, version)
        logged = ActivityObject(f"{collection.name}:v{version}", type=collection.type)
        users = metadata.activity.users_of_runs(tx, [row.run_row_id] if row.run_row_id else [])
        user = next(iter(users.values()), None)
        stores.activity.note(tx, collection.project_id, user, "artifact.log", [logged])
    for part_id in parts:
        metadata.artifacts.note_same(tx, part_id, stored_id)
    before = metadata.collections.aliases(tx, collection.row_id)
    run = metadata.runs.get_by_id(tx, row.run_row_id, for_update=False) if row.run_row_id else None
    move_aliases(
        stores, tx, collection.row_id, stored_id, version, [*row.aliases, LATEST],
        before=before, user=f"run {run.run}" if run is not None else "",
    )  # fmt: skip
    if run is not None:
        metadata.artifact_uses.note(tx, run.row_id, stored_id, "log", row.created_micros)
        # Its log may want a link to it.
        tx.after_commit(partial(make_links, stores, run.row_id))
    note_awaited_uses(stores, tx, row, stored_id)
    return True


def _has_earlier(stores: Stores, tx: Transaction, row: ArtifactRow) -> bool:
    """Whether the log of a version still sends an earlier one of the collection."""
    return stores.originals is None and any(
        state == "announced" or _lacks_contents(stores, tx, artifact_id)
        for artifact_id, state in stores.metadata.artifacts.earlier(tx, row)
    )


def _lacks_contents(
    stores: Stores, tx: Transaction, artifact_id: int, *, is_locked: bool = True
) -> bool:
    # Contents of a followed directory stay there.
    return stores.originals is None and stores.metadata.artifact_files.lacks_contents(
        tx, artifact_id, is_locked=is_locked
    )


def _look_at_waiting(stores: Stores, tx: Transaction, part: ArtifactRow) -> None:
    """Store the versions that waited for a part, or note that they can't be stored."""
    assemblies = stores.metadata.artifact_assemblies
    assembly = assemblies.of(tx, part.row_id)
    if assembly.is_part:
        for row_id in assemblies.waiting(tx, part.collection_id, assembly.distributed_id):
            row = stores.metadata.artifacts.by_id(tx, row_id)
            if row is not None:
                _store_in_turn(stores, tx, row)
