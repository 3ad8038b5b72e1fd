"""The trash in the metadata database: deleted runs and projects that can be restored.

A trashed run keeps its row and everything that belongs to it. If `trashed_micros` is 0, it was
deleted permanently and its row is still to be removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select

from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import entity, project, run

PERMANENT: Final = 0
"""The deletion time of a permanently deleted run or project."""


@dataclass(frozen=True, slots=True)
class TrashedRunRow:
    row_id: int
    run: str
    name: str
    state: str
    created_micros: int
    trashed_micros: int


@dataclass(frozen=True, slots=True)
class TrashedProjectRow:
    """A project in the trash; several may have the same name."""

    row_id: int
    entity: str
    project: str
    trashed_micros: int
    n_runs: int


class TrashTable:
    """Puts runs and projects into the trash, restores them and removes them."""

    def put_runs(self, tx: Transaction, row_ids: Sequence[int], micros: int) -> None:
        """Record that runs were deleted at a time or, with `PERMANENT`, permanently."""
        self._set_runs(tx, row_ids, micros)

    def restore_runs(self, tx: Transaction, row_ids: Sequence[int]) -> None:
        """Take runs out of the trash."""
        self._set_runs(tx, row_ids, None)

    def _set_runs(self, tx: Transaction, row_ids: Sequence[int], micros: int | None) -> None:
        for batch in _slices(row_ids):
            tx.connection.execute(
                run.update().where(run.c.id.in_(batch)).values(trashed_micros=micros)
            )
        tx.touched.update(("run", row_id) for row_id in row_ids)

    def remove_runs(self, tx: Transaction, row_ids: Sequence[int]) -> None:
        """Remove runs and everything that belongs to them."""
        for batch in _slices(row_ids):
            tx.connection.execute(run.delete().where(run.c.id.in_(batch)))
        tx.touched.update(("run", row_id) for row_id in row_ids)

    def present_rows(
        self, tx: Transaction, project_id: int, runs: Sequence[str]
    ) -> dict[str, int]:
        """Lock those of some runs that are not in the trash; returns their row ids."""
        return _row_ids(tx, project_id, runs, run.c.trashed_micros.is_(None), locks=True)

    def row_ids(self, tx: Transaction, project_id: int, runs: Sequence[str]) -> dict[str, int]:
        """Row ids of those of some runs that are in the trash and can be restored."""
        return _row_ids(tx, project_id, runs, run.c.trashed_micros > PERMANENT)

    def all_rows(self, tx: Transaction, project_id: int, runs: Sequence[str]) -> dict[str, int]:
        """Row ids of some runs, whether in the trash or not or being removed."""
        return _row_ids(tx, project_id, runs)

    def page(
        self,
        tx: Transaction,
        project_id: int,
        *,
        before: tuple[int, int] | None = None,
        limit: int | None = None,
    ) -> list[TrashedRunRow]:
        """Trashed runs of a project, last deleted first, after `before`: (time, row id)."""
        query = _runs(project_id).order_by(run.c.trashed_micros.desc(), run.c.id.desc())
        if before is not None:
            micros, row_id = before
            query = query.where(
                or_(
                    run.c.trashed_micros < micros,
                    (run.c.trashed_micros == micros) & (run.c.id < row_id),
                )
            )
        if limit is not None:
            query = query.limit(limit)
        return [TrashedRunRow(*row) for row in tx.connection.execute(query)]

    def count(self, tx: Transaction, project_id: int) -> int:
        """The number of a project's runs in the trash."""
        query = select(func.count()).where(
            run.c.project_id == project_id, run.c.trashed_micros > PERMANENT
        )
        return tx.connection.execute(query).scalar_one()

    def runs_before(
        self, tx: Transaction, project_id: int, micros: int | None, limit: int
    ) -> list[TrashedRunRow]:
        """Trashed runs deleted before a time, oldest deletion first. If None, at any time."""
        query = _runs(project_id).order_by(run.c.trashed_micros, run.c.id).limit(limit)
        if micros is not None:
            query = query.where(run.c.trashed_micros < micros)
        return [TrashedRunRow(*row) for row in tx.connection.execute(query)]

    def final_rows(self, tx: Transaction, project_id: int, limit: int | None = None) -> list[int]:
        """Row ids of runs that were deleted permanently but not removed yet."""
        query = select(run.c.id).where(
            run.c.project_id == project_id, run.c.trashed_micros == PERMANENT
        )
        return list(tx.connection.execute(query.limit(limit)).scalars())

    def rows_of_project(self, tx: Transaction, project_id: int) -> list[int]:
        """Row ids of all runs of a project, in the trash or not."""
        query = select(run.c.id).where(run.c.project_id == project_id)
        return list(tx.connection.execute(query).scalars())

    def projects_with_runs(self, tx: Transaction) -> dict[int, tuple[str, str]]:
        """Projects not in the trash that have runs in the trash: entity and name by row id."""
        query = (
            select(project.c.id, entity.c.name, project.c.name)
            .distinct()
            .select_from(run)
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(run.c.trashed_micros.is_not(None), project.c.trashed_micros.is_(None))
        )
        return {row[0]: (row[1], row[2]) for row in tx.connection.execute(query)}

    def names(self, tx: Transaction, project_id: int) -> list[str]:
        """Ids of all runs of a project that are in the trash or permanently deleted."""
        query = select(run.c.run).where(
            run.c.project_id == project_id, run.c.trashed_micros.is_not(None)
        )
        return list(tx.connection.execute(query).scalars())

    def names_of_rows(self, tx: Transaction, project_id: int) -> list[tuple[int, str, str, bool]]:
        """Row id, id and name of all runs of a project, and whether they are in the trash."""
        query = select(run.c.id, run.c.run, run.c.name, run.c.trashed_micros)
        rows = tx.connection.execute(query.where(run.c.project_id == project_id))
        return [(row[0], row[1], row[2], row[3] is not None) for row in rows]

    # Projects

    def put_project(self, tx: Transaction, project_id: int, micros: int) -> None:
        """Record that a project was deleted at a time or, with `PERMANENT`, permanently."""
        self._set_project(tx, project_id, trashed_micros=micros)

    def restore_project(self, tx: Transaction, project_id: int, name: str) -> None:
        """Take a project out of the trash, under a name that no other project has."""
        self._set_project(tx, project_id, trashed_micros=None, name=name)

    def _set_project(self, tx: Transaction, project_id: int, **values: Any) -> None:
        tx.things.add(("project", project_id))
        update_row(tx, project, project_id, **values)

    def find_project(
        self, tx: Transaction, entity_name: str, name: str
    ) -> TrashedProjectRow | None:
        """The last deleted project of that name, or None if none is in the trash."""
        matching = [
            project
            for project in self.projects(tx)
            if (project.entity, project.project) == (entity_name, name)
        ]
        return matching[0] if matching else None

    def holds_run(self, tx: Transaction, entity_name: str, name: str, run_id: str) -> bool:
        """Whether a trashed project of this name has the run."""
        query = (
            select(run.c.id)
            .select_from(run)
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(
                entity.c.name == entity_name,
                project.c.name == name,
                project.c.trashed_micros.is_not(None),
                run.c.run == run_id,
            )
        )
        return tx.connection.execute(query.limit(1)).first() is not None

    def projects(self, tx: Transaction) -> list[TrashedProjectRow]:
        """Projects in the trash, last deleted first."""
        query = _projects().where(project.c.trashed_micros > PERMANENT)
        query = query.order_by(project.c.trashed_micros.desc(), project.c.id.desc())
        return [TrashedProjectRow(*row) for row in tx.connection.execute(query)]

    def projects_before(self, tx: Transaction, micros: int | None) -> list[TrashedProjectRow]:
        """Projects deleted before a time, and all permanently deleted. If None, only these."""
        end = PERMANENT + 1 if micros is None else max(micros, PERMANENT + 1)
        query = _projects().where(project.c.trashed_micros < end)
        return [TrashedProjectRow(*row) for row in tx.connection.execute(query)]


def _row_ids(
    tx: Transaction,
    project_id: int,
    runs: Sequence[str],
    *conditions: ColumnElement[bool],
    locks: bool = False,
) -> dict[str, int]:
    row_ids: dict[str, int] = {}
    for batch in _slices(runs):
        query = select(run.c.run, run.c.id).where(
            run.c.project_id == project_id, run.c.run.in_(batch), *conditions
        )
        if locks:
            query = query.order_by(run.c.id).with_for_update()
        row_ids.update((name, row_id) for name, row_id in tx.connection.execute(query))
    return row_ids


def _runs(project_id: int) -> Select[*tuple[Any, ...]]:
    return select(
        run.c.id, run.c.run, run.c.name, run.c.state, run.c.created_micros, run.c.trashed_micros
    ).where(run.c.project_id == project_id, run.c.trashed_micros > PERMANENT)


def _projects() -> Select[*tuple[Any, ...]]:
    n_runs = (
        select(func.count())
        .select_from(run)
        .where(run.c.project_id == project.c.id, run.c.trashed_micros.is_(None))
        .scalar_subquery()
    )
    columns: list[Any] = [
        project.c.id, entity.c.name, project.c.name, project.c.trashed_micros, n_runs
    ]  # fmt: skip
    return select(*columns).join_from(project, entity)


def _slices(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[at : at + MAX_PARAMETERS] for at in range(0, len(values), MAX_PARAMETERS)]
