"""The size of values in a run's config and summary, for the limit `MAX_FIELDS_BYTES`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec

FIELD_BYTES: Final = 100
"""Bytes that a field takes besides its text: its path, stamp and number."""

_encode: Final = msgspec.msgpack.Encoder(enc_hook=str).encode


def field_bytes(value: Any) -> int:
    """About how many bytes a value takes where it is stored.

    >>> field_bytes(0.5), field_bytes("abc"), field_bytes([1, 2, 3])
    (100, 103, 104)
    """
    if isinstance(value, str):
        return FIELD_BYTES + len(value)
    if isinstance(value, (list, dict)):
        try:
            return FIELD_BYTES + len(_encode(value))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return FIELD_BYTES + _nested_bytes(value)
    return FIELD_BYTES


def _nested_bytes(value: Any) -> int:
    """The size of a value that msgpack can't encode: of odd keys, or nested without an end."""
    n_bytes = 0
    waiting = [value]
    while waiting:
        part = waiting.pop()
        n_bytes += len(part) if isinstance(part, (str, bytes)) else 8
        if isinstance(part, dict):
            members = cast("dict[Any, Any]", part)
            waiting += members
            waiting += members.values()
        elif isinstance(part, (list, tuple)):
            waiting += cast("Sequence[Any]", part)
    return n_bytes
