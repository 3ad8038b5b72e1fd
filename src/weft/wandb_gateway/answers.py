"""Answers and errors in the form that the official client reads.

It tries again after 408, 429 and all 5xx but 501; any of 400, 401, 403, 404, 409, 410, 413 and 422
ends what it does, with the message. So each error has a status that tells it the truth.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import structlog
from starlette.responses import Response
from starlette.types import Scope

from weft.errors import WeftError
from weft.server.http.answers.problems import STATUS_OF_CODE, retry_headers
from weft.server.services.access import Cancelled

_log: Any = structlog.get_logger(__name__)

_FINAL: Final = 422
"""The status of an error that never passes, if the client would try its own status again."""


def answer(body: Any, status: int = 200, *, error: WeftError | None = None) -> Response:
    """An answer as JSON. With the error that its status is of, it states when to try again."""
    headers = {} if error is None else retry_headers(error)
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def refusal(status: int, message: str, *, error: WeftError | None = None) -> Response:
    """An error with a message for the user."""
    return answer({"error": message, "errors": [{"message": message}]}, status, error=error)


def refusal_of(scope: Scope, error: Exception) -> Response:
    """The answer for what was raised while a request was answered."""
    if isinstance(error, WeftError):
        status = STATUS_OF_CODE.get(error.code, 500)
        if status in {308, 412}:
            status = _FINAL
        return refusal(status, str(error), error=error)
    if isinstance(error, Cancelled):
        return Response(status_code=499)  # the client has left: this is for the log
    request_id = scope.get("state", {}).get("request_id")
    _log.error("unexpected error", request_id=request_id, path=scope.get("path"), exc_info=error)
    # Not 500: the client would try again, for days, what would fail again.
    return refusal(501, f"the server failed; its log has the details under {request_id}")
