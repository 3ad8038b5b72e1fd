"""One column over all runs of a project, as arrays by slot. Pure.

A slot is a run's index in `ProjectColumns`. A column is immutable: an update makes a new one that
shares the texts, so that a running query keeps the column it began with.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.records.value import NONFINITE_BY_NAME
from weft.server.services.columns.texts import NO_TEXT, Bools, Codes, Lists, Texts
from weft.server.storage.contract import Float64, Int64
from weft.server.storage.metadata import (
    BIG_INT,
    BOOL,
    FLOAT,
    INT,
    MAX_CELL_CHARS,
    MISSING_KIND,
    NONE,
    NONFINITE,
    OTHER,
    TEXT,
    Row,
)

Kinds = NDArray[np.uint8]

CLASS_OF_KIND: Final = np.array([0, 0, 0, 0, 1, 2, 3, 4, 5], np.uint8)
"""By kind, its rank in the sort order: finite numbers and bools, nonfinite, text, other, null,
missing."""

KIND_NAMES: Final = ("number", "number", "number", "bool", "nonfinite", "text", "other", "none")

_LARGEST_EXACT: Final = 2**53
_BIG_DIGITS: Final = 17


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""The value of a run that has no value, not even null."""


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """The values of all runs.

    Attributes:
        kinds: uint8[n], codes of `weft.server.storage.metadata.runs.columns`.
        numbers: float64[n]; NaN for kinds without a number.
        codes: int32[n] into `texts`, for texts, lists and objects as JSON, and ints beyond 2**53.
        is_list: whether each text is a JSON list of texts.
    """

    kinds: Kinds
    numbers: Float64
    codes: Codes
    texts: Texts
    is_list: bool = False

    def take(self, slots: Int64) -> TypedColumn:
        """A column of the entries of some slots, in their order."""
        return TypedColumn(
            self.kinds[slots], self.numbers[slots], self.codes[slots], self.texts, self.is_list
        )

    @property
    def n_bytes(self) -> int:
        """Approximate memory of the column."""
        arrays = self.kinds.nbytes + self.numbers.nbytes + self.codes.nbytes
        return arrays + self.texts.n_bytes

    def values(self) -> list[Any]:
        """The values of all runs, by slot; `MISSING` where a run has none."""
        values: list[Any] = self.numbers.tolist()
        is_int = self.kinds == INT
        integers = np.flatnonzero(is_int).tolist()
        for slot, value in zip(
            integers, self.numbers[is_int].astype(np.int64).tolist(), strict=True
        ):
            values[slot] = value
        for slot in np.flatnonzero(~is_int & (self.kinds != FLOAT)).tolist():
            values[slot] = self.value(slot)
        return values

    def value(self, slot: int) -> Any:
        """The value of one run; `MISSING` if it has none."""
        kind = int(self.kinds[slot])
        if kind in {TEXT, OTHER, BIG_INT}:
            text = self.texts[int(self.codes[slot])]
            if kind == BIG_INT:
                return int(text)
            if kind == OTHER or self.is_list:
                return _json_value(text)
            return text
        if kind == MISSING_KIND:
            return MISSING
        if kind == NONE:
            return None
        number = float(self.numbers[slot])
        if kind == INT:
            return int(number)
        return bool(number) if kind == BOOL else number


def empty_column(n_slots: int, *, is_list: bool = False) -> TypedColumn:
    """A column in which no run has a value."""
    return TypedColumn(
        np.full(n_slots, MISSING_KIND, np.uint8),
        np.full(n_slots, math.nan),
        np.full(n_slots, NO_TEXT, np.int32),
        Lists() if is_list else Texts(),
        is_list,
    )


def with_cells(
    column: TypedColumn, row_ids: Int64, emptied: Int64, answers: Sequence[Sequence[Row]]
) -> TypedColumn:
    """A column after some runs were read again.

    `row_ids` are of all slots, ascending; may be more than `column` has. Slots of `emptied`
    without a cell in `answers` become missing. If a run is in several answers, the last one
    counts; runs that are not in `row_ids` are left out.
    """
    n_new = len(row_ids) - len(column.kinds)
    kinds = np.concatenate([column.kinds, np.full(n_new, MISSING_KIND, np.uint8)])
    numbers = np.concatenate([column.numbers, np.full(n_new, math.nan)])
    codes = np.concatenate([column.codes, np.full(n_new, NO_TEXT, np.int32)])
    kinds[emptied] = MISSING_KIND
    numbers[emptied] = math.nan
    codes[emptied] = NO_TEXT
    for rows in answers:
        if not rows:
            continue
        ids, cell_kinds, cell_numbers, cell_texts = zip(*rows, strict=True)
        ids_read = np.array(ids, np.int64)
        slots = np.minimum(np.searchsorted(row_ids, ids_read), max(len(row_ids) - 1, 0))
        read = np.array(cell_kinds, np.uint8)
        # None becomes NaN.
        values = np.array(cell_numbers, np.float64)
        texts: list[str | None] = list(cell_texts)
        _sort_out(read, values, texts)
        new_codes = np.zeros(0, np.int32) if len(row_ids) == 0 else column.texts.codes_of(texts)
        ours = np.flatnonzero(row_ids[slots] == ids_read) if len(row_ids) else slots[:0]
        slots = slots[ours]
        kinds[slots] = read[ours]
        numbers[slots] = values[ours]
        codes[slots] = new_codes[ours]
    return TypedColumn(kinds, numbers, codes, column.texts, column.is_list)


def _sort_out(kinds: Kinds, numbers: Float64, texts: list[str | None]) -> None:
    """Mark large ints as `BIG_INT`, and convert values that the database stores as text."""
    for i in _indices(kinds == NONFINITE):
        numbers[i] = NONFINITE_BY_NAME.get(texts[i] or "NaN", math.nan)
        texts[i] = None
    for i in _indices(kinds == INT) if any(texts) else ():
        digits = texts[i]
        if digits is None:
            continue
        n_digits = len(digits.lstrip("-"))
        if n_digits >= _BIG_DIGITS or abs(int(digits)) > _LARGEST_EXACT:
            kinds[i] = BIG_INT
        else:
            texts[i] = None
    for i in _indices(kinds == OTHER):
        texts[i] = _readable(texts[i] or "null")


def _indices(flags: Bools) -> list[int]:
    return [int(i) for i in np.flatnonzero(flags)]


def _readable(text: str) -> str:
    r"""JSON with unescaped letters, so that `contains` finds them and not `\u00e9`."""
    if "\\u" not in text:
        return text
    try:
        plain = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        plain.encode()
    except (ValueError, RecursionError):  # truncated, or half a surrogate pair
        return text
    return plain[:MAX_CELL_CHARS]


def _json_value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # it was truncated
        return text
