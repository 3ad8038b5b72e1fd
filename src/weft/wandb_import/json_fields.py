"""Fields of JSON from a W&B server or its files, checked for their types. Pure."""

from __future__ import annotations

from typing import Any, cast

from weft.records.lenient_json import parse_json


def as_object(value: Any) -> dict[str, Any]:
    """The object that a value is: empty if it is something else, or missing.

    >>> as_object({"a": 1}), as_object(None), as_object([1])
    ({'a': 1}, {}, {})
    """
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def json_object(field: Any) -> dict[str, Any]:
    """The object that a field holds as JSON text, or as it is: empty if it is missing or invalid.

    >>> json_object('{"a": NaN}'), json_object("{")
    ({'a': nan}, {})
    """
    try:
        return as_object(parse_json(field) if isinstance(field, str) else field)
    except ValueError:
        return {}
