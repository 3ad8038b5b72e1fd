"""Errors as problem documents (RFC 9457): the one table from an error's `code` to a status.

Receives whatever a route, a service or the framework raised; hands the client
`application/problem+json` without a stack trace. `weft.client.transport` maps `code` back.
"""

from __future__ import annotations

import http
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from weft.errors import PositionConflict, WeftError

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"

STATUS_OF_CODE: Final[dict[str, int]] = {
    "invalid": 400,
    "usage": 400,
    "corrupt_log": 400,
    "newer_log": 400,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "position": 409,
    "diverged": 409,
    "gone": 410,
    "limit": 413,
    "error": 500,
    "unavailable": 503,
}

_CODE_OF_STATUS: Final[dict[int, str]] = {
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "gone",
    413: "limit",
    500: "error",
    503: "unavailable",
}

_log: Any = structlog.get_logger(__name__)


def problem(
    scope: Scope,
    status: int,
    detail: str,
    *,
    code: str | None = None,
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> Response:
    """Make the answer for an error.

    Args:
        detail: what happened, to which thing, what to do; never a stack trace.
        code: one of `weft.errors`; by default the one that fits `status`.
        extra: further members of the document, such as `position`.
    """
    document = {
        "type": "about:blank",
        "title": http.HTTPStatus(status).phrase,
        "status": status,
        "code": code or _CODE_OF_STATUS.get(status, "invalid"),
        "detail": detail,
        "request_id": scope.get("state", {}).get("request_id"),
        **extra,
    }
    body = msgspec.json.encode(document)
    return Response(body, status, headers=headers, media_type=PROBLEM_MEDIA_TYPE)


def problem_from_error(scope: Scope, error: WeftError) -> Response:
    """Make the answer for an error that weft raised on purpose."""
    status = STATUS_OF_CODE.get(error.code, 500)
    extra = {"position": error.position} if isinstance(error, PositionConflict) else {}
    headers = {"Retry-After": "1"} if status == 503 else None
    return problem(scope, status, str(error), code=error.code, headers=headers, **extra)


def problem_from_unexpected(scope: Scope, error: Exception) -> Response:
    """Log what nobody foresaw and make an answer that tells only its request id."""
    request_id = scope.get("state", {}).get("request_id")
    _log.error(
        "unexpected error",
        request_id=request_id,
        method=scope.get("method"),
        path=scope.get("path"),
        exc_info=error,
    )
    return problem(scope, 500, "the server failed; its log has the details under the request id")


async def _weft_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return problem_from_error(request.scope, error)


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    detail = error.detail
    if error.status_code in {404, 405} and detail == http.HTTPStatus(error.status_code).phrase:
        detail = f"no such address: {request.method} {request.url.path}"
    return problem(request.scope, error.status_code, detail, headers=headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = [
        {"field": ".".join(str(part) for part in fault["loc"]), "message": str(fault["msg"])}
        for fault in error.errors()
    ]
    named = "; ".join(f"{fault['field']}: {fault['message']}" for fault in fields[:3])
    return problem(request.scope, 400, f"request is not valid: {named}", fields=fields)


_Handler = Callable[[Request, Exception], Awaitable[Response]]
HANDLERS: Final[dict[type[Exception], _Handler]] = {
    WeftError: _weft_error,
    HTTPException: _http_exception,
    RequestValidationError: _validation_error,
}


def install_handlers(app: FastAPI) -> None:
    """Make `app` answer every expected error with a problem document."""
    for error_type, handler in HANDLERS.items():
        app.add_exception_handler(error_type, handler)
