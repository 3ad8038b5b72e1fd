"""Questions over all runs of a project: which runs, rows of columns, groups, and which columns."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.queries.filters import Order
from weft.records.definition import GOALS
from weft.wire.choices import one_of
from weft.wire.runs import MAX_PAGE, Cursor, Total

MAX_OFFSET: Final = 2**53
MAX_LEVELS: Final = 8

Function = Literal["count", "mean", "min", "max", "std", "last", "values"]
"""Of the runs of a group: `count` those that have a value; the next four are over finite numbers
and bools (`std` with n - 1); `last` is the value of the newest run that has one."""

Scope = Literal["run", "config", "summary", "writer"]
"""Where columns come from; all but `run` are the first part of their names."""

ColumnOrder = Literal["name", "use"]
"""`use`: columns of most runs come first."""

_FILTER: Final = Meta(description="a tree, or its text")


class FilterToRead(Struct, frozen=True, forbid_unknown_fields=True):
    """A filter in either form."""

    filter: Annotated[dict[str, Any] | str, _FILTER]


class FilterForms(Struct, frozen=True):
    """A filter in both forms."""

    tree: dict[str, Any]
    text: str


class Under(Struct, frozen=True, forbid_unknown_fields=True):
    """The runs of one group."""

    by: tuple[str, ...]
    values: Annotated[
        tuple[Any, ...], Meta(description="as groups have them; as many as `by` or fewer")
    ]


class RunQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which runs, in which order, and what of them."""

    filter: Annotated[FilterForm, _FILTER] = None
    order: Annotated[list[Order] | str, Meta(description="or as text: `-created,config.lr`")] = (
        "-created"
    )
    search: Annotated[
        str, Meta(description="part of id, name, notes, a tag, group or job type")
    ] = ""
    regex: Annotated[bool, Meta(description="`search` is a pattern of RE2")] = False
    under: Under | None = None
    columns: Annotated[
        list[str] | None, Meta(description="answer rows of these instead of runs")
    ] = None
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000
    offset: Annotated[
        int,
        Meta(
            ge=0,
            le=MAX_OFFSET,
            description="how many to skip, after the cursor if there is one",
        ),
    ] = 0
    cursor: str | None = None


class TableRow(Struct, frozen=True):
    """A run in a table."""

    id: str
    name: str
    state: str
    color: Annotated[int, Meta(description="a number of the palette, as a run has it")]
    values: Annotated[
        list[Any],
        Meta(description="by `columns`, texts cut as in lists; null also where the run has none"),
    ]


class Table(Struct, frozen=True):
    """Runs as rows."""

    rows: list[TableRow]
    cursor: Cursor
    total: Annotated[int, Meta(description="how many match, on all pages")]


class Aggregate(Struct, frozen=True, forbid_unknown_fields=True):
    """One figure of each group, from one column of its runs."""

    column: str
    function: Annotated[
        Function,
        Meta(
            description="`values`: the five most frequent ones, each with its number of runs, and "
            "how many different ones there are, as `{values: [{value, n_runs}], n_values}`"
        ),
    ]


class GroupQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which runs, and what they are grouped by."""

    filter: Annotated[FilterForm, _FILTER] = None
    search: str = ""
    regex: bool = False
    by: Annotated[
        list[str],
        Meta(description="columns, the outermost first; a run is in a group of each of its tags"),
    ]
    under: Annotated[
        list[Any], Meta(description="values of the first: the groups inside that one")
    ] = []
    levels: Annotated[int, Meta(ge=1, le=MAX_LEVELS)] = 1
    aggregates: list[Aggregate] = []
    order: Annotated[
        list[Order],
        Meta(description="a column of `by`, `n_runs`, or an aggregate as `mean(summary.loss)`"),
    ] = []
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100
    cursor: str | None = None


class Group(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A group of runs."""

    values: Annotated[
        list[Any],
        Meta(description='of `by` down to this level; `{"_type": "missing"}`: its runs have none'),
    ]
    n_runs: int
    aggregates: Annotated[
        list[Any], Meta(description="in the order asked for; null: no run has what it is made of")
    ]
    groups: Annotated[
        list[Group] | None, Meta(description="those inside it, the first of them")
    ] = None
    n_groups: Annotated[int | None, Meta(description="how many there are inside it")] = None


class GroupList(Struct, frozen=True):
    """Groups of one level."""

    groups: list[Group]
    cursor: Cursor
    total: Total


class Column(Struct, frozen=True, kw_only=True):
    """A column that some runs have."""

    column: str
    kinds: Annotated[
        dict[str, int],
        Meta(description="runs by kind: number, bool, text, none, nonfinite, other"),
    ]
    n_runs: int
    samples: Annotated[
        list[Any], Meta(description="some different values, of the newest runs first")
    ]
    hidden: Annotated[bool, Meta(description="of a metric that all runs with it hide")]
    goal: Annotated[
        str | None,
        one_of(*GOALS, None, description="of the metric that it is the summary of"),
    ]


class ColumnList(Struct, frozen=True):
    """Columns by name, those of the runs' own rows first; or those of most runs first."""

    columns: list[Column]
    cursor: Cursor
    total: Total
