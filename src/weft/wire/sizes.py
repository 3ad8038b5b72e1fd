"""What projects, runs and metrics take on disk."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.runs import Cursor, Total


class RunSize(Struct, frozen=True, kw_only=True):
    """What a run takes on disk."""

    id: str
    name: str
    n_bytes: int
    metric_bytes: Annotated[int, Meta(description="of its rows and console lines")]
    file_bytes: Annotated[
        int, Meta(description="of its files; content that several have counts for each")
    ]


class ProjectSizes(Struct, frozen=True, kw_only=True):
    """What a project takes on disk."""

    n_bytes: Annotated[int, Meta(description="all of it: metric_file_bytes and file_bytes")]
    metric_file_bytes: Annotated[
        int, Meta(description="of the file of all rows and console lines")
    ]
    free_bytes: Annotated[int, Meta(description="of the metric file, that hold nothing now")]
    file_bytes: Annotated[
        int,
        Meta(description="of all files of its runs; content that several have counts for each"),
    ]
    trash_bytes: Annotated[int, Meta(description="of runs in the trash, counted above")]
    runs: Annotated[list[RunSize], Meta(description="that are not in the trash, largest first")]
    cursor: Cursor
    total: Total


class MetricSize(Struct, frozen=True, kw_only=True):
    """What a metric of a run takes on disk: points and cells."""

    key: str
    n_bytes: int


class RunSizes(Struct, frozen=True, kw_only=True):
    """What a run takes on disk."""

    n_bytes: Annotated[int, Meta(description="all of it: what follows, and its metrics")]
    fresh_bytes: Annotated[int, Meta(description="of rows that are not divided by metric yet")]
    console_bytes: int
    shared_bytes: Annotated[
        int, Meta(description="of steps and times, which all metrics of a row share")
    ]
    file_bytes: Annotated[int, Meta(description="of its files")]
    metrics: Annotated[list[MetricSize], Meta(description="largest first")]
    cursor: Cursor
    total: Annotated[int, Meta(description="how many metrics match")]
