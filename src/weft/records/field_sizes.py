"""The size of values in a run's config and summary, for the limit `MAX_FIELDS_BYTES`. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

FIELD_BYTES: Final = 100
"""What a field takes next to its text: its path, stamp and number."""

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
            return FIELD_BYTES + len(repr(value))  # pyright: ignore[reportUnknownArgumentType]
    return FIELD_BYTES
