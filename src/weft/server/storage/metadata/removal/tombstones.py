"""Tombstones of deleted or moved runs and metrics, and which metric files still have their rows.

A run's tombstone is found by its path and outlives its project: late uploads for that path are
refused, or go to the run's new path.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, literal, null, or_, select

from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.schema import (
    entity,
    metric_tombstone,
    project,
    run,
    run_move,
    tombstone,
)
from weft.server.storage.metadata.database.values import clean_text


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The record of the former path of a run.

    `is_purging` is true while a metric file still has its rows. `moved_to` is None if it was
    deleted.
    """

    is_purging: bool
    moved_to: tuple[str, str, str] | None


@dataclass(frozen=True, slots=True)
class PendingMetrics:
    """Deleted metrics of one run that its metric file still has."""

    project_id: int
    run_row_id: int
    run: str
    keys: list[str]


class TombstoneTable:
    """Reads and writes tombstones."""

    def add_runs(
        self,
        tx: Transaction,
        entity_name: str,
        project_name: str,
        runs: Sequence[str],
        *,
        now_micros: int,
        purge_project_id: int | None = None,
        moved_run_id: int | None = None,
    ) -> None:
        """Record that runs were deleted or, with `moved_run_id`, that the run with this row id was
        moved. The metric file of `purge_project_id` must purge them.
        """
        if not runs:
            return
        statement = insert(tx, tombstone)
        names = ("deleted_micros", "purge_project_id", "moved_run_id")
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["entity", "project", "run"],
                set_={name: statement.excluded[name] for name in names},
            ),
            [
                {
                    "entity": entity_name,
                    "project": project_name,
                    "run": run_id,
                    "deleted_micros": now_micros,
                    "purge_project_id": purge_project_id,
                    "moved_run_id": moved_run_id,
                }
                for run_id in runs
            ],
        )

    def add_project(
        self, tx: Transaction, project_id: int, *, now_micros: int, as_moved: bool = False
    ) -> None:
        """Record that every run of a project was deleted or, with `as_moved`, moved.

        With `as_moved`, call it before the project gets its new name.
        """
        row_id = run.c.id if as_moved else null()
        rows = (
            select(entity.c.name, project.c.name, run.c.run, literal(now_micros), null(), row_id)
            .select_from(run)
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(run.c.project_id == project_id)
        )
        if as_moved:
            rows = rows.where(run.c.trashed_micros.is_(None))
        names = ["entity", "project", "run", "deleted_micros", "purge_project_id", "moved_run_id"]
        statement = insert(tx, tombstone).from_select(names, rows)
        # SQLite allows ON CONFLICT after a SELECT only if that has a WHERE, as this one does.
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["entity", "project", "run"],
                set_={"moved_run_id": statement.excluded.moved_run_id},
            )
        )

    def move_project(
        self,
        tx: Transaction,
        project_id: int,
        entity_name: str,
        project_name: str,
        to_entity: str,
        to_project: str,
    ) -> None:
        """Move the tombstones at a project's path to its new path, where its runs have none.

        Those of runs of a former project at the new path stay.
        """
        own_runs = select(run.c.run).where(run.c.project_id == project_id)
        present = own_runs.where(run.c.trashed_micros.is_(None)).scalar_subquery()
        tx.connection.execute(
            tombstone.delete().where(*_at(to_entity, to_project), tombstone.c.run.in_(present))
        )
        columns = tombstone.c
        names = ["entity", "project", "run", "deleted_micros", "purge_project_id", "moved_run_id"]
        rows = select(
            literal(to_entity), literal(to_project), columns.run, columns.deleted_micros,
            columns.purge_project_id, columns.moved_run_id,
        ).where(*_at(entity_name, project_name))  # fmt: skip
        tx.connection.execute(
            insert(tx, tombstone).from_select(names, rows).on_conflict_do_nothing()
        )
        tx.connection.execute(tombstone.delete().where(*_at(entity_name, project_name)))

    def remove_of_project(self, tx: Transaction, project_id: int) -> None:
        """Delete the tombstones of a project's runs, except of runs in the trash."""
        present = (
            select(run.c.run)
            .where(run.c.project_id == project_id, run.c.trashed_micros.is_(None))
            .scalar_subquery()
        )
        at_project = _at(*_place_of(tx, project_id))
        tx.connection.execute(tombstone.delete().where(*at_project, tombstone.c.run.in_(present)))

    def remove(
        self, tx: Transaction, entity_name: str, project_name: str, runs: Sequence[str]
    ) -> None:
        """Delete the tombstones of runs."""
        for at in range(0, len(runs), MAX_PARAMETERS):
            tx.connection.execute(
                tombstone.delete().where(
                    *_at(entity_name, project_name),
                    tombstone.c.run.in_(runs[at : at + MAX_PARAMETERS]),
                )
            )

    def find_tombstones(
        self, tx: Transaction, entity_name: str, project_name: str, run_id: str
    ) -> Tombstone | None:
        """The tombstone at a path, or None if no run of that path was deleted or moved."""
        tombstones = self.find_many(tx, entity_name, project_name, [run_id])
        return tombstones.get(run_id)

    def find_many(
        self, tx: Transaction, entity_name: str, project_name: str, runs: Sequence[str]
    ) -> dict[str, Tombstone]:
        """The tombstones of runs of one project, by run id."""
        tombstones: dict[str, Tombstone] = {}
        for at in range(0, len(runs), MAX_PARAMETERS):
            values = {
                "entity_name": entity_name,
                "project_name": project_name,
                "runs": runs[at : at + MAX_PARAMETERS],
            }
            for run_id, purge, *path in tx.connection.execute(_FOUND, values):
                moved_to = None if path[2] is None else (path[0], path[1], path[2])
                tombstones[run_id] = Tombstone(purge is not None, moved_to)
        return tombstones

    def moved_rows(
        self, tx: Transaction, entity_name: str, project_name: str, runs: Sequence[str]
    ) -> dict[str, int | None]:
        """The row ids of the moved runs with tombstones at some paths; None for deleted runs."""
        rows: dict[str, int | None] = {}
        for at in range(0, len(runs), MAX_PARAMETERS):
            query = select(tombstone.c.run, tombstone.c.moved_run_id).where(
                *_at(entity_name, project_name),
                tombstone.c.run.in_(runs[at : at + MAX_PARAMETERS]),
            )
            rows.update((row[0], row[1]) for row in tx.connection.execute(query))
        return rows

    def has_run(self, tx: Transaction, entity_name: str, project_name: str, run_id: str) -> bool:
        """Whether a run of that path was deleted or moved."""
        return self.find_tombstones(tx, entity_name, project_name, run_id) is not None

    def add_metrics(
        self, tx: Transaction, run_row_id: int, keys: Sequence[str], *, now_micros: int
    ) -> None:
        """Record that metrics were deleted and must be purged from the metric file."""
        statement = insert(tx, metric_tombstone)
        values = {"deleted_micros": now_micros, "purged": False}
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["run_id", "key"], set_=values),
            [{"run_id": run_row_id, "key": clean_text(key), **values} for key in keys],
        )

    def pending_metrics(self, tx: Transaction) -> list[PendingMetrics]:
        """Deleted metrics that are still to be purged from metric files."""
        query = (
            select(run.c.project_id, run.c.id, run.c.run, metric_tombstone.c.key)
            .join(run, run.c.id == metric_tombstone.c.run_id)
            .where(metric_tombstone.c.purged.is_(False))
            .order_by(run.c.id, metric_tombstone.c.key)
        )
        pending: dict[int, PendingMetrics] = {}
        for project_id, row_id, run_id, key in tx.connection.execute(query):
            run_metrics = pending.setdefault(
                row_id, PendingMetrics(project_id, row_id, run_id, [])
            )
            run_metrics.keys.append(key)
        return list(pending.values())

    def set_metrics_purged(self, tx: Transaction, run_row_id: int, keys: Sequence[str]) -> None:
        """Record that metrics of a run have been purged from the metric file."""
        clean = [clean_text(key) for key in keys]
        for at in range(0, len(clean), MAX_PARAMETERS):
            tx.connection.execute(
                metric_tombstone.update()
                .where(
                    metric_tombstone.c.run_id == run_row_id,
                    metric_tombstone.c.key.in_(clean[at : at + MAX_PARAMETERS]),
                )
                .values(purged=True)
            )

    def projects_to_purge(self, tx: Transaction) -> list[int]:
        """Row ids of projects whose metric file still has deleted or moved runs."""
        query = select(tombstone.c.purge_project_id).distinct()
        query = query.where(tombstone.c.purge_project_id.is_not(None))
        return [row_id for row_id in tx.connection.execute(query).scalars() if row_id is not None]

    def runs_to_purge(self, tx: Transaction) -> list[tuple[int, str]]:
        """Those runs: row ids of their projects, and their ids."""
        query = select(tombstone.c.purge_project_id, tombstone.c.run)
        query = query.where(tombstone.c.purge_project_id.is_not(None))
        return [(row_id or 0, name) for row_id, name in tx.connection.execute(query)]

    def pending_runs(self, tx: Transaction, project_id: int) -> list[str]:
        """Ids of the runs that are still to be purged from a project's metric file."""
        query = select(tombstone.c.run).where(tombstone.c.purge_project_id == project_id)
        return list(dict.fromkeys(tx.connection.execute(query).scalars()))

    def set_purged(self, tx: Transaction, project_id: int, runs: Sequence[str]) -> None:
        """Record that runs have been purged from a project's metric file."""
        for at in range(0, len(runs), MAX_PARAMETERS):
            tx.connection.execute(
                tombstone.update()
                .where(
                    tombstone.c.purge_project_id == project_id,
                    tombstone.c.run.in_(runs[at : at + MAX_PARAMETERS]),
                )
                .values(purge_project_id=None)
            )

    def expected_runs(self, tx: Transaction, project_id: int) -> set[str]:
        """Runs that a project's metric file may contain, also those being deleted or moved."""
        own = select(run.c.run).where(run.c.project_id == project_id)
        deleted = select(tombstone.c.run).where(tombstone.c.purge_project_id == project_id)
        moving = (
            select(run.c.run)
            .join(run_move, run_move.c.run_id == run.c.id)
            .where(
                or_(
                    run_move.c.from_project_id == project_id,
                    run_move.c.to_project_id == project_id,
                )
            )
        )
        names: set[str] = set()
        for query in (own, deleted, moving):
            names.update(tx.connection.execute(query).scalars())
        return names

    def resume(
        self, tx: Transaction, project_id: int, leftover: Iterable[str], since_micros: int
    ) -> None:
        """Mark deletions that must be applied to a project's metric file again.

        `leftover` are runs in the file that metadata records as deleted; metrics deleted since
        `since_micros` are deleted again.
        """
        at_project = _at(*_place_of(tx, project_id))
        names = list(leftover)
        for at in range(0, len(names), MAX_PARAMETERS):
            batch = names[at : at + MAX_PARAMETERS]
            tx.connection.execute(
                tombstone.update()
                .where(*at_project, tombstone.c.run.in_(batch))
                .values(purge_project_id=project_id)
            )
        of_project = select(run.c.id).where(run.c.project_id == project_id)
        tx.connection.execute(
            metric_tombstone.update()
            .where(
                metric_tombstone.c.run_id.in_(of_project),
                metric_tombstone.c.deleted_micros >= since_micros,
            )
            .values(purged=False)
        )


def _place_of(tx: Transaction, project_id: int) -> tuple[str, str]:
    query = select(entity.c.name, project.c.name).join_from(project, entity)
    row = tx.connection.execute(query.where(project.c.id == project_id)).one()
    return row[0], row[1]


def _at(entity_name: str, project_name: str) -> tuple[Any, Any]:
    return tombstone.c.entity == entity_name, tombstone.c.project == project_name


_COLUMNS: Final[list[Any]] = [
    tombstone.c.run,
    tombstone.c.purge_project_id,
    entity.c.name,
    project.c.name,
    run.c.run.label("moved_run"),
]

# Built once, because building a statement costs as much as running it, and this one runs for each
# upload of a new run.
_FOUND: Final = (
    select(*_COLUMNS)
    .select_from(tombstone)
    .outerjoin(run, run.c.id == tombstone.c.moved_run_id)
    .outerjoin(project, project.c.id == run.c.project_id)
    .outerjoin(entity, entity.c.id == project.c.entity_id)
    .where(
        tombstone.c.entity == bindparam("entity_name"),
        tombstone.c.project == bindparam("project_name"),
        tombstone.c.run.in_(bindparam("runs", expanding=True)),
    )
)
