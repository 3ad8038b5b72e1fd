"""Cursors of pages: where the next one begins, as text that callers hand back unread. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

from weft.errors import ConfigError

T = TypeVar("T")


def encode_cursor(place: object) -> str:
    """A place as text.

    >>> decode_cursor(encode_cursor((1700000000, 5)), tuple[int, int])
    (1700000000, 5)
    """
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(place)).rstrip(b"=").decode()


def decode_cursor(cursor: str, shape: type[T]) -> T:
    """The place that a cursor stands for.

    Raises:
        ConfigError: it is none of ours.
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(padded), type=shape)
    except (ValueError, binascii.Error, msgspec.DecodeError, UnicodeError):
        raise ConfigError(f"not a cursor of this page: {cursor[:80]!r}") from None
