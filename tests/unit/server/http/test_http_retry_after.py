"""Each answer that asks for another try states when."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from starlette.types import Message, Receive, Scope, Send

from weft import errors
from weft.server.http.answers.problems import STATUS_OF_CODE
from weft.server.http.context import RETRIED_STATUSES, RequestContext
from weft.server.services.access import LOCAL
from weft.wandb_gateway.answers import answer, refusal, refusal_of
from weft.wandb_gateway.graphql.execution import Executor
from weft.wandb_gateway.graphql.request import Context as GraphQLContext
from weft.wandb_gateway.graphql.request import GraphQLRequest
from weft.wandb_gateway.graphql.work import Work

STATUSES_ARE_IN: Final = {
    "server/http/answers/problems.py": "the statuses of errors",
    "server/http/context.py": "the header of every answer that lacks it",
    "server/http/answers/web.py": "the page of an installation without the app",
    "server/http/reports/inner_requests.py": "answers that no figure stores",
    "wandb_gateway/graphql/execution.py": "the statuses of errors in GraphQL",
}
"""Files with a status that asks for another try. All other code raises `Unavailable`, or an error
below it, whose answer has the header."""


def _every_error(kind: type[errors.WeftError] = errors.WeftError) -> list[type[errors.WeftError]]:
    below = [error for child in kind.__subclasses__() for error in _every_error(child)]
    return [kind, *below] if kind.__module__ == errors.__name__ else below


def _raised(kind: type[errors.WeftError]) -> errors.WeftError:
    if kind is errors.TooManyRequests:
        return errors.TooManyRequests("too often", retry_after_secs=6.1)
    if kind is errors.PositionConflict:
        return errors.PositionConflict("elsewhere", position=3)
    if kind is errors.Moved:
        return errors.Moved("moved", path="e/p/r")
    return kind("a fault")


def _answer(app: Any) -> tuple[int, dict[str, str]]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Scope = {
        "type": "http", "method": "GET", "path": "/a/b/c/d/e/f/g", "headers": [],
        "query_string": b"", "state": {},
    }  # fmt: skip
    asyncio.run(RequestContext(app)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return messages[0]["status"], headers


def _check(status: int, headers: dict[str, str]) -> None:
    assert ("retry-after" in headers) == (status in RETRIED_STATUSES)
    assert int(headers.get("retry-after", "1")) >= 1


@pytest.mark.parametrize("kind", _every_error(), ids=lambda kind: kind.__name__)
def test_each_error_of_weft_at_both_apis(kind: type[errors.WeftError]) -> None:
    async def own(scope: Scope, receive: Receive, send: Send) -> None:
        raise _raised(kind)

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        await refusal_of(scope, _raised(kind))(scope, receive, send)

    for app in (own, gateway):
        _check(*_answer(app))


def test_the_codes_of_all_retried_statuses_are_among_the_errors() -> None:
    codes = {code for code, status in STATUS_OF_CODE.items() if status in RETRIED_STATUSES}
    assert codes == {"too_many_requests", "unavailable", "storage_full"}
    assert codes <= {kind.code for kind in _every_error()}


@pytest.mark.parametrize("status", sorted(RETRIED_STATUSES))
def test_an_answer_that_no_error_made(status: int) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await refusal(status, "busy")(scope, receive, send)

    assert _answer(app)[1]["retry-after"] == "1"


def test_a_time_is_rounded_up_and_kept() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise errors.TooManyRequests("too often", retry_after_secs=6.1)

    status, headers = _answer(app)
    assert status == 429
    assert headers["retry-after"] == "7"


def test_a_refusal_in_graphql_states_the_time_of_its_error() -> None:
    class FullServer(Work):
        def add(self, n_values: int) -> None:
            raise errors.StorageFull("full", retry_after_secs=41.5)

    nothing: Any = None
    context = GraphQLContext(
        actor=LOCAL, services=nothing, memories=nothing, starts=nothing, history_files=nothing,
        versions=nothing, drafts=nothing, reported_runs=nothing, served_reports=nothing,
        addresses=nothing, base_url="",
        client=None, version="", work=FullServer(),
    )  # fmt: skip
    result = Executor().run(GraphQLRequest("{ viewer { name } }", None, {}), context)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(result.body, result.status, error=result.error)(scope, receive, send)

    status, headers = _answer(app)
    assert (status, headers["retry-after"]) == (507, "42")


def test_no_other_code_answers_with_such_a_status() -> None:
    """So a new limit is an error, and its answer has the header at both APIs and on all pages."""
    package = Path(errors.__file__).parent
    paths = [
        path.relative_to(package).as_posix()
        for part in ("server", "wandb_gateway")
        for path in (package / part).rglob("*.py")
        if _names_a_retried_status(path)
    ]
    assert sorted(paths) == sorted(STATUSES_ARE_IN)


def _names_a_retried_status(path: Path) -> bool:
    names = {"TOO_MANY_REQUESTS", "SERVICE_UNAVAILABLE", "INSUFFICIENT_STORAGE"}
    text = path.read_text(encoding="utf-8")
    if not any(word in text for word in (*map(str, RETRIED_STATUSES), *names)):
        return False  # to parse all modules takes seconds
    return any(
        (isinstance(node, ast.Constant) and node.value in RETRIED_STATUSES)
        or (isinstance(node, ast.Attribute) and node.attr in names)
        for node in ast.walk(ast.parse(text))
    )


def test_the_server_writes_the_header_in_two_functions() -> None:
    package = Path(errors.__file__).parent
    texts = {
        path.relative_to(package).as_posix(): path.read_text(encoding="utf-8").lower()
        for part in ("server", "wandb_gateway")
        for path in (package / part).rglob("*.py")
    }
    assert {path for path, text in texts.items() if 'retry-after"' in text} == {
        "server/http/answers/problems.py",
        "server/http/context.py",
    }
