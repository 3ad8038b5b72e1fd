"""Files of runs: list, look up, read, upload, delete.

Called by `http.files.files`. Stores contents in `services.stores.referenced_blobs`, and their
paths in metadata. A file is replaced whole or not at all: a reader of the old one can read it to
its end.
"""

from __future__ import annotations

import builtins
import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from weft.errors import ConfigError, Gone, LimitExceeded, NotFound
from weft.records.files.file_paths import MEDIA_FOLDER, check_file_path
from weft.records.limits import MAX_FILE_BYTES, MAX_FILE_PATH_BYTES
from weft.records.merge import Stamp
from weft.server.services.access.actors import WEB_WRITER, Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.locked import refusal_of_deletion
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.stores.file_types import media_type_of
from weft.server.services.stores.originals import OriginalFile
from weft.server.services.stores.referenced_blobs import NewContents
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.file_pieces import FilePieces
from weft.server.storage.metadata import FileRow, Transaction
from weft.wire.files.files import File, FileList
from weft.wire.runs.runs import MAX_PAGE

_DELETED_AT_ONCE: Final = 1000
"""Other writers of metadata wait for one transaction."""

_LINKED_BYTES: Final = 1 << 20
"""A copy of a smaller file costs less than making sure that it is on the disk."""


class FileService(Service):
    """Operations on files of runs. Thread-safe."""

    def list(
        self,
        actor: Actor,
        run: RunPath,
        *,
        prefix: str = "",
        search: str = "",
        limit: int = 1000,
        cursor: str | None = None,
    ) -> FileList:
        """Files whose path begins with `prefix` and contains `search`, sorted by path.

        An inherited file of a fork (see `find_file`) is listed if the prefix is its whole path.
        """
        require(actor, Action.READ, run)
        check_limit(limit, MAX_PAGE)
        if len(prefix) > MAX_FILE_PATH_BYTES or "\0" in prefix:
            raise ConfigError(
                "invalid prefix: file paths are relative and contain no `..`", field="prefix"
            )
        if "\0" in search:
            raise ConfigError("no file path contains NUL", field="search")
        after = None if cursor is None else decode_cursor(cursor, str)
        if after is not None:
            check_file_path(after)
        files = self._stores.metadata.files
        with self._stores.metadata.read() as tx:
            row_id = self._run_row_id(tx, run)
            rows = files.page(tx, row_id, prefix, after, limit + 1, search=search)
            total = files.count(tx, row_id, prefix, search)
        following = encode_cursor(rows[limit - 1].path) if len(rows) > limit else None
        infos = [file_info(run, row) for row in with_originals(self._stores, run, rows[:limit])]
        if after is None and not total and not search and prefix.startswith(MEDIA_FOLDER):
            inherited = self.find_file(actor, run.of_project, {run.run: [prefix]})
            infos, total = [*inherited.values()], len(inherited)
        return FileList(files=infos, cursor=following, total=total)

    def saved(
        self, actor: Actor, run: RunPath, *, limit: int = 1000, cursor: str | None = None
    ) -> FileList:
        """The stored files that the script saved or logged: none that describe the run."""
        require(actor, Action.READ, run)
        check_limit(limit, MAX_PAGE)
        after = None if cursor is None else check_file_path(decode_cursor(cursor, str))
        with self._stores.metadata.read() as tx:
            row_id = self._run_row_id(tx, run)
            rows, total = self._stores.metadata.files.saved(tx, row_id, after, limit + 1)
        following = encode_cursor(rows[limit - 1].path) if len(rows) > limit else None
        infos = [file_info(run, row) for row in rows[:limit]]
        return FileList(files=infos, cursor=following, total=total)

    def get(self, actor: Actor, run: RunPath, path: str) -> File:
        """Describe one file. NotFound also if it has no content yet; the message says why."""
        require(actor, Action.READ, run)
        owner, row = self._row(run, check_file_path(path))
        (row,) = with_originals(self._stores, owner, [row])
        if row.state == "awaited":
            raise NotFound(f"the content of file {path!r} of run {run} has not been sent yet")
        if row.state == "failed":
            raise NotFound(f"file {path!r} of run {run} has no content: {row.error}")
        return file_info(run, row)

    def find_file(
        self, actor: Actor, project: ProjectPath, paths_by_run: Mapping[str, Collection[str]]
    ) -> dict[tuple[str, str], File]:
        """Describe files of several runs of a project, by run and path, also deleted ones.

        The media of rows that a fork inherited are files of the run that logged them; they are
        described as files of the fork. Paths without a file, and those of runs that are unknown or
        in the trash, are left out.
        """
        require(actor, Action.READ, project)
        by_owner: dict[str, builtins.list[tuple[str, FileRow]]] = {}
        for (run, _), (owner, row) in self._find_rows(project, paths_by_run).items():
            by_owner.setdefault(owner, []).append((run, row))
        return {
            (run, row.path): file_info(project.run(run), row)
            for owner, files in by_owner.items()
            for (run, _), row in zip(
                files,
                with_originals(self._stores, project.run(owner), [row for _, row in files]),
                strict=True,
            )
        }

    def _find_rows(
        self, project: ProjectPath, paths_by_run: Mapping[str, Collection[str]]
    ) -> dict[tuple[str, str], tuple[str, FileRow]]:
        """By run and path the run that has the file, and its row; see `find_file`."""
        metadata = self._stores.metadata
        project_id = self._stores.find_project(project)
        lineage = lineage_of(self._stores, project_id, paths_by_run)
        with metadata.read() as tx:
            present = metadata.runs.refs(tx, project_id, list(paths_by_run))
            present_paths = {run: paths_by_run[run] for run in present}
            own = self._rows(tx, project_id, present_paths)
            lacking = [
                (run, path, source.run)
                for run in present_paths.keys() & lineage.keys()
                for path in present_paths[run]
                if path.startswith(MEDIA_FOLDER) and (run, path) not in own
                for source in lineage[run]
            ]
            of_sources: dict[str, set[str]] = {}
            for _, path, source in lacking:
                of_sources.setdefault(source, set()).add(path)
            inherited = self._rows(tx, project_id, of_sources) if lacking else {}
        rows = {(run, path): (run, row) for (run, path), row in own.items()}
        for run, path, source in lacking:
            if (source, path) in inherited:
                rows.setdefault((run, path), (source, inherited[source, path]))
        return rows

    def _rows(
        self, tx: Transaction, project_id: int, paths_by_run: Mapping[str, Collection[str]]
    ) -> dict[tuple[str, str], FileRow]:
        """Rows by run and path, also of runs in the trash."""
        metadata = self._stores.metadata
        refs = metadata.runs.refs(tx, project_id, list(paths_by_run), with_trash=True)
        names = {ref.row_id: run for run, ref in refs.items()}
        paths_by_row = {ref.row_id: paths_by_run[run] for run, ref in refs.items()}
        rows = metadata.files.find_file(tx, paths_by_row)
        return {(names[row_id], row.path): row for row_id, row in rows}

    def read(
        self,
        actor: Actor,
        run: RunPath,
        path: str,
        sha256: str,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[bytes]:
        """The content with the hash that `get` returned, or its bytes `[start, stop)`."""
        require(actor, Action.READ, run)
        original = self._original(run, path, sha256)
        if original is not None:
            return FilePieces(original, start, stop)
        try:
            return self._stores.blobs.store.read(sha256, start, stop)
        except NotFound:
            raise NotFound(f"the content of file {path!r} of run {run} is gone") from None

    def link(self, actor: Actor, run: RunPath, file: File) -> str | None:
        """An address outside of the server from which a content can be downloaded for an hour.

        None if there is none: `read` has the content.
        """
        require(actor, Action.READ, run)
        is_stored = self._stores.originals is None
        return self._stores.blobs.store.link(file.sha256) if is_stored else None

    def copy_to(self, actor: Actor, run: RunPath, file: File, path: Path) -> None:
        """Copy the content that `find_file` described to a free path; a large one is linked."""
        require(actor, Action.READ, run)
        if file.n_bytes >= _LINKED_BYTES:
            with contextlib.suppress(NotFound):  # else it is in a run's directory
                self._stores.blobs.store.copy_to(file.sha256, path, is_passing=True)
                return
        pieces = self.read(actor, run, file.path, file.sha256)
        with (
            disk_faults(f"file {file.path!r} of run {run} can't be copied"),
            path.open("xb") as into,
        ):
            for piece in pieces:
                into.write(piece)

    def upload(
        self, actor: Actor, run: RunPath, path: str, *, media_type: str | None = None
    ) -> FileUpload:
        """Begin the upload of a file.

        If the Content-Type is missing, invalid or unspecific, the path's extension decides.
        """
        require(actor, Action.LOG, run)
        check_file_path(path)
        with self._stores.metadata.read() as tx:
            self._run_row_id(tx, run)
        return FileUpload(self._stores, actor, run, path, media_type_of(path, media_type))

    def delete(self, actor: Actor, run: RunPath, path: str) -> None:
        """Delete a file permanently.

        Its space is freed at once, unless another file has the same content. Conflict if the run
        is locked.
        """
        require(actor, Action.DELETE, run)
        check_file_path(path)
        stores = self._stores
        with stores.metadata.write() as tx:
            row_id = run_row_id(stores, tx, run, for_update=True)
            for user in stores.metadata.runs.locks(tx, [row_id]).values():
                raise refusal_of_deletion(f"run {run}", user)
            row = stores.metadata.files.get(tx, row_id, path)
            if row is None or row.state == "deleted":
                raise _no_file(run, path)
            before = {"n_bytes": row.n_bytes, "sha256": row.sha256}
            stores.audit.note(tx, actor, "file.remove", run.entity, f"{run}/{path}", before)
            now = stores.now()
            stamp = _stamp_after(row, now)
            deleted = FileRow(path, "", 0, row.media_type, now, stamp, "deleted")
            stores.metadata.files.put(tx, row_id, [deleted])
        _note_replaced(stores, run, [row])
        stores.live.publish(actor, run, meta=True)

    def delete_many(self, actor: Actor, run: RunPath, paths: Sequence[str]) -> None:
        """Delete files permanently. Missing files are left out."""
        require(actor, Action.DELETE, run)
        self._delete_many(actor, run, paths)

    def drop_staged(self, actor: Actor, run: RunPath, paths: Sequence[str]) -> None:
        """Delete files that a script has sent only for what is made of them, such as a version."""
        require(actor, Action.LOG, run)
        self._delete_many(actor, run, paths)

    def _delete_many(self, actor: Actor, run: RunPath, paths: Sequence[str]) -> None:
        stores = self._stores
        for start in range(0, len(paths), _DELETED_AT_ONCE):
            batch = [check_file_path(path) for path in paths[start : start + _DELETED_AT_ONCE]]
            with stores.metadata.write() as tx:
                row_id = run_row_id(stores, tx, run, for_update=True)
                now = stores.now()
                rows = [
                    row
                    for _, row in stores.metadata.files.find_file(tx, {row_id: batch})
                    if row.state != "deleted"
                ]
                deleted = [
                    FileRow(
                        row.path, "", 0, row.media_type, now, _stamp_after(row, now), "deleted"
                    )
                    for row in rows
                ]
                stores.metadata.files.put(tx, row_id, deleted)
            _note_replaced(stores, run, rows)
        stores.live.publish(actor, run, meta=True)

    def _original(self, run: RunPath, path: str, sha256: str) -> BinaryIO | None:
        originals = self._stores.originals
        if originals is None:
            return None
        owner, row = self._row(run, path)
        if row.state != "awaited" or row.sha256 != sha256:
            return None
        return originals.open(owner, _original_of(row))

    def _row(self, run: RunPath, path: str) -> tuple[RunPath, FileRow]:
        """A file, and the run that has it: this one, or for media one that it was forked from."""
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.files.get(tx, self._run_row_id(tx, run), path)
        owner = run
        if row is None and path.startswith(MEDIA_FOLDER):
            project = run.of_project
            name, row = self._find_rows(project, {run.run: [path]}).get(
                (run.run, path), (run.run, None)
            )
            owner = project.run(name)
        if row is None or row.state == "deleted":
            raise _no_file(run, path)
        return owner, row

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
        self._arrival = stores.room.arrival(run.of_project)

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes, at most `MAX_FILE_BYTES`.

        StorageFull if the user's quota or the disk has no room.
        """
        n_bytes = self._draft.n_bytes + len(data)
        if n_bytes > MAX_FILE_BYTES:
            raise LimitExceeded(f"file of more than {MAX_FILE_BYTES} bytes")
        self._arrival.check(n_bytes, n_received=self._draft.n_bytes)
        self._draft.write(data)

    def commit(self, sha256: str | None = None) -> File:
        """Store the file at its path, replacing any file there; durable when this returns.

        ConfigError if the sender's `sha256` differs, Gone if the run was deleted during the
        upload. After an error, nothing has changed.
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
        stored: list[FileRow] = []

        def refer(new: NewContents) -> None:
            with stores.metadata.write() as tx:
                new.share(tx)
                row_id = run_row_id(stores, tx, self._run, for_update=True)
                before = files.get(tx, row_id, self._path)
                now = stores.now()
                stamp = _stamp_after(before, now)
                row = FileRow(
                    self._path, sealed.sha256, sealed.n_bytes, self._media_type, now, stamp
                )
                files.put(tx, row_id, [row])
            stored.append(row)
            replaced.extend([before] if before is not None else [])

        try:
            stores.blobs.keep(self._draft, refer)
        except BaseException:
            stores.blobs.drop([sealed.sha256])
            raise
        run = self._run
        self._arrival.release(sealed.n_bytes)
        for row in replaced:
            _note_replaced(stores, run, [row])
        stores.live.publish(self._actor, run, meta=True)
        return file_info(run, stored[0])

    def abort(self) -> None:
        """Discard the received bytes; nothing changes. After `commit` this does nothing."""
        self._arrival.release()
        self._draft.discard()


def with_originals(stores: Stores, run: RunPath, rows: Sequence[FileRow]) -> list[FileRow]:
    """The rows; awaited files that are in the run's directory count as stored."""
    originals = stores.originals
    awaited = [row for row in rows if row.state == "awaited"]
    if originals is None or not awaited:
        return [*rows]
    there = originals.are_there(run, [_original_of(row) for row in awaited])
    present = {row.path for row, is_there in zip(awaited, there, strict=True) if is_there}
    return [replace(row, state="stored") if row.path in present else row for row in rows]


def _original_of(row: FileRow) -> OriginalFile:
    return OriginalFile(row.stamp.writer, row.path, row.n_bytes)


def _stamp_after(before: FileRow | None, now: int) -> Stamp:
    """The stamp of a change made now: it wins over what is there, also if a clock steps back."""
    return Stamp(now if before is None else max(now, before.stamp.micros + 1), WEB_WRITER, 0)


def _note_replaced(stores: Stores, run: RunPath, rows: Sequence[FileRow]) -> None:
    """Free the space of files that were replaced or deleted; their logs may lack less now."""
    hashes = {row.sha256 for row in rows} - {""}
    if hashes:
        stores.blobs.drop(sorted(hashes))
    entry = stores.registry.peek(run)
    if entry is not None:
        with entry.lock:
            for writer in {row.stamp.writer for row in rows}:
                entry.note_files_changed(writer)


def run_row_id(stores: Stores, tx: Transaction, run: RunPath, *, for_update: bool = False) -> int:
    """Row id of an existing run."""
    metadata = stores.metadata
    row = metadata.runs.get(tx, *run, for_update=for_update)
    if row is not None:
        return row.row_id
    if metadata.tombstones.has_run(tx, *run):
        raise Gone(f"run {run} was deleted")
    raise NotFound(f"no run {run}")


def _no_file(run: RunPath, path: str) -> NotFound:
    return NotFound(f"run {run} has no file {path!r}")


def file_info(run: RunPath, row: FileRow) -> File:
    """Describe a file of a run."""
    address = "/".join(quote(part, safe="") for part in (*run.of_project, "runs", run.run))
    return File(
        path=row.path,
        n_bytes=row.n_bytes,
        sha256=row.sha256,
        media_type=row.media_type,
        created_micros=row.created_micros,
        url=f"/api/v1/projects/{address}/files/{quote(row.path)}",
        state=row.state,
        error=row.error,
    )
