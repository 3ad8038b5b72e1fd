"""A report as those see it who have a link to it: what was published, with its figures."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints
from weft.wire.reports.figures import FigureInfo
from weft.wire.reports.reports import ReportDocument

SHOWN_ENTITY: Final = "-"
"""Stands for the entity of each project in a shared report: no user or team has this name."""

MAX_EMBED_PX: Final = 10_000


class SharedReport(Struct, frozen=True, kw_only=True):
    """The published version of a report, without its project, its authors and its draft.

    Projects are named `-/1` (the report's own), `-/2` and so on, in `document` and in `figures`.
    """

    version: int
    published_micros: int
    document: ReportDocument
    figures: Annotated[
        list[FigureInfo],
        Meta(description="of its own project, and of others that who shared it may share"),
    ]


class Embed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A page of a share for other sites, as oEmbed 1.0 describes it."""

    version: Literal["1.0"]
    type: Literal["rich", "link"]
    title: str
    provider_name: str
    provider_url: str
    html: Annotated[
        str | None, Meta(description="a frame; absent: the share may not be embedded")
    ] = None
    width: int | None = None
    height: int | None = None
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None


_report = Endpoints("/api/v1/shared/{share}/report", tag="shares")
_Px = Annotated[Annotated[int, Meta(ge=1, le=MAX_EMBED_PX)] | None, Meta(description="px")]


@_report.get()
def get_shared_report(share: str) -> SharedReport:
    """Return what was published of a shared report; `share` is the end of its link, id and
    code.
    """


@_report.get("/figures/{sha256}")
def get_shared_figure(share: str, sha256: str) -> bytes:
    """Return the stored answers of one figure of a shared report, without what a share does not
    show.
    """


@_report.get("/images/{sha256}")
def get_shared_image(share: str, sha256: str) -> bytes:
    """Return an image of a shared report that its published version names."""


@_report.get("/picture")
def get_shared_picture(share: str) -> bytes:
    """Return a picture of a shared report for previews of its link, as PNG."""


@_report.get("/embed")
def get_shared_embed(share: str, *, maxwidth: _Px = None, maxheight: _Px = None) -> Embed:
    """Describe how other sites show a shared report, as oEmbed. Other members of its query, such
    as `format`, are ignored: the answer is JSON.
    """
