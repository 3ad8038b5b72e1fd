"""The shapes of questions about runs and of their answers, as in `docs/http-api.md`. Pure."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from weft.queries.filters import Filter, Order

Function = Literal["count", "mean", "min", "max", "std", "last", "values"]
"""Of the runs of a group: `count` those that have a value; the next four are over finite numbers
and bools (`std` with n - 1); `last` is the value of the newest run that has one."""

Scope = Literal["run", "config", "summary", "writer"]
"""Where columns come from; all but `run` are the first part of their names."""

ColumnOrder = Literal["name", "use"]
"""`use`: those that most runs have come first."""

MAX_RUNS: Final = 100_000
"""That one request may name, or do something with."""

MAX_BY: Final = 8
MAX_COLUMNS: Final = 1000


class Under(msgspec.Struct, frozen=True):
    """The runs of one group: the values of the columns that they are grouped by.

    Attributes:
        values: as `GroupInfo.values` has them; as many as `by` or fewer.
    """

    by: tuple[str, ...]
    values: tuple[Any, ...]


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


class TableRow(msgspec.Struct, frozen=True):
    """A run in a table.

    Attributes:
        color: see `RunInfo`.
        values: by the columns asked for; None also where the run has none. Texts are cut as in
            lists of runs.
    """

    id: str
    name: str
    state: str
    color: int
    values: list[Any]


class TablePage(msgspec.Struct, frozen=True):
    """Runs as rows of a table; `total` on all pages, `cursor` None = this was the last."""

    rows: list[TableRow]
    cursor: str | None
    total: int


class Aggregate(msgspec.Struct, frozen=True):
    """One figure of each group, from one column of its runs."""

    column: str
    function: Function


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


class GroupInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group of runs.

    Attributes:
        values: of the columns of `by` down to this level, as `weft.queries.filter_json` has
            them; `{"_type": "missing"}` = its runs have none.
        aggregates: in the order asked for; None = no run has a number (two for `std`), or any
            value (for `values`: the most frequent ones, with how many runs have each).
        groups: those inside it, the first ones, if more levels were asked for.
        n_groups: how many there are inside it.
    """

    values: list[Any]
    n_runs: int
    aggregates: list[Any]
    groups: list[GroupInfo] | None = None
    n_groups: int | None = None


class GroupPage(msgspec.Struct, frozen=True):
    """Groups of one level; `total` on all pages."""

    groups: list[GroupInfo]
    cursor: str | None
    total: int


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


class ColumnInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A column that some runs of a project have.

    Attributes:
        kinds: of `number, bool, text, none, nonfinite, other`, how many runs.
        samples: some different values, of the newest runs first.
        hidden: it is the summary of a metric that all runs with it hide.
        goal: `minimize` or `maximize`, if it is the summary of a metric with a goal.
    """

    column: str
    kinds: dict[str, int]
    n_runs: int
    samples: list[Any]
    hidden: bool
    goal: str | None


class ColumnPage(msgspec.Struct, frozen=True):
    """Columns in the order asked for; `total` on all pages."""

    columns: list[ColumnInfo]
    cursor: str | None
    total: int
