"""Wire shapes of queries in SQL."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.server.services.sql.service import MAX_QUERY_CHARS, MAX_ROWS


class SqlRequest(BaseModel):
    """A query over one project; the document /docs/sql lists its tables."""

    model_config = ConfigDict(extra="forbid")

    query: str = Field(max_length=MAX_QUERY_CHARS, description="one query in DuckDB's SQL")
    format: Literal["json", "arrow", "csv"] = "json"
    escape_formulas: bool = Field(
        False,
        description="CSV only: ' before texts and names that a spreadsheet would run as formulas",
    )
    limit: int | None = Field(
        None, ge=1, le=MAX_ROWS, description="rows given at most; null: 10,000 as JSON, else all"
    )


class SqlColumn(BaseModel):
    """A column of an answer."""

    name: str
    type: str = Field(description="as DuckDB calls it")


class SqlAnswer(BaseModel):
    """The rows that a query gives."""

    columns: list[SqlColumn]
    n_rows: int
    truncated: bool = Field(description="there are more rows than were asked for")
    rows: list[list[Any]]
