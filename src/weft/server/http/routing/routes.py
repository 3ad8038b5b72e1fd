"""Binds functions to endpoints of `weft.wire`.

    @routes.answers(endpoints.query_runs, threads=COSTLY)
    def query_runs(path: ProjectPath, query: RunQuery, services: Services, actor: Actor):
        return services.runs.list(actor, path, selection_of(query))

    routes.bind(endpoints.list_sweeps, SweepService.list, threads=COSTLY)

The endpoint declares the address, the query, the body and the answer; a function takes these
arguments by the same names and types, and others, such as the actor (`arguments`). A method of a
service that does so is bound as it is. Both are checked when the module is imported. The answer is
encoded as JSON, or as msgpack for clients that ask for it; a function may also return its own
`Response`, whose content `media` describes.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, TypedDict, TypeVar

from starlette.responses import Response

from weft.server.http.admission.sharing import ORDINARY, SharedThreads
from weft.server.http.routing.arguments import Argument, arguments_of
from weft.wire.endpoint import Endpoint

if TYPE_CHECKING:
    from typing_extensions import Unpack

_Handler = TypeVar("_Handler", bound=Callable[..., Any])
_T = TypeVar("_T")

Media = Mapping[str, Any]
"""JSON schemas by media type; `BYTES` for content without one."""

BYTES: Final[Mapping[str, Any]] = {"type": "string", "format": "binary"}


@dataclass(frozen=True, slots=True)
class Answer(Generic[_T]):
    """An answer's value and extra headers."""

    value: _T
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SchemaOf:
    """Stands for a struct's schema inside a `Media` schema."""

    type: Any


@dataclass(frozen=True, slots=True)
class Body:
    """Describes a request body that the function reads by itself, for OpenAPI."""

    media: Media
    description: str


class Options(TypedDict, total=False):
    """The server's part of an endpoint.

    Attributes:
        status: status of the answer. Defaults to 200, or 204 for an empty one.
        outcomes: the meaning of other statuses.
        body: the body, for a function that reads it by itself.
        any_query: whether to ignore unknown query parameters.
        threads: the threads that run the function, unless it is a coroutine. Defaults to the
            threads of ordinary requests.
        bare: whether to send plain JSON without compression or ETag, for routes called very often.
    """

    status: int
    answer_text: str
    media: Media
    outcomes: Mapping[int, str]
    body: Body
    any_query: bool
    threads: SharedThreads
    bare: bool


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint and the function that answers it.

    `answers` is None for an empty answer, or one that `media` describes.
    """

    endpoint: Endpoint[..., Any]
    handler: Callable[..., Any]
    arguments: tuple[Argument, ...]
    answers: Any
    status: int = 200
    answer_text: str = ""
    media: Media = field(default_factory=dict[str, Any])
    outcomes: Mapping[int, str] = field(default_factory=dict[int, str])
    body: Body | None = None
    any_query: bool = False
    threads: SharedThreads = ORDINARY
    bare: bool = False

    @property
    def name(self) -> str:
        return self.endpoint.name


class Routes:
    """The routes of one module."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def answers(
        self, endpoint: Endpoint[..., Any], **options: Unpack[Options]
    ) -> Callable[[_Handler], _Handler]:
        """Bind the decorated function to an endpoint; TypeError if arguments or answer differ."""

        def bind(handler: _Handler) -> _Handler:
            answers = endpoint.answer
            returned = _answer_of(handler)
            if not _is_response(returned) and returned != answers:
                raise TypeError(f"{endpoint.name} answers with {answers}, not {returned}")
            options.setdefault("status", 204 if answers is None else 200)
            route = Route(
                endpoint,
                handler,
                arguments_of(endpoint, handler),
                None if answers is bytes else answers,
                **options,  # pyrefly: ignore[open-unpacking]
            )
            self.all.append(route)
            return handler

        return bind

    def bind(
        self, endpoint: Endpoint[..., _T], method: Callable[..., _T], **options: Unpack[Options]
    ) -> None:
        """Bind a method of a service to an endpoint; see `answers`."""
        self.answers(endpoint, **options)(method)


def _answer_of(handler: Callable[..., Any]) -> Any:
    """The type that a function answers with; None if it returns nothing."""
    answer: Any = typing.get_type_hints(handler, include_extras=True).get("return")
    if typing.get_origin(answer) is Answer:
        answer = typing.get_args(answer)[0]
    return None if answer is types.NoneType else answer


def _is_response(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Response)
