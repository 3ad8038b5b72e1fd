"""Values in the forms that clients read: JSON texts, times, numbers that JSON lacks. Pure."""

from __future__ import annotations

import json
import math
from typing import Any, cast

from weft.records.times import iso_time


def json_text(value: Any) -> str:
    """JSON as W&B writes it into strings: numbers may be `NaN` and `Infinity`.

    >>> json_text({"loss": float("nan")})
    '{"loss":NaN}'
    """
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def json_object(value: Any) -> Any:
    """JSON as part of an answer, where numbers that JSON lacks are strings.

    >>> json_object({"loss": [float("inf"), 1.5]})
    {'loss': ['Infinity', 1.5]}
    """
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list):
        return [json_object(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: json_object(item) for key, item in cast("dict[str, Any]", value).items()}
    return value


def time_text(micros: int) -> str:
    """A time, as W&B writes it.

    >>> time_text(1_700_000_000_250_000)
    '2023-11-14T22:13:20Z'
    """
    return f"{iso_time(micros)[:19]}Z"


def time_or_none(micros: int | None) -> str | None:
    """A time, or None for None."""
    return None if micros is None else time_text(micros)
