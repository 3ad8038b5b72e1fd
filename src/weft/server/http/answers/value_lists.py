"""Tags nonfinite numbers in lists of config, summary and history values in JSON answers.

Outside lists a nonfinite number is a word, as everywhere in the API. Inside a list, where it could
be mistaken for a text, it is an object, `{"_type": "float", "value": "NaN"}`, which edits and
filters accept as well. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from weft.records.value import tagged_in_lists
from weft.wire.metrics.metrics import History
from weft.wire.runs.continuation import Continuation
from weft.wire.runs.runs import Run, RunList
from weft.wire.runs.selecting import ColumnList, Table

_VALUES: Final = ("config", "summary", "summary_set")


def tag_lists(answer: Any, plain: Any) -> Any:
    """An answer as dicts and lists, with nonfinite numbers in its lists of values tagged."""
    tag = next((tag for of, tag in _TAGS.items() if isinstance(answer, of)), None)
    return plain if tag is None else tag(plain)


def _run(run: dict[str, Any]) -> dict[str, Any]:
    """A run, or its continuation.

    >>> _run({"id": "a", "config": {"w": [float("inf")]}})
    {'id': 'a', 'config': {'w': [{'_type': 'float', 'value': 'Infinity'}]}}
    """
    return {name: tagged_in_lists(of) if name in _VALUES else of for name, of in run.items()}


def _runs(page: dict[str, Any]) -> dict[str, Any]:
    return {**page, "runs": [_run(run) for run in page["runs"]]}


def _history(page: dict[str, Any]) -> dict[str, Any]:
    """A page of history.

    >>> _history({"rows": [{"loss": 0.5, "w": [float("inf")]}], "cursor": None})["rows"]
    [{'loss': 0.5, 'w': [{'_type': 'float', 'value': 'Infinity'}]}]
    """
    return {**page, "rows": [tagged_in_lists(row) for row in page["rows"]]}


def _rows(page: dict[str, Any]) -> dict[str, Any]:
    """A page of a table, whose rows have the values of some columns."""
    rows = [{**row, "values": [*map(tagged_in_lists, row["values"])]} for row in page["rows"]]
    return {**page, "rows": rows}


def _columns(page: dict[str, Any]) -> dict[str, Any]:
    """A page of columns, with some values of each."""
    columns = [
        {**column, "samples": [*map(tagged_in_lists, column["samples"])]}
        for column in page["columns"]
    ]
    return {**page, "columns": columns}


_TAGS: Final[Mapping[type, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    Run: _run,
    RunList: _runs,
    Continuation: _run,
    History: _history,
    Table: _rows,
    ColumnList: _columns,
}
