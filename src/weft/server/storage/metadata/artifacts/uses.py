"""Edges of the graph of runs and the versions that they logged and used, and its nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, literal, select

from weft.records.files.artifacts import ArtifactPath
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.many_rows import fetch
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_collection,
    artifact_use,
    awaited_use,
    entity,
    project,
    run,
)
from weft.server.storage.metadata.runs.columns import in_project


class UseRow(NamedTuple):
    """An edge of the graph: the run made the version (`log`) or read it (`use`)."""

    run_row_id: int
    artifact_id: int
    action: str
    used_micros: int


class RunVersion(NamedTuple):
    """A version that a run logged or used.

    `prefix` is before its name: nothing for a version of the run's own project, `project/` for one
    of the same entity, else `entity/project/`.
    """

    run_row_id: int
    entity: str
    project: str
    prefix: str
    ref: str

    @property
    def name(self) -> str:
        return f"{self.prefix}{self.ref}"


class AwaitedUse(NamedTuple):
    """A use of a version, or alias, that was not there.

    `folder` has its files among those of the run that logs it; '' if that is unknown.
    """

    run_row_id: int
    ref: str
    folder: str
    used_micros: int


def touch_runs_of(tx: Transaction, artifact_ids: Select[tuple[int]]) -> None:
    """Note that the runs that logged or used some versions lose them."""
    is_of_versions = artifact_use.c.artifact_id.in_(artifact_ids)
    query = select(artifact_use.c.run_id).where(is_of_versions).distinct()
    tx.touched.update(("artifacts", run_id) for run_id in tx.connection.execute(query).scalars())


class NodeRow(NamedTuple):
    """A run or a version of the graph, with the project it belongs to.

    Of a run, `name` is its id and `label` its name; of a version those of the collection and its
    type.
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
        tx.touched.add(("artifacts", run_row_id))

    def await_version(
        self, tx: Transaction, run_row_id: int, path: ArtifactPath, folder: str, micros: int
    ) -> None:
        """Note that a run has used a version that is not there yet."""
        tx.connection.execute(
            insert(tx, awaited_use)
            .values(run_id=run_row_id, folder=folder, used_micros=micros, **path._asdict())
            .on_conflict_do_nothing()
        )

    def awaited(
        self, tx: Transaction, entity_name: str, project_name: str, name: str
    ) -> list[AwaitedUse]:
        """The uses of versions of a collection that were not there."""
        query = select(
            awaited_use.c.run_id,
            awaited_use.c.ref,
            awaited_use.c.folder,
            awaited_use.c.used_micros,
        ).where(
            awaited_use.c.entity == entity_name,
            awaited_use.c.project == project_name,
            awaited_use.c.name == name,
        )
        return [AwaitedUse(*row) for row in tx.connection.execute(query)]

    def move_awaited(
        self, tx: Transaction, entity_name: str, project_name: str, to_entity: str, to_project: str
    ) -> None:
        """Await the versions of a project that was moved at its new path."""
        columns = awaited_use.c
        at_path = (columns.entity == entity_name, columns.project == project_name)
        names = ["run_id", "entity", "project", "name", "ref", "folder", "used_micros"]
        rows = select(
            columns.run_id, literal(to_entity), literal(to_project), columns.name, columns.ref,
            columns.folder, columns.used_micros,
        ).where(*at_path)  # fmt: skip
        tx.connection.execute(
            insert(tx, awaited_use).from_select(names, rows).on_conflict_do_nothing()
        )
        tx.connection.execute(awaited_use.delete().where(*at_path))

    def note_found(self, tx: Transaction, path: ArtifactPath, awaited: AwaitedUse) -> None:
        """Await a version no longer."""
        tx.connection.execute(
            awaited_use.delete().where(
                awaited_use.c.run_id == awaited.run_row_id,
                awaited_use.c.entity == path.entity,
                awaited_use.c.project == path.project,
                awaited_use.c.name == path.name,
                awaited_use.c.ref == awaited.ref,
                awaited_use.c.folder == awaited.folder,
            )
        )

    def of_runs(self, tx: Transaction, run_row_ids: Collection[int]) -> list[UseRow]:
        """Versions that runs logged and used, in order of time."""
        return self._uses(tx, artifact_use.c.run_id, run_row_ids)

    def of_artifacts(self, tx: Transaction, artifact_ids: Collection[int]) -> list[UseRow]:
        """Runs that logged and used versions, in order of time."""
        return self._uses(tx, artifact_use.c.artifact_id, artifact_ids)

    def _uses(
        self, tx: Transaction, column: ColumnElement[int], row_ids: Collection[int]
    ) -> list[UseRow]:
        uses: list[UseRow] = []
        ids = list(row_ids)
        for at in range(0, len(ids), MAX_PARAMETERS):
            query = (
                select(
                    artifact_use.c.run_id,
                    artifact_use.c.artifact_id,
                    artifact_use.c.action,
                    artifact_use.c.used_micros,
                )
                .where(column.in_(ids[at : at + MAX_PARAMETERS]))
                .order_by(artifact_use.c.used_micros, artifact_use.c.artifact_id)
            )
            uses += [UseRow(*row) for row in tx.connection.execute(query)]
        return uses

    def versions_of_runs(
        self, tx: Transaction, project_id: int, action: str, run_row_ids: Sequence[int] | None
    ) -> list[RunVersion]:
        """Versions that a project's runs logged or used; those of the project itself first."""
        own = project.alias("own")
        query = (
            select(
                artifact_use.c.run_id,
                entity.c.name,
                project.c.name,
                project.c.id,
                artifact_collection.c.name,
                artifact.c.version,
                project.c.entity_id == own.c.entity_id,
            )
            .select_from(
                artifact_use.join(run, run.c.id == artifact_use.c.run_id)
                .join(own, own.c.id == run.c.project_id)
                .join(artifact, artifact.c.id == artifact_use.c.artifact_id)
                .join(artifact_collection)
                .join(project, project.c.id == artifact_collection.c.project_id)
                .join(entity, entity.c.id == project.c.entity_id)
            )
            .where(
                in_project(tx, project_id, artifact_use.c.run_id, run_row_ids),
                artifact_use.c.action == action,
            )
            .order_by(project.c.id != project_id, artifact_collection.c.name, artifact.c.version)
        )
        versions: list[RunVersion] = []
        for run_id, entity_name, name, owner, collection, version, is_near in fetch(tx, query):
            prefix = "" if owner == project_id else f"{name}/"
            prefix = prefix if is_near else f"{entity_name}/{name}/"
            ref = f"{collection}:v{version}"
            versions.append(RunVersion(run_id, entity_name, name, prefix, ref))
        return versions

    def artifact_nodes(self, tx: Transaction, artifact_ids: Iterable[int]) -> list[NodeRow]:
        """Versions by row id, with their projects."""
        ids = list(artifact_ids)
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
            .where(artifact.c.id.in_(ids), project.c.trashed_micros.is_(None))
        )
        return [NodeRow(*row) for row in tx.connection.execute(query)]

    def run_nodes(self, tx: Transaction, run_row_ids: Iterable[int]) -> list[NodeRow]:
        """Runs by row id, with their projects, without those in the trash."""
        ids = list(run_row_ids)
        query = (
            select(run.c.id, entity.c.name, project.c.name, run.c.run, run.c.name, run.c.state)
            .join_from(run, project)
            .join(entity)
            .where(
                run.c.id.in_(ids),
                run.c.trashed_micros.is_(None),
                project.c.trashed_micros.is_(None),
            )
        )
        return [
            NodeRow(row[0], row[1], row[2], row[3], row[4], None, row[5])
            for row in tx.connection.execute(query)
        ]
