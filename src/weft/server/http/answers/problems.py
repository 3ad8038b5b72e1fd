"""Encodes errors as problem documents (RFC 9457); defines the status of each error `code`.

Turns what a route or a service raised into `application/problem+json` without a stack trace.
`weft.client.transport` maps `code` back to an error.
"""

from __future__ import annotations

import http
import math
import re
from typing import Any, Final
from urllib.parse import quote

import msgspec
import structlog
from starlette.responses import Response
from starlette.types import Scope

from weft.errors import (
    ConfigError,
    ExpressionError,
    FilterError,
    Forbidden,
    Moved,
    PositionConflict,
    Unavailable,
    WeftError,
)
from weft.server.services.access import Cancelled
from weft.wire.server.problems import FieldError, Problem

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"

STATUS_OF_CODE: Final[dict[str, int]] = {
    "invalid": 400,
    "usage": 400,
    "corrupt_log": 400,
    "newer_log": 400,
    "wrong_content": 400,
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
    "too_many_requests": 429,
    "unavailable": 503,
    "storage_full": 507,
}

_CODE_OF_STATUS: Final[dict[int, str]] = {
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "gone",
    413: "limit",
    429: "too_many_requests",
    500: "error",
    503: "unavailable",
    507: "storage_full",
}

_FIELD: Final = re.compile(r"([a-z_]\w*)(?:: | (?:\w+ )?must )")
"""The name of the field at the start of a `ConfigError`'s message."""

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

    `detail` tells what happened, to which thing, what to do; never a stack trace. Without `code`,
    the one of `weft.errors` that fits the status. `extra` are further members of the document,
    such as `position`.
    """
    document = Problem(
        type="about:blank",
        title=http.HTTPStatus(status).phrase,
        status=status,
        code=code or _CODE_OF_STATUS.get(status, "invalid"),
        detail=detail,
        request_id=scope.get("state", {}).get("request_id"),
        **extra,
    )
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
        reason = str(error).removeprefix(f"{field}: ")
        extra["errors"] = [FieldError(field=field, reason=reason)]
    if isinstance(error, (FilterError, ExpressionError)) and error.column is not None:
        extra["column"] = error.column
    if status == 500:
        request_id = scope.get("state", {}).get("request_id")
        _log.error("fault", request_id=request_id, path=scope.get("path"), detail=str(error))
    headers = retry_headers(error)
    actor = scope.get("state", {}).get("actor")
    is_anyone = actor is not None and actor.kind == "anyone" and actor.share is None
    if isinstance(error, Forbidden) and is_anyone:
        # A reader of a public project who asks for more: signing in may help. What a share does
        # not show, it shows to no reader.
        status = 401
        headers = {"WWW-Authenticate": 'Bearer realm="weft"'}
    if isinstance(error, Moved):
        extra["path"] = error.path
        headers = {"Location": _moved_to(scope, error.path)}
    return problem(scope, status, str(error), code=error.code, headers=headers, **extra)


def retry_headers(error: WeftError) -> dict[str, str]:
    """The header that states when to try again: of each error that asks for that, and no other.

    >>> retry_headers(Unavailable("busy", retry_after_secs=4.2)), retry_headers(WeftError("no"))
    ({'Retry-After': '5'}, {})
    """
    if not isinstance(error, Unavailable):
        return {}
    return {"Retry-After": str(max(1, math.ceil(error.retry_after_secs or 0)))}


def _moved_to(scope: Scope, path: str) -> str:
    """A request's address, with the new path of its run or project."""
    entity, project, *run = (quote(part, safe="") for part in path.split("/"))
    parts = scope["path"].split("/")
    # /api/v1/projects/{entity}/{project}/runs/{run}/…
    below = [quote(part) for part in parts[8 if run else 6 :]]
    of_run = ["runs", *run] if run else []
    target = "/".join([*parts[:4], entity, project, *of_run, *below])
    query = scope["query_string"].decode("latin-1")
    return f"{target}?{query}" if query else target


def problem_from_unexpected(scope: Scope, error: Exception) -> Response:
    """Log an unexpected error, and make an answer that tells only its request id."""
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
    """The message for a client about an unexpected error.

    >>> unexpected_detail("b23a7d05-255")
    'the server failed; its log has the details under request id b23a7d05-255'
    """
    return f"the server failed; its log has the details under request id {request_id}"


def problem_from(scope: Scope, error: Exception) -> Response:
    """Make the answer for any exception raised while answering a request."""
    if isinstance(error, WeftError):
        return problem_from_error(scope, error)
    if isinstance(error, Cancelled):
        return Response(status_code=499)  # the client has left: this is for the log
    return problem_from_unexpected(scope, error)
