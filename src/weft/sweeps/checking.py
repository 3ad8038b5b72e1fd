"""What is wrong with a configuration, in words: each place, what is there, what belongs there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from weft.sweeps.schema import schema

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator


def problem(place: str, what: str, remedy: str = "") -> str:
    """A line of an error's message.

    >>> problem("method", "is missing", "add method: random")
    'method is missing; add method: random'
    """
    return f"{place} {what}; {remedy}" if remedy else f"{place} {what}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The known name that is most like a wrong one, or all of them if none is.

    >>> did_you_mean("uniforn", ["uniform", "normal"])
    "did you mean 'uniform'?"
    """
    names = list(known)
    longer = [one for one in names if len(name) > 1 and one.startswith(name)]
    close = longer[:1] or difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    listed = ", ".join(names[:24]) + (", …" if len(names) > 24 else "")
    return f"one of {listed} belongs here"


def shown(value: Any) -> str:
    """A value in a message, cut off if it is long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def check_schema(data: Mapping[str, Any], *, is_counted: bool = False) -> list[str]:
    """What breaks the JSON Schema, a line for each place.

    Args:
        is_counted: whether the caller has counted the parameters. The schema's limit of them does
            not hold then.
    """
    found = sorted(_validator().iter_errors(data), key=lambda error: list(map(str, error.path)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportUnknownLambdaType]
    return [
        _line(error) for error in found if not (is_counted and error.validator == "maxProperties")
    ]


@cache
def _validator() -> Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def _line(error: ValidationError) -> str:
    place = _place(error.absolute_path)
    rule: Any = error.validator_value
    if error.validator == "required":
        missing = [key for key in rule if key not in error.instance]
        return problem(_join(place, missing[0]), "is missing", _hint(missing[0]))
    if error.validator == "additionalProperties":
        known: Any = cast("dict[str, Any]", error.schema)["properties"]
        unknown = [str(key) for key in cast("dict[Any, Any]", error.instance) if key not in known]
        what = "is not a key" if place == "" else "is not a key here"
        return problem(_join(place, unknown[0]), what, did_you_mean(unknown[0], known))
    if error.validator == "enum":
        names = [str(one) for one in rule]
        return problem(
            place, f"is {shown(error.instance)}", did_you_mean(str(error.instance), names)
        )
    if error.validator == "type":
        kinds = cast("list[str]", rule if isinstance(rule, list) else [rule])
        wanted = " or ".join(_KINDS[kind] for kind in kinds if kind != "null")
        return problem(place or "the configuration", f"is {shown(error.instance)}, not {wanted}")
    if error.validator in ("minimum", "exclusiveMinimum"):
        word = "at least" if error.validator == "minimum" else "above"
        return problem(place, f"is {error.instance}", f"it must be {word} {rule}")
    if error.validator == "maximum":
        return problem(place, f"is {error.instance}", f"it must be at most {rule}")
    if error.validator in ("minItems", "minProperties", "minLength"):
        return problem(
            place,
            "is empty" if rule == 1 else "has too few",
            f"at least {rule} belong here" if rule > 1 else "",
        )
    if error.validator in ("maxItems", "maxProperties", "maxLength"):
        return problem(place, f"is too long; the most are {rule:,}")
    return problem(place, error.message)


_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
}

_HINTS = {
    "method": "add method: grid, random or bayes",
    "parameters": "add parameters, such as {lr: {min: 0.001, max: 0.1}}",
}


def _hint(key: str) -> str:
    return _HINTS.get(key, "")


def _place(path: Iterable[Any]) -> str:
    place = ""
    for key in path:
        place = f"{place}[{key}]" if isinstance(key, int) else _join(place, str(key))
    return place


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
