"""Reads columns over all runs of a project as rows of cells, for filters, orders and groups.

Each cell is `(run's row id, kind, number, text)`: `kind` is one of the codes below, `number` is
set for values that compare as numbers, `text` for texts, JSON and ints beyond ±2**53. Does I/O.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
)

from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction
from weft.server.storage.metadata.database.many_rows import among, fetch
from weft.server.storage.metadata.database.schema import field, path, run, run_writer
from weft.server.storage.metadata.runs.field_rows import Scope

FLOAT: Final = 0
INT: Final = 1
BIG_INT: Final = 2
BOOL: Final = 3
NONFINITE: Final = 4
TEXT: Final = 5
OTHER: Final = 6
NONE: Final = 7
MISSING_KIND: Final = 8

MAX_CELL_CHARS: Final = 4000
"""Longer texts are truncated, to limit memory when each of 100,000 runs has a prompt."""

EXACT_DIGITS: Final = 15
"""float64 represents every int of up to this many digits exactly."""

FieldRoot = Literal["config", "summary"]
"""The roots of columns whose values are fields."""

Row = tuple[int, int, float | None, str | None]
"""(row id, kind, number, text)"""

BaseRow = tuple[int, str, int, int | None]
"""(row id, run id, created_micros, trashed_micros)"""

_TEXTS: Final[dict[str, ColumnElement[Any]]] = {
    "id": run.c.run,
    "name": run.c.name,
    "notes": run.c.notes,
    "tags": run.c.tags,
    "group": run.c.run_group,
    "job_type": run.c.job_type,
    "sweep": run.c.sweep,
    "user": run.c.user,
    "edited_by": run.c.edited_by,
    "locked_by": run.c.locked_by,
    "state": run.c.state,
    "reason": run.c.reason,
    "host": run.c.host,
}
_END: Final = func.coalesce(run.c.ended_micros, run.c.heartbeat_micros)
_NUMBERS: Final[dict[str, ColumnElement[Any]]] = {
    "created": run.c.created_micros,
    "started": run.c.started_micros,
    "arrived": run.c.arrived_micros,
    "ended": run.c.ended_micros,
    "heartbeat": run.c.heartbeat_micros,
    "locked": run.c.locked_micros,
    "color": run.c.color,
    "runtime": (_END - func.coalesce(run.c.runtime_from_micros, run.c.started_micros))
    / literal(1e6),
}

_FIELD_KIND: Final = case(
    (field.c.kind == "number", case((field.c.exact.is_(None), FLOAT), else_=INT)),
    (field.c.kind == "text", TEXT),
    (field.c.kind == "bool", BOOL),
    (field.c.kind == "nonfinite", NONFINITE),
    (field.c.kind == "other", OTHER),
    else_=NONE,
)
_FIELD_TEXT: Final = case(
    # Shorter ints are read from the number, so most columns need no text at all.
    (
        field.c.kind == "number",
        case((func.length(field.c.exact) > EXACT_DIGITS, field.c.exact), else_=null()),
    ),
    else_=func.substr(field.c.text, 1, MAX_CELL_CHARS),
)


class RunColumnTable:
    """Reads columns of runs.

    `as_logged` also reads values in whose place the summary shows another, and null for those
    that are not numbers: what a metric logged, for which texts and objects would be too long.
    """

    def base(
        self, tx: Transaction, project_id: int, row_ids: Sequence[int] | None = None
    ) -> list[BaseRow]:
        """The runs of a project, or those of `row_ids` that exist, sorted by row id."""
        query = select(run.c.id, run.c.run, run.c.created_micros, run.c.trashed_micros).where(
            in_project(tx, project_id, run.c.id, row_ids)
        )
        return typing.cast("list[BaseRow]", fetch(tx, query.order_by(run.c.id)))

    def of_runs(
        self, tx: Transaction, project_id: int, name: str, row_ids: Sequence[int] | None
    ) -> list[Row]:
        """One of the runs' own columns: in `weft.records.run_columns`, or `color`."""
        if name in _TEXTS:
            kind: ColumnElement[Any] = literal(TEXT, Integer)
            number: ColumnElement[Any] = null()
            value = text = func.substr(func.nullif(_TEXTS[name], ""), 1, MAX_CELL_CHARS)
            if name == "tags":  # JSON must not be truncated
                value = text = func.nullif(_TEXTS[name], "[]")
        else:
            kind = literal(FLOAT if name == "runtime" else INT, Integer)
            value = number = _NUMBERS[name]
            text = null()
        query = select(run.c.id, kind, number, text).where(
            in_project(tx, project_id, run.c.id, row_ids), value.is_not(None)
        )
        return typing.cast("list[Row]", fetch(tx, query))

    def path_ids(self, tx: Transaction, paths: Sequence[str]) -> dict[str, int]:
        """Ids of joined paths; paths that no run ever had are left out."""
        query = select(path.c.path, path.c.id).where(path.c.path.in_(paths))
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def of_fields(
        self,
        tx: Transaction,
        path_id: int,
        scope: Scope,
        row_ids: Sequence[int],
        *,
        are_all: bool,
        as_logged: bool = False,
    ) -> list[Row]:
        """The shown values of one path and scope, or `as_logged`.

        If `row_ids` `are_all` runs of a project, the answer may include runs of other projects.
        """
        query = select(field.c.run_id, *_field_cell(as_logged=as_logged)).where(
            field.c.path_id == path_id, field.c.scope == scope
        )
        if not as_logged:
            query = query.where(field.c.shown)
        if not are_all or self._is_wider(tx, path_id, scope, 2 * len(row_ids) + 1000):
            query = query.where(among(tx, field.c.run_id, row_ids))
        return typing.cast("list[Row]", fetch(tx, query))

    def of_some(
        self,
        tx: Transaction,
        scopes: Sequence[Scope],
        path_ids: Sequence[int],
        row_ids: Sequence[int],
        *,
        as_logged: bool = False,
    ) -> list[tuple[int, str, int, int, float | None, str | None]]:
        """The shown values of many paths for a page of runs, or `as_logged`.

        As (path id, scope, *cell).
        """
        rows: list[Any] = []
        for first in range(0, len(path_ids), MAX_PARAMETERS):
            query = select(
                field.c.path_id,
                field.c.scope,
                field.c.run_id,
                *_field_cell(as_logged=as_logged),
            ).where(
                among(tx, field.c.run_id, row_ids),
                field.c.scope.in_(scopes),
                field.c.path_id.in_(path_ids[first : first + MAX_PARAMETERS]),
            )
            rows += fetch(tx, query if as_logged else query.where(field.c.shown))
        return rows

    def labels(
        self, tx: Transaction, project_id: int, row_ids: Sequence[int] | None
    ) -> list[tuple[int, str]]:
        """Labels of writers as JSON objects, as (run's row id, labels)."""
        query = (
            select(run_writer.c.run_id, run_writer.c.labels)
            .join(run, run.c.id == run_writer.c.run_id)
            .where(
                in_project(tx, project_id, run_writer.c.run_id, row_ids),
                run_writer.c.labels.is_not(None),
            )
        )
        return typing.cast("list[tuple[int, str]]", fetch(tx, query))

    def path_sets(
        self, tx: Transaction, root: FieldRoot, row_ids: Sequence[int]
    ) -> list[tuple[int, str]]:
        """The paths of each run, as (run's row id, text); runs with equal paths have equal texts.

        The text is a comma-separated list of `path id * 16 + kind`. Cost: reads all fields of the
        runs, so `path_sets.PathSetTable` saves the answers.
        """
        scopes = ("config",) if root == "config" else ("logged", "set")
        number = field.c.path_id * 16 + _FIELD_KIND
        if tx.dialect == "sqlite":
            # SQLite reads the rows in the table's order, which is by scope and path.
            listed = func.group_concat(number, ",")
        else:
            from sqlalchemy.dialects.postgresql import aggregate_order_by

            order = aggregate_order_by(literal(","), field.c.scope, field.c.path_id)
            listed = func.string_agg(cast(number, String), order)
        # Grouped by the first column of the key, so that SQLite need not sort all fields.
        query = (
            select(field.c.run_id, listed)
            .where(among(tx, field.c.run_id, row_ids), field.c.scope.in_(scopes), field.c.shown)
            .group_by(field.c.run_id)
        )
        return typing.cast("list[tuple[int, str]]", fetch(tx, query))

    def path_texts(self, tx: Transaction, path_ids: Sequence[int]) -> dict[int, str]:
        """Joined paths by id."""
        query = select(path.c.id, path.c.path).where(among(tx, path.c.id, path_ids))
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def _is_wider(self, tx: Transaction, path_id: int, scope: str, n_rows: int) -> bool:
        """Whether more than `n_rows` runs of the server have the path; reads only the index."""
        column = (
            select(field.c.run_id)
            .where(field.c.path_id == path_id, field.c.scope == scope)
            .limit(n_rows + 1)
            .subquery()
        )
        return (
            tx.connection.execute(select(func.count()).select_from(column)).scalar_one() > n_rows
        )


def _field_cell(*, as_logged: bool) -> tuple[ColumnElement[Any], ...]:
    if not as_logged:
        return _FIELD_KIND, field.c.number, _FIELD_TEXT
    is_number = field.c.kind.in_(["number", "nonfinite"])
    return (
        case((is_number, _FIELD_KIND), else_=NONE),
        field.c.number,
        case((is_number, _FIELD_TEXT), else_=null()),
    )


def in_project(
    tx: Transaction, project_id: int, column: ColumnElement[int], row_ids: Sequence[int] | None
) -> ColumnElement[bool]:
    """Runs of a project: all, or those with `column IN row_ids`."""
    if row_ids is None:
        return run.c.project_id == project_id
    # The sum keeps SQLite from reading the index of all runs of the project to find a few.
    return and_(run.c.project_id + 0 == project_id, among(tx, column, row_ids))
