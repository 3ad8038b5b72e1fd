"""Makes the API's description, OpenAPI 3.1, from the declarations of all routes.

Shapes, with their limits and descriptions, come from the structs of `weft.wire`. Descriptions of
common parameters, and all examples, come from `examples`.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec

from weft.server.http.answers.encoding import MSGPACK_MEDIA_TYPE
from weft.server.http.answers.problems import PROBLEM_MEDIA_TYPE
from weft.server.http.description.examples import BODIES, PARAMETERS, QUERY, TAGS
from weft.server.http.routing.arguments import Argument, parts_of_address
from weft.server.http.routing.routes import Route, SchemaOf
from weft.wire.problems import Problem

_REFERENCE: Final = "#/components/schemas/{name}"
_TAIL: Final = re.compile(r"{(\w+):path}")
_MEANINGS: Final = {200: "the answer", 201: "it was made", 202: "it was noted", 204: "it was done"}
_SECURITY: Final = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "The server's token; not needed from its own user on its own machine.",
    }
}

_Schema = dict[str, Any]


def describe(routes: Iterable[Route], version: str) -> _Schema:
    """Make the whole document.

    >>> describe([], "1")["openapi"]
    '3.1.0'
    """
    all_routes = sorted(routes, key=lambda route: route.path)
    shapes = _Shapes(_types_of(all_routes))
    paths: dict[str, _Schema] = {}
    for route in all_routes:
        operations = paths.setdefault(_TAIL.sub(r"{\1}", route.path), {})
        operations[route.method.lower()] = _operation(route, shapes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "weft",
            "summary": "Experiment tracking: everything the web app and the client use",
            "version": version,
        },
        "paths": paths,
        "components": {"schemas": shapes.components, "securitySchemes": _SECURITY},
        "security": [{}, {"token": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
    }


class _Shapes:
    """The schemas of some types; those of structs are components."""

    def __init__(self, all_types: Sequence[Any]) -> None:
        found, components = msgspec.json.schema_components(all_types, ref_template=_REFERENCE)
        self._by_type = [
            (one, _opened(schema)) for one, schema in zip(all_types, found, strict=True)
        ]
        structs = {one.__name__: one for one in _structs_below(all_types)}
        self.components = {
            name: _completed(_opened(components[name]), structs[name])
            for name in sorted(components)
        }

    def of(self, of: Any) -> _Schema:
        return next(dict(schema) for one, schema in self._by_type if one == of)

    def filled(self, schema: Any) -> Any:
        """A schema in which each `SchemaOf` is replaced by the struct's schema."""
        if isinstance(schema, SchemaOf):
            return self.of(schema.type)
        if not isinstance(schema, Mapping):
            return schema
        members: Mapping[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
        return {name: self.filled(below) for name, below in members.items()}


def _opened(schema: Any) -> Any:
    """Allow any fields in schemas of objects without named fields (`dict[str, Any]`)."""
    if isinstance(schema, list):
        options: list[Any] = schema  # pyright: ignore[reportUnknownVariableType]
        return [_opened(one) for one in options]
    if not isinstance(schema, dict):
        return schema
    members: _Schema = schema  # pyright: ignore[reportUnknownVariableType]
    found = {name: _opened(below) for name, below in members.items()}
    if found.get("type") == "object" and not {"properties", "additionalProperties"} & set(found):
        found["additionalProperties"] = True
    if isinstance(found.get("description"), str):
        found["description"] = inspect.cleandoc(found["description"])
    return found


def _completed(schema: _Schema, struct: type[msgspec.Struct]) -> _Schema:
    """The schema of a struct; in answers every field is required, because all are sent.

    Structs that forbid unknown fields are requests, and keep their schema.
    """
    config = struct.__struct_config__
    if config.forbid_unknown_fields or config.omit_defaults:
        return schema
    properties = {
        name: {key: value for key, value in one.items() if key != "default"}
        for name, one in schema["properties"].items()
    }
    return {**schema, "properties": properties, "required": list(properties)}


def _structs_below(of: Iterable[Any]) -> list[type[msgspec.Struct]]:
    """All structs that occur in some types."""
    found: list[type[msgspec.Struct]] = []
    left = list(of)
    while left:
        one = left.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one not in found:
                found.append(one)
                left += get_type_hints(one).values()
        else:
            left += get_args(one)
    return found


def _types_of(routes: Iterable[Route]) -> list[Any]:
    found: list[Any] = [Problem]
    for route in routes:
        found += [one.type for one in route.arguments if one.source in {"query", "body"}]
        found += _options_of(route.answers)
        for schema in route.media.values():
            found += _structs_in(schema)
    unique: list[Any] = []
    for one in found:
        if one not in unique:
            unique.append(one)
    return unique


def _options_of(answers: Any) -> list[Any]:
    """The types that an answer may have; msgspec can't describe a union of untagged structs."""
    if answers is None:
        return []
    return list(get_args(answers)) if get_origin(answers) is types.UnionType else [answers]


def _structs_in(schema: Any) -> list[Any]:
    if isinstance(schema, SchemaOf):
        return [schema.type]
    if not isinstance(schema, Mapping):
        return []
    members: Mapping[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
    return [one for below in members.values() for one in _structs_in(below)]


def _operation(route: Route, shapes: _Shapes) -> _Schema:
    text = inspect.cleandoc(route.handler.__doc__ or "")
    operation: _Schema = {
        "tags": [route.tag],
        "summary": text.partition(".")[0],
        "description": text,
        "operationId": route.name,
    }
    parameters = [one for some in route.arguments for one in _parameters(some, shapes)]
    if parameters:
        operation["parameters"] = parameters
    body = _body(route, shapes)
    if body is not None:
        operation["requestBody"] = body
    problem = {"content": {PROBLEM_MEDIA_TYPE: {"schema": shapes.of(Problem)}}}
    operation["responses"] = {
        str(route.status): _answer(route, shapes),
        **{str(status): _outcome(route, status, shapes) for status in route.outcomes},
        "default": {"description": "a problem document", **problem},
    }
    return operation


def _parameters(argument: Argument, shapes: _Shapes) -> Iterator[_Schema]:
    for part in parts_of_address(argument):
        example, text = PARAMETERS[part]
        yield {
            "name": part,
            "in": "path",
            "schema": {"type": "string"},
            "required": True,
            "example": example,
            "description": text,
        }
    if argument.source in {"query", "header"}:
        yield _parameter(argument, shapes)


def _parameter(argument: Argument, shapes: _Shapes) -> _Schema:
    is_query = argument.source == "query"
    schema = shapes.of(argument.type) if is_query else {"type": "string", **argument.schema}
    told: _Schema = {"name": argument.wire_name, "in": argument.source, "schema": schema}
    text = argument.description or schema.pop("description", "")
    if argument.is_required:
        told["required"] = True
    elif argument.default is not None:
        schema["default"] = argument.default
    if is_query and not text:
        text = QUERY.get(argument.wire_name, "")
    return {**told, "description": text} if text else told


def _body(route: Route, shapes: _Shapes) -> _Schema | None:
    if route.body is not None:
        content = {name: {"schema": shapes.filled(one)} for name, one in route.body.media.items()}
        return {"description": route.body.description, "content": content}
    taken = [one for one in route.arguments if one.source == "body"]
    if not taken:
        return None
    told: _Schema = {"schema": shapes.of(taken[0].type)}
    if route.name in BODIES:
        told["examples"] = {"usual": {"value": BODIES[route.name]}}
    return {"required": taken[0].is_required, "content": {"application/json": told}}


def _outcome(route: Route, status: int, shapes: _Shapes) -> _Schema:
    told: _Schema = {"description": route.outcomes[status]}
    if 200 <= status < 300:
        told["content"] = {
            name: {"schema": shapes.filled(one)} for name, one in route.media.items()
        }
    return told


def _answer(route: Route, shapes: _Shapes) -> _Schema:
    content: _Schema = {}
    if route.answers is not None:
        options = [shapes.of(one) for one in _options_of(route.answers)]
        schema = options[0] if len(options) == 1 else {"anyOf": options}
        content["application/json"] = {"schema": schema}
        if not route.bare:
            content[MSGPACK_MEDIA_TYPE] = {}
    for media_type, schema in route.media.items():
        content[media_type] = {"schema": shapes.filled(schema)}
    told: _Schema = {"description": route.answer_text or _MEANINGS[route.status]}
    return {**told, "content": content} if content else told
