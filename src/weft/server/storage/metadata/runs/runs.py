"""Runs in the metadata database, one row each."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from weft.records.limits import MAX_ID_BYTES, MAX_REASON_BYTES
from weft.records.merge import NEVER, Stamp
from weft.records.states import RunState
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert_of
from weft.server.storage.metadata.database.many_rows import among, execute_many, fetch
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import entity, project, run
from weft.server.storage.metadata.database.values import clean_text

OPEN_STATES: Final = ("pending", "running", "preempting")
"""States that the server ends when it no longer hears from any writer of the run."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run's row. Fields have the names of the columns.

    Attributes:
        fork_run, fork_step: the run and step from which its newest log continues: another run
            for a fork, the run itself for a rewind.
        is_continued: whether one of its logs continues this run or another, so that it may have
            paused, or came after one that began later, by whose start its points are stored.
        created_micros: when it began, at most `arrived_micros`.
        arrived_micros: when the server first heard of it.
        started_micros: when it began by the clock of its machine.
        trashed_micros: when it was deleted. None if it is not in the trash.
        stopped_by: who last asked it to stop, since it last began. None if no one did.
        edited_by: who last changed it by hand.
        notes_by: who last changed its notes by hand; a later log may have replaced them.
        locked_by: who protects it from deletion; None if it is not locked.
        reason: why it ended badly, in one line. None if it did not, or if nothing tells it.
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
    color: int
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
    is_continued: bool
    trashed_micros: int | None
    sweep: str | None = None
    arrived_micros: int = 0
    stopped_by: str | None = None
    reason: str | None = None
    edited_by: str | None = None
    notes_by: str | None = None
    locked_by: str | None = None
    locked_micros: int | None = None

    def changed(self, values: Mapping[str, Any], stamp: Stamp) -> RunRow:
        """The row with each column set whose last change is older than `stamp`.

        Columns: name, notes, tags, run_group, job_type, color, sweep. Returns the row itself if no
        column is set.
        """
        accepted = {
            column: clean_text(value) if isinstance(value, str) else value
            for column, value in values.items()
            if stamp > self.stamps.get(column, NEVER)
        }
        if not accepted:
            return self
        return replace(self, **accepted, stamps={**self.stamps, **dict.fromkeys(accepted, stamp)})

    def started_by(self, user: str, stamp: Stamp) -> RunRow:
        """The row with the user who started the run; the earliest log that names one wins."""
        earlier = self.stamps.get("user")
        if earlier is not None and earlier <= stamp:
            return self
        return replace(self, user=clean_text(user), stamps={**self.stamps, "user": stamp})

    def started_at(self, micros: int) -> RunRow:
        """The row with the time at which it began, by its own clock."""
        created = created_micros(micros, self.arrived_micros)
        return replace(self, started_micros=micros, created_micros=created)

    def forked_from(self, fork_run: str, fork_step: int | float | None) -> RunRow:
        """The row with the run and step that this run continues from."""
        return replace(self, fork_run=clean_text(fork_run)[:MAX_ID_BYTES], fork_step=fork_step)


def created_micros(started_micros: int, arrived_micros: int) -> int:
    """When a run began, as far as the server can know.

    The clock of a machine may be wrong: a run does not begin after it has arrived, and one whose
    machine has no clock began when it arrived.

    >>> created_micros(5, 9), created_micros(12, 9), created_micros(0, 9)
    (5, 9, 9)
    """
    return min(started_micros, arrived_micros) if started_micros > 0 else arrived_micros


class NewRun(NamedTuple):
    """A run to create; its fields are columns of its row."""

    run: str
    name: str
    state: str
    arrived_micros: int
    started_micros: int
    origin_micros: int
    color: int
    host: str | None = None


@dataclass(frozen=True, slots=True)
class RunRef:
    """The part of a run's row that charts need.

    Attributes:
        origin_micros: what its time axis counts from.
    """

    row_id: int
    origin_micros: int
    is_continued: bool


@dataclass(frozen=True, slots=True)
class RunEnd:
    """The end of a run: its state, when, and its exit code as far as they are known."""

    state: RunState
    ended_micros: int | None
    exit_code: int | None


_PRESENT: Final = (run.c.trashed_micros.is_(None), project.c.trashed_micros.is_(None))

_COLUMNS: Final = (
    run.c.id,
    run.c.project_id,
    entity.c.name,
    project.c.name,
    *(run.c[field.name] for field in fields(RunRow)[4:]),
)


class RunTable:
    """Reads and writes runs. Methods ignore runs in the trash unless they say otherwise."""

    def create(
        self,
        tx: Transaction,
        entity_name: str,
        project_name: str,
        project_id: int,
        new: Sequence[NewRun],
    ) -> dict[str, RunRow]:
        """Create those runs of a project that do not exist yet.

        Returns the rows of all, except runs in the trash.
        """
        rows = [
            {
                "project_id": project_id,
                "run": run.run,
                "name": run.name,
                "tags": "[]",
                "stamps": "{}",
                "state": run.state,
                "created_micros": created_micros(run.started_micros, run.arrived_micros),
                "arrived_micros": run.arrived_micros,
                "started_micros": run.started_micros,
                "origin_micros": run.origin_micros,
                "host": run.host and clean_text(run.host),
                "color": run.color,
                "stop_requested": False,
                "is_continued": False,
            }
            for run in new
        ]
        tx.connection.execute(_insert_of(tx.dialect), rows)
        names = [run.run for run in new]
        existing = self.get_many(tx, entity_name, project_name, names, for_update=True)
        tx.touched.update(("run", row.row_id) for row in existing.values())
        return existing

    def write(self, tx: Transaction, before: RunRow, after: RunRow) -> None:
        """Write the columns that logs and edits set, if they differ between two versions of a run.

        `before` was read in this transaction with `for_update`.
        """
        names = _WRITTEN
        if any(getattr(after, name) != getattr(before, name) for name in names):
            tx.touched.add(("run", after.row_id))
            values = {name: _database_value(name, getattr(after, name)) for name in names}
            tx.queue(_UPDATE, {"row_id": after.row_id, **values})

    def set_lock(self, tx: Transaction, row_id: int, user: str | None, micros: int | None) -> None:
        """Lock a run for a user as of a moment; None unlocks it."""
        tx.touched.add(("run", row_id))
        tx.queue(_SET_LOCK, {"row_id": row_id, "locker": user, "micros": micros})

    def locks(self, tx: Transaction, row_ids: Sequence[int]) -> dict[str, str]:
        """Who locked each of some runs, by run id; those that are not locked are left out."""
        query = select(run.c.run, run.c.locked_by).where(
            run.c.id.in_(row_ids), run.c.locked_by.is_not(None)
        )
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def locks_of_project(self, tx: Transaction, project_id: int) -> dict[str, str]:
        """Who locked each locked run of a project, by run id."""
        query = select(run.c.run, run.c.locked_by).where(
            run.c.project_id == project_id, run.c.locked_by.is_not(None)
        )
        return {row[0]: row[1] for row in tx.connection.execute(query.order_by(run.c.id))}

    def get(
        self,
        tx: Transaction,
        entity_name: str,
        project_name: str,
        run_id: str,
        *,
        for_update: bool = False,
    ) -> RunRow | None:
        """One run, or None if it does not exist.

        With `for_update`, no other transaction can change it before this one ends.
        """
        query = _BY_NAME_TO_CHANGE if for_update else _BY_NAME
        names = {"entity_name": entity_name, "project_name": project_name, "run_name": run_id}
        return _one(tx, query, names)

    def get_many(
        self,
        tx: Transaction,
        entity_name: str,
        project_name: str,
        runs: Sequence[str],
        *,
        for_update: bool = False,
    ) -> dict[str, RunRow]:
        """Some runs of a project, by run id; unknown runs are left out.

        `for_update`: see `get`.
        """
        query = _BY_NAMES_TO_CHANGE if for_update else _BY_NAMES
        rows: dict[str, RunRow] = {}
        for first in range(0, len(runs), MAX_PARAMETERS):
            values = {
                "entity_name": entity_name,
                "project_name": project_name,
                "run_names": runs[first : first + MAX_PARAMETERS],
            }
            for row in map(_row, tx.connection.execute(query, values)):
                rows[row.run] = row
        return rows

    def entities_of(self, tx: Transaction, project_name: str, run_id: str) -> list[str]:
        """The entities that have a run of this id in a project of this name, sorted."""
        query = (
            select(entity.c.name)
            .select_from(project)
            .join(entity, project.c.entity_id == entity.c.id)
            .join(run, run.c.project_id == project.c.id)
            .where(project.c.name == project_name, run.c.run == run_id, *_PRESENT)
            .order_by(entity.c.name)
        )
        return list(tx.connection.execute(query).scalars())

    def get_by_id(self, tx: Transaction, row_id: int, *, for_update: bool) -> RunRow | None:
        """One run by its row id, or None if it no longer exists."""
        return _one(tx, _BY_ID_TO_CHANGE if for_update else _BY_ID, {"row_id": row_id})

    def lock(self, tx: Transaction, row_ids: Collection[int]) -> set[int]:
        """Lock some runs until this transaction ends; returns the row ids that still exist.

        At most `MAX_PARAMETERS` runs.
        """
        # Always in the same order, so that transactions don't deadlock.
        query = select(run.c.id).where(run.c.id.in_(sorted(row_ids))).order_by(run.c.id)
        return set(tx.connection.execute(query.with_for_update()).scalars())

    def by_ids(self, tx: Transaction, row_ids: Sequence[int]) -> dict[int, RunRow]:
        """Some runs, including those in the trash, by row id."""
        rows = tx.connection.execute(_rows().where(run.c.id.in_(row_ids)))
        return {row.row_id: row for row in map(_row, rows)}

    def origins(self, tx: Transaction, project_id: int, runs: Sequence[str]) -> dict[str, int]:
        """Origins of some runs of a project, by run id; unknown runs are left out."""
        origins: dict[str, int] = {}
        for first in range(0, len(runs), MAX_PARAMETERS):
            query = select(run.c.run, run.c.origin_micros).where(
                run.c.project_id == project_id,
                run.c.run.in_(runs[first : first + MAX_PARAMETERS]),
                run.c.trashed_micros.is_(None),
            )
            origins.update({row[0]: row[1] for row in tx.connection.execute(query)})
        return origins

    def refs(
        self,
        tx: Transaction,
        project_id: int,
        runs: Sequence[str],
        *,
        with_trash: bool = False,
    ) -> dict[str, RunRef]:
        """Refs of some runs of a project, by run id. Unknown ones are left out, and unless
        `with_trash` those in the trash.
        """
        query = select(run.c.run, run.c.id, run.c.origin_micros, run.c.is_continued).where(
            run.c.project_id == project_id, among(tx, run.c.run, runs)
        )
        if not with_trash:
            query = query.where(run.c.trashed_micros.is_(None))
        return {name: RunRef(*ref) for name, *ref in fetch(tx, query)}

    def ends(
        self, tx: Transaction, row_ids: Sequence[int], states: Iterable[RunState]
    ) -> dict[int, RunEnd]:
        """Ends of those runs that are in one of some states, by row id."""
        query = select(run.c.id, run.c.state, run.c.ended_micros, run.c.exit_code).where(
            run.c.state.in_(list(states)), run.c.id.in_(row_ids)
        )
        return {row_id: RunEnd(*end) for row_id, *end in tx.connection.execute(query)}

    def open_runs(self, tx: Transaction, limit: int | None = None) -> list[RunRow]:
        """Runs of all projects that have not ended, newest first; at most `limit` of them."""
        query = _rows().where(run.c.state.in_(OPEN_STATES), *_PRESENT)
        query = query.order_by(run.c.id.desc()).limit(limit)
        return [_row(row) for row in tx.connection.execute(query)]

    def ids_of_project(self, tx: Transaction, project_id: int) -> list[str]:
        """Ids of all runs of a project, including those in the trash."""
        query = select(run.c.run).where(run.c.project_id == project_id)
        return list(tx.connection.execute(query).scalars())

    def count(self, tx: Transaction) -> int:
        """The number of all runs, including those in the trash."""
        return tx.connection.execute(select(func.count()).select_from(run)).scalar_one()

    def change(
        self, tx: Transaction, row: RunRow, values: Mapping[str, Any], stamp: Stamp, *, editor: str
    ) -> None:
        """Set name, notes, tags, run_group, job_type, color, each if last changed before `stamp`,
        and who changed the run, and perhaps its notes, by hand.

        `row` was read in this transaction with `for_update`.
        """
        tx.touched.add(("run", row.row_id))
        notes_by = editor if "notes" in values else row.notes_by
        self.write(
            tx, row, replace(row.changed(values, stamp), edited_by=editor, notes_by=notes_by)
        )

    def set_state(
        self,
        tx: Transaction,
        row_id: int,
        *,
        state: str,
        ended_micros: int | None,
        exit_code: int | None,
        reason: str | None,
    ) -> None:
        """Set the run's state, and when, how and why it ended."""
        tx.touched.add(("run", row_id))
        values = {"state": state, "ended_micros": ended_micros, "exit_code": exit_code}
        tx.queue(_UPDATE_STATE, {"row_id": row_id, **values, "reason": _cut_reason(reason)})

    def set_reason(self, tx: Transaction, row_id: int, state: str, reason: str) -> None:
        """Set why a run ended, unless it has left this state."""
        tx.touched.add(("run", row_id))
        tx.connection.execute(
            run.update()
            .where(run.c.id == row_id, run.c.state == state)
            .values(reason=_cut_reason(reason))
        )

    def request_stop(self, tx: Transaction, row_id: int, by: str) -> None:
        """Note a request to stop the run, and who made it."""
        tx.touched.add(("run", row_id))
        update_row(tx, run, row_id, stop_requested=True, stopped_by=by)

    def end_stop(self, tx: Transaction, row_id: int) -> None:
        """Note that the run no longer has to stop, because it ended; who asked it stays."""
        update_row(tx, run, row_id, stop_requested=False)

    def forget_stop(self, tx: Transaction, row_id: int) -> None:
        """Forget who stopped the run: it runs again."""
        tx.touched.add(("run", row_id))
        update_row(tx, run, row_id, stopped_by=None)

    def set_heartbeats(self, tx: Transaction, micros_of: Mapping[int, int]) -> None:
        """Set the last heartbeats of runs, by row id."""
        if micros_of:
            tx.touched.update(("run", row_id) for row_id in micros_of)
            execute_many(
                tx.connection,
                run.update()
                .where(run.c.id == bindparam("row"))
                .values(heartbeat_micros=bindparam("beat")),
                [{"row": row_id, "beat": micros} for row_id, micros in micros_of.items()],
            )

    def delete(self, tx: Transaction, row_id: int) -> None:
        """Delete a run and everything that belongs to it."""
        tx.touched.add(("run", row_id))
        tx.connection.execute(run.delete().where(run.c.id == row_id))


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .select_from(run)
        .join(project, project.c.id == run.c.project_id)
        .join(entity, entity.c.id == project.c.entity_id)
    )


# Built once, because building a statement costs as much as running it, and these run several
# times for each upload to a run that is not in memory.
_BY_NAME: Final = _rows().where(
    entity.c.name == bindparam("entity_name"),
    project.c.name == bindparam("project_name"),
    run.c.run == bindparam("run_name"),
    *_PRESENT,
)
_BY_NAMES: Final = _rows().where(
    entity.c.name == bindparam("entity_name"),
    project.c.name == bindparam("project_name"),
    run.c.run.in_(bindparam("run_names", expanding=True)),
    *_PRESENT,
)
_BY_NAMES_TO_CHANGE: Final = _BY_NAMES.with_for_update(of=run)
_BY_NAME_TO_CHANGE: Final = _BY_NAME.with_for_update(of=run)
_BY_ID: Final = _rows().where(run.c.id == bindparam("row_id"), *_PRESENT)
_BY_ID_TO_CHANGE: Final = _BY_ID.with_for_update(of=run)


_UPDATE: Final = run.update().where(run.c.id == bindparam("row_id"))
# Separate statements: the queue groups values by statement, and these have other columns.
_UPDATE_STATE: Final = run.update().where(run.c.id == bindparam("row_id"))
_SET_LOCK: Final = _UPDATE.values(locked_by=bindparam("locker"), locked_micros=bindparam("micros"))


@cache
def _insert_of(dialect: str) -> Any:
    statement = insert_of(dialect, run)
    return statement.on_conflict_do_nothing()


def _one(
    tx: Transaction, query: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> RunRow | None:
    row = tx.connection.execute(query, values).one_or_none()
    return None if row is None else _row(row)


def _row(columns: Any) -> RunRow:
    values = dict(zip(_FIELD_NAMES, columns, strict=True))
    values["tags"] = json.loads(values["tags"])
    values["stamps"] = {
        column: Stamp(*stamp) for column, stamp in json.loads(values["stamps"]).items()
    }
    values["fork_step"] = json.loads(values["fork_step"] or "null")
    return RunRow(**values)


def _cut_reason(reason: str | None) -> str | None:
    return reason and clean_text(reason)[:MAX_REASON_BYTES]


_FIELD_NAMES: Final = [field.name for field in fields(RunRow)]


_encode_short: Final = json.JSONEncoder(separators=(",", ":")).encode
_encode_tags: Final = json.JSONEncoder(ensure_ascii=False).encode

_WRITTEN: Final = (
    *("name", "notes", "tags", "run_group", "job_type", "color", "sweep", "user", "stamps"),
    *("edited_by", "notes_by"),
    *(
        "created_micros",
        "started_micros",
        "origin_micros",
        "runtime_from_micros",
        "host",
        "fork_run",
        "fork_step",
        "is_continued",
    ),
)


def _database_value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "tags":
        return clean_text(_encode_tags(value))
    if name in {"stamps", "fork_step"}:
        return _encode_short(value)
    return clean_text(value) if isinstance(value, str) else value
