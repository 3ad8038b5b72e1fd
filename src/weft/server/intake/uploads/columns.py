"""Turns rows of one writer into columns, as `RowBlock`s. Pure; the hot half of `decode`.

Rows are grouped by schema; within a group every operation works on a whole column. Only a column
whose values differ in kind is processed value by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.errors import CorruptLog
from weft.records.record import CONTINUES_ROW, Row, System
from weft.records.value import KINDS, Kind, kind_of
from weft.server.intake.uploads.rules import check_micros, check_value
from weft.server.storage.contract import Column, Int64, RowBlock, Steps

_np: Any = np

_EXACT: Final = 2**53
"""Up to here a float64 holds every int exactly."""

Rows = Sequence[Row | System]

_schema_ids: Final = attrgetter("schema_id")
_micros: Final = attrgetter("micros")
_steps: Final = attrgetter("step")
_values: Final = attrgetter("values")
_flags: Final = attrgetter("flags")

_DTYPES: Final[dict[Kind, Any]] = {"int": np.int64, "float": np.float64, "bool": np.bool_}
_KINDS: Final[dict[frozenset[type], Kind]] = {
    frozenset({float}): "float",
    frozenset({int}): "int",
    frozenset({bool}): "bool",
}


def rows_as_blocks(
    rows: Rows,
    *,
    row_lo: int,
    anchor_micros: int,
    last_step: float | None,
    keys: Mapping[int, str],
    schemas: Mapping[int, list[int]],
) -> list[RowBlock]:
    """Turn consecutive rows into columns: one block, unless large int and float steps alternate.

    The rows' times count from `anchor_micros` since 1970. The first row, number `row_lo`, may be a
    fragment of the row of `last_step`. CorruptLog if a schema is unknown, values do not fit their
    schema or are invalid, or a step or a time is out of range.
    """
    steps = list(map(_steps, rows))
    flags = list(map(_flags, rows))
    continues = _continues_of(flags, [last_step, *steps]) if any(flags) else None
    times = _times_of(rows, anchor_micros)
    blocks: list[RowBlock] = []
    is_mixed = len(set(map(type, steps))) > 1
    for start, stop in _exact_ranges(steps) if is_mixed else [(0, len(steps))]:
        columns = _Columns()
        for schema_id, ordinals, group in _by_schema(rows[start:stop]):
            key_ids = schemas.get(schema_id)
            if key_ids is None:
                raise CorruptLog(f"a row has the unknown schema {schema_id}")
            names = [keys[key_id] for key_id in key_ids]
            columns.add_group(names, ordinals, list(map(_values, group)))
        blocks.append(
            RowBlock(
                row_lo + start,
                _steps_of(steps[start:stop], is_mixed=is_mixed),
                times[start:stop],
                None if continues is None else continues[start:stop],
                columns.finish(),
            )
        )
    return blocks


def _continues_of(flags: Sequence[int], steps: Sequence[int | float | None]) -> NDArray[np.bool_]:
    """Whether each row is a fragment of the row before; `steps` begin with its step [RL27]."""
    return np.array(
        [
            bool(flag & CONTINUES_ROW) and step == before
            for flag, before, step in zip(flags, steps, steps[1:], strict=False)
        ],
        dtype=np.bool_,
    )


def _times_of(rows: Rows, anchor_micros: int) -> Int64:
    micros = list(map(_micros, rows))
    check_micros(min(micros))
    check_micros(max(micros))
    return np.array(micros, dtype=np.int64) + anchor_micros


def _exact_ranges(steps: Sequence[int | float]) -> list[tuple[int, int]]:
    """Split steps into ranges `[start, stop)`, none with both floats and ints beyond 2**53.

    The result must not depend on how a log is split into uploads, so an int beyond 2**53 never
    becomes a float, even if that float would be exact.
    """
    cuts = [0]
    held = ""
    for ordinal, step in enumerate(steps):
        wants = "float" if type(step) is float else "int" if abs(step) > _EXACT else ""
        if wants and held and wants != held:
            cuts.append(ordinal)
        held = wants or held
    return list(zip(cuts, [*cuts[1:], len(steps)], strict=True))


def _steps_of(steps: Sequence[int | float], *, is_mixed: bool) -> Steps:
    try:
        # The dtype is given, because numpy would make unsigned ints or objects of larger ints.
        if all(type(step) is int for step in (steps if is_mixed else steps[:1])):
            return np.array(steps, dtype=np.int64)
        floats = np.array(steps, dtype=np.float64)
    except OverflowError:
        raise CorruptLog("a step is beyond 64 bits") from None
    if not np.isfinite(floats).all():
        raise CorruptLog("a step is not a finite number")
    return floats


def _by_schema(rows: Rows) -> Iterable[tuple[int, NDArray[np.uint32] | None, Rows]]:
    """Rows of each schema with their ordinals, None if all rows have the same schema."""
    schema_ids = list(map(_schema_ids, rows))
    if len(set(schema_ids)) == 1:
        yield schema_ids[0], None, rows
        return
    groups: dict[int, list[int]] = {}
    for ordinal, schema_id in enumerate(schema_ids):
        groups.setdefault(schema_id, []).append(ordinal)
    for schema_id, ordinals in groups.items():
        yield schema_id, np.array(ordinals, dtype=np.uint32), [rows[i] for i in ordinals]


class _Columns:
    """Collects a block's columns by key, group by group."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Column]] = {}
        self._is_split = False

    def add_group(
        self,
        names: Sequence[str],
        ordinals: NDArray[np.uint32] | None,
        values: list[list[Any]],
    ) -> None:
        if set(map(len, values)) != {len(names)}:
            raise CorruptLog("a row has more or fewer values than its schema has keys")
        try:
            # Checking all types at once pays off, because most rows have values of one kind.
            kind = _KINDS.get(frozenset(map(type, chain.from_iterable(values))))
            if kind is not None:
                table: NDArray[Any] = _np.array(values, dtype=_DTYPES[kind]).T
                for name, column in zip(names, np.ascontiguousarray(table), strict=True):
                    self._add(name, Column(kind, ordinals, column))
                return
            for name, column in zip(names, zip(*values, strict=True), strict=True):
                self._add_mixed(name, ordinals, column)
        except OverflowError:
            raise CorruptLog("an int is beyond 64 bits") from None

    def _add_mixed(
        self, name: str, ordinals: NDArray[np.uint32] | None, values: Sequence[Any]
    ) -> None:
        kinds: set[Kind] = {kind_of(value) for value in values}
        if "object" in kinds:
            for value in values:
                check_value(value)
        if len(kinds) == 1:
            kind = kinds.pop()
            self._add(name, Column(kind, ordinals, _array(kind, values)))
            return
        for kind in KINDS:
            chosen = [i for i, value in enumerate(values) if kind_of(value) == kind]
            if not chosen:
                continue
            rows = np.array(chosen, dtype=np.uint32)
            if ordinals is not None:
                rows = ordinals[rows]
            self._add(name, Column(kind, rows, _array(kind, [values[i] for i in chosen])))

    def _add(self, name: str, column: Column) -> None:
        parts = self._parts.setdefault(name, [])
        self._is_split = self._is_split or bool(parts)
        parts.append(column)

    def finish(self) -> dict[str, list[Column]]:
        """The columns, at most one of each kind for a key."""
        if self._is_split:
            for name, parts in self._parts.items():
                if len(parts) > 1:
                    self._parts[name] = _merged(parts)
        return self._parts


def _array(kind: Kind, values: Sequence[Any]) -> NDArray[Any] | list[Any]:
    return list(values) if kind == "object" else np.array(values, dtype=_DTYPES[kind])


def _merged(parts: list[Column]) -> list[Column]:
    """Join columns of one kind that came from rows of several schemas."""
    merged: list[Column] = []
    for kind in KINDS:
        same = [part for part in parts if part.kind == kind]
        if len(same) <= 1:
            merged.extend(same)
            continue
        rows = np.concatenate([part.rows for part in same if part.rows is not None])
        order: Int64 = np.argsort(rows, kind="stable")
        if kind == "object":
            flat: list[Any] = list(chain.from_iterable(part.values for part in same))
            merged.append(Column(kind, rows[order], [flat[i] for i in order.tolist()]))
        else:
            values = np.concatenate([np.asarray(part.values) for part in same])
            merged.append(Column(kind, rows[order], values[order]))
    return merged
