"""Wire shapes of upkeep, for OpenAPI. The results are `services.upkeep.reports`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Gc(BaseModel):
    """What to free."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(default=False, description="only say what would be freed")


class Backup(BaseModel):
    """Where to."""

    model_config = ConfigDict(extra="forbid")

    destination: str = Field(
        min_length=1,
        max_length=4096,
        description="an absolute path on the server's machine; a new folder is made there",
    )
