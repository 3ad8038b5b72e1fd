"""Requests to providers of OpenID Connect, bounded in time and size."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from weft.errors import Unavailable

TIMEOUT_SECS: Final = 10.0
_MAX_BYTES: Final = 1024 * 1024


class Refusal(Exception):
    """A provider refused a request, with its reason as OAuth names it, such as `invalid_grant`."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(f"{error or f'status {status}'}{description and f': {description}'}")
        self.error = error


def fetch_json(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    form: str | None = None,
    name: str,
) -> dict[str, Any]:
    """Get a JSON object, or post a form for one.

    Unavailable if the provider can't be reached or answers something else; Refusal if it refuses.
    `name` is what messages call the provider.
    """
    body = None if form is None else form.encode()
    request = Request(url, data=body, headers={"Accept": "application/json", **(headers or {})})
    try:
        with _opener().open(request, timeout=TIMEOUT_SECS) as answer:
            return _object(answer, name)
    except HTTPError as error:
        with error:
            raise _refusal(error, name) from None
    except URLError as error:
        raise Unavailable(f"{name} can't be reached: {_reason(error.reason)}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(f"{name} can't be reached: {_reason(error)}") from error


def _opener() -> OpenerDirector:
    # Without files, FTP and redirects, which the default one has: a redirect could lead to plain
    # HTTP, and a token request has the server's secret.
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _object(answer: IO[bytes], name: str) -> dict[str, Any]:
    body = answer.read(_MAX_BYTES + 1)
    try:
        value = json.loads(body) if len(body) <= _MAX_BYTES else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unavailable(f"{name} does not answer with a JSON object: check the issuer's address")
    return value


def _refusal(error: HTTPError, name: str) -> Exception:
    try:
        document = _object(error, name)
    except (Unavailable, OSError):
        document = {}
    if error.code >= 500 or "error" not in document:
        return Unavailable(f"{name} answers with status {error.code}")
    reason, description = (str(document.get(key) or "") for key in ("error", "error_description"))
    return Refusal(error.code, reason[:80], description[:200])


def _reason(reason: object) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({reason.verify_message})"
    if isinstance(reason, TimeoutError):
        return f"it does not answer within {TIMEOUT_SECS:g} s"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return str(reason) or type(reason).__name__
