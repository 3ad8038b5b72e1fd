"""Wire shapes of charts' questions, for OpenAPI. The answer is Arrow: `http.arrow`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class SeriesQuery(BaseModel):
    """One panel's question."""

    runs: list[str]
    keys: list[str]
    axis: Literal["step", "time"] = Field(
        "step", description="`time`: µs since the run's `origin_micros`"
    )
    lo: float | None = Field(None, description="start of the range; null: the first point")
    hi: float | None = Field(None, description="end of the range, exclusive; null: to the last")
    n_buckets: int = Field(400, ge=64, le=10_000, description="at most this many in the range")


class SeriesRequest(BaseModel):
    """Questions of one page, answered in this order."""

    panels: list[SeriesQuery] = Field(max_length=1000)
    full: bool = Field(False, description="also counts, first, last and float64 columns")
