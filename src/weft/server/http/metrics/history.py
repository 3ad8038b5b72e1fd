"""The route that returns a run's history: joined rows, all of them or a sample."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta
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
from weft.server.services.metrics import MAX_ROWS
from weft.server.services.opening import Services
from weft.wire.metrics.metrics import History

routes = Routes("/api/v1/projects/{entity}/{project}/runs/{run}", tag="metrics")

SHORT_PAGE_ROWS: Final = 1000
"""Pages of at most this many rows, the default, never wait for room as heavy work."""

_threads: Final = SharedThreads("history", HISTORY.most)


@routes.get("/history", answers=History)
async def get_history(
    path: RunPath,
    request: Request,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
    *,
    keys: str | None = None,
    key: list[str] | None = None,
    limit: Annotated[int, Meta(ge=1, le=MAX_ROWS)] = 1000,
    cursor: str | None = None,
    superseded: bool = False,
    step_lo: float | None = None,
    step_hi: float | None = None,
    writers: Literal["merged", "apart"] = "merged",
    system: bool = False,
    samples: Annotated[int, Meta(ge=1, le=MAX_ROWS)] | None = None,
) -> Response:
    """Return a run's history as joined rows of all writers, by (step, time, writer, row).

    Only rows with at least one of the keys are returned. Name keys as `keys=a,b`, or one by one as
    `key=a&key=b` if they contain commas. With `superseded`, the run's own rows that no longer
    count after a rewind are included. Steps are those in `[step_lo, step_hi)`. With
    `writers=apart`, rows come writer after writer, each writer's by row number, and have
    `_writer`. With `system`, the rows are samples of machines and processes instead.

    With `samples`, at most that many rows are returned, on one page: the first and the last row
    and, for each of several ranges of equal length, the rows in which any metric is lowest,
    highest or first nonfinite.
    """
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
