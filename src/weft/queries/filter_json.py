"""Converts filters to JSON values and back. Pure.

Values that JSON can't represent are objects with a `_type`: an int beyond 64 bits is
`{"_type": "int", "value": "18446744073709551616"}`, a nonfinite number is
`{"_type": "float", "value": "NaN"}`. A plain `"NaN"` is a text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.errors import FilterError
from weft.queries.filter_text import parse_filter
from weft.queries.filters import (
    MAX_DEPTH,
    And,
    Comparison,
    Filter,
    Not,
    Or,
    check_filter,
)
from weft.records.value import (
    INT64_MAX,
    INT64_MIN,
    big_int,
    tagged_floats,
    with_floats,
    with_ints,
)

_COMPARISON_KEYS: Final = {"column", "op", "value"}


FilterForm = dict[str, Any] | str | None
"""A filter in a request: a tree in JSON, its text, or None for no filter."""


def decode_filter(value: Any) -> Filter:
    """Read a filter tree from a JSON value; a string is parsed by `parse_filter`.

    >>> decode_filter({"not": {"column": "config.lr", "op": "in", "value": [1, 2]}})
    Not(of=Comparison(column='config.lr', op='in', value=(1, 2)))
    """
    if isinstance(value, str):
        return parse_filter(value)
    tree = _decode(value, "filter", 1)
    check_filter(tree)
    return tree


def filter_of(form: FilterForm) -> Filter | None:
    """The filter of a request; None if it has no filter."""
    return None if form is None else decode_filter(form)


def encode_filter(tree: Filter) -> dict[str, Any]:
    """Write a filter tree as a JSON value.

    >>> encode_filter(Or((Comparison("summary.loss", "=", float("nan")),)))
    {'or': [{'column': 'summary.loss', 'op': '=', 'value': {'_type': 'float', 'value': 'NaN'}}]}
    """
    if isinstance(tree, Comparison):
        value = tree.value
        if isinstance(value, tuple):
            value = [encode_value(element) for element in cast("tuple[Any, ...]", value)]
        else:
            value = encode_value(value)
        return {"column": tree.column, "op": tree.op, "value": value}
    if isinstance(tree, Not):
        return {"not": encode_filter(tree.of)}
    return {"and" if isinstance(tree, And) else "or": [encode_filter(part) for part in tree.of]}


def encode_value(value: Any) -> Any:
    """Convert a value to one that JSON can represent.

    >>> encode_value(2**70), encode_value([float("nan")])
    ({'_type': 'int', 'value': '1180591620717411303424'}, [{'_type': 'float', 'value': 'NaN'}])
    """
    if isinstance(value, int) and not INT64_MIN <= value <= INT64_MAX:
        return big_int(value)
    return tagged_floats(value)


def decode_value(value: Any) -> Any:
    """The inverse of `encode_value`; unknown objects stay as they are.

    >>> decode_value({"_type": "float", "value": "-Infinity"})
    -inf
    """
    decoded = with_floats(value)
    return with_ints(decoded) if isinstance(decoded, dict) else decoded


def _decode(value: Any, path: str, depth: int) -> Filter:
    if depth > MAX_DEPTH:
        raise FilterError(f"a filter is nested at most {MAX_DEPTH} deep")
    if not isinstance(value, Mapping):
        raise FilterError(f"{path}: an object or a text is expected, not {value!r:.80}")
    items = cast("Mapping[str, Any]", value)
    if len(items) == 1:
        word, inner = next(iter(items.items()))
        if word == "not":
            return Not(_decode(inner, f"{path}.not", depth + 1))
        if word in {"and", "or"}:
            if not isinstance(inner, (list, tuple)):
                raise FilterError(f"{path}.{word}: a list is expected, not {inner!r:.80}")
            parts = tuple(
                _decode(part, f"{path}.{word}[{i}]", depth + 1)
                for i, part in enumerate(cast("list[Any]", inner))
            )
            return And(parts) if word == "and" else Or(parts)
    return _decode_comparison(items, path)


def _decode_comparison(items: Mapping[str, Any], path: str) -> Comparison:
    if set(items) != _COMPARISON_KEYS:
        names = ", ".join(sorted(map(str, items)))[:80] or "nothing"
        raise FilterError(
            f"{path}: one of and, or, not, or column with op and value is expected, not {names}"
        )
    column, op, value = items["column"], items["op"], items["value"]
    if not isinstance(column, str) or not isinstance(op, str):
        raise FilterError(f"{path}: column and op are texts")
    if isinstance(value, (list, tuple)):
        value = tuple(decode_value(element) for element in cast("list[Any]", value))
    else:
        value = decode_value(value)
    return Comparison(column, cast("Any", op), value)
