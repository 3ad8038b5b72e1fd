"""The pyramid's arithmetic at its edges: huge, tiny and negative x, levels, ranges."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.server.storage.contract import Float64
from weft.server.storage.grid.cells import (
    Grid,
    SharedGrids,
    bucket_index,
    clip_cells,
    coarsen,
    finest_level,
    fold_points,
    make_grid,
)
from weft.server.storage.grid.levels import bucket_of, bucket_range, choose_level, stored_levels
from weft.server.storage.grid.merge import fold_pieces, merge_pieces
from weft.server.storage.metrics.chunking.plan import plan_merge
from weft.server.storage.metrics.encoding.chunk import ChunkHeader
from weft.server.storage.metrics.encoding.row_set import RowSet

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, st.integers(0, 80))
def test_a_float_lies_in_its_bucket_exactly(x: float, above: int) -> None:
    level = finest_level(abs(x)) + above
    index = int(bucket_index(np.array([x]), level)[0])
    assert index == math.floor(Fraction(x) / Fraction(2) ** level) == bucket_of(x, level)
    assert abs(index) <= 2**62


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 64))
def test_an_integer_lies_in_its_bucket_exactly(x: int, level: int) -> None:
    assert int(bucket_index(np.array([x]), level)[0]) == x // 2**level == bucket_of(x, level)


@given(FINITE, FINITE, st.integers(64, 10_000), st.booleans())
def test_the_level_is_the_smallest_with_few_enough_buckets(
    a: float, b: float, n_buckets: int, closed: bool
) -> None:
    lo, hi = min(a, b), max(a, b)
    level = choose_level(lo, hi, n_buckets, closed=closed, whole=False)
    first, last = bucket_range(lo, hi, level, closed=closed)
    assert last - first < n_buckets
    if level > finest_level(max(abs(lo), abs(hi))) and lo < hi:
        first, last = bucket_range(lo, hi, level - 1, closed=closed)
        assert last - first >= n_buckets


def test_levels_are_kept_from_64_points_a_cell_to_64_cells() -> None:
    assert stored_levels(np.arange(1_000_000), 64) == [6, 8, 10, 12, 14]
    assert stored_levels(np.arange(63), 64) == []
    assert stored_levels(np.arange(102_400) / 1024, 64) == [-4, -2, 0, 2]
    # One outlying step takes one cell; it does not coarsen the rest by its distance.
    assert stored_levels(np.append(np.arange(65_535), 10**15), 64)[0] == 8


def test_coarser_cells_equal_the_points_folded_anew() -> None:
    rng = np.random.default_rng(2)
    x = np.sort(rng.integers(-3000, 3000, 5000))
    values = rng.standard_normal(5000)
    values[rng.integers(0, 5000, 200)] = -np.inf
    rows = np.arange(5000)
    coarse = coarsen(fold_points(make_grid(x, rows, 2), values), 6)
    anew = fold_points(make_grid(x, rows, 6), values)
    for name in coarse.__slots__:
        np.testing.assert_allclose(getattr(coarse, name), getattr(anew, name), rtol=1e-9)


def test_means_near_the_largest_float_do_not_overflow() -> None:
    values = np.full(256, 1.5e308)
    cells = fold_points(make_grid(np.arange(256), np.arange(256), 4), values)
    coarse = coarsen(cells, 8)
    np.testing.assert_allclose(cells.mean, 1.5e308)
    np.testing.assert_allclose(coarse.mean, 1.5e308)


@pytest.mark.parametrize("level", [0, 3])
def test_a_grid_of_some_buckets_leaves_out_the_rest(level: int) -> None:
    rng = np.random.default_rng(4)
    x = rng.integers(-100, 100, 500)
    rows, values = np.arange(500), rng.standard_normal(500)
    buckets = (-2, 5)
    cut = fold_points(make_grid(x, rows, level, buckets), values)
    whole = clip_cells(fold_points(make_grid(x, rows, level), values), buckets)
    for name in cut.__slots__:
        np.testing.assert_array_equal(getattr(cut, name), getattr(whole, name), name)


@pytest.mark.parametrize("buckets", [None, (1, 5)])
def test_runs_that_log_at_the_same_steps_are_folded_together(
    buckets: tuple[int, int] | None,
) -> None:
    rng = np.random.default_rng(7)
    shared = SharedGrids()
    columns: list[tuple[Grid, int, int, Float64]] = []
    # Of two scripts, one of whose runs are longer, and one run with a NaN; asked for backwards.
    for series, n in reversed(list(enumerate([96, 96, 64, 96, 64]))):
        grid = make_grid(np.arange(n), np.arange(n), 3, buckets)
        values = rng.standard_normal(n)
        if series == 3:
            values[17] = np.nan
        columns.append((shared.share(grid), series + 1, series, values))
    assert len({id(grid) for grid, *_ in columns}) == (1 if buckets else 2)
    names = [(f"run{n}", "loss", None) for n in range(5)]
    together = merge_pieces(list(fold_pieces(columns)), names)
    apart = [
        member
        for column in columns[::-1]
        for member in merge_pieces([*fold_pieces([column])], names)
    ]
    for ours, alone in zip(together, apart, strict=True):
        assert ours.run == alone.run
        for name in (
            "buckets",
            "count",
            "minimum",
            "maximum",
            "first",
            "last",
            "nonfinite",
            "nan",
        ):
            np.testing.assert_array_equal(getattr(ours, name), getattr(alone, name))
        np.testing.assert_allclose(ours.mean, alone.mean, rtol=1e-13)
        np.testing.assert_allclose(ours.m2, alone.m2, rtol=1e-12)


def chunk(number: int, n: int, *, offset: int = 0, n_points: int = 0) -> ChunkHeader:
    return ChunkHeader(
        number, 1, 1, 0, offset, 0, n, n_points or n, 0, number * 10**7, number * 10**7 + n - 1,
        0, 1, 0, 0, 0,
    )  # fmt: skip


def test_a_tier_is_merged_when_it_fills_the_next() -> None:
    assert plan_merge([chunk(n, 1000) for n in range(4)]) is None
    group = plan_merge([chunk(n, 1000) for n in range(5)])
    assert group is not None
    assert len(group) == 5


def test_a_tier_of_too_many_chunks_is_merged() -> None:
    assert plan_merge([chunk(n, 2) for n in range(31)]) is None
    assert len(plan_merge([chunk(n, 2) for n in range(32)]) or []) == 32


def test_chunks_of_other_offsets_and_closed_chunks_are_left_alone() -> None:
    apart = [chunk(n, 3000, offset=n) for n in range(8)]
    closed = [chunk(10 + n, 2_000_000) for n in range(40)]
    wide = [chunk(60 + n, 10, n_points=16_000_000) for n in range(40)]
    assert plan_merge([*apart, *closed, *wide]) is None


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=12))
def test_a_row_set_is_a_set(spans: list[tuple[int, int]]) -> None:
    present, plain = RowSet(), set[int]()
    for lo, more in spans:
        rows = np.arange(lo, lo + more + 1)
        missing = present.missing_in(rows)
        expected = [row not in plain for row in rows.tolist()]
        assert ([True] * len(rows) if missing is None else missing.tolist()) == expected
        present.add(rows)
        plain.update(rows.tolist())
    assert {row for lo, hi in present.spans() for row in range(lo, hi + 1)} == plain
    assert all(a[1] + 1 < b[0] for a, b in zip(present.spans(), present.spans()[1:], strict=False))
