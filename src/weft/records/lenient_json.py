"""Parses JSON in which numbers may be `NaN` and `Infinity`, which strict decoders refuse. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

_decode: Final = msgspec.json.Decoder().decode


def parse_json(text: str) -> Any:
    """Parse JSON in which numbers may be `NaN`, `Infinity` and `-Infinity`.

    Raises:
        ValueError: it is not JSON, or nested too deeply.

    >>> parse_json('{"loss": NaN, "lr": 1e-3}')
    {'loss': nan, 'lr': 0.001}
    """
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
