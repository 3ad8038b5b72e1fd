"""Parses JSON that strict decoders refuse: numbers that are `NaN` or `Infinity`, and halves of
surrogate pairs. Pure.
"""

from __future__ import annotations

import json
from typing import Any, Final, cast

import msgspec

_decode: Final = msgspec.json.Decoder().decode


def parse_json(text: str) -> Any:
    """Parse JSON in which numbers may be `NaN`, `Infinity` and `-Infinity`.

    Half of a surrogate pair, which UTF-8 can't encode, becomes `U+FFFD`. ValueError if it is not
    JSON, or nested too deeply.

    >>> parse_json('{"loss": NaN, "lr": 1e-3}')
    {'loss': nan, 'lr': 0.001}
    """
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        value = json.loads(text)
        return _encodable(value) if "\\ud" in text.lower() else value
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_encodable(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {str(_encodable(key)): _encodable(item) for key, item in items}
    return value
