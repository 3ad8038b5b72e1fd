"""Metadata queries for server maintenance, across all projects."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, or_, select, tuple_

from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction
from weft.server.storage.metadata.schema import (
    entity,
    metric_tombstone,
    project,
    run,
    run_move,
    tombstone,
)


def count_runs(tx: Transaction) -> int:
    """How many runs there are, including those in the trash."""
    return tx.connection.execute(select(func.count()).select_from(run)).scalar_one()


def expected_runs(tx: Transaction, project_id: int) -> set[str]:
    """Runs that a project's metric file may contain, including those being deleted or moved."""
    own = select(run.c.run).where(run.c.project_id == project_id)
    deleted = select(tombstone.c.run).where(tombstone.c.purge_project_id == project_id)
    moving = (
        select(run.c.run)
        .join(run_move, run_move.c.run_id == run.c.id)
        .where(
            or_(run_move.c.from_project_id == project_id, run_move.c.to_project_id == project_id)
        )
    )
    names: set[str] = set()
    for query in (own, deleted, moving):
        names.update(tx.connection.execute(query).scalars())
    return names


def moves_so_far(tx: Transaction) -> tuple[int, int]:
    """A pair that changes whenever a move of a run to another project begins or ends."""
    under_way = select(func.count()).select_from(run_move)
    done = select(func.count()).select_from(tombstone).where(tombstone.c.moved_run_id.is_not(None))
    return (
        tx.connection.execute(under_way).scalar_one(),
        tx.connection.execute(done).scalar_one(),
    )


def take_up_deletions(
    tx: Transaction, project_id: int, leftover: Iterable[str], since_micros: int
) -> None:
    """Mark deletions that must be applied to a project's metric file again.

    Args:
        leftover: runs in the file that metadata records as deleted.
        since_micros: metrics deleted since this time are deleted again.
    """
    place = tx.connection.execute(
        select(entity.c.name, project.c.name)
        .join_from(project, entity)
        .where(project.c.id == project_id)
    ).one()
    names = list(leftover)
    for at in range(0, len(names), MAX_PARAMETERS):
        some = names[at : at + MAX_PARAMETERS]
        tx.connection.execute(
            tombstone.update()
            .where(
                tuple_(tombstone.c.entity, tombstone.c.project) == tuple_(*place),
                tombstone.c.run.in_(some),
            )
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
