"""Joined rows of runs as a table: a column for each metric, or a row for each point. Pure.

Receives `ColumnBatch`es from a metric store; passes `TableBatch`es to the file writers and to
`services.sql`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.errors import Conflict
from weft.records.value import Kind, json_safe, tagged_floats
from weft.server.storage.contract import Column, ColumnBatch, Int64
from weft.tables.batches import (
    DTYPES,
    Field,
    FieldType,
    TableBatch,
    Texts,
    Values,
    same_text,
    texts_of,
)

ROW_FIELDS: Final[Mapping[str, FieldType]] = {
    "run": "text",
    "writer": "text",
    "row": "int",
    "step": "int",
    "time": "time",
    "runtime": "float",
}
"""A row's fields apart from its metrics; `step` is a float if any run has fractional steps."""

POINT_FIELDS: Final[Mapping[str, FieldType]] = {
    "run": "text",
    "key": "text",
    "writer": "text",
    "row": "int",
    "step": "int",
    "time": "time",
    "value": "float",
    "text": "text",
}
"""Fields of the long shape. `value` has numbers, and bools as 0 or 1; `text` the rest as JSON."""

Runtimes = Callable[[ColumnBatch], NDArray[np.float64]]
"""Returns the seconds that the run had been running at each row."""

_POINTS_AT_ONCE: Final = 65_536

_encode: Final = msgspec.json.Encoder().encode


def type_of(kinds: Collection[Kind]) -> FieldType:
    """The type of a column that holds values of these kinds.

    >>> type_of({"int"}), type_of({"int", "float"}), type_of({"bool"}), type_of({"int", "object"})
    ('int', 'float', 'bool', 'text')
    """
    if "object" in kinds:
        return "text"
    if len(kinds) == 1:
        (kind,) = kinds
        return "bool" if kind == "bool" else "int" if kind == "int" else "float"
    return "float"


def column_names(keys: Sequence[str], reserved: Collection[str]) -> list[str]:
    """The column names of metrics: their own, or `metric.NAME` where that is reserved.

    >>> column_names(["loss", "step", "metric.step"], ["step"])
    ['loss', 'metric.metric.step', 'metric.step']
    """
    used = {*reserved, *keys}
    names: list[str] = []
    for key in keys:
        name = key
        if key in reserved:
            name = f"metric.{key}"
            while name in used:
                name = f"metric.{name}"
            used.add(name)
        names.append(name)
    return names


class WideTable:
    """A row for each joined row, a column for each metric.

    `base` are the fields of `ROW_FIELDS` to include; `runtime` needs `runtimes`. A metric with the
    name of a row's field becomes `metric.NAME`.
    """

    def __init__(
        self,
        base: Sequence[str],
        keys: Mapping[str, FieldType],
        *,
        step_type: FieldType = "int",
        runtimes: Runtimes | None = None,
    ) -> None:
        self._base = base
        self._keys = keys
        self._step_type: FieldType = step_type
        self._runtimes = runtimes
        names = column_names(list(keys), ROW_FIELDS)
        self.fields = [
            *(Field(name, step_type if name == "step" else ROW_FIELDS[name]) for name in base),
            *(Field(name, kind) for name, kind in zip(names, keys.values(), strict=True)),
        ]

    def convert(self, batch: ColumnBatch) -> Iterator[TableBatch]:
        columns = [
            Values(self._runtimes(batch))
            if name == "runtime" and self._runtimes is not None
            else row_values(batch, name, self._step_type)
            for name in self._base
        ]
        n_rows = len(batch)
        for key, field_type in self._keys.items():
            columns.append(_values(key, batch.columns.get(key, ()), field_type, n_rows))
        yield TableBatch(n_rows, columns)


class PointTable:
    """A row for each point: the shape for thousands of metrics."""

    def __init__(self, *, step_type: FieldType = "int") -> None:
        self._step_type: FieldType = step_type
        self.fields = [
            Field(name, step_type if name == "step" else field_type)
            for name, field_type in POINT_FIELDS.items()
        ]

    def convert(self, batch: ColumnBatch) -> Iterator[TableBatch]:
        """Convert a batch's points, metric by metric, each in the order of rows."""
        base = {
            name: row_values(batch, name, self._step_type).data
            for name in ("writer", "row", "step", "time")
        }
        every = np.arange(len(batch))
        group: list[tuple[str, Column]] = []
        n_points = 0
        for key, columns in batch.columns.items():
            for column in columns:
                group.append((key, column))
                n_points += len(column.values)
            if n_points >= _POINTS_AT_ONCE:
                yield _points(batch.run, group, base, every)
                group, n_points = [], 0
        if group:
            yield _points(batch.run, group, base, every)


def _points(
    run: str,
    columns_by_key: Sequence[tuple[str, Column]],
    base: Mapping[str, NDArray[Any] | Texts],
    every: NDArray[Any],
) -> TableBatch:
    """One batch for many metrics: there may be 100,000 of them with a few rows each."""
    lengths = [len(column.values) for _, column in columns_by_key]
    picked = np.concatenate(
        [every if column.rows is None else column.rows for _, column in columns_by_key]
    )
    keys = Texts(
        [key for key, _ in columns_by_key], np.repeat(np.arange(len(columns_by_key)), lengths)
    )
    numbers = [
        np.zeros(len(column.values)) if isinstance(column.values, list) else column.values
        for _, column in columns_by_key
    ]
    is_number = np.repeat(
        [not isinstance(column.values, list) for _, column in columns_by_key], lengths
    )
    texts = [
        _json_text(value)
        for _, column in columns_by_key
        if isinstance(column.values, list)
        for value in column.values
    ]
    codes = np.zeros(len(picked), dtype=np.int64)
    codes[~is_number] = np.arange(len(texts))
    columns = [Values(same_text(run, len(picked))), Values(keys)]
    for data in base.values():
        picked_data = (
            Texts(data.names, data.codes[picked]) if isinstance(data, Texts) else data[picked]
        )
        columns.append(Values(picked_data))
    value = Values(np.concatenate(numbers).astype(np.float64), is_number)
    return TableBatch(
        len(picked), [*columns, value, Values(Texts(texts or [""], codes), ~is_number)]
    )


def row_values(batch: ColumnBatch, name: str, step_type: FieldType) -> Values:
    """The values of one of `ROW_FIELDS` except `runtime`."""
    if name == "run":
        return Values(same_text(batch.run, len(batch)))
    if name == "writer":
        return Values(Texts(batch.writers, batch.writer))
    if name == "row":
        return Values(batch.rows)
    if name == "time":
        return Values(batch.times)
    steps = batch.steps
    if step_type == "float":
        return Values(steps.astype(np.float64))
    whole: Int64 = steps.astype(np.int64)
    if steps.dtype != np.int64 and not bool((whole == steps).all()):
        raise Conflict(f"run {batch.run} got a fraction for a step meanwhile: ask again")
    return Values(whole)


def _values(key: str, columns: Sequence[Column], field_type: FieldType, n_rows: int) -> Values:
    if field_type == "text":
        return _texts(columns, n_rows)
    dtype = DTYPES[field_type]
    if len(columns) == 1 and columns[0].rows is None:
        return Values(_numbers(key, columns[0], field_type))
    data = np.zeros(n_rows, dtype=dtype)
    valid = np.zeros(n_rows, dtype=np.bool_)
    for column in columns:
        indices = slice(None) if column.rows is None else column.rows
        data[indices] = _numbers(key, column, field_type)
        valid[indices] = True
    return Values(data, valid)


def _numbers(key: str, column: Column, field_type: FieldType) -> NDArray[Any]:
    values = column.values
    if isinstance(values, list) or (field_type != "float" and field_type != column.kind):
        raise Conflict(
            f"metric {key!r} got a value of another kind ({column.kind}) meanwhile: ask again"
        )
    return values.astype(DTYPES[field_type], copy=False)


def _texts(columns: Sequence[Column], n_rows: int) -> Values:
    texts = [""] * n_rows
    valid = np.zeros(n_rows, dtype=np.bool_)
    for column in columns:
        indices: list[int] = list(range(n_rows)) if column.rows is None else column.rows.tolist()
        values: list[Any] = (
            column.values if isinstance(column.values, list) else column.values.tolist()
        )
        for index, value in zip(indices, values, strict=True):
            texts[index] = _json_text(value)
        valid[indices] = True
    return Values(texts_of(texts), valid)


def _json_text(value: Any) -> str:
    return _encode(json_safe(tagged_floats(value))).decode()
