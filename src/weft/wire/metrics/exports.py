"""Requests that return a table: exports of history, and SQL queries."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.records.limits import MAX_NAME_CHARS
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.runs.runs import RunIds

MAX_EXPORT_COLUMNS: Final = 2000
"""Most metrics of a wide table: each takes about 100 bytes in every Parquet row group."""

MAX_QUERY_CHARS: Final = 100_000
MAX_ROWS: Final = 1_000_000

ExportFormat = Literal["parquet", "arrow", "csv"]
ExportShape = Literal["wide", "points"]
SqlFormat = Literal["json", "arrow", "csv"]

_ESCAPE: Final = Meta(
    description="CSV only: put ' before texts and names that a spreadsheet would run as formulas"
)


class ExportQuery(RequestBody, frozen=True, kw_only=True):
    """The table to export, and its format."""

    runs: Annotated[
        RunIds | None,
        Meta(description="ids in the order to export; null: the runs that match `filter`"),
    ] = None
    filter: Annotated[
        FilterForm, Meta(description="a filter tree, or its text; null, without `runs`: all runs")
    ] = None
    keys: Annotated[
        Annotated[list[str], Meta(max_length=MAX_EXPORT_COLUMNS)] | None,
        Meta(description="metrics in the order to export; null: all"),
    ] = None
    format: ExportFormat = "parquet"
    shape: Annotated[
        ExportShape,
        Meta(description="`wide`: a column for each metric; `points`: a row for each point"),
    ] = "wide"
    system: Annotated[
        bool, Meta(description="export system metrics instead of what scripts logged")
    ] = False
    step_lo: Annotated[float | None, Meta(description="first step")] = None
    step_hi: Annotated[float | None, Meta(description="end of the range of steps, exclusive")] = (
        None
    )
    escape_formulas: Annotated[bool, _ESCAPE] = False


class SqlQuery(RequestBody, frozen=True, kw_only=True):
    """An SQL query over one project; the document /docs/sql lists its tables."""

    query: Annotated[
        str, Meta(max_length=MAX_QUERY_CHARS, description="one query in DuckDB's SQL dialect")
    ]
    format: SqlFormat = "json"
    escape_formulas: Annotated[bool, _ESCAPE] = False
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None,
        Meta(description=f"most rows to return; null: 10,000 as JSON, else {MAX_ROWS:,}"),
    ] = None


class ExportNote(RequestBody, frozen=True, kw_only=True):
    """A file that a page made of data that it had read."""

    kind: Annotated[
        Literal["runs", "comparison", "chart"],
        Meta(description="the table of runs, a comparison of runs, or the curves of a chart"),
    ]
    n_runs: Annotated[int, Meta(ge=0)]
    title: Annotated[
        str, Meta(max_length=MAX_NAME_CHARS, description="of the chart or the file")
    ] = ""


class SqlColumn(Struct, frozen=True):
    """A column of a query's result."""

    name: str
    type: Annotated[str, Meta(description="DuckDB's name of the type")]


class SqlAnswer(Struct, frozen=True, kw_only=True):
    """The result of an SQL query."""

    columns: list[SqlColumn]
    n_rows: int
    truncated: Annotated[bool, Meta(description="whether there are more rows than `limit`")]
    rows: list[list[Any]]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="metrics")


@_project.post("/export")
def export_history(entity: str, project: str, query: ExportQuery) -> bytes:
    """Export the joined history rows of runs as one table, unsampled, streamed as it is read."""


@_project.post("/export/note")
def note_export(entity: str, project: str, note: ExportNote) -> None:
    """Note in the audit log that a page saved CSV; pages make it of what they have read."""


@_project.post("/sql", is_long=True)
def query_sql(entity: str, project: str, sql: SqlQuery) -> bytes:
    """Run one read-only SQL query over the tables of a project.

    The header `Weft-Truncated` is `true` if there are more rows than `limit`.
    """
