"""Entities and projects in the metadata database."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Connection, bindparam, case, func, select, true

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    entity,
    project,
    project_address,
    run,
    team,
)
from weft.server.storage.metadata.database.values import clean_text
from weft.server.storage.metadata.people.directory import advance
from weft.server.storage.metadata.people.keys import remove_keys_of_project


class ProjectRow(NamedTuple):
    """A project.

    Its row id names its metric file and is never reused after the project is deleted.
    """

    row_id: int
    entity: str
    project: str
    description: str | None
    created_micros: int
    active_micros: int
    n_runs: int
    n_running: int


_Entry = TypeVar("_Entry")

_PRESENT: Final = project.c.trashed_micros.is_(None)

_ID_OF: Final = (
    select(project.c.id)
    .join(entity)
    .where(
        entity.c.name == bindparam("entity_name"),
        project.c.name == bindparam("project_name"),
        _PRESENT,
    )
)


_BEGIN: Final = (
    project.update()
    .where(project.c.id == bindparam("row_id"))
    .values(
        n_begun=project.c.n_begun + bindparam("n_new", type_=BigInteger),
        active_micros=case(
            (
                project.c.active_micros < bindparam("now", type_=BigInteger),
                bindparam("now", type_=BigInteger),
            ),
            else_=project.c.active_micros,
        ),
    )
    .returning(project.c.n_begun)
)


class ProjectTable:
    """Reads and writes entities and projects. Ignores the trash unless a method says otherwise."""

    def __init__(self) -> None:
        self.on_shared: Callable[[], None] = _do_nothing
        """Called after a new project that is not private became durable."""

    def make(self, tx: Transaction, entity_name: str, name: str, now_micros: int) -> int:
        """The row id of a project; creates the project and its entity if missing."""
        row_id = self.find_project(tx, entity_name, name)
        if row_id is not None:
            return row_id
        with tx.aside() as connection:
            connection.execute(
                insert(tx, entity)
                .values(name=entity_name, created_micros=now_micros)
                .on_conflict_do_nothing()
            )
            entity_id = connection.execute(
                select(entity.c.id).where(entity.c.name == entity_name)
            ).scalar_one()
            visibility = _default_visibility(connection, entity_id)
            connection.execute(
                insert(tx, project)
                .values(
                    entity_id=entity_id,
                    name=name,
                    created_micros=now_micros,
                    active_micros=now_micros,
                    n_begun=0,
                    visibility=visibility,
                )
                .on_conflict_do_nothing()
            )
            if visibility != "private":
                advance(connection, tx)
                tx.after_commit(self.on_shared)
        row_id = self.find_project(tx, entity_name, name)
        assert row_id is not None, "it was made, or found, just now"
        return row_id

    def find_project(self, tx: Transaction, entity_name: str, name: str) -> int | None:
        """The row id of a project, or None if it does not exist."""
        values = {"entity_name": entity_name, "project_name": name}
        return tx.connection.execute(_ID_OF, values).scalar_one_or_none()

    def similar(self, tx: Transaction, entity_name: str, name: str) -> builtins.list[str]:
        """Names of an entity's other projects that differ from a name in letter case only."""
        query = (
            select(project.c.name)
            .join(entity)
            .where(
                entity.c.name == entity_name,
                func.lower(project.c.name) == name.lower(),
                project.c.name != name,
                project.c.trashed_micros.is_(None),
            )
            .order_by(project.c.name)
        )
        return list(tx.connection.execute(query).scalars())

    def ids_of_entities(self, tx: Transaction, names: Sequence[str]) -> dict[int, str]:
        """The row ids of all projects of at most `MAX_PARAMETERS` entities, including those in the
        trash, with the name of their entity.
        """
        query = select(project.c.id, entity.c.name).join(entity).where(entity.c.name.in_(names))
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def names_of_entity(self, tx: Transaction, entity_name: str) -> builtins.list[str]:
        """The names of an entity's projects, in order."""
        query = select(project.c.name).join(entity).where(entity.c.name == entity_name, _PRESENT)
        return list(tx.connection.execute(query.order_by(project.c.name)).scalars())

    def path(self, tx: Transaction, project_id: int) -> tuple[str, str] | None:
        """Entity and name of a project, even in the trash, by row id; None if not found."""
        row = tx.connection.execute(
            select(entity.c.name, project.c.name)
            .join_from(project, entity)
            .where(project.c.id == project_id)
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    def paths(self, tx: Transaction) -> dict[int, str]:
        """`ENTITY/PROJECT` of all projects outside of the trash, by row id."""
        query = select(project.c.id, entity.c.name, project.c.name).join_from(project, entity)
        rows = tx.connection.execute(query.where(_PRESENT))
        return {row_id: f"{entity_name}/{name}" for row_id, entity_name, name in rows}

    def get(self, tx: Transaction, entity_name: str, name: str) -> ProjectRow | None:
        """One project, or None if it does not exist."""
        query = _listing().where(entity.c.name == entity_name, project.c.name == name, _PRESENT)
        row = tx.connection.execute(query).one_or_none()
        if row is None:
            return None
        counts = _run_counts(tx, run.c.project_id == row.id)
        return ProjectRow._make((*row, *counts.get(row.id, (0, 0))))

    def list(self, tx: Transaction, make: Callable[..., _Entry | None]) -> builtins.list[_Entry]:
        """The entries that `make` returns for the fields of `ProjectRow` of each project, newest
        activity first, without None. It saves a row for each project that a reader may not see.
        """
        query = (
            _listing()
            .where(_PRESENT)
            .order_by(project.c.active_micros.desc(), project.c.id.desc())
        )
        counts = _run_counts(tx, true())
        rows: Sequence[Any] = tx.connection.execute(query).all()
        no_runs = (0, 0)
        return [
            entry
            for row in rows
            if (entry := make(*row, *counts.get(row[0], no_runs))) is not None
        ]

    def count_new_runs(
        self, tx: Transaction, since_micros: int, span_micros: int
    ) -> dict[tuple[str, str], dict[int, int]]:
        """Numbers of each project's runs by time span of creation since `since_micros`, spans
        counted from 0. Projects without such runs are left out.
        """
        span = (run.c.created_micros - since_micros) // span_micros
        query = (
            select(entity.c.name, project.c.name, span, func.count())
            .select_from(project)
            .join(entity)
            .join(run, run.c.project_id == project.c.id)
            .where(_PRESENT, run.c.trashed_micros.is_(None), run.c.created_micros >= since_micros)
            .group_by(entity.c.name, project.c.name, span)
        )
        counts: dict[tuple[str, str], dict[int, int]] = {}
        for entity_name, name, number, n in tx.connection.execute(query):
            counts.setdefault((entity_name, name), {})[int(number)] = n
        return counts

    def count_runs(self, tx: Transaction, entity_name: str, name: str | None = None) -> int:
        """The number of runs of an entity, or of one of its projects, without the trash."""
        query = (
            select(func.count())
            .select_from(run.join(project).join(entity))
            .where(entity.c.name == entity_name, _PRESENT, run.c.trashed_micros.is_(None))
        )
        if name is not None:
            query = query.where(project.c.name == name)
        return tx.connection.execute(query).scalar_one()

    def of_entity(self, tx: Transaction, entity_name: str) -> builtins.list[tuple[int, str]]:
        """The row ids and names of an entity's projects."""
        query = select(project.c.id, project.c.name).join(entity)
        rows = tx.connection.execute(query.where(entity.c.name == entity_name, _PRESENT))
        return [(row[0], row[1]) for row in rows]

    def set_quota(
        self,
        tx: Transaction,
        entity_name: str,
        name: str | None,
        n_bytes: int | None,
        n_runs: int | None,
    ) -> bool:
        """Set what an entity, or a project of it, may have. False if there is none."""
        values = {"quota_bytes": n_bytes, "quota_runs": n_runs}
        if name is None:
            statement = entity.update().where(entity.c.name == entity_name).values(**values)
        else:
            row_id = self.find_project(tx, entity_name, name)
            statement = project.update().where(project.c.id == row_id).values(**values)
        return tx.connection.execute(statement).rowcount == 1

    def row_ids(self, tx: Transaction) -> set[int]:
        """Row ids of all projects, including those in the trash."""
        return set(tx.connection.execute(select(project.c.id)).scalars())

    def set_active(self, tx: Transaction, micros_of: dict[int, int]) -> None:
        """Set when projects were last active, by row id; an earlier time changes nothing."""
        for project_id, micros in micros_of.items():
            tx.connection.execute(
                project.update()
                .where(project.c.id == project_id, project.c.active_micros < micros)
                .values(active_micros=micros)
            )

    def move(
        self,
        tx: Transaction,
        project_id: int,
        entity_name: str,
        project_name: str,
        to_entity: str,
        to_project: str,
        now_micros: int,
    ) -> None:
        """Move a project to another path, which is free. Its earlier paths lead to it."""
        tx.things.add(("project", project_id))
        tx.connection.execute(
            insert(tx, entity)
            .values(name=to_entity, created_micros=now_micros)
            .on_conflict_do_nothing()
        )
        entity_id = select(entity.c.id).where(entity.c.name == to_entity).scalar_subquery()
        update_row(tx, project, project_id, entity_id=entity_id, name=to_project)
        addresses = project_address
        tx.connection.execute(
            addresses.delete().where(
                addresses.c.entity == to_entity, addresses.c.project == to_project
            )
        )
        statement = insert(tx, addresses).values(
            entity=entity_name, project=project_name, project_id=project_id
        )
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["entity", "project"], set_={"project_id": project_id}
            )
        )

    def begin_runs(self, tx: Transaction, project_id: int, n_runs: int, now_micros: int) -> int:
        """Count runs that are about to be created; returns how many the project had before.

        Other transactions that create runs of the project wait for this one, so no two get the
        same number.
        """
        values = {"row_id": project_id, "n_new": n_runs, "now": now_micros}
        return tx.connection.execute(_BEGIN, values).scalar_one() - n_runs

    def describe(self, tx: Transaction, project_id: int, description: str | None) -> None:
        text = None if description is None else clean_text(description)
        update_row(tx, project, project_id, description=text)

    def delete(self, tx: Transaction, project_id: int) -> None:
        """Delete a project and everything that belongs to it."""
        tx.things.add(("project", project_id))
        if remove_keys_of_project(tx, project_id):
            advance(tx.connection, tx)
            tx.after_commit(self.on_shared)
        tx.connection.execute(project.delete().where(project.c.id == project_id))


def _do_nothing() -> None:
    """Stand for the callback that no one has set."""


def _default_visibility(connection: Connection, entity_id: int) -> str:
    query = (
        select(team.c.default_visibility)
        .join_from(entity, team, team.c.id == entity.c.team_id)
        .where(entity.c.id == entity_id)
    )
    return connection.execute(query).scalar_one_or_none() or "private"


def _listing() -> Any:
    columns: list[Any] = [
        project.c.id,
        entity.c.name,
        project.c.name,
        project.c.description,
        project.c.created_micros,
        project.c.active_micros,
    ]
    return select(*columns).join_from(project, entity)


def _run_counts(tx: Transaction, condition: ColumnElement[bool]) -> dict[int, tuple[int, int]]:
    """Numbers of all runs and of running ones, by row id of their project."""
    is_running = run.c.state.in_(("running", "preempting"))
    query = (
        select(run.c.project_id, func.count(), func.sum(case((is_running, 1), else_=0)))
        .where(run.c.trashed_micros.is_(None), condition)
        .group_by(run.c.project_id)
    )
    return {row_id: (n, running) for row_id, n, running in tx.connection.execute(query)}
