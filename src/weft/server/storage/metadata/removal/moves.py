"""Moves of runs to other projects in the metadata database."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import run, run_move, tombstone


@dataclass(frozen=True, slots=True)
class Move:
    """A move that has begun. `project_id` is where the run is now: in one of the other two."""

    run_row_id: int
    run: str
    project_id: int
    from_project_id: int
    to_project_id: int


class MoveTable:
    """Reads and writes moves."""

    def begin(self, tx: Transaction, row_ids: Sequence[int], *, from_id: int, to_id: int) -> None:
        """Record that runs are about to be moved."""
        if row_ids:
            tx.connection.execute(
                insert(tx, run_move).on_conflict_do_nothing(),
                [
                    {"run_id": row_id, "from_project_id": from_id, "to_project_id": to_id}
                    for row_id in row_ids
                ],
            )

    def commit(self, tx: Transaction, row_ids: Sequence[int], to_id: int) -> None:
        """Assign the runs to the other project."""
        tx.connection.execute(run.update().where(run.c.id.in_(row_ids)).values(project_id=to_id))
        tx.touched.update(("run", row_id) for row_id in row_ids)

    def end(self, tx: Transaction, row_ids: Sequence[int]) -> None:
        """Record that the moves are complete."""
        tx.connection.execute(run_move.delete().where(run_move.c.run_id.in_(row_ids)))

    def list(self, tx: Transaction) -> builtins.list[Move]:
        """Moves that have begun but not ended."""
        query = select(
            run.c.id,
            run.c.run,
            run.c.project_id,
            run_move.c.from_project_id,
            run_move.c.to_project_id,
        ).join(run, run.c.id == run_move.c.run_id)
        return [Move(*row) for row in tx.connection.execute(query)]

    def so_far(self, tx: Transaction) -> tuple[int, int]:
        """A pair that changes whenever a move of a run to another project begins or ends."""
        under_way = select(func.count()).select_from(run_move)
        row = (
            select(func.count())
            .select_from(tombstone)
            .where(tombstone.c.moved_run_id.is_not(None))
        )
        return (
            tx.connection.execute(under_way).scalar_one(),
            tx.connection.execute(row).scalar_one(),
        )
