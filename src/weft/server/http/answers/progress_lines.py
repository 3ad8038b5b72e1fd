"""Long work as an answer: a line of JSON whenever it has come further, the last with its result.

Used by routes of upkeep and archives. Each line is an object with `phase`, `done` and `total`; the
last one has `result`, or `problem`, a problem document, since a status can't be sent any more.
Empty lines keep the connection from being taken for dead. When the client leaves, the work ends.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import StreamingResponse

from weft.errors import WeftError
from weft.records.value import json_safe
from weft.server.http.answers.problems import STATUS_OF_CODE, unexpected_detail
from weft.server.services.access import Cancellation, Cancelled
from weft.server.services.upkeep import Progress

LINES_MEDIA_TYPE: Final = "application/jsonl"

LINES: Final[dict[str, Any]] = {
    "answer_text": "a line of JSON now and then: `phase`, `done`, `total`; the last one has "
    "`result` or `problem`",
    "media": {LINES_MEDIA_TYPE: {"type": "string"}},
}
"""How a route that answers so is declared."""

_QUIET_SECS: Final = 5.0

_log: Any = structlog.get_logger(__name__)


def progress_lines(
    request: Request, work: Callable[[Progress], msgspec.Struct | None], name: str
) -> StreamingResponse:
    """Do `work` on a thread of its own and tell how far it is.

    Args:
        name: of the thread.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    waits = Cancellation()

    def put(value: dict[str, Any] | None) -> None:
        line = None if value is None else msgspec.json.encode(value) + b"\n"
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:  # the loop has ended: the server does
            waits.cancel()

    def progress(phase: str, done: int, total: int | None) -> None:
        waits.check()
        put({"phase": phase, "done": done, "total": total})

    def run() -> None:
        try:
            put({"result": json_safe(msgspec.to_builtins(work(progress)))})
        except Cancelled:
            pass
        except WeftError as error:
            put({"problem": _problem(request, error.code, str(error))})
        except Exception as error:  # noqa: BLE001 - told as what it is: a fault of ours
            request_id = request.scope.get("state", {}).get("request_id")
            _log.error("unexpected error", request_id=request_id, work=name, exc_info=error)
            put({"problem": _problem(request, "error", unexpected_detail(request_id))})
        finally:
            put(None)

    async def stream() -> AsyncGenerator[bytes]:
        threading.Thread(target=run, name=f"weft-{name}", daemon=True).start()
        try:
            while True:
                try:
                    line = await asyncio.wait_for(lines.get(), _QUIET_SECS)
                except (TimeoutError, asyncio.TimeoutError):
                    line = b"\n"
                if line is None:
                    return
                yield line
        finally:
            waits.cancel()

    return StreamingResponse(stream(), media_type=LINES_MEDIA_TYPE)


def _problem(request: Request, code: str, detail: str) -> dict[str, Any]:
    return {
        "status": STATUS_OF_CODE.get(code, 500),
        "code": code,
        "detail": detail,
        "request_id": request.scope.get("state", {}).get("request_id"),
    }
