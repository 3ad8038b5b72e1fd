"""The route that returns a report as a file."""

from __future__ import annotations

import time
import zlib
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.downloads import disposition, file_title
from weft.server.http.reports.static_file import static_file
from weft.server.http.reports.static_images import FileImages, images_of_blocks
from weft.server.http.reports.static_media import figure_with_images
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.reports import is_values_part, markdown_of, stored_values
from weft.wire.reports import exports as endpoints
from weft.wire.reports.exports import ReportFormat
from weft.wire.reports.figures import FigureInfo
from weft.wire.reports.reports import Report

routes = Routes()

_HTML: Final = "text/html"
_MARKDOWN: Final = "text/markdown"
_GZIP: Final = 31


@routes.answers(
    endpoints.export_report,
    answer_text="the report as a file",
    media={_HTML: {"type": "string"}, _MARKDOWN: {"type": "string"}},
)
async def export_report(
    path: ProjectPath,
    report: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    format_: ReportFormat,
    version: str,
) -> Response:
    export = partial(_export, services, actor, path, report, version, format_)
    return await COSTLY.run(actor, export, request.receive)


def _export(
    services: Services,
    actor: Actor,
    path: ProjectPath,
    name: str,
    version: str,
    file_format: ReportFormat,
) -> Response:
    report = services.reports.get(actor, path, name, version=version)

    def content(info: FigureInfo) -> bytes:
        number = str(report.version)
        _, pieces = services.report_figures.content(actor, path, report.id, number, info.sha256)
        return zlib.decompress(b"".join(pieces), wbits=_GZIP)

    services.report_figures.note_export(actor, path, report.id, file_format)
    if file_format == "markdown":
        infos = [info for info in report.figures if is_values_part(info.part)]
        values = stored_values((info.part, content(info)) for info in infos)
        return _file(report, markdown_of(path, report, values), _MARKDOWN, "md")
    images = FileImages(services, actor)
    of_text = images_of_blocks(images, path, report)
    figures = ((info.sha256, figure_with_images(content(info), images)) for info in report.figures)
    parts = static_file(path, report, figures, of_text, time.time_ns() // 1000)
    return _file(report, "".join(parts), _HTML, "html")


def _file(report: Report, text: str, media_type: str, suffix: str) -> Response:
    title = file_title(report.document.title, "report")
    headers = {"Content-Disposition": disposition(f"{title}.{suffix}")}
    return Response(text, headers=headers, media_type=f"{media_type}; charset=utf-8")
