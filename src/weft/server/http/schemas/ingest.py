"""Wire shapes of uploads, for OpenAPI."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Ack(BaseModel):
    """The answer to an upload."""

    position: int = Field(description="everything before this byte is durable")
    pause_millis: int = Field(description="wait at least this long before the next upload")
    stop: bool = Field(description="somebody asked for this run to stop")
