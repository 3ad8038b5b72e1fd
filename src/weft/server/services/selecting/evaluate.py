"""Evaluates a filter tree over typed columns: one bool per slot. Pure.

The rules are in `weft.queries.filters`; `tests/contract/databases/test_filter_rules.py` checks
each of them on SQLite and PostgreSQL.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, cast

import numpy as np

from weft.queries.filters import (
    And,
    Comparison,
    Filter,
    Not,
    kind_of_column,
    micros_from_time,
    seconds_from_span,
)
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS, ColumnKind
from weft.server.services.columns.project_columns import View
from weft.server.services.columns.texts import NO_TEXT, Bools
from weft.server.services.columns.typed_column import MISSING, TypedColumn
from weft.server.services.selecting.patterns import compile_pattern
from weft.server.storage.metadata import (
    BIG_INT,
    BOOL,
    MAX_CELL_CHARS,
    MISSING_KIND,
    NONE,
    NONFINITE,
    OTHER,
    TEXT,
    cell_from_value,
    clean_text,
)

_ORDERED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


SEARCHED: Final = tuple(name for name, column in RUN_COLUMNS.items() if column.is_searched)
"""The columns that a search reads."""

_MAX_WORDS: Final = 8
"""Further words of a search are one text with the last of these."""


def columns_of(tree: Filter | None) -> set[str]:
    """Names of the columns that a filter reads."""
    if tree is None:
        return set()
    if isinstance(tree, Comparison):
        return {tree.column}
    if isinstance(tree, Not):
        return columns_of(tree.of)
    return {name for branch in tree.of for name in columns_of(branch)}


def matching(view: View, tree: Filter | None) -> Bools:
    """bool[n] by slot: the runs, including deleted ones, that match the filter."""
    n_slots = len(view.runs)
    if tree is None:
        return np.ones(n_slots, np.bool_)
    if isinstance(tree, Comparison):
        return _compare(view.columns[tree.column], tree, view.now_micros)
    if isinstance(tree, Not):
        return ~matching(view, tree.of)
    if isinstance(tree, And):
        is_match = np.ones(n_slots, np.bool_)
        for branch in tree.of:
            is_match &= matching(view, branch)
        return is_match
    is_match = np.zeros(n_slots, np.bool_)
    for branch in tree.of:
        is_match |= matching(view, branch)
    return is_match


def matching_search(view: View, search: str, *, regex: bool) -> Bools:
    """bool[n] by slot: runs with each word of `search`, ignoring case, in a text of `SEARCHED`."""
    if regex:
        test = compile_pattern(search, folded=True, field="search")
        return _with_text(view, ("search", True, search), test)
    is_match = np.ones(len(view.runs), np.bool_)
    for word in clean_text(search).split(maxsplit=_MAX_WORDS - 1):
        is_match &= _with_text(view, ("search", False, word), _holds_folded(word))
    return is_match


def _with_text(view: View, selection: Any, test: Callable[[str], bool]) -> Bools:
    is_match = np.zeros(len(view.runs), np.bool_)
    for name in SEARCHED:
        is_match |= _of_texts(view.columns[name], selection, test)
    return is_match


def equal_to(column: TypedColumn, value: Any) -> Bools:
    """bool[n]: the runs in the group with this value, which may be a list or `MISSING`."""
    if value is MISSING:
        return column.kinds == MISSING_KIND
    if isinstance(value, (list, dict)):
        text = cell_from_value(value).text or ""
        return (column.kinds == OTHER) & (column.codes == column.texts.code_of(text))
    if isinstance(value, str) and len(value) >= MAX_CELL_CHARS and not column.is_list:
        # The group of a long list or object shows only the beginning of its JSON.
        begun = (column.kinds == OTHER) & (column.codes == column.texts.code_of(value))
        return begun | _among(column, [value])
    return _among(column, [value])


def _holds_folded(part: str) -> Callable[[str], bool]:
    folded = part.casefold()
    return lambda text: folded in text.casefold()


def _compare(column: TypedColumn, comparison: Comparison, now_micros: int) -> Bools:
    if comparison.op == "exists":
        return (column.kinds != MISSING_KIND) == comparison.value
    if comparison.op == "contains":
        part = clean_text(comparison.value)
        return _of_texts(column, ("contains", part), lambda text: part in text)
    if comparison.op == "regex":
        return _of_texts(column, ("regex", comparison.value), compile_pattern(comparison.value))
    kind = kind_of_column(comparison.column)
    if comparison.column in ARTIFACT_COLUMNS and comparison.op in {"=", "!=", "in"}:
        versions = _of_versions(
            column, comparison.value if comparison.op == "in" else (comparison.value,)
        )
        return ~versions if comparison.op == "!=" else versions
    if comparison.op == "in":
        listed = cast("tuple[Any, ...]", comparison.value)
        return _among(column, [_comparable(value, kind, now_micros) for value in listed])
    value = _comparable(comparison.value, kind, now_micros)
    if comparison.op in _ORDERED:
        return _ordered(column, comparison.op, value)
    equal = _among(column, [value])
    return equal if comparison.op == "=" else ~equal


def _of_versions(column: TypedColumn, names: Sequence[Any]) -> Bools:
    """bool[n]: the runs with one of these versions; a name without one stands for all of it."""
    versions = frozenset(names)
    return _of_texts(
        column,
        ("versions", versions),
        lambda text: text in versions or text.rpartition(":")[0] in versions,
    )


def _comparable(value: Any, kind: ColumnKind, now_micros: int) -> Any:
    if kind == "time":
        return micros_from_time(value, now_micros)
    if kind == "seconds":
        return seconds_from_span(value)
    return clean_text(value) if isinstance(value, str) else value


def _among(column: TypedColumn, values: Sequence[Any]) -> Bools:
    texts = {value for value in values if isinstance(value, str)}
    if column.is_list:
        return _of_texts(column, ("among", frozenset(texts)), texts.__contains__)
    is_match = np.zeros(len(column.kinds), np.bool_)
    if texts:
        codes = _codes(column, (text[:MAX_CELL_CHARS] for text in texts))
        is_match |= (column.kinds == TEXT) & _isin(column.codes, codes)
    numbers = [value for value in values if isinstance(value, (bool, int, float))]
    if numbers:
        is_match |= _equal_numbers(column, numbers)
    if any(value is None for value in values):
        is_match |= column.kinds == NONE
    return is_match


def _equal_numbers(column: TypedColumn, numbers: Sequence[float]) -> Bools:
    """bool[n]: the runs whose exact value is one of `numbers`; NaN is equal to NaN."""
    is_match = np.zeros(len(column.kinds), np.bool_)
    finite = [number for number in numbers if isinstance(number, int) or math.isfinite(number)]
    # A float64 of a column can only equal a number that float64 represents exactly.
    floats = [_nearest(number) for number in finite if _nearest(number) == number]
    if floats:
        is_match |= (column.kinds < BIG_INT) & _isin(column.numbers, floats)
        is_match |= (column.kinds == BOOL) & _isin(column.numbers, floats)
    digits = [
        str(int(number)) for number in finite if abs(number) >= 2**53 and number == int(number)
    ]
    if digits:
        is_match |= (column.kinds == BIG_INT) & _isin(column.codes, _codes(column, digits))
    if len(finite) < len(numbers):
        nonfinite = [
            number
            for number in numbers
            if not isinstance(number, int) and not math.isfinite(number)
        ]
        is_equal = _isin(column.numbers, nonfinite)
        if any(math.isnan(number) for number in nonfinite):
            is_equal |= np.isnan(column.numbers)
        is_match |= (column.kinds == NONFINITE) & is_equal
    return is_match


def _ordered(column: TypedColumn, op: str, value: Any) -> Bools:
    compare = _ORDERED[op]
    if isinstance(value, str):
        if column.is_list:
            return _of_texts(column, (op, value), lambda text: compare(text, value))
        rank = column.texts.rank_of(value[:MAX_CELL_CHARS])
        is_match = compare(column.texts.ranks(), rank)
        return (column.kinds == TEXT) & _by_slot(is_match, column)
    if column.is_list:
        return np.zeros(len(column.kinds), np.bool_)
    with np.errstate(invalid="ignore"):
        return (column.kinds <= NONFINITE) & compare(column.numbers, _nearest(value))


def _of_texts(column: TypedColumn, selection: Any, test: Callable[[str], bool]) -> Bools:
    """bool[n]: the runs with a text (or the JSON of a list or object) that passes the test."""
    answer = column.texts.answer(selection, test)
    return ((column.kinds == TEXT) | (column.kinds == OTHER)) & _by_slot(answer, column)


def _by_slot(by_code: Bools, column: TypedColumn) -> Bools:
    """Map bools by text code to bools by slot.

    Texts added after `by_code` was computed belong to no run of this column.
    """
    if not len(by_code):
        return np.zeros(len(column.kinds), np.bool_)
    return by_code[np.minimum(column.codes, len(by_code) - 1)] & (column.codes != NO_TEXT)


def _codes(column: TypedColumn, texts: Iterable[str]) -> list[int]:
    codes = (column.texts.code_of(text) for text in texts)
    return [code for code in codes if code != NO_TEXT]


def _isin(values: Any, listed: Sequence[Any]) -> Bools:
    if len(listed) == 1:
        return values == listed[0]
    if not listed:
        return np.zeros(len(values), np.bool_)
    return np.isin(values, np.array(listed, values.dtype))


def _nearest(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return 1.7976931348623157e308 if value > 0 else -1.7976931348623157e308
