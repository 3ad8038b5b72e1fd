"""Folders of a run's files: their contents, and all files below as a zip file.

Called by `http.files.folders`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Final

from weft.errors import ConfigError, NotFound
from weft.records.files.file_paths import check_file_path
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.files.service import FileService, file_info, run_row_id, with_originals
from weft.server.services.stores.stores import Stores
from weft.server.services.zip_stream import FIRST_DATE, ZipStream
from weft.server.storage.metadata import FileRow
from weft.wire.files.files import Folder, Subfolder
from weft.wire.runs.runs import MAX_PAGE

_PAGE: Final = 1000


class FolderService:
    """Reads folders of runs' files. Thread-safe."""

    def __init__(self, stores: Stores, files: FileService) -> None:
        self._stores = stores
        self._files = files

    def list(
        self,
        actor: Actor,
        run: RunPath,
        folder: str = "",
        *,
        limit: int = _PAGE,
        cursor: str | None = None,
    ) -> Folder:
        """The files and folders directly in a folder, '' for all.

        A folder that does not exist is empty.
        """
        require(actor, Action.READ, run)
        check_limit(limit, MAX_PAGE)
        prefix = _prefix(folder)
        after = None if cursor is None else decode_cursor(cursor, str)
        if after is not None:
            check_file_path(after)
        files = self._stores.metadata.files
        with self._stores.metadata.read() as tx:
            row_id = run_row_id(self._stores, tx, run)
            rows = files.directly_in(tx, row_id, prefix, after, limit + 1)
            below = files.folders(tx, row_id, prefix, MAX_PAGE) if after is None else []
            n_files, n_bytes = files.totals(tx, row_id, prefix)
        described = with_originals(self._stores, run, rows[:limit])
        return Folder(
            folders=[
                Subfolder(
                    name=subfolder.name, n_files=subfolder.n_files, n_bytes=subfolder.n_bytes
                )
                for subfolder in below
            ],
            files=[file_info(run, row) for row in described],
            cursor=encode_cursor(rows[limit - 1].path) if len(rows) > limit else None,
            n_files=n_files,
            n_bytes=n_bytes,
        )

    def zip(self, actor: Actor, run: RunPath, folder: str = "") -> Generator[bytes, None, None]:
        """All files below a folder, as the bytes of a zip file.

        Files without a content, and files that are deleted meanwhile, are left out. The names in
        the zip begin with the folder's own.
        """
        require(actor, Action.READ, run)
        prefix = _prefix(folder)
        n_outer = len(prefix.rstrip("/").rpartition("/")[0]) + 1 if "/" in folder else 0
        with self._stores.metadata.read() as tx:
            run_row_id(self._stores, tx, run)  # a run that is missing has no export to be noted
        exported = {"kind": "files", "folder": folder}
        self._stores.audit.note_alone(actor, "export", run.entity, run, exported)
        stream = ZipStream()
        for file in self._stored_below(run, prefix):
            try:
                pieces = self._files.read(actor, run, file.path, file.sha256)
            except NotFound:
                continue
            yield from stream.entry(file.path[n_outer:], pieces, date=_date(file))
        yield stream.end()

    def _stored_below(self, run: RunPath, prefix: str) -> Iterator[FileRow]:
        after = None
        while True:
            with self._stores.metadata.read() as tx:
                row_id = run_row_id(self._stores, tx, run)
                rows = self._stores.metadata.files.page(tx, row_id, prefix, after, _PAGE)
            described = with_originals(self._stores, run, rows)
            yield from (row for row in described if row.state == "stored")
            if len(rows) < _PAGE:
                return
            after = rows[-1].path


def _prefix(folder: str) -> str:
    if not folder:
        return ""
    try:
        return f"{check_file_path(folder)}/"
    except ConfigError as error:
        raise ConfigError(str(error), field="folder") from None


def _date(file: FileRow) -> tuple[int, int, int, int, int, int]:
    at = datetime.fromtimestamp(file.created_micros / 1e6, UTC)
    date = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return max(date, FIRST_DATE)
