"""Files of runs: list, look up, read, upload, delete.

Called by `http.files`. Stores contents in `services.stores.kept_blobs`, and in metadata which
path has which content. A file is replaced whole or not at all: a reader of the old one can read
it to its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from weft.errors import ConfigError, Gone, LimitExceeded, NotFound
from weft.records.file_paths import check_file_path
from weft.records.limits import MAX_FILE_BYTES, MAX_FILE_PATH_BYTES
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.files.file_types import media_type_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.blobs.contract import BlobInfo, BlobWriter
from weft.server.storage.metadata import FileRow, Transaction
from weft.wire.files import File, FileList
from weft.wire.runs import MAX_PAGE
from weft.wire.small_logs import MACHINE_FILE


class FileService:
    """Operations on files of runs. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(
        self,
        actor: Actor,
        run: RunPath,
        *,
        prefix: str = "",
        limit: int = 1000,
        cursor: str | None = None,
    ) -> FileList:
        """Files whose path begins with `prefix`, sorted by path.

        Raises:
            NotFound: no such run.
            Gone: the run was deleted.
            ConfigError: the prefix, limit or cursor is invalid.
        """
        require(actor, Action.READ, run)
        check_limit(limit, MAX_PAGE)
        if len(prefix) > MAX_FILE_PATH_BYTES or "\0" in prefix:
            raise ConfigError(
                "invalid prefix: file paths are relative and contain no `..`", field="prefix"
            )
        after = None if cursor is None else decode_cursor(cursor, str)
        if after is not None:
            check_file_path(after)
        files = self._stores.metadata.files
        with self._stores.metadata.read() as tx:
            row_id = self._run_row_id(tx, run)
            rows = files.page(tx, row_id, prefix, after, limit + 1)
            total = files.count(tx, row_id, prefix)
        following = encode_cursor(rows[limit - 1].path) if len(rows) > limit else None
        infos = [_file_info(run, row) for row in rows[:limit]]
        return FileList(files=infos, cursor=following, total=total)

    def get(self, actor: Actor, run: RunPath, path: str) -> File:
        """Describe one file.

        Raises:
            NotFound: no such run or file.
            Gone: the run was deleted.
            ConfigError: `path` is not a valid file path.
        """
        require(actor, Action.READ, run)
        return _file_info(run, self._row(run, check_file_path(path)))

    def read(
        self,
        actor: Actor,
        run: RunPath,
        path: str,
        sha256: str,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[bytes]:
        """The content with the hash that `get` returned, or its bytes `[start, stop)`, in pieces.

        Raises:
            NotFound: the content was deleted.
        """
        require(actor, Action.READ, run)
        try:
            return self._stores.blobs.store.read(sha256, start, stop)
        except NotFound:
            raise NotFound(f"the content of file {path!r} of run {run} is gone") from None

    def upload(
        self, actor: Actor, run: RunPath, path: str, *, media_type: str | None = None
    ) -> FileUpload:
        """Begin the upload of a file.

        Args:
            media_type: the sender's Content-Type; if missing, invalid or unspecific, the path's
                extension decides.

        Raises:
            NotFound: no such run.
            Gone: the run was deleted.
            ConfigError: `path` is not a valid file path.
            Unavailable: the disk can't be written to.
        """
        require(actor, Action.WRITE, run)
        check_file_path(path)
        with self._stores.metadata.read() as tx:
            self._run_row_id(tx, run)
        return FileUpload(self._stores, actor, run, path, media_type_of(path, media_type))

    def note_machines(self, actor: Actor, notes: Mapping[RunPath, bytes]) -> set[RunPath]:
        """Add runs' notes about their machines to their files, in one transaction.

        Returns:
            The runs whose note was added. Others are gone, have moved, or already had a note.

        Raises:
            Unavailable: the disk is full or can't be written to; nothing has changed.
        """
        require(actor, Action.READ, SERVER)
        for run in notes:
            require(actor, Action.WRITE, run)
        noted = self._put_notes(notes)
        for run in noted:
            self._stores.live.publish(actor, run, meta=True)
        return noted

    def _put_notes(self, notes: Mapping[RunPath, bytes]) -> set[RunPath]:
        stores = self._stores
        drafts: list[BlobWriter] = []
        blobs: dict[RunPath, BlobInfo] = {}
        noted: set[RunPath] = set()

        def refer() -> None:
            with stores.metadata.write() as tx:
                run_of = {row_id: run for run, row_id in _row_ids(stores, tx, blobs)}
                rows = {row_id: _machine_row(stores, blobs[run]) for row_id, run in run_of.items()}
                put = stores.metadata.files.put_new(tx, rows)
            noted.update(run_of[row_id] for row_id in put)

        try:
            for note in notes.values():
                drafts.append(stores.blobs.store.write())
                drafts[-1].write(note)
            # Sealed only after all are written: the disk then syncs them in a third of the time.
            blobs.update((run, draft.seal()) for run, draft in zip(notes, drafts, strict=True))
            stores.blobs.keep_many(drafts, refer)
        finally:
            for draft in drafts:
                draft.discard()
            stores.blobs.drop(blobs[run].sha256 for run in blobs.keys() - noted)
        return noted

    def delete(self, actor: Actor, run: RunPath, path: str) -> None:
        """Delete a file permanently.

        Its space is freed at once, unless another file has the same content.

        Raises:
            NotFound: no such run or file.
            Gone: the run was deleted.
        """
        require(actor, Action.DELETE, run)
        check_file_path(path)
        stores = self._stores
        with stores.metadata.write() as tx:
            row_id = self._run_row_id(tx, run)
            row = stores.metadata.files.get(tx, row_id, path)
            if row is None:
                raise _no_file(run, path)
            stores.metadata.files.delete(tx, row_id, path)
        stores.blobs.drop([row.sha256])
        stores.live.publish(actor, run, meta=True)

    def _row(self, run: RunPath, path: str) -> FileRow:
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.files.get(tx, self._run_row_id(tx, run), path)
        if row is None:
            raise _no_file(run, path)
        return row

    def _run_row_id(self, tx: Transaction, run: RunPath) -> int:
        return run_row_id(self._stores, tx, run)


class FileUpload:
    """A file upload in progress. For one thread at a time; `commit` or `abort` ends it."""

    def __init__(
        self, stores: Stores, actor: Actor, run: RunPath, path: str, media_type: str
    ) -> None:
        self._stores = stores
        self._actor = actor
        self._run = run
        self._path = path
        self._media_type = media_type
        self._draft = stores.blobs.store.write()

    def write(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            LimitExceeded: the file exceeds `MAX_FILE_BYTES`.
            Unavailable: the disk is full or can't be written to.
        """
        if self._draft.n_bytes + len(data) > MAX_FILE_BYTES:
            raise LimitExceeded(f"file of more than {MAX_FILE_BYTES} bytes")
        self._draft.write(data)

    def commit(self, sha256: str | None = None) -> File:
        """Store the file at its path, replacing any file there; durable when this returns.

        Args:
            sha256: the hash of the content according to its sender. If None, it is not checked.

        Raises:
            ConfigError: the content has another hash; nothing has changed.
            Gone: the run was deleted during the upload.
            Unavailable: the disk is full or can't be written to; nothing has changed.
        """
        sealed = self._draft.seal()
        if sha256 is not None and sha256.lower() != sealed.sha256:
            raise ConfigError(
                f"the content of file {self._path!r} is not what was sent: its SHA-256 is "
                f"{sealed.sha256}, not {sha256}",
                field="X-Weft-Sha256",
            )
        stores = self._stores
        files = stores.metadata.files
        replaced: list[FileRow] = []
        made: list[FileRow] = []

        def refer(info: BlobInfo) -> None:
            with stores.metadata.write() as tx:
                row_id = run_row_id(stores, tx, self._run)
                before = files.get(tx, row_id, self._path)
                row = FileRow(
                    self._path, info.sha256, info.n_bytes, self._media_type, stores.now()
                )
                files.put(tx, row_id, row)
            made.append(row)
            replaced.extend([before] if before is not None else [])

        try:
            stores.blobs.keep(self._draft, refer)
        except BaseException:
            stores.blobs.drop([sealed.sha256])
            raise
        stores.blobs.drop(row.sha256 for row in replaced if row.sha256 != sealed.sha256)
        run = self._run
        stores.live.publish(self._actor, run, meta=True)
        return _file_info(run, made[0])

    def abort(self) -> None:
        """Discard the received bytes; nothing changes. After `commit` this does nothing."""
        self._draft.discard()


def _machine_row(stores: Stores, blob: BlobInfo) -> FileRow:
    media_type = media_type_of(MACHINE_FILE, None)
    return FileRow(MACHINE_FILE, blob.sha256, blob.n_bytes, media_type, stores.now())


def _row_ids(
    stores: Stores, tx: Transaction, runs: Iterable[RunPath]
) -> Iterator[tuple[RunPath, int]]:
    """The row ids of those runs that exist."""
    by_project: dict[ProjectPath, list[str]] = {}
    for run in runs:
        by_project.setdefault(run.of_project, []).append(run.run)
    for project, names in by_project.items():
        for name, row in stores.metadata.runs.get_many(tx, *project, names).items():
            yield project.run(name), row.row_id


def run_row_id(stores: Stores, tx: Transaction, run: RunPath) -> int:
    """Row id of an existing run.

    Raises:
        NotFound: no such run ever existed.
        Gone: the run was deleted.
    """
    metadata = stores.metadata
    row = metadata.runs.get(tx, *run)
    if row is not None:
        return row.row_id
    if metadata.tombstones.has_run(tx, *run):
        raise Gone(f"run {run} was deleted")
    raise NotFound(f"no run {run}")


def _no_file(run: RunPath, path: str) -> NotFound:
    return NotFound(f"run {run} has no file {path!r}")


def _file_info(run: RunPath, row: FileRow) -> File:
    place = "/".join(quote(part, safe="") for part in (*run.of_project, "runs", run.run))
    return File(
        path=row.path,
        n_bytes=row.n_bytes,
        sha256=row.sha256,
        media_type=row.media_type,
        created_micros=row.created_micros,
        url=f"/api/v1/projects/{place}/files/{quote(row.path)}",
    )
