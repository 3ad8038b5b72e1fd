"""Disk usage of projects, runs and metrics."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints
from weft.wire.runs.runs import Cursor, Limit, Total


class RunSize(Struct, frozen=True, kw_only=True):
    """Disk usage of a run, in a list."""

    id: str
    name: str
    n_bytes: int
    metric_bytes: Annotated[int, Meta(description="bytes of its rows and console lines")]
    file_bytes: Annotated[
        int, Meta(description="bytes of its files; content that runs share counts for each run")
    ]


class ArtifactSize(Struct, frozen=True, kw_only=True):
    """Disk usage of an artifact, in a list."""

    name: str
    n_versions: int
    n_bytes: Annotated[
        int, Meta(description="bytes of all its versions; content that they share counts once")
    ]


class ProjectSizes(Struct, frozen=True, kw_only=True):
    """Disk usage of a project."""

    n_bytes: Annotated[
        int, Meta(description="total: metric_file_bytes + file_bytes + artifact_bytes")
    ]
    metric_file_bytes: Annotated[
        int, Meta(description="size of the metric file, which holds all rows and console lines")
    ]
    free_bytes: Annotated[int, Meta(description="unused bytes in the metric file")]
    file_bytes: Annotated[
        int, Meta(description="bytes of its runs' files; content that files share counts once")
    ]
    artifact_bytes: Annotated[
        int,
        Meta(
            description="bytes of its artifacts, but for content that a run's file has, too; "
            "content that versions share counts once"
        ),
    ]
    trash_bytes: Annotated[
        int,
        Meta(
            description="bytes of rows and files that only runs in the trash have, included above"
        ),
    ]
    runs: Annotated[
        list[RunSize], Meta(description="runs that are not in the trash, largest first")
    ]
    artifacts: Annotated[
        list[ArtifactSize],
        Meta(description="the largest artifacts, as many as `limit` says, largest first"),
    ]
    cursor: Cursor
    total: Total


class MetricSize(Struct, frozen=True, kw_only=True):
    """Disk usage of a metric of a run: its points and cells."""

    key: str
    n_bytes: int


class RunSizes(Struct, frozen=True, kw_only=True):
    """Disk usage of a run in detail."""

    n_bytes: Annotated[int, Meta(description="total of the sizes below and of all metrics")]
    fresh_bytes: Annotated[
        int, Meta(description="bytes of new rows that are not yet split by metric")
    ]
    console_bytes: int
    shared_bytes: Annotated[
        int, Meta(description="bytes of steps and times, which all metrics of a row share")
    ]
    file_bytes: Annotated[int, Meta(description="bytes of its files")]
    metrics: Annotated[list[MetricSize], Meta(description="largest first")]
    cursor: Cursor
    total: Annotated[int, Meta(description="number of matching metrics")]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="sizes")


@_project.get("/sizes")
def get_project_sizes(
    entity: str, project: str, *, limit: Limit = 100, cursor: str | None = None
) -> ProjectSizes:
    """Return the disk space that a project takes, its runs and its artifacts, largest first.

    A content is stored once: it counts once for the project, and for each run that has it.
    """


@_project.get("/runs/{run}/sizes")
def get_run_sizes(
    entity: str,
    project: str,
    run: str,
    *,
    search: str = "",
    limit: Limit = 100,
    cursor: str | None = None,
) -> RunSizes:
    """Return the disk space that a run takes, and its metrics, largest first."""
