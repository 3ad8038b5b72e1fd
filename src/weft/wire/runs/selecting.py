"""Queries over all runs of a project: runs, tables, groups and columns."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.queries.filters import Order
from weft.records.definition import GOALS
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.projects.live import SeenMicros
from weft.wire.runs.runs import Cursor, Limit, RunList, Total

MAX_OFFSET: Final = 2**53
MAX_LEVELS: Final = 8

Function = Literal["count", "mean", "min", "max", "std", "last", "values"]
"""Aggregates over the runs of a group.

`count` counts the runs that have a value; the next four use finite numbers and bools (`std` with
n - 1); `last` is the value of the newest run that has one.
"""

Scope = Literal["run", "config", "summary", "writer"]
"""Sources of columns. Except for `run`, it is the first part of their names."""

ColumnOrder = Literal["name", "use"]
"""Orders of columns. `use`: columns of the most runs come first."""

_FILTER: Final = Meta(description="a filter tree, or its text")


class FilterToRead(RequestBody, frozen=True):
    """A filter in either form."""

    filter: Annotated[dict[str, Any] | str, _FILTER]


class FilterForms(Struct, frozen=True):
    """A filter in both forms."""

    tree: dict[str, Any]
    text: str


class Under(RequestBody, frozen=True):
    """Restricts a query to the runs of one group."""

    by: tuple[str, ...]
    values: Annotated[
        tuple[Any, ...],
        Meta(description="values as in groups, for the columns in `by` or for the first of them"),
    ]


class RunQuery(RequestBody, frozen=True, kw_only=True):
    """The runs to return, with their order and columns."""

    filter: Annotated[FilterForm, _FILTER] = None
    order: Annotated[
        list[Order] | str, Meta(description="sort keys, or their text: `-created,config.lr`")
    ] = "-created"
    search: Annotated[
        str, Meta(description="words to find in id, name, notes, tags, group or job type")
    ] = ""
    regex: Annotated[bool, Meta(description="whether `search` is an RE2 pattern")] = False
    under: Under | None = None
    columns: Annotated[
        list[str] | None, Meta(description="return table rows of these columns instead of runs")
    ] = None
    limit: Limit = 1000
    offset: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_OFFSET,
            description="how many runs to skip, after the cursor if one is given",
        ),
    ] = 0
    cursor: str | None = None


class TableRow(Struct, frozen=True, omit_defaults=True):
    """A run in a table."""

    id: str
    name: str
    state: str
    color: Annotated[int, Meta(description="number in the palette, as in a run")]
    values: Annotated[
        list[Any],
        Meta(description="one for each of `columns`, texts cut as in lists; null also if missing"),
    ]
    nulls: Annotated[
        tuple[int, ...],
        Meta(description="positions in `values` of nulls that were logged; others are missing"),
    ] = ()


class Table(Struct, frozen=True):
    """A page of runs as table rows."""

    rows: list[TableRow]
    cursor: Cursor
    total: Annotated[int, Meta(description="number of matches on all pages")]


class Aggregate(RequestBody, frozen=True):
    """A value to compute for each group from one column of its runs."""

    column: str
    function: Annotated[
        Function,
        Meta(
            description="`values`: the five most frequent values, each with its number of runs, "
            "and how many distinct values there are, as `{values: [{value, n_runs}], n_values}`"
        ),
    ]


class GroupQuery(RequestBody, frozen=True, kw_only=True):
    """The runs to group, and the columns to group by."""

    filter: Annotated[FilterForm, _FILTER] = None
    search: str = ""
    regex: bool = False
    by: Annotated[
        list[str],
        Meta(description="columns, outermost first; a run is in a group for each of its tags"),
    ]
    under: Annotated[
        list[Any],
        Meta(
            description="values of the first columns in `by`: return the groups inside that group"
        ),
    ] = []
    levels: Annotated[int, Meta(ge=1, le=MAX_LEVELS)] = 1
    aggregates: list[Aggregate] = []
    order: Annotated[
        list[Order],
        Meta(
            description="a column of `by`, `n_runs`, or an aggregate such as `mean(summary.loss)`"
        ),
    ] = []
    limit: Limit = 100
    cursor: str | None = None


class Group(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group of runs."""

    values: Annotated[
        list[Any],
        Meta(
            description='one for each of `by` down to this level; `{"_type": "missing"}`: no value'
        ),
    ]
    n_runs: int
    aggregates: Annotated[
        list[Any],
        Meta(description="in the order requested; null: no run has a value to aggregate"),
    ]
    groups: Annotated[list[Group] | None, Meta(description="the first groups inside this one")] = (
        None
    )
    n_groups: Annotated[int | None, Meta(description="number of groups inside this one")] = None


class GroupList(Struct, frozen=True):
    """A page of the groups of one level."""

    groups: list[Group]
    cursor: Cursor
    total: Total


class Column(Struct, frozen=True, kw_only=True):
    """A column that some runs have."""

    column: str
    kinds: Annotated[
        dict[str, int],
        Meta(description="number of runs by kind: number, bool, text, none, nonfinite, other"),
    ]
    n_runs: int
    samples: Annotated[list[Any], Meta(description="some distinct values, the newest runs' first")]
    hidden: Annotated[
        bool, Meta(description="whether it is of a metric that every run with it hides")
    ]
    goal: Annotated[
        str | None,
        one_of(*GOALS, None, description="goal of the metric that the column summarizes"),
    ]


class ColumnList(Struct, frozen=True):
    """A page of columns: by name, `run` columns first, or columns of the most runs first."""

    columns: list[Column]
    cursor: Cursor
    total: Total


_filters = Endpoints("/api/v1/filters", tag="runs")
_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="runs")


@_filters.post("/parse")
def parse_filter(source: FilterToRead) -> FilterForms:
    """Parse a filter; return both of its forms, the tree and the text as the server writes it."""


@_project.post("/runs/query")
def query_runs(
    entity: str, project: str, query: RunQuery, *, seen_micros: SeenMicros = None
) -> RunList | Table:
    """Query the runs that match a filter, in any order, as runs or as rows of some columns."""


@_project.post("/runs/groups")
def group_runs(entity: str, project: str, query: GroupQuery) -> GroupList:
    """Group runs by the values of columns, nested, with aggregates of each group."""


@_project.get("/columns")
def list_columns(
    entity: str,
    project: str,
    *,
    search: str = "",
    regex: bool = False,
    scope: Scope | None = None,
    has_goal: bool = False,
    order: Annotated[
        ColumnOrder, Meta(description="`use`: columns of most runs first; of as many, by name")
    ] = "name",
    limit: Limit = 1000,
    cursor: str | None = None,
) -> ColumnList:
    """List the columns that runs of a project have, with kinds, counts and some values."""
