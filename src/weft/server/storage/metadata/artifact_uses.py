"""Which runs logged and used which artifact versions: the edges of a graph, and its nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.schema import (
    artifact,
    artifact_collection,
    artifact_use,
    entity,
    project,
    run,
)


class UseRow(NamedTuple):
    """An edge of the graph of runs and versions.

    Attributes:
        action: `log` if the run made the version, `use` if it read it.
    """

    run_row_id: int
    artifact_id: int
    action: str
    used_micros: int


class NodeRow(NamedTuple):
    """A run or a version of the graph, with the project it belongs to.

    Attributes:
        name: the run's id, or the collection's name.
        label: the run's name, or the collection's type.
        version: None for a run.
    """

    row_id: int
    entity: str
    project: str
    name: str
    label: str
    version: int | None
    state: str


class ArtifactUseTable:
    """Reads and writes uses of versions by runs."""

    def note(
        self, tx: Transaction, run_row_id: int, artifact_id: int, action: str, micros: int
    ) -> None:
        """Note that a run has logged or used a version; the first time counts."""
        tx.connection.execute(
            insert(tx, artifact_use)
            .values(run_id=run_row_id, artifact_id=artifact_id, action=action, used_micros=micros)
            .on_conflict_do_nothing()
        )

    def of_runs(self, tx: Transaction, run_row_ids: Collection[int]) -> list[UseRow]:
        """What runs logged and used, in order of time."""
        return self._uses(tx, artifact_use.c.run_id, run_row_ids)

    def of_artifacts(self, tx: Transaction, artifact_ids: Collection[int]) -> list[UseRow]:
        """Which runs logged and used versions, in order of time."""
        return self._uses(tx, artifact_use.c.artifact_id, artifact_ids)

    def _uses(
        self, tx: Transaction, column: ColumnElement[int], row_ids: Collection[int]
    ) -> list[UseRow]:
        found: list[UseRow] = []
        asked = list(row_ids)
        for at in range(0, len(asked), MAX_PARAMETERS):
            query = (
                select(
                    artifact_use.c.run_id,
                    artifact_use.c.artifact_id,
                    artifact_use.c.action,
                    artifact_use.c.used_micros,
                )
                .where(column.in_(asked[at : at + MAX_PARAMETERS]))
                .order_by(artifact_use.c.used_micros, artifact_use.c.artifact_id)
            )
            found += [UseRow(*row) for row in tx.connection.execute(query)]
        return found

    def artifact_nodes(self, tx: Transaction, artifact_ids: Iterable[int]) -> list[NodeRow]:
        """Versions by row id, with their projects."""
        asked = list(artifact_ids)
        query = (
            select(
                artifact.c.id,
                entity.c.name,
                project.c.name,
                artifact_collection.c.name,
                artifact_collection.c.type,
                artifact.c.version,
                artifact.c.state,
            )
            .select_from(artifact.join(artifact_collection).join(project).join(entity))
            .where(artifact.c.id.in_(asked), project.c.trashed_micros.is_(None))
        )
        return [NodeRow(*row) for row in tx.connection.execute(query)]

    def run_nodes(self, tx: Transaction, run_row_ids: Iterable[int]) -> list[NodeRow]:
        """Runs by row id, with their projects, without those in the trash."""
        asked = list(run_row_ids)
        query = (
            select(run.c.id, entity.c.name, project.c.name, run.c.run, run.c.name, run.c.state)
            .join_from(run, project)
            .join(entity)
            .where(
                run.c.id.in_(asked),
                run.c.trashed_micros.is_(None),
                project.c.trashed_micros.is_(None),
            )
        )
        return [
            NodeRow(row[0], row[1], row[2], row[3], row[4], None, row[5])
            for row in tx.connection.execute(query)
        ]
