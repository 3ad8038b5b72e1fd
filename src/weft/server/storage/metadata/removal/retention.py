"""Rules by which old things of projects go, and the runs that they concern."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import case, exists, func, select

from weft.records.files.file_paths import MEDIA_FOLDER
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.path_columns import describes_run
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_link,
    entity,
    project,
    run,
    run_file,
)


class EndedRun(NamedTuple):
    """A run that ended, or arrived later, with the numbers and bytes of its stored files."""

    run: str
    name: str
    ended_micros: int
    n_media: int
    media_bytes: int
    n_files: int
    file_bytes: int


class RetentionTable:
    """Reads and writes the rules, which are JSON, and finds what they concern."""

    def rules(self, tx: Transaction, project_id: int) -> str | None:
        query = select(project.c.retention).where(project.c.id == project_id)
        return tx.connection.execute(query).scalar_one_or_none()

    def set_rules(self, tx: Transaction, project_id: int, rules: str | None) -> None:
        update_row(tx, project, project_id, retention=rules)

    def projects(self, tx: Transaction) -> list[tuple[int, str, str]]:
        """Row ids, entities and names of the projects that have rules."""
        query = (
            select(project.c.id, entity.c.name, project.c.name)
            .join_from(project, entity)
            .where(project.c.retention.is_not(None), project.c.trashed_micros.is_(None))
        )
        return [(row[0], row[1], row[2]) for row in tx.connection.execute(query)]

    def ended_before(self, tx: Transaction, project_id: int, micros: int) -> list[EndedRun]:
        """The runs of a project that ended before a time, oldest first, without those that have
        tags, are locked, or have a version that is linked.
        """
        is_media, is_file = _is_media(), _is_file()
        sums: list[Any] = []
        for condition in (is_media, is_file):
            sums.append(func.coalesce(func.sum(case((condition, 1), else_=0)), 0))
            sums.append(func.coalesce(func.sum(case((condition, run_file.c.n_bytes), else_=0)), 0))
        is_linked = exists(
            select(artifact_link.c.link_id)
            .join(artifact, artifact.c.id == artifact_link.c.source_id)
            .where(artifact.c.run_id == run.c.id)
        )
        # By its own clock a run may have ended in 1970, and imported ones are old when they come.
        ended = case(
            (run.c.arrived_micros > run.c.ended_micros, run.c.arrived_micros),
            else_=run.c.ended_micros,
        )
        query = (
            select(run.c.run, run.c.name, ended, *sums)
            .select_from(
                run.outerjoin(
                    run_file, (run_file.c.run_id == run.c.id) & (run_file.c.state == "stored")
                )
            )
            .where(
                run.c.project_id == project_id,
                run.c.trashed_micros.is_(None),
                run.c.ended_micros.is_not(None),
                ended < micros,
                run.c.tags == "[]",
                run.c.locked_by.is_(None),
                ~is_linked,
            )
            .group_by(run.c.id, run.c.run, run.c.name, ended)
            .order_by(ended, run.c.id)
        )
        # pyrefly: ignore[bad-argument-count]
        return [EndedRun(*row) for row in tx.connection.execute(query)]

    def stored_paths(
        self, tx: Transaction, project_id: int, run_id: str, *, is_media: bool
    ) -> list[str]:
        """The paths of a run's media, or of the files that its script saved."""
        query = (
            select(run_file.c.path)
            .join(run)
            .where(
                run.c.project_id == project_id,
                run.c.run == run_id,
                run_file.c.state == "stored",
                _is_media() if is_media else _is_file(),
            )
        )
        return list(tx.connection.execute(query).scalars())


def _is_media() -> Any:
    return run_file.c.path.startswith(MEDIA_FOLDER, autoescape=True)


def _is_file() -> Any:
    """Whether a script saved a file. Those that describe the run stay with it."""
    return ~_is_media() & ~describes_run(run_file.c.path)
