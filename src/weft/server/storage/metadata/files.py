"""Files of runs in the metadata database: which blob is at which path.

A blob is needed as long as a row names it; there is no reference count that could be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, func, select

from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction, insert, insert_of
from weft.server.storage.metadata.schema import entity, project, run, run_file

_AFTER_ALL = "\U0010ffff"
"""A character that no path contains and that sorts after all others."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of a run."""

    path: str
    sha256: str
    n_bytes: int
    media_type: str
    created_micros: int


class FileTable:
    """Reads and writes files of runs."""

    def get(self, tx: Transaction, run_row_id: int, path: str) -> FileRow | None:
        """One file, or None if there is no file at that path."""
        query = select(*_COLUMNS).where(run_file.c.run_id == run_row_id, run_file.c.path == path)
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else FileRow(*row)

    def page(
        self, tx: Transaction, run_row_id: int, prefix: str, after: str | None, limit: int
    ) -> list[FileRow]:
        """Files whose path begins with `prefix`, sorted by path, starting after `after`."""
        query = (
            select(*_COLUMNS).where(_below(run_row_id, prefix)).order_by(run_file.c.path)
        ).limit(limit)
        if after is not None:
            query = query.where(run_file.c.path > after)
        return [FileRow(*row) for row in tx.connection.execute(query)]

    def count(self, tx: Transaction, run_row_id: int, prefix: str) -> int:
        """How many files have a path that begins with `prefix`."""
        query = select(func.count()).select_from(run_file).where(_below(run_row_id, prefix))
        return tx.connection.execute(query).scalar_one()

    def put(self, tx: Transaction, run_row_id: int, row: FileRow) -> None:
        """Put a file at its path, replacing any file there."""
        values = {
            "sha256": row.sha256,
            "n_bytes": row.n_bytes,
            "media_type": row.media_type,
            "created_micros": row.created_micros,
        }
        tx.connection.execute(
            insert(tx, run_file)
            .values(run_id=run_row_id, path=row.path, **values)
            .on_conflict_do_update(index_elements=["run_id", "path"], set_=values)
        )

    def put_new(self, tx: Transaction, rows: Mapping[int, FileRow]) -> set[int]:
        """Put one file for each run, by row id, unless the run has a file at that path.

        Returns:
            The row ids of the runs whose file was put.
        """
        statement = _insert_new_of(tx.dialect)
        return {
            row_id
            for row_id, row in rows.items()
            if tx.connection.execute(statement, {"run_id": row_id, **asdict(row)}).first()
        }

    def delete(self, tx: Transaction, run_row_id: int, path: str) -> bool:
        """Remove a file; returns whether it existed."""
        done = tx.connection.execute(
            run_file.delete().where(run_file.c.run_id == run_row_id, run_file.c.path == path)
        )
        return done.rowcount > 0

    def blobs_of_runs(self, tx: Transaction, run_row_ids: Sequence[int]) -> set[str]:
        """The blobs of some runs' files."""
        found: set[str] = set()
        for at in range(0, len(run_row_ids), MAX_PARAMETERS):
            some = run_row_ids[at : at + MAX_PARAMETERS]
            query = select(run_file.c.sha256).where(run_file.c.run_id.in_(some)).distinct()
            found.update(tx.connection.execute(query).scalars())
        return found

    def wanted(self, tx: Transaction, blobs: Iterable[str]) -> set[str]:
        """Which of some blobs are used by a file."""
        asked = list(blobs)
        found: set[str] = set()
        for at in range(0, len(asked), MAX_PARAMETERS):
            some = asked[at : at + MAX_PARAMETERS]
            query = select(run_file.c.sha256).where(run_file.c.sha256.in_(some)).distinct()
            found.update(tx.connection.execute(query).scalars())
        return found

    def all_blobs(self, tx: Transaction) -> Iterator[tuple[str, int]]:
        """Hash and size of each blob that a file uses, sorted by hash."""
        query = (
            select(run_file.c.sha256, func.max(run_file.c.n_bytes))
            .group_by(run_file.c.sha256)
            .order_by(run_file.c.sha256)
        )
        for row in tx.connection.execute(query):
            yield row[0], row[1]

    def owners(self, tx: Transaction, sha256: str) -> list[tuple[str, str, str, str]]:
        """Entity, project, run and path of the files that use a blob."""
        query = (
            select(entity.c.name, project.c.name, run.c.run, run_file.c.path)
            .join_from(run_file, run)
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(run_file.c.sha256 == sha256)
            .order_by(entity.c.name, project.c.name, run.c.run, run_file.c.path)
        )
        return [(row[0], row[1], row[2], row[3]) for row in tx.connection.execute(query)]

    def bytes_of_run(self, tx: Transaction, run_row_id: int) -> int:
        """Total bytes of a run's files."""
        query = select(func.coalesce(func.sum(run_file.c.n_bytes), 0))
        return int(
            tx.connection.execute(query.where(run_file.c.run_id == run_row_id)).scalar_one()
        )

    def bytes_of_runs(self, tx: Transaction, project_id: int) -> dict[int, int]:
        """Total bytes of each run's files, by row id; content shared by two files counts twice."""
        query = (
            select(run_file.c.run_id, func.sum(run_file.c.n_bytes))
            .join(run)
            .where(run.c.project_id == project_id)
            .group_by(run_file.c.run_id)
        )
        return {row_id: int(n_bytes) for row_id, n_bytes in tx.connection.execute(query)}


@cache
def _insert_new_of(dialect: str) -> Any:
    statement = insert_of(dialect, run_file)
    return statement.on_conflict_do_nothing().returning(run_file.c.run_id)


_COLUMNS = (
    run_file.c.path,
    run_file.c.sha256,
    run_file.c.n_bytes,
    run_file.c.media_type,
    run_file.c.created_micros,
)


def _below(run_row_id: int, prefix: str) -> ColumnElement[bool]:
    of_run = run_file.c.run_id == run_row_id
    if not prefix:
        return of_run
    return of_run & (run_file.c.path >= prefix) & (run_file.c.path < prefix + _AFTER_ALL)
