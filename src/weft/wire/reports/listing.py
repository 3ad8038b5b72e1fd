"""Reports in lists of others: pins on the overview of a project, the reports of many projects, and
small pictures.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints
from weft.wire.reports.reports import ReportInfo, ReportMatch
from weft.wire.runs.runs import Cursor

MAX_PINNED: Final = 6
"""Most pinned reports of a project."""

MAX_GALLERY: Final = 100
"""Most reports of a page of the gallery."""

THUMBNAIL_SIZE: Final = (320, 160)
"""Width and height of the box in which a picture's paths are."""

GalleryState = Literal["draft", "published"]


class GalleryReport(ReportInfo, frozen=True, kw_only=True):
    """A report with its project."""

    entity: str
    project: str
    match: Annotated[
        ReportMatch | None,
        Meta(description="where its text has words of the search; null: its title has them"),
    ]


class ReportGallery(Struct, frozen=True):
    """A page of the reports of many projects."""

    reports: list[GalleryReport]
    cursor: Cursor


class ThumbnailCurve(Struct, frozen=True, kw_only=True):
    """A curve of a small picture."""

    color: Annotated[int, Meta(description="number of the run's color, from 1")]
    path: Annotated[
        str, Meta(description="`d` of an SVG path in a box of 320 × 160, of straight lines")
    ]


class ReportThumbnail(Struct, frozen=True, kw_only=True):
    """A small picture of a report: its first curves as published, from stored figures."""

    name: Annotated[str, Meta(description="of the chart")]
    curves: Annotated[
        list[ThumbnailCurve], Meta(description="at most 12; empty: no chart with curves is stored")
    ]


_gallery = Endpoints("/api/v1/reports", tag="reports")
_report = Endpoints("/api/v1/projects/{entity}/{project}/reports/{report}", tag="reports")


@_gallery.get()
def list_report_gallery(
    *,
    entity: Annotated[
        str, Meta(max_length=128, description="of one user or team; empty: of all projects")
    ] = "",
    search: Annotated[
        str,
        Meta(
            max_length=512,
            description="words in any order, each in the title, the description or the text",
        ),
    ] = "",
    state: GalleryState | None = None,
    limit: Annotated[int, Meta(ge=1, le=MAX_GALLERY)] = 24,
    cursor: str | None = None,
) -> ReportGallery:
    """List the reports of all projects that you may see, the last edited first. Of projects in
    which you may not write, those that were published, and as they were published.
    """


@_report.get("/thumbnail")
def get_report_thumbnail(entity: str, project: str, report: str) -> ReportThumbnail:
    """Return a small picture of what was published: the curves of its first line chart."""


@_report.put("/pin")
def pin_report(entity: str, project: str, report: str) -> None:
    """Pin a report to the project's overview, for all who may read it: at most 6 of a project."""


@_report.delete("/pin")
def unpin_report(entity: str, project: str, report: str) -> None:
    """Take a report off the project's overview."""
