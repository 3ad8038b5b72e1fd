"""Merging by stamp, and names made from ids."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from weft.records.merge import Change, Stamp, join_path, nest, shown_paths, split_path
from weft.records.names import name_from_id

PARTS = st.lists(st.text(alphabet="ab.\\\0", max_size=4), min_size=1, max_size=4)


@given(PARTS)
def test_a_joined_path_splits_into_its_parts(parts: list[str]) -> None:
    assert split_path(join_path(parts)) == parts


@given(PARTS, PARTS)
def test_different_paths_join_differently(ours: list[str], other: list[str]) -> None:
    assert (join_path(ours) == join_path(other)) == (ours == other)


def test_a_removal_hides_what_is_older_below_it() -> None:
    changes = [
        Change("model", Stamp(5, "w", 0), removed=True),
        Change("model.old", Stamp(4, "w", 0)),
        Change("model.new", Stamp(6, "w", 0)),
        Change("models", Stamp(1, "w", 0)),
    ]
    assert shown_paths(changes) == {"model.new", "models"}


@given(
    st.dictionaries(
        st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(join_path),
        st.tuples(st.integers(0, 9), st.booleans()),
    )
)
def test_no_shown_path_lies_below_another(last: dict[str, tuple[int, bool]]) -> None:
    changes = [
        Change(path, Stamp(moment, "w", i), removed)
        for i, (path, (moment, removed)) in enumerate(last.items())
    ]
    shown = shown_paths(changes)
    assert not [path for path in shown for other in shown if other.startswith(f"{path}.")]
    nest((path, 1) for path in sorted(shown))


def test_names_differ_also_among_many_runs() -> None:
    names = {name_from_id(f"run{i}") for i in range(1000)}
    assert len(names) == 1000
    assert all(re.fullmatch(r"[a-z]+-[a-z]+-\d{1,3}", name) for name in names)
