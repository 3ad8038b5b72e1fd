"""Wire shapes of what happened in runs. What is given back: `services.run_events`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.server.services.run_events import MAX_RUNS


class RunEventQuery(BaseModel):
    """Whose events are wanted."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str] = Field(max_length=MAX_RUNS)


class RunEvent(BaseModel):
    """An alert, or a gap: rows that were lost."""

    run: str
    kind: Literal["alert", "gap"]
    writer: str
    time_micros: int = Field(description="of a gap: of the first row that was lost")
    end_micros: int = Field(description="of a gap: of the last row; of an alert: as `time_micros`")
    runtime_micros: int = Field(description="how long the run had run then, pauses left out")
    end_runtime_micros: int
    step: float | None = Field(description="of the last row before it; null: there is none")
    end_step: float | None = Field(description="of the first row after it")
    level: str = Field(description="INFO, WARN or ERROR; empty of a gap")
    title: str
    text: str
    n_rows: int = Field(description="that a gap lost")
    n_lines: int = Field(description="console lines that a gap lost")


class RunEventList(BaseModel):
    """The newest 10,000 events, oldest first."""

    events: list[RunEvent]
    truncated: bool = Field(description="there are older ones")
