"""Saves the paths of each run as sets that runs share, so a cold start need not read all fields.

A row of `run_path_set` is derived from the run's fields. `engine.Database.write` deletes it in
each transaction that touches them, so every existing row is up to date.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, exists, or_, select

from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.many_rows import among, fetch
from weft.server.storage.metadata.database.schema import path_set, run, run_path_set
from weft.server.storage.metadata.runs.columns import FieldRoot
from weft.server.storage.metadata.runs.runs import OPEN_STATES

ROOTS: typing.Final[tuple[FieldRoot, ...]] = typing.get_args(FieldRoot)


class PathSetTable:
    """Reads and writes the saved sets."""

    def of_runs(
        self, tx: Transaction, root: FieldRoot, row_ids: Sequence[int]
    ) -> list[tuple[int, int]]:
        """The saved sets of some runs, as (run's row id, set's id)."""
        query = select(run_path_set.c.run_id, run_path_set.c.set_id).where(
            among(tx, run_path_set.c.run_id, row_ids), run_path_set.c.root == root
        )
        return typing.cast("list[tuple[int, int]]", fetch(tx, query))

    def members(self, tx: Transaction, set_ids: Sequence[int]) -> dict[int, str]:
        """Sets as `run_columns.RunColumnTable.path_sets` lists them, by id."""
        query = select(path_set.c.id, path_set.c.members).where(among(tx, path_set.c.id, set_ids))
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def unsaved(self, tx: Transaction, *, after: int, limit: int) -> list[int]:
        """Row ids above `after` of ended runs that lack a saved set, ascending."""
        query = (
            select(run.c.id)
            .where(run.c.id > after, run.c.state.not_in(OPEN_STATES), _lacks_one())
            .order_by(run.c.id)
            .limit(limit)
        )
        return list(tx.connection.execute(query).scalars())

    def unsaved_among(self, tx: Transaction, row_ids: Collection[int]) -> list[int]:
        """Row ids of those of some runs that have ended and lack a saved set, ascending."""
        query = (
            select(run.c.id)
            .where(
                among(tx, run.c.id, sorted(row_ids)),
                run.c.state.not_in(OPEN_STATES),
                _lacks_one(),
            )
            .order_by(run.c.id)
        )
        return list(tx.connection.execute(query).scalars())

    def lock(self, tx: Transaction, row_ids: Sequence[int]) -> list[int]:
        """Lock runs, skipping those already locked by another transaction; returns the locked."""
        query = (
            select(run.c.id)
            .where(among(tx, run.c.id, row_ids))
            .order_by(run.c.id)
            .with_for_update(skip_locked=True)
        )
        return list(tx.connection.execute(query).scalars())

    def save(self, tx: Transaction, root: FieldRoot, members_of: Mapping[int, str]) -> None:
        """Save the sets of some runs, by row id; the transaction has locked the runs."""
        if not members_of:
            return
        digests = {text: _digest(text) for text in set(members_of.values())}
        new = [{"digest": digest, "members": text} for text, digest in digests.items()]
        tx.connection.execute(insert(tx, path_set).on_conflict_do_nothing(), new)
        ids: dict[str, int] = {}
        all_digests = list(digests.values())
        for first in range(0, len(all_digests), MAX_PARAMETERS):
            batch = path_set.c.digest.in_(all_digests[first : first + MAX_PARAMETERS])
            query = select(path_set.c.digest, path_set.c.id).where(batch)
            ids.update((row[0], row[1]) for row in tx.connection.execute(query))
        rows = [
            {"run_id": row_id, "root": root, "set_id": ids[digests[text]]}
            for row_id, text in members_of.items()
        ]
        tx.connection.execute(insert(tx, run_path_set).on_conflict_do_nothing(), rows)

    def delete_unused(self, tx: Transaction) -> None:
        """Delete the sets that no run has any more."""
        is_used = exists().where(run_path_set.c.set_id == path_set.c.id)
        tx.connection.execute(path_set.delete().where(~is_used))


def _lacks_one() -> ColumnElement[bool]:
    is_own = run_path_set.c.run_id == run.c.id
    return or_(*(~exists().where(is_own, run_path_set.c.root == root) for root in ROOTS))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
