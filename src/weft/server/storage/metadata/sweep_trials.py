"""Trials of a sweep as pages of a table: filtered and sorted by the database, with their runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
)

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import run, sweep, sweep_agent, sweep_trial
from weft.server.storage.metadata.sweeps import TRIAL_COLUMNS, read_trial
from weft.sweeps.trials import Trial

TrialChoice = Literal["queued", "running", "finished", "stopped_early", "failed"]
"""The state of a trial for people: `finished` without those that were stopped early."""

TrialField = Literal["number", "name", "state", "agent", "given", "duration"]
"""A column of trials that is neither a parameter nor a metric."""


class TrialOrder(NamedTuple):
    """The column that trials are sorted by: a field, a parameter or a metric by its position."""

    kind: Literal["field", "parameter", "metric"] = "field"
    name: TrialField | str = "number"
    position: int = 0
    is_descending: bool = False


_BY_NUMBER: Final = TrialOrder()


@dataclass(frozen=True, slots=True)
class TrialQuery:
    """The trials to list. `search` is text in names, reasons, notes, agents or values."""

    now_micros: int
    state: TrialChoice | None = None
    search: str = ""
    run: str | None = None
    order: TrialOrder = _BY_NUMBER
    offset: int = 0
    limit: int = 100


class TrialEntry(NamedTuple):
    """A trial with its run's name, reason of a bad end and notes, and its agent's number. They are
    None if the run has not begun or no agent has had it.
    """

    trial: Trial
    name: str | None
    reason: str | None
    notes: str | None
    agent_number: int | None


class SweepTrialTable:
    """Reads trials of a sweep as a table. Sorts with the texts of SQLite and the C locale."""

    def page(
        self, tx: Transaction, sweep_id: int, query: TrialQuery
    ) -> tuple[list[TrialEntry], int]:
        """A page of trials, and the number of those that match."""
        where = _where(tx, sweep_id, query)
        total = select(func.count()).select_from(_TABLES).where(*where)
        page = (
            select(*TRIAL_COLUMNS, run.c.name, run.c.reason, run.c.notes, sweep_agent.c.number)
            .select_from(_TABLES)
            .where(*where)
            .order_by(*_order(tx, query), sweep_trial.c.number)
            .offset(query.offset)
            .limit(query.limit)
        )
        n_columns = len(TRIAL_COLUMNS)
        entries = [
            TrialEntry(read_trial(row[:n_columns]), *row[n_columns:])
            for row in tx.connection.execute(page)
        ]
        return entries, tx.connection.execute(total).scalar_one()


_TABLES: Final = (
    sweep_trial.join(sweep, sweep.c.id == sweep_trial.c.sweep_id)
    .outerjoin(run, and_(run.c.project_id == sweep.c.project_id, run.c.run == sweep_trial.c.run))
    .outerjoin(sweep_agent, sweep_agent.c.id == sweep_trial.c.agent_id)
)

_STATE: Final = case(
    (sweep_trial.c.state == "given", "running"),
    (and_(sweep_trial.c.state == "finished", sweep_trial.c.stopped_early), "stopped_early"),
    else_=sweep_trial.c.state,
)


def _where(tx: Transaction, sweep_id: int, query: TrialQuery) -> list[ColumnElement[bool]]:
    where = [sweep_trial.c.sweep_id == sweep_id]
    if query.state is not None:
        where.append(_STATE.in_([query.state]))
    if query.run is not None:
        where.append(sweep_trial.c.run == query.run)
    if query.search:
        where.append(_has_text(tx, query.search))
    return where


def _has_text(tx: Transaction, search: str) -> ColumnElement[bool]:
    texts: list[ColumnElement[str]] = [
        sweep_trial.c.run,
        sweep_trial.c.error,
        run.c.name,
        run.c.reason,
        run.c.notes,
        literal("agent-").concat(cast(sweep_agent.c.number, Text)),
    ]
    members = _members(tx)
    has_value = exists(
        select(members.c.key).where(cast(members.c.value, Text).icontains(search, autoescape=True))
    )
    return or_(*(text.icontains(search, autoescape=True) for text in texts), has_value)


def _order(tx: Transaction, query: TrialQuery) -> list[ColumnElement[Any]]:
    order = query.order
    if order.kind == "field":
        return _sort_keys(_field(order.name, query.now_micros), is_descending=order.is_descending)
    if order.kind == "metric":
        value = _metric(tx, order.position)
        return _sort_keys(value, is_descending=order.is_descending)
    rank, number, text = _parameter(tx, order.name)
    return [
        func.coalesce(rank, _MISSING),
        *_sort_keys(number, is_descending=order.is_descending),
        *_sort_keys(text, is_descending=order.is_descending),
    ]


def _sort_keys(column: ColumnElement[Any], *, is_descending: bool) -> list[ColumnElement[Any]]:
    """Rows without a value come last in both directions."""
    return [column.is_(None), column.desc() if is_descending else column]


def _field(name: str, now_micros: int) -> ColumnElement[Any]:
    elapsed = func.coalesce(sweep_trial.c.ended_micros, now_micros) - sweep_trial.c.given_micros
    fields: dict[str, ColumnElement[Any]] = {
        "number": sweep_trial.c.number,
        "name": func.lower(func.coalesce(run.c.name, sweep_trial.c.run)),
        "state": _STATE,
        "agent": sweep_agent.c.number,
        "given": sweep_trial.c.given_micros,
        "duration": case((sweep_trial.c.state != "queued", elapsed), else_=null()),
    }
    return fields[name]


def _metric(tx: Transaction, position: int) -> ColumnElement[Any]:
    values = sweep_trial.c.metric_values
    if tx.dialect == "sqlite":
        return func.json_extract(values, f"$[{position}]")
    from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB

    return cast(cast(values, JSONB)[position].astext, DOUBLE_PRECISION)


_MISSING: Final = 3
"""The rank of trials without the parameter: after numbers, texts and other values."""


def _parameter(
    tx: Transaction, name: str
) -> tuple[ColumnElement[Any], ColumnElement[Any], ColumnElement[Any]]:
    """Rank, number and text of a parameter: numbers and booleans come before texts."""
    if tx.dialect == "sqlite":
        members = _members(tx)
        kind = members.c.type
        is_number = kind.in_(["integer", "real", "true", "false"])
        number: ColumnElement[Any] = members.c.value
        text: ColumnElement[Any] = cast(members.c.value, Text)
        is_text, is_null = kind == "text", kind == "null"
    else:
        from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB

        members = _members(tx)
        kind = func.jsonb_typeof(cast(sweep_trial.c.parameters, JSONB)[name])
        is_number = kind.in_(["number", "boolean"])
        number = case(
            (members.c.value == "true", 1.0),
            (members.c.value == "false", 0.0),
            else_=cast(members.c.value, DOUBLE_PRECISION),
        )
        text = members.c.value.collate("C")
        is_text, is_null = kind == "string", kind == "null"
    rank = case((is_number, 0), (is_text, 1), (is_null, _MISSING), else_=2)
    columns = (rank, case((is_number, number)), case((is_text, text)))
    rank_of, number_of, text_of = (
        select(column).where(members.c.key == name).scalar_subquery() for column in columns
    )
    return rank_of, number_of, text_of


def _members(tx: Transaction) -> FromClause:
    """The parameters of a trial as rows: `key` and `value`; with SQLite also the JSON `type`."""
    if tx.dialect == "sqlite":
        return func.json_each(sweep_trial.c.parameters).table_valued("key", "value", "type")
    from sqlalchemy.dialects.postgresql import JSONB

    return func.jsonb_each_text(cast(sweep_trial.c.parameters, JSONB)).table_valued("key", "value")
