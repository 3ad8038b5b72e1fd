"""Makes the tables of a metadata database equal to those of another one. Does I/O.

`services.migration` uses it for a server that is moved: the first time writes all rows, each later
one only the differences. Rows keep their ids. Both databases are read in the order of the primary
keys, so memory is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Table, and_, bindparam, func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.types import String

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import column_save, metadata, project, team, user
from weft.server.storage.metadata.dump import has_counter, next_id, set_next_id
from weft.server.storage.metadata.store import MetadataStore
from weft.server.storage.sqlite_copy import Advance

OWN_TABLES: Final = frozenset(
    {
        "lease",
        "run_change",
        "column_save",
        "content_removal",
        "draft_piece",
        "quota_usage",
        "quota_claim",
    }
)
"""Tables about the servers of a database, not about what people stored there."""

_ROWS_AT_ONCE: Final = 1000

_pack: Final = msgspec.msgpack.Encoder().encode


_Row = dict[str, Any]
_Pair = tuple[_Row | None, _Row | None]


class TableChanges(NamedTuple):
    """Numbers of rows of the source, and of those that `copy_tables` wrote or removed."""

    n_rows: int
    n_changed: int


def copy_tables(
    source: Transaction,
    target: MetadataStore,
    advance: Advance,
    *,
    own_settings: frozenset[str] = frozenset(),
    dry_run: bool = False,
) -> TableChanges:
    """Write the differences between a snapshot and `target`, or only count them. Nothing else may
    write to `target`, whose `own_settings` stay as they are.
    """
    work = _Copy(source, target, advance, own_settings)
    if dry_run:
        return work.count()
    try:
        return work.write()
    except IntegrityError:
        # Rows that exchanged a unique value between two passes, such as names: start over.
        with target.write() as tx:
            for table in reversed(_copied_tables()):
                tx.connection.execute(_without(table.delete(), table, own_settings))
        return work.write()


def is_unused(tx: Transaction) -> bool:
    """Whether a database has no users, teams and projects."""
    return not any(
        tx.connection.execute(select(literal(1)).select_from(table).limit(1)).all()
        for table in (user, team, project)
    )


def n_rows_of(tx: Transaction) -> int:
    """The number of rows that `copy_tables` would read."""
    return sum(
        tx.connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in _copied_tables()
    )


def _copied_tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if table.name not in OWN_TABLES]


@dataclass(eq=False)
class _Copy:
    _source: Transaction
    _target: MetadataStore
    _advance: Advance
    _own_settings: frozenset[str]

    def count(self) -> TableChanges:
        """Count the rows of the source, and those that differ."""
        n_rows = n_changed = 0
        with self._target.snapshot() as before:
            for table in _copied_tables():
                for ours, theirs in self._matched(before, table):
                    n_rows += ours is not None
                    n_changed += _differ(ours, theirs)
                    self._advance(1)
        return TableChanges(n_rows, n_changed)

    def write(self) -> TableChanges:
        """Write what differs, in one transaction."""
        n_rows = n_changed = 0
        surplus: list[tuple[Table, list[_Row]]] = []
        with self._target.snapshot() as before, self._target.write() as tx:
            # What is written here is in no `run_change`.
            tx.connection.execute(column_save.delete())
            for table in _copied_tables():
                removed: list[_Row] = []
                for batch in _batches(self._matched(before, table)):
                    new = [ours for ours, theirs in batch if ours is not None and theirs is None]
                    removed += [
                        theirs for ours, theirs in batch if theirs is not None and ours is None
                    ]
                    changed = [
                        ours
                        for ours, theirs in batch
                        if ours is not None and theirs is not None and _differ(ours, theirs)
                    ]
                    _update(tx, table, changed)
                    if new:
                        tx.connection.execute(table.insert(), new)
                    n_rows += sum(ours is not None for ours, _ in batch)
                    n_changed += len(new) + len(changed)
                    self._advance(len(batch))
                n_changed += len(removed)
                surplus.append((table, removed))
            # Last, and children before their parents: else rows that have another parent now would
            # go with their former one.
            for table, removed in reversed(surplus):
                if removed:
                    tx.connection.execute(
                        table.delete().where(_key_matches(table)),
                        [_key_values(table, row) for row in removed],
                    )
            for table in _copied_tables():
                if has_counter(table):
                    set_next_id(tx, table, next_id(self._source, table))
        return TableChanges(n_rows, n_changed)

    def _matched(self, before: Transaction, table: Table) -> Iterator[_Pair]:
        """The rows of both databases by primary key; None where one of them has no such row."""
        key_names = [column.name for column in table.primary_key.columns]

        def key_of(row: _Row) -> tuple[Any, ...]:
            return tuple(row[name] for name in key_names)

        ours = _rows(self._source, table, self._own_settings)
        theirs = _rows(before, table, self._own_settings)
        our_row, their_row = next(ours, None), next(theirs, None)
        while our_row is not None or their_row is not None:
            if their_row is None or (our_row is not None and key_of(our_row) < key_of(their_row)):
                yield our_row, None
                our_row = next(ours, None)
            elif our_row is None or key_of(their_row) < key_of(our_row):
                yield None, their_row
                their_row = next(theirs, None)
            else:
                yield our_row, their_row
                our_row, their_row = next(ours, None), next(theirs, None)


def _differ(ours: _Row | None, theirs: _Row | None) -> bool:
    """Whether two rows differ in a value, its kind, or because one of them is missing."""
    if ours is None or theirs is None:
        return True
    return _pack(list(ours.values())) != _pack(list(theirs.values()))


def _update(tx: Transaction, table: Table, rows: list[_Row]) -> None:
    if not rows:
        return
    key_names = {column.name for column in table.primary_key.columns}
    names = [str(column.name) for column in table.columns if column.name not in key_names]
    statement = table.update().where(_key_matches(table))
    tx.connection.execute(
        statement.values({name: bindparam(f"new_{name}") for name in names}),
        [_key_values(table, row) | {f"new_{name}": row[name] for name in names} for row in rows],
    )


def _rows(tx: Transaction, table: Table, own_settings: frozenset[str]) -> Iterator[_Row]:
    """All rows of a table, ordered by primary key as Python orders it."""
    order: list[Any] = [
        column.collate("C")
        if tx.dialect == "postgresql" and isinstance(column.type, String)
        else column
        for column in table.primary_key.columns
    ]
    query = _without(select(table).order_by(*order), table, own_settings)
    names = [str(column.name) for column in table.columns]
    streamed = tx.connection.execution_options(yield_per=_ROWS_AT_ONCE)
    for rows in streamed.execute(query).partitions():
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _without(statement: Any, table: Table, own_settings: frozenset[str]) -> Any:
    """A statement without the settings of the target's own."""
    if table.name != "setting" or not own_settings:
        return statement
    return statement.where(table.c.key.not_in(own_settings))


def _key_matches(table: Table) -> Any:
    return and_(
        *(column == bindparam(f"key_{column.name}") for column in table.primary_key.columns)
    )


def _key_values(table: Table, row: _Row) -> dict[str, Any]:
    return {f"key_{column.name}": row[column.name] for column in table.primary_key.columns}


def _batches(pairs: Iterator[_Pair]) -> Iterator[list[_Pair]]:
    while batch := list(islice(pairs, _ROWS_AT_ONCE)):
        yield batch
