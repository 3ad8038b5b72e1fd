"""Encodes what a route returns: as JSON, or as msgpack for clients that ask for it."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from starlette.responses import Response
from starlette.types import Scope

from weft.records.value import is_json_safe, json_safe, msgpack_safe
from weft.server.http.answers.value_lists import tag_lists

MSGPACK_MEDIA_TYPE: Final = "application/msgpack"

_HEADERS: Final = {"Vary": "Accept"}

_NONFINITE: Final = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]")
"""The bytes of a NaN or an infinity in msgpack; rarely a part of something else."""


def encode_answer(scope: Scope, value: Any, status: int = 200) -> Response:
    """Answer with a value; msgpack keeps numbers as they are, JSON uses `json_safe`."""
    as_msgpack = wants_msgpack(scope)
    return encoded_answer(encode(value, as_msgpack=as_msgpack), status, as_msgpack=as_msgpack)


def encode(value: Any, *, as_msgpack: bool) -> bytes:
    """The body of an answer with a value."""
    try:
        packed = msgspec.msgpack.encode(value)
    except OverflowError:  # rare: checking for such ints first would slow every other answer
        packed = None
    if not as_msgpack:
        return _as_json(value, packed)
    if packed is None:
        packed = msgspec.msgpack.encode(msgpack_safe(msgspec.to_builtins(value)))
    return packed


def encoded_answer(body: bytes, status: int = 200, *, as_msgpack: bool) -> Response:
    """Answer with what `encode` made."""
    media_type = MSGPACK_MEDIA_TYPE if as_msgpack else "application/json"
    return Response(body, status, _HEADERS, media_type=media_type)


def _as_json(value: Any, packed: bytes | None) -> bytes:
    """A value as JSON.

    `packed` is the value as msgpack, in which a search for numbers that JSON can't represent takes
    a tenth of a walk over the value; None if it has ints beyond 64 bits.
    """
    if packed is not None and _NONFINITE.search(packed) is None:
        return msgspec.json.encode(value)
    plain = msgspec.to_builtins(value)
    # In megabytes of floats some bytes look like a NaN.
    safe = plain if is_json_safe(plain) else json_safe(tag_lists(value, plain))
    return msgspec.json.encode(safe)


def wants_msgpack(scope: Scope) -> bool:
    """Whether a client asks for msgpack."""
    for name, value in scope["headers"]:
        if name == b"accept":
            return bool(value.startswith(MSGPACK_MEDIA_TYPE.encode()))
    return False
