"""Wire shapes of exports."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.server.services.exporting.export import MAX_COLUMNS, MAX_RUNS


class ExportRequest(BaseModel):
    """Which table to export."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str] | None = Field(
        None, max_length=MAX_RUNS, description="by id, in the order wanted; null: by filter"
    )
    filter: dict[str, Any] | str | None = Field(
        None, description="tree or text; null, without runs: all runs of the project"
    )
    keys: list[str] | None = Field(
        None, max_length=MAX_COLUMNS, description="metrics, in the order wanted; null: all"
    )
    format: Literal["parquet", "arrow", "csv"] = "parquet"
    shape: Literal["wide", "points"] = Field(
        "wide", description="a column for each metric, or a row for each point"
    )
    system: bool = Field(
        default=False, description="samples of the machines instead of what scripts logged"
    )
    step_lo: float | None = Field(None, description="first step")
    step_hi: float | None = Field(None, description="before this step")
    escape_formulas: bool = Field(
        default=False,
        description="CSV only: ' before texts and names that a spreadsheet would run as formulas",
    )
