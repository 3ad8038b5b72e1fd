"""Routes of the figures of published versions."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from weft.server.http.admission.sharing import COSTLY, ORDINARY
from weft.server.http.answers.compression import accepts
from weft.server.http.reports.inner_requests import InnerRequests
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.reports import ReportFigureService
from weft.wire.reports import figures as endpoints
from weft.wire.reports.figures import FigureCapture, FigureInfo

routes = Routes()

FIGURE_MEDIA_TYPE: Final = "application/vnd.weft.figure"
_LASTING: Final = "private, max-age=86400, immutable"


@routes.answers(endpoints.capture_figure, status=201)
async def capture_figure(
    path: ProjectPath,
    report: str,
    number: str,
    capture: FigureCapture,
    request: Request,
    services: ReportFigureService,
    inner: InnerRequests,
    actor: Actor,
) -> FigureInfo:
    begin = partial(services.begin, actor, path, report, number, capture)
    target = await ORDINARY.run(actor, begin, request.receive)
    requests = [*capture.requests, *capture.run_sets.values()]
    answers = await inner.answer(request.scope, target.project, requests)
    run_sets = {name: len(capture.requests) + i for i, name in enumerate(capture.run_sets)}
    store = partial(services.store, actor, target, answers, run_sets)
    return await COSTLY.run(actor, store, request.receive)


@routes.answers(
    endpoints.get_figure,
    answer_text="the head and the answers; see /docs/report-format#figures",
    media={FIGURE_MEDIA_TYPE: BYTES},
    outcomes={304: "it is what `If-None-Match` names"},
    bare=True,
)
def get_figure(
    path: ProjectPath,
    report: str,
    number: str,
    sha256: str,
    request: Request,
    services: ReportFigureService,
    actor: Actor,
) -> Response:
    figure, pieces = services.content(actor, path, report, number, sha256)
    headers = {
        "Content-Type": FIGURE_MEDIA_TYPE,
        "Cache-Control": _LASTING,
        "ETag": f'"{figure.sha256}"',
        "Vary": "Accept-Encoding",
    }
    if accepts(request.scope, "gzip"):
        headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(figure.n_bytes)
        return StreamingResponse(pieces, 200, headers)
    return StreamingResponse(unpacked(pieces), 200, headers)


def unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpacking = zlib.decompressobj(wbits=31)
    for piece in pieces:
        yield unpacking.decompress(piece)
    yield unpacking.flush()
