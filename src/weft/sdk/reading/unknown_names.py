"""Warns about columns of a filter or an order that match nothing, and unknown metrics of `keys=`.

A run may get such a name later, so this is a warning and not an error. The server is asked at most
once per name: for the metrics of a table before it is read, otherwise only for names that are
missing from the first page of an answer. Does network I/O.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast

from weft.client.api_client import ApiClient, Json
from weft.errors import WeftError
from weft.queries.filters import PATH_ROOTS, And, Comparison, Filter, Not, Or
from weft.records.merge import split_path
from weft.records.nearest import did_you_mean
from weft.sdk.guard import warn_caller
from weft.wire.metrics.metrics import list_metrics
from weft.wire.runs.selecting import Column, Scope, list_columns

_warned_names: Final[set[tuple[str | None, ...]]] = set()
_lock: Final = threading.Lock()
_MAX_PARTS: Final = 3
"""Parts of a nested value that a warning names."""


def notes_on_query(
    client: ApiClient,
    entity: str,
    project: str,
    tree: Filter | None,
    order: Sequence[str],
    runs: Sequence[Json],
) -> Iterator[str]:
    """A warning for each column of a filter and an order that selects or sorts nothing."""
    yield from notes_on_columns(client, entity, project, [*columns_in(tree), *order], runs)
    yield from notes_on_order(order, runs)


def notes_on_columns(
    client: ApiClient, entity: str, project: str, columns: Iterable[str], runs: Sequence[Json]
) -> Iterator[str]:
    """A warning for each column that no run of the project has.

    Those that a run of `runs`, the first page of an answer, has are not checked.
    """
    for column in columns:
        root, _, path = column.partition(".")
        names = split_path(path)
        if root not in PATH_ROOTS or any(_has(run.get(root), names) for run in runs):
            continue
        if _is_new(client.url, entity, project, None, column):
            with suppress(WeftError):  # the hint is not worth an error
                yield from _ask_for_column(client, entity, project, root, names)


def notes_on_order(columns: Iterable[str], runs: Sequence[Json]) -> Iterator[str]:
    """A warning for each column of an order that has parts, and so no value to sort by.

    >>> list(notes_on_order(["summary.loss"], [{"summary": {"loss": {"min": 1, "max": 2}}}]))
    ["'summary.loss' is no single value: sort by summary.loss.min, summary.loss.max"]
    """
    for column in columns:
        root, _, path = column.partition(".")
        if root not in PATH_ROOTS:
            continue
        values = [value for run in runs for value in _values(run.get(root), split_path(path))]
        parts = [part for value in values if isinstance(value, Mapping) for part in value]
        if parts and all(isinstance(value, Mapping) for value in values):
            keys = [f"{column}.{part}" for part in [*dict.fromkeys(parts)][:_MAX_PARTS]]
            yield f"{column!r} is no single value: sort by {', '.join(keys)}"


def warn_of_metrics(
    client: ApiClient,
    entity: str,
    project: str,
    run_id: str | None,
    keys: Iterable[str],
    rows: Sequence[Json] = (),
) -> None:
    """Warn about each metric that the run, or if None no run of the project, has.

    Those that a row of `rows`, the first page of an answer, has are not checked.
    """
    for key in keys:
        if any(key in row for row in rows):
            continue
        if _is_new(client.url, entity, project, run_id, key):
            with suppress(WeftError):
                _ask_for_metric(client, entity, project, run_id, key)


def columns_in(tree: Filter | None) -> list[str]:
    """Return the columns that a run must have for a comparison of the filter to hold, each once.

    >>> columns_in(And((Comparison("config.lr", ">", 1), Comparison("config.x", "exists", False))))
    ['config.lr']
    """
    columns: dict[str, None] = {}
    pending: list[Filter] = [] if tree is None else [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (And, Or)):
            pending += reversed(node.of)
        elif isinstance(node, Not):
            pending.append(node.of)
        elif isinstance(node, Comparison) and not (node.op == "exists" and node.value is False):
            columns[node.column] = None
    return list(columns)


def _is_new(*name: str | None) -> bool:
    with _lock:
        if name in _warned_names:
            return False
        _warned_names.add(name)
        return True


def _has(value: Any, names: Sequence[str]) -> bool:
    """Return whether nested dicts have a value at this path; their keys may contain dots."""
    return any(True for _ in _values(value, names))


def _values(value: Any, names: Sequence[str]) -> Iterator[Any]:
    if not names:
        yield value
    if not isinstance(value, Mapping):
        return
    tree = cast("Mapping[str, Any]", value)
    for n_parts in range(1, len(names) + 1):
        name = ".".join(names[:n_parts])
        if name in tree:
            yield from _values(tree[name], names[n_parts:])


def _ask_for_column(
    client: ApiClient, entity: str, project: str, root: str, names: Sequence[str]
) -> Iterator[str]:
    path = ".".join([root, *names])
    scope = cast("Scope", root)
    page = client.call(list_columns, entity, project, scope=scope, search=names[-1])
    if page.cursor is None and path not in _plain(page.columns):
        existing = _plain(client.call(list_columns, entity, project, scope=scope).columns)
        if path in existing:  # it was added between the two requests
            return
        yield f"no run of {entity}/{project} has {path!r}{did_you_mean(path, existing)}"


def _plain(columns: Iterable[Column]) -> list[str]:
    return [".".join(split_path(column.column)) for column in columns]


def _ask_for_metric(
    client: ApiClient, entity: str, project: str, run_id: str | None, key: str
) -> None:
    page = client.call(list_metrics, entity, project, runs=run_id, search=key)
    if page.cursor is None and all(metric.key != key for metric in page.metrics):
        metrics = client.call(list_metrics, entity, project, runs=run_id).metrics
        existing = [metric.key for metric in metrics]
        if key in existing:  # it was added between the two requests
            return
        subject = f"no run of {entity}/{project}" if run_id is None else f"run {run_id}"
        verb = "has a metric" if run_id is None else "has no metric"
        warn_caller(f"{subject} {verb} {key!r}{did_you_mean(key, existing)}")
