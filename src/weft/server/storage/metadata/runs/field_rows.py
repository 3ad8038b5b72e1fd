"""Reads and writes the rows of config and summary fields for `fields`: paths, upserts, stamps.

Paths are interned: a row stores the id of its path. Does I/O.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Insert, Select, bindparam, collate, select, tuple_

from weft.records.merge import Change, Stamp
from weft.server.storage.metadata.database.changes import Part
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.schema import field, path
from weft.server.storage.metadata.database.values import REMOVED, cell_from_value, clean_text

Scope = Literal["config", "logged", "set"]

Unless = Literal["never", "newer", "newer or same"]
"""When an existing row is not overwritten, comparing its stamp with the new one."""

_PART_OF: Final[dict[Scope, Part]] = {
    "config": "config",
    "logged": "summary",
    "set": "summary",
}

# For the whole server: 200,000 paths of ~100 B each take 20 MB at most.
_MAX_CACHED_PATHS: Final = 200_000

_STAMP_COLUMNS: Final = ("edit_micros", "edit_writer", "edit_position")
_VALUE_COLUMNS: Final = (
    "kind", "number", "text", "exact", *_STAMP_COLUMNS, "shown",
)  # fmt: skip


class _Removed:
    __slots__ = ()


REMOVE: Final = _Removed()
"""The value of a change that removes the path and everything below it."""


class FieldChange(NamedTuple):
    """A new value of a leaf path (or `REMOVE`), and the stamp of the change."""

    value: Any
    stamp: Stamp


class PresentField(NamedTuple):
    """The row of a path, without its value."""

    change: Change
    path_id: int
    shown: bool


class RowPut(NamedTuple):
    """Changes of a run by joined path; paths in `shown` are written as shown."""

    run_row_id: int
    changes: Mapping[str, FieldChange]
    shown: set[str]


class FieldRows:
    """Reads and writes rows of fields. Thread-safe; callers have locked the run's row."""

    def __init__(self) -> None:
        self._path_ids: dict[str, int] = {}
        self._lock = threading.Lock()
        self._statements: dict[Unless, Insert] = {}

    def put(
        self, tx: Transaction, scope: Scope, puts: Sequence[RowPut], *, unless: Unless
    ) -> bool:
        """Write changes of some runs; returns whether any row was written."""
        if not puts:
            return False
        statement = self._statement(tx, unless).execution_options(preserve_rowcount=True)
        return tx.connection.execute(statement, self._rows_of(tx, scope, puts)).rowcount != 0

    def put_new(self, tx: Transaction, scope: Scope, put: RowPut) -> None:
        """Write the first values of a run that was created in this transaction."""
        statement = self._statement(tx, "never")
        for row in self._rows_of(tx, scope, [put]):
            tx.queue(statement, row)

    def _rows_of(
        self, tx: Transaction, scope: Scope, puts: Sequence[RowPut]
    ) -> list[dict[str, Any]]:
        tx.touched.update((_PART_OF[scope], put.run_row_id) for put in puts)
        ids = self._intern(tx, list({text: None for put in puts for text in put.changes}))
        rows: list[dict[str, Any]] = []
        for run_row_id, changes, shown in puts:
            for text, (value, stamp) in changes.items():
                cell = REMOVED if value is REMOVE else cell_from_value(value)
                values = (*cell, *stamp, text in shown)
                rows.append(
                    {
                        "run_id": run_row_id,
                        "scope": scope,
                        "path_id": ids[text],
                        **dict(zip(_VALUE_COLUMNS, values, strict=True)),
                    }
                )
        return rows

    def flip(
        self, tx: Transaction, run_row_id: int, scope: Scope, present: Sequence[PresentField]
    ) -> None:
        """Show rows that are hidden and hide rows that are shown."""
        if present:
            tx.touched.add((_PART_OF[scope], run_row_id))
            tx.connection.execute(
                field.update()
                .where(
                    field.c.run_id == bindparam("run"),
                    field.c.scope == bindparam("in"),
                    field.c.path_id == bindparam("id"),
                )
                .values(shown=bindparam("to")),
                [
                    {
                        "run": run_row_id,
                        "in": scope,
                        "id": field_row.path_id,
                        "to": not field_row.shown,
                    }
                    for field_row in present
                ],
            )

    def present(
        self,
        tx: Transaction,
        run_row_id: int,
        scope: Scope,
        paths: Sequence[str] | None = None,
    ) -> dict[str, PresentField]:
        """The rows of a scope by path; with `paths`, only the rows of those paths."""
        query = _changes(scope).where(field.c.run_id == run_row_id)
        parts = [query]
        if paths is not None:
            parts = [
                query.where(path.c.path.in_(paths[first : first + MAX_PARAMETERS]))
                for first in range(0, len(paths), MAX_PARAMETERS)
            ]
        rows = [_present(row) for part in parts for row in tx.connection.execute(part)]
        return {row.change.path: row for row in rows}

    def changes(
        self, tx: Transaction, run_row_ids: Sequence[int], scope: Scope
    ) -> dict[int, list[Change]]:
        """The last change of each path of some runs; runs without any are left out."""
        changes: dict[int, list[Change]] = {}
        for first in range(0, len(run_row_ids), MAX_PARAMETERS):
            batch = run_row_ids[first : first + MAX_PARAMETERS]
            query = _changes(scope).where(field.c.run_id.in_(batch)).add_columns(field.c.run_id)
            for *columns, row_id in tx.connection.execute(query):
                changes.setdefault(row_id, []).append(_present(columns).change)
        return changes

    def delete(
        self,
        tx: Transaction,
        run_row_id: int,
        scope: Scope,
        paths: Sequence[str] | None = None,
    ) -> bool:
        """Delete a scope, or some paths of it, with stamps; returns whether any row existed."""
        tx.touched.add((_PART_OF[scope], run_row_id))
        statement = field.delete().where(field.c.run_id == run_row_id, field.c.scope == scope)
        if paths is not None:
            ids = select(path.c.id).where(path.c.path.in_(paths))
            statement = statement.where(field.c.path_id.in_(ids))
        return tx.connection.execute(statement).rowcount != 0

    def _statement(self, tx: Transaction, unless: Unless) -> Insert:
        # Built once, because building it takes longer than running it.
        statement = self._statements.get(unless)
        if statement is None:
            statement = self._statements[unless] = _upsert(tx, unless)
        return statement

    def _intern(self, tx: Transaction, texts: Sequence[str]) -> dict[str, int]:
        with self._lock:
            ids = {text: self._path_ids[text] for text in texts if text in self._path_ids}
        ids |= {text: tx.path_ids[text] for text in texts if text in tx.path_ids}
        missing = sorted({text for text in texts if text not in ids})
        if not missing:
            return ids
        path_ids: dict[str, int] = {}
        with tx.aside() as connection:
            for first in range(0, len(missing), MAX_PARAMETERS):
                part = missing[first : first + MAX_PARAMETERS]
                cleaned = [clean_text(text) for text in part]
                connection.execute(
                    insert(tx, path).on_conflict_do_nothing(), [{"path": text} for text in cleaned]
                )
                query = select(path.c.path, path.c.id).where(path.c.path.in_(cleaned))
                by_text = {row[0]: row[1] for row in connection.execute(query)}
                path_ids.update((text, by_text[clean_text(text)]) for text in part)

        def remember() -> None:
            with self._lock:
                if len(self._path_ids) + len(path_ids) > _MAX_CACHED_PATHS:
                    self._path_ids.clear()
                self._path_ids.update(path_ids)

        tx.path_ids.update(path_ids)
        tx.after_commit(remember)
        return {**ids, **path_ids}


def _changes(scope: Scope) -> Select[Any, Any, Any, Any, Any, Any, Any]:
    return (
        select(
            path.c.path,
            path.c.id,
            field.c.kind,
            field.c.edit_micros,
            field.c.edit_writer,
            field.c.edit_position,
            field.c.shown,
        )
        .join(path, path.c.id == field.c.path_id)
        .where(field.c.scope == scope)
    )


def _present(columns: Sequence[Any]) -> PresentField:
    text, path_id, kind, micros, writer, position, shown = columns
    stamp = Stamp(micros, writer, position)
    return PresentField(Change(text, stamp, removed=kind == REMOVED.kind), path_id, shown)


def _upsert(tx: Transaction, unless: Unless) -> Insert:
    statement = insert(tx, field)
    present, new = (
        tuple_(*(_by_code_point(tx, columns[name]) for name in _STAMP_COLUMNS))
        for columns in (field.c, statement.excluded)
    )
    conditions = {"never": None, "newer": present <= new, "newer or same": present < new}
    return statement.on_conflict_do_update(
        index_elements=["run_id", "scope", "path_id"],
        set_={column: statement.excluded[column] for column in _VALUE_COLUMNS},
        where=conditions[unless],
    )


def _by_code_point(tx: Transaction, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Compare texts by code point, as `Stamp` does; SQLite does so by default."""
    if column.type.python_type is str and tx.dialect != "sqlite":
        return collate(column, "C")
    return column
