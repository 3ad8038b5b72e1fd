"""Requests that are made at the same time, by real threads."""

from __future__ import annotations

import threading

import pytest

from weft.client.concurrent_requests import ConcurrentRequests
from weft.errors import Unavailable

SECS = 30
"""More than any of this takes."""


def test_a_connection_takes_the_next_request_while_another_waits_for_its_answer() -> None:
    may_end = threading.Event()

    def call(connection: str, request: int) -> str:
        if request == 0:
            assert may_end.wait(SECS)
        return connection

    with ConcurrentRequests(["a", "b"], call) as requests:
        requests.begin(0)
        requests.begin(1)
        assert not requests.has_room
        for request in range(1, 5):
            answered = requests.next_answer()
            assert (answered.request, answered.answer) == (request, "b")
            assert requests.has_room
            requests.begin(request + 1)
        assert requests.n_running == 2
        may_end.set()
        last = {requests.next_answer().request, requests.next_answer().request}
        assert last == {0, 5}


def test_one_request_is_made_by_the_thread_that_waits_for_it() -> None:
    def call(connection: str, request: int) -> int:
        return threading.get_ident()

    with ConcurrentRequests(["a"], call) as requests:
        requests.begin(0)
        assert requests.next_answer().answer == threading.get_ident()
        assert requests.n_running == 0


def test_errors_of_weft_are_answers_and_others_are_raised() -> None:
    errors = [Unavailable("no disk"), ZeroDivisionError()]

    def call(connection: str, request: int) -> None:
        raise errors[request]

    with ConcurrentRequests(["a", "b"], call) as requests:
        requests.begin(0)
        assert requests.next_answer().answer is errors[0]
        requests.begin(1)
        with pytest.raises(ZeroDivisionError):
            requests.next_answer()
        assert requests.has_room


def test_the_block_ends_after_requests_whose_answers_are_not_taken() -> None:
    ended: list[int] = []

    def call(connection: str, request: int) -> None:
        ended.append(request)

    with ConcurrentRequests(["a", "b"], call) as requests:
        requests.begin(0)
        requests.begin(1)
        assert requests.next_answer().answer is None
    assert sorted(ended) == [0, 1]
