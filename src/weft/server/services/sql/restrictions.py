"""Restrictions of the runs and rows that a query can use, from its conditions. Pure.

Only a condition that must hold for every row used restricts: an AND-ed part of a WHERE or of the
condition of an inner join. A condition that is not understood restricts nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from weft.server.services.sql.trees import (
    COLUMNS_OF_RUNS,
    RUN_TABLES,
    Tree,
    nodes,
    parts_of,
    with_names,
)

_VOLATILE: Final = frozenset(
    {"random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7", "nextval", "currval", "setseed"}
)
"""Functions whose result differs when a query is run a second time."""

_FLIPPED: Final = {
    "COMPARE_LESSTHAN": "COMPARE_GREATERTHAN",
    "COMPARE_GREATERTHAN": "COMPARE_LESSTHAN",
    "COMPARE_LESSTHANOREQUALTO": "COMPARE_GREATERTHANOREQUALTO",
    "COMPARE_GREATERTHANOREQUALTO": "COMPARE_LESSTHANOREQUALTO",
    "COMPARE_EQUAL": "COMPARE_EQUAL",
}


@dataclass(slots=True)
class Restriction:
    """The rows that one mention of a table can use.

    Attributes:
        runs: run ids. If None, any.
        among: queries over `RUN_TABLES`, as trees, each of which returns ids of runs; a row's run
            must be in all of them.
        lo, hi: bounds of the step; they may be wider than written, never narrower.
        present: columns, in lower case, that must have a value for a row to be used.
    """

    runs: frozenset[str] | None = None
    among: list[Tree] = field(default_factory=list["Tree"])
    keys: frozenset[str] | None = None
    lo: float = -math.inf
    hi: float = math.inf
    present: set[str] = field(default_factory=set[str])


@dataclass(slots=True)
class Source:
    """The tables that a SELECT reads from directly.

    Attributes:
        tables: the lower-case alias and the name of each table in `TABLES`, or of a logged one
            with its schema.
        is_unrestricted: whether leaving out rows could change what other rows join with, as with
            ASOF joins and samples; then nothing is restricted.
        n_leaves: number of tables of any kind that it reads, including subqueries.
    """

    tables: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    conditions: list[Tree] = field(default_factory=list["Tree"])
    is_inner: bool = True
    is_unrestricted: bool = False
    n_leaves: int = 0


def restrict(restriction: Restriction, condition: Tree, alias: str, table: str) -> None:
    """Narrow a restriction by a condition that must hold; none of those handled holds for NULL."""
    kind = str(condition.get("type"))
    if kind == "OPERATOR_IS_NOT_NULL":
        restriction.present.add(_column(condition["children"][0], alias) or "")
    elif kind == "COMPARE_BETWEEN":
        column = _column(condition["input"], alias)
        if column is None:
            return
        for end, bound in (
            ("lower", "COMPARE_GREATERTHANOREQUALTO"),
            ("upper", "COMPARE_LESSTHANOREQUALTO"),
        ):
            _restrict_by(restriction, column, bound, _constant(condition[end]))
    elif kind in _FLIPPED:
        for column_side, other, comparison in (
            ("left", "right", kind),
            ("right", "left", _FLIPPED[kind]),
        ):
            column = _column(condition[column_side], alias)
            value = _constant(condition[other])
            if column is not None and value is not None:
                _restrict_by(restriction, column, comparison, value)
    elif kind == "COMPARE_IN":
        column = _column(condition["children"][0], alias)
        values = [_constant(child) for child in condition["children"][1:]]
        texts = frozenset(value for value in values if isinstance(value, str))
        if len(texts) == len(set(values)):
            _restrict_to(restriction, column, texts)
    elif kind == "SUBQUERY" and condition.get("subquery_type") == "ANY":
        is_equal = condition.get("comparison_type") == "COMPARE_EQUAL"
        query: Tree = condition["subquery"]
        if (
            is_equal
            and table not in RUN_TABLES
            and _column(condition["child"], alias) == "run"
            and _is_of_runs(query)
        ):
            restriction.among.append(query)


def _restrict_by(
    restriction: Restriction, column: str, comparison: str, value: float | str | None
) -> None:
    if value is None:
        return
    restriction.present.add(column)
    if comparison == "COMPARE_EQUAL" and isinstance(value, str):
        _restrict_to(restriction, column, frozenset({value}))
    if column != "step" or isinstance(value, str):
        return
    if comparison != "COMPARE_LESSTHAN" and comparison != "COMPARE_LESSTHANOREQUALTO":
        restriction.lo = max(restriction.lo, math.nextafter(value, -math.inf))
    if comparison != "COMPARE_GREATERTHAN" and comparison != "COMPARE_GREATERTHANOREQUALTO":
        restriction.hi = min(restriction.hi, math.nextafter(value, math.inf))


def _restrict_to(restriction: Restriction, column: str | None, texts: frozenset[str]) -> None:
    if column == "run":
        restriction.runs = texts if restriction.runs is None else restriction.runs & texts
    elif column == "key":
        restriction.keys = texts if restriction.keys is None else restriction.keys & texts


def _column(tree: Tree, alias: str) -> str | None:
    """The column's name if the expression is just a column of the table with this alias."""
    if tree.get("type") != "COLUMN_REF":
        return None
    parts: list[str] = [part.lower() for part in tree["column_names"]]
    if len(parts) == 2 and parts[0] == alias:
        return parts[1]
    return parts[0] if len(parts) == 1 else None


def _constant(tree: Tree) -> float | str | None:
    if tree.get("type") == "FUNCTION" and tree.get("function_name") == "-":
        arguments: list[Tree] = tree.get("arguments", [])
        inner = _constant(arguments[0]["expression"]) if len(arguments) == 1 else None
        return -inner if isinstance(inner, float) else None
    literal: Any = tree.get("literal") if tree.get("type") == "VALUE_CONSTANT" else None
    if not isinstance(literal, dict):
        return None
    text = str(literal.get("text", ""))
    if literal.get("kind") == "STRING":
        return text
    try:
        return float(text)
    except ValueError:
        return None


def _is_of_runs(query: Tree) -> bool:
    """Whether a subquery reads only `runs` and returns the same rows whenever it is run."""
    n_selects = 0
    for node in nodes(query):
        kind = node.get("type")
        if kind in _NOT_ALONE or "sample" in node or with_names(node) or _is_volatile(node):
            return False
        if kind == "SELECT_NODE":
            n_selects += 1
        if kind == "BASE_TABLE" and str(node.get("table_name")).lower() != "runs":
            return False
    return n_selects == 1 and all(_is_run_column(node) for node in nodes(query))


_NOT_ALONE: Final = frozenset(
    {"SUBQUERY", "TABLE_FUNCTION", "JOIN", "RECURSIVE_CTE_NODE", "LIMIT_MODIFIER"}
    | {"LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"}
)


def _is_volatile(node: Tree) -> bool:
    return str(node.get("function_name", "")).lower() in _VOLATILE


def _is_run_column(node: Tree) -> bool:
    if node.get("type") != "COLUMN_REF":
        return True
    first = str(node["column_names"][0]).lower()
    return first in COLUMNS_OF_RUNS or first == "runs"


def joined_runs(source: Source, conjuncts: Sequence[Tree], alias: str) -> list[Tree]:
    """Queries for the runs that rows must belong to, because they are joined with `runs` by id."""
    queries: list[Tree] = []
    for runs_alias, name in source.tables:
        if name != "runs" or not any(
            _joins(condition, alias, runs_alias) for condition in conjuncts
        ):
            continue
        others = {other for other, _ in source.tables} - {runs_alias}
        about = [
            condition
            for condition in conjuncts
            if _is_about_runs(condition, runs_alias, others, alone=source.n_leaves == 2)
        ]
        if about:
            queries.append(_ids_where(runs_alias, about))
    return queries


def _joins(condition: Tree, alias: str, runs_alias: str) -> bool:
    if condition.get("type") != "COMPARE_EQUAL":
        return False
    sides = [parts_of(condition["left"]), parts_of(condition["right"])]
    of_rows = ([alias, "run"], ["run"])
    of_runs = ([runs_alias, "id"], ["id"])
    return any(
        first in of_rows and second in of_runs for first, second in (sides, list(reversed(sides)))
    )


def _is_about_runs(condition: Tree, runs_alias: str, others: set[str], *, alone: bool) -> bool:
    """Whether a condition uses only columns of `runs`."""
    n_columns = 0
    for node in nodes(condition):
        if node.get("class") == "SUBQUERY" or _is_volatile(node):
            return False
        if node.get("type") == "COLUMN_REF":
            n_columns += 1
            parts = parts_of(node)
            if parts[0] == runs_alias and len(parts) > 1:
                continue
            if not alone or parts[0] in others or parts[0] not in COLUMNS_OF_RUNS:
                return False
    return n_columns > 0


def _ids_where(alias: str, conditions: list[Tree]) -> Tree:
    where: Tree = (
        conditions[0]
        if len(conditions) == 1
        else {"class": "CONJUNCTION", "type": "CONJUNCTION_AND", "children": conditions}
    )
    select = {
        "type": "SELECT_NODE",
        "cte_map": {},
        "select_list": [
            {"class": "COLUMN_REF", "type": "COLUMN_REF", "column_names": [alias, "id"]}
        ],
        "from_table": {
            "type": "BASE_TABLE",
            "alias": alias,
            "table_name": "runs",
            "qualified_name": {"path": ["runs"]},
        },
        "where_clause": where,
        "aggregate_handling": "STANDARD_HANDLING",
    }
    return {"node": select}
