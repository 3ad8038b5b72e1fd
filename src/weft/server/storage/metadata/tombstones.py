"""Tombstones in the metadata database: what was deleted, and which metric file still has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from weft.server.storage.metadata.engine import Transaction, insert
from weft.server.storage.metadata.schema import entity, metric_tombstone, project, run, tombstone
from weft.server.storage.metadata.values import clean_text


@dataclass(frozen=True, slots=True)
class PendingPurge:
    """A deleted run (`key` None) or metric that a project's metric file still has."""

    project_id: int
    run_row_id: int | None
    entity: str
    project: str
    run: str
    key: str | None


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
        purge_project_id: int | None,
    ) -> None:
        """Note that runs were deleted; `purge_project_id`: whose metric file must forget them."""
        if not runs:
            return
        statement = insert(tx, tombstone)
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["entity", "project", "run"],
                set_={
                    "deleted_micros": statement.excluded.deleted_micros,
                    "purge_project_id": statement.excluded.purge_project_id,
                },
            ),
            [
                {
                    "entity": entity_name,
                    "project": project_name,
                    "run": run_id,
                    "deleted_micros": now_micros,
                    "purge_project_id": purge_project_id,
                }
                for run_id in runs
            ],
        )

    def has_run(self, tx: Transaction, entity_name: str, project_name: str, run_id: str) -> bool:
        """Whether a run of that path was deleted."""
        query = select(tombstone.c.deleted_micros).where(
            tombstone.c.entity == entity_name,
            tombstone.c.project == project_name,
            tombstone.c.run == run_id,
        )
        return tx.connection.execute(query).one_or_none() is not None

    def add_metric(self, tx: Transaction, run_row_id: int, key: str, *, now_micros: int) -> None:
        """Note that a metric was deleted and its run's metric file must forget it."""
        values = {"deleted_micros": now_micros, "purged": False}
        tx.connection.execute(
            insert(tx, metric_tombstone)
            .values(run_id=run_row_id, key=clean_text(key), **values)
            .on_conflict_do_update(index_elements=["run_id", "key"], set_=values)
        )

    def pending(self, tx: Transaction) -> list[PendingPurge]:
        """What metric files have not been told yet."""
        metrics = (
            select(
                run.c.project_id,
                run.c.id,
                entity.c.name,
                project.c.name,
                run.c.run,
                metric_tombstone.c.key,
            )
            .join(run, run.c.id == metric_tombstone.c.run_id)
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(metric_tombstone.c.purged.is_(False))
        )
        return self.pending_runs(tx) + [
            PendingPurge(*row) for row in tx.connection.execute(metrics)
        ]

    def pending_runs(self, tx: Transaction, project_id: int | None = None) -> list[PendingPurge]:
        """The deleted runs, of all or one project, that a metric file still has rows of."""
        query = select(
            tombstone.c.purge_project_id, tombstone.c.entity, tombstone.c.project, tombstone.c.run
        ).where(tombstone.c.purge_project_id.is_not(None))
        if project_id is not None:
            query = query.where(tombstone.c.purge_project_id == project_id)
        return [
            PendingPurge(project_id, None, entity_name, project_name, run_id, None)
            for project_id, entity_name, project_name, run_id in tx.connection.execute(query)
            if project_id is not None
        ]

    def set_purged(self, tx: Transaction, purge: PendingPurge) -> None:
        """Note that the metric file has forgotten it."""
        if purge.key is None:
            tx.connection.execute(
                tombstone.update()
                .where(
                    tombstone.c.entity == purge.entity,
                    tombstone.c.project == purge.project,
                    tombstone.c.run == purge.run,
                )
                .values(purge_project_id=None)
            )
        else:
            tx.connection.execute(
                metric_tombstone.update()
                .where(
                    metric_tombstone.c.run_id == purge.run_row_id,
                    metric_tombstone.c.key == clean_text(purge.key),
                )
                .values(purged=True)
            )
