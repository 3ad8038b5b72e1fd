"""Wire shape of a continuation, for OpenAPI."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Continuation(BaseModel):
    """A run as it was at a step, or as it is now."""

    run_id: str
    name: str
    state: str
    last_step: int | float | None = Field(description="largest step that counts")
    runtime_micros: int = Field(description="how long it had run, pauses left out")
    config: dict[str, Any]
    summary: dict[str, Any] = Field(description="by metric, its last value up to the step")
    aggregates: dict[str, dict[str, Any]] = Field(
        description="by metric that asks: count, mean, min, max, first of its finite values"
    )
    summary_set: dict[str, Any] = Field(description="nested; what the script set itself")
    definitions: list[dict[str, Any]] = Field(description="what `define_metric` was told")
    sources: list[tuple[str, str, int | float | None]] = Field(
        description="writers that make up the history: run, writer, last step that counts or null"
    )
    running: list[str] = Field(description="those of its own writers whose process runs now")
    notes: str | None
    tags: list[str]
    group: str | None
    job_type: str | None
