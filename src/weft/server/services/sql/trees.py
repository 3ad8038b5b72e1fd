"""Syntax trees from DuckDB's `json_serialize_sql`: functions to walk them and read their names.

Pure. Used by `syntax` and `restrictions`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from weft.records.run_columns import RUN_COLUMNS

Tree: TypeAlias = Mapping[str, Any]

RUN_TABLES: Final = frozenset({"runs", "configs", "summaries"})
"""Tables made from metadata: loaded first, so that they can restrict the rows of the others."""

ROW_TABLES: Final = frozenset({"history", "system", "points"})
TABLES: Final = RUN_TABLES | ROW_TABLES

LOGGED_SCHEMA: Final = "tables"
"""The schema of the tables that scripts logged: `tables."val/predictions"`."""

COLUMNS_OF_RUNS: Final = frozenset(
    {*RUN_COLUMNS, "config", "summary", "config_json", "summary_json"}
)
"""Columns of the table `runs`."""


def nodes(tree: Any) -> Iterator[Tree]:
    """All JSON objects in the tree, in any order."""
    waiting = [tree]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            node: dict[str, Any] = value
            yield node
            waiting.extend(node.values())
        elif isinstance(value, list):
            waiting.extend(value)


def with_names(node: Tree) -> list[str]:
    """The names that a WITH clause defines."""
    cte_map: Tree = node.get("cte_map") or {}
    entries: list[Tree] = cte_map.get("map") or []
    return [str(entry.get("key", "")) for entry in entries]


def parts_of(tree: Tree) -> list[str]:
    """The parts of a column's name in lower case; empty if the tree is not a column."""
    if tree.get("type") != "COLUMN_REF":
        return []
    return [str(part).lower() for part in tree["column_names"]]


def conjuncts_of(tree: Tree) -> Iterator[Tree]:
    """The conditions that a condition joins with AND, or the condition itself."""
    if tree.get("type") == "CONJUNCTION_AND":
        for child in tree["children"]:
            yield from conjuncts_of(child)
    else:
        yield tree


def statement_of(query: Tree) -> str:
    """The document for a query's tree that `json_deserialize_sql` accepts."""
    return msgspec.json.encode({"error": False, "statements": [query]}).decode()
