"""Reads filters and columns of W&B's public API, a form of MongoDB's query language. Pure.

This is what `wandb.Api().runs(filters=…)` takes according to its documentation (docs.wandb.ai,
"Query and export data", 2026-11):
`{"$and": [{"config.lr": {"$gt": 0.1}}, {"state": "finished"}]}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.errors import FilterError
from weft.queries.filters import (
    MAX_DEPTH,
    PATH_ROOTS,
    And,
    Comparison,
    Filter,
    Not,
    Operator,
    Or,
    check_filter,
    kind_of_column,
    unknown_column,
)
from weft.records.run_columns import RUN_COLUMNS
from weft.records.value import with_ints

_COLUMNS: Final = {
    "name": "id",
    "display_name": "name",
    "displayName": "name",
    "created_at": "created",
    "createdAt": "created",
    "started_at": "started",
    "startedAt": "started",
    "heartbeat_at": "heartbeat",
    "heartbeatAt": "heartbeat",
    "updated_at": "heartbeat",
    "stopped_at": "ended",
    "stoppedAt": "ended",
    "jobType": "job_type",
    "username": "user",
    "duration": "runtime",
    "computeSeconds": "runtime",
    "description": "notes",
}
_ROOTS: Final = {"summary_metrics": "summary", "summaryMetrics": "summary"}

_COMPARED: Final[dict[str, Operator]] = {
    "$eq": "=",
    "$gt": ">",
    "$gte": ">=",
    "$lt": "<",
    "$lte": "<=",
}


def filter_from_wandb(query: Any) -> Filter:
    """Convert a filter in W&B's form to a tree; None becomes a filter that every run matches.

    As in MongoDB, `{"group": null}` matches runs without a group, and `$ne` and `$nin` match runs
    that lack the column. In W&B `name` is a run's id and `display_name` its visible name.

    >>> filter_from_wandb({"config.lr.value": {"$gt": 0.1}})
    Comparison(column='config.lr', op='>', value=0.1)
    """
    tree = And(()) if query is None else _tree(query, "filters", 1)
    check_filter(tree)
    return tree


def column_from_wandb(name: str) -> str:
    """The column for W&B's name of it; names that W&B does not use stay the same.

    >>> column_from_wandb("summary_metrics.loss"), column_from_wandb("config.opt.value.lr")
    ('summary.loss', 'config.opt.lr')
    """
    column = _COLUMNS.get(name, name)
    root, dot, path = column.partition(".")
    root = _ROOTS.get(root, root)
    if root == "config" and dot:
        # W&B stores each key of a config as {"value": …, "desc": …}.
        key, *rest = path.split(".")
        if rest and rest[0] == "value":
            rest = rest[1:]
        path = ".".join([key, *rest])
    if root not in PATH_ROOTS and column not in RUN_COLUMNS:
        raise unknown_column(name)
    column = f"{root}.{path}" if dot else root
    kind_of_column(column)
    return column


def _tree(query: Any, path: str, depth: int) -> Filter:
    if depth > MAX_DEPTH:
        raise FilterError(f"a filter is nested at most {MAX_DEPTH} deep")
    if not isinstance(query, Mapping):
        raise FilterError(f"{path}: an object is expected, not {query!r:.80}")
    parts = [
        _part(str(word), inner, f"{path}.{word}", depth)
        for word, inner in cast("Mapping[Any, Any]", query).items()
    ]
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _part(word: str, inner: Any, path: str, depth: int) -> Filter:
    if word in {"$and", "$or", "$nor"}:
        if not isinstance(inner, (list, tuple)):
            raise FilterError(f"{path}: a list is expected, not {inner!r:.80}")
        listed = tuple(
            _tree(part, f"{path}[{i}]", depth + 1)
            for i, part in enumerate(cast("list[Any]", inner))
        )
        if word == "$and":
            return And(listed)
        return Or(listed) if word == "$or" else Not(Or(listed))
    if word == "$not":
        return Not(_tree(inner, path, depth + 1))
    if word.startswith("$"):
        raise FilterError(
            f"{path}: not an operator of W&B's filters; there are $and, $or, $nor, $not"
        )
    column = column_from_wandb(word)
    return _of_column(column, inner, path, depth)


def _of_column(column: str, inner: Any, path: str, depth: int) -> Filter:
    if depth > MAX_DEPTH:
        raise FilterError(f"a filter is nested at most {MAX_DEPTH} deep")
    conditions = cast("dict[Any, Any]", inner) if isinstance(inner, dict) else {}
    if not conditions or "_type" in conditions:
        return _compare(column, "=", with_ints(inner))
    parts = tuple(
        _condition(column, str(op), value, conditions, path, depth)
        for op, value in conditions.items()
        if op != "$options"
    )
    return parts[0] if len(parts) == 1 else And(parts)


def _condition(
    column: str, op: str, value: Any, conditions: Mapping[Any, Any], path: str, depth: int
) -> Filter:
    if op in _COMPARED:
        return _compare(column, _COMPARED[op], with_ints(value))
    if op == "$ne":
        return Not(_compare(column, "=", with_ints(value)))
    if op in {"$in", "$nin"}:
        if not isinstance(value, (list, tuple)):
            raise FilterError(f"{path}.{op}: a list is expected, not {value!r:.80}")
        listed = [with_ints(element) for element in cast("list[Any]", value)]
        tree = _in(column, listed)
        return tree if op == "$in" else Not(tree)
    if op == "$exists":
        return Comparison(column, "exists", bool(value))
    if op == "$regex":
        if not isinstance(value, str):
            raise FilterError(f"{path}.$regex: a text is expected, not {value!r:.80}")
        flags = "".join(flag for flag in str(conditions.get("$options", "")) if flag in "ims")
        return Comparison(column, "regex", f"(?{flags}){value}" if flags else value)
    if op == "$not":
        return Not(_of_column(column, value, f"{path}.$not", depth + 1))
    raise FilterError(
        f"{path}.{op}: not an operator of W&B's filters; there are {', '.join(_OPERATORS)}"
    )


def _compare(column: str, op: Operator, value: Any) -> Filter:
    if value is None and op == "=":
        missing = Comparison(column, "exists", False)
        if kind_of_column(column) != "any":
            return missing
        return Or((missing, Comparison(column, "=", None)))
    return Comparison(column, op, _fitting(column, value))


def _in(column: str, values: list[Any]) -> Filter:
    present = tuple(_fitting(column, value) for value in values if value is not None)
    listed = Comparison(column, "in", present)
    if len(present) == len(values):
        return listed
    return Or((listed, _compare(column, "=", None)))


def _fitting(column: str, value: Any) -> Any:
    if column == "state" and isinstance(value, str):
        return value.lower()  # W&B's pages capitalize states
    if kind_of_column(column) in {"text", "texts"} and isinstance(value, (int, float)):
        return str(value)
    return value


_OPERATORS: Final = (*_COMPARED, "$ne", "$in", "$nin", "$exists", "$regex", "$not")
