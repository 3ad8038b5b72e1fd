"""Config, summary and history values in JSON answers: no number in a list is taken for a text.

Outside lists a non-finite number is a word, as everywhere in the API. Inside a list it is an
object, `{"_type": "float", "value": "NaN"}`, which edits and filters take as well. Pure.
"""

from __future__ import annotations

from typing import Any, Final

from weft.records.value import tagged_in_lists

_VALUES: Final = ("config", "summary", "summary_set")


def tag_run(run: dict[str, Any]) -> dict[str, Any]:
    """A run, or what a script needs to resume it.

    >>> tag_run({"id": "a", "config": {"w": [float("inf")]}})
    {'id': 'a', 'config': {'w': [{'_type': 'float', 'value': 'Infinity'}]}}
    """
    return {name: tagged_in_lists(of) if name in _VALUES else of for name, of in run.items()}


def tag_runs(page: dict[str, Any]) -> dict[str, Any]:
    """A page of runs."""
    return {**page, "runs": [tag_run(run) for run in page["runs"]]}


def tag_history(page: dict[str, Any]) -> dict[str, Any]:
    """A page of history.

    >>> tag_history({"rows": [{"loss": 0.5, "w": [float("inf")]}], "cursor": None})["rows"]
    [{'loss': 0.5, 'w': [{'_type': 'float', 'value': 'Infinity'}]}]
    """
    return {**page, "rows": [tagged_in_lists(row) for row in page["rows"]]}


def tag_rows(page: dict[str, Any]) -> dict[str, Any]:
    """A page of a table, whose rows have the values of some columns."""
    rows = [{**row, "values": [*map(tagged_in_lists, row["values"])]} for row in page["rows"]]
    return {**page, "rows": rows}


def tag_columns(page: dict[str, Any]) -> dict[str, Any]:
    """A page of columns, with some values of each."""
    columns = [
        {**one, "samples": [*map(tagged_in_lists, one["samples"])]} for one in page["columns"]
    ]
    return {**page, "columns": columns}
