"""Config and summary in the metadata database: a typed row per leaf path, stamped.

A summary has two scopes: `logged` follows from the rows and is written by the projection, `set` is
what scripts set themselves. What of the first the second hides (`weft.records.merge.SetValues`) is
kept in `shown`, so that a query over all runs needs one row of each.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import ColumnElement, Insert, Select, bindparam, collate, func, select, tuple_

from weft.records.definition import AGGREGATES
from weft.records.merge import (
    Change,
    SetValues,
    Stamp,
    join_path,
    shown_paths,
    split_path,
)
from weft.server.storage.metadata.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.schema import field, path
from weft.server.storage.metadata.values import (
    REMOVED,
    Cell,
    cell_from_value,
    clean_text,
    value_from_cell,
)

Scope = Literal["config", "logged", "set"]

# Paths of a whole server: 200,000 of ~100 B each are 20 MB at most.
_MAX_CACHED_PATHS: Final = 200_000

_MAX_KNOWN_FLAT: Final = 20_000
_MAX_KNOWN_SET: Final = 200_000

_NOTHING_SET: Final = SetValues()

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
        self._put_unless_later_statement: Insert | None = None
        # Scopes of runs whose paths all have one part, as those of logged metrics do: nothing lies
        # above or below another, so that a change looks at its own row only.
        self._flat: set[tuple[int, Scope]] = set()
        # By run, what its script set in the summary. As with `_flat`, whoever changes that holds
        # the run's row and forgets it before.
        self._set: dict[int, SetValues] = {}
        self._n_set = 0

    def put(
        self,
        tx: Transaction,
        run_row_id: int,
        scope: Literal["config", "set"],
        changes: Mapping[str, FieldChange],
    ) -> bool:
        """Apply changes by joined path; those older than what is there change nothing.

        The run's row is locked by the transaction. True = something changed. In a scope without
        nested paths the cost is that of the changes, however many values the run has.
        """
        if not changes:
            return False
        if scope == "set":
            self._forget_set(run_row_id)
        changed = self._put(tx, run_row_id, scope, changes)
        if changed and scope == "set":
            self._show_logged(tx, run_row_id, changes)
        return changed

    def put_logged(
        self,
        tx: Transaction,
        run_row_id: int,
        changes: Mapping[str, FieldChange],
        *,
        replace: bool = False,
    ) -> bool:
        """Write logged summary values: of a metric's own path, or one below it (`loss.min`).

        The run's row is locked by the transaction. True = something changed. The cost is that of
        the changes, however many values the run has.

        Args:
            replace: these are all; what else was logged is forgotten. Else a value older than what
                is there changes nothing.
        """
        dropped = replace and self._delete_logged(tx, run_row_id)
        if not changes:
            return dropped
        mine = self._set_values_of(tx, run_row_id)
        shown = {text for text, one in changes.items() if not mine.hides(text, one.stamp)}
        rows = self._rows(tx, run_row_id, "logged", changes, shown)
        statement = self._put_unless_later(tx).execution_options(preserve_rowcount=True)
        return tx.connection.execute(statement, rows).rowcount != 0 or dropped

    def delete_metric(self, tx: Transaction, run_row_id: int, key: str) -> None:
        """Forget what was logged of a metric, as if it had never been."""
        self._delete_logged(tx, run_row_id, _logged_paths(key))

    def set_values(self, tx: Transaction, run_row_ids: Sequence[int]) -> dict[int, SetValues]:
        """What scripts set in the summaries of some runs; those without any are left out."""
        changes: dict[int, list[Change]] = {}
        for first in range(0, len(run_row_ids), MAX_PARAMETERS):
            some = run_row_ids[first : first + MAX_PARAMETERS]
            query = _changes("set").where(field.c.run_id.in_(some)).add_columns(field.c.run_id)
            for *columns, row_id in tx.connection.execute(query):
                changes.setdefault(row_id, []).append(_present(columns).change)
        return {row_id: SetValues(some) for row_id, some in changes.items()}

    def _put(
        self, tx: Transaction, run_row_id: int, scope: Scope, changes: Mapping[str, FieldChange]
    ) -> bool:
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
        _flip(
            tx,
            run_row_id,
            scope,
            [
                one
                for text, one in present.items()
                if text not in taken and one.shown != (text in shown)
            ],
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
            row_id: {"config": {}, "logged": {}, "set": {}} for row_id in run_row_ids
        }
        long = set[int]() if limit is None else self._longer_than(tx, run_row_ids, limit)
        whole = [row_id for row_id in run_row_ids if row_id not in long]
        queries: list[Select[Any]] = [
            _values().where(field.c.run_id.in_(whole[first : first + MAX_PARAMETERS]))
            for first in range(0, len(whole), MAX_PARAMETERS)
        ]
        for row_id in long:
            for scope in ("config", "logged", "set"):
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

    def _delete_logged(
        self, tx: Transaction, run_row_id: int, paths: Sequence[str] | None = None
    ) -> bool:
        statement = field.delete().where(field.c.run_id == run_row_id, field.c.scope == "logged")
        if paths is not None:
            ids = select(path.c.id).where(path.c.path.in_(paths))
            statement = statement.where(field.c.path_id.in_(ids))
        return tx.connection.execute(statement).rowcount != 0

    def _read_present(
        self,
        tx: Transaction,
        run_row_id: int,
        scope: Scope,
        paths: Sequence[str] | None = None,
    ) -> dict[str, _Present]:
        query = _changes(scope).where(field.c.run_id == run_row_id)
        parts = [query]
        if paths is not None:
            parts = [
                query.where(path.c.path.in_(paths[first : first + MAX_PARAMETERS]))
                for first in range(0, len(paths), MAX_PARAMETERS)
            ]
        found = [_present(row) for part in parts for row in tx.connection.execute(part)]
        return {one.change.path: one for one in found}

    def _show_logged(
        self, tx: Transaction, run_row_id: int, changed: Mapping[str, FieldChange]
    ) -> None:
        """Bring `shown` of logged values up to what the script set at, above or below them."""
        keys = {split_path(text)[0] for text in changed}
        logged = self._read_present(
            tx, run_row_id, "logged", [text for key in keys for text in _logged_paths(key)]
        )
        if not logged:
            return
        with self._lock:
            is_flat = (run_row_id, "set") in self._flat
        present = self._read_present(tx, run_row_id, "set", list(changed) if is_flat else None)
        mine = SetValues(one.change for one in present.values())
        flipped = [
            one for text, one in logged.items() if one.shown == mine.hides(text, one.change.stamp)
        ]
        _flip(tx, run_row_id, "logged", flipped)

    def _set_values_of(self, tx: Transaction, run_row_id: int) -> SetValues:
        known = self._set.get(run_row_id)
        if known is not None:
            return known
        known = self.set_values(tx, [run_row_id]).get(run_row_id, _NOTHING_SET)
        with self._lock:
            self._n_set += 1 + known.n_changes
            if self._n_set > _MAX_KNOWN_SET:
                self._set.clear()
                self._n_set = 1 + known.n_changes
            self._set[run_row_id] = known
        return known

    def _forget_set(self, run_row_id: int) -> None:
        with self._lock:
            known = self._set.pop(run_row_id, None)
            if known is not None:
                self._n_set -= 1 + known.n_changes

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
            self._put_later_statement = _conditional_upsert(tx, or_equal=False)
        return self._put_later_statement

    def _put_unless_later(self, tx: Transaction) -> Insert:
        """As `_upsert`, where the row that is there is not newer.

        A minimum may change by a row that came late; its stamp is that of the metric's last row.
        """
        if self._put_unless_later_statement is None:
            self._put_unless_later_statement = _conditional_upsert(tx, or_equal=True)
        return self._put_unless_later_statement

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


def _present(columns: Sequence[Any]) -> _Present:
    text, path_id, kind, micros, writer, position, shown = columns
    stamp = Stamp(micros, writer, position)
    return _Present(Change(text, stamp, removed=kind == REMOVED.kind), path_id, shown)


def _logged_paths(key: str) -> list[str]:
    return [join_path((key,)), *(join_path((key, kind)) for kind in AGGREGATES)]


def _flip(tx: Transaction, run_row_id: int, scope: Scope, some: Sequence[_Present]) -> None:
    """Show what is hidden and hide what is shown."""
    if some:
        tx.connection.execute(
            field.update()
            .where(
                field.c.run_id == bindparam("run"),
                field.c.scope == bindparam("in"),
                field.c.path_id == bindparam("id"),
            )
            .values(shown=bindparam("to")),
            [
                {"run": run_row_id, "in": scope, "id": one.path_id, "to": not one.shown}
                for one in some
            ],
        )


def _conditional_upsert(tx: Transaction, *, or_equal: bool) -> Insert:
    statement = insert(tx, field)
    present, new = (
        tuple_(*(_by_code_point(tx, columns[name]) for name in _STAMP_COLUMNS))
        for columns in (field.c, statement.excluded)
    )
    return statement.on_conflict_do_update(
        index_elements=["run_id", "scope", "path_id"],
        set_={column: statement.excluded[column] for column in _VALUE_COLUMNS},
        where=present <= new if or_equal else present < new,
    )


def _is_nested(path_text: str) -> bool:
    return "." in path_text and len(split_path(path_text)) > 1


def _by_code_point(tx: Transaction, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Texts compared as `Stamp` compares them; SQLite does so anyway."""
    if column.type.python_type is str and tx.connection.dialect.name != "sqlite":
        return collate(column, "C")
    return column
