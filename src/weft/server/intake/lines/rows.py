"""Turns lines of JSON, each one row, into columns. Pure.

A row is an object; nested objects become keys joined with dots, and `_step`, `_timestamp` (seconds
since 1970) and `_runtime` describe the row. Numbers may be `NaN` and `Infinity`, which strict
decoders refuse. Cost: about 0.5 µs a value (Python 3.11).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.errors import CorruptLog
from weft.records.lenient_json import parse_json
from weft.records.limits import MAX_KEY_BYTES, MAX_MICROS, MAX_NESTING, MAX_ROW_KEYS
from weft.records.value import INT64_MAX, INT64_MIN, KINDS, Kind, big_int, kind_of
from weft.server.intake.uploads.rules import check_value
from weft.server.storage.contract import Column, RowBlock

_ABOUT_ROW: Final = frozenset({"_step", "_timestamp", "_runtime", "_wandb"})
_EXACT: Final = 2**53
_NUMBERS: Final = frozenset({int, float})
_DTYPES: Final[Mapping[Kind, Any]] = {"int": np.int64, "float": np.float64, "bool": np.bool_}

Row = dict[str, Any]
"""A row as it was sent."""

Amend = Callable[[Row], None]
"""Changes a row before it becomes columns."""

_decode_rows: Final = msgspec.json.Decoder(list[dict[str, Any]]).decode
_encode_row: Final = msgspec.json.Encoder(order="deterministic").encode


@dataclass(slots=True)
class RowsRead:
    """The rows of some lines.

    Those that are no rows leave gaps, and reasons by line in `faults`.
    """

    blocks: list[RowBlock] = field(default_factory=list[RowBlock])
    faults: list[str] = field(default_factory=list[str])


def parse_rows(lines: Sequence[str]) -> list[Row | None]:
    """Each line's object; None for a line that is no object.

    >>> parse_rows(['{"loss": 0.5}', "no JSON"])
    [{'loss': 0.5}, None]
    """
    try:
        together = _decode_rows(f"[{','.join(lines)}]")
        if len(together) == len(lines):
            return [*together]
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    return [_object_in(line) for line in lines]


def checksum(row: Row | None) -> int:
    """A checksum of a row that does not depend on the order of its keys, which clients shuffle.

    >>> checksum({"a": 1, "b": 2}) == checksum({"b": 2, "a": 1})
    True
    """
    return crc32(_encode_row(row))


def read_rows(
    rows: Sequence[Row | None],
    *,
    first_line: int,
    row_lo: int,
    now_micros: int,
    is_system: bool = False,
) -> RowsRead:
    """Turn the objects of consecutive lines into rows.

    `row_lo` is the first line's row number. Rows without a time get `now_micros`. The steps of
    samples of the machine (`is_system`) are their numbers.
    """
    result = RowsRead()
    start = 0
    for nth in range(len(rows) + 1):
        if nth < len(rows) and rows[nth] is not None:
            continue
        if nth > start:
            reader = _Block(
                first_line + start, row_lo + start, now_micros, is_system, result.faults
            )
            result.blocks += reader.read(cast("Sequence[Row]", rows[start:nth]))
        if nth < len(rows):
            result.faults.append(f"line {first_line + nth} is not a JSON object")
        start = nth + 1
    return result


def _object_in(line: str) -> Row | None:
    try:
        value = parse_json(line)
    except ValueError:
        return None
    return cast("Row", value) if isinstance(value, dict) else None


class _Block:
    """Collects the columns of consecutive rows."""

    def __init__(
        self, first_line: int, row_lo: int, now_micros: int, is_system: bool, faults: list[str]
    ) -> None:
        self._first_line = first_line
        self._row_lo = row_lo
        self._now = now_micros
        self._is_system = is_system
        self._faults = faults
        self._columns: dict[str, tuple[list[int], list[Any]]] = {}

    def read(self, rows: Sequence[Row]) -> list[RowBlock]:
        steps: list[int | float] = []
        times: list[int] = []
        columns = self._columns
        before: int | float = self._row_lo - 1
        for ordinal, row in enumerate(rows):
            before = self._row_lo + ordinal if self._is_system else _step_of(row, before)
            steps.append(before)
            times.append(_time_of(row, self._now))
            has_nested = False
            for key, value in row.items():
                if key in _ABOUT_ROW:
                    continue
                if type(value) in _NUMBERS:
                    column = columns.get(key)
                    if column is None:
                        column = self._column(key, ordinal)
                    if column is None:
                        continue
                    if has_nested:
                        _put(column, ordinal, value)
                    else:  # no key comes twice
                        column[0].append(ordinal)
                        column[1].append(value)
                else:
                    has_nested |= isinstance(value, dict)
                    self._take(key, value, ordinal, 0)
        return self._blocks(steps, np.array(times, dtype=np.int64))

    def _column(self, key: str, ordinal: int) -> tuple[list[int], list[Any]] | None:
        column = self._columns.get(key)
        if column is None:
            if not key or len(key.encode()) > MAX_KEY_BYTES:
                self._refuse(ordinal, key, f"its key must have 1 to {MAX_KEY_BYTES} bytes")
                return None
            if len(self._columns) >= MAX_ROW_KEYS:
                self._refuse(ordinal, key, f"there are more than {MAX_ROW_KEYS} keys")
                return None
            column = self._columns[key] = ([], [])
        return column

    def _take(self, key: str, value: Any, ordinal: int, depth: int) -> None:
        if isinstance(value, dict) and "_type" not in value and value:
            if depth >= MAX_NESTING:
                self._refuse(ordinal, key, f"it is nested more than {MAX_NESTING} deep")
                return
            for name, inner in cast("dict[str, Any]", value).items():
                self._take(f"{key}.{name}", inner, ordinal, depth + 1)
            return
        if kind_of(value) == "object":
            try:
                check_value(value)
            except CorruptLog as error:
                self._refuse(ordinal, key, str(error))
                return
        column = self._column(key, ordinal)
        if column is not None:
            _put(column, ordinal, value)

    def _refuse(self, ordinal: int, key: str, reason: str) -> None:
        line = self._first_line + ordinal
        self._faults.append(f"line {line}: {key[:80]!r} was left out: {reason}")

    def _blocks(self, steps: Sequence[int | float], times: NDArray[np.int64]) -> list[RowBlock]:
        n_rows = len(steps)
        columns = {
            key: _columns_of(ordinals, values, n_rows)
            for key, (ordinals, values) in self._columns.items()
        }
        if all(type(step) is int for step in steps):
            step_array: Any = np.array(steps, dtype=np.int64)
        else:
            step_array = np.array(steps, dtype=np.float64)
        return [RowBlock(self._row_lo, step_array, times, None, columns)]


def _put(column: tuple[list[int], list[Any]], ordinal: int, value: Any) -> None:
    """Add a row's value. Of two with one key, such as `a.b` and `b` in `a`, the later one wins."""
    ordinals, values = column
    if ordinals and ordinals[-1] == ordinal:
        values[-1] = value
    else:
        ordinals.append(ordinal)
        values.append(value)


def _step_of(row: Mapping[str, Any], before: int | float) -> int | float:
    step = row.get("_step")
    if type(step) is int and INT64_MIN <= step <= INT64_MAX:
        return step
    if type(step) is float and math.isfinite(step):
        return int(step) if step.is_integer() and abs(step) <= _EXACT else step
    return math.floor(before) + 1


def _time_of(row: Mapping[str, Any], now_micros: int) -> int:
    secs = row.get("_timestamp")
    if type(secs) not in {int, float} or not 0 <= cast("float", secs) * 1_000_000 <= MAX_MICROS:
        return now_micros
    return round(cast("float", secs) * 1_000_000)


def _columns_of(ordinals: list[int], values: list[Any], n_rows: int) -> list[Column]:
    """The columns of one key, one of each kind."""
    kinds = set(map(type, values))
    if kinds == {int, float} and all(
        type(value) is float or abs(value) <= _EXACT for value in values
    ):
        # One metric; JSON only has no point for a float that is a whole number.
        values, kinds = [float(value) for value in values], {float}
    rows = None if len(ordinals) == n_rows else np.array(ordinals, dtype=np.uint32)
    if len(kinds) == 1:
        kind = kind_of(values[0])
        try:
            return [Column(kind, rows, _array(kind, values))]
        except OverflowError:
            pass
    values = [_fitting(value) for value in values]
    columns: list[Column] = []
    for kind in KINDS:
        chosen = [nth for nth, value in enumerate(values) if kind_of(value) == kind]
        if chosen:
            its_rows = np.array([ordinals[nth] for nth in chosen], dtype=np.uint32)
            columns.append(Column(kind, its_rows, _array(kind, [values[nth] for nth in chosen])))
    return columns


def _fitting(value: Any) -> Any:
    is_large = type(value) is int and not INT64_MIN <= value <= INT64_MAX
    return big_int(value) if is_large else value


def _array(kind: Kind, values: list[Any]) -> NDArray[Any] | list[Any]:
    return values if kind == "object" else np.array(values, dtype=_DTYPES[kind])
