"""The route that returns a view of the workspace as a file."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from weft.errors import LimitExceeded, Unavailable
from weft.records.sizes import shown_size
from weft.server.http.admission.sharing import COSTLY, ORDINARY
from weft.server.http.answers.downloads import disposition, file_title
from weft.server.http.reports.inner_requests import InnerRequests
from weft.server.http.reports.static_file import static_view
from weft.server.http.reports.static_images import FileImages
from weft.server.http.reports.static_media import with_images
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.reports import FigureAnswer
from weft.wire.projects import view_files as endpoints
from weft.wire.projects.view_files import MAX_FILE_BYTES, ViewFileCreate
from weft.wire.reports.figures import FigureRequest
from weft.wire.runs.runs import RunList

routes = Routes()

_HTML: Final = "text/html"
_decode_runs: Final = msgspec.json.Decoder(RunList).decode


@routes.answers(
    endpoints.export_view, answer_text="the view as a file", media={_HTML: {"type": "string"}}
)
async def export_view(
    path: ProjectPath,
    file: ViewFileCreate,
    request: Request,
    services: Services,
    actor: Actor,
    inner: InnerRequests,
) -> Response:
    note = partial(services.views.note_export, actor, path, file.name)
    await ORDINARY.run(actor, note, request.receive)
    listed = [_runs_request(file.runs)] if file.runs else []
    answers = await inner.answer(request.scope, path, [*listed, *file.requests])
    images = FileImages(services, actor)
    make = partial(_make, path, file, answers[: len(listed)], answers[len(listed) :], images)
    return await COSTLY.run(actor, make, request.receive)


def _runs_request(ids: list[str]) -> FigureRequest:
    listed = ", ".join(msgspec.json.encode(run).decode() for run in ids)
    query = urlencode({"filter": f"id in ({listed})", "limit": max(1, len(ids))})
    return FigureRequest(method="GET", path=f"runs?{query}")


def _make(
    path: ProjectPath,
    file: ViewFileCreate,
    listed: list[FigureAnswer],
    answers: list[FigureAnswer],
    images: FileImages,
) -> Response:
    runs = _listed_runs(file.runs, listed)
    now_micros = time.time_ns() // 1000

    def page(images: FileImages) -> str:
        drawn = with_images(answers, images)
        return "".join(static_view(path, file.name, file.view, runs, drawn, now_micros))

    text = page(images)
    if len(text) > MAX_FILE_BYTES:
        # rather without images than with coarser curves
        text = page(images.without_room())
    if len(text) > MAX_FILE_BYTES:
        raise LimitExceeded(
            f"the file would have more than {shown_size(MAX_FILE_BYTES)}: show fewer runs, or "
            "fewer panels"
        )
    headers = {"Content-Disposition": disposition(f"{file_title(file.name, 'view')}.html")}
    return Response(text, headers=headers, media_type=f"{_HTML}; charset=utf-8")


def _listed_runs(ids: list[str], answers: list[FigureAnswer]) -> list[dict[str, Any]]:
    """Runs in the order of their ids, with what the page of a file shows of them: neither users
    nor machines.
    """
    rows: dict[str, dict[str, Any]] = {}
    n_bytes = 0
    for answer in answers:
        if answer.status != 200:
            raise Unavailable(f"the runs of the file were not read ({answer.status}): try again")
        n_bytes += len(answer.content)
        for run in _decode_runs(answer.content).runs:
            fields: dict[str, Any] = msgspec.to_builtins(run)
            rows[run.id] = {name: fields[name] for name in _RUN_FIELDS}
            rows[run.id]["summary"] = {
                key: value for key, value in fields["summary"].items() if not _is_object(value)
            }
    if n_bytes > MAX_FILE_BYTES:
        raise LimitExceeded(
            f"config and summary of these runs have more than {shown_size(MAX_FILE_BYTES)}: "
            "show fewer runs"
        )
    return [rows[run] for run in ids if run in rows]


def _is_object(value: object) -> bool:
    """Whether a summary value is an image, a histogram or the like, which lists have as text."""
    return isinstance(value, str) and value.startswith('{"_type"')


_RUN_FIELDS: Final = (
    *("id", "name", "state", "notes", "tags", "group", "job_type", "color"),
    *("created_micros", "config", "summary", "definitions"),
)
