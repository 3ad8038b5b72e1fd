"""Several contents that are being received in one request.

Small ones are kept in memory and stored together; larger ones are written to drafts as they
arrive, so a request takes the memory of its small contents only.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, wait
from functools import partial
from typing import Final

from weft.errors import LimitExceeded
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.files.awaited import announce_stored, mark_stored, of_size
from weft.server.services.stores.project_drafts import ahead_draft_name
from weft.server.services.stores.stores import Stores
from weft.server.storage.blobs.contract import BlobInfo, LeavableWriter
from weft.server.storage.blobs.disk_threads import results_of, start_call
from weft.server.storage.metadata import AwaitedFile
from weft.wire.files.contents import MAX_CONTENTS, MAX_CONTENTS_BYTES, ContentsStored

_SMALL_BYTES: Final = 256 << 10
"""Contents up to this size are kept in memory."""

_MAX_MEMORY_BYTES: Final = 4 << 20
"""Bytes in memory at which an upload stores the complete contents."""

_MOST_DRAFTS: Final = 16
"""Drafts at which an upload does so, too: each has an open file."""


class ContentsUpload:
    """Contents that arrive one after the other: `begin`, `write` and `end` for each.

    For one thread at a time. `finish` or `discard` ends it. With `is_ahead`, large contents that
    no file awaits are left for `ahead.store_ahead`.
    """

    def __init__(
        self,
        stores: Stores,
        actor: Actor,
        project: ProjectPath,
        project_id: int,
        *,
        is_ahead: bool = False,
    ) -> None:
        self._stores = stores
        self._actor = actor
        self._project = project
        self._project_id = project_id
        self._is_ahead = is_ahead and stores.blobs.store.has_room_for_drafts
        self._n_contents = 0
        self._n_bytes = 0
        self._n_unstored_bytes = 0
        self._arrival = stores.room.arrival(project)
        self._open: bytearray | LeavableWriter = bytearray()
        """The content that is being received."""
        self._in_memory: dict[str, memoryview] = {}
        self._n_memory_bytes = 0
        self._drafts: list[LeavableWriter] = []
        self._seals: list[Future[BlobInfo]] = []
        """One of each complete draft, begun while the next content arrives."""
        self._n_stored = 0
        self._refused: set[str] = set()

    def begin(self, n_bytes: int) -> None:
        """Begin a content of so many bytes."""
        self._n_contents += 1
        self._n_bytes += n_bytes
        if self._n_contents > MAX_CONTENTS:
            raise LimitExceeded(f"a request has at most {MAX_CONTENTS} contents")
        if self._n_bytes > MAX_CONTENTS_BYTES:
            raise LimitExceeded(f"a request has at most {MAX_CONTENTS_BYTES} bytes of contents")
        self._n_unstored_bytes += n_bytes
        self._arrival.check(self._n_unstored_bytes)
        if n_bytes <= _SMALL_BYTES:
            self._open = bytearray()
        else:
            self._open = self._stores.blobs.store.write(n_bytes)
            self._drafts.append(self._open)

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes of the content."""
        if isinstance(self._open, bytearray):
            self._open += data
        else:
            self._open.write(data)

    def end(self) -> None:
        if isinstance(self._open, bytearray):
            self._in_memory[hashlib.sha256(self._open).hexdigest()] = memoryview(self._open)
            self._n_memory_bytes += len(self._open)
        else:
            self._seals.append(start_call(self._open.seal))
        if self._n_memory_bytes >= _MAX_MEMORY_BYTES or len(self._drafts) >= _MOST_DRAFTS:
            self._store()

    def finish(self) -> ContentsStored:
        """End the request. All contents that were stored are durable when this returns."""
        self._store()
        return ContentsStored(n_stored=self._n_stored, refused=sorted(self._refused))

    def discard(self) -> None:
        """Drop what was received and not stored. After `finish` this does nothing."""
        self._arrival.release()
        wait(self._seals)
        self._seals.clear()
        for draft in self._drafts:
            draft.discard()
        self._drafts.clear()

    def _store(self) -> None:
        """Store the contents that are complete, as far as files of the project await them.

        Leave others for files that may await them soon.
        """
        infos = results_of(self._seals)
        drafts = {info.sha256: draft for info, draft in zip(infos, self._drafts, strict=True)}
        sizes = {sha256: len(content) for sha256, content in self._in_memory.items()}
        sizes |= {sha256: draft.n_bytes for sha256, draft in drafts.items()}
        stores, contents = self._stores, self._stores.metadata.contents
        with stores.metadata.read() as tx:
            awaited = of_size(sizes, contents.awaited(tx, self._project_id, sizes))
            needed = {file.sha256 for file in awaited}
            in_project = contents.stored_in(tx, self._project_id, sizes.keys() - needed)
        if needed:
            files: list[AwaitedFile] = []
            stores.blobs.keep_many(
                {sha256: self._in_memory[sha256] for sha256 in needed & self._in_memory.keys()},
                {sha256: drafts[sha256] for sha256 in needed & drafts.keys()},
                partial(mark_stored, stores, self._project_id, sizes, files),
            )
            stored = {file.sha256 for file in files}
            # The files of the others were deleted meanwhile.
            stores.blobs.drop(needed - stored)
            stores.blobs.store.remove_drafts(
                ahead_draft_name(self._project_id, sha256) for sha256 in stored
            )
            announce_stored(stores, self._actor, self._project, files)
            self._n_stored += len(stored)
            self._arrival.release(sum(sizes[sha256] for sha256 in stored))
        others = sizes.keys() - needed - in_project
        if self._is_ahead:
            ahead = others & drafts.keys()
            for sha256 in ahead:
                drafts[sha256].leave(ahead_draft_name(self._project_id, sha256))
            others -= ahead
            self._n_stored += len(ahead)
            self._arrival.release(sum(sizes[sha256] for sha256 in ahead))
        self._refused |= others
        self.discard()
        self._in_memory.clear()
        self._n_memory_bytes = self._n_unstored_bytes = 0
