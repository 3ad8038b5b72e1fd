"""Reads the arguments of a function from a request, by their names and types.

An endpoint declares what a request has (`weft.wire.endpoint`); the function takes

    path: RunPath                        the address's `{entity}`, `{project}` and `{run}`
    writer: str, limit: int              a part of the address or query of that name
    query: RunQuery                      JSON body: a struct, or a union of structs
    actor: Actor, request: Request       the user who asks, and the request
    services: Services                   the object of that class that the router has
    if_match: Annotated[str, Header()]   header `If-Match`; if repeated, the last one counts

and, if it is a method, its own object. A positional argument of another name takes the part of the
address, or the body, that is next in order, and one that the endpoint does not declare keeps its
default. msgspec checks limits (`msgspec.Meta`).
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from weft.errors import ConfigError, Moved
from weft.records.ids import DEFAULT_ENTITY
from weft.records.nearest import nearest_name
from weft.server.http.routing.addresses import names_in
from weft.server.http.routing.faults import MAX_SHOWN_CHARS, fault_of
from weft.server.http.routing.json_body import check_is_json, decode_body
from weft.server.services.access import Action, Actor, ProjectPath, may
from weft.wire.endpoint import Endpoint

Source = Literal["path", "paths", "query", "header", "body", "actor", "request", "dependency"]

_PLAIN: Final = (str, int, float, bool)
_UNIONS: Final = (typing.Union, types.UnionType)


@dataclass(frozen=True, slots=True)
class Header:
    """Marks an argument that is a header: `if_match` is `If-Match`.

    `schema` are JSON Schema members such as `pattern`.
    """

    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a route's function.

    Attributes:
        source: where it is read from; `paths` is a named tuple of several parts of the address.
        wire_name: its name in the address, query or header.
    """

    name: str
    wire_name: str
    source: Source
    type: Any
    default: Any
    description: str = ""
    schema: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def is_required(self) -> bool:
        """Whether a request without it is refused."""
        return self.default is inspect.Parameter.empty

    @property
    def is_ordered(self) -> bool:
        """Whether a function may take it by its position, under another name."""
        return self.source in {"path", "body"}


def arguments_of(
    endpoint: Endpoint[..., Any], handler: Callable[..., Any]
) -> tuple[Argument, ...]:
    """The arguments that a function takes, and where each is read from; TypeError if they are not
    the endpoint's.
    """
    declared = _declared(endpoint)
    hints = typing.get_type_hints(handler, include_extras=True)
    parameters = inspect.signature(handler).parameters
    if "self" in parameters:
        hints["self"] = handler.__globals__[handler.__qualname__.partition(".")[0]]
    tuples = [hint for hint in hints.values() if _is_named_tuple(hint)]
    by_name = {*parameters, *(part for hint in tuples for part in hint._fields)}
    in_order = [name for name, wire in declared.items() if name not in by_name and wire.is_ordered]
    arguments: list[Argument] = []
    for name, parameter in parameters.items():
        argument = _own_argument(name, hints[name], parameter.default)
        if argument is None:
            wire = declared.get(name) or declared.get(in_order.pop(0) if in_order else "")
            if wire is None and parameter.default is not parameter.empty:
                continue
            if wire is None or _plain(wire.type) != _plain(hints[name]):
                raise TypeError(f"{endpoint.name} declares no {name}: {hints[name]}")
            argument = replace(wire, name=name)
        arguments.append(argument)
    covered = {
        part
        for argument in arguments
        for part in (*parts_of_address(argument), argument.wire_name)
    }
    missing = {wire.wire_name for wire in declared.values()} - covered
    if missing:
        raise TypeError(f"{handler.__qualname__} must take {', '.join(sorted(missing))}")
    return tuple(arguments)


def _declared(endpoint: Endpoint[..., Any]) -> dict[str, Argument]:
    """The arguments that an endpoint declares, by name."""
    hints = typing.get_type_hints(endpoint.function, include_extras=True)
    in_path = names_in(endpoint.path)
    declared: dict[str, Argument] = {}
    for name, parameter in inspect.signature(endpoint.function).parameters.items():
        hint = hints[name]
        if name in in_path:
            argument = Argument(name, name, "path", hint, parameter.default)
        elif parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            if not is_body(hint):
                raise TypeError(f"{endpoint.name}: {name} is no struct and not in the address")
            argument = Argument(name, "body", "body", hint, parameter.default)
        else:
            argument = Argument(name, name.rstrip("_"), "query", hint, parameter.default)
        declared[name] = argument
    if list(declared)[: len(in_path)] != in_path:
        raise TypeError(f"{endpoint.name} must begin with {', '.join(in_path)}")
    if sum(argument.source == "body" for argument in declared.values()) > 1:
        raise TypeError(f"{endpoint.name} must take one body at most")
    return declared


def _own_argument(name: str, hint: Any, default: Any) -> Argument | None:
    """An argument that the endpoint does not declare; None if it does."""
    if _is_named_tuple(hint):
        return Argument(name, name, "paths", hint, default)
    if hint is Actor:
        return Argument(name, name, "actor", hint, default)
    if hint is Request:
        return Argument(name, name, "request", hint, default)
    if get_origin(hint) is Annotated:
        plain, *marks = get_args(hint)
        for mark in marks:
            if isinstance(mark, Header):
                wire_name = name.replace("_", "-").title()
                return Argument(
                    name, wire_name, "header", plain, default, mark.description, mark.schema
                )
    if isinstance(hint, type) and hint not in _PLAIN and not is_body(hint):
        return Argument(name, name, "dependency", hint, default)
    return None


def _plain(hint: Any) -> Any:
    """A type without limits and descriptions, and without the order of a union."""
    if get_origin(hint) is Annotated:
        return _plain(get_args(hint)[0])
    if get_origin(hint) in _UNIONS:
        return frozenset(_plain(option) for option in get_args(hint))
    return hint


def parts_of_address(argument: Argument) -> Sequence[str]:
    """The parts of the address that an argument is made of."""
    if argument.source == "paths":
        return list(argument.type._fields)
    return [argument.wire_name] if argument.source == "path" else []


def _is_named_tuple(hint: Any) -> bool:
    return isinstance(hint, type) and hasattr(hint, "_fields")


def is_body(hint: Any) -> bool:
    """Whether a type is a struct, or a union of structs and None."""
    if get_origin(hint) in _UNIONS:
        options = [option for option in get_args(hint) if option is not types.NoneType]
        return all(is_body(option) for option in options)
    return isinstance(hint, type) and issubclass(hint, msgspec.Struct)


class Reader:
    """Reads all arguments of one function; those of a class in `dependencies` are that object."""

    def __init__(
        self, arguments: Sequence[Argument], dependencies: Mapping[type, Any], *, any_query: bool
    ) -> None:
        self._path = [
            (argument.name, argument.wire_name)
            for argument in arguments
            if argument.source == "path"
        ]
        self._paths = [
            (argument.name, argument.type) for argument in arguments if argument.source == "paths"
        ]
        self._actor = [argument.name for argument in arguments if argument.source == "actor"]
        self._request = [argument.name for argument in arguments if argument.source == "request"]
        self._headers = [
            (argument, argument.wire_name.lower().encode())
            for argument in arguments
            if argument.source == "header"
        ]
        self._query = _Query(
            [argument for argument in arguments if argument.source == "query"], any_query
        )
        self._constants = {
            argument.name: dependencies[argument.type]
            for argument in arguments
            if argument.source == "dependency"
        }
        bodies = [argument for argument in arguments if argument.source == "body"]
        self._body = bodies[0] if bodies else None
        self._decoder = msgspec.json.Decoder(self._body.type if self._body else Any)

    @property
    def takes_body(self) -> bool:
        """Whether the request's body must be read first."""
        return self._body is not None

    def read(self, request: Request, body: bytes) -> dict[str, Any]:
        scope = request.scope
        values: dict[str, Any] = {**self._constants}
        in_path = scope["path_params"]
        if "entity" in in_path:
            actor: Actor = scope["state"]["actor"]
            if scope["method"] in {"GET", "HEAD"} and in_path["entity"] == DEFAULT_ENTITY:
                _follow_local(actor, in_path)
            in_path = {**in_path, "entity": actor.named(in_path["entity"])}
        for name, part in self._path:
            values[name] = in_path[part]
        for name, make in self._paths:
            values[name] = make(*[in_path[part] for part in make._fields])
        for name in self._actor:
            values[name] = scope["state"]["actor"]
        for name in self._request:
            values[name] = request
        if self._headers:
            sent: dict[bytes, bytes] = dict(scope["headers"])
            for argument, name in self._headers:
                values[argument.name] = _header(sent.get(name), argument)
        values.update(self._query.read(scope["query_string"]))
        if self._body is not None:
            if body or self._body.is_required:
                check_is_json(scope)
                values[self._body.name] = decode_body(self._decoder, body)
            else:
                values[self._body.name] = self._body.default
        return values


def _follow_local(actor: Actor, in_path: Mapping[str, str]) -> None:
    """Moved if `local` had a project of this name, which the actor may see where it is now."""
    moved = actor.people.current.moved.get((DEFAULT_ENTITY, in_path.get("project", "")))
    if moved is not None and may(actor, Action.READ, ProjectPath(*moved)):
        run = [in_path["run"]] if "run" in in_path else []
        project = f"{DEFAULT_ENTITY}/{in_path['project']}"
        raise Moved(f"project {project} was moved", path="/".join((*moved, *run)))


class _Query:
    """Query parameters, checked as one struct."""

    def __init__(self, arguments: Sequence[Argument], any_query: bool) -> None:
        self._names = {argument.wire_name: argument.name for argument in arguments}
        self._lists = {argument.wire_name for argument in arguments if _is_list(argument.type)}
        self._any = any_query
        fields = [
            (argument.wire_name, argument.type)
            if argument.is_required
            else (argument.wire_name, argument.type, argument.default)
            for argument in arguments
        ]
        self._type = msgspec.defstruct("Query", fields, kw_only=True) if fields else None
        if self._type is not None:
            # Resolves the fields before several threads read them: see `prepare_structs`.
            msgspec.json.Decoder(self._type)

    def read(self, query: bytes) -> dict[str, Any]:
        texts: dict[str, Any] = {}
        if query:
            for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
                if name in self._lists:
                    texts.setdefault(name, []).append(value)
                elif name in self._names:
                    texts[name] = value
                elif not self._any:
                    raise _unknown(name[:MAX_SHOWN_CHARS], self._names)
        if self._type is None:
            return {}
        try:
            query_ = msgspec.convert(texts, self._type, strict=False)
        except msgspec.ValidationError as error:
            name, reason = fault_of(error, self._type, "query")
            value = texts.get(name)
            if isinstance(value, str) and not reason.startswith("invalid value"):
                # msgspec names only the type `str`; the value that was sent is more helpful.
                reason = f"{reason.removesuffix(', got `str`')}, not {value[:MAX_SHOWN_CHARS]!r}"
            raise ConfigError(f"{name}: {reason}", field=name) from None
        return {self._names[name]: value for name, value in _fields_of(query_)}


def _fields_of(struct: msgspec.Struct) -> list[tuple[str, Any]]:
    return [(name, getattr(struct, name)) for name in struct.__struct_fields__]


def _is_list(hint: Any) -> bool:
    if get_origin(hint) in (*_UNIONS, Annotated):
        return any(_is_list(option) for option in get_args(hint))
    return get_origin(hint) is list


def _header(value: bytes | None, argument: Argument) -> Any:
    if value is not None:
        return value.decode("latin-1")
    if argument.is_required:
        raise ConfigError(f"{argument.wire_name}: missing header", field=argument.wire_name)
    return argument.default


def _unknown(name: str, names: Collection[str]) -> ConfigError:
    """The error for a query parameter that does not exist; ignoring it would hide a typo.

    >>> print(_unknown("limt", ["limit", "cursor"]))
    no query parameter is called 'limt': limit may be meant; there are cursor, limit
    """
    near = nearest_name(name, names)
    hint = "" if near is None else f"{near} may be meant; "
    there = f"there are {', '.join(sorted(names))}" if names else "this route takes none"
    return ConfigError(f"no query parameter is called {name!r}: {hint}{there}", field=name or "''")
