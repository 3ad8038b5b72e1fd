"""Breaches of a JSON Schema, for the keywords that the schema of sweeps uses.

A client that has the package `jsonschema` would bring five others into each training environment.
Source: JSON Schema, drafts "Core" and "Validation" 2020-12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

_SUBSCHEMA: Final = frozenset({"$ref", "properties", "additionalProperties", "items", "allOf"})
_ABOUT: Final = frozenset({"$schema", "$defs", "title", "description", "default", "then", "else"})


@dataclass(frozen=True, slots=True)
class Breach:
    """A place that breaks a rule.

    Attributes:
        path: keys and indexes, from the root.
        rule: the value of the keyword in the schema; of `required` the one key that is missing.
    """

    path: tuple[Any, ...]
    keyword: str
    rule: Any
    instance: Any
    schema: Mapping[str, Any]


def breaches(instance: Any, schema: Any, root: Mapping[str, Any]) -> Iterator[Breach]:
    """All breaches of `schema`, whose references point into `root`.

    >>> [breach] = breaches({"a": 0}, {"properties": {"a": {"minimum": 1}}}, {})
    >>> breach.path, breach.keyword
    (('a',), 'minimum')
    """
    if schema is True:
        return
    for keyword, rule in schema.items():
        if keyword in _ABOUT:
            continue
        if keyword == "if":
            branch = "else" if any(breaches(instance, rule, root)) else "then"
            yield from breaches(instance, schema.get(branch, True), root)
        elif keyword == "required":
            for key in rule if isinstance(instance, dict) else ():
                if key not in instance:
                    yield Breach((), keyword, key, instance, schema)
        elif keyword in _SUBSCHEMA:
            yield from _parts(keyword, rule, instance, schema, root)
        elif not _RULES[keyword](instance, rule):
            yield Breach((), keyword, rule, instance, schema)


def _parts(
    keyword: str, rule: Any, instance: Any, schema: Mapping[str, Any], root: Mapping[str, Any]
) -> Iterator[Breach]:
    """The breaches below a keyword that holds schemas."""
    if keyword == "$ref":
        yield from breaches(instance, root["$defs"][rule.rpartition("/")[2]], root)
    elif keyword == "allOf":
        for each in rule:
            yield from breaches(instance, each, root)
    elif keyword == "items":
        if isinstance(instance, list):
            for index, item in enumerate(cast("list[Any]", instance)):
                yield from _below(index, breaches(item, rule, root))
    elif isinstance(instance, dict):
        pairs = cast("dict[Any, Any]", instance)
        if keyword == "properties":
            for key, each in rule.items():
                if key in pairs:
                    yield from _below(key, breaches(pairs[key], each, root))
            return
        others = [key for key in pairs if key not in schema.get("properties", {})]
        if rule is False and others:
            yield Breach((), keyword, rule, pairs, schema)
        elif rule is not False:
            for key in others:
                yield from _below(key, breaches(pairs[key], rule, root))


def _below(key: Any, faults: Iterator[Breach]) -> Iterator[Breach]:
    for fault in faults:
        yield replace(fault, path=(key, *fault.path))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "number": _is_number,
    "integer": lambda value: _is_number(value) and value == value // 1,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def _has_type(instance: Any, rule: str | list[str]) -> bool:
    return any(_TYPES[name](instance) for name in ([rule] if isinstance(rule, str) else rule))


def _equal(instance: Any, rule: Any) -> bool:
    """Equality of JSON, in which `true` is not 1."""
    return instance == rule and isinstance(instance, bool) == isinstance(rule, bool)


def _of(
    kind: Callable[[Any], bool], holds: Callable[[Any, Any], bool]
) -> Callable[[Any, Any], bool]:
    """A rule about values of one kind; others keep it."""

    def keeps(instance: Any, rule: Any) -> bool:
        return not kind(instance) or holds(instance, rule)

    return keeps


_RULES: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "type": _has_type,
    "enum": lambda instance, rule: any(_equal(instance, value) for value in rule),
    "const": _equal,
    "minimum": _of(_is_number, lambda value, least: value >= least),
    "maximum": _of(_is_number, lambda value, most: value <= most),
    "exclusiveMinimum": _of(_is_number, lambda value, bound: value > bound),
    "minLength": _of(_TYPES["string"], lambda value, n: len(value) >= n),
    "maxLength": _of(_TYPES["string"], lambda value, n: len(value) <= n),
    "minItems": _of(_TYPES["array"], lambda value, n: len(value) >= n),
    "maxItems": _of(_TYPES["array"], lambda value, n: len(value) <= n),
    "minProperties": _of(_TYPES["object"], lambda value, n: len(value) >= n),
    "maxProperties": _of(_TYPES["object"], lambda value, n: len(value) <= n),
}
