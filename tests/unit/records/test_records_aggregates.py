"""Every aggregate is the same however its numbers come, and no part of an entry is missing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.records.aggregates import AGGREGATES, ALL_FOLDS, Fold, Folds, folds_of
from weft.records.aggregates.fold import LATEST
from weft.records.merge import Stamp

ROOT = Path(__file__).parents[3]

Point = tuple[float, Stamp]

VALUES = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from([math.nan, math.inf, -math.inf, 0.0, 1.0])
)


@st.composite
def logged_points(draw: st.DrawFn) -> list[Point]:
    values = draw(st.lists(VALUES, min_size=1, max_size=40))
    times = [draw(st.integers(0, 30)) for _ in values]
    points = zip(values, times, strict=True)
    return [(value, Stamp(time, "w", row)) for row, (value, time) in enumerate(points)]


@dataclass
class Numbers:
    """Numbers as an upload or the metric store has them."""

    logged: Sequence[Point]

    @property
    def _finite(self) -> list[float]:
        return [value for value, _ in self.logged if math.isfinite(value)]

    @property
    def count(self) -> int:
        return len(self._finite)

    @property
    def low(self) -> Any:
        return min(self._finite, default=None)

    @property
    def high(self) -> Any:
        return max(self._finite, default=None)

    @property
    def mean(self) -> float:
        return math.fsum(self._finite) / self.count if self.count else math.nan

    @property
    def _first(self) -> Point:
        return min(self.logged, key=lambda point: point[1])

    @property
    def first(self) -> Any:
        return self._first

    @property
    def first_before(self) -> int:
        return self._first[1].micros + 5

    def points(self) -> Iterator[Point]:
        yield from sorted(self.logged, key=lambda point: point[1])


class Stored(Numbers):
    """The store has the first number without its time."""

    @property
    def first(self) -> Any:
        return self._first[0]


def folded(fold: type[Fold], points: Sequence[Point]) -> Fold:
    aggregate = fold()
    for value, at in points:
        aggregate.add(value, at)
    return aggregate


def assert_same(ours: Any, other: Any) -> None:
    if other is None:
        assert ours is None
    elif math.isnan(other):
        assert math.isnan(ours)
    else:
        assert ours == pytest.approx(other, rel=1e-9, abs=1e-6)


every_fold = pytest.mark.parametrize("fold", ALL_FOLDS)


@every_fold
@given(points=logged_points(), data=st.data())
def test_order_and_parts_make_no_difference(
    fold: type[Fold], points: list[Point], data: st.DataObject
) -> None:
    whole = folded(fold, points)
    shuffled = data.draw(st.permutations(points))
    assert_same(folded(fold, shuffled).value, whole.value)
    cut = data.draw(st.integers(0, len(points)))
    part, rest = folded(fold, shuffled[:cut]), folded(fold, shuffled[cut:])
    part.join(rest)
    assert_same(part.value, whole.value)


@every_fold
@given(points=logged_points(), more=logged_points())
def test_a_script_continues_what_another_left(
    fold: type[Fold], points: list[Point], more: list[Point]
) -> None:
    later = [(value, at._replace(micros=at.micros + 100)) for value, at in more]
    fields = json.loads(json.dumps(folded(fold, points).fields()))
    continued = fold()
    continued.restore(fields)
    for value, at in later:
        continued.add(value, at)
    assert_same(continued.value, folded(fold, [*points, *later]).value)


@every_fold
@given(
    values=st.lists(
        VALUES | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=True)
    ),
    data=st.data(),
)
def test_what_a_script_logs_is_the_same_one_by_one_and_together(
    fold: type[Fold], values: list[Any], data: st.DataObject
) -> None:
    one_by_one, together = fold(), fold()
    for value in values:
        one_by_one.add(value, LATEST)
    cut = data.draw(st.integers(0, len(values)))
    for part in (values[:cut], values[cut:]):
        together.add_logged(part)
    assert_same(together.value, one_by_one.value)
    assert together.value.__class__ is one_by_one.value.__class__


@every_fold
@given(points=logged_points())
def test_what_the_store_has_is_what_was_added_one_by_one(
    fold: type[Fold], points: list[Point]
) -> None:
    stored = fold()
    stored.add_stored(Stored(points))
    assert_same(stored.value, folded(fold, points).value)


@every_fold
@given(uploads=st.lists(logged_points(), min_size=1, max_size=4), data=st.data())
def test_uploads_around_a_read_of_the_store_count_once(
    fold: type[Fold], uploads: list[list[Point]], data: st.DataObject
) -> None:
    """As in `services.summaries`: the store is read while uploads are added."""
    uploads = [
        [(value, at._replace(writer=f"w{n}")) for value, at in points]
        for n, points in enumerate(uploads)
    ]
    every = [point for points in uploads for point in points]
    read_at = data.draw(st.integers(0, len(uploads)))
    seen = [point for points in uploads[:read_at] for point in points]
    live = fold()
    is_current = True
    for points in uploads:
        is_current = live.add_upload(Numbers(points)) and is_current
    if seen:
        stored = fold()
        stored.add_stored(Stored(seen))
        # What came after the read may be missing, so that the store is read again.
        is_current = live.refresh(stored) and is_current and read_at == len(uploads)
    if not is_current:
        stored = fold()
        stored.add_stored(Stored(every))
        assert live.refresh(stored)
    assert_same(live.value, folded(fold, every).value)


def test_fields_of_folds_have_names_of_their_own() -> None:
    points = [(2.0, Stamp(0, "w", 0)), (4.0, Stamp(1, "w", 1))]
    names = [name for fold in ALL_FOLDS for name in folded(fold, points).fields()]
    assert len(names) == len(set(names))


def test_ints_beyond_64_bits_are_no_numbers_of_a_metric() -> None:
    folds = Folds(ALL_FOLDS)
    folds.add(10**400)
    folds.add(-(2**63) - 1)
    assert folds.fields() == {}


def test_folds_show_each_aggregate_that_has_a_value() -> None:
    for goal in (None, "minimize", "maximize"):
        folds = Folds(folds_of(AGGREGATES, goal))
        assert folds.shown(AGGREGATES, goal, "text") == {"last": "text"}
        folds.add(2.5)
        assert folds.shown(AGGREGATES, goal, 2.5).keys() == AGGREGATES.keys()


@every_fold
def test_each_field_of_a_fold_is_described(fold: type[Fold]) -> None:
    fields = folded(fold, [(2.0, LATEST)]).fields()
    page = (ROOT / "docs" / "http-api.md").read_text().partition("/continuation?step=")[2]
    text = page.partition("`summary_set`")[0]
    for field in fields:
        assert re.search(rf"\b{field}\b", text), f"docs/http-api.md does not name {field}"


def test_each_fold_is_of_an_aggregate() -> None:
    assert {*Fold.__subclasses__()} == {*ALL_FOLDS}, "name it in records/aggregates/registry.py"


@pytest.mark.parametrize("name", AGGREGATES)
def test_each_aggregate_is_in_the_documents(name: str) -> None:
    guide = (ROOT / "docs/guide/client.md").read_text()
    assert f"`{name}`" in guide, f"docs/guide/client.md does not name the aggregate {name}"
