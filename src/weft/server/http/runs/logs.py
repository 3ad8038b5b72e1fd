"""Routes of a run's console output: lines, searches, a download. Calls `services.logs`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from weft.errors import ConfigError
from weft.queries.filters import MAX_PATTERN_CHARS
from weft.server.http.admission.sharing import COSTLY, SharedThreads
from weft.server.http.answers.downloads import disposition
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.logs import StreamSelection
from weft.server.services.opening import Services
from weft.wire.runs.logs import (
    DEFAULT_HITS,
    MAX_HITS,
    MAX_LINES,
    MAX_LOG_WRITERS,
    LogHits,
    LogPage,
    LogStreams,
    Moment,
)

routes = Routes("/api/v1/projects/{entity}/{project}/runs/{run}/logs", tag="logs")

_searches: Final = SharedThreads("log-search", 3, 2)

_Writers = Annotated[
    Annotated[list[str], Meta(max_length=MAX_LOG_WRITERS)] | None,
    Meta(description="only lines of these writers; default: all"),
]
_Stream = Annotated[
    Literal["stdout", "stderr"] | None, Meta(description="only lines of this stream")
]
_Search = Annotated[str, Meta(max_length=MAX_PATTERN_CHARS)]
_Start = Annotated[int, Meta(ge=0, le=2**53, description="position of the first line")]


@routes.get("/streams", threads=COSTLY)
def list_log_streams(path: RunPath, services: Services, actor: Actor) -> LogStreams:
    """List which writers of a run printed lines, to which stream, and how many."""
    return services.logs.streams(actor, path)


@routes.get(answers=LogPage)
async def get_log_lines(
    path: RunPath,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    writer: _Writers = None,
    stream: _Stream = None,
    start: _Start = 0,
    limit: Annotated[int, Meta(ge=1, le=MAX_LINES)] = 1000,
    tail: Annotated[bool, Meta(description="the last `limit` lines instead")] = False,
    search: _Search = "",
    regex: bool = False,
) -> Response:
    """Return console lines of a run, ordered by time; each stream keeps its own order.

    With `search`, only lines with that text are returned, at positions from `start` on. Case is
    ignored unless `regex` is true. SGR codes are not searched.
    """
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


@routes.get("/hits", answers=LogHits)
async def find_log_lines(
    path: RunPath,
    search: Annotated[str, Meta(min_length=1, max_length=MAX_PATTERN_CHARS)],
    request: Request,
    services: Services,
    actor: Actor,
    *,
    regex: bool = False,
    writer: _Writers = None,
    stream: _Stream = None,
    start: _Start = 0,
    limit: Annotated[int, Meta(ge=1, le=MAX_HITS)] = DEFAULT_HITS,
) -> Response:
    """Find the positions of console lines with a text, as `search` of the lines finds them."""

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


@routes.get("/moment")
def get_moment(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    time_micros: Annotated[int, Meta(ge=0, le=2**53)] | None = None,
    step: Annotated[float, Meta(ge=-(2**53), le=2**53)] | None = None,
    writer: _Writers = None,
    stream: _Stream = None,
) -> Moment:
    """Return which step was logged at a time, or when a step was logged, and the line of then."""
    return services.logs.moment(
        actor, path, StreamSelection(writer, stream), time_micros=time_micros, step=step
    )


@routes.get(
    "/text",
    answer_text="the whole log",
    media={"text/plain": {"type": "string"}},
)
def download_log(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    writer: _Writers = None,
    stream: _Stream = None,
    codes: Annotated[bool, Meta(description="whether to keep SGR codes")] = False,
    times: Annotated[bool, Meta(description="whether lines begin with their time, UTC")] = False,
) -> Response:
    """Download the console output of a run as text, streamed.

    With lines of several writers, each line begins with its writer's rank or id.
    """
    pieces = services.logs.text(
        actor, path, StreamSelection(writer, stream), codes=codes, times=times
    )
    headers = {"Content-Disposition": disposition(f"{path.run}.log")}
    return StreamingResponse(pieces, media_type="text/plain; charset=utf-8", headers=headers)
