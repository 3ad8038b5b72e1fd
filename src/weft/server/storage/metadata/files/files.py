"""Files of runs in the metadata database: which content is at which path.

Of two changes of a path the one with the greater stamp wins, in whatever order they arrive.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, Integer, String, exists, func, select
from sqlalchemy import cast as sql_cast

from weft.records.files.file_paths import MEDIA_FOLDER
from weft.records.merge import Stamp
from weft.server.storage.metadata.database import path_columns
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.schema import run, run_file
from weft.server.storage.metadata.files.contents import stored_in
from weft.server.storage.metadata.files.removals import share_contents

FileState = Literal["stored", "awaited", "failed", "deleted"]
"""Stored: the content is a blob. Awaited: only its size and hash are known. Failed: `error` says
why there is no content. Deleted: only the stamp matters, which keeps older announcements out."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a run.

    `sha256` is '' if it failed or was deleted; `stamp` is of the change that put it there, its
    writer the log that announced it.
    """

    path: str
    sha256: str
    n_bytes: int
    media_type: str
    created_micros: int
    stamp: Stamp
    state: FileState = "stored"
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """The rows that an announcement of files replaced, and how many of its files lack their
    content.
    """

    replaced: Sequence[FileRow]
    n_awaited: int


class FileTable:
    """Reads and writes files of runs."""

    def get(self, tx: Transaction, run_row_id: int, path: str) -> FileRow | None:
        """One file, also a deleted one. None if there never was a file at that path."""
        query = select(*_COLUMNS).where(run_file.c.run_id == run_row_id, run_file.c.path == path)
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else _row(row)

    def find_file(
        self, tx: Transaction, paths_of_runs: Mapping[int, Collection[str]]
    ) -> list[tuple[int, FileRow]]:
        """Files of several runs, also deleted ones, each with the row id of its run.

        Paths without a file are left out.
        """
        pairs = [(row_id, path) for row_id, paths in paths_of_runs.items() for path in paths]
        if not pairs:
            return []
        pairs_table = _listed_pairs(tx, pairs)
        query = select(run_file.c.run_id, *_COLUMNS).join_from(
            pairs_table,
            run_file,
            (run_file.c.run_id == pairs_table.c.run_id) & (run_file.c.path == pairs_table.c.path),
        )
        return [(row[0], _row(row[1:])) for row in tx.connection.execute(query)]

    def page(
        self,
        tx: Transaction,
        run_row_id: int,
        prefix: str,
        after: str | None,
        limit: int,
        *,
        search: str = "",
    ) -> list[FileRow]:
        """Files whose path begins with `prefix` and contains `search`, in upper or lower case,
        sorted by path, starting after `after`.
        """
        return self._page(tx, _found(run_row_id, prefix, search), after, limit)

    def saved(
        self, tx: Transaction, run_row_id: int, after: str | None, limit: int
    ) -> tuple[list[FileRow], int]:
        """A page of the stored files that a script saved or logged, and the number of all."""
        condition = (
            (run_file.c.run_id == run_row_id)
            & _IS_STORED
            & ~path_columns.describes_run(run_file.c.path)
        )
        query = select(func.count()).select_from(run_file).where(condition)
        total = tx.connection.execute(query).scalar_one()
        return self._page(tx, condition, after, limit), total

    def count(self, tx: Transaction, run_row_id: int, prefix: str, search: str = "") -> int:
        """The number of files that `page` returns in all."""
        query = select(func.count()).select_from(run_file)
        return tx.connection.execute(query.where(_found(run_row_id, prefix, search))).scalar_one()

    def folders(
        self, tx: Transaction, run_row_id: int, folder: str, limit: int
    ) -> list[path_columns.FolderRow]:
        """The folders in a folder, '' or a path that ends with a slash, sorted by name."""
        below = _below(run_row_id, folder)
        return path_columns.folders_in(tx, run_file, below, folder, limit)

    def totals(self, tx: Transaction, run_row_id: int, folder: str) -> tuple[int, int]:
        """Number and bytes of the files below a folder, '' or a path that ends with a slash."""
        query = select(func.count(), func.coalesce(func.sum(run_file.c.n_bytes), 0))
        n_files, n_bytes = tx.connection.execute(query.where(_below(run_row_id, folder))).one()
        return n_files, int(n_bytes)

    def directly_in(
        self, tx: Transaction, run_row_id: int, folder: str, after: str | None, limit: int
    ) -> list[FileRow]:
        """Files in a folder ('' or with a slash at its end), not below it, sorted by path after
        `after`.
        """
        is_here = path_columns.slash_after(tx, run_file.c.path, folder) == 0
        return self._page(tx, _below(run_row_id, folder) & is_here, after, limit)

    def file_and_folder(self, tx: Transaction, run_row_id: int) -> str | None:
        """The first path that a file has and a folder, too; None if none has both."""
        file = run_file.alias()
        inside = exists().where(
            run_file.c.run_id == run_row_id,
            run_file.c.state != "deleted",
            path_columns.begins_with(run_file.c.path, file.c.path + "/"),
        )
        is_here = (file.c.run_id == run_row_id) & (file.c.state != "deleted")
        # Names of media have no folder of that name: nothing but weft makes them, by thousands.
        is_saved = ~path_columns.begins_with(file.c.path, MEDIA_FOLDER)
        query = select(file.c.path).where(is_here, is_saved, inside)
        return tx.connection.execute(query.order_by(file.c.path).limit(1)).scalar()

    def _page(
        self, tx: Transaction, condition: ColumnElement[bool], after: str | None, limit: int
    ) -> list[FileRow]:
        query = select(*_COLUMNS).where(condition)
        rows = path_columns.page_by_path(tx, query, run_file.c.path, after, limit)
        return [_row(row) for row in rows]

    def put(self, tx: Transaction, run_row_id: int, rows: Sequence[FileRow]) -> None:
        """Put files at their paths, replacing any files there. The run is locked by `tx`."""
        if not rows:
            return
        statement = insert(tx, run_file)
        changed = {name: statement.excluded[name] for name in _CHANGED}
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["run_id", "path"], set_=changed),
            [_values(run_row_id, row) for row in sorted(rows, key=lambda row: row.path)],
        )

    def announce(
        self,
        tx: Transaction,
        project_id: int,
        run_row_id: int,
        rows: Collection[FileRow],
        *,
        is_new: bool,
    ) -> Announced:
        """Put announced files, each unless a later change is at its path.

        A content that a stored file of the project has is stored already. `tx` has locked the run;
        `is_new` is true if that has no files yet. Paths are distinct.
        """
        before = {} if is_new else self._at(tx, run_row_id, [row.path for row in rows])
        newer = [
            row for row in rows if row.path not in before or before[row.path].stamp < row.stamp
        ]
        hashes = {row.sha256 for row in newer if row.sha256}
        share_contents(tx, hashes)
        stored = stored_in(tx, project_id, hashes)
        self.put(
            tx,
            run_row_id,
            [replace(row, state="stored") if row.sha256 in stored else row for row in newer],
        )
        n_awaited = sum(row.state == "awaited" and row.sha256 not in stored for row in newer)
        return Announced([before[row.path] for row in newer if row.path in before], n_awaited)

    def _at(self, tx: Transaction, run_row_id: int, paths: Sequence[str]) -> dict[str, FileRow]:
        rows: dict[str, FileRow] = {}
        for at in range(0, len(paths), MAX_PARAMETERS):
            batch = paths[at : at + MAX_PARAMETERS]
            query = select(*_COLUMNS).where(
                run_file.c.run_id == run_row_id, run_file.c.path.in_(batch)
            )
            rows.update((row[0], _row(row)) for row in tx.connection.execute(query))
        return rows

    def blobs_of_runs(self, tx: Transaction, run_row_ids: Sequence[int]) -> set[str]:
        """The blobs of some runs' files."""
        blobs: set[str] = set()
        for at in range(0, len(run_row_ids), MAX_PARAMETERS):
            batch = run_row_ids[at : at + MAX_PARAMETERS]
            query = select(run_file.c.sha256).where(run_file.c.run_id.in_(batch), _IS_STORED)
            blobs.update(tx.connection.execute(query.distinct()).scalars())
        return blobs

    def bytes_of_run(self, tx: Transaction, run_row_id: int) -> int:
        """Total bytes of the contents of a run's files, each content once."""
        contents = _contents().where(run_file.c.run_id == run_row_id).subquery()
        query = select(func.coalesce(func.sum(contents.c.n_bytes), 0))
        return int(tx.connection.execute(query).scalar_one())

    def bytes_of_runs(self, tx: Transaction, project_id: int) -> dict[int, int]:
        """Total bytes of the contents of each run's files, by row id.

        A content counts once for each run that has it.
        """
        contents = _contents().join(run).where(run.c.project_id == project_id).subquery()
        query = select(contents.c.run_id, func.sum(contents.c.n_bytes)).group_by(contents.c.run_id)
        return {row_id: int(n_bytes) for row_id, n_bytes in tx.connection.execute(query)}


_COLUMNS = (
    run_file.c.path,
    run_file.c.sha256,
    run_file.c.n_bytes,
    run_file.c.media_type,
    run_file.c.created_micros,
    run_file.c.edit_micros,
    run_file.c.edit_writer,
    run_file.c.edit_position,
    run_file.c.state,
    run_file.c.error,
)
_CHANGED = tuple(column.name for column in _COLUMNS if column is not run_file.c.path)
_IS_STORED = run_file.c.state == "stored"


def _row(values: Any) -> FileRow:
    path, sha256, n_bytes, media_type, created, micros, writer, position, state, error = values
    stamp = Stamp(micros, writer, position)
    return FileRow(path, sha256, n_bytes, media_type, created, stamp, state, error)


def _values(run_row_id: int, row: FileRow) -> dict[str, Any]:
    micros, writer, position = row.stamp
    return {
        "run_id": run_row_id,
        "path": row.path,
        "sha256": row.sha256,
        "n_bytes": row.n_bytes,
        "media_type": row.media_type,
        "created_micros": row.created_micros,
        "edit_micros": micros,
        "edit_writer": writer,
        "edit_position": position,
        "state": row.state,
        "error": row.error,
    }


def _contents() -> Any:
    """The stored contents of files of runs, each once for a run."""
    columns = run_file.c.run_id, run_file.c.sha256, run_file.c.n_bytes
    return select(*columns).where(_IS_STORED).distinct()


def _listed_pairs(tx: Transaction, pairs: Sequence[tuple[int, str]]) -> FromClause:
    """A table with columns `run_id` and `path` of any number of pairs."""
    if tx.dialect == "sqlite":
        value = func.json_each(json.dumps(pairs)).table_valued("value").c.value
        return select(
            func.json_extract(value, "$[0]").label("run_id"),
            func.json_extract(value, "$[1]").label("path"),
        ).subquery()
    from sqlalchemy.dialects.postgresql import ARRAY

    table = func.unnest(
        sql_cast([row_id for row_id, _ in pairs], ARRAY(Integer)),
        sql_cast([path for _, path in pairs], ARRAY(String)),
    )
    return table.table_valued("run_id", "path").render_derived()


def _below(run_row_id: int, prefix: str) -> ColumnElement[bool]:
    of_run = (run_file.c.run_id == run_row_id) & (run_file.c.state != "deleted")
    return of_run & path_columns.begins_with(run_file.c.path, prefix)


def _found(run_row_id: int, prefix: str, search: str) -> ColumnElement[bool]:
    below = _below(run_row_id, prefix)
    return below & run_file.c.path.icontains(search, autoescape=True) if search else below
