"""Reads the cells of columns from the database."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any, Final, cast

from weft.records.merge import join_path, split_path
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS
from weft.server.services.access.paths import ProjectPath
from weft.server.storage.metadata import TEXT, MetadataStore, Part, Row, Scope, Transaction

MAX_RUNS_TOGETHER: Final = 1000
"""The most runs whose values of many columns are read in one statement."""

_MAX_DOTS: Final = 6
"""A path with more dots is read only as nested dicts or as one key that contains dots."""

_SCOPES: Final[dict[str, tuple[Scope, ...]]] = {
    "config": ("config",),
    "summary": ("logged", "set"),
    "metric": ("logged",),
}
"""By root, the scopes of its values. If a run has several, the last one counts.

`metric` has the last value of each metric, also where a script set another in the summary.
"""

OWN_COLUMNS: Final = frozenset({*RUN_COLUMNS, "color"}.difference(ARTIFACT_COLUMNS))
"""Columns of the runs' own rows. No query names `color`, but every table row has it."""


class CellReader:
    """Reads cells of one project's columns.

    Attributes:
        owners: by prefix of the names of other projects' versions, the project.
    """

    def __init__(self, metadata: MetadataStore, project_id: int) -> None:
        self._metadata = metadata
        self._project_id = project_id
        self.owners: dict[str, ProjectPath] = {}

    def cells_of_paths(
        self, tx: Transaction, names: Sequence[str], row_ids: Sequence[int]
    ) -> dict[str, list[Sequence[Row]]]:
        """Cells of some runs, by column of config or summary, all columns with one statement."""
        table = self._metadata.run_columns
        paths = {name: _paths_of_name(name) for name in names}
        ids = table.path_ids(
            tx, sorted({path for alternatives in paths.values() for path in alternatives})
        )
        answers: dict[str, list[Sequence[Row]]] = {}
        for root, scopes in _SCOPES.items():
            columns = [name for name in names if name.partition(".")[0] == root]
            path_ids = {ids[path] for name in columns for path in paths[name] if path in ids}
            cells: dict[tuple[int, str], list[Row]] = {}
            for first in range(0, len(row_ids), MAX_RUNS_TOGETHER):
                rows = table.of_some(
                    tx, scopes, sorted(path_ids), row_ids[first : first + MAX_RUNS_TOGETHER],
                    as_logged=root == "metric",
                )  # fmt: skip
                for path_id, scope, *cell in rows:
                    cells.setdefault((path_id, scope), []).append(cast("Row", tuple(cell)))
            for name in columns:
                answers[name] = [
                    cells.get((ids[path], scope), [])
                    for path in reversed(paths[name])
                    if path in ids
                    for scope in scopes
                ]
        return answers

    def cells(
        self, tx: Transaction, name: str, row_ids: Sequence[int], *, are_all: bool
    ) -> list[Sequence[Row]]:
        table = self._metadata.run_columns
        requested = None if are_all else row_ids
        if name in OWN_COLUMNS:
            return [table.of_runs(tx, self._project_id, name, requested)]
        if name in ARTIFACT_COLUMNS:
            action = "use" if name == "used" else "log"
            uses = self._metadata.artifact_uses
            versions = uses.versions_of_runs(tx, self._project_id, action, requested)
            for version in versions:
                if version.prefix:
                    self.owners[version.prefix] = ProjectPath(version.entity, version.project)
            return [_cells_of_texts([(version.run_row_id, version.name) for version in versions])]
        root, _, path = name.partition(".")
        if root == "writer":
            return [_cells_of_label(table.labels(tx, self._project_id, requested), path)]
        paths = _paths_of_name(name)
        ids = table.path_ids(tx, paths)
        return [
            table.of_fields(
                tx, ids[joined], scope, row_ids, are_all=are_all, as_logged=root == "metric"
            )
            for joined in reversed(paths)
            if joined in ids
            for scope in _SCOPES[root]
        ]


def paths_of(path: str) -> list[str]:
    r"""Joined paths that a path in a filter may mean, itself first: keys may contain dots.

    >>> paths_of("val.acc")
    ['val.acc', 'val\\.acc']
    """
    parts = split_path(path)
    n_dots = len(parts) - 1
    joined_paths = [path, join_path(parts)]
    if n_dots > _MAX_DOTS:
        joined_paths.append(join_path([".".join(parts)]))
    else:
        for joins in itertools.product((False, True), repeat=n_dots):
            joined = [parts[0]]
            for is_joined, part in zip(joins, parts[1:], strict=True):
                if is_joined:
                    joined[-1] += f".{part}"
                else:
                    joined.append(part)
            joined_paths.append(join_path(joined))
    return list(dict.fromkeys(joined_paths))


def metric_column(key: str) -> str:
    r"""The column of the last values of a metric.

    >>> metric_column("val.acc")
    'metric.val\\.acc'
    """
    return f"metric.{join_path((key,))}"


def _paths_of_name(name: str) -> list[str]:
    root, _, path = name.partition(".")
    return [path] if root == "metric" else paths_of(path)


def part_of(name: str) -> Part:
    """The part of a run whose changes change a column."""
    if name in OWN_COLUMNS:
        return "run"
    if name in ARTIFACT_COLUMNS:
        return "artifacts"
    root = name.partition(".")[0]
    return "writers" if root == "writer" else "config" if root == "config" else "summary"


def has_path(name: str) -> bool:
    return name.partition(".")[0] in _SCOPES


def _cells_of_label(rows: Sequence[tuple[int, str]], label: str) -> list[Row]:
    values: set[tuple[int, str]] = set()
    parsed: dict[str, Any] = {}
    for row_id, text in rows:
        labels = parsed.get(text)
        if labels is None:
            labels = parsed[text] = json.loads(text)
        if label in labels:
            values.add((row_id, str(labels[label])))
    return _cells_of_texts(sorted(values))


def _cells_of_texts(rows: Sequence[tuple[int, str]]) -> list[Row]:
    """One cell for each run, with its texts in the order of the rows."""
    values: dict[int, list[str]] = {}
    for row_id, text in rows:
        values.setdefault(row_id, []).append(text)
    return [
        (row_id, TEXT, None, json.dumps(texts, ensure_ascii=False))
        for row_id, texts in values.items()
    ]
