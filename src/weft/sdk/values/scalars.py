"""Values that are plain as they are, or by one step: numbers and text. No I/O.

By exact type: `conversion_plan` says once for many rows what becomes of each value, which is
`log()`'s fast way. Text is kept valid and within its limit. `weft.sdk.values.plain` does the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import GeneratorType
from typing import Any, Final

from weft.records.limits import MAX_TEXT_BYTES
from weft.records.value import INT64_MAX, INT64_MIN, big_int

Complain = Callable[[str, str], None]
"""Called with a key and what became of its value."""

Conversion = Callable[[Any], Any]
Plan = tuple[tuple[int, Conversion], ...]

LEFT_OUT: Final = object()
"""What a value becomes that can't be kept, not even as text."""

MAX_REPR_CHARS: Final = 1000
"""How much of an unknown object's `repr` is kept."""


def plain_int(value: int) -> Any:
    """An int as it can be written: one that no 64 bits hold is marked as such."""
    return value if INT64_MIN <= value <= INT64_MAX else big_int(value)


def _int_of(value: Any) -> Any:
    return plain_int(int(value))


AS_IT_IS: Final = frozenset((float, bool, type(None)))
_NUMPY_KINDS: Final[dict[str, Conversion]] = {"f": float, "i": int, "u": _int_of, "b": bool}


def conversion_of(value_type: type[Any]) -> Conversion | None:
    """How every value of exactly this type becomes plain; None = it takes a closer look.

    Text counts as plain here: its length is judged by the encoded row's.
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
    """Which values of a row of these types have to be converted, and how.

    Returns:
        Pairs of position and conversion; None = at least one value takes a closer look, so the
        row goes through `flatten_row`.

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
    """The key as it can be written: an exact `str` of valid Unicode."""
    if isinstance(key, str):
        return _valid_text(str.__str__(key))  # a text enum's own `str` names its class
    try:
        return _valid_text(str(key))
    except Exception:  # noqa: BLE001  the user's objects may raise anything
        return f"<{type(key).__name__}>"


def text_instead(key: str, value: Any, what: str, complain: Complain) -> Any:
    """The `repr` of a value that can't be kept itself; `LEFT_OUT` if it has none.

    Of a generator the `repr` without its address, so that two runs of a script compare equal.

    Args:
        what: why it can't, as the beginning of what is said.
    """
    try:
        if isinstance(value, GeneratorType):
            text = f"<generator {value.__qualname__}>"
        else:
            text = repr(value)[:MAX_REPR_CHARS]
    except Exception as error:  # noqa: BLE001  the user's objects may raise anything
        complain(key, f"can't be read ({type(error).__name__}); it was left out")
        return LEFT_OUT
    complain(key, f"{what}; it is kept as text")
    return plain_text(key, text, complain)


def plain_text(key: str, text: str, complain: Complain) -> str:
    """Text of valid Unicode, cut where it is too long for a row."""
    text = _valid_text(text)
    if len(text) * 4 <= MAX_TEXT_BYTES:
        return text
    encoded = text.encode()
    if len(encoded) <= MAX_TEXT_BYTES:
        return text
    complain(key, f"is text of {len(encoded)} bytes; it was cut at {MAX_TEXT_BYTES}")
    mark = "… [cut]"
    kept = encoded[: MAX_TEXT_BYTES - len(mark.encode())]
    return kept.decode(errors="ignore") + mark


def _valid_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="backslashreplace").decode()
    return text
