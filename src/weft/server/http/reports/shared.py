"""Routes of shared reports: `admission` lets those pass who have the link."""

from __future__ import annotations

from html import escape
from typing import Annotated, Final

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.compression import accepts
from weft.server.http.answers.contents import CONTENT
from weft.server.http.reports.figures import FIGURE_MEDIA_TYPE, unpacked
from weft.server.http.reports.images import answer_image
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.http.server.state import ServerState
from weft.server.services.access import Actor, SharedLink
from weft.server.services.sharing import PICTURE_PX, SharedReportService
from weft.wire.reports import shared as endpoints
from weft.wire.reports.shared import MAX_EMBED_PX, Embed, SharedReport

routes = Routes()

_PRIVATE: Final = {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex"}
"""A browser asks each time, so that a link ends at once when it is revoked."""


_EMBED_PX: Final = (900, 600)


@routes.answers(endpoints.get_shared_report, threads=COSTLY)
def get_shared_report(share: str, reports: SharedReportService, actor: Actor) -> SharedReport:
    return reports.get(actor, SharedLink.parse(share))


@routes.answers(
    endpoints.get_shared_figure,
    answer_text="the head and the answers; see /docs/report-format#figures",
    media={FIGURE_MEDIA_TYPE: BYTES},
    outcomes={304: "it is what `If-None-Match` names"},
    threads=COSTLY,
    bare=True,
)
def get_shared_figure(
    share: str,
    sha256: str,
    request: Request,
    reports: SharedReportService,
    actor: Actor,
    *,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    link = SharedLink.parse(share)
    tag = f'"{sha256}"'
    headers = {**_PRIVATE, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in if_none_match and reports.has_figure(actor, link, sha256):
        return Response(status_code=304, headers=headers)
    content = reports.figure(actor, link, sha256)
    if accepts(request.scope, "gzip"):
        headers["Content-Encoding"] = "gzip"
    else:
        content = b"".join(unpacked(iter([content])))
    return Response(content, headers=headers, media_type=FIGURE_MEDIA_TYPE)


@routes.answers(endpoints.get_shared_image, threads=COSTLY, **CONTENT)
def get_shared_image(
    share: str,
    sha256: str,
    request: Request,
    reports: SharedReportService,
    actor: Actor,
    *,
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    image = reports.image(actor, SharedLink.parse(share), sha256)
    answer = answer_image(
        request, image, is_lasting=False, if_none_match=if_none_match, if_range=if_range
    )
    answer.headers.update(_PRIVATE)
    return answer


@routes.answers(
    endpoints.get_shared_picture,
    media={"image/png": BYTES},
    threads=COSTLY,
    bare=True,
)
def get_shared_picture(share: str, reports: SharedReportService, actor: Actor) -> Response:
    picture = reports.picture(actor, SharedLink.parse(share))
    # sites that preview links load it from theirs
    headers = {**_PRIVATE, "Cross-Origin-Resource-Policy": "cross-origin"}
    return Response(picture, headers=headers, media_type="image/png")


@routes.answers(endpoints.get_shared_embed, any_query=True)
def get_shared_embed(
    share: str,
    request: Request,
    reports: SharedReportService,
    state: ServerState,
    actor: Actor,
    *,
    maxwidth: int | None,
    maxheight: int | None,
) -> Embed:
    link = SharedLink.parse(share)
    heading = reports.heading(actor, link)
    base = state.url_of(request)
    may_embed = heading.may_embed and bool(state.settings.embed_sites)
    width = min(maxwidth or _EMBED_PX[0], MAX_EMBED_PX)
    height = min(maxheight or _EMBED_PX[1], MAX_EMBED_PX)
    picture_width, picture_height = PICTURE_PX
    return Embed(
        version="1.0",
        provider_name="weft",
        type="rich" if may_embed else "link",
        title=heading.title,
        provider_url=base,
        html=frame_html(f"{base}/share/{link}", heading.title, width, height)
        if may_embed
        else None,
        width=width if may_embed else None,
        height=height if may_embed else None,
        thumbnail_url=f"{base}/api/v1/shared/{link}/report/picture",
        thumbnail_width=picture_width,
        thumbnail_height=picture_height,
    )


def frame_html(url: str, title: str, width: int, height: int) -> str:
    """The HTML with which other sites show a share.

    >>> frame_html("https://weft.org/share/1.2", "A & B", 600, 400)[:59]
    '<iframe src="https://weft.org/share/1.2" title="A &amp; B" '
    """
    return (
        f'<iframe src="{escape(url)}" title="{escape(title)}" width="{width}" height="{height}" '
        'style="border:0"></iframe>'
    )
