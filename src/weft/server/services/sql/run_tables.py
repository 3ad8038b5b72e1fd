"""The tables made from metadata: `runs`, `configs`, `summaries`.

They contain the columns that a query names, read from the typed columns that filters use, too
(`services.selecting`). Reads metadata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import msgspec
import numpy as np

from weft.errors import ConfigError
from weft.records.merge import join_path, nest
from weft.records.run_columns import RUN_COLUMNS, ColumnKind, columns_of_kind
from weft.records.value import json_safe, tagged_in_lists
from weft.server.services.access.actors import Actor
from weft.server.services.selecting.select import MISSING, column_values, select_runs
from weft.server.services.sql.syntax import Needs
from weft.server.services.sql.tables import Table, creation, quote
from weft.server.services.stores.stores import Stores
from weft.tables.batches import DTYPES, Field, FieldType, TableBatch, Values, texts_of

_RUNS_AT_ONCE: Final = 500
_LEAVES_AT_ONCE: Final = 100_000

_JSONS: Final = ("config_json", "summary_json")
_TIMES: Final = columns_of_kind("time")
_LISTS: Final = columns_of_kind("texts")
_TYPES: Final[dict[ColumnKind, FieldType]] = {"time": "int", "seconds": "float", "text": "text"}

_encode: Final = msgspec.json.Encoder().encode


class RunTables:
    """One query's view of the runs of a project, newest first."""

    def __init__(self, stores: Stores, actor: Actor, project_id: int, needs: Needs) -> None:
        self._stores = stores
        self._actor = actor
        self._project_id = project_id
        self._needs = needs
        selected = select_runs(stores, actor, project_id, None)
        self.runs = selected.ids
        self._row_ids = selected.row_ids

    def make(self, name: str) -> Table:
        """The table `runs`, `configs` or `summaries`."""
        if name == "runs":
            return self._runs_table()
        root = "config" if name == "configs" else "summary"
        fields = [
            Field("run", "text"),
            Field("path", "text"),
            Field("value", "float"),
            Field("text", "text"),
        ]
        return Table(fields, creation(name, fields), self._leaves(root))

    def _runs_table(self) -> Table:
        needs, names = self._needs.tables["runs"], self._needs.names
        column_names = [
            name for name in (*RUN_COLUMNS, *_JSONS) if needs.every_column or name in names
        ]
        column_names = column_names or ["id"]
        fields: list[Field] = []
        columns: list[Values] = []
        selected: list[str] = []
        for name in column_names:
            field, column = self._run_column(name)
            fields.append(field)
            columns.append(column)
            quoted = quote(name)
            selected.append(
                f"make_timestamp({quoted}) AS {quoted}"
                if name in _TIMES
                else f"from_json({quoted}, '[\"VARCHAR\"]') AS {quoted}"
                if name in _LISTS
                else f"{quoted}::JSON AS {quoted}"
                if name in _JSONS
                else quoted
            )
        for root, paths in self._needs.paths.items():
            tree: dict[str, Any] = {}
            for path in paths:
                field, column = self._path_column(root, path, len(fields))
                fields.append(field)
                columns.append(column)
                _put(tree, path, field.name)
            if tree:
                selected.append(f"{_struct(tree)} AS {root}")
        create = f"CREATE TABLE runs AS SELECT {', '.join(selected)} FROM source"
        return Table(fields, create, iter([TableBatch(len(self.runs), columns)]))

    def _run_column(self, name: str) -> tuple[Field, Values]:
        if name == "id":
            return Field(name, "text"), Values(texts_of(self.runs))
        if name in _JSONS:
            root = name.partition("_")[0]
            texts = [_json_text(nest(sorted(leaves.items()))) for leaves in self._all_leaves(root)]
            return Field(name, "text"), Values(texts_of(texts))
        values = column_values(self._stores, self._actor, self._project_id, name, self._row_ids)
        if name in _LISTS:
            tags: list[Any] = [[] if value is MISSING else value for value in values]
            return Field(name, "text"), Values(texts_of([_json_text(tag) for tag in tags]))
        kind = _TYPES[RUN_COLUMNS[name].kind]
        return Field(name, kind), _column_of(values, kind)

    def _path_column(self, root: str, path: Sequence[str], index: int) -> tuple[Field, Values]:
        joined = join_path(path)
        values = column_values(
            self._stores, self._actor, self._project_id, f"{root}.{joined}", self._row_ids
        )
        present = [value for value in values if value is not MISSING and value is not None]
        if not present:
            raise ConfigError(f"no run has {root}.{joined}{self._near_paths(root, joined)}")
        kind = _kind_of(present)
        return Field(f"{root}{index}", kind), _column_of(values, kind)

    def _near_paths(self, root: str, joined: str) -> str:
        paths = {path for leaves in self._all_leaves(root) for path in leaves}
        near = get_close_matches(joined, paths, n=3)
        return f"; there is {', '.join(f'{root}.{path}' for path in near)}" if near else ""

    def _all_leaves(self, root: str) -> Iterator[dict[str, Any]]:
        metadata = self._stores.metadata
        for first in range(0, len(self._row_ids), _RUNS_AT_ONCE):
            row_ids: list[int] = self._row_ids[first : first + _RUNS_AT_ONCE].tolist()
            with metadata.read() as tx:
                fields = metadata.fields.read(tx, row_ids)
            for row_id in row_ids:
                scopes = fields[row_id]
                summary = {**scopes["set"], **scopes["logged"]}
                yield scopes["config"] if root == "config" else summary

    def _leaves(self, root: str) -> Iterator[TableBatch]:
        every = zip(self.runs, self._all_leaves(root), strict=True)
        while True:
            rows: list[tuple[str, str, Any]] = []
            for run, leaves in every:
                rows += [(run, path, value) for path, value in leaves.items()]
                if len(rows) >= _LEAVES_AT_ONCE:
                    break
            if not rows:
                return
            values = [value for _, _, value in rows]
            numbers = [value if isinstance(value, (int, float)) else None for value in values]
            texts = [
                None
                if isinstance(value, (int, float)) or value is None
                else value
                if isinstance(value, str)
                else _json_text(value)
                for value in values
            ]
            columns = [
                Values(texts_of([run for run, _, _ in rows])),
                Values(texts_of([path for _, path, _ in rows])),
                _column_of(numbers, "float"),
                _column_of(texts, "text"),
            ]
            yield TableBatch(len(rows), columns)


def _put(tree: dict[str, Any], path: Sequence[str], column: str) -> None:
    *above, name = path
    for part in above:
        below = tree.setdefault(part.lower(), {})
        if not isinstance(below, dict):
            raise ConfigError(f"{'.'.join(path)} is below a value that the query also names")
        tree = below
    if isinstance(tree.get(name.lower()), dict):
        raise ConfigError(f"{'.'.join(path)} also has values below it that the query names")
    tree[name.lower()] = column


def _struct(tree: Mapping[str, Any]) -> str:
    inner = ", ".join(
        f"{quote(name)} := {_struct(child) if isinstance(child, dict) else quote(child)}"
        for name, child in tree.items()
    )
    return f"struct_pack({inner})"


def _json_text(value: Any) -> str:
    return _encode(json_safe(tagged_in_lists(value))).decode()


def _kind_of(values: Sequence[Any]) -> FieldType:
    """The type of a column of config or summary values."""
    if all(isinstance(value, bool) for value in values):
        return "bool"
    if any(not isinstance(value, (int, float)) for value in values):
        return "text"
    is_whole = all(type(value) is int and -(2**63) <= value < 2**63 for value in values)
    return "int" if is_whole else "float"


def _column_of(values: Sequence[Any], kind: FieldType) -> Values:
    valid = np.array(
        [value is not None and value is not MISSING for value in values], dtype=np.bool_
    )
    if kind == "text":
        texts = [
            "" if not is_valid else value if isinstance(value, str) else _json_text(value)
            for value, is_valid in zip(values, valid.tolist(), strict=True)
        ]
        return Values(texts_of(texts), valid)
    plain = [
        value if is_valid else 0 for value, is_valid in zip(values, valid.tolist(), strict=True)
    ]
    return Values(np.array(plain, dtype=DTYPES[kind]), valid)
