"""Reads the needs of a query from its syntax tree. Pure.

`service` loads only that: the tables that it names, the columns that occur in it, and the rows
that its conditions don't rule out (`restrictions`). The answer is the same as if everything were
loaded.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from weft.errors import ConfigError
from weft.server.services.sql.restrictions import Restriction, Source, joined_runs, restrict
from weft.server.services.sql.trees import (
    LOGGED_SCHEMA,
    RUN_TABLES,
    TABLES,
    Tree,
    conjuncts_of,
    nodes,
    with_names,
)

_SETTINGS: Final = frozenset({"current_setting", "getenv"})
"""Functions that reveal details of the server's machine, such as where its data is."""

_TABLE_FUNCTIONS: Final = frozenset(
    {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat", "repeat_row"}
)


@dataclass(slots=True)
class TableNeeds:
    """The columns and rows of one table that are needed: all columns for `*`, and a restriction
    for each time the query names the table.
    """

    every_column: bool = False
    mentions: list[Restriction] = field(default_factory=list[Restriction])

    def bounds(self) -> tuple[float | None, float | None]:
        """The range of steps `[lo, hi)` that contains all needed rows; None if unbounded."""
        lo = min(mention.lo for mention in self.mentions)
        hi = max(mention.hi for mention in self.mentions)
        return (None if lo == -math.inf else lo), (None if hi == math.inf else hi)

    def keys(self) -> frozenset[str] | None:
        """The metrics of `points` that are needed; None if all are."""
        keys: frozenset[str] = frozenset()
        for mention in self.mentions:
            if mention.keys is None:
                return None
            keys |= mention.keys
        return keys


@dataclass(slots=True)
class Needs:
    """The tables, columns and rows that a query needs.

    Tables are by name, logged ones with their schema; `names` is everything that could be a
    column's, in lower case; `paths` those used after `config.` and `summary.`, as written.
    """

    tables: dict[str, TableNeeds]
    names: frozenset[str]
    paths: dict[str, list[tuple[str, ...]]]

    @property
    def logged(self) -> dict[str, TableNeeds]:
        """The needs for tables that scripts logged, by metric."""
        prefix = f"{LOGGED_SCHEMA}."
        return {
            name.removeprefix(prefix): needs
            for name, needs in self.tables.items()
            if name.startswith(prefix)
        }


def read_tree(text: str) -> Needs:
    """Read the needs of a query from the JSON of its tree; ConfigError if unsupported."""
    try:
        return _read(msgspec.json.decode(text))
    except (RecursionError, msgspec.DecodeError):
        raise ConfigError("the query is nested too deeply") from None


def _read(document: Tree) -> Needs:
    if document.get("error"):
        raise ConfigError(_refusal(document))
    statements: list[Tree] = document["statements"]
    if len(statements) != 1:
        raise ConfigError("one query at a time, please")
    needs = Needs({}, frozenset(), {"config": [], "summary": []})
    names: set[str] = set()
    for node in nodes(statements[0]):
        kind = node.get("type")
        if kind == "SELECT_NODE":
            _read_select(node, needs)
        elif kind == "TABLE_FUNCTION":
            _check_function(node)
        elif kind == "FUNCTION" and str(node.get("function_name")).lower() in _SETTINGS:
            raise ConfigError(f"the function {node['function_name']} is not available here")
        elif kind == "JOIN" and node.get("ref_type") == "NATURAL":
            raise ConfigError("NATURAL JOIN is not supported: name the columns with USING")
        elif kind == "COLUMN_REF":
            parts: list[str] = node["column_names"]
            names.update(part.lower() for part in parts)
            _note_path(parts, needs)
        for column in node.get("using_columns", ()):
            names.add(column.lower())
        for entry in with_names(node):
            if entry.lower() in TABLES:
                raise ConfigError(f"{entry} is a table here: give the WITH part another name")
    needs.names = frozenset(names)
    for table in needs.tables.values():
        if not table.mentions:
            table.mentions.append(Restriction())
    return needs


def _refusal(document: Tree) -> str:
    message = str(document.get("error_message", "it can't be read"))
    if "Only SELECT" in message:
        return "only queries are answered: SELECT, FROM, WITH, VALUES, DESCRIBE, SUMMARIZE"
    message = message.partition(" Use ")[0]
    position = str(document.get("position", ""))
    where = f" at column {int(position) + 1}" if position.isdecimal() else ""
    return f"the query can't be read{where}: {message}"


def _check_function(node: Tree) -> None:
    name = str(node.get("function", {}).get("function_name", "")).lower()
    if name not in _TABLE_FUNCTIONS:
        raise ConfigError(f"the table function {name} is not available here")


def _note_path(parts: Sequence[str], needs: Needs) -> None:
    # Either `config.lr` or, with an alias, `r.config.lr`.
    for start in (0, 1):
        if len(parts) > start + 1 and parts[start].lower() in needs.paths:
            path = tuple(parts[start + 1 :])
            paths = needs.paths[parts[start].lower()]
            if path not in paths:
                paths.append(path)
            return


def _read_select(node: Tree, needs: Needs) -> None:
    source = Source()
    _read_from(node.get("from_table", {}), source)
    source.is_unrestricted = source.is_unrestricted or "sample" in node
    has_star = _has_star(node, [alias for alias, _ in source.tables])
    where: Tree | None = node.get("where_clause")
    conjuncts = list(conjuncts_of(where)) if where is not None else []
    if source.is_inner:
        conjuncts += [part for condition in source.conditions for part in conjuncts_of(condition)]
    for alias, name in source.tables:
        table = needs.tables.setdefault(name, TableNeeds())
        table.every_column = table.every_column or has_star
        restriction = Restriction()
        if not source.is_unrestricted:
            for condition in conjuncts:
                restrict(restriction, condition, alias, name)
            if source.is_inner and name not in RUN_TABLES:
                restriction.among += joined_runs(source, conjuncts, alias)
        table.mentions.append(restriction)


def _read_from(tree: Tree, source: Source) -> None:
    kind = tree.get("type")
    if "sample" in tree:
        source.is_unrestricted = True
    if kind == "JOIN":
        if tree.get("ref_type") not in {"REGULAR", "CROSS"}:
            source.is_unrestricted = True
        join = tree.get("join_type", "INNER")
        if join != "INNER":
            source.is_inner = False
        if join in {"SEMI", "ANTI"}:
            # A name may match a column of the right table, which conditions can't refer to here.
            source.is_unrestricted = True
        condition: Tree | None = tree.get("condition")
        if condition is not None:
            source.conditions.append(condition)
        _read_from(tree["left"], source)
        _read_from(tree["right"], source)
        return
    source.n_leaves += 1
    if kind != "BASE_TABLE":
        return
    path: list[str] = tree.get("qualified_name", {}).get("path") or [str(tree.get("table_name"))]
    alias = str(tree.get("alias") or path[-1]).lower()
    if len(path) > 1 and path[-2].lower() == LOGGED_SCHEMA:
        source.tables.append((alias, f"{LOGGED_SCHEMA}.{path[-1]}"))
    elif path[-1].lower() in TABLES:
        source.tables.append((alias, path[-1].lower()))


def _has_star(node: Tree, aliases: Sequence[str]) -> bool:
    """Whether a SELECT's own expressions use all columns: `*`, or a table's alias as a value."""
    waiting: list[Any] = [
        value for key, value in node.items() if key not in {"from_table", "cte_map"}
    ]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            inner: dict[str, Any] = value
            if inner.get("type") == "STAR":
                return True
            if inner.get("type") == "COLUMN_REF" and inner["column_names"][-1].lower() in aliases:
                return True
            if inner.get("class") != "SUBQUERY":
                waiting.extend(inner.values())
            else:
                waiting.append(inner.get("child"))
    return False
