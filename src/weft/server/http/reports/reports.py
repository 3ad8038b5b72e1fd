"""Routes of reports: as JSON, and their drafts as Yjs updates."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.bodies import read_body
from weft.server.http.admission.sharing import COSTLY, ORDINARY
from weft.server.http.routing.routes import BYTES, Body, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.reports import ReportReaderService, ReportService
from weft.wire.reports import reports as endpoints
from weft.wire.reports.reports import MAX_AWARENESS_BYTES, MAX_UPDATE_BYTES, ReportChange

routes = Routes()

_BINARY: Final = {"application/octet-stream": BYTES}
_MAX_VECTOR_BYTES: Final = 1 << 20

routes.bind(endpoints.list_reports, ReportService.list)
routes.bind(endpoints.create_report, ReportService.create, threads=COSTLY, status=201)
routes.bind(endpoints.edit_report, ReportService.edit, threads=COSTLY)
routes.bind(endpoints.get_report, ReportService.get, threads=COSTLY)
routes.bind(endpoints.delete_report, ReportService.delete)
routes.bind(endpoints.star_report, ReportReaderService.star)
routes.bind(endpoints.unstar_report, ReportReaderService.unstar)
routes.bind(endpoints.note_report_view, ReportReaderService.note_view)
routes.bind(endpoints.undelete_report, ReportService.undelete)
routes.bind(endpoints.publish_report, ReportService.publish, threads=COSTLY, status=201)
routes.bind(endpoints.list_report_versions, ReportService.versions)
routes.bind(endpoints.restore_report_version, ReportService.restore, threads=COSTLY)


@routes.answers(endpoints.update_report, body=Body(_BINARY, "a Yjs update, version 1"))
async def update_report(
    path: ProjectPath,
    report: str,
    request: Request,
    services: ReportService,
    actor: Actor,
    *,
    schema: int,
    client: str | None,
) -> ReportChange:
    update = await read_body(request.scope, request.receive, MAX_UPDATE_BYTES)
    apply = partial(services.update, actor, path, report, update, schema=schema, client=client)
    return await ORDINARY.run(actor, apply, request.receive)


@routes.answers(
    endpoints.sync_report,
    body=Body(_BINARY, "the page's state vector; empty for all"),
    media=_BINARY,
    answer_text="a Yjs update; the headers `Weft-Report-Seq` and `Weft-Report-Schema` have the "
    "number of the draft's last change and its schema number",
)
async def sync_report(
    path: ProjectPath, report: str, request: Request, services: ReportService, actor: Actor
) -> Response:
    vector = await read_body(request.scope, request.receive, _MAX_VECTOR_BYTES)
    read = partial(services.sync, actor, path, report, vector)
    update, seq, schema = await ORDINARY.run(actor, read, request.receive)
    headers = {"Weft-Report-Seq": str(seq), "Weft-Report-Schema": str(schema)}
    return Response(update, media_type="application/octet-stream", headers=headers)


@routes.answers(endpoints.send_awareness, body=Body(_BINARY, "the state of the page"))
async def send_awareness(
    path: ProjectPath,
    report: str,
    request: Request,
    services: ReportService,
    actor: Actor,
    *,
    client: str,
) -> None:
    state = await read_body(request.scope, request.receive, MAX_AWARENESS_BYTES)
    send = partial(services.send_awareness, actor, path, report, state, client=client)
    await ORDINARY.run(actor, send, request.receive)
