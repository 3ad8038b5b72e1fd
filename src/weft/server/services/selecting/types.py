"""The shapes of queries about runs, as in `docs/http-api.md`. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from weft.queries.filters import Filter, Order
from weft.wire.runs.selecting import Aggregate, ColumnOrder, Scope, Under

MAX_BY: Final = 8
MAX_COLUMNS: Final = 1000


class RunSelection(msgspec.Struct, frozen=True, kw_only=True):
    """A query for runs: filter, order and page.

    `search` is words that the id, name, notes, tags, group or job type contain, each in any of
    them, ignoring case; with `regex`, an RE2 pattern. `offset` counts from the cursor if there is
    one.
    """

    tree: Filter | None = None
    order: tuple[Order, ...] = ()
    search: str = ""
    regex: bool = False
    under: Under | None = None
    trashed: bool = False
    limit: int = 1000
    offset: int = 0
    cursor: str | None = None


class GroupSelection(msgspec.Struct, frozen=True, kw_only=True):
    """A query for groups of runs: filter, columns and page.

    Attributes:
        by: columns, the outermost first. A run is in one group for each of its tags.
        under: values of the first columns of `by`; only the groups inside that group are returned.
        levels: number of levels of groups to return.
        order: sort keys of the groups, each a column of the level, `n_runs`, or a requested
            aggregate such as `mean(summary.loss)`. Defaults to the groups' values.
    """

    tree: Filter | None = None
    search: str = ""
    regex: bool = False
    by: tuple[str, ...]
    under: tuple[Any, ...] = ()
    levels: int = 1
    aggregates: tuple[Aggregate, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int = 100
    cursor: str | None = None


class ColumnSelection(msgspec.Struct, frozen=True, kw_only=True):
    """A query for columns.

    Attributes:
        search: words that the name must all contain, ignoring case; with `regex`, an RE2 pattern
            to find in it.
        scope: the scope to list. If None, all scopes.
        has_goal: list only summaries of metrics with a goal.
    """

    search: str = ""
    regex: bool = False
    scope: Scope | None = None
    has_goal: bool = False
    order: ColumnOrder = "name"
    limit: int = 1000
    cursor: str | None = None
