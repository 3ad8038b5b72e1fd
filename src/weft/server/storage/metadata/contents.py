"""Contents in the metadata database: which are needed, and which are awaited.

A content belongs to files of runs (`files`) and of artifacts (`artifacts`). It is needed as
long as a stored file of either names it; there is no reference count that could be wrong.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import FromClause, String, bindparam, func, literal, select, text, union_all
from sqlalchemy import cast as sql_cast

from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction
from weft.server.storage.metadata.schema import (
    artifact,
    artifact_collection,
    artifact_file,
    entity,
    project,
    run,
    run_file,
)

MAX_COUNTED: Final = 10_000
"""Awaited contents of a log are counted up to this number: each ack contains the count."""

_AWAITED: Final = text("'awaited'")
"""Written into the query: SQLite takes a partial index only if its condition is in there."""


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """A file whose content is awaited, and the log that announced it.

    Attributes:
        path: among the files of the run.
        artifact_id: the row id of the artifact that the file belongs to. None if the run has it.
    """

    run_row_id: int
    run: str
    writer: str
    path: str
    sha256: str
    n_bytes: int
    artifact_id: int | None = None


class LackedRow(NamedTuple):
    """A content that a log announced and that is not stored, and the path of one of its files."""

    path: str
    sha256: str
    n_bytes: int


class ContentOwner(NamedTuple):
    """A file that has a content.

    Attributes:
        name: the run's id, or the artifact's name and version: `mnist:v3`.
    """

    entity: str
    project: str
    name: str
    path: str


class ContentTable:
    """Reads which contents are needed or awaited, and notes which were stored."""

    def stored_in(self, tx: Transaction, project_id: int, blobs: Collection[str]) -> set[str]:
        """Which of some contents a stored file of a project has."""
        return stored_in(tx, project_id, blobs)

    def lacking(
        self, tx: Transaction, run_row_id: int, writer: str, after: str | None, limit: int
    ) -> list[LackedRow]:
        """Contents that a log announced and that are awaited, by path, starting after `after`."""
        files = select(run_file.c.path, run_file.c.sha256, run_file.c.n_bytes).where(
            _lacks(run_row_id, writer)
        )
        if after is not None:
            files = files.where(run_file.c.path > after)
        rows = tx.connection.execute(files.order_by(run_file.c.path).limit(limit))
        of_run = [LackedRow(*row) for row in rows]
        of_artifacts = self._lacking_of_artifacts(tx, run_row_id, writer, after, limit)
        return list(heapq.merge(of_run, of_artifacts))[:limit]

    def _lacking_of_artifacts(
        self, tx: Transaction, run_row_id: int, writer: str, after: str | None, limit: int
    ) -> list[LackedRow]:
        query = select(artifact.c.id, artifact.c.folder).where(
            _begun(run_row_id, writer), artifact.c.state == "awaited"
        )
        found: list[LackedRow] = []
        for artifact_id, folder in tx.connection.execute(query.order_by(artifact.c.folder)).all():
            files = select(artifact_file.c.path, artifact_file.c.sha256, artifact_file.c.n_bytes)
            files = files.where(
                artifact_file.c.artifact_id == artifact_id, artifact_file.c.state == _AWAITED
            )
            if after is not None and after.startswith(f"{folder}/"):
                files = files.where(artifact_file.c.path > after[len(folder) + 1 :])
            elif after is not None and after > folder:
                continue
            wanted = files.order_by(artifact_file.c.path).limit(limit - len(found))
            found += [
                LackedRow(f"{folder}/{row[0]}", row[1], row[2])
                for row in tx.connection.execute(wanted)
            ]
            if len(found) == limit:
                break
        return found

    def n_lacking(self, tx: Transaction, run_row_id: int, writer: str) -> int:
        """How many contents a log announced and are awaited, counted up to `MAX_COUNTED`.

        An artifact whose manifest was not read yet counts as one.
        """
        files = select(literal(1)).select_from(run_file).where(_lacks(run_row_id, writer))
        announced = (
            select(literal(1))
            .select_from(artifact)
            .where(_begun(run_row_id, writer), artifact.c.state == "announced")
        )
        of_artifacts = (
            select(literal(1))
            .select_from(artifact.join(artifact_file))
            .where(
                _begun(run_row_id, writer),
                artifact.c.state == "awaited",
                artifact_file.c.state == _AWAITED,
            )
        )
        some = union_all(files, announced, of_artifacts).limit(MAX_COUNTED)
        return tx.connection.execute(
            select(func.count()).select_from(some.subquery())
        ).scalar_one()

    def awaited(
        self, tx: Transaction, project_id: int, blobs: Collection[str]
    ) -> list[AwaitedFile]:
        """The files of a project that await some contents."""
        if not blobs:
            return []
        asked = listed(tx, blobs)
        of_runs = (
            select(
                run_file.c.run_id,
                run.c.run,
                run_file.c.edit_writer,
                run_file.c.path,
                run_file.c.sha256,
                run_file.c.n_bytes,
            )
            .join_from(asked, run_file, run_file.c.sha256 == asked.c.value)
            .join(run)
            .where(run_file.c.state == "awaited", run.c.project_id == project_id)
            .order_by(run_file.c.run_id, run_file.c.path)
        )
        of_artifacts = (
            select(
                artifact.c.run_id,
                run.c.run,
                artifact.c.writer,
                artifact_file.c.path,
                artifact_file.c.sha256,
                artifact_file.c.n_bytes,
                artifact.c.id,
            )
            .join_from(asked, artifact_file, artifact_file.c.sha256 == asked.c.value)
            .join(artifact, artifact.c.id == artifact_file.c.artifact_id)
            .join(run, run.c.id == artifact.c.run_id)
            .where(artifact_file.c.state == "awaited", run.c.project_id == project_id)
            .order_by(artifact.c.id, artifact_file.c.path)
        )
        return [
            AwaitedFile(*row)
            for query in (of_runs, of_artifacts)
            for row in tx.connection.execute(query)
        ]

    def note_stored(self, tx: Transaction, files: Sequence[AwaitedFile], now_micros: int) -> None:
        """Note that the contents of some awaited files are stored."""
        of_runs = [
            {"of": file.run_row_id, "at": file.path, "blob": file.sha256, "now": now_micros}
            for file in files
            if file.artifact_id is None
        ]
        of_artifacts = [
            {"of": file.artifact_id, "at": file.path, "blob": file.sha256}
            for file in files
            if file.artifact_id is not None
        ]
        if of_runs:
            tx.connection.execute(_NOTE_STORED, of_runs)
        if of_artifacts:
            tx.connection.execute(_NOTE_STORED_IN_ARTIFACT, of_artifacts)

    def wanted(self, tx: Transaction, blobs: Iterable[str]) -> set[str]:
        """Which of some blobs are used by a file."""
        asked = list(blobs)
        found: set[str] = set()
        for at in range(0, len(asked), MAX_PARAMETERS):
            some = asked[at : at + MAX_PARAMETERS]
            for table in (run_file, artifact_file):
                query = select(table.c.sha256).where(
                    table.c.sha256.in_(some), table.c.state == "stored"
                )
                found.update(tx.connection.execute(query.distinct()).scalars())
        return found

    def all_blobs(self, tx: Transaction) -> Iterator[tuple[str, int]]:
        """Hash and size of each blob that a file uses, sorted by hash."""
        used = union_all(
            *(
                select(table.c.sha256, table.c.n_bytes).where(table.c.state == "stored")
                for table in (run_file, artifact_file)
            )
        ).subquery()
        query = (
            select(used.c.sha256, func.max(used.c.n_bytes))
            .group_by(used.c.sha256)
            .order_by(used.c.sha256)
        )
        for row in tx.connection.execute(query):
            yield row[0], row[1]

    def owners(self, tx: Transaction, sha256: str) -> list[ContentOwner]:
        """The files that use a blob, first those of runs."""
        of_runs = select(entity.c.name, project.c.name, run.c.run, run_file.c.path)
        of_runs = of_runs.select_from(run_file).join(run).join(project).join(entity)
        of_runs = of_runs.where(run_file.c.sha256 == sha256, run_file.c.state == "stored")
        name = artifact_collection.c.name + ":v" + sql_cast(artifact.c.version, String)
        of_artifacts = (
            select(entity.c.name, project.c.name, func.coalesce(name, ""), artifact_file.c.path)
            .select_from(
                artifact_file.join(artifact).join(artifact_collection).join(project).join(entity)
            )
            .where(artifact_file.c.sha256 == sha256, artifact_file.c.state == "stored")
        )
        return [
            ContentOwner(*row)
            for query in (of_runs, of_artifacts)
            for row in sorted(tx.connection.execute(query).all())
        ]


def stored_in(tx: Transaction, project_id: int, blobs: Collection[str]) -> set[str]:
    """Which of some contents a stored file of a project has."""
    if not blobs:
        return set()
    asked = listed(tx, blobs)
    # A search that stops at the first: thousands of runs may have the same file.
    in_run = (
        select(run_file.c.path)
        .join(run)
        .where(
            run_file.c.sha256 == asked.c.value,
            run_file.c.state == "stored",
            run.c.project_id == project_id,
        )
        .exists()
    )
    in_artifact = (
        select(artifact_file.c.path)
        .select_from(artifact_file.join(artifact).join(artifact_collection))
        .where(
            artifact_file.c.sha256 == asked.c.value,
            artifact_file.c.state == "stored",
            artifact_collection.c.project_id == project_id,
        )
        .exists()
    )
    query = select(asked.c.value).where(in_run | in_artifact)
    return set(tx.connection.execute(query).scalars())


def listed(tx: Transaction, texts: Collection[str]) -> FromClause:
    """A table with one column `value` of any number of texts, in one parameter."""
    if tx.dialect == "sqlite":
        return func.json_each(json.dumps(list(texts))).table_valued("value")
    from sqlalchemy.dialects.postgresql import ARRAY  # imported late: it loads all drivers, 0.1 s

    asked = func.unnest(sql_cast(list(texts), ARRAY(String)))
    return asked.table_valued("value").render_derived()


def _lacks(run_row_id: int, writer: str) -> Any:
    return (
        (run_file.c.run_id == run_row_id)
        & (run_file.c.edit_writer == writer)
        & (run_file.c.state == _AWAITED)
    )


def _begun(run_row_id: int, writer: str) -> Any:
    return (
        (artifact.c.run_id == run_row_id)
        & (artifact.c.writer == writer)
        & artifact.c.version.is_(None)
    )


_NOTE_STORED: Final = (
    run_file.update()
    .where(
        run_file.c.run_id == bindparam("of"),
        run_file.c.path == bindparam("at"),
        run_file.c.sha256 == bindparam("blob"),
        run_file.c.state == "awaited",
    )
    .values(state="stored", created_micros=bindparam("now"))
)
_NOTE_STORED_IN_ARTIFACT: Final = (
    artifact_file.update()
    .where(
        artifact_file.c.artifact_id == bindparam("of"),
        artifact_file.c.path == bindparam("at"),
        artifact_file.c.sha256 == bindparam("blob"),
        artifact_file.c.state == "awaited",
    )
    .values(state="stored")
)
