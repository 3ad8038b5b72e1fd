"""Routes of a run's console output: lines, searches, a download. Calls `services.logs`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from weft.errors import ConfigError
from weft.server.http.admission.sharing import COSTLY, SharedThreads
from weft.server.http.answers.downloads import disposition
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.logs import LogService, StreamSelection
from weft.server.services.opening import Services
from weft.wire.runs import logs as endpoints
from weft.wire.runs.logs import Moment

routes = Routes()

_searches: Final = SharedThreads("log-search", 3, 2)


routes.bind(endpoints.list_log_streams, LogService.streams, threads=COSTLY)


@routes.answers(endpoints.get_log_lines)
async def get_log_lines(
    path: RunPath,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    writer: list[str] | None,
    stream: Literal["stdout", "stderr"] | None,
    start: int,
    limit: int,
    tail: bool,
    search: str,
    regex: bool,
) -> Response:
    if tail and (start or search):
        raise ConfigError("tail can't be combined with start or search", field="tail")
    selection = StreamSelection(writer, stream)

    def answer() -> Response:
        if tail:
            page = services.logs.tail(actor, path, selection, limit)
        else:
            page = services.logs.lines(
                actor, path, selection, start=start, limit=limit, search=search, regex=regex
            )
        return encode_answer(request.scope, page)

    return await _searches.run(actor, answer, request.receive)


@routes.answers(endpoints.find_log_lines)
async def find_log_lines(
    path: RunPath,
    search: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    regex: bool,
    writer: list[str] | None,
    stream: Literal["stdout", "stderr"] | None,
    start: int,
    limit: int,
) -> Response:
    def answer() -> Response:
        hits = services.logs.hits(
            actor,
            path,
            StreamSelection(writer, stream),
            search,
            regex=regex,
            start=start,
            limit=limit,
        )
        return encode_answer(request.scope, hits)

    return await _searches.run(actor, answer, request.receive)


@routes.answers(endpoints.get_moment)
def get_moment(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    time_micros: Annotated[int, Meta(ge=0, le=2**53)] | None,
    step: Annotated[float, Meta(ge=-(2**53), le=2**53)] | None,
    writer: list[str] | None,
    stream: Literal["stdout", "stderr"] | None,
) -> Moment:
    return services.logs.moment(
        actor, path, StreamSelection(writer, stream), time_micros=time_micros, step=step
    )


@routes.answers(
    endpoints.download_log, answer_text="the whole log", media={"text/plain": {"type": "string"}}
)
def download_log(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    writer: list[str] | None,
    stream: Literal["stdout", "stderr"] | None,
    codes: bool,
    times: bool,
) -> Response:
    pieces = services.logs.text(
        actor, path, StreamSelection(writer, stream), codes=codes, times=times
    )
    headers = {"Content-Disposition": disposition(f"{path.run}.log")}
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8", headers=headers)
