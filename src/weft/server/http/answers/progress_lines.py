"""Answers long work with lines of JSON: one for each progress, the last with the result.

Used by routes of upkeep and archives. Each line is an object with `phase`, `done` and `total`. The
last one has `result`, or `problem` with a problem document, because it is too late for an error
status. Empty lines keep the connection alive. If the client leaves, the work ends.
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
"""Declares a route that answers with progress lines."""

_QUIET_SECS: Final = 5.0

_log: Any = structlog.get_logger(__name__)


def progress_lines(
    request: Request, work: Callable[[Progress], msgspec.Struct | None], name: str
) -> StreamingResponse:
    """Run `work` in its own thread, called `name` there and in the log, and stream its
    progress.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    waits = Cancellation()

    def put(value: dict[str, Any] | None) -> None:
        line = None if value is None else msgspec.json.encode(value) + b"\n"
        try:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        except RuntimeError:  # the event loop has ended: the server is shutting down
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
        except Exception as error:  # noqa: BLE001 - reported as a fault of the server
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
                except TimeoutError:
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
