"""Endpoints of the HTTP API as values: each is declared once, next to the shapes that it sends.

    _project = Endpoints("/api/v1/projects/{entity}/{project}", tag="sweeps")

    @_project.get("/sweeps/{sweep}/runs")
    def list_sweep_runs(
        entity: str, project: str, sweep: str, *, limit: Limit = 1000, cursor: Cursor
    ) -> SweepRunList:
        '''List the runs of a sweep, by number.'''

The signature is the declaration. Arguments named in the address are its parts, another positional
one is the JSON body, and keyword arguments are the query (`type_` is `type`); the function
returns the answer. The server binds a function to the endpoint (`server.http.routing`), and
clients send it with `client.calls`, so that type checkers know its arguments and its answer.

Declaring one stores its function only: annotations are evaluated when something asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

from msgspec import Struct

P = ParamSpec("P")
AnswerT = TypeVar("AnswerT")

API_PATH: Final = "/api/v1"

_TAIL: Final = ":path"
"""Marks a last part of an address that may contain slashes."""


class RequestBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A JSON body, or a part of one."""


class Call(NamedTuple):
    """A request to an endpoint.

    Attributes:
        path: with the query.
        body: a value to send as JSON. None without one.
    """

    path: str
    body: Any


class Endpoint(Generic[P, AnswerT]):
    """An address and method of the API, with the types of its arguments and its answer.

    Attributes:
        path: a pattern such as `/api/v1/projects/{entity}/{project}`. A last part such as
            `{path:path}` may contain slashes.
        tag: the section of the API.
        is_long: whether the answer may take minutes.
        function: declares the arguments and the answer; does nothing.
    """

    __slots__ = ("function", "is_long", "method", "name", "path", "tag")

    def __init__(
        self,
        method: str,
        path: str,
        tag: str,
        function: Callable[P, AnswerT],
        *,
        name: str = "",
        is_long: bool = False,
    ) -> None:
        self.method = method
        self.path = path
        self.tag = tag
        self.function = function
        self.name = name or function.__name__
        self.is_long = is_long

    def as_head(self, name: str) -> Endpoint[P, AnswerT]:
        """The endpoint for HEAD, if it is not just GET without the body."""
        return Endpoint("HEAD", self.path, self.tag, self.function, name=name)

    @property
    def description(self) -> str:
        return self.function.__doc__ or ""

    @property
    def answer(self) -> Any:
        """The type of the answer: None if it is empty, `bytes` if it is a file or a stream.

        >>> from weft.wire.runs.runs import get_run
        >>> get_run.answer
        <class 'weft.wire.runs.runs.Run'>
        """
        annotations = self.function.__annotations__
        # Evaluates one annotation: all of them, with their limits, would cost a script's start.
        return eval(annotations["return"], self.function.__globals__)

    def call(self, *args: P.args, **kwargs: P.kwargs) -> Call:
        """Return the request with these arguments; query parameters that are None are left out.

        >>> from weft.wire.sweeps import list_sweep_runs
        >>> list_sweep_runs.call("lab", "mnist", "a/b", limit=9).path
        '/api/v1/projects/lab/mnist/sweeps/a%2Fb/runs?limit=9'
        """
        self.function(*args, **kwargs)  # checks them
        code = self.function.__code__
        names = code.co_varnames[: code.co_argcount]
        values: dict[str, Any] = {**dict(zip(names, args, strict=False)), **kwargs}
        path = self.path
        for part in parts_of(path):
            name = part.removesuffix(_TAIL)
            safe = "/" if part.endswith(_TAIL) else ""
            path = path.replace(f"{{{part}}}", quote(str(values.pop(name)), safe=safe))
        body = next((values.pop(name) for name in names if name in values), None)
        query = {
            name.rstrip("_"): _text(value) for name, value in values.items() if value is not None
        }
        return Call(f"{path}?{urlencode(query, doseq=True)}" if query else path, body)


class Endpoints(NamedTuple):
    """Declares endpoints of one section whose addresses have a common beginning."""

    prefix: str
    tag: str

    def get(self, path: str = "") -> Callable[[Callable[P, AnswerT]], Endpoint[P, AnswerT]]:
        """Declare an endpoint for GET."""
        return self._declare("GET", path)

    def post(
        self, path: str = "", *, is_long: bool = False
    ) -> Callable[[Callable[P, AnswerT]], Endpoint[P, AnswerT]]:
        """Declare an endpoint for POST."""
        return self._declare("POST", path, is_long=is_long)

    def put(self, path: str = "") -> Callable[[Callable[P, AnswerT]], Endpoint[P, AnswerT]]:
        """Declare an endpoint for PUT."""
        return self._declare("PUT", path)

    def patch(self, path: str = "") -> Callable[[Callable[P, AnswerT]], Endpoint[P, AnswerT]]:
        """Declare an endpoint for PATCH."""
        return self._declare("PATCH", path)

    def delete(self, path: str = "") -> Callable[[Callable[P, AnswerT]], Endpoint[P, AnswerT]]:
        """Declare an endpoint for DELETE."""
        return self._declare("DELETE", path)

    def _declare(
        self, method: str, path: str, *, is_long: bool = False
    ) -> Callable[[Callable[P, AnswerT]], Endpoint[P, AnswerT]]:
        def declare(function: Callable[P, AnswerT]) -> Endpoint[P, AnswerT]:
            return Endpoint(method, self.prefix + path, self.tag, function, is_long=is_long)

        return declare


def parts_of(pattern: str) -> list[str]:
    """Return the parameters of an address, in order, as they are in its braces.

    >>> parts_of("/runs/{run}/files/{path:path}")
    ['run', 'path:path']
    """
    return [part[1:-1] for part in pattern.split("/") if part.startswith("{")]


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value
