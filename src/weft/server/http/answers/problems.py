"""Errors as problem documents (RFC 9457): the one table from an error's `code` to a status.

Receives whatever a route, a service or the framework raised; hands the client
`application/problem+json` without a stack trace. `weft.client.transport` maps `code` back.
"""

from __future__ import annotations

import http
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Scope

from weft.errors import (
    ConfigError,
    ExpressionError,
    FilterError,
    Moved,
    PositionConflict,
    Unavailable,
    WeftError,
)
from weft.server.services.cancellation import Cancelled

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
    "outdated": 412,
    "gone": 410,
    "moved": 308,
    "limit": 413,
    "error": 500,
    "damaged": 500,
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

_UNREADABLE: Final[dict[type[BaseException], str]] = {
    RecursionError: "it is nested too deeply",
    UnicodeDecodeError: "it is not UTF-8",
    ClientDisconnect: "it ended early",
}
_FIELD: Final = re.compile(r"([a-z_]\w*)(?:: | (?:\w+ )?must )")
"""How the message of a `ConfigError` names its field."""

_MAX_FAULTS: Final = 20
_MAX_REASON_CHARS: Final = 300
"""A body of a million wrong elements is told by its first."""

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
    extra: dict[str, Any] = {}
    if isinstance(error, PositionConflict):
        extra["position"] = error.position
    if isinstance(error, ConfigError):
        named = _FIELD.match(str(error))
        field = error.field or (named[1] if named else "request")
        extra["errors"] = [{"field": field, "reason": str(error)}]
    if isinstance(error, (FilterError, ExpressionError)) and error.column is not None:
        extra["column"] = error.column
    if status == 500:
        request_id = scope.get("state", {}).get("request_id")
        _log.error("fault", request_id=request_id, path=scope.get("path"), detail=str(error))
    headers: dict[str, str] | None = None
    if status == 503:
        secs = error.retry_after_secs if isinstance(error, Unavailable) else None
        headers = {"Retry-After": f"{1 if secs is None else secs:.0f}"}
    if isinstance(error, Moved):
        extra["path"] = error.path
        headers = {"Location": _moved_to(scope, error.path)}
    return problem(scope, status, str(error), code=error.code, headers=headers, **extra)


def _moved_to(scope: Scope, path: str) -> str:
    """The address of a request, at the path that its run has now."""
    entity, project, run = (quote(part, safe="") for part in path.split("/"))
    parts = scope["path"].split("/")
    # /api/v1/projects/{entity}/{project}/runs/{run}/…
    below = [quote(part) for part in parts[8:]]
    found = "/".join([*parts[:4], entity, project, "runs", run, *below])
    query = scope["query_string"].decode("latin-1")
    return f"{found}?{query}" if query else found


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
    return problem(scope, 500, unexpected_detail(request_id))


def unexpected_detail(request_id: str | None) -> str:
    """What is told of an error that nobody foresaw.

    >>> unexpected_detail("b23a7d05-255")
    'the server failed; its log has the details under request id b23a7d05-255'
    """
    return f"the server failed; its log has the details under request id {request_id}"


async def _weft_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, WeftError)
    return problem_from_error(request.scope, error)


async def _cancelled(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return Response(status_code=499)  # the client has left: this is for the log


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    cause = error.__cause__
    if isinstance(cause, WeftError):  # FastAPI's word for what went wrong with a body
        return problem_from_error(request.scope, cause)
    if error.status_code == 400 and cause is not None:
        reason = _UNREADABLE.get(type(cause), "it is no JSON that can be read")
        faults = [{"field": "body", "reason": reason}]
        return problem(request.scope, 400, f"body: {reason}", errors=faults)
    headers = dict(error.headers) if error.headers else None
    detail = error.detail
    if error.status_code == 404 and detail == http.HTTPStatus(404).phrase:
        detail = f"no such address: {request.method} {request.url.path}"
    if error.status_code == 405:
        detail = f"{request.url.path} does not take {request.method}"
    return problem(request.scope, error.status_code, detail, headers=headers)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    media_type = request.headers.get("Content-Type", "")
    if any(list(fault["loc"]) == ["body"] for fault in error.errors()) and not _is_json(
        media_type
    ):
        reason = f"it must be sent as application/json, not {media_type[:80] or 'without a type'}"
        faults = [{"field": "body", "reason": reason}]
        return problem(request.scope, 400, f"body: {reason}", errors=faults)
    faults = [
        {"field": _field(fault["loc"]), "reason": str(fault["msg"])[:_MAX_REASON_CHARS]}
        for fault in error.errors()[:_MAX_FAULTS]
    ]
    named = "; ".join(f"{fault['field']}: {fault['reason']}" for fault in faults[:3])
    return problem(request.scope, 400, f"request is not valid: {named}", errors=faults)


def _is_json(media_type: str) -> bool:
    """As FastAPI has it.

    >>> _is_json("application/json; charset=utf-8"), _is_json("text/plain")
    (True, False)
    """
    kind = media_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def _field(place: Sequence[str | int]) -> str:
    """Name a field from where FastAPI found it: `limit`, `config.set.0`, `body` itself.

    >>> _field(["query", "limit"]), _field(["body", "config", "set", 0]), _field(["body"])
    ('limit', 'config.set.0', 'body')
    """
    named = ".".join(str(part) for part in (place[1:] or place))
    return named[:_MAX_REASON_CHARS] or "''"


_Handler = Callable[[Request, Exception], Awaitable[Response]]
HANDLERS: Final[dict[type[Exception], _Handler]] = {
    Cancelled: _cancelled,
    WeftError: _weft_error,
    HTTPException: _http_exception,
    RequestValidationError: _validation_error,
}


def install_handlers(app: FastAPI) -> None:
    """Make `app` answer every expected error with a problem document."""
    for error_type, handler in HANDLERS.items():
        app.add_exception_handler(error_type, handler)
