"""Faults of a configuration in words: each place, what is there, what belongs there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from weft.sweeps.schema import schema
from weft.sweeps.schema_check import Breach, breaches


def problem(path: str, fault: str, remedy: str = "") -> str:
    """A line of an error's message.

    >>> problem("method", "is missing", "add method: random")
    'method is missing; add method: random'
    """
    return f"{path} {fault}; {remedy}" if remedy else f"{path} {fault}"


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """The known name that is most like a wrong one, or all of them if none is.

    >>> did_you_mean("uniforn", ["uniform", "normal"])
    "did you mean 'uniform'?"
    """
    names = list(allowed)
    longer = [candidate for candidate in names if len(name) > 1 and candidate.startswith(name)]
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
    """Breaches of the JSON Schema, a line for each place.

    If the caller has counted the parameters (`is_counted`), the schema's limit of them does not
    hold.
    """
    whole = schema()
    errors = sorted(breaches(data, whole, whole), key=lambda error: list(map(str, error.path)))
    return [
        _line(error) for error in errors if not (is_counted and error.keyword == "maxProperties")
    ]


def _line(error: Breach) -> str:
    path = _path(error.path)
    rule: Any = error.rule
    if error.keyword == "required":
        return problem(_join(path, rule), "is missing", _hint(rule))
    if error.keyword == "additionalProperties":
        properties: Any = error.schema["properties"]
        unknown = [
            str(key) for key in cast("dict[Any, Any]", error.instance) if key not in properties
        ]
        fault = "is not a key" if path == "" else "is not a key here"
        return problem(_join(path, unknown[0]), fault, did_you_mean(unknown[0], properties))
    if error.keyword == "enum":
        names = [str(name) for name in rule]
        return problem(
            path, f"is {shown(error.instance)}", did_you_mean(str(error.instance), names)
        )
    if error.keyword == "type":
        kinds = cast("list[str]", rule if isinstance(rule, list) else [rule])
        kind_names = " or ".join(_KINDS[kind] for kind in kinds if kind != "null")
        return problem(
            path or "the configuration", f"is {shown(error.instance)}, not {kind_names}"
        )
    if error.keyword in ("minimum", "exclusiveMinimum"):
        word = "at least" if error.keyword == "minimum" else "above"
        return problem(path, f"is {error.instance}", f"it must be {word} {rule}")
    if error.keyword == "maximum":
        return problem(path, f"is {error.instance}", f"it must be at most {rule}")
    if error.keyword in ("minItems", "minProperties", "minLength"):
        return problem(
            path,
            "is empty" if rule == 1 else "has too few",
            f"at least {rule} belong here" if rule > 1 else "",
        )
    if error.keyword in ("maxItems", "maxProperties", "maxLength"):
        return problem(path, f"is too long; the most are {rule:,}")
    return problem(path, f"is {shown(error.instance)}, not {shown(rule)}")  # const


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


def _path(keys: Iterable[Any]) -> str:
    path = ""
    for key in keys:
        path = f"{path}[{key}]" if isinstance(key, int) else _join(path, str(key))
    return path


def _join(parent: str, key: str) -> str:
    return f"{parent}.{key}" if parent else key
