"""Moves the contents of all files between the server's own disk and a bucket, or between buckets.

For a data directory that no server uses at the moment. All contents are copied first, each checked
by its hash; then the directory notes their new location. A move that was interrupted continues.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from weft.errors import NotFound
from weft.server.services.upkeep.progress import Phase, Progress
from weft.server.services.upkeep.reports import FilesMoved
from weft.server.storage.blobs.contract import BlobInfo, BlobStore
from weft.server.storage.blobs.opening import (
    BlobLocation,
    bucket_url,
    open_blob_store,
    open_other,
    read_location,
    write_location,
)

_SMALL_BYTES: Final = 1 << 20
_BATCH_BYTES: Final = 16 * 2**20
_BLOBS_AT_ONCE: Final = 1000


def move_files(data_dir: Path, url: str | None, progress: Progress) -> FilesMoved:
    """Move all contents to `s3://bucket/prefix`, or if `url` is None to the data directory."""
    begin = time.monotonic()
    folder = data_dir / "blobs"
    url = None if url is None else bucket_url(url)
    location = read_location(folder)
    # If they are there already, an interrupted move may have left some on the disk.
    from_disk = location.url is None or location.url == url
    source = open_other(folder, None) if from_disk else open_blob_store(folder)
    try:
        target = open_other(folder, url)
        try:
            moved = ContentCopy(source, target)
            if url != location.url:
                phase = Phase(progress, "files")
                moved.copy(_lacking(source, target), phase)
                phase.end()
                write_location(folder, BlobLocation(read_location(folder).server, url))
            if from_disk and url is not None:
                _remove_copied(source, frozenset(moved.damaged), progress)
        finally:
            target.close()
    finally:
        source.close()
    return FilesMoved(
        to=url or str(folder),
        left=None if from_disk else location.url,
        n_blobs=moved.n_blobs,
        n_bytes=moved.n_bytes,
        damaged=moved.damaged,
        secs=time.monotonic() - begin,
    )


class ContentCopy:
    """Copies contents from one store to another, each checked by its hash.

    Attributes:
        n_blobs, n_bytes: what was copied.
        damaged: SHA-256 of contents that are missing or damaged in the source.
    """

    def __init__(self, source: BlobStore, target: BlobStore) -> None:
        self._source = source
        self._target = target
        self.n_blobs = 0
        self.n_bytes = 0
        self.damaged: list[str] = []

    def copy(self, contents: Iterable[BlobInfo], phase: Phase) -> None:
        """Copy contents that the target lacks."""
        batch: list[BlobInfo] = []
        n_bytes = 0
        for info in contents:
            if info.n_bytes > _SMALL_BYTES:
                self._copy_large(info)
                phase.advance(info.n_bytes)
                continue
            batch.append(info)
            n_bytes += info.n_bytes
            if n_bytes >= _BATCH_BYTES or len(batch) >= _BLOBS_AT_ONCE:
                self._copy_small(batch)
                phase.advance(n_bytes)
                batch, n_bytes = [], 0
        self._copy_small(batch)
        phase.advance(n_bytes)

    def _copy_small(self, batch: list[BlobInfo]) -> None:
        names = [info.sha256 for info in batch]
        contents: dict[str, bytes] = {}
        for name, data in zip(names, self._source.get(names), strict=True):
            if data is None or hashlib.sha256(data).hexdigest() != name:
                self.damaged.append(name)
            else:
                contents[name] = data
        self._target.put(contents)
        self.n_blobs += len(contents)
        self.n_bytes += sum(map(len, contents.values()))

    def _copy_large(self, info: BlobInfo) -> None:
        draft = self._target.write()
        try:
            for piece in self._source.read(info.sha256):
                draft.write(piece)
            if draft.seal() != info:
                self.damaged.append(info.sha256)
                return
            draft.keep()
            self._target.sync([info.sha256])
        except NotFound:
            self.damaged.append(info.sha256)
            return
        finally:
            draft.discard()
        self.n_blobs += 1
        self.n_bytes += info.n_bytes


def _lacking(source: BlobStore, target: BlobStore) -> Iterator[BlobInfo]:
    """The contents that only the source has. Both list by name."""
    there = target.list()
    at = next(there, None)
    for info in source.list():
        while at is not None and at.sha256 < info.sha256:
            at = next(there, None)
        if at != info:
            yield info


def _remove_copied(store: BlobStore, damaged: Collection[str], progress: Progress) -> None:
    """Remove the contents that were copied elsewhere."""
    phase = Phase(progress, "copied files")
    copied = (info.sha256 for info in store.list() if info.sha256 not in damaged)
    while batch := list(islice(copied, _BLOBS_AT_ONCE)):
        store.remove(batch)
        phase.advance(len(batch))
    phase.end()
