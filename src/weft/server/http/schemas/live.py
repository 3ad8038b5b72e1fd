"""Wire shapes of live events. The data are `services.types.Change`."""

from __future__ import annotations

from pydantic import BaseModel, Field


class RunChange(BaseModel):
    """What changed of one run."""

    keys: list[str] | None = Field(description="metrics with new points; null: any")
    meta: bool = Field(description="the run itself changed; also a new or a deleted one")


class Change(BaseModel):
    """Data of one `change` event, by run id."""

    runs: dict[str, RunChange]
