"""JSON that is written as it was read: `1.0` is not `1`, and `1e-5` not `1e-05`. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, cast

from weft.errors import ConfigError, LimitExceeded

MAX_SPEC_CHARS: Final = 8 << 20
"""Twice the size of the largest report."""

UNEXPECTED: Final = (AttributeError, KeyError, TypeError, ValueError, OverflowError)
"""Errors of a conversion that meets JSON of another shape than W&B's client writes."""


class _Number(float):
    """A number whose text is not how Python writes it."""

    text: str


def read_spec(text: str) -> dict[str, Any]:
    """Read a spec; ConfigError if it is no object, LimitExceeded if it is too long.

    >>> read_spec('{"blocks":[]}')
    {'blocks': []}
    """
    if len(text) > MAX_SPEC_CHARS:
        raise LimitExceeded(f"a spec has at most {MAX_SPEC_CHARS} characters")
    spec = read_exact(text)
    if not isinstance(spec, dict):
        raise ConfigError("spec: a JSON object is expected", field="spec")
    return cast("dict[str, Any]", spec)


def read_exact(text: str) -> Any:
    """Read JSON; ConfigError if it is malformed.

    >>> write_exact(read_exact('{"w":1e-5,"n":1,"x":1.0}'))
    '{"w":1e-5,"n":1,"x":1.0}'
    """
    try:
        return json.loads(text, parse_float=_number)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"invalid JSON: {error}") from None


def read_exact_or_none(text: Any) -> Any:
    """Read JSON that a person may have changed; None if it is malformed, or no text.

    >>> read_exact_or_none("{") is None, read_exact_or_none("[1]")
    (True, [1])
    """
    try:
        return read_exact(text) if isinstance(text, str) else None
    except ConfigError:
        return None


def write_exact(value: Any) -> str:
    """Write JSON without spaces, as W&B's client does."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def write_sorted(value: Any) -> str:
    """Write JSON with the keys of objects in order: Yjs has no order of keys.

    >>> write_sorted({"b": [{"d": 1, "c": 2}], "a": 1.5})
    '{"a":1.5,"b":[{"c":2,"d":1}]}'
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def as_stored(value: Any) -> Any:
    """A value as a Yjs document has it: whole numbers are integers there.

    >>> as_stored({"a": [1.0, 1.5, True]})
    {'a': [1, 1.5, True]}
    """
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else float(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[str, Any]", value).items()
        return {key: as_stored(item) for key, item in items}
    if isinstance(value, list):
        return [as_stored(item) for item in cast("list[Any]", value)]
    return value


def is_exactly(a: Any, b: Any) -> bool:
    """Whether two values are the same JSON, also in the order of keys.

    >>> is_exactly(1, 1.0), is_exactly([True], [1]), is_exactly({"a": [1]}, {"a": [1]})
    (False, False, True)
    """
    return write_exact(a) == write_exact(b)


def _number(text: str) -> float:
    number = float(text)
    if repr(number) == text:
        return number
    exact = _Number(number)
    exact.text = text
    return exact


def _write(value: Any, parts: list[str]) -> None:
    if isinstance(value, _Number):
        parts.append(value.text)
    elif isinstance(value, Mapping):
        separator = "{"
        for key, item in cast("Mapping[str, Any]", value).items():
            parts += (separator, json.dumps(key, ensure_ascii=False), ":")
            _write(item, parts)
            separator = ","
        parts.append("{}" if separator == "{" else "}")
    elif isinstance(value, (list, tuple)):
        separator = "["
        for item in cast("list[Any]", value):
            parts.append(separator)
            _write(item, parts)
            separator = ","
        parts.append("[]" if separator == "[" else "]")
    else:
        parts.append(json.dumps(value, ensure_ascii=False))
