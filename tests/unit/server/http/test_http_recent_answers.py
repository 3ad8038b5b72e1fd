"""Answers of the last second, taken by those who name a change that they show."""

from __future__ import annotations

import pytest

from weft.server.http.answers import recent_answers
from weft.server.http.answers.recent_answers import MAX_AGE_MICROS, RecentAnswers
from weft.server.services.access import ProjectPath
from weft.wire.runs.selecting import RunQuery

PATH = ProjectPath("lab", "runs")
QUERY = RunQuery(columns=["tags"])
NOW = 10_000_000


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time of changes, which a test sets."""
    time = [NOW]
    monkeypatch.setattr(recent_answers, "now_micros", lambda: time[0])
    return time


def make() -> RecentAnswers[str]:
    return RecentAnswers(len, most_of_one=4, most=8)


def test_an_answer_shows_all_that_its_asker_was_told_of() -> None:
    answers = make()
    answers.add(PATH, QUERY, lambda: NOW, "a")
    assert answers.find(PATH, QUERY, NOW - 1) == "a"
    # A change at the very time when the reading began may be missing.
    assert answers.find(PATH, QUERY, NOW) is None
    assert answers.find(PATH, QUERY, None) is None
    answers.add(PATH, QUERY, lambda: NOW + 5, "b")
    assert answers.find(PATH, QUERY, NOW + 4) == "b"


def test_only_an_equal_query_of_the_same_project_takes_it() -> None:
    answers = make()
    answers.add(PATH, QUERY, lambda: NOW, "a")
    assert answers.find(ProjectPath("lab", "other"), QUERY, 0) is None
    assert answers.find(ProjectPath("other", "runs"), QUERY, 0) is None
    assert answers.find(PATH, RunQuery(columns=["tags"], limit=7), 0) is None
    assert answers.find(PATH, RunQuery(columns=["tags"]), 0) == "a"


def test_no_answer_is_taken_after_a_second(clock: list[int]) -> None:
    answers = make()
    answers.add(PATH, QUERY, lambda: NOW, "a")
    clock[0] = NOW + MAX_AGE_MICROS
    assert answers.find(PATH, QUERY, 0) == "a"
    clock[0] += 1
    assert answers.find(PATH, QUERY, 0) is None


def test_an_answer_that_waits_for_its_turn_is_shared_until_a_second_after_it_began(
    clock: list[int],
) -> None:
    began: list[int] = []
    answers = make()
    answers.add(PATH, QUERY, lambda: began[0] if began else clock[0], "a")
    clock[0] = NOW + 9 * MAX_AGE_MICROS
    assert answers.find(PATH, QUERY, clock[0] - 1) == "a"
    began.append(clock[0])
    clock[0] += MAX_AGE_MICROS
    assert answers.find(PATH, QUERY, NOW) == "a"
    assert answers.find(PATH, QUERY, began[0]) is None
    clock[0] += 1
    assert answers.find(PATH, QUERY, NOW) is None


def test_the_oldest_make_room_and_large_ones_are_not_taken() -> None:
    answers = make()
    queries = [RunQuery(columns=["tags"], limit=n + 1) for n in range(4)]
    for query in queries[:3]:
        answers.add(PATH, query, lambda: NOW, "aaa")
    assert [answers.find(PATH, query, 0) for query in queries[:3]] == [None, "aaa", "aaa"]
    answers.add(PATH, queries[3], lambda: NOW, "aaaaa")
    assert answers.find(PATH, queries[3], 0) is None
