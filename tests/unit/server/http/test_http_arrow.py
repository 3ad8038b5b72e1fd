"""Answers of panels as Arrow: what a reader gets equals what the service gave."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import nanoarrow
import numpy as np
import pytest

from weft.server.http.answers import recent_batches
from weft.server.http.answers.arrow import PanelWriter
from weft.server.http.answers.recent_batches import RecentBatches
from weft.server.services.charting.answers import Band, Drawn, PanelAnswer, empty_series
from weft.server.services.selecting.select import MISSING
from weft.server.storage.contract import NonFinite, Series


def series(values: list[float], *, run: str = "r", key: str = "loss", first: int = 0) -> Series:
    mean = np.array(values, dtype=np.float64)
    finite = np.isfinite(mean)
    mean = np.where(finite, mean, np.nan)
    nonfinite = np.flatnonzero(~finite).astype(np.int64)
    nothing = np.zeros(len(nonfinite), dtype=np.int64)
    return Series(
        run=run,
        key=key,
        level=2,
        buckets=np.arange(first, first + 2 * len(values), 2, dtype=np.int64),
        count=finite.astype(np.int64),
        minimum=mean - 1,
        maximum=mean + 1,
        mean=mean,
        m2=mean * 0,
        first=mean,
        last=mean,
        x=np.full(len(values), np.nan),
        nonfinite=nonfinite,
        nan=nothing + 1,
        positive_infinity=nothing,
        negative_infinity=nothing + 2,
    )


def answer(*drawn: Series, origin_micros: int = 0) -> PanelAnswer:
    return PanelAnswer([Drawn(series, origin_micros) for series in drawn])


def written(*answers: PanelAnswer, full: bool = False) -> list[list[dict[str, Any]]]:
    writer = PanelWriter(full=full)
    data = b"".join(writer.write(answer) for answer in answers) + writer.end()
    # Not `read_all()`, which leaves out empty batches.
    batches = nanoarrow.c_array_stream(nanoarrow.ArrayStream.from_readable(data))
    return [nanoarrow.Array(batch).to_pylist() for batch in batches]


def test_panels_come_in_order_also_empty_ones() -> None:
    panel = answer(series([1.0, 2.0]), origin_micros=17)
    panels = written(PanelAnswer([]), panel, PanelAnswer([]), panel)
    assert [[row["panel"] for row in panel] for panel in panels] == [[], [1], [], [3]]


def test_a_panel_written_before_is_the_same_at_any_place() -> None:
    """Only of the very same series; not of others that are equal, or at another time of x = 0."""
    loss, nan = series([1.0, 2.0]), series([1.0, float("nan")], run="s")
    panels = [answer(loss), answer(nan, loss), answer(loss, origin_micros=5), answer(loss)]
    recent = RecentBatches()
    for order in (panels, panels[::-1], [answer(series([3.0])), *panels]):
        alone, shared = PanelWriter(), PanelWriter(recent)
        assert [alone.write(panel) for panel in order] == [shared.write(panel) for panel in order]
    assert recent.find(panels[0]) is not None
    assert recent.find(answer(series([1.0, 2.0]))) is None


def test_written_panels_are_dropped_when_they_take_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recent_batches, "MAX_BYTES", 20_000)
    panels = [answer(series([1.0] * 20)) for _ in range(20)]
    recent = RecentBatches()
    for panel in panels:
        recent.add(panel, bytes(2000))
    present = [panel for panel in panels if recent.find(panel) is not None]
    assert present == panels[-len(present) :]
    assert len(present) == 20_000 // (2000 + 20 * 72)


def test_values_are_base_plus_offset() -> None:
    (panel,) = written(
        answer(
            series([1e9 + i for i in range(50)], first=-7),
            series([0.5, 0.25]),
            origin_micros=9,
        )
    )
    large, small = panel
    assert (large["first_bucket"], large["level"], large["origin_micros"]) == (-7, 2, 9)
    assert large["bucket"] == list(range(0, 100, 2))
    assert large["base"] != 0
    got = [large["base"] + offset for offset in large["mean"]]
    assert got == pytest.approx([1e9 + i for i in range(50)], abs=1e-4)
    # Values that are not large beside their range stay what they are.
    assert (small["base"], small["mean"], small["min"]) == (0.0, [0.5, 0.25], [-0.5, -0.75])


def test_points_are_placed_in_their_buckets_where_their_x_is_known() -> None:
    nan = math.nan
    sparse = replace(series([1.0, 2.0, 3.0], first=4), x=np.array([17.0, nan, 32.0]))
    dense = series([1.0, 2.0])
    whole = replace(series([1.0, 2.0]), level=0, x=np.array([0.0, 2.0]))
    (rows,) = written(answer(sparse, dense, whole, replace(whole, x=np.array([0.5, nan]))))
    offsets = [row["offset"] for row in rows]
    assert offsets[0] == [0.25, pytest.approx(nan, nan_ok=True), 0.0]
    assert offsets[1:3] == [[], []]
    assert offsets[3] == [0.5, pytest.approx(nan, nan_ok=True)]


def test_a_constant_series_is_exact() -> None:
    flat = series([1e300, 1e300])
    flat.minimum = flat.maximum = flat.mean
    ((row,),) = written(answer(flat))
    assert (row["base"], row["mean"]) == (1e300, [0.0, 0.0])


def test_non_finite_points_are_marked_not_drawn() -> None:
    ((row,),) = written(answer(series([1.0, float("nan"), 3.0])))
    assert (row["n_points"], row["n_end_points"]) == (2, 1)
    assert (row["nonfinite"], row["nan"], row["pos_inf"], row["neg_inf"]) == ([1], [1], [0], [2])
    assert np.isnan(row["mean"][1])


def test_a_series_of_non_finite_points_only_has_base_0() -> None:
    ((row,),) = written(answer(series([float("nan")] * 3)))
    assert (row["base"], row["n_points"], row["n_end_points"]) == (0.0, 0, 0)


def test_the_points_of_the_end_are_those_of_the_last_bucket_that_has_a_finite_one() -> None:
    begun = series([1.0, 2.0, float("nan")])
    begun.count[:] = 8, 3, 0
    ((row,),) = written(answer(begun))
    assert (row["n_points"], row["n_end_points"]) == (11, 3)


def test_a_spread_beyond_float32_is_drawn_at_its_edge() -> None:
    ((row,),) = written(answer(series([-1e308, 0.0, 1e308])))
    assert np.isfinite(row["mean"]).all()
    assert row["mean"][0] < 0 < row["mean"][2]


def test_full_has_everything_as_float64() -> None:
    series_of_panel = series([1e9 / 3, 2e9 / 3])
    ((row,),) = written(answer(series_of_panel), full=True)
    assert row["mean64"] == series_of_panel.mean.tolist()
    assert row["min64"] == series_of_panel.minimum.tolist()
    assert row["count"] == [1, 1]
    assert {"first", "last", "max64", "m2"} <= row.keys()


def test_a_panel_of_many_series_keeps_them_apart() -> None:
    panel_series = [series([float(i)] * (i + 1), run=f"run{i}", key=f"k{i}") for i in range(30)]
    (panel,) = written(answer(*panel_series, origin_micros=3))
    assert [(row["run"], row["key"], len(row["mean"])) for row in panel] == [
        (f"run{i}", f"k{i}", i + 1) for i in range(30)
    ]
    assert panel[3]["origin_micros"] == 3


def test_an_empty_series_among_others_says_why() -> None:
    empty = Drawn(empty_series("gone", "loss"), reason="no such run")
    drawn = [*answer(series([1e9, 1e9 + 1])).drawn, empty, *answer(series([2.0, 4.0])).drawn]
    (panel,) = written(PanelAnswer(drawn, bounds=(1.0, 5.0)), full=True)
    assert [row["reason"] for row in panel] == ["", "no such run", ""]
    assert [row["n_points"] for row in panel] == [2, 0, 2]
    assert [row["mean64"] for row in panel] == [[1e9, 1e9 + 1], [], [2.0, 4.0]]
    assert panel[1]["bucket"] == []
    assert {(row["bound_lo"], row["bound_hi"]) for row in panel} == {(1.0, 5.0)}


def test_a_band_lies_beside_its_curve_only() -> None:
    nan = float("nan")
    grouped = Drawn(
        series([5.0, 6.0], run=""),
        group=(0.1, None, "adam", nan, MISSING),
        n_runs=3,
        band=Band(np.array([4.5, nan]), np.array([5.5, nan]), np.array([3, 1])),
    )
    plain = answer(series([7.0])).drawn
    (panel,) = written(PanelAnswer([*plain, grouped]), full=True)
    assert panel[0]["low"] == panel[0]["runs"] == []
    assert panel[0]["group"] == ""
    row = panel[1]
    assert row["group"] == '[0.1,null,"adam","NaN",{"_type":"missing"}]'
    assert (row["n_runs"], row["runs"]) == (3, [3, 1])
    assert row["base"] + row["low"][0] == 4.5
    assert np.isnan(row["high"][1])
    assert row["high64"][0] == 5.5


def test_full_tells_where_the_first_non_finite_value_is() -> None:
    nonfinite = answer(series([1.0, float("nan")])).drawn
    nonfinite[0].first_nonfinite = NonFinite(7.5, 12, "w1", 3, float("nan"))
    (panel,) = written(PanelAnswer([*nonfinite, *answer(series([1.0])).drawn]), full=True)
    names = (
        "first_nonfinite_step",
        "first_nonfinite_micros",
        "first_nonfinite_writer",
        "first_nonfinite_row",
    )
    assert tuple(panel[0][name] for name in names) == (7.5, 12, "w1", 3)
    assert panel[1]["first_nonfinite_row"] == -1
