"""Config and summary in the metadata database: one typed, stamped row per leaf path.

A summary has two scopes: `logged` is derived from the rows and written by the projection; `set` is
what scripts set themselves. The column `shown` stores which `logged` values are hidden by `set`
values (`weft.records.merge.SetValues`), so that a query over all runs needs only one row per path.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final, Literal, NamedTuple, cast

from sqlalchemy import Select, case, func, or_, select

from weft.records.aggregates import AGGREGATES
from weft.records.field_sizes import FIELD_BYTES
from weft.records.merge import Change, SetValues, Stamp, join_path, shown_paths, split_path
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction
from weft.server.storage.metadata.database.schema import field, path
from weft.server.storage.metadata.database.values import Cell, value_from_cell
from weft.server.storage.metadata.runs.field_rows import (
    REMOVE,
    FieldChange,
    FieldRows,
    RowPut,
    Scope,
)

_MAX_KNOWN_FLAT: Final = 20_000
_MAX_KNOWN_SET: Final = 200_000

_PATHS_PER_QUERY: Final = 50

_NOTHING_SET: Final = SetValues()

_READ_COLUMNS: Final = (
    *(field.c.run_id, field.c.scope, path.c.path),
    *(field.c[name] for name in Cell._fields),
)


class LoggedPut(NamedTuple):
    """Logged summary values of a run.

    Paths are a metric's own, or below it (`loss.min`). `replace` first deletes all other logged
    values; without it, a value older than the present one changes nothing.
    """

    run_row_id: int
    changes: Mapping[str, FieldChange]
    replace: bool = False


class FieldTable:
    """Reads and writes config and summary fields."""

    def __init__(self) -> None:
        self._rows = FieldRows()
        self._lock = threading.Lock()
        # Scopes of runs whose paths all have a single part, as those of logged metrics do: no path
        # is above or below another, so a change affects only its own row.
        self._flat: set[tuple[int, Scope]] = set()
        # By run, what its script set in the summary. As with `_flat`, code that changes it holds
        # the run's row and discards the cached entry first.
        self._set: dict[int, SetValues] = {}
        self._n_set = 0

    def put(
        self,
        tx: Transaction,
        run_row_id: int,
        scope: Literal["config", "set"],
        changes: Mapping[str, FieldChange],
        *,
        is_new: bool = False,
    ) -> bool:
        """Apply changes by joined path; a change older than the present value has no effect.

        The transaction has locked the run's row, or created it (`is_new`): it has no fields then.
        Returns whether anything changed. In a scope without nested paths the cost depends only on
        the changes, not on how many values the run has.
        """
        if not changes:
            return False
        if is_new:
            paths = shown_paths(
                Change(text, change.stamp, removed=change.value is REMOVE)
                for text, change in changes.items()
            )
            self._rows.put_new(tx, scope, RowPut(run_row_id, changes, paths))
            return True
        if scope == "set":
            self._forget_set(run_row_id)
        changed = self._put(tx, run_row_id, scope, changes)
        if changed and scope == "set":
            self._show_logged(tx, run_row_id, changes)
        return changed

    def put_logged(self, tx: Transaction, puts: Sequence[LoggedPut]) -> bool:
        """Write logged summary values of some runs.

        The transaction has locked the runs' rows. Returns whether anything changed. The cost
        depends only on the changes, not on how many values the runs have.
        """
        changed = False
        puts_of_rows: list[RowPut] = []
        set_of = self._set_values_of(tx, [put.run_row_id for put in puts if put.changes])
        for run_row_id, changes, replace in puts:
            if replace:
                changed = self._rows.delete(tx, run_row_id, "logged") or changed
            if changes:
                own = set_of[run_row_id]
                shown = {
                    text for text, change in changes.items() if not own.hides(text, change.stamp)
                }
                puts_of_rows.append(RowPut(run_row_id, changes, shown))
        # Equal stamps overwrite: a late row may change a minimum, whose stamp is its
        # metric's last row's.
        return self._rows.put(tx, "logged", puts_of_rows, unless="newer") or changed

    def delete_metric(self, tx: Transaction, run_row_id: int, key: str) -> None:
        """Delete all logged values of a metric, including their stamps."""
        self._rows.delete(tx, run_row_id, "logged", _logged_paths(key))

    def set_values(self, tx: Transaction, run_row_ids: Sequence[int]) -> dict[int, SetValues]:
        """Values that scripts set in the summaries of some runs; runs without any are left out."""
        changes = self._rows.changes(tx, run_row_ids, "set")
        return {row_id: SetValues(run_changes) for row_id, run_changes in changes.items()}

    def sizes(
        self, tx: Transaction, run_row_id: int, scope: Literal["config", "set"]
    ) -> dict[str, int]:
        """About how many bytes each value of a run takes, by joined path."""
        n_chars = func.length(func.coalesce(field.c.exact, field.c.text, ""))
        query = (
            select(path.c.path, n_chars)
            .join(path, path.c.id == field.c.path_id)
            .where(field.c.run_id == run_row_id, field.c.scope == scope)
        )
        return {row[0]: FIELD_BYTES + row[1] for row in tx.connection.execute(query)}

    def n_bytes(self, tx: Transaction, run_row_id: int, scope: Literal["config", "set"]) -> int:
        """About how many bytes all values of a run take."""
        n_chars = func.length(func.coalesce(field.c.exact, field.c.text, ""))
        query = select(func.count(), func.coalesce(func.sum(n_chars), 0)).where(
            field.c.run_id == run_row_id, field.c.scope == scope
        )
        n_fields, n_bytes = tx.connection.execute(query).one()
        return int(FIELD_BYTES * n_fields + n_bytes)

    def _put(
        self, tx: Transaction, run_row_id: int, scope: Scope, changes: Mapping[str, FieldChange]
    ) -> bool:
        if any(_is_nested(text) for text in changes):
            with self._lock:
                self._flat.discard((run_row_id, scope))
        elif self._is_flat(tx, run_row_id, scope):
            return self._put_flat(tx, run_row_id, scope, changes)
        present = self._rows.present(tx, run_row_id, scope)
        accepted = {
            text: change
            for text, change in changes.items()
            if text not in present or change.stamp > present[text].change.stamp
        }
        if not accepted:
            return False
        after = {text: entry.change for text, entry in present.items()}
        for text, change in accepted.items():
            after[text] = Change(text, change.stamp, removed=change.value is REMOVE)
        shown = shown_paths(after.values())
        self._rows.put(tx, scope, [RowPut(run_row_id, accepted, shown)], unless="never")
        flipped = [
            entry
            for text, entry in present.items()
            if text not in accepted and entry.shown != (text in shown)
        ]
        self._rows.flip(tx, run_row_id, scope, flipped)
        return True

    def read(
        self,
        tx: Transaction,
        run_row_ids: Sequence[int],
        *,
        limit: int | None = None,
        max_chars: int | None = None,
    ) -> dict[int, dict[Scope, dict[str, Any]]]:
        """Values of several runs by row id and scope, then by joined path.

        `limit` keeps reads of runs with very many values short: a scope with more returns `limit +
        1` values, those whose paths the server has known longest. A text, or JSON of a list or
        object, longer than `max_chars` is returned as a text of one character more.
        """
        values: dict[int, dict[Scope, dict[str, Any]]] = {
            row_id: {"config": {}, "logged": {}, "set": {}} for row_id in run_row_ids
        }
        long = set[int]() if limit is None else self._longer_than(tx, run_row_ids, limit)
        whole = [row_id for row_id in run_row_ids if row_id not in long]
        queries: list[Select[*tuple[Any, ...]]] = [
            _values(max_chars).where(field.c.run_id.in_(whole[first : first + MAX_PARAMETERS]))
            for first in range(0, len(whole), MAX_PARAMETERS)
        ]
        for row_id in long:
            for scope in ("config", "logged", "set"):
                value_query = _values(max_chars).where(
                    field.c.run_id == row_id, field.c.scope == scope
                )
                queries.append(value_query.order_by(field.c.path_id).limit((limit or 0) + 1))
        for query in queries:
            for row in tx.connection.execute(query):
                row_id, scope, text, *columns = cast("Sequence[Any]", row)
                cell = Cell(*columns)
                if max_chars is not None and len(cell.text or "") > max_chars:
                    cell = Cell("text", text=cell.text)
                values[row_id][scope][text] = value_from_cell(cell)
        return values

    def config_at(
        self, tx: Transaction, run_row_ids: Sequence[int], paths: Sequence[str]
    ) -> dict[int, dict[str, Any]]:
        """Config values at, below and above some joined paths, by row id and path.

        May contain other values; runs without any are left out.
        """
        values: dict[int, dict[str, Any]] = {}
        per_query = MAX_PARAMETERS // 2
        for at in range(0, len(paths), _PATHS_PER_QUERY):
            texts = paths[at : at + _PATHS_PER_QUERY]
            parts = [[join_path((part,)) for part in split_path(text)] for text in texts]
            above = {text for steps in parts for text in accumulate(steps, "{}.{}".format)}
            is_near = or_(
                path.c.path.in_(above),
                *(path.c.path.startswith(f"{text}.", autoescape=True) for text in texts),
            )
            for first in range(0, len(run_row_ids), per_query):
                batch = run_row_ids[first : first + per_query]
                query = _values().where(
                    field.c.run_id.in_(batch), field.c.scope == "config", is_near
                )
                for row in tx.connection.execute(query):
                    row_id, _, text, *columns = cast("Sequence[Any]", row)
                    values.setdefault(row_id, {})[text] = value_from_cell(Cell(*columns))
        return values

    def _longer_than(self, tx: Transaction, run_row_ids: Sequence[int], limit: int) -> set[int]:
        """Runs that have more values than `limit` in any scope."""
        row_ids: set[int] = set()
        for first in range(0, len(run_row_ids), MAX_PARAMETERS):
            query = (
                select(field.c.run_id)
                .where(field.c.run_id.in_(run_row_ids[first : first + MAX_PARAMETERS]))
                .group_by(field.c.run_id, field.c.scope)
                .having(func.count() > limit)
            )
            row_ids.update(tx.connection.execute(query).scalars())
        return row_ids

    def stamps(self, tx: Transaction, run_row_id: int, scope: Scope) -> dict[str, Stamp]:
        """When each path was last changed, including removed paths."""
        present = self._rows.present(tx, run_row_id, scope)
        return {text: entry.change.stamp for text, entry in present.items()}

    def latest_micros(
        self, tx: Transaction, run_row_ids: Sequence[int], scope: Scope
    ) -> dict[int, int]:
        """When a scope last changed, by run; runs without values in it are left out."""
        latest: dict[int, int] = {}
        for first in range(0, len(run_row_ids), MAX_PARAMETERS):
            batch = run_row_ids[first : first + MAX_PARAMETERS]
            query = (
                select(field.c.run_id, func.max(field.c.edit_micros))
                .where(field.c.run_id.in_(batch), field.c.scope == scope)
                .group_by(field.c.run_id)
            )
            latest.update((row[0], row[1]) for row in tx.connection.execute(query))
        return latest

    def _show_logged(
        self, tx: Transaction, run_row_id: int, changed: Mapping[str, FieldChange]
    ) -> None:
        """Update `shown` of the logged values at, above or below the paths that a script set."""
        keys = {key for text in changed for key in accumulate(split_path(text), "{}.{}".format)}
        paths = [text for key in keys for text in _logged_paths(key)]
        logged = self._rows.present(tx, run_row_id, "logged", paths)
        if not logged:
            return
        with self._lock:
            is_flat = (run_row_id, "set") in self._flat
        present = self._rows.present(tx, run_row_id, "set", list(changed) if is_flat else None)
        own = SetValues(entry.change for entry in present.values())
        flipped = [
            entry
            for text, entry in logged.items()
            if entry.shown == own.hides(text, entry.change.stamp)
        ]
        self._rows.flip(tx, run_row_id, "logged", flipped)

    def _set_values_of(self, tx: Transaction, run_row_ids: Sequence[int]) -> dict[int, SetValues]:
        """Values that scripts set in the summaries of some runs; reads only those not cached."""
        with self._lock:
            by_run = {row_id: self._set[row_id] for row_id in run_row_ids if row_id in self._set}
        unknown = [row_id for row_id in run_row_ids if row_id not in by_run]
        if not unknown:
            return by_run
        read = dict.fromkeys(unknown, _NOTHING_SET) | self.set_values(tx, unknown)
        with self._lock:
            n_set = sum(1 + values.n_changes for values in read.values())
            if self._n_set + n_set > _MAX_KNOWN_SET:
                self._set.clear()
                self._n_set = 0
            self._set.update(read)
            self._n_set += n_set
        return by_run | read

    def _forget_set(self, run_row_id: int) -> None:
        with self._lock:
            values = self._set.pop(run_row_id, None)
            if values is not None:
                self._n_set -= 1 + values.n_changes

    def _is_flat(self, tx: Transaction, run_row_id: int, scope: Scope) -> bool:
        """Whether no path of the scope is nested; cached while true.

        Code that adds a nested path holds the run's row, as the caller does, and discards the
        cached entry first.
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
        put = RowPut(run_row_id, changes, shown)
        return self._rows.put(tx, scope, [put], unless="newer or same")


def _values(max_chars: int | None = None) -> Select[*tuple[Any, ...]]:
    """Shown values; texts of at most one character more than `max_chars`."""
    query = select(*_READ_COLUMNS).join(path, path.c.id == field.c.path_id).where(field.c.shown)
    if max_chars is None:
        return query
    is_short = func.length(field.c.text) <= max_chars
    return query.with_only_columns(
        *(field.c.run_id, field.c.scope, path.c.path, field.c.kind, field.c.number),
        func.substr(field.c.text, 1, max_chars + 1),
        case((or_(field.c.text.is_(None), is_short), field.c.exact)),
        maintain_column_froms=True,
    )


def _logged_paths(key: str) -> list[str]:
    return [join_path((key,)), *(join_path((key, kind)) for kind in AGGREGATES)]


def _is_nested(path_text: str) -> bool:
    return "." in path_text and len(split_path(path_text)) > 1
