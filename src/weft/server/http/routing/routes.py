"""Declares routes: a function with its method, address and answer.

    routes = Routes("/api/v1/projects/{entity}/{project}", tag="runs")

    @routes.post("/runs/query")
    def query_runs(entity: str, project: str, asked: RunQuery, services: Services) -> RunList:
        '''Query the runs that match a filter, in any order.'''

The function's name is the operation's id, its docstring the description, its arguments what is
read from the request (`arguments`), and its return type the answer, which is encoded as JSON, or
as msgpack for clients that ask for it. A function that returns its own `Response` describes its
content with `answers` or `media`.
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
    """Options of a route, in addition to its address.

    Attributes:
        name: the operation's name. Defaults to the function's.
        answers: the type of the answer, for a function that returns its own `Response`.
        status: status of the answer. Defaults to 200, or 204 for a function that returns nothing.
        answer_text: describes the answer.
        media: other content of an answer.
        outcomes: the meaning of other statuses.
        body: the body, for a function that reads it by itself.
        any_query: whether to ignore unknown query parameters.
        threads: the threads that run the function, unless it is a coroutine. Defaults to the
            threads of ordinary requests.
        bare: whether to send plain JSON without compression or ETag, for routes called very often.
    """

    name: str
    answers: Any
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
    """One operation.

    Attributes:
        path: a pattern of `Addresses`.
        answers: the type of the answer. None if the answer is empty, or `media` describes it.
    """

    method: str
    path: str
    tag: str
    name: str
    handler: Callable[..., Any]
    arguments: tuple[Argument, ...]
    answers: Any
    status: int
    answer_text: str
    media: Media
    outcomes: Mapping[int, str]
    body: Body | None
    any_query: bool
    threads: SharedThreads
    bare: bool


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of one subject.

    Args:
        prefix: the beginning of all their addresses.
        tag: the section of the API that they are in.
    """

    prefix: str
    tag: str
    all: list[Route] = field(default_factory=list[Route])

    def get(self, path: str = "", **options: Unpack[Options]) -> Callable[[_Handler], _Handler]:
        """Declare the route for GET at `path`, after the prefix."""
        return self._add("GET", path, options)

    def head(self, path: str = "", **options: Unpack[Options]) -> Callable[[_Handler], _Handler]:
        """Declare the route for HEAD, if it is not just GET without the body."""
        return self._add("HEAD", path, options)

    def post(self, path: str = "", **options: Unpack[Options]) -> Callable[[_Handler], _Handler]:
        """Declare the route for POST at `path`, after the prefix."""
        return self._add("POST", path, options)

    def put(self, path: str = "", **options: Unpack[Options]) -> Callable[[_Handler], _Handler]:
        """Declare the route for PUT at `path`, after the prefix."""
        return self._add("PUT", path, options)

    def patch(self, path: str = "", **options: Unpack[Options]) -> Callable[[_Handler], _Handler]:
        """Declare the route for PATCH at `path`, after the prefix."""
        return self._add("PATCH", path, options)

    def delete(self, path: str = "", **options: Unpack[Options]) -> Callable[[_Handler], _Handler]:
        """Declare the route for DELETE at `path`, after the prefix."""
        return self._add("DELETE", path, options)

    def _add(self, method: str, path: str, options: Options) -> Callable[[_Handler], _Handler]:
        def declare(handler: _Handler) -> _Handler:
            full_path = self.prefix + path
            answers = options.get("answers") or _answer_of(handler)
            media = options.get("media", {})
            route = Route(
                method=method,
                path=full_path,
                tag=self.tag,
                name=options.get("name", handler.__name__),
                handler=handler,
                arguments=arguments_of(handler, full_path),
                answers=answers,
                status=options.get("status", 200 if answers is not None or media else 204),
                answer_text=options.get("answer_text", ""),
                media=media,
                outcomes=options.get("outcomes", {}),
                body=options.get("body"),
                any_query=options.get("any_query", False),
                threads=options.get("threads", ORDINARY),
                bare=options.get("bare", False),
            )
            self.all.append(route)
            return handler

        return declare


def _answer_of(handler: Callable[..., Any]) -> Any:
    """The type that a function answers with; None if it returns nothing or a `Response`."""
    answer: Any = typing.get_type_hints(handler, include_extras=True).get("return")
    if typing.get_origin(answer) is Answer:
        answer = typing.get_args(answer)[0]
    return None if answer is types.NoneType or _is_response(answer) else answer


def _is_response(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Response)
