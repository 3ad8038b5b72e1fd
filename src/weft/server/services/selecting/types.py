"""The shapes of questions about runs and of their answers, as in `docs/http-api.md`. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from weft.queries.filters import Filter, Order
from weft.wire.selecting import (
    Aggregate,
    ColumnOrder,
    Scope,
    Under,
)

MAX_BY: Final = 8
MAX_COLUMNS: Final = 1000


class RunQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs, in which order, from where on.

    Attributes:
        search: part of id, name, notes, a tag, group or job type, case folded; with `regex` a
            pattern of RE2 that is found in one of them.
        trashed: those in the trash instead of those that are not.
        offset: how many to skip; after the cursor, if there is one.
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


class GroupQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs, and what they are grouped by.

    Attributes:
        by: columns, the outermost first. A run is in a group of each of its tags.
        under: values of the first of them: the groups inside that one are asked for.
        levels: how many levels of groups to answer.
        order: of the groups, each a column of the level, `n_runs`, or an aggregate that is asked
            for as `mean(summary.loss)`; by default by value.
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


class ColumnQuestion(msgspec.Struct, frozen=True, kw_only=True):
    """Which columns.

    Attributes:
        search: words that are all in the name, case folded; with `regex` a pattern of RE2 found
            in it.
        scope: None = those of all scopes.
        has_goal: only summaries of metrics with a goal.
    """

    search: str = ""
    regex: bool = False
    scope: Scope | None = None
    has_goal: bool = False
    order: ColumnOrder = "name"
    limit: int = 1000
    cursor: str | None = None
