"""Reads posted forms."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.types import Receive, Scope

_MEDIA_TYPE = b"application/x-www-form-urlencoded"
_MAX_BYTES = 16 * 1024
_MAX_FIELDS = 16


def is_form(scope: Scope, headers: dict[bytes, bytes]) -> bool:
    """Whether a request posts a form of a page: nothing else posts forms to this server."""
    if scope["method"] != "POST" or scope["path"].startswith("/api/"):
        return False
    media_type = headers.get(b"content-type", b"").partition(b";")[0]
    return media_type.strip().lower() == _MEDIA_TYPE


async def read_form(
    receive: Receive, *, max_bytes: int = _MAX_BYTES, max_fields: int = _MAX_FIELDS
) -> dict[str, str]:
    """Read the fields of a form. Empty if it is malformed or too long, or repeats a field."""
    body = b""
    has_more = True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            return {}
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
        if len(body) > max_bytes:
            return {}
    return fields_of(body, max_fields)


def fields_of(text: bytes, max_fields: int = _MAX_FIELDS) -> dict[str, str]:
    """The fields of a form or query.

    >>> fields_of(b"user=ada&password=a+b%C3%A4"), fields_of(b"user=a&user=b"), fields_of(b"x=%ff")
    ({'user': 'ada', 'password': 'a bä'}, {}, {})
    """
    try:
        pairs = parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            max_num_fields=max_fields,
            errors="strict",
        )
    except ValueError:
        return {}
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else {}
