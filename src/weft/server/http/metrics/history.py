"""The route that returns a run's history: joined rows, all of them or a sample."""

from __future__ import annotations

from typing import Final, Literal

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from weft.errors import ConfigError
from weft.server.http.admission.heavy import HISTORY, HISTORY_BYTES, HeavyWork
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.answers.encoding import encode_answer
from weft.server.http.metrics.metrics import listed
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services
from weft.wire.metrics import metrics as endpoints

routes = Routes()

SHORT_PAGE_ROWS: Final = 1000
"""Pages of at most this many rows, the default, never wait for room as heavy work."""

_threads: Final = SharedThreads("history", HISTORY.most)


@routes.answers(endpoints.get_history)
async def get_history(
    path: RunPath,
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
    *,
    keys: str | None,
    key: list[str] | None,
    limit: int,
    cursor: str | None,
    superseded: bool,
    step_lo: float | None,
    step_hi: float | None,
    writers: Literal["merged", "apart"],
    system: bool,
    samples: int | None,
) -> Response:
    named = key if key is not None else listed(keys)
    if samples is not None and (cursor is not None or superseded or writers == "apart"):
        raise ConfigError(
            "samples can't be combined with cursor, superseded or writers", field="samples"
        )

    def answer() -> Response:
        if samples is not None:
            page = services.history.thinned(
                actor, path, samples, keys=named, step_lo=step_lo, step_hi=step_hi, system=system
            )
        else:
            page = services.history.rows(
                actor, path, keys=named, limit=limit, cursor=cursor, superseded=superseded,
                step_lo=step_lo, step_hi=step_hi, apart=writers == "apart",
                system=system,
            )  # fmt: skip
        return encode_answer(request.scope, page)

    if samples is None and limit <= SHORT_PAGE_ROWS:
        return await run_in_threadpool(answer)
    async with heavy.room_for(actor, HISTORY, HISTORY_BYTES, request.receive):
        return await _threads.run(actor, answer)
