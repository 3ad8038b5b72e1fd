"""Values of any magnitude: a chart gets them to 1e-6 of their range, a group its deviation."""

from __future__ import annotations

import math
import statistics
from fractions import Fraction
from typing import Any

import nanoarrow
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from weft.server.http.answers.arrow import PanelWriter
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.charting.answers import Drawn, PanelAnswer
from weft.server.services.charting.grouped.grouping import group_series
from weft.server.storage.contract import Series
from weft.server.storage.grid.buckets import bucket_points
from weft.server.storage.grid.cells import coarsen, fold_points, make_grid

LARGEST = math.ldexp(2**53 - 1, 971)

any_float = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def values_of_one_size(draw: st.DrawFn) -> list[float]:
    exponent = draw(st.integers(-1074, 1023))
    digits = st.floats(-1, 1)
    return [
        math.ldexp(digit, exponent) for digit in draw(st.lists(digits, min_size=1, max_size=9))
    ]


many_floats = values_of_one_size() | st.lists(any_float, min_size=1, max_size=9)


def series_of(values: list[float]) -> Series:
    series = bucket_points(np.arange(len(values)), np.array(values))
    assert series is not None
    return series


@given(st.lists(many_floats, min_size=1, max_size=4))
@example([[1e-300, 2e-300, 3e-300], [0.5, 0.25]])
@example([[5e-324, 1e-323], [1e300, -1e300], [LARGEST, -LARGEST]])
@example([[1e-60, 1e-30, 1.0]])
def test_a_chart_gets_values_of_any_magnitude_to_1e_6_of_their_range(
    every: list[list[float]],
) -> None:
    drawn = [Drawn(series_of(values), 0) for values in every]
    writer = PanelWriter()
    stream = writer.write(PanelAnswer(drawn)) + writer.end()
    arrow: Any = nanoarrow
    (batch,) = arrow.c_array_stream(arrow.ArrayStream.from_readable(stream))
    for values, row in zip(every, arrow.Array(batch).to_pylist(), strict=True):
        assert math.frexp(row["scale"])[0] == 0.5
        # Halved, because a range can be beyond the largest float.
        room = 1e-6 * (max(values) / 2 - min(values) / 2)
        for name in ("min", "max", "mean"):
            for got, value in zip(row[name], values, strict=True):
                near = got * row["scale"] + row["base"]
                assert abs(near / 2 - value / 2) <= room, (name, near, value)
                # On a logarithmic axis small values count as much as large ones.
                if row["base"] == 0 and abs(value) >= 1e-60 * max(map(abs, values)):
                    assert math.isclose(near, value, rel_tol=1e-6)


@given(values_of_one_size())
@example([5e-324] * 8)
@example([5e-324, 1e-323, 1.5e-323, 2e-322])
@example([1.1e170] * 7)
@example([LARGEST] * 3)
def test_cells_that_are_put_together_have_the_mean_of_their_points(values: list[float]) -> None:
    grid = make_grid(np.arange(len(values)), np.arange(len(values)), 0)
    cells = fold_points(grid, np.array(values))
    exact = sum(map(Fraction, values)) / len(values)
    for level in (1, 2, 4):
        cells = coarsen(cells, level)
    whole = fold_points(
        make_grid(np.arange(len(values)), np.zeros(len(values)), 4), np.array(values)
    )
    room = Fraction(max(map(abs, values))) / 10**14 + Fraction(5e-324)
    for series in (cells, whole):
        assert abs(Fraction(series.mean[0].item()) - exact) <= room
        if len(set(values)) == 1:
            assert math.isfinite(series.m2[0])


@given(values_of_one_size().filter(lambda values: len(values) > 1))
@example([1e300, 2e300, -1e300])
@example([LARGEST, LARGEST / 2, -LARGEST / 2])
@example([1e-300, 3e-300])
def test_the_deviation_of_a_group_is_right_for_any_magnitude(values: list[float]) -> None:
    members = [series_of([value]) for value in values]
    measured = group_series(members, "mean", "std", Cancellation())
    assert measured is not None
    series, band = measured
    try:
        deviation = statistics.stdev(values)
    except OverflowError:
        deviation = math.inf
    size = max(map(abs, values))
    slack = 1e-9 * size + 5e-324 * len(values)
    for edge, got in ((-1, float(band.low[0])), (1, float(band.high[0]))):
        bound = float(series.mean[0]) + edge * deviation
        assert got == bound or abs(got - bound) <= slack, (got, bound)
