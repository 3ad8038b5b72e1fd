"""The runs of a list that a view shows, by its eyes. Pure.

The web app has the same rules in `web/src/data/runs/shown-runs.ts`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from weft.queries.shown import FIRST_SHOWN, first_shown

Json = Mapping[str, Any]
_MISSING: Final = {"_type": "missing"}


def shown_runs(
    document: Json, rows: Sequence[Json], first_groups: Sequence[Any] = ()
) -> list[Json]:
    """The rows of runs that a view shows, of those that it lists, in their order.

    Args:
        document: the view.
        rows: of its list; in a view with groups with the columns that these are made by.
        first_groups: values of the first groups of its list, one more than are shown.

    >>> rows = [{"id": str(n), "state": "finished"} for n in range(12)]
    >>> [row["id"] for row in shown_runs({"selection": {"off": ["0"]}}, rows)][:2]
    ['1', '2']
    """
    selection = document.get("selection") or {}
    base = selection.get("base", "newest")
    if document.get("groupBy"):
        ids = {row["id"] for row in rows if _is_group_shown(document, base, row, first_groups)}
    elif base == "newest":
        running = [row["id"] for row in rows if row["state"] == "running"]
        ids = set(first_shown([row["id"] for row in rows], running))
    else:
        ids = {row["id"] for row in rows} if base == "all" else set()
    ids = (ids - set(selection.get("off", ()))) | set(selection.get("on", ()))
    return [row for row in rows if row["id"] in ids]


def _is_group_shown(document: Json, base: str, row: Json, first_groups: Sequence[Any]) -> bool:
    """Whether a run's group is shown: an inner group may differ from the outer ones."""
    by = document["groupBy"]
    of_columns = [_values(row, at, column) for at, column in enumerate(by)]
    groups = [
        {_key(values) for values in itertools.product(*of_columns[:depth])}
        for depth in range(1, len(by) + 1)
    ]
    first = {_key([value]) for value in first_groups[:FIRST_SHOWN]}
    is_shown = base == "all" or (
        base == "newest" and (len(first_groups) <= FIRST_SHOWN or not first.isdisjoint(groups[0]))
    )
    hidden = {_key(json.loads(group)) for group in document.get("hiddenGroups") or ()}
    shown = {_key(json.loads(group)) for group in document.get("shownGroups") or ()}
    for ids in groups:
        is_shown = (is_shown and hidden.isdisjoint(ids)) or not shown.isdisjoint(ids)
    return is_shown


def _values(row: Json, at: int, column: str) -> Sequence[Any]:
    """The groups of a run by one column: one for each of its tags or labels."""
    value = row["values"][at]
    if value is None:
        return [None if at in row.get("nulls", ()) else _MISSING]
    if isinstance(value, list) and (column == "tags" or column.startswith("writer.")):
        return value or [_MISSING]
    return [value]


def _key(values: Sequence[Any]) -> str:
    """A text that equal groups share, whether a number is written as 1 or as 1.0.

    >>> _key([1.0, "a"]) == _key([1, "a"]), _key([True]) == _key([1])
    (True, False)
    """
    numbers = [
        int(value) if isinstance(value, float) and value.is_integer() else value
        for value in values
    ]
    return json.dumps(numbers, sort_keys=True)
