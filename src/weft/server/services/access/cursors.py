"""Page limits, and opaque cursors of the start of the next page. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

from weft.errors import ConfigError

T = TypeVar("T")


def check_limit(limit: int, most: int) -> None:
    """Refuse a page limit below 1 or above `most`."""
    if not 1 <= limit <= most:
        raise ConfigError(f"limit must be 1 to {most}", field="limit")


def encode_cursor(position: object) -> str:
    """Encode a position as a cursor.

    >>> decode_cursor(encode_cursor((1700000000, 5)), tuple[int, int])
    (1700000000, 5)
    """
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(position)).rstrip(b"=").decode()


def decode_cursor(cursor: str, shape: type[T]) -> T:
    """The position that a cursor stands for; ConfigError if it is invalid."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(padded), type=shape)
    except (ValueError, binascii.Error, msgspec.DecodeError, UnicodeError):
        raise ConfigError(f"not a cursor of this page: {cursor[:80]!r}", field="cursor") from None
