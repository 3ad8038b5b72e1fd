"""Wire shapes of uploads, for OpenAPI."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Ack(BaseModel):
    """The answer to an upload."""

    position: int = Field(description="everything before this byte is durable")
    pause_millis: int = Field(description="wait at least this long before the next upload")
    stop: bool = Field(description="somebody asked for this run to stop")
    time_micros: int = Field(description="the server's clock while it had the request, µs")


class SmallLogAck(BaseModel):
    """What became of one small log: with `code`, a problem; what is left out is as by default."""

    position: int | None = Field(None, description="everything before this byte is durable")
    pause_millis: int = 0
    stop: bool = False
    is_noted: bool = Field(False, description="the note is among the run's files")
    code: str = Field("", description="of a problem document")
    detail: str = ""


class SmallLogAcks(BaseModel):
    """The answer to several small logs, in their order."""

    time_micros: int = Field(description="the server's clock while it had the request, µs; or 0")
    logs: list[SmallLogAck]
