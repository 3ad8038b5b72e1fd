"""Filters of run sets: W&B's two forms, and weft's text. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from weft.errors import FilterError
from weft.queries.filter_text import format_filter, parse_filter
from weft.queries.filters import And, Comparison, Filter, Not, Operator, Or, seconds_from_span
from weft.queries.wandb_filters import filter_from_wandb
from weft.wandb_gateway.reports.columns import column_of_key, key_of_column

V2: Final = "filterV2"

_MONGO: Final = {
    "=": "$eq",
    "==": "$eq",
    "!=": "$ne",
    "<": "$lt",
    "<=": "$lte",
    ">": "$gt",
    ">=": "$gte",
    "IN": "$in",
    "NIN": "$nin",
}

_COMPARED: Final[frozenset[Operator]] = frozenset({"=", "<", "<=", ">", ">="})

_ALL: Final = And(())


def filter_text_of(filters: Any) -> str:
    """The text of a filter in either of W&B's forms. Conditions that weft can't have are left
    out; the client's own form, which is stored, still has them.

    >>> key = {"section": "config", "name": "lr.value"}
    >>> leaf = {"key": key, "op": ">=", "value": 0.1}
    >>> filter_text_of({"filterFormat": "filterV2", "filters": [leaf]})
    'config.lr >= 0.1'
    >>> filter_text_of({"op": "OR", "filters": [{"op": "AND", "filters": [leaf]}]})
    'config.lr >= 0.1'
    """
    if not isinstance(filters, Mapping):
        return ""
    source = cast("Mapping[str, Any]", filters)
    tree = (
        _of_items(_objects(source.get("filters")))
        if source.get("filterFormat") == V2
        else _of_tree(source)
    )
    return "" if tree is None or tree == _ALL else format_filter(tree)


def filters_of_text(text: str) -> dict[str, Any] | None:
    """W&B's form of a filter; None if it has none, as with patterns.

    >>> items = filters_of_text("config.lr >= 0.1 or state = finished")["filters"]
    >>> [(item["key"]["name"], item["op"], item.get("connector")) for item in items]
    [('lr.value', '>=', None), ('state', '=', 'OR')]
    """
    try:
        tree = parse_filter(text)
        items = _items_of(tree)
    except (FilterError, _Inexpressible):
        return None
    return {"filterFormat": V2, "filters": items}


class _Inexpressible(Exception):
    """A condition that W&B's filters don't have."""


def _of_items(items: Sequence[Mapping[str, Any]]) -> Filter | None:
    """A flat list, in which `and` binds closer than `or`."""
    alternatives: list[list[Filter]] = [[]]
    for item in items:
        nested = item.get("filters")
        part = _of_items(_objects(nested)) if isinstance(nested, list) else _leaf(item)
        if part is None:
            continue
        if item.get("connector") == "OR" and alternatives[-1]:
            alternatives.append([])
        alternatives[-1].append(part)
    return _joined(Or, [_joined(And, parts) for parts in alternatives])


def _of_tree(node: Mapping[str, Any]) -> Filter | None:
    if node.get("key"):
        return _leaf(node)
    kind = Or if node.get("op") == "OR" else And
    parts = [_of_tree(child) for child in _objects(node.get("filters"))]
    return _joined(kind, parts)


def _joined(kind: type[And | Or], parts: Sequence[Filter | None]) -> Filter | None:
    present = tuple(part for part in parts if part is not None)
    if not present:
        return None
    return present[0] if len(present) == 1 else kind(present)


def _leaf(item: Mapping[str, Any]) -> Filter | None:
    key, op, value = item.get("key"), item.get("op"), item.get("value")
    if item.get("disabled") or not isinstance(key, Mapping):
        return None
    source = cast("Mapping[str, Any]", key)
    column = column_of_key(source)
    if column is None:
        return None
    try:
        if op == "WITHINSECONDS":
            return parse_filter(f"{column} >= -{int(cast('float', value))}s")
        if source.get("section") == "tags" and isinstance(value, bool):
            tagged = Comparison("tags", "=", source["name"])
            return tagged if value == (op != "!=") else Not(tagged)
        return filter_from_wandb({column: {_MONGO[str(op)]: value}})
    except (FilterError, KeyError, TypeError, ValueError):
        return None


def _items_of(tree: Filter) -> list[dict[str, Any]]:
    match tree:
        case Or(of=parts):
            return _connected([_items_of(part) for part in parts], "OR")
        case And(of=parts):
            return _connected([_conjunct(part) for part in parts], "AND")
        case _:
            return [_item_of(tree)]


def _conjunct(tree: Filter) -> list[dict[str, Any]]:
    items = _items_of(tree)
    return [{"filters": items}] if isinstance(tree, Or) and len(items) > 1 else items


def _connected(parts: list[list[dict[str, Any]]], connector: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    for first, *rest in filter(None, parts):
        items += [{**first, "connector": connector} if items else first, *rest]
    return items


def _item_of(tree: Filter) -> dict[str, Any]:
    match tree:
        case Comparison(column="created", op=">" | ">=", value=str(age)) if age.startswith("-"):
            return _leaf_of("created", "WITHINSECONDS", seconds_from_span(age[1:]))
        case Comparison(column=column, op="in", value=value):
            return _leaf_of(column, "IN", list(value))
        case Comparison(column=column, op=op, value=value) if op in _COMPARED:
            return _leaf_of(column, op, value)
        case Not(of=Comparison(column=column, op="=", value=value)):
            return _leaf_of(column, "!=", value)
        case Not(of=Comparison(column=column, op="in", value=value)):
            return _leaf_of(column, "NIN", list(value))
        case _:
            raise _Inexpressible


def _leaf_of(column: str, op: str, value: Any) -> dict[str, Any]:
    return {"key": key_of_column(column), "op": op, "value": value, "disabled": False}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
