"""Turns msgspec's errors into the name of the invalid field and the reason."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

from weft.records.nearest import did_you_mean

_AT: Final = re.compile(r" - at `\$\.?(.*?)`$")
_NAMED: Final = re.compile(r"Object (?:contains )?(unknown|missing required) field `(.*?)`")
_CHOICE: Final = re.compile(r"Invalid (?:enum )?value ('.*')", re.DOTALL)
_UNIONS: Final = (typing.Union, types.UnionType)

MAX_SHOWN_CHARS: Final = 80
"""The most characters of a request that an error message quotes."""

_MAX_REASON_CHARS: Final = 300


def fault_of(error: msgspec.DecodeError, hint: Any, whole: str) -> tuple[str, str]:
    """The field that an error is about, as problem documents name it, and what is wrong.

    `whole` is the field name for errors of the whole body.

    >>> class Query(msgspec.Struct, forbid_unknown_fields=True):
    ...     axis: Literal["step", "time"] = "step"
    >>> def fault(text):
    ...     return fault_of(msgspec.ValidationError(text), list[Query], "body")
    >>> fault("Invalid enum value 'x' - at `$[0].axis`")
    ('0.axis', "invalid value 'x'; use one of: step, time")
    >>> fault("Object contains unknown field `axes` - at `$[0]`")
    ('0.axes', "unknown field: did you mean 'axis'?")
    >>> fault("Expected `array`, got `object`")
    ('body', 'Expected `array`, got `object`')
    """
    text = str(error)
    at = _AT.search(text)
    path = [] if at is None else at[1].replace("[", ".").replace("]", "").strip(".").split(".")
    reason = text.removesuffix("" if at is None else at[0])
    named = _NAMED.match(text)
    choice = _CHOICE.fullmatch(reason)
    if named is not None:
        name = named[2][:MAX_SHOWN_CHARS]
        reason = "missing field"
        if named[1] == "unknown":
            reason = f"unknown field{did_you_mean(name, _fields_at(hint, path))}"
        path.append(name)
    elif choice is not None:
        value = choice[1][:MAX_SHOWN_CHARS]
        reason = f"invalid value {value}; use one of: {', '.join(_choices_at(hint, path))}"
    elif not isinstance(error, msgspec.ValidationError):
        reason = f"it is not valid JSON: {reason}"
    return ".".join(filter(None, path)) or whole, reason[:_MAX_REASON_CHARS]


def _fields_at(hint: Any, path: Sequence[str]) -> list[str]:
    """The names of the fields that an object may have."""
    structs = (type_ for type_ in _types_at(hint, path) if _is_struct(type_))
    return [name for struct in structs for name in struct.__struct_fields__]


def _choices_at(hint: Any, path: Sequence[str]) -> list[str]:
    """The values that a field may have, where its type lists them."""
    literals = (type_ for type_ in _types_at(hint, path) if get_origin(type_) is Literal)
    return [str(value) for literal in literals for value in get_args(literal)]


def _types_at(hint: Any, path: Sequence[str]) -> list[Any]:
    types_ = list(_options(hint))
    for part in path:
        types_ = [
            option
            for type_ in types_
            for below in _below(type_, part)
            for option in _options(below)
        ]
    return types_


def _options(hint: Any) -> Iterator[Any]:
    """The types that a value of a type may have."""
    if get_origin(hint) is Annotated:
        yield from _options(get_args(hint)[0])
    elif get_origin(hint) in _UNIONS:
        for option in get_args(hint):
            yield from _options(option)
    else:
        yield hint


def _below(hint: Any, part: str) -> list[Any]:
    """The type of a member of a value."""
    if _is_struct(hint):
        config = hint.__struct_config__
        if part == config.tag_field:
            return [Literal[config.tag]]  # pyrefly: ignore[invalid-literal]
        return [member for name, member in get_type_hints(hint, include_extras=True).items()
                if name == part]  # fmt: skip
    inner = get_args(hint)
    origin = get_origin(hint)
    if origin is tuple and Ellipsis not in inner:
        return [inner[int(part)]] if part.isdigit() and int(part) < len(inner) else []
    if not inner or not isinstance(origin, type):
        return []
    return [inner[-1]] if issubclass(origin, Mapping) else [inner[0]]


def _is_struct(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)
