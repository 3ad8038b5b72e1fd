"""Metrics searched by name: many at once as one by one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.server.storage.names import NameSearch, NameTable

NONFINITE = st.text(alphabet="aAbBßİi/ \n\x00é", max_size=4)


@given(names=st.sets(NONFINITE, max_size=12), part=NONFINITE)
def test_many_names_are_searched_as_each_is(names: set[str], part: str) -> None:
    table = NameTable(sorted(names))
    search = NameSearch(part)
    assert table.search(search).tolist() == [search(name) for name in sorted(names)]


def test_the_words_of_a_search_may_stand_in_any_order() -> None:
    table = NameTable(["rmse/t850", "rmse/z500", "val/z500_RMSE", "z500"])
    assert table.search(NameSearch(" z500  rmse ")).tolist() == [False, True, True, False]
    assert table.search(NameSearch(" ")).tolist() == [True] * 4


def test_a_pattern_is_asked_once_per_name() -> None:
    texts: list[str] = []

    def pattern(name: str) -> bool:
        texts.append(name)
        return re.search("b+", name) is not None

    table = NameTable(["a", "ab", "b"])
    for _ in range(3):
        matches = table.search(NameSearch("b+", pattern, is_pattern=True))
        assert matches.tolist() == [False, True, True]
    assert texts == ["a", "ab", "b"]
    # The same text, but no pattern.
    assert table.search(NameSearch("b+")).tolist() == [False, False, False]


@pytest.mark.parametrize("n", [1, 100])
def test_only_a_few_answers_are_kept(n: int) -> None:
    table = NameTable(["a", "b"])
    for nth in range(n):
        assert table.search(NameSearch(f"a{nth}")).tolist() == [False, False]
    assert len(table._kept) <= 16
