"""Contents of files that run logs announced: a list of the lacking ones, and uploads by hash.

Called by `http.files.contents`. A content is taken only if a file of the project awaits it, by
hash and size. When it is stored, all files of the project with that hash have it. A hash alone
gives no access to contents of another project: the bytes have to be sent here too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from weft.errors import NotFound, PositionConflict, Unavailable, WrongContent
from weft.records.files.file_paths import check_file_path
from weft.records.limits import MAX_FILE_BYTES
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.artifacts.storing import read_manifests
from weft.server.services.files.ahead import lacking_hashes, store_ahead
from weft.server.services.files.awaited import announce_stored, mark_stored
from weft.server.services.files.contents_upload import ContentsUpload
from weft.server.services.stores.project_drafts import draft_name
from weft.server.services.stores.storage_room import Arrival
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.blobs.contract import BlobInfo, ResumableWriter
from weft.server.storage.metadata import AwaitedFile
from weft.wire.files.contents import (
    MAX_LACKED,
    ContentsStored,
    LackedContent,
    LackedContents,
    LackingAhead,
)


class ContentService(Service):
    """Operations on contents that are sent by hash. Thread-safe."""

    def lacking(
        self,
        actor: Actor,
        run: RunPath,
        writer: str,
        *,
        limit: int = 1000,
        cursor: str | None = None,
        any_order: bool = False,
    ) -> LackedContents:
        """Contents that a log announced and the server lacks, each once, by path and start.

        `any_order`: see `read_manifests`.
        """
        require(actor, Action.LOG, run)
        check_limit(limit, MAX_LACKED)
        after = None if cursor is None else _position_in(cursor)
        stores = self._stores
        run, entry = stores.registry.resolve_moves(run)
        require(actor, Action.LOG, run)
        if entry is None:
            raise NotFound(f"no run {run}")
        is_more = read_manifests(stores, entry, writer, any_order=any_order)
        if writer not in entry.writers:
            raise NotFound(f"run {run} has no log of writer {writer}")
        with stores.metadata.read() as tx:
            rows = stores.metadata.contents.lacking(tx, entry.row_id, writer, after, limit + 1)
        with entry.lock:
            # The next ack counts again: a sender that was told of a file must find it here.
            entry.note_files_changed(writer)
        rows, following = rows[:limit], next(iter(rows[limit:]), None)
        try:
            stored = store_ahead(stores, actor, run.of_project, entry.project_id, rows, following)
        except Unavailable:  # another request of the same contents is storing them
            stored = set[str]()
        lacking = [row for row in reversed(rows) if row.sha256 not in stored]
        names = {row.sha256: draft_name(entry.project_id, row.sha256) for row in lacking}
        drafted = stores.blobs.store.drafted(names.values())
        contents = {
            row.sha256: LackedContent(
                path=row.path,
                start=row.start,
                sha256=row.sha256,
                n_bytes=row.n_bytes,
                position=drafted.get(names[row.sha256], 0),
            )
            for row in lacking
        }
        return LackedContents(
            entity=run.entity,
            project=run.project,
            contents=sorted(contents.values(), key=lambda content: (content.path, content.start)),
            is_more=is_more,
            cursor=None if following is None else encode_cursor(rows[-1][:2]),
        )

    def lacking_ahead(self, actor: Actor, run: RunPath, hashes: Collection[str]) -> LackingAhead:
        """Contents, among some, to be sent ahead of the manifest of a run that will name them."""
        require(actor, Action.LOG, run)
        stores = self._stores
        run, entry = stores.registry.resolve_moves(run)
        require(actor, Action.LOG, run)
        if entry is None:
            raise NotFound(f"no run {run}")
        return LackingAhead(
            entity=run.entity,
            project=run.project,
            sha256=lacking_hashes(stores, entry.project_id, hashes),
        )

    def store(
        self, actor: Actor, project: ProjectPath, contents: Sequence[bytes | memoryview]
    ) -> ContentsStored:
        """Store several contents at once; they are durable when this returns."""
        require(actor, Action.LOG, project)
        upload = self.receive_many(actor, project)
        for content in contents:
            upload.begin(len(content))
            upload.write(content)
            upload.end()
        return upload.finish()

    def receive_many(
        self, actor: Actor, project: ProjectPath, *, is_ahead: bool = False
    ) -> ContentsUpload:
        """Begin to take in several contents; `is_ahead` is true if a manifest that is still to
        come names them.
        """
        require(actor, Action.LOG, project)
        project_id = self._stores.find_project(project)
        return ContentsUpload(self._stores, actor, project, project_id, is_ahead=is_ahead)

    def receive(
        self, actor: Actor, project: ProjectPath, sha256: str, position: int
    ) -> ContentUpload:
        """Begin to take in a piece of a content, after its first `position` bytes.

        NotFound if no file awaits or has the content; PositionConflict if another number of bytes
        is there; StorageFull if there is no room for all of it; Unavailable while another request
        sends it.
        """
        require(actor, Action.LOG, project)
        stores = self._stores
        project_id = stores.find_project(project)
        with stores.metadata.read() as tx:
            awaited = stores.metadata.contents.awaited(tx, project_id, [sha256])
            is_stored = not awaited and stores.metadata.contents.stored_in(
                tx, project_id, [sha256]
            )
        info = stores.blobs.store.find_blob(sha256) if is_stored else None
        if info is not None:
            arrival = stores.room.arrival(project)
            return ContentUpload(stores, actor, project, project_id, info, set(), None, arrival)
        if not awaited:
            raise _not_awaited(project, sha256)
        n_bytes = max(file.n_bytes for file in awaited)
        sizes = {file.n_bytes for file in awaited}
        expected = BlobInfo(sha256, n_bytes)
        draft = self._draft(project_id, sha256, position)
        arrival = stores.room.arrival(project)
        try:
            arrival.resume(draft.n_bytes)
            arrival.check(n_bytes, n_received=draft.n_bytes)
        except BaseException:
            _suspend(draft, arrival)
            raise
        return ContentUpload(stores, actor, project, project_id, expected, sizes, draft, arrival)

    def _draft(self, project_id: int, sha256: str, position: int) -> ResumableWriter:
        draft = self._stores.blobs.store.resume(draft_name(project_id, sha256))
        n_bytes = draft.n_bytes
        if position != n_bytes:
            _end(draft)
            raise PositionConflict(
                f"the server has {n_bytes} bytes of content {sha256}, not {position}",
                position=n_bytes,
            )
        return draft


@dataclass(eq=False)
class ContentUpload:
    """A piece of a content that is being received. For one thread at a time.

    `finish` ends it; `suspend` ends it early, and the received bytes stay for the next piece.
    Several sizes may be announced; only one can be right. Without a `draft` the project has the
    content: the bytes sent are ignored.
    """

    _stores: Stores
    _actor: Actor
    _project: ProjectPath
    _project_id: int
    _expected: BlobInfo
    _sizes: set[int]
    _draft: ResumableWriter | None
    _arrival: Arrival
    _is_ended: bool = False

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes. WrongContent if they are more than were announced; all are discarded then."""
        draft = self._draft
        if draft is None:
            return
        if draft.n_bytes + len(data) > self._expected.n_bytes:
            self._discard(draft)
            raise WrongContent(
                f"content {self._expected.sha256} has more than the announced"
                f" {self._expected.n_bytes} bytes; what was received is discarded"
            )
        self._stores.room.check_disk(len(data))
        draft.write(data)

    def finish(self) -> int:
        """End the piece.

        Returns the number of bytes that are there. After the last one, the content is stored.
        WrongContent if the whole content has another hash; it was discarded. NotFound if the files
        that awaited it were deleted meanwhile. Unavailable if the disk fails; send the piece
        again.
        """
        draft, expected = self._draft, self._expected
        if draft is None:
            return expected.n_bytes
        n_bytes = draft.n_bytes
        if n_bytes in self._sizes and draft.sha256 == expected.sha256:
            self._store(draft, BlobInfo(expected.sha256, n_bytes))
        elif n_bytes == expected.n_bytes:
            actual = draft.sha256
            self._discard(draft)
            raise WrongContent(
                f"what was sent as content {expected.sha256} has the SHA-256 {actual};"
                " it is discarded"
            )
        else:
            self.suspend()
        return n_bytes

    def suspend(self) -> None:
        """End the piece early. After `finish` this does nothing."""
        if self._draft is not None and not self._is_ended:
            self._is_ended = True
            _suspend(self._draft, self._arrival)

    def _discard(self, draft: ResumableWriter, *, n_stored: int = 0) -> None:
        self._is_ended = True
        draft.discard()
        self._arrival.release(n_stored)

    def _store(self, draft: ResumableWriter, info: BlobInfo) -> None:
        stores = self._stores
        files: list[AwaitedFile] = []
        sizes = {info.sha256: info.n_bytes}
        try:
            stores.blobs.keep(draft, partial(mark_stored, stores, self._project_id, sizes, files))
        except BaseException:
            stores.blobs.drop([info.sha256])
            raise
        self._discard(draft, n_stored=info.n_bytes if files else 0)
        if not files:
            stores.blobs.drop([info.sha256])
            raise _not_awaited(self._project, info.sha256)
        announce_stored(stores, self._actor, self._project, files)


def _position_in(cursor: str) -> tuple[str, int]:
    path, start = decode_cursor(cursor, tuple[str, int])
    return check_file_path(path), min(start, MAX_FILE_BYTES)


def _suspend(draft: ResumableWriter, arrival: Arrival) -> None:
    """Leave a draft for the next piece. Its bytes count for its project until then."""
    _end(draft)
    arrival.release(draft.n_bytes)


def _end(draft: ResumableWriter) -> None:
    """Leave a draft for the next piece, unless it is empty."""
    if draft.n_bytes:
        draft.suspend()
    else:
        draft.discard()


def _not_awaited(project: ProjectPath, sha256: str) -> NotFound:
    return NotFound(
        f"no file of project {project} awaits content {sha256}: it was not announced, or the"
        " file was replaced or deleted"
    )
