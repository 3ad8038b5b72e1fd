"""Config and summary in the metadata database: a typed row per leaf path, stamped."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import ColumnElement, Insert, Select, bindparam, collate, func, select, tuple_

from weft.records.merge import Change, Stamp, shown_paths, split_path
from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.schema import field, path
from weft.server.storage.metadata.values import (
    REMOVED,
    Cell,
    cell_from_value,
    clean_text,
    value_from_cell,
)

Scope = Literal["config", "summary"]

# Paths of a whole server: 200,000 of ~100 B each are 20 MB at most.
_MAX_CACHED_PATHS: Final = 200_000

_MAX_KNOWN_FLAT: Final = 20_000

_STAMP_COLUMNS: Final = ("edit_micros", "edit_writer", "edit_position")
_VALUE_COLUMNS: Final = (
    "kind", "number", "text", "exact", *_STAMP_COLUMNS, "shown",
)  # fmt: skip

_READ_COLUMNS: Final = (
    *(field.c.run_id, field.c.scope, path.c.path),
    *(field.c[name] for name in Cell._fields),
)


class _Removed:
    __slots__ = ()


REMOVE: Final = _Removed()
"""Instead of a value: the path and all below it go."""


class FieldChange(NamedTuple):
    """A new value of a leaf path (or `REMOVE`), and when and by whom it was given."""

    value: Any
    stamp: Stamp


class _Present(NamedTuple):
    """What is known of a path that has a row."""

    change: Change
    path_id: int
    shown: bool


class FieldTable:
    """Reads and writes config and summary fields."""

    def __init__(self) -> None:
        self._path_ids: dict[str, int] = {}
        self._lock = threading.Lock()
        self._upsert_statement: Insert | None = None
        self._put_later_statement: Insert | None = None
        # Scopes of runs whose paths all have one part, as those of logged metrics do: nothing lies
        # above or below another, so that a change looks at its own row only.
        self._flat: set[tuple[int, Scope]] = set()

    def put(
        self, tx: Transaction, run_row_id: int, scope: Scope, changes: Mapping[str, FieldChange]
    ) -> bool:
        """Apply changes by joined path; those older than what is there change nothing.

        The run's row is locked by the transaction. True = something changed. In a scope without
        nested paths the cost is that of the changes, however many values the run has.
        """
        if not changes:
            return False
        if any(_is_nested(text) for text in changes):
            with self._lock:
                self._flat.discard((run_row_id, scope))
        elif self._is_flat(tx, run_row_id, scope):
            return self._put_flat(tx, run_row_id, scope, changes)
        present = self._read_present(tx, run_row_id, scope)
        taken = {
            text: change
            for text, change in changes.items()
            if text not in present or change.stamp > present[text].change.stamp
        }
        if not taken:
            return False
        after = {text: one.change for text, one in present.items()}
        for text, change in taken.items():
            after[text] = Change(text, change.stamp, removed=change.value is REMOVE)
        shown = shown_paths(after.values())
        rows = self._rows(tx, run_row_id, scope, taken, shown)
        tx.connection.execute(self._upsert(tx), rows)
        flipped = [
            {"run": run_row_id, "in": scope, "id": one.path_id, "to": not one.shown}
            for text, one in present.items()
            if text not in taken and one.shown != (text in shown)
        ]
        if flipped:
            tx.connection.execute(
                field.update()
                .where(
                    field.c.run_id == bindparam("run"),
                    field.c.scope == bindparam("in"),
                    field.c.path_id == bindparam("id"),
                )
                .values(shown=bindparam("to")),
                flipped,
            )
        return True

    def read(
        self, tx: Transaction, run_row_ids: Sequence[int], *, limit: int | None = None
    ) -> dict[int, dict[Scope, dict[str, Any]]]:
        """Values by joined path, of several runs, by row id and scope.

        Args:
            limit: values per run and scope; of a scope with more, `limit + 1` of those whose paths
                this server knew first. Reads of runs with very many stay short.
        """
        found: dict[int, dict[Scope, dict[str, Any]]] = {
            row_id: {"config": {}, "summary": {}} for row_id in run_row_ids
        }
        long = set[int]() if limit is None else self._longer_than(tx, run_row_ids, limit)
        whole = [row_id for row_id in run_row_ids if row_id not in long]
        queries: list[Select[Any]] = [
            _values().where(field.c.run_id.in_(whole[first : first + MAX_PARAMETERS]))
            for first in range(0, len(whole), MAX_PARAMETERS)
        ]
        for row_id in long:
            for scope in ("config", "summary"):
                one = _values().where(field.c.run_id == row_id, field.c.scope == scope)
                queries.append(one.order_by(field.c.path_id).limit((limit or 0) + 1))
        for query in queries:
            for row in tx.connection.execute(query):
                row_id, scope, text, *cell = cast("Sequence[Any]", row)
                found[row_id][scope][text] = value_from_cell(Cell(*cell))
        return found

    def _longer_than(self, tx: Transaction, run_row_ids: Sequence[int], limit: int) -> set[int]:
        """Runs that have more values than `limit` in config or summary."""
        found: set[int] = set()
        for first in range(0, len(run_row_ids), MAX_PARAMETERS):
            query = (
                select(field.c.run_id)
                .where(field.c.run_id.in_(run_row_ids[first : first + MAX_PARAMETERS]))
                .group_by(field.c.run_id, field.c.scope)
                .having(func.count() > limit)
            )
            found.update(tx.connection.execute(query).scalars())
        return found

    def stamps(self, tx: Transaction, run_row_id: int, scope: Scope) -> dict[str, Stamp]:
        """When each path was last changed, removed ones too."""
        present = self._read_present(tx, run_row_id, scope)
        return {text: one.change.stamp for text, one in present.items()}

    def delete(self, tx: Transaction, run_row_id: int, scope: Scope, path_text: str) -> None:
        """Forget a path as if it had never been."""
        tx.connection.execute(
            field.delete().where(
                field.c.run_id == run_row_id,
                field.c.scope == scope,
                field.c.path_id.in_(select(path.c.id).where(path.c.path == path_text)),
            )
        )

    def _read_present(self, tx: Transaction, run_row_id: int, scope: Scope) -> dict[str, _Present]:
        query = (
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
            .where(field.c.run_id == run_row_id, field.c.scope == scope)
        )
        return {
            text: _Present(
                Change(text, Stamp(micros, writer, position), removed=kind == REMOVED.kind),
                path_id,
                shown,
            )
            for text, path_id, kind, micros, writer, position, shown in (
                tx.connection.execute(query)
            )
        }

    def _is_flat(self, tx: Transaction, run_row_id: int, scope: Scope) -> bool:
        """Whether no path of the scope has parts; read once, kept while it holds.

        Whoever changes that holds the run's row, as the caller does, and forgets it before that.
        """
        with self._lock:
            if (run_row_id, scope) in self._flat:
                return True
        without_escapes = func.replace(func.replace(path.c.path, "\\\\", ""), "\\.", "")
        query = (
            select(field.c.path_id)
            .join(path, path.c.id == field.c.path_id)
            .where(
                field.c.run_id == run_row_id,
                field.c.scope == scope,
                without_escapes.contains("."),
            )
            .limit(1)
        )
        if tx.connection.execute(query).first() is not None:
            return False
        with self._lock:
            if len(self._flat) >= _MAX_KNOWN_FLAT:
                self._flat.clear()
            self._flat.add((run_row_id, scope))
        return True

    def _put_flat(
        self, tx: Transaction, run_row_id: int, scope: Scope, changes: Mapping[str, FieldChange]
    ) -> bool:
        shown = {text for text, change in changes.items() if change.value is not REMOVE}
        rows = self._rows(tx, run_row_id, scope, changes, shown)
        statement = self._put_later(tx).execution_options(preserve_rowcount=True)
        return tx.connection.execute(statement, rows).rowcount != 0

    def _rows(
        self,
        tx: Transaction,
        run_row_id: int,
        scope: Scope,
        changes: Mapping[str, FieldChange],
        shown: set[str],
    ) -> list[dict[str, Any]]:
        ids = self._intern(tx, list(changes))
        rows: list[dict[str, Any]] = []
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

    def _upsert(self, tx: Transaction) -> Insert:
        # Made once: it takes longer to build than to run.
        if self._upsert_statement is None:
            statement = insert(tx, field)
            self._upsert_statement = statement.on_conflict_do_update(
                index_elements=["run_id", "scope", "path_id"],
                set_={column: statement.excluded[column] for column in _VALUE_COLUMNS},
            )
        return self._upsert_statement

    def _put_later(self, tx: Transaction) -> Insert:
        """As `_upsert`, where the row that is there is older."""
        if self._put_later_statement is None:
            statement = insert(tx, field)
            present, new = (
                tuple_(*(_by_code_point(tx, columns[name]) for name in _STAMP_COLUMNS))
                for columns in (field.c, statement.excluded)
            )
            self._put_later_statement = statement.on_conflict_do_update(
                index_elements=["run_id", "scope", "path_id"],
                set_={column: statement.excluded[column] for column in _VALUE_COLUMNS},
                where=present < new,
            )
        return self._put_later_statement

    def _intern(self, tx: Transaction, texts: Sequence[str]) -> dict[str, int]:
        with self._lock:
            ids = {text: self._path_ids[text] for text in texts if text in self._path_ids}
        missing = sorted({text for text in texts if text not in ids})
        if not missing:
            return ids
        found: dict[str, int] = {}
        with tx.aside() as connection:
            for first in range(0, len(missing), MAX_PARAMETERS):
                part = missing[first : first + MAX_PARAMETERS]
                cleaned = [clean_text(text) for text in part]
                connection.execute(
                    insert(tx, path).on_conflict_do_nothing(), [{"path": text} for text in cleaned]
                )
                query = select(path.c.path, path.c.id).where(path.c.path.in_(cleaned))
                by_text = {row[0]: row[1] for row in connection.execute(query)}
                found.update((text, by_text[clean_text(text)]) for text in part)

        def remember() -> None:
            with self._lock:
                if len(self._path_ids) + len(found) > _MAX_CACHED_PATHS:
                    self._path_ids.clear()
                self._path_ids.update(found)

        tx.after_commit(remember)
        return {**ids, **found}


def _values() -> Select[Any]:
    return select(*_READ_COLUMNS).join(path, path.c.id == field.c.path_id).where(field.c.shown)


def _is_nested(path_text: str) -> bool:
    return "." in path_text and len(split_path(path_text)) > 1


def _by_code_point(tx: Transaction, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Texts compared as `Stamp` compares them; SQLite does so anyway."""
    if column.type.python_type is str and tx.connection.dialect.name != "sqlite":
        return collate(column, "C")
    return column
