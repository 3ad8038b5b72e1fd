"""Each answer that asks for another try states when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from weft import errors
from weft.server.http.answers.problems import STATUS_OF_CODE
from weft.server.http.context import RETRIED_STATUSES, RequestContext
from weft.wandb_gateway.answers import refusal, refusal_of


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
