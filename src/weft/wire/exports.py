"""Questions whose answer is a table: exports of history, and queries in SQL."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.wire.runs import RunIds

MAX_EXPORT_COLUMNS: Final = 2000
"""Most metrics of a wide table: Parquet keeps some 100 bytes for each in every row group."""

MAX_QUERY_CHARS: Final = 100_000
MAX_ROWS: Final = 1_000_000

ExportFormat = Literal["parquet", "arrow", "csv"]
ExportShape = Literal["wide", "points"]
SqlFormat = Literal["json", "arrow", "csv"]

_ESCAPE: Final = Meta(
    description="CSV only: ' before texts and names that a spreadsheet would run as formulas"
)


class ExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which table to export."""

    runs: Annotated[
        RunIds | None, Meta(description="by id, in the order wanted; null: by filter")
    ] = None
    filter: Annotated[
        FilterForm, Meta(description="a tree, or its text; null, without runs: all runs")
    ] = None
    keys: Annotated[
        Annotated[list[str], Meta(max_length=MAX_EXPORT_COLUMNS)] | None,
        Meta(description="metrics, in the order wanted; null: all"),
    ] = None
    format: ExportFormat = "parquet"
    shape: Annotated[
        ExportShape, Meta(description="a column for each metric, or a row for each point")
    ] = "wide"
    system: Annotated[
        bool, Meta(description="samples of the machines instead of what scripts logged")
    ] = False
    step_lo: Annotated[float | None, Meta(description="first step")] = None
    step_hi: Annotated[float | None, Meta(description="before this step")] = None
    escape_formulas: Annotated[bool, _ESCAPE] = False


class SqlQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A query over one project; the document /docs/sql lists its tables."""

    query: Annotated[
        str, Meta(max_length=MAX_QUERY_CHARS, description="one query in DuckDB's SQL")
    ]
    format: SqlFormat = "json"
    escape_formulas: Annotated[bool, _ESCAPE] = False
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None,
        Meta(description="most rows returned; null: 10,000 as JSON, else all"),
    ] = None


class SqlColumn(Struct, frozen=True):
    """A column of an answer."""

    name: str
    type: Annotated[str, Meta(description="as DuckDB calls it")]


class SqlAnswer(Struct, frozen=True, kw_only=True):
    """The rows that a query gives."""

    columns: list[SqlColumn]
    n_rows: int
    truncated: Annotated[bool, Meta(description="there are more rows than were asked for")]
    rows: list[list[Any]]
