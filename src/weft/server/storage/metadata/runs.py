"""Runs in the metadata database: one row each, and the columns that lists need."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from sqlalchemy import Select, bindparam, select

from weft.records.limits import MAX_ID_BYTES
from weft.records.merge import NEVER, Stamp
from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.schema import entity, project, run
from weft.server.storage.metadata.values import clean_text

OPEN_STATES: Final = ("pending", "running", "preempting")
"""States that end by themselves when nobody is heard of any more."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run, as its row has it. Field names are those of the columns.

    Attributes:
        fork_run, fork_step: the moment that its newest log goes on from: of another run for a
            fork, of the run itself for a rewind.
        trashed_micros: when it was deleted; None = it is not in the trash.
    """

    row_id: int
    project_id: int
    entity: str
    project: str
    run: str
    name: str
    notes: str | None
    tags: list[str]
    run_group: str | None
    job_type: str | None
    user: str | None
    stamps: dict[str, Stamp]
    state: str
    created_micros: int
    started_micros: int
    runtime_from_micros: int | None
    heartbeat_micros: int | None
    ended_micros: int | None
    exit_code: int | None
    host: str | None
    origin_micros: int
    stop_requested: bool
    fork_run: str | None
    fork_step: int | float | None
    trashed_micros: int | None


@dataclass(frozen=True, slots=True)
class RunRef:
    """What charts need of a run's row: its number, and what its time axis counts from."""

    row_id: int
    origin_micros: int


_PRESENT: Final = (run.c.trashed_micros.is_(None), project.c.trashed_micros.is_(None))

_COLUMNS: Final = (
    run.c.id,
    run.c.project_id,
    entity.c.name,
    project.c.name,
    *(run.c[field.name] for field in fields(RunRow)[4:]),
)


class RunTable:
    """Reads and writes runs. What is in the trash is only read where a method says so."""

    def create(
        self,
        tx: Transaction,
        project_id: int,
        run_id: str,
        *,
        name: Callable[[], str],
        state: str,
        created_micros: int,
        started_micros: int,
        origin_micros: int,
        host: str | None,
    ) -> bool:
        """Make a run unless it exists; `name` is called only if it does not. True = made."""
        # The row comes first, so that of two makers only one goes on to draw a number.
        made = tx.connection.execute(
            insert(tx, run)
            .values(
                project_id=project_id,
                run=run_id,
                name="",
                tags="[]",
                stamps="{}",
                state=state,
                created_micros=created_micros,
                started_micros=started_micros,
                origin_micros=origin_micros,
                host=host and clean_text(host),
                stop_requested=False,
            )
            .on_conflict_do_nothing()
            .returning(run.c.id)
        ).scalar_one_or_none()
        if made is None:
            return False
        tx.touched.add(("run", made))
        tx.connection.execute(run.update().where(run.c.id == made).values(name=name()))
        return True

    def get(
        self,
        tx: Transaction,
        entity_name: str,
        project_name: str,
        run_id: str,
        *,
        for_update: bool = False,
    ) -> RunRow | None:
        """One run; None = there is none.

        With `for_update` no other transaction changes it before this one ends.
        """
        query = _rows().where(
            entity.c.name == entity_name,
            project.c.name == project_name,
            run.c.run == run_id,
            *_PRESENT,
        )
        if for_update:
            query = query.with_for_update(of=run)
        return _one(tx, query)

    def get_by_id(self, tx: Transaction, row_id: int, *, for_update: bool) -> RunRow | None:
        """One run by its row id; None = there is none any more."""
        query = _rows().where(run.c.id == row_id, *_PRESENT)
        return _one(tx, query.with_for_update(of=run) if for_update else query)

    def lock(self, tx: Transaction, row_id: int) -> bool:
        """Keep other transactions from changing a run before this one ends; False = it is gone."""
        query = select(run.c.id).where(run.c.id == row_id).with_for_update()
        return tx.connection.execute(query).one_or_none() is not None

    def by_ids(self, tx: Transaction, row_ids: Sequence[int]) -> dict[int, RunRow]:
        """Some runs, by row id, also of those in the trash."""
        rows = tx.connection.execute(_rows().where(run.c.id.in_(row_ids)))
        return {row.row_id: row for row in map(_row, rows)}

    def origins(self, tx: Transaction, project_id: int, runs: Sequence[str]) -> dict[str, int]:
        """Origins of some runs of a project, by run id; unknown ones are left out."""
        found: dict[str, int] = {}
        for first in range(0, len(runs), MAX_PARAMETERS):
            query = select(run.c.run, run.c.origin_micros).where(
                run.c.project_id == project_id,
                run.c.run.in_(runs[first : first + MAX_PARAMETERS]),
                run.c.trashed_micros.is_(None),
            )
            found.update({row[0]: row[1] for row in tx.connection.execute(query)})
        return found

    def refs(self, tx: Transaction, project_id: int, runs: Sequence[str]) -> dict[str, RunRef]:
        """Where some runs of a project are kept, by run id; unknown ones are left out."""
        found: dict[str, RunRef] = {}
        for first in range(0, len(runs), MAX_PARAMETERS):
            query = select(run.c.run, run.c.id, run.c.origin_micros).where(
                run.c.project_id == project_id,
                run.c.run.in_(runs[first : first + MAX_PARAMETERS]),
                run.c.trashed_micros.is_(None),
            )
            found.update({row[0]: RunRef(row[1], row[2]) for row in tx.connection.execute(query)})
        return found

    def open_runs(self, tx: Transaction) -> list[RunRow]:
        """Runs of all projects that have not ended."""
        query = _rows().where(run.c.state.in_(OPEN_STATES), *_PRESENT)
        return [_row(row) for row in tx.connection.execute(query)]

    def ids_of_project(self, tx: Transaction, project_id: int) -> list[str]:
        """Ids of all runs of a project, also of those in the trash."""
        query = select(run.c.run).where(run.c.project_id == project_id)
        return list(tx.connection.execute(query).scalars())

    def change(
        self, tx: Transaction, row: RunRow, values: Mapping[str, Any], stamp: Stamp
    ) -> bool:
        """Set name, notes, tags, run_group, job_type; each if its last change is before `stamp`.

        `row` was read in this transaction with `for_update`. True = something was set.
        """
        taken = {
            column: value
            for column, value in values.items()
            if stamp > row.stamps.get(column, NEVER)
        }
        if not taken:
            return False
        tx.touched.add(("run", row.row_id))
        stamps = {**row.stamps, **dict.fromkeys(taken, stamp)}
        columns = {column: _database_value(value) for column, value in taken.items()}
        tx.connection.execute(
            run.update()
            .where(run.c.id == row.row_id)
            .values(**columns, stamps=json.dumps(stamps, separators=(",", ":")))
        )
        return True

    def set_start(
        self, tx: Transaction, row_id: int, *, started_micros: int, host: str | None
    ) -> None:
        """Note where and when the run's script started."""
        tx.touched.add(("run", row_id))
        tx.connection.execute(
            run.update()
            .where(run.c.id == row_id)
            .values(started_micros=started_micros, host=host and clean_text(host))
        )

    def set_user(self, tx: Transaction, row: RunRow, user: str, stamp: Stamp) -> bool:
        """Note who started it, as the earliest of its logs says; True = something was set.

        `row` was read in this transaction with `for_update`.
        """
        said = row.stamps.get("user")
        if said is not None and said <= stamp:
            return False
        stamps = {**row.stamps, "user": stamp}
        tx.connection.execute(
            run.update()
            .where(run.c.id == row.row_id)
            .values(user=clean_text(user), stamps=json.dumps(stamps, separators=(",", ":")))
        )
        return True

    def set_runtime_from(self, tx: Transaction, row_id: int, micros: int) -> None:
        """Note from when its runtime counts, where that is not when it started."""
        tx.touched.add(("run", row_id))
        tx.connection.execute(
            run.update().where(run.c.id == row_id).values(runtime_from_micros=micros)
        )

    def set_fork(
        self, tx: Transaction, row_id: int, *, fork_run: str, fork_step: int | float | None
    ) -> None:
        """Note what moment of which run it goes on from."""
        tx.connection.execute(
            run.update()
            .where(run.c.id == row_id)
            .values(fork_run=clean_text(fork_run)[:MAX_ID_BYTES], fork_step=json.dumps(fork_step))
        )

    def set_state(
        self,
        tx: Transaction,
        row_id: int,
        *,
        state: str,
        ended_micros: int | None,
        exit_code: int | None,
    ) -> None:
        """Note what became of the run."""
        tx.touched.add(("run", row_id))
        tx.connection.execute(
            run.update()
            .where(run.c.id == row_id)
            .values(state=state, ended_micros=ended_micros, exit_code=exit_code)
        )

    def set_stop(self, tx: Transaction, row_id: int, *, requested: bool) -> None:
        """Note whether somebody asked the run to stop."""
        tx.connection.execute(
            run.update().where(run.c.id == row_id).values(stop_requested=requested)
        )

    def set_heartbeats(self, tx: Transaction, micros_of: Mapping[int, int]) -> None:
        """Note when runs were last heard of, by row id."""
        if micros_of:
            tx.touched.update(("run", row_id) for row_id in micros_of)
            tx.connection.execute(
                run.update()
                .where(run.c.id == bindparam("row"))
                .values(heartbeat_micros=bindparam("beat")),
                [{"row": row_id, "beat": micros} for row_id, micros in micros_of.items()],
            )

    def delete(self, tx: Transaction, row_id: int) -> None:
        """Remove a run and all that belongs to it."""
        tx.touched.add(("run", row_id))
        tx.connection.execute(run.delete().where(run.c.id == row_id))


def _rows() -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(run)
        .join(project, project.c.id == run.c.project_id)
        .join(entity, entity.c.id == project.c.entity_id)
    )


def _one(tx: Transaction, query: Select[Any]) -> RunRow | None:
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else _row(row)


def _row(columns: Any) -> RunRow:
    values = dict(zip(_FIELD_NAMES, columns, strict=True))
    values["tags"] = json.loads(values["tags"])
    values["stamps"] = {
        column: Stamp(*stamp) for column, stamp in json.loads(values["stamps"]).items()
    }
    values["fork_step"] = json.loads(values["fork_step"] or "null")
    return RunRow(**values)


_FIELD_NAMES: Final = [field.name for field in fields(RunRow)]


def _database_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return clean_text(json.dumps(value, ensure_ascii=False))
    return value
