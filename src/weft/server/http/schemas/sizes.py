"""Wire shapes of sizes, for OpenAPI. The data are those of `services.sizes`."""

from __future__ import annotations

from pydantic import BaseModel, Field

_CURSOR = "ask again with it; null: this was the last page"


class RunSize(BaseModel):
    """What a run takes on disk."""

    id: str
    name: str
    n_bytes: int
    metric_bytes: int = Field(description="of its rows and console lines")
    file_bytes: int = Field(description="of its files")


class ProjectSizes(BaseModel):
    """What a project takes on disk."""

    n_bytes: int = Field(description="all of it: metric_file_bytes and file_bytes")
    metric_file_bytes: int = Field(description="of the file of all rows and console lines")
    free_bytes: int = Field(description="of the metric file, that hold nothing now")
    file_bytes: int = Field(description="of all files of its runs")
    trash_bytes: int = Field(description="of runs in the trash, counted above")
    runs: list[RunSize] = Field(description="that are not in the trash, largest first")
    cursor: str | None = Field(description=_CURSOR)
    total: int


class MetricSize(BaseModel):
    """What a metric of a run takes on disk: points and cells."""

    key: str
    n_bytes: int


class RunSizes(BaseModel):
    """What a run takes on disk."""

    n_bytes: int = Field(description="all of it: what follows, and its metrics")
    fresh_bytes: int = Field(description="of rows that are not divided by metric yet")
    console_bytes: int
    shared_bytes: int = Field(description="of steps and times, which all metrics of a row share")
    file_bytes: int = Field(description="of its files")
    metrics: list[MetricSize] = Field(description="largest first")
    cursor: str | None = Field(description=_CURSOR)
    total: int = Field(description="how many metrics match")
