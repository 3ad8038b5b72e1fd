"""Converts numbers and text, which need at most one step to be plain. No I/O.

Conversions depend on the exact type: `conversion_plan` chooses them once for many rows, which is
`log()`'s fast path. Text is made valid and cut to its limit. `weft.sdk.values.plain` handles all
other values.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import GeneratorType
from typing import Any, Final

from weft.records.limits import MAX_TEXT_BYTES
from weft.records.value import INT64_MAX, INT64_MIN, big_int

Complain = Callable[[str, str], None]
"""Called with a key and a description of what was done with its value."""

Conversion = Callable[[Any], Any]
Plan = tuple[tuple[int, Conversion], ...]

LEFT_OUT: Final = object()
"""Replaces a value that can't be stored, not even as text."""

MAX_REPR_CHARS: Final = 1000
"""Most characters of an unknown object's `repr` that are stored."""


def plain_int(value: int) -> Any:
    """Convert an int: one that does not fit in 64 bits becomes a tagged value."""
    return value if INT64_MIN <= value <= INT64_MAX else big_int(value)


def _int_of(value: Any) -> Any:
    return plain_int(int(value))


AS_IT_IS: Final = frozenset((float, bool, type(None)))
_NUMPY_KINDS: Final[dict[str, Conversion]] = {"f": float, "i": int, "u": _int_of, "b": bool}


def conversion_of(value_type: type[Any]) -> Conversion | None:
    """Return the conversion for values of exactly this type, or None if it has no fast path.

    Text counts as plain here: the length of the encoded row is checked instead.
    """
    if value_type is int:
        return plain_int
    if value_type is str:
        return str
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None and issubclass(value_type, numpy.generic):
        kind: str = numpy.dtype(value_type).kind
        return _NUMPY_KINDS.get(kind)
    return None


def conversion_plan(types: tuple[type[Any], ...]) -> Plan | None:
    """Choose the conversions, by position, for a row of values of these types.

    None if at least one type has no fast path, so that the row goes through `flatten_row`.

    >>> conversion_plan((float, bool)), conversion_plan((float, dict))
    ((), None)
    """
    plan: list[tuple[int, Conversion]] = []
    for position, value_type in enumerate(types):
        if value_type in AS_IT_IS:
            continue
        conversion = conversion_of(value_type)
        if conversion is None:
            return None
        if conversion is not str:
            plan.append((position, conversion))
    return tuple(plan)


def plain_key(key: object) -> str:
    """Convert a key to an exact `str` of valid Unicode."""
    if isinstance(key, str):
        return valid_text(str.__str__(key))  # a string enum's own `str` includes its class
    try:
        return valid_text(str(key))
    except Exception:  # noqa: BLE001  the user's objects may raise anything
        return f"<{type(key).__name__}>"


def text_instead(key: str, value: Any, fault: str, warn_value: Complain) -> Any:
    """Return the `repr` of an unsupported value, or `LEFT_OUT` if `repr` fails.

    A generator's text has no address, so that two runs of a script compare equal. `fault` begins
    the warning.
    """
    try:
        if isinstance(value, GeneratorType):
            text = f"<generator {value.__qualname__}>"
        else:
            text = repr(value)[:MAX_REPR_CHARS]
    except Exception as error:  # noqa: BLE001  the user's objects may raise anything
        warn_value(key, f"can't be read ({type(error).__name__}); it was left out")
        return LEFT_OUT
    warn_value(key, f"{fault}; it is kept as text")
    return plain_text(key, text, warn_value)


def plain_text(key: str, text: str, warn_value: Complain) -> str:
    """Make text valid Unicode, and cut it if it is too long for a row."""
    text = valid_text(text)
    if len(text) * 4 <= MAX_TEXT_BYTES:
        return text
    encoded = text.encode()
    if len(encoded) <= MAX_TEXT_BYTES:
        return text
    warn_value(key, f"is text of {len(encoded)} bytes; it was cut at {MAX_TEXT_BYTES}")
    mark = "… [cut]"
    head = encoded[: MAX_TEXT_BYTES - len(mark.encode())]
    return head.decode(errors="ignore") + mark


def valid_text(text: str) -> str:
    """Text that UTF-8 can encode; halves of surrogate pairs are escaped."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text
