"""Windows of the rows of logged tables."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.metrics.media import MediaItem, MediaState, TableJoin

MAX_TABLE_ROWS: Final = 10_000
"""Most rows of a window."""

MAX_TABLE_CHARS: Final = 1_000_000
"""Most characters of a cell that can be requested."""

MAX_TABLE_NAMES: Final = 1000
"""Most columns that a request can name, and most filters."""

MAX_TABLES: Final = 200
"""Most tables of one request."""

MAX_UNITED_TABLES: Final = 100
"""Most tables whose rows a request puts below each other."""

MAX_TABLES_IN_ALL: Final = 1000
"""Most tables that the unions of one request have together."""

MAX_COMPUTED: Final = 20
"""Most computed columns of a request."""

_MAX_TEXT: Final = 10_000
_MAX_PLACE: Final = 2**53

TableComparison = Literal[
    "=", "!=", "<", "<=", ">", ">=", "contains", "matches", "empty", "not_empty"
]

_ColumnName = Annotated[str, Meta(max_length=_MAX_TEXT)]


class TableSort(RequestBody, frozen=True, kw_only=True):
    """The order of rows. Cells without a value, and NaN, come last."""

    column: _ColumnName
    descending: bool = False


class TableFilter(RequestBody, frozen=True, kw_only=True):
    """A condition on one column."""

    column: _ColumnName
    op: Annotated[
        TableComparison,
        Meta(description="contains, matches: a part of the cell as text, or a regular expression "
             "(RE2) for it; both ignore case. NaN counts as empty"),
    ]  # fmt: skip
    value: Annotated[
        bool | int | float | Annotated[str, Meta(max_length=_MAX_TEXT)] | None,
        Meta(description="not used by empty and not_empty; times as ISO 8601"),
    ] = None


class VersionTable(RequestBody, frozen=True, kw_only=True):
    """A table that is a file of a version of an artifact."""

    artifact: Annotated[str, Meta(description="such as `data:v3`")]
    path: str


class UnitedTable(RequestBody, frozen=True, kw_only=True):
    """A table of a run, of several whose rows stand below each other."""

    run: Annotated[str, Meta(min_length=1)]
    path: Annotated[str | None, Meta(description="the table's file; or `key`")] = None
    key: Annotated[str | None, Meta(description="the metric that holds the table; or `path`")] = (
        None
    )
    step: Annotated[
        int | float | None,
        Meta(description="of the metric the last table at or before it; null: the last"),
    ] = None
    label: Annotated[
        Annotated[str, Meta(max_length=_MAX_TEXT)] | None,
        Meta(description="text of the column `run`; null: the run's id"),
    ] = None


class ComputedColumn(RequestBody, frozen=True, kw_only=True):
    """A column of numbers that are computed from other columns."""

    name: Annotated[str, Meta(min_length=1, max_length=_MAX_TEXT)]
    expression: Annotated[
        str,
        Meta(
            max_length=_MAX_TEXT,
            description="as of charts, over columns instead of metrics: `precision - recall`, "
            '`log("my column")`. Texts are read as numbers; without a value where that fails',
        ),
    ]


class TableQuery(RequestBody, frozen=True, kw_only=True):
    """The table and the rows to return."""

    run: Annotated[str, Meta(description="that has the table; empty with `artifact`")] = ""
    artifact: Annotated[
        str | None,
        Meta(description="a version such as `data:v3`; `path` is then one of its files"),
    ] = None
    path: Annotated[
        str | None, Meta(description="the table's file, as in its reference; or `key`")
    ] = None
    key: Annotated[str | None, Meta(description="the metric that holds the table; or `path`")] = (
        None
    )
    step: Annotated[
        int | float | None,
        Meta(description="of the metric the last table at or before it; null: the last"),
    ] = None
    join: Annotated[
        TableJoin | None,
        Meta(description="join another table to the one at `path`; `key` knows its own"),
    ] = None
    minus: Annotated[
        VersionTable | None,
        Meta(
            description="leave out the rows that this table has, too: those with equal values in "
            "the columns that both have"
        ),
    ] = None
    union: Annotated[
        Annotated[list[UnitedTable], Meta(min_length=1, max_length=MAX_UNITED_TABLES)] | None,
        Meta(
            description="tables of several runs instead of the one of `run`: the rows of all, "
            "one table after the other, with a first column `run` (`run_` if a table has such a "
            "column). All unions of a request have at most 1,000 tables, and the columns of a "
            "union times its tables are at most 20,000. Columns of one name become one; a column "
            "of different types is one of texts"
        ),
    ] = None
    computed: Annotated[
        list[ComputedColumn],
        Meta(
            max_length=MAX_COMPUTED,
            description="columns that follow those of the table; they sort, filter and group as "
            "others do. One may use those before it",
        ),
    ] = []
    offset: Annotated[int, Meta(ge=0, le=_MAX_PLACE)] = 0
    limit: Annotated[int, Meta(ge=0, le=MAX_TABLE_ROWS)] = 100
    columns: Annotated[
        Annotated[list[_ColumnName], Meta(max_length=MAX_TABLE_NAMES)] | None,
        Meta(description="null: the first 200"),
    ] = None
    sort: Annotated[TableSort | None, Meta(description="null: as logged")] = None
    search: Annotated[
        str, Meta(max_length=_MAX_TEXT, description="a text that some cell must contain")
    ] = ""
    filters: Annotated[
        list[TableFilter], Meta(max_length=MAX_TABLE_NAMES, description="all must hold")
    ] = []
    group: Annotated[
        _ColumnName | None,
        Meta(
            description="one row for each value of this column: how many rows have it, the mean "
            "of numbers, the share of true, and the first of other values. Search and filters "
            "choose the rows that are grouped; `sort` orders the groups"
        ),
    ] = None
    max_chars: Annotated[
        int, Meta(ge=1, le=MAX_TABLE_CHARS, description="longer texts are cut, as `cut` says")
    ] = 1000


class TableColumn(Struct, frozen=True, kw_only=True):
    """A column of the answer."""

    name: Annotated[str, Meta(description="in the file; no two columns have the same")]
    title: Annotated[str, Meta(description="as logged")]
    type: Annotated[
        str,
        Meta(description="W&B's name, such as `number`, `string`, `boolean`, `timestamp`, "
             "`image-file`, `list`; `any` if cells differ"),
    ]  # fmt: skip


class TableMedia(Struct, frozen=True, kw_only=True):
    """The media of one cell."""

    row: Annotated[int, Meta(description="place in `rows`")]
    column: Annotated[int, Meta(description="place in `columns`")]
    items: list[MediaItem]


class TableWindow(Struct, frozen=True, kw_only=True):
    """Some rows of a table."""

    path: str
    step: Annotated[
        int | float | None, Meta(description="where it was logged; null if asked by path")
    ]
    state: MediaState
    error: str | None = None
    columns: list[TableColumn]
    n_columns: Annotated[int, Meta(description="of the table, also of those left out")]
    n_rows: Annotated[int, Meta(description="of the table, in the files that are stored")]
    total: Annotated[
        int, Meta(description="rows that the search and the filters leave, or groups of them")
    ]
    numbers: Annotated[
        list[int], Meta(description="the place of each row in the table, or of each group")
    ]
    rows: Annotated[
        list[list[Any]], Meta(description="NaN, Infinity and whole numbers beyond 2^53 are texts")
    ]
    cut: Annotated[
        list[tuple[int, int]], Meta(description="places (row, column) of cells that were cut")
    ]
    runs: Annotated[
        list[str], Meta(description="of a union, the run of each row; empty otherwise")
    ] = []
    media: list[TableMedia]


class TablesQuery(RequestBody, frozen=True, kw_only=True):
    """The tables and the rows to return."""

    tables: Annotated[list[TableQuery], Meta(min_length=1, max_length=MAX_TABLES)]


class TableFault(Struct, frozen=True, kw_only=True):
    """Why a table of several has no rows."""

    code: Annotated[str, Meta(description="one of the codes in weft.errors")]
    detail: str


class TableAnswer(Struct, frozen=True, kw_only=True):
    """The answer for one of several tables: its rows, or its fault."""

    window: TableWindow | None = None
    fault: TableFault | None = None


class TableAnswers(Struct, frozen=True, kw_only=True):
    """Rows of several tables."""

    answers: Annotated[
        list[TableAnswer],
        Meta(description="in the order of the request; fewer than it names if they would be too "
             "large or take too long: ask for the others again"),
    ]  # fmt: skip


class ChartPreset(Struct, frozen=True, kw_only=True):
    """A preset of charts."""

    name: str
    aliases: Annotated[list[str], Meta(description="W&B's names of it")]
    spec: Annotated[
        dict[str, Any],
        Meta(description="Vega-Lite, with placeholders `${field:x}` and `${string:title}`"),
    ]
    default_columns: Annotated[
        dict[str, str], Meta(description="columns, by field, of a chart that maps none")
    ]


class ChartPresets(Struct, frozen=True, kw_only=True):
    """All presets, by name."""

    presets: list[ChartPreset]


_root = Endpoints("/api/v1", tag="metrics")


@_root.post("/projects/{entity}/{project}/tables/query")
def query_table(entity: str, project: str, query: TableQuery) -> TableWindow:
    """Return rows of a table that a run logged: a window of them, sorted and filtered."""


@_root.post("/projects/{entity}/{project}/tables/query-many")
def query_tables(entity: str, project: str, query: TablesQuery) -> TableAnswers:
    """Return rows of several tables, as for one: charts of many runs in one request."""


@_root.get("/chart-presets")
def list_chart_presets() -> ChartPresets:
    """List the presets of charts, with their Vega-Lite specifications."""
