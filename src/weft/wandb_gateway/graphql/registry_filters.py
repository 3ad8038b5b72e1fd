"""Filters and orders of the client's search in registries, over objects that are in memory.

This is what `wandb.Api().registries(filter=…)`, `.collections(filter=…)` and `.versions(filter=…)`
take according to the client's own documentation (0.31.0): MongoDB's query language over a few
fields, as `{"$or": [{"tag": "prod"}, {"alias": "best"}]}`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from weft.errors import ConfigError, FilterError
from weft.queries.filters import MAX_DEPTH
from weft.server.services.selecting import compile_pattern
from weft.wandb_gateway.runs.config import read_object

Fields = Mapping[str, Any]
"""The fields of an object. A list matches if one of its elements does."""

Condition = Callable[[Fields], bool]

_Node = TypeVar("_Node")

_MAX_COMPARISONS: Final = 100
_MAX_LISTED: Final = 1000

_ORDERINGS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def read_condition(text: str | None, argument: str, fields: Sequence[str]) -> Condition:
    """Read a filter, JSON; every object matches None and `{}`.

    Errors name the argument. A field named `metadata` may be followed by a path.

    >>> condition = read_condition('{"alias": {"$in": ["best"]}}', "filters", ["alias"])
    >>> condition({"alias": ["latest", "best"]}), condition({"alias": []})
    (True, False)
    """
    query = read_object(text, argument) if text else {}
    return _Reader(argument, fields).read(query)


def in_order(
    nodes: Sequence[_Node], order: str | None, fields_of: Callable[[_Node], Fields]
) -> Sequence[_Node]:
    """The nodes in an order of the client, as `-created_at`; without one they stay.

    >>> in_order(["b", "a"], "+name", lambda node: {"name": node})
    ['a', 'b']
    """
    key = (order or "").removeprefix("+")
    field = key.removeprefix("-")
    if not field or not nodes:
        return nodes
    if not isinstance(fields_of(nodes[0]).get(field), (str, int, float)):
        raise ConfigError(f"order: no order by {field[:80]!r}", field="order")
    return sorted(nodes, key=lambda node: fields_of(node)[field], reverse=key.startswith("-"))


class _Reader:
    """Reads one filter, and counts its comparisons."""

    def __init__(self, argument: str, fields: Sequence[str]) -> None:
        self._argument = argument
        self._fields = fields
        self._n_comparisons = 0

    def read(self, query: Any, depth: int = 1) -> Condition:
        if depth > MAX_DEPTH:
            raise self._error(f"a filter is nested at most {MAX_DEPTH} deep")
        if not isinstance(query, dict):
            raise self._error(f"an object is expected, not {query!r:.80}")
        parts = [
            self._read_part(str(key), inner, depth)
            for key, inner in cast("dict[Any, Any]", query).items()
        ]
        return lambda fields: all(part(fields) for part in parts)

    def _read_part(self, key: str, inner: Any, depth: int) -> Condition:
        if key == "$not":
            negated = self.read(inner, depth + 1)
            return lambda fields: not negated(fields)
        if key in {"$and", "$or", "$nor"}:
            if not isinstance(inner, list):
                raise self._error(f"{key}: a list is expected, not {inner!r:.80}")
            parts = [self.read(part, depth + 1) for part in cast("list[Any]", inner)]
            if key == "$and":
                return lambda fields: all(part(fields) for part in parts)
            return lambda fields: any(part(fields) for part in parts) == (key == "$or")
        name, _, path = key.partition(".")
        if name not in self._fields or (path and name != "metadata"):
            raise self._error(f"no field {key[:80]!r}; there are {', '.join(self._fields)}")
        test = self._read_test(inner, depth)
        return lambda fields: test(_value_at(fields.get(name), path))

    def _read_test(self, inner: Any, depth: int) -> Callable[[Any], bool]:
        """The test of one field's value."""
        if depth > MAX_DEPTH:
            raise self._error(f"a filter is nested at most {MAX_DEPTH} deep")
        if not isinstance(inner, dict):
            return self._comparison("$eq", inner, depth)
        tests = [
            self._comparison(str(key), operand, depth)
            for key, operand in cast("dict[Any, Any]", inner).items()
        ]
        return lambda value: all(test(value) for test in tests)

    def _comparison(self, key: str, operand: Any, depth: int) -> Callable[[Any], bool]:
        self._n_comparisons += 1
        if self._n_comparisons > _MAX_COMPARISONS:
            raise self._error(f"a filter has at most {_MAX_COMPARISONS} comparisons")
        if key == "$not":
            negated = self._read_test(operand, depth + 1)
            return lambda value: not negated(value)
        if key in _ORDERINGS:
            compare = _ORDERINGS[key]
            return lambda value: any(
                _are_comparable(element, operand) and compare(element, operand)
                for element in _elements(value)
            )
        if key in {"$eq", "$ne"}:
            return lambda value: (operand in _elements(value)) == (key == "$eq")
        if key in {"$in", "$nin", "$all"}:
            listed = self._list(key, operand)
            if key == "$all":
                return lambda value: all(part in _elements(value) for part in listed)
            return lambda value: (
                any(element in listed for element in _elements(value)) == (key == "$in")
            )
        if key == "$exists":
            return lambda value: (value is not None) == bool(operand)
        if key == "$size":
            return lambda value: isinstance(value, list) and len(cast("Any", value)) == operand
        if key in {"$regex", "$contains"}:
            if not isinstance(operand, str):
                raise self._error(f"{key}: a text is expected, not {operand!r:.80}")
            matches = _text_test(key, operand, self._argument)
            return lambda value: any(
                isinstance(element, str) and matches(element) for element in _elements(value)
            )
        raise self._error(f"no operator {key[:80]!r}")

    def _list(self, key: str, operand: Any) -> list[Any]:
        if not isinstance(operand, list):
            raise self._error(f"{key}: a list is expected, not {operand!r:.80}")
        listed = cast("list[Any]", operand)
        if len(listed) > _MAX_LISTED:
            raise self._error(f"{key}: at most {_MAX_LISTED} values")
        return listed

    def _error(self, problem: str) -> FilterError:
        return FilterError(f"{self._argument}: {problem}", field=self._argument)


def _text_test(key: str, operand: str, argument: str) -> Callable[[str], bool]:
    if key == "$regex":
        return compile_pattern(operand, field=argument)
    return lambda text: operand in text


def _value_at(value: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        value = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return value


def _elements(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _are_comparable(value: Any, operand: Any) -> bool:
    if isinstance(value, str):
        return isinstance(operand, str)
    return isinstance(value, (int, float)) and isinstance(operand, (int, float))
