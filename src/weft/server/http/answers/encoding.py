"""Encodes what a route returns: as JSON, or as msgpack for clients that ask for it."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.responses import Response
from starlette.types import Scope

from weft.records.value import json_safe, msgpack_safe
from weft.server.http.answers.value_lists import tag_lists

MSGPACK_MEDIA_TYPE: Final = "application/msgpack"

_HEADERS: Final = {"Vary": "Accept"}


def encode_answer(scope: Scope, value: Any, status: int = 200) -> Response:
    """Answer with a value; msgpack keeps numbers as they are, JSON uses `json_safe`."""
    if not _wants_msgpack(scope):
        plain = msgspec.to_builtins(value)
        body = msgspec.json.encode(json_safe(tag_lists(value, plain)))
        return Response(body, status, _HEADERS, media_type="application/json")
    try:
        body = msgspec.msgpack.encode(value)
    except OverflowError:  # rare: checking for such ints first would slow every other answer
        body = msgspec.msgpack.encode(msgpack_safe(msgspec.to_builtins(value)))
    return Response(body, status, _HEADERS, media_type=MSGPACK_MEDIA_TYPE)


def _wants_msgpack(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"accept":
            return bool(value.startswith(MSGPACK_MEDIA_TYPE.encode()))
    return False
