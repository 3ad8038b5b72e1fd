"""Files of artifact versions in the metadata database: which content is at which path."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)

from weft.server.storage.metadata.database import path_columns
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.rows import columns_of
from weft.server.storage.metadata.database.schema import artifact_chunk, artifact_file


class ArtifactFileRow(NamedTuple):
    """A file of a version: `stored`, `awaited`, `chunked` (its content is in chunks) or a
    `reference`.
    """

    path: str
    sha256: str
    n_bytes: int
    reference: str | None
    checksum: str | None
    state: str


Change = Literal["added", "removed", "changed", "same"]
"""The change of a path from one version to another."""


class ChangedFileRow(NamedTuple):
    """A path in two versions; None where one of them does not have it."""

    path: str
    change: Change
    before: ArtifactFileRow | None
    after: ArtifactFileRow | None


class ArtifactFileTable:
    """Reads and writes files of versions."""

    def add_files(
        self, tx: Transaction, artifact_id: int, rows: Sequence[ArtifactFileRow]
    ) -> None:
        """Add files to a version; those that it has are left as they are."""
        if rows:
            tx.connection.execute(
                insert(tx, artifact_file).on_conflict_do_nothing(),
                [{"artifact_id": artifact_id, **row._asdict()} for row in rows],
            )

    def move_references(self, tx: Transaction, old: str, new: str) -> None:
        """Change the references to files of a renamed collection: addresses that begin with
        `old`, its `files_address`, begin with `new`.
        """
        rest = func.substr(artifact_file.c.reference, len(old) + 1)
        # Written as in the index `ix_artifact_file_referring`, so that the databases use it.
        beginning = literal_column("substr(reference, 1, 420)", Text)
        after = old[:-1] + chr(ord(old[-1]) + 1)
        tx.connection.execute(
            artifact_file.update()
            .where(text("substr(reference, 1, 16) = 'weft-artifact://'"))
            .where(beginning >= old, beginning < after)
            .values(reference=literal(new) + rest)
        )

    def clear(self, tx: Transaction, artifact_id: int) -> set[str]:
        """Remove all files of a version; returns the blobs that they used."""
        blobs = blobs_of(tx, [artifact_id])
        for table in (artifact_file, artifact_chunk):
            tx.connection.execute(table.delete().where(table.c.artifact_id == artifact_id))
        return blobs

    def lacks_contents(self, tx: Transaction, artifact_id: int, *, is_locked: bool = True) -> bool:
        """Whether a file or chunk of a version lacks its content.

        False if not `is_locked` and another transaction may note the last contents as stored
        meanwhile: lock the version, then ask.
        """
        if not is_locked and tx.dialect != "sqlite":
            return False
        return bool(tx.connection.execute(_LACKS_CONTENTS, {"of": artifact_id}).scalar_one())

    def get(self, tx: Transaction, artifact_id: int, path: str) -> ArtifactFileRow | None:
        """One file of a version."""
        query = select(*_FILE).where(
            artifact_file.c.artifact_id == artifact_id, artifact_file.c.path == path
        )
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else ArtifactFileRow._make(row)

    def by_paths(
        self, tx: Transaction, artifact_id: int, paths: Collection[str]
    ) -> list[ArtifactFileRow]:
        """Those of some files that a version has."""
        requested = list(paths)
        rows: list[ArtifactFileRow] = []
        for at in range(0, len(requested), MAX_PARAMETERS):
            in_batch = artifact_file.c.path.in_(requested[at : at + MAX_PARAMETERS])
            query = select(*_FILE).where(artifact_file.c.artifact_id == artifact_id, in_batch)
            rows += [ArtifactFileRow._make(row) for row in tx.connection.execute(query)]
        return rows

    def page(
        self,
        tx: Transaction,
        artifact_id: int,
        prefix: str,
        after: str | None,
        limit: int,
        *,
        search: str = "",
    ) -> list[ArtifactFileRow]:
        """Files of a version whose path begins with `prefix`, by path, starting after `after`."""
        query = select(*_FILE).where(_below(artifact_id, prefix))
        if search:
            query = query.where(artifact_file.c.path.icontains(search, autoescape=True))
        rows = path_columns.page_by_path(tx, query, artifact_file.c.path, after, limit)
        return [ArtifactFileRow._make(row) for row in rows]

    def folders(
        self, tx: Transaction, artifact_id: int, folder: str, limit: int
    ) -> list[path_columns.FolderRow]:
        """The folders in a folder, by name; see `FileTable.folders`."""
        below = _below(artifact_id, folder)
        return path_columns.folders_in(tx, artifact_file, below, folder, limit)

    def directly_in(
        self, tx: Transaction, artifact_id: int, folder: str, after: str | None, limit: int
    ) -> list[ArtifactFileRow]:
        """Files in a folder, but not in folders below it, by path, starting after `after`."""
        is_here = path_columns.slash_after(tx, artifact_file.c.path, folder) == 0
        query = select(*_FILE).where(_below(artifact_id, folder), is_here)
        rows = path_columns.page_by_path(tx, query, artifact_file.c.path, after, limit)
        return [ArtifactFileRow._make(row) for row in rows]

    def changes(
        self,
        tx: Transaction,
        before_id: int,
        after_id: int,
        changes: Collection[Change],
        *,
        search: str,
        after: str | None,
        limit: int,
    ) -> list[ChangedFileRow]:
        """Paths of two versions by what became of them, by path, starting after `after`."""
        changed: list[ChangedFileRow] = []
        for of_before in (False, True):
            kinds = {"removed"} & {*changes} if of_before else {*changes} - {"removed"}
            if not kinds:
                continue
            own, other, joined, change = _compared(before_id, after_id, of_before=of_before)
            query = (
                select(change, *_columns_of(own), *_columns_of(other))
                .select_from(joined)
                .where(*_searched(own, search), change.in_(kinds))
            )
            rows = path_columns.page_by_path(tx, query, own.c.path, after, limit)
            changed += [_changed(row, of_before=of_before) for row in rows]
        return sorted(changed, key=lambda row: row.path)[:limit]

    def n_changes(
        self, tx: Transaction, before_id: int, after_id: int, *, search: str
    ) -> dict[Change, int]:
        """Numbers of the paths of two versions by change: added, removed, changed, the same."""
        counts: dict[Change, int] = {"added": 0, "removed": 0, "changed": 0, "same": 0}
        for of_before in (False, True):
            own, _, joined, change = _compared(before_id, after_id, of_before=of_before)
            query = (
                select(change, func.count())
                .select_from(joined)
                .where(*_searched(own, search))
                .group_by(change)
            )
            if of_before:
                query = query.where(change == "removed")
            for kind, n in tx.connection.execute(query):
                counts[cast("Change", kind)] = n
        return counts


_FILE: Final = columns_of(artifact_file, ArtifactFileRow)


def _below(artifact_id: int, prefix: str) -> ColumnElement[bool]:
    of_it = artifact_file.c.artifact_id == artifact_id
    return of_it & path_columns.begins_with(artifact_file.c.path, prefix)


def _compared(
    before_id: int, after_id: int, *, of_before: bool
) -> tuple[FromClause, FromClause, FromClause, ColumnElement[str]]:
    """The files of one of two versions, each next to the other's file with its path: both, the
    join, and what became of each path.
    """
    own_id, other_id = (before_id, after_id) if of_before else (after_id, before_id)
    own = select(artifact_file).where(artifact_file.c.artifact_id == own_id).subquery("mine")
    other = select(artifact_file).where(artifact_file.c.artifact_id == other_id).subquery("other")
    is_same = and_(
        own.c.sha256 == other.c.sha256,
        *(
            func.coalesce(own.c[name], "") == func.coalesce(other.c[name], "")
            for name in ("reference", "checksum")
        ),
    )
    change = case(
        (other.c.path.is_(None), "removed" if of_before else "added"),
        (is_same, "same"),
        else_="changed",
    )
    return own, other, own.outerjoin(other, own.c.path == other.c.path), change


def _searched(files: FromClause, search: str) -> list[ColumnElement[bool]]:
    return [files.c.path.icontains(search, autoescape=True)] if search else []


def _columns_of(files: FromClause) -> list[ColumnElement[Any]]:
    return [files.c[column.name] for column in _FILE]


def _changed(row: Row[*tuple[Any, ...]], *, of_before: bool) -> ChangedFileRow:
    n_columns = len(_FILE)
    own_file = ArtifactFileRow(*row[1 : n_columns + 1])
    other = None if row[n_columns + 1] is None else ArtifactFileRow(*row[n_columns + 1 :])
    return ChangedFileRow(
        own_file.path, row[0], own_file if of_before else other, other if of_before else own_file
    )


def blobs_of(tx: Transaction, artifact_ids: Sequence[int] | Select[int]) -> set[str]:
    """The blobs that the files of some versions, row ids or a query for them, use."""
    blobs: set[str] = set()
    for table in (artifact_file, artifact_chunk):
        query = select(table.c.sha256).where(
            table.c.artifact_id.in_(artifact_ids), table.c.state == "stored"
        )
        blobs.update(tx.connection.execute(query.distinct()).scalars())
    return blobs


# Once per request with contents: the index of awaited ones answers it, however many are stored.
_LACKS_CONTENTS: Final = select(
    or_(
        *(
            select(literal(1))
            .select_from(table)
            .where(table.c.artifact_id == bindparam("of"), table.c.state == text("'awaited'"))
            .exists()
            for table in (artifact_file, artifact_chunk)
        )
    )
)
