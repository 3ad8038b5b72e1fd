"""Routes get the arguments that their signatures name, and a clear refusal else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from weft.errors import ConfigError
from weft.server.http.answers.web import WebApp
from weft.server.http.routing import json_body
from weft.server.http.routing.addresses import Addresses
from weft.server.http.routing.arguments import Header, Reader, arguments_of
from weft.server.http.routing.router import Router
from weft.server.http.routing.routes import Answer, Routes
from weft.server.services.access.actors import LOCAL, Actor
from weft.wire.endpoint import Endpoint, Endpoints


class Ware:
    """Something that a router was given."""


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    n: Annotated[int, Meta(ge=1)] = 5


_RUNS = Endpoints("/runs", tag="runs")


@_RUNS.post("/{run}")
def ask_run(
    run: str,
    request: Asked,
    *,
    limit: Annotated[int, Meta(ge=1, le=9)] = 3,
    key: list[str] | None = None,
    order: Literal["name", "use"] = "name",
    system: bool | None = None,
) -> None:
    """Ask a run."""


def handler(
    run: str,
    request: Asked,
    ware: Ware,
    actor: Actor,
    *,
    limit: int,
    key: list[str] | None,
    order: Literal["name", "use"],
    system: bool | None,
    if_match: Annotated[str | None, Header("the version")] = None,
) -> None: ...


WARE = Ware()


def read(
    query: str = "",
    body: bytes = b"{}",
    headers: dict[str, str] | None = None,
    *,
    any_query: bool = False,
) -> dict[str, Any]:
    sent = {"content-type": "application/json", **(headers or {})}
    scope = {
        "type": "http",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "state": {"actor": LOCAL},
        "path_params": {"run": "a1"},
    }
    reader = Reader(arguments_of(ask_run, handler), {Ware: WARE}, any_query=any_query)
    return reader.read(Request(scope), body)


def test_each_argument_comes_from_where_its_name_and_type_say() -> None:
    arguments = read("limit=4&key=a&key=b&system=true", b'{"n": 7}', {"if-match": '"3"'})
    assert arguments == {
        "run": "a1", "request": Asked(7), "ware": WARE, "actor": LOCAL, "limit": 4,
        "key": ["a", "b"], "order": "name", "system": True, "if_match": '"3"',
    }  # fmt: skip
    assert read() | {"request": None} == {
        "run": "a1", "request": None, "ware": WARE, "actor": LOCAL, "limit": 3,
        "key": None, "order": "name", "system": None, "if_match": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "body", "headers", "field"),
    [
        ("limit=0", b"{}", {}, "limit"),
        ("limit=10", b"{}", {}, "limit"),
        ("limit=x", b"{}", {}, "limit"),
        ("limit=", b"{}", {}, "limit"),
        ("system=perhaps", b"{}", {}, "system"),
        ("limt=4", b"{}", {}, "limt"),
        ("=4", b"{}", {}, "''"),
        ("", b'{"n": 0}', {}, "n"),
        ("", b'{"m": 1}', {}, "m"),
        ("", b"[]", {}, "body"),
        ("", b"", {}, "body"),
        ("", b"{", {}, "body"),
        ("", b'{"n": "\xff"}', {}, "n"),
        ("", b"[" * 100_000, {}, "body"),
        ("", b"{}", {"content-type": "text/plain"}, "body"),
        ("", b"{}", {"content-type": ""}, "body"),
    ],
)
def test_a_refusal_names_the_field(
    query: str, body: bytes, headers: dict[str, str], field: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        read(query, body, headers)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "body",
    [
        b'{"%s": 1}' % (b"x" * 1_000_000),
        b'{"kind": "%s"}' % (b"x" * 1_000_000),
        b'{"n": "%s"}' % (b"x" * 1_000_000),
    ],
)
def test_a_message_holds_little_of_what_was_sent(body: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        read("", body)
    assert len(str(caught.value)) < 500


def test_a_body_of_the_wrong_type_is_not_searched_for_surrogates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A body of 16 MB full of escapes takes seconds to search.
    monkeypatch.setattr(json_body, "_SURROGATE", None)
    with pytest.raises(ConfigError, match="Expected `int`"):
        read("", rb'{"n": "\n"}')


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("limit=x", "limit: Expected `int`, not 'x'"),
        ("limit=0", "limit: Expected `int` >= 1, not '0'"),
        ("order=up", "order: invalid value 'up'; use one of: name, use"),
        (
            "limt=4",
            "no query parameter is called 'limt': limit may be meant; there are key, limit,",
        ),
    ],
)
def test_a_message_says_what_was_sent_and_what_may_be(query: str, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(query)
    assert str(caught.value).startswith(text)


def test_an_endpoint_begins_with_its_address_and_takes_one_body_at_most() -> None:
    def other_order(project: str, entity: str) -> None: ...

    with pytest.raises(TypeError, match="must begin with entity, project"):
        arguments_of(Endpoint("GET", "/{entity}/{project}", "", other_order), lambda: None)

    def greedy(request: Asked, other: Asked) -> None: ...

    with pytest.raises(TypeError, match="one body"):
        arguments_of(Endpoint("POST", "/runs", "", greedy), lambda: None)


def test_a_function_that_does_not_fit_its_endpoint_is_refused() -> None:
    def other_type(name: int) -> Name: ...

    def more(name: str, *, limit: int) -> Name: ...

    def other_answer(name: str) -> Asked: ...

    for function, reason in (
        (other_type, "declares no name"),
        (more, "declares no limit"),
        (other_answer, "answers with"),
    ):
        with pytest.raises(TypeError, match=reason):
            Routes().answers(get_thing)(function)

    def takes_nothing() -> Name: ...

    with pytest.raises(TypeError, match="must take name"):
        Routes().answers(get_thing)(takes_nothing)


def test_a_function_may_give_the_parts_of_the_address_other_names() -> None:
    def thing(key: str, *, at_once: bool = True) -> Name: ...

    (argument,) = arguments_of(get_thing, thing)
    assert (argument.name, argument.wire_name, argument.source) == ("key", "name", "path")


def test_unknown_parameters_are_ignored_where_a_route_says_so() -> None:
    assert read("limt=4", any_query=True)["limit"] == 3


def test_the_last_of_several_values_counts_where_one_is_taken() -> None:
    assert read("limit=4&limit=5")["limit"] == 5


_PART = st.sampled_from(["a", "b", "runs", "{x}", "{y}"])
_PATTERNS = st.lists(
    st.lists(_PART, min_size=1, max_size=4).flatmap(
        lambda parts: st.sampled_from([parts, [*parts, "{rest:path}"]])
    ),
    unique_by=lambda parts: tuple("{}" if part.startswith("{") else part for part in parts),
    min_size=1,
    max_size=8,
)
_PATHS = st.lists(st.sampled_from(["a", "b", "runs", "z", ""]), min_size=1, max_size=6)


def fits(pattern: list[str], path: list[str]) -> list[str] | None:
    """The texts of a pattern's parameters, found by looking part by part."""
    if pattern[-1].endswith(":path}"):
        head = pattern[:-1]
        if len(path) <= len(head):
            return None
        before = fits(head, path[: len(head)])
        return None if before is None else [*before, "/".join(path[len(head) :])]
    if len(pattern) != len(path):
        return None
    texts: list[str] = []
    for part, text in zip(pattern, path, strict=True):
        if part.startswith("{") and text:
            texts.append(text)
        elif part != text:
            return None
    return texts


def rank(pattern: list[str]) -> list[int]:
    """Literal parts before parameters before the rest, from left to right."""
    return [2 if part.endswith(":path}") else int(part.startswith("{")) for part in pattern]


@given(_PATTERNS, _PATHS)
def test_an_address_is_found_as_looking_at_every_pattern_finds_it(
    patterns: list[list[str]], path: list[str]
) -> None:
    addresses = Addresses[str]()
    for pattern in patterns:
        addresses.add("/" + "/".join(pattern), "/".join(pattern))
    fitting = [pattern for pattern in patterns if fits(pattern, path) is not None]
    match = addresses.find("/" + "/".join(path))
    if not fitting:
        assert match is None
        return
    best = min(fitting, key=rank)
    assert match == ("/".join(best), fits(best, path))


@pytest.mark.parametrize("pattern", ["/a/{x}", "/a/{y}", "/a/b", "/c/{rest:path}"])
def test_two_routes_at_one_address_are_refused(pattern: str) -> None:
    addresses = Addresses[int]()
    for there in ("/a/{z}", "/a/b", "/c/{other:path}"):
        addresses.add(there, 1)
    with pytest.raises(ValueError, match="two routes"):
        addresses.add(pattern, 2)


class Name(msgspec.Struct):
    name: str


_THINGS = Endpoints("/api/things", tag="things")


@_THINGS.get("/{name}")
def get_thing(name: str) -> Name:
    """A thing."""
    raise NotImplementedError


@_THINGS.get("/{name}/file")
def get_file(name: str) -> bytes:
    """Its content, which goes on until the client leaves."""
    raise NotImplementedError


@_THINGS.put("/default")
def put_default(request: Asked) -> Name:
    """Make it."""
    raise NotImplementedError


@_THINGS.delete("/{name}")
def delete_thing(name: str) -> None:
    """Delete it."""


def router(events: list[str]) -> Router:
    routes = Routes()

    @routes.answers(get_thing)
    def thing(name: str) -> Name:
        return Name(name)

    @routes.answers(get_file, media={"text/plain": {"type": "string"}})
    async def file(name: str) -> Response:
        async def content() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield name.encode()
                    await asyncio.sleep(0)
            finally:
                events.append("ended")

        return StreamingResponse(content(), media_type="text/plain")

    @routes.answers(put_default, status=201)
    async def put(request: Asked) -> Answer[Name]:
        return Answer(Name(str(request.n)), {"ETag": '"1"'})

    @routes.answers(delete_thing)
    def delete(name: str) -> None:
        events.append(f"deleted {name}")

    return Router(routes.all, {}, WebApp(Path("nowhere")))


def ask(
    app: Router, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "state": {"actor": LOCAL},
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    sent_headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return (
        sent[0]["status"],
        sent_headers,
        b"".join(message.get("body", b"") for message in sent[1:]),
    )


def test_routes_are_called_by_method_and_address() -> None:
    events: list[str] = []
    app = router(events)
    assert ask(app, "GET", "/api/things/a")[::2] == (200, b'{"name":"a"}')
    assert ask(app, "GET", "/api/things/default")[::2] == (200, b'{"name":"default"}')
    json = {"content-type": "application/json"}
    status, headers, body = ask(app, "PUT", "/api/things/default", b'{"n": 7}', **json)
    assert (status, headers["etag"], body) == (201, '"1"', b'{"name":"7"}')
    assert ask(app, "DELETE", "/api/things/a")[::2] == (204, b"")
    assert events == ["deleted a"]


def test_answers_are_msgpack_for_those_who_ask_for_it() -> None:
    _, headers, body = ask(router([]), "GET", "/api/things/a", accept="application/msgpack")
    assert headers["content-type"] == "application/msgpack"
    assert msgspec.msgpack.decode(body) == {"name": "a"}
    assert headers["vary"] == "Accept"


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("POST", "/api/things/a", 405, "DELETE, GET, HEAD, OPTIONS"),
        ("POST", "/api/things/default", 405, "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("OPTIONS", "/api/things/a", 204, "DELETE, GET, HEAD, OPTIONS"),
        ("GET", "/api/nothing", 404, None),
        ("HEAD", "/api/nothing", 404, None),
        ("GET", "/assets/none.js", 404, None),
        ("HEAD", "/assets/none.js", 404, None),
        ("POST", "/some/page", 405, "GET, HEAD, OPTIONS"),
    ],
)
def test_where_no_route_fits_the_answer_says_what_would(
    method: str, path: str, status: int, allowed: str | None
) -> None:
    answered, headers, _ = ask(router([]), method, path)
    assert (answered, headers.get("allow")) == (status, allowed)


def test_head_is_the_get_without_its_body_and_ends_a_stream() -> None:
    events: list[str] = []
    app = router(events)
    assert ask(app, "HEAD", "/api/things/a")[::2] == (200, b"")
    status, headers, body = ask(app, "HEAD", "/api/things/a/file")
    assert (status, headers["content-type"], body) == (200, "text/plain; charset=utf-8", b"")
    assert events == ["ended"]
