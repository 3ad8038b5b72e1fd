"""Files of artifact versions in the metadata database: which content is at which path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from weft.server.storage.metadata.engine import Transaction, insert
from weft.server.storage.metadata.path_columns import begins_with, slash_after
from weft.server.storage.metadata.schema import artifact_chunk, artifact_file


class ArtifactFileRow(NamedTuple):
    """A file of a version.

    Attributes:
        state: `stored`, `awaited`, `chunked` (its content is in chunks) or `reference`.
    """

    path: str
    sha256: str
    n_bytes: int
    reference: str | None
    checksum: str | None
    state: str


class ArtifactFileTable:
    """Reads and writes files of versions."""

    def add(self, tx: Transaction, artifact_id: int, rows: Sequence[ArtifactFileRow]) -> None:
        """Add files to a version; those that it has are left as they are."""
        if rows:
            tx.connection.execute(
                insert(tx, artifact_file).on_conflict_do_nothing(),
                [{"artifact_id": artifact_id, **row._asdict()} for row in rows],
            )

    def clear(self, tx: Transaction, artifact_id: int) -> set[str]:
        """Remove all files of a version; returns the blobs that they used."""
        blobs = blobs_of(tx, [artifact_id])
        for table in (artifact_file, artifact_chunk):
            tx.connection.execute(table.delete().where(table.c.artifact_id == artifact_id))
        return blobs

    def n_awaited(self, tx: Transaction, artifact_id: int) -> int:
        """How many files and chunks of a version lack their contents."""
        return sum(
            tx.connection.execute(
                select(func.count())
                .select_from(table)
                .where(table.c.artifact_id == artifact_id, table.c.state == "awaited")
            ).scalar_one()
            for table in (artifact_file, artifact_chunk)
        )

    def get(self, tx: Transaction, artifact_id: int, path: str) -> ArtifactFileRow | None:
        """One file of a version."""
        query = select(*_FILE).where(
            artifact_file.c.artifact_id == artifact_id, artifact_file.c.path == path
        )
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else ArtifactFileRow(*row)

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
        if after is not None:
            query = query.where(artifact_file.c.path > after)
        rows = tx.connection.execute(query.order_by(artifact_file.c.path).limit(limit))
        return [ArtifactFileRow(*row) for row in rows]

    def folders(
        self, tx: Transaction, artifact_id: int, folder: str, limit: int
    ) -> list[tuple[str, int, int]]:
        """Name, number of files and bytes of each folder in a folder, by name.

        Args:
            folder: '' or a path that ends with a slash.
        """
        slash = slash_after(tx, artifact_file.c.path, folder)
        name = func.substr(artifact_file.c.path, len(folder) + 1, slash - 1).label("name")
        query = (
            select(name, func.count(), func.sum(artifact_file.c.n_bytes))
            .where(_below(artifact_id, folder), slash > 0)
            .group_by(name)
            .order_by(name)
            .limit(limit)
        )
        return [(row[0], row[1], int(row[2])) for row in tx.connection.execute(query)]

    def directly_in(
        self, tx: Transaction, artifact_id: int, folder: str, after: str | None, limit: int
    ) -> list[ArtifactFileRow]:
        """Files in a folder, but not in folders below it, by path, starting after `after`."""
        query = select(*_FILE).where(
            _below(artifact_id, folder), slash_after(tx, artifact_file.c.path, folder) == 0
        )
        if after is not None:
            query = query.where(artifact_file.c.path > after)
        rows = tx.connection.execute(query.order_by(artifact_file.c.path).limit(limit))
        return [ArtifactFileRow(*row) for row in rows]


_FILE: Final = (
    artifact_file.c.path,
    artifact_file.c.sha256,
    artifact_file.c.n_bytes,
    artifact_file.c.reference,
    artifact_file.c.checksum,
    artifact_file.c.state,
)


def _below(artifact_id: int, prefix: str) -> ColumnElement[bool]:
    of_it = artifact_file.c.artifact_id == artifact_id
    return of_it & begins_with(artifact_file.c.path, prefix)


def blobs_of(tx: Transaction, artifact_ids: Sequence[int] | Select[int]) -> set[str]:
    """The blobs that the files of some versions use.

    Args:
        artifact_ids: row ids, or a query for them.
    """
    blobs: set[str] = set()
    for table in (artifact_file, artifact_chunk):
        query = select(table.c.sha256).where(
            table.c.artifact_id.in_(artifact_ids), table.c.state == "stored"
        )
        blobs.update(tx.connection.execute(query.distinct()).scalars())
    return blobs
