"""Makes the API's description, OpenAPI 3.1, from the declarations of all routes.

Shapes, with their limits and descriptions, come from the structs of `weft.wire`. Descriptions of
common parameters, and all examples, come from `examples`.
"""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast, get_args, get_origin, get_type_hints

import msgspec

from weft.server.http.answers.encoding import MSGPACK_MEDIA_TYPE
from weft.server.http.answers.problems import PROBLEM_MEDIA_TYPE
from weft.server.http.description.examples import BODIES, PARAMETERS, QUERY, TAGS
from weft.server.http.routing.arguments import Argument, parts_of_address
from weft.server.http.routing.routes import Route, SchemaOf
from weft.wire.server.problems import Problem

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
    all_routes = sorted(routes, key=lambda route: route.endpoint.path)
    shapes = _Shapes(_types_of(all_routes))
    paths: dict[str, _Schema] = {}
    for route in all_routes:
        operations = paths.setdefault(_TAIL.sub(r"{\1}", route.endpoint.path), {})
        operations[route.endpoint.method.lower()] = _operation(route, shapes)
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
    """The schemas of some types; the schemas of structs are components."""

    def __init__(self, all_types: Sequence[Any]) -> None:
        schemas, components = msgspec.json.schema_components(all_types, ref_template=_REFERENCE)
        self._by_type = [
            (type_, _opened(schema)) for type_, schema in zip(all_types, schemas, strict=True)
        ]
        structs = {struct.__name__: struct for struct in _structs_below(all_types)}
        self.components = {
            name: _completed(_opened(components[name]), structs[name])
            for name in sorted(components)
        }

    def of(self, of: Any) -> _Schema:
        return next(dict(schema) for type_, schema in self._by_type if type_ == of)

    def filled(self, schema: Any) -> Any:
        """A schema in which each `SchemaOf` is replaced by the struct's schema."""
        if isinstance(schema, SchemaOf):
            return self.of(schema.type)
        if isinstance(schema, list):
            return [self.filled(below) for below in cast("list[Any]", schema)]
        if not isinstance(schema, Mapping):
            return schema
        members: Mapping[str, Any] = schema
        return {name: self.filled(below) for name, below in members.items()}


def _opened(schema: Any) -> Any:
    """Allow any fields in schemas of objects without named fields (`dict[str, Any]`)."""
    if isinstance(schema, list):
        options: list[Any] = schema
        return [_opened(option) for option in options]
    if not isinstance(schema, dict):
        return schema
    members: _Schema = schema
    opened = {name: _opened(below) for name, below in members.items()}
    if opened.get("type") == "object" and not {"properties", "additionalProperties"} & set(opened):
        opened["additionalProperties"] = True
    if isinstance(opened.get("description"), str):
        opened["description"] = inspect.cleandoc(opened["description"])
    return opened


def _completed(schema: _Schema, struct: type[msgspec.Struct]) -> _Schema:
    """The schema of a struct; in answers every field is required, because all are sent.

    Structs that forbid unknown fields are requests, and keep their schema.
    """
    config = struct.__struct_config__
    if config.forbid_unknown_fields or config.omit_defaults:
        return schema
    properties = {
        name: {key: value for key, value in property_.items() if key != "default"}
        for name, property_ in schema["properties"].items()
    }
    return {**schema, "properties": properties, "required": list(properties)}


def _structs_below(of: Iterable[Any]) -> list[type[msgspec.Struct]]:
    """All structs that occur in some types."""
    structs: list[type[msgspec.Struct]] = []
    pending = list(of)
    while pending:
        hint = pending.pop()
        if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
            if hint not in structs:
                structs.append(hint)
                pending += get_type_hints(hint).values()
        else:
            pending += get_args(hint)
    return structs


def _types_of(routes: Iterable[Route]) -> list[Any]:
    types: list[Any] = [Problem]
    for route in routes:
        types += [
            argument.type for argument in route.arguments if argument.source in {"query", "body"}
        ]
        types += _options_of(route.answers)
        for schema in route.media.values():
            types += _structs_in(schema)
    unique: list[Any] = []
    for hint in types:
        if hint not in unique:
            unique.append(hint)
    return unique


def _options_of(answers: Any) -> list[Any]:
    """The types that an answer may have; msgspec can't describe a union of untagged structs."""
    if answers is None:
        return []
    return list(get_args(answers)) if get_origin(answers) is types.UnionType else [answers]


def _structs_in(schema: Any) -> list[Any]:
    if isinstance(schema, SchemaOf):
        return [schema.type]
    if isinstance(schema, list):
        return [struct for below in cast("list[Any]", schema) for struct in _structs_in(below)]
    if not isinstance(schema, Mapping):
        return []
    members: Mapping[str, Any] = schema
    return [struct for below in members.values() for struct in _structs_in(below)]


def _operation(route: Route, shapes: _Shapes) -> _Schema:
    text = inspect.cleandoc(route.endpoint.description)
    operation: _Schema = {
        "tags": [route.endpoint.tag],
        "summary": text.partition(".")[0],
        "description": text,
        "operationId": route.name,
    }
    parameters = [
        parameter for argument in route.arguments for parameter in _parameters(argument, shapes)
    ]
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
    parameter: _Schema = {"name": argument.wire_name, "in": argument.source, "schema": schema}
    text = argument.description or schema.pop("description", "")
    if argument.is_required:
        parameter["required"] = True
    elif argument.default is not None:
        schema["default"] = argument.default
    if is_query and not text:
        text = QUERY.get(argument.wire_name, "")
    return {**parameter, "description": text} if text else parameter


def _body(route: Route, shapes: _Shapes) -> _Schema | None:
    if route.body is not None:
        content = {
            name: {"schema": shapes.filled(schema)} for name, schema in route.body.media.items()
        }
        return {"description": route.body.description, "content": content}
    arguments = [argument for argument in route.arguments if argument.source == "body"]
    if not arguments:
        return None
    media: _Schema = {"schema": shapes.of(arguments[0].type)}
    if route.name in BODIES:
        media["examples"] = {"usual": {"value": BODIES[route.name]}}
    return {"required": arguments[0].is_required, "content": {"application/json": media}}


def _outcome(route: Route, status: int, shapes: _Shapes) -> _Schema:
    response: _Schema = {"description": route.outcomes[status]}
    if 200 <= status < 300:
        response["content"] = {
            name: {"schema": shapes.filled(schema)} for name, schema in route.media.items()
        }
    return response


def _answer(route: Route, shapes: _Shapes) -> _Schema:
    content: _Schema = {}
    if route.answers is not None:
        options = [shapes.of(option) for option in _options_of(route.answers)]
        schema = options[0] if len(options) == 1 else {"anyOf": options}
        content["application/json"] = {"schema": schema}
        if not route.bare:
            content[MSGPACK_MEDIA_TYPE] = {}
    for media_type, schema in route.media.items():
        content[media_type] = {"schema": shapes.filled(schema)}
    response: _Schema = {"description": route.answer_text or _MEANINGS[route.status]}
    return {**response, "content": content} if content else response
