"""Routes of the images of reports."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.bodies import read_body
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.contents import CONTENT, Content, answer_content
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import BYTES, Body, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.reports import OpenImage, ReportImageService
from weft.wire.reports import images as endpoints
from weft.wire.reports.images import IMAGE_TYPES, MAX_IMAGE_BYTES, ReportImage

routes = Routes()


@routes.answers(
    endpoints.add_report_image,
    status=201,
    body=Body(dict.fromkeys(IMAGE_TYPES, BYTES), f"the image, at most {MAX_IMAGE_BYTES} bytes"),
)
async def add_report_image(
    path: ProjectPath, report: str, request: Request, services: ReportImageService, actor: Actor
) -> ReportImage:
    content = await read_body(request.scope, request.receive, MAX_IMAGE_BYTES)
    add = partial(services.add, actor, path, report, content)
    return await COSTLY.run(actor, add, request.receive)


@routes.answers(endpoints.get_report_image, **CONTENT)
def get_report_image(
    path: ProjectPath,
    report: str,
    sha256: str,
    request: Request,
    services: ReportImageService,
    actor: Actor,
    *,
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    image = services.get(actor, path, report, sha256)
    return answer_image(
        request, image, is_lasting=True, if_none_match=if_none_match, if_range=if_range
    )


def answer_image(
    request: Request, image: OpenImage, *, is_lasting: bool, if_none_match: str, if_range: str
) -> Response:
    """Answer with an image."""
    info = image.info
    name = f"{info.sha256[:8]}.{info.media_type.removeprefix('image/')}"
    return answer_content(
        request,
        Content(name, info.n_bytes, info.sha256, info.media_type, info.added_micros),
        image.read,
        is_lasting=is_lasting,
        if_none_match=if_none_match,
        if_range=if_range,
    )
