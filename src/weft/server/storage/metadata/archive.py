"""Exports and imports all metadata rows of a run or a project as plain values, for archives.

Columns come from the tables themselves, so columns added later are included. Row ids are not:
paths are written out, and a run gets a new row id when it is imported.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, String, Table, select

from weft.errors import CorruptLog
from weft.records.colors import RUN_COLORS
from weft.records.value import INT64_MAX, INT64_MIN
from weft.server.storage.metadata.engine import Transaction, insert
from weft.server.storage.metadata.schema import (
    artifact,
    artifact_link_request,
    artifact_use,
    awaited_use,
    followed_log,
    metadata,
    path,
    project,
    run,
    run_move,
    run_path_set,
    tombstone,
    view,
)

RunRecord = dict[str, Any]
"""A run's rows by table: one row for `run`, a list of rows for each other table."""

_RUNS_AT_ONCE: Final = 100
_ROWS_AT_ONCE: Final = 500

_OF_RUNS: Final = [
    table
    for table in metadata.sorted_tables
    if "run_id" in table.columns
    and table
    not in {
        *(run_move, followed_log, run_path_set, artifact, artifact_use, awaited_use),
        artifact_link_request,
    }
]
"""Tables with rows of runs. `run_path_set` is derived from fields, and its ids are local.

Artifacts are not archived: they belong to the project, and to runs of others.
"""
_OWN: Final = frozenset({"id", "run_id", "project_id", "path_id"})
"""Columns that are only valid in this database."""

_TAKEN_OVER: Final = ("created_micros", "active_micros", "description", "n_begun")

_JSON: Final[Mapping[tuple[str, str], type | tuple[type, ...]]] = {
    ("run", "tags"): list,
    ("run", "stamps"): dict,
    ("run", "fork_step"): (int, float),
    ("run_source", "last_step"): (int, float),
    ("run_writer", "labels"): dict,
    ("view", "document"): dict,
}
"""Text columns that hold JSON, and the type of the JSON value."""

_ANY_INT: Final = range(INT64_MIN, INT64_MAX + 1)
_RANGES: Final[Mapping[tuple[str, str], range]] = {
    ("run", "color"): range(1, RUN_COLORS + 1),
    ("project", "n_begun"): range(2**53),
}
"""Valid ranges of some ints, checked because an archive may come from anywhere."""


class ArchiveTable:
    """Reads and writes all rows of runs and projects, as plain values."""

    def read_runs(self, tx: Transaction, project_id: int) -> Iterator[RunRecord]:
        """All runs of a project that are not in the trash, oldest first."""
        ids = list(
            tx.connection.execute(
                select(run.c.id).where(_present(project_id)).order_by(run.c.id)
            ).scalars()
        )
        for at in range(0, len(ids), _RUNS_AT_ONCE):
            some = ids[at : at + _RUNS_AT_ONCE]
            records: dict[int, RunRecord] = {}
            columns = _own_columns(run)
            query = select(run.c.id, *columns).where(run.c.id.in_(some)).order_by(run.c.id)
            for row_id, *values in tx.connection.execute(query):
                records[row_id] = {"run": _plain(columns, values)}
            for table in _OF_RUNS:
                for record in records.values():
                    record[table.name] = []
                columns = _own_columns(table)
                query = select(table.c.run_id, *columns).where(table.c.run_id.in_(some))
                if "path_id" in table.columns:
                    query = query.add_columns(path.c.path).join(path, path.c.id == table.c.path_id)
                order = [
                    column for column in table.primary_key.columns if column.name != "path_id"
                ]
                for row_id, *values in tx.connection.execute(query.order_by(*order)):
                    plain = _plain(columns, values)
                    if "path_id" in table.columns:
                        plain["path"] = values[-1]
                    records[row_id][table.name].append(plain)
            yield from records.values()

    def read_project(self, tx: Transaction, project_id: int) -> dict[str, Any]:
        """The project's own row."""
        columns = [column for column in _own_columns(project) if column.name != "entity_id"]
        row = tx.connection.execute(select(*columns).where(project.c.id == project_id)).one()
        return _plain(columns, row)

    def read_views(self, tx: Transaction, project_id: int) -> list[dict[str, Any]]:
        """All views of a project, with their documents."""
        columns = _own_columns(view)
        query = select(*columns).where(view.c.project_id == project_id).order_by(view.c.id)
        return [_plain(columns, row) for row in tx.connection.execute(query)]

    def read_tombstones(self, tx: Transaction, entity_name: str, name: str) -> dict[str, int]:
        """When each deleted run under a project's name was deleted, by run id."""
        query = select(tombstone.c.run, tombstone.c.deleted_micros).where(
            tombstone.c.entity == entity_name,
            tombstone.c.project == name,
            tombstone.c.moved_run_id.is_(None),
        )
        return {row[0]: row[1] for row in tx.connection.execute(query.order_by(tombstone.c.run))}

    def write_run(self, tx: Transaction, project_id: int, record: RunRecord) -> int:
        """Add a run as returned by `read_runs`; returns its row id.

        Raises:
            CorruptLog: the record is malformed.
        """
        unknown = set(record) - {"run", *(table.name for table in _OF_RUNS)}
        if unknown:
            raise CorruptLog(f"the archive has rows of unknown tables: {sorted(unknown)}")
        values = _values(run, record.get("run"))
        row_id = tx.connection.execute(
            run.insert().values(project_id=project_id, **values).returning(run.c.id)
        ).scalar_one()
        for table in _OF_RUNS:
            rows: Any = record.get(table.name, [])
            if not isinstance(rows, list):
                raise CorruptLog(f"the archive's rows of {table.name} are not a list")
            decoded = [
                {"run_id": row_id, **_values(table, row)} for row in cast("list[Any]", rows)
            ]
            if "path_id" in table.columns:
                _number_paths(tx, decoded)
            for at in range(0, len(decoded), _ROWS_AT_ONCE):
                tx.connection.execute(table.insert(), decoded[at : at + _ROWS_AT_ONCE])
        return row_id

    def write_project(self, tx: Transaction, project_id: int, plain: Any, *, is_new: bool) -> None:
        """Apply an archive's project row to a new project; an existing one is left unchanged."""
        values = _values(project, plain, left_out=frozenset({"entity_id", "name"}))
        taken = {name: values[name] for name in _TAKEN_OVER if name in values} if is_new else {}
        if taken:
            tx.connection.execute(
                project.update().where(project.c.id == project_id).values(**taken)
            )

    def write_views(self, tx: Transaction, project_id: int, rows: Sequence[Any]) -> None:
        """Add views from `read_views`, except those whose id or owner's default view exists.

        Raises:
            CorruptLog: the record is malformed.
        """
        for row in rows:
            values = {"project_id": project_id, **_values(view, row)}
            tx.connection.execute(insert(tx, view).values(**values).on_conflict_do_nothing())


def _present(project_id: int) -> Any:
    return (run.c.project_id == project_id) & run.c.trashed_micros.is_(None)


def _own_columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name not in _OWN]


def _plain(columns: Sequence[Column[Any]], values: Sequence[Any]) -> dict[str, Any]:
    return {
        column.name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for column, value in zip(columns, values, strict=False)
    }


def _values(table: Table, plain: Any, *, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(plain, dict):
        raise CorruptLog(f"the archive is damaged: malformed row of {table.name}")
    row = cast("dict[str, Any]", plain)
    columns = {column.name: column for column in _own_columns(table)}
    extra = {"path"} if "path_id" in table.columns else set[str]()
    unknown = set(row) - set(columns) - extra
    if unknown:
        raise CorruptLog(f"the archive has unknown columns of {table.name}: {sorted(unknown)}")
    values: dict[str, Any] = {}
    for name, column in columns.items():
        if name in left_out:
            continue
        if name not in row:
            if not column.nullable and column.server_default is None:
                raise CorruptLog(f"the archive lacks {table.name}.{name}")
            continue
        values[name] = _value(table.name, column, row[name])
    if extra:
        text = row.get("path")
        if not isinstance(text, str) or "\0" in text:
            raise CorruptLog(f"the archive has a row of {table.name} without a path")
        values["path"] = text
    return values


def _value(table: str, column: Column[Any], value: Any) -> Any:
    wrong = CorruptLog(f"the archive has a wrong value of {table}.{column.name}: {value!r:.100}")
    kind = column.type
    if value is None:
        if not column.nullable:
            raise wrong
        return None
    if isinstance(kind, LargeBinary):
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise wrong from None
    if isinstance(kind, Boolean):
        good = isinstance(value, bool)
    elif isinstance(kind, Float):
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        good = good and math.isfinite(value)
    elif isinstance(kind, Integer):
        good = isinstance(value, int) and not isinstance(value, bool)
        good = good and value in _RANGES.get((table, column.name), _ANY_INT)
    else:
        good = isinstance(value, str) and "\0" not in value and _is_unicode(value)
        length = kind.length if isinstance(kind, String) else None
        good = good and (length is None or len(value) <= length)
        expected = _JSON.get((table, column.name))
        good = good and (expected is None or _is_json(value, expected))
    if not good:
        raise wrong
    return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(text: str, expected: type | tuple[type, ...]) -> bool:
    try:
        return isinstance(json.loads(text), expected)
    except (ValueError, RecursionError):
        return False


def _number_paths(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    texts = sorted({row["path"] for row in rows})
    numbers: dict[str, int] = {}
    for at in range(0, len(texts), _ROWS_AT_ONCE):
        some = texts[at : at + _ROWS_AT_ONCE]
        with tx.aside() as connection:
            connection.execute(
                insert(tx, path).on_conflict_do_nothing(), [{"path": text} for text in some]
            )
        query = select(path.c.path, path.c.id).where(path.c.path.in_(some))
        numbers.update((row[0], row[1]) for row in tx.connection.execute(query))
    for row in rows:
        row["path_id"] = numbers[row.pop("path")]
