"""Bytes of stored contents in the metadata database: of projects, artifacts and entities.

A content is stored once, however many files name it, so it counts once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, case, func, literal, select, union_all

from weft.server.storage.metadata.database.engine import Transaction
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

_RUN: Final = 0
_ARTIFACT: Final = 1
_TRASH: Final = 2

_OF_REPORTS: Final = (report_figure, report_image)


class ContentBytes(NamedTuple):
    """Bytes of the contents of a project, each counted once.

    First come files of runs that are not in the trash, with figures and images of reports, then
    artifacts, then files of runs in the trash.
    """

    of_runs: int
    of_artifacts: int
    of_trash: int


class ArtifactBytes(NamedTuple):
    """Bytes of the contents of an artifact: of all its versions, each content once."""

    name: str
    n_versions: int
    n_bytes: int


class WeekBytes(NamedTuple):
    """Runs that began in a week, and bytes of contents that came with runs and versions of it."""

    start_micros: int
    n_runs: int
    of_runs: int
    of_artifacts: int


_WEEK_MICROS: Final = 7 * 86_400_000_000
_MONDAY_MICROS: Final = 4 * 86_400_000_000
"""The first Monday after the epoch, which was a Thursday."""


class ContentSizeTable:
    """Reads how many bytes of contents are stored."""

    def of_project(self, tx: Transaction, project_id: int) -> ContentBytes:
        contents = _contents(
            run.c.project_id == project_id,
            artifact_collection.c.project_id == project_id,
            report.c.project_id == project_id,
        ).subquery()
        # The least owner of a content is what it counts for.
        once = (
            select(func.min(contents.c.owner).label("owner"), contents.c.n_bytes)
            .group_by(contents.c.sha256, contents.c.n_bytes)
            .subquery()
        )
        query = select(once.c.owner, func.sum(once.c.n_bytes)).group_by(once.c.owner)
        sums = {row[0]: int(row[1]) for row in tx.connection.execute(query)}
        return ContentBytes(*(sums.get(owner, 0) for owner in (_RUN, _ARTIFACT, _TRASH)))

    def of_artifacts(self, tx: Transaction, project_id: int) -> list[ArtifactBytes]:
        """The bytes of each artifact of a project that has stored contents, largest first."""
        name = artifact_collection.c.name
        contents = union_all(
            *(
                select(name, table.c.artifact_id, table.c.sha256, table.c.n_bytes)
                .select_from(table.join(artifact).join(artifact_collection))
                .where(artifact_collection.c.project_id == project_id, table.c.state == "stored")
                for table in (artifact_file, artifact_chunk)
            )
        ).subquery()
        once = select(contents.c.name, contents.c.sha256, contents.c.n_bytes).distinct().subquery()
        sizes = select(once.c.name, func.sum(once.c.n_bytes)).group_by(once.c.name)
        versions = (
            select(name, func.count())
            .select_from(artifact.join(artifact_collection))
            .where(artifact_collection.c.project_id == project_id, artifact.c.state == "stored")
            .group_by(name)
        )
        n_versions = {row[0]: int(row[1]) for row in tx.connection.execute(versions)}
        artifacts = [
            ArtifactBytes(row[0], n_versions.get(row[0], 0), int(row[1]))
            for row in tx.connection.execute(sizes)
        ]
        return sorted(artifacts, key=lambda size: (-size.n_bytes, size.name))

    def of_people(
        self, tx: Transaction, project_ids: Collection[int]
    ) -> list[tuple[str, int, int]]:
        """Users, the numbers of their runs in projects, and the bytes of the files."""
        files = (
            select(run_file.c.run_id, func.sum(run_file.c.n_bytes).label("n_bytes"))
            .where(run_file.c.state == "stored")
            .group_by(run_file.c.run_id)
            .subquery()
        )
        # One expression: PostgreSQL groups by none that has another parameter.
        user = func.coalesce(run.c.user, "")
        query = (
            select(
                user,
                func.count(),
                func.coalesce(func.sum(files.c.n_bytes), 0),
            )
            .select_from(run.outerjoin(files, files.c.run_id == run.c.id))
            .where(run.c.project_id.in_(project_ids), run.c.trashed_micros.is_(None))
            .group_by(user)
        )
        return [(row[0], row[1], int(row[2])) for row in tx.connection.execute(query)]

    def of_weeks(
        self, tx: Transaction, project_ids: Collection[int], *, now_micros: int, n_weeks: int
    ) -> list[WeekBytes]:
        """Runs and contents of projects by the week in which they came, oldest first.

        A content counts in the week of the first run or version that has it.
        """
        last = (now_micros - _MONDAY_MICROS) // _WEEK_MICROS
        first = last - n_weeks + 1
        since = first * _WEEK_MICROS + _MONDAY_MICROS
        contents = _dated_contents(project_ids).subquery()
        once = (
            select(
                func.min(contents.c.micros).label("micros"),
                func.min(contents.c.owner).label("owner"),
                contents.c.n_bytes,
            )
            .group_by(contents.c.sha256, contents.c.n_bytes)
            .subquery()
        )
        week = (once.c.micros - _MONDAY_MICROS) // _WEEK_MICROS
        sums = {
            (row[0], row[1]): int(row[2])
            for row in tx.connection.execute(
                select(week, once.c.owner, func.sum(once.c.n_bytes))
                .where(once.c.micros >= since)
                .group_by(week, once.c.owner)
            )
        }
        run_week = (run.c.created_micros - _MONDAY_MICROS) // _WEEK_MICROS
        runs = {
            row[0]: int(row[1])
            for row in tx.connection.execute(
                select(run_week, func.count())
                .where(
                    run.c.project_id.in_(project_ids),
                    run.c.trashed_micros.is_(None),
                    run.c.created_micros >= since,
                )
                .group_by(run_week)
            )
        }
        return [
            WeekBytes(
                at * _WEEK_MICROS + _MONDAY_MICROS,
                runs.get(at, 0),
                sums.get((at, _RUN), 0),
                sums.get((at, _ARTIFACT), 0),
            )
            for at in range(first, last + 1)
        ]

    def of_entities(self, tx: Transaction, names: Sequence[str]) -> dict[str, int]:
        """The bytes of the contents of all projects of each of at most `MAX_PARAMETERS` entities,
        those in the trash included. Entities without contents are left out.
        """
        name = entity.c.name.label("name")
        sources = (
            (run_file, run_file.join(run).join(project, run.c.project_id == project.c.id)),
            *(
                (table, table.join(artifact).join(artifact_collection).join(project))
                for table in (artifact_file, artifact_chunk)
            ),
        )
        contents = union_all(
            *(
                select(name, table.c.sha256, table.c.n_bytes)
                .select_from(joined.join(entity))
                .where(entity.c.name.in_(names), table.c.state == "stored")
                for table, joined in sources
            ),
            *(
                select(name, table.c.sha256, table.c.n_bytes)
                .select_from(table.join(report).join(project).join(entity))
                .where(entity.c.name.in_(names))
                for table in _OF_REPORTS
            ),
        ).subquery()
        once = select(contents).distinct().subquery()
        query = select(once.c.name, func.sum(once.c.n_bytes)).group_by(once.c.name)
        return {row[0]: int(row[1]) for row in tx.connection.execute(query)}


def _dated_contents(project_ids: Collection[int]) -> CompoundSelect[Any, Any, int, Any]:
    """Stored contents outside the trash, with what they belong to and when that began."""
    return union_all(
        select(
            run_file.c.sha256,
            run_file.c.n_bytes,
            literal(_RUN).label("owner"),
            run.c.created_micros.label("micros"),
        )
        .select_from(run_file.join(run))
        .where(
            run.c.project_id.in_(project_ids),
            run.c.trashed_micros.is_(None),
            run_file.c.state == "stored",
        ),
        *(
            select(table.c.sha256, table.c.n_bytes, literal(_ARTIFACT), artifact.c.created_micros)
            .select_from(table.join(artifact).join(artifact_collection))
            .where(artifact_collection.c.project_id.in_(project_ids), table.c.state == "stored")
            for table in (artifact_file, artifact_chunk)
        ),
    )


def _contents(
    of_runs: ColumnElement[bool],
    of_artifacts: ColumnElement[bool],
    of_reports: ColumnElement[bool],
) -> CompoundSelect[Any, Any, Any]:
    """Stored contents with what they belong to."""
    owner = case((run.c.trashed_micros.is_(None), _RUN), else_=_TRASH).label("owner")
    return union_all(
        select(run_file.c.sha256, run_file.c.n_bytes, owner)
        .select_from(run_file.join(run))
        .where(of_runs, run_file.c.state == "stored"),
        *(
            select(table.c.sha256, table.c.n_bytes, literal(_ARTIFACT))
            .select_from(table.join(artifact).join(artifact_collection))
            .where(of_artifacts, table.c.state == "stored")
            for table in (artifact_file, artifact_chunk)
        ),
        *(
            select(table.c.sha256, table.c.n_bytes, literal(_RUN))
            .select_from(table.join(report))
            .where(of_reports)
            for table in _OF_REPORTS
        ),
    )
