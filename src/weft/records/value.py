"""The kinds of value a metric can have, and how numbers travel that an encoding can't carry."""

from __future__ import annotations

import math
from typing import Any, Final, Literal

Kind = Literal["int", "float", "bool", "object"]
KINDS: Final[tuple[Kind, ...]] = ("int", "float", "bool", "object")

_NONFINITE: Final[dict[Any, float]] = {
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}

_DECIMAL_BITS: Final = 4096
INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1
_UINT64_MAX: Final = 2**64 - 1

_KIND_OF: Final[dict[type[Any], Kind]] = {float: "float", int: "int", bool: "bool"}


def kind_of(value: Any) -> Kind:
    """Which kind of column a decoded value goes to.

    Ints beyond 64 bits are written by the client as `big_int` objects, so an int here fits.

    >>> kind_of(5), kind_of(5.0), kind_of(True), kind_of("5")
    ('int', 'float', 'bool', 'object')
    """
    return _KIND_OF.get(type(value), "object")  # pyright: ignore[reportUnknownArgumentType]


def big_int(value: int) -> dict[str, str]:
    """The object that stands for an int beyond 64 bits: its decimal text, or hexadecimal above
    4,096 bits (Python refuses to make decimals of thousands of digits).

    >>> big_int(2**70)
    {'_type': 'int', 'value': '1180591620717411303424'}
    """
    text = str(value) if value.bit_length() <= _DECIMAL_BITS else hex(value)
    return {"_type": "int", "value": text}


def with_ints(value: Any) -> Any:
    """Turn the objects that `big_int` makes back into ints, at any depth.

    >>> with_ints({"seeds": [big_int(2**70), 5]})
    {'seeds': [1180591620717411303424, 5]}
    """
    if isinstance(value, dict):
        items: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        if len(items) == 2 and items.get("_type") == "int" and isinstance(items.get("value"), str):
            try:
                return int(items["value"], 0)
            except ValueError:  # not ours: longer decimals than Python reads, or other text
                return items
        return {key: with_ints(inner) for key, inner in items.items()}
    if isinstance(value, list):
        inners: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [with_ints(inner) for inner in inners]
    return value


def tagged_floats(value: Any) -> Any:
    """Replace NaN and ±Inf by objects, at any depth: JSON that is told what a text is not.

    >>> tagged_floats([0.5, float("nan"), "NaN"])
    [0.5, {'_type': 'float', 'value': 'NaN'}, 'NaN']
    """
    if isinstance(value, float) and not math.isfinite(value):
        return {"_type": "float", "value": json_safe(value)}
    if isinstance(value, dict):
        items: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {key: tagged_floats(inner) for key, inner in items.items()}
    if isinstance(value, (list, tuple)):
        inners: Any = value  # pyright: ignore[reportUnknownVariableType]
        return [tagged_floats(inner) for inner in inners]
    return value


def tagged_in_lists(value: Any) -> Any:
    """`tagged_floats` of what is inside lists; a number that is no part of a list stays.

    For JSON that has words for non-finite numbers outside lists. The items of a list have no kind
    of their own that would tell such a word from a text.

    >>> tagged_in_lists({"a": float("nan"), "b": [float("nan")]})
    {'a': nan, 'b': [{'_type': 'float', 'value': 'NaN'}]}
    """
    if isinstance(value, dict):
        items: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        return {key: tagged_in_lists(inner) for key, inner in items.items()}
    return tagged_floats(value) if isinstance(value, (list, tuple)) else value


def with_floats(value: Any) -> Any:
    """The inverse of `tagged_floats`.

    >>> with_floats([{"_type": "float", "value": "-Infinity"}, "NaN"])
    [-inf, 'NaN']
    >>> with_floats({"_type": "float", "value": []})
    {'_type': 'float', 'value': []}
    """
    if isinstance(value, dict):
        items: dict[Any, Any] = value  # pyright: ignore[reportUnknownVariableType]
        if len(items) == 2 and items.get("_type") == "float":
            name = items.get("value")
            return _NONFINITE.get(name, items) if isinstance(name, str) else items
        return {key: with_floats(inner) for key, inner in items.items()}
    if isinstance(value, list):
        inners: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        return [with_floats(inner) for inner in inners]
    return value


def msgpack_safe(value: Any) -> Any:
    """Replace ints beyond 64 bits by `big_int` objects, at any depth.

    >>> msgpack_safe([5, 2**64])
    [5, {'_type': 'int', 'value': '18446744073709551616'}]
    """
    return _safe(value, nonfinite=False)


def json_safe(value: Any) -> Any:
    """Replace NaN and ±Inf by the strings "NaN", "Infinity" and "-Infinity", and ints beyond 64
    bits by `big_int` objects, at any depth.

    >>> json_safe({"a": [float("nan"), float("-inf"), 1.5]})
    {'a': ['NaN', '-Infinity', 1.5]}
    """
    return _safe(value, nonfinite=True)


def _safe(value: Any, *, nonfinite: bool) -> Any:
    if isinstance(value, float):
        if not nonfinite or math.isfinite(value):
            return value
        if math.isnan(value):
            return "NaN"
        return "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int):
        return value if INT64_MIN <= value <= _UINT64_MAX else big_int(value)
    if isinstance(value, dict):
        items: Any = value.items()  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        return {key: _safe(inner, nonfinite=nonfinite) for key, inner in items}
    if isinstance(value, (list, tuple)):
        inners: Any = value  # pyright: ignore[reportUnknownVariableType]
        return [_safe(inner, nonfinite=nonfinite) for inner in inners]
    return value
