"""Contents in the metadata database: which are needed, and which are awaited.

A content belongs to files of runs (`files`), to files of artifacts (`artifact_files`) and their
chunks (`artifact_chunks`), and to figures and images of reports. It is needed as long as one of
them that is stored names it; there is no reference count that could be wrong.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Executable,
    FromClause,
    String,
    Table,
    Update,
    bindparam,
    func,
    literal,
    null,
    or_,
    select,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy import cast as sql_cast

from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_chunk,
    artifact_collection,
    artifact_file,
    entity,
    project,
    report,
    report_figure,
    report_image,
    run,
    run_file,
)

MAX_COUNTED: Final = 10_000
"""Awaited contents of a log are counted up to this number: each ack contains the count."""

_OF_REPORTS: Final = (report_figure, report_image)
_USERS: Final = (run_file, artifact_file, artifact_chunk, *_OF_REPORTS)
"""The tables whose rows have contents."""

_AWAITED: Final = text("'awaited'")
"""Written into the query: SQLite takes a partial index only if its condition is in there."""


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """A file, or a chunk of one, whose content is awaited, and the log that announced it.

    `artifact_id` is None for a file of the run. `start` is the chunk's in the file; None for a
    whole file.
    """

    run_row_id: int
    run: str
    writer: str
    path: str
    sha256: str
    n_bytes: int
    artifact_id: int | None = None
    start: int | None = None


class LackedRow(NamedTuple):
    """A content that a log announced and that is not stored, and one file that has it, from
    `start` on.
    """

    path: str
    start: int
    sha256: str
    n_bytes: int


class ContentOwner(NamedTuple):
    """A file that has a content, of a run with an id, or of an artifact and its version:
    `mnist:v3`.
    """

    entity: str
    project: str
    name: str
    path: str


class ContentTable:
    """Reads which contents are needed or awaited, and notes which were stored."""

    def stored_in(self, tx: Transaction, project_id: int, blobs: Collection[str]) -> set[str]:
        """Contents, among some, that a stored file of a project has."""
        return stored_in(tx, project_id, blobs)

    def lacking(
        self,
        tx: Transaction,
        run_row_id: int,
        writer: str,
        after: tuple[str, int] | None,
        limit: int,
    ) -> list[LackedRow]:
        """Contents that a log announced and that are awaited, by path and start. `after` is the
        last one that is known already.
        """
        files = select(run_file.c.path, literal(0), run_file.c.sha256, run_file.c.n_bytes).where(
            _lacks(run_row_id, writer)
        )
        if after is not None:
            files = files.where(run_file.c.path > after[0])
        rows = tx.connection.execute(files.order_by(run_file.c.path).limit(limit))
        of_run = [LackedRow(*row) for row in rows]
        of_artifacts = self._lacking_of_artifacts(tx, run_row_id, writer, after, limit)
        return list(heapq.merge(of_run, of_artifacts))[:limit]

    def _lacking_of_artifacts(
        self,
        tx: Transaction,
        run_row_id: int,
        writer: str,
        after: tuple[str, int] | None,
        limit: int,
    ) -> list[LackedRow]:
        query = select(artifact.c.id, artifact.c.folder).where(
            _begun(run_row_id, writer), artifact.c.state == "awaited"
        )
        lacked: list[LackedRow] = []
        for artifact_id, folder in tx.connection.execute(query.order_by(artifact.c.folder)).all():
            last: tuple[str, int] | None = None
            if after is not None and after[0].startswith(f"{folder}/"):
                last = (after[0][len(folder) + 1 :], after[1])
            elif after is not None and after[0] > folder:
                continue
            file, chunk = artifact_file.c, artifact_chunk.c
            files = select(file.path, literal(0), file.sha256, file.n_bytes).where(
                file.artifact_id == artifact_id, file.state == _AWAITED
            )
            chunks = select(chunk.path, chunk.start, chunk.sha256, chunk.n_bytes).where(
                chunk.artifact_id == artifact_id, chunk.state == _AWAITED
            )
            if last is not None:
                files = files.where(file.path > last[0])
                chunks = chunks.where(tuple_(chunk.path, chunk.start) > tuple_(*last))
            merged = heapq.merge(
                tx.connection.execute(files.order_by(file.path).limit(limit)).all(),
                tx.connection.execute(chunks.order_by(chunk.path, chunk.start).limit(limit)).all(),
            )
            lacked += [LackedRow(f"{folder}/{row[0]}", *row[1:]) for row in merged]
            if len(lacked) >= limit:
                break
        return lacked[:limit]

    def n_lacking(self, tx: Transaction, run_row_id: int, writer: str) -> int:
        """The number of contents that a log announced and are awaited, up to `MAX_COUNTED`.

        An artifact whose manifest was not read yet counts as one.
        """
        files = select(literal(1)).select_from(run_file).where(_lacks(run_row_id, writer))
        announced = (
            select(literal(1))
            .select_from(artifact)
            .where(_begun(run_row_id, writer), artifact.c.state == "announced")
        )
        of_artifacts = [
            select(literal(1))
            .select_from(artifact.join(table))
            .where(
                _begun(run_row_id, writer),
                artifact.c.state == "awaited",
                table.c.state == _AWAITED,
            )
            for table in (artifact_file, artifact_chunk)
        ]
        bounded = union_all(files, announced, *of_artifacts).limit(MAX_COUNTED)
        return tx.connection.execute(
            select(func.count()).select_from(bounded.subquery())
        ).scalar_one()

    def awaited(
        self, tx: Transaction, project_id: int, blobs: Collection[str]
    ) -> list[AwaitedFile]:
        """The files of a project that await some contents, and the chunks of files that do."""
        if not blobs:
            return []
        parameters = {"project": project_id, "hashes": _parameter(tx, blobs)}
        return [
            AwaitedFile(*row)
            for query in _awaited_queries(tx.dialect)
            for row in tx.connection.execute(query, parameters)
        ]

    def note_stored(self, tx: Transaction, files: Sequence[AwaitedFile], now_micros: int) -> None:
        """Note that the contents of some awaited files and chunks are stored."""
        of_runs, of_artifacts, of_chunks = list[Any](), list[Any](), list[Any]()
        for file in files:
            values = {"of": file.artifact_id, "at": file.path, "blob": file.sha256}
            if file.artifact_id is None:
                of_runs.append(values | {"of": file.run_row_id, "now": now_micros})
            elif file.start is None:
                of_artifacts.append(values)
            else:
                of_chunks.append(values | {"from": file.start})
        for query, rows in zip(_NOTES_STORED, (of_runs, of_artifacts, of_chunks), strict=True):
            if rows:
                tx.connection.execute(query, rows)

    def wanted(self, tx: Transaction, blobs: Iterable[str]) -> set[str]:
        """Blobs, among some, that are used by a file, a chunk of one, or a report."""
        names = list(blobs)
        awaited: set[str] = set()
        for at in range(0, len(names), MAX_PARAMETERS):
            batch = names[at : at + MAX_PARAMETERS]
            for table in _USERS:
                query = select(table.c.sha256).where(table.c.sha256.in_(batch), _is_stored(table))
                awaited.update(tx.connection.execute(query.distinct()).scalars())
        return awaited

    def all_blobs(self, tx: Transaction) -> Iterator[tuple[str, int]]:
        """Hash and size of each blob that is used, sorted by hash."""
        used = union_all(
            *(select(table.c.sha256, table.c.n_bytes).where(_is_stored(table)) for table in _USERS)
        ).subquery()
        query = (
            select(used.c.sha256, func.max(used.c.n_bytes))
            .group_by(used.c.sha256)
            .order_by(used.c.sha256)
        )
        for row in tx.connection.execute(query):
            yield row[0], row[1]

    def owners(self, tx: Transaction, sha256: str) -> list[ContentOwner]:
        """The files that use a blob, first those of runs, and last reports."""
        of_runs = select(entity.c.name, project.c.name, run.c.run, run_file.c.path)
        of_runs = of_runs.select_from(run_file).join(run).join(project).join(entity)
        of_runs = of_runs.where(run_file.c.sha256 == sha256, run_file.c.state == "stored")
        name = artifact_collection.c.name + ":v" + sql_cast(artifact.c.version, String)
        of_artifacts = [
            select(entity.c.name, project.c.name, func.coalesce(name, ""), table.c.path)
            .distinct()
            .select_from(table.join(artifact).join(artifact_collection).join(project).join(entity))
            .where(table.c.sha256 == sha256, table.c.state == "stored")
            for table in (artifact_file, artifact_chunk)
        ]
        of_reports = [
            select(entity.c.name, project.c.name, literal(""), "reports/" + report.c.report)
            .distinct()
            .select_from(table.join(report).join(project).join(entity))
            .where(table.c.sha256 == sha256)
            for table in _OF_REPORTS
        ]
        return [
            ContentOwner(*row)
            for query in (of_runs, *of_artifacts, *of_reports)
            for row in sorted(tx.connection.execute(query).all())
        ]


def _is_stored(table: Table) -> ColumnElement[bool]:
    """Whether a row has its content. Those of reports always do."""
    return true() if table in _OF_REPORTS else table.c.state == "stored"


def stored_in(tx: Transaction, project_id: int, blobs: Collection[str]) -> set[str]:
    """Contents, among some, that a stored file or chunk of a project has."""
    if not blobs:
        return set()
    parameters = {"project": project_id, "hashes": _parameter(tx, blobs)}
    return set(tx.connection.execute(_stored_query(tx.dialect), parameters).scalars())


# Made once: SQLAlchemy takes longer to put such a query together than the database to answer it.


@cache
def _awaited_queries(dialect: str) -> tuple[Executable, ...]:
    """Files of runs and of artifacts, and chunks, that await one of the contents `hashes`."""
    hashes = _hashes_table(dialect)
    of_runs = (
        select(
            run_file.c.run_id,
            run.c.run,
            run_file.c.edit_writer,
            run_file.c.path,
            run_file.c.sha256,
            run_file.c.n_bytes,
        )
        .join_from(hashes, run_file, run_file.c.sha256 == hashes.c.value)
        .join(run)
        .where(run_file.c.state == "awaited", run.c.project_id == bindparam("project"))
        .order_by(run_file.c.run_id, run_file.c.path)
    )
    of_artifacts = [
        select(
            artifact.c.run_id,
            run.c.run,
            artifact.c.writer,
            table.c.path,
            table.c.sha256,
            table.c.n_bytes,
            artifact.c.id,
            null() if table is artifact_file else artifact_chunk.c.start,
        )
        .join_from(hashes, table, table.c.sha256 == hashes.c.value)
        .join(artifact, artifact.c.id == table.c.artifact_id)
        .join(run, run.c.id == artifact.c.run_id)
        .where(table.c.state == "awaited", run.c.project_id == bindparam("project"))
        .order_by(artifact.c.id, table.c.path)
        for table in (artifact_file, artifact_chunk)
    ]
    return (of_runs, *of_artifacts)


@cache
def _stored_query(dialect: str) -> Executable:
    """Those of the contents `hashes` that something stored in a project has."""
    hashes = _hashes_table(dialect)
    # A search that stops at the first: thousands of runs may have the same file.
    in_run = (
        select(run_file.c.path)
        .join(run)
        .where(
            run_file.c.sha256 == hashes.c.value,
            run_file.c.state == "stored",
            run.c.project_id == bindparam("project"),
        )
        .exists()
    )
    in_artifact = [
        select(table.c.path)
        .select_from(table.join(artifact).join(artifact_collection))
        .where(
            table.c.sha256 == hashes.c.value,
            table.c.state == "stored",
            artifact_collection.c.project_id == bindparam("project"),
        )
        .exists()
        for table in (artifact_file, artifact_chunk)
    ]
    return select(hashes.c.value).where(or_(in_run, *in_artifact))


def _hashes_table(dialect: str) -> FromClause:
    """A table with a column `value` of any number of texts, which are one parameter, `hashes`."""
    if dialect == "sqlite":
        return func.json_each(bindparam("hashes")).table_valued("value")
    from sqlalchemy.dialects.postgresql import ARRAY  # imported late: it loads all drivers, 0.1 s

    hashes = func.unnest(sql_cast(bindparam("hashes"), ARRAY(String)))
    return hashes.table_valued("value").render_derived()


def _parameter(tx: Transaction, texts: Collection[str]) -> str | list[str]:
    """The value of the parameter of `_hashes_table`."""
    return json.dumps(list(texts)) if tx.dialect == "sqlite" else list(texts)


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


def _note_stored(table: Table, owner: ColumnElement[int], *keys: ColumnElement[bool]) -> Update:
    return (
        table.update()
        .where(
            owner == bindparam("of"),
            table.c.path == bindparam("at"),
            table.c.sha256 == bindparam("blob"),
            table.c.state == "awaited",
            *keys,
        )
        .values(state="stored")
    )


_NOTES_STORED: Final = (
    _note_stored(run_file, run_file.c.run_id).values(created_micros=bindparam("now")),
    _note_stored(artifact_file, artifact_file.c.artifact_id),
    _note_stored(
        artifact_chunk, artifact_chunk.c.artifact_id, artifact_chunk.c.start == bindparam("from")
    ),
)
"""Of files of runs, of artifacts, and of chunks."""
