"""Answers of panels as Arrow: what a reader gets equals what the service gave."""

from __future__ import annotations

from typing import Any

import nanoarrow
import numpy as np
import pytest

from weft.server.http.arrow import PanelWriter
from weft.server.services.types import PanelAnswer
from weft.server.storage.contract import Series


def series(values: list[float], *, run: str = "r", key: str = "loss", first: int = 0) -> Series:
    mean = np.array(values, dtype=np.float64)
    finite = np.isfinite(mean)
    mean = np.where(finite, mean, np.nan)
    odd = np.flatnonzero(~finite).astype(np.int64)
    nothing = np.zeros(len(odd), dtype=np.int64)
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
        odd=odd,
        nan=nothing + 1,
        positive_infinity=nothing,
        negative_infinity=nothing + 2,
    )


def written(*answers: PanelAnswer, full: bool = False) -> list[list[dict[str, Any]]]:
    writer = PanelWriter(full=full)
    data = b"".join(writer.write(answer) for answer in answers) + writer.end()
    # Not `read_all()`, which leaves out empty batches.
    batches = nanoarrow.c_array_stream(nanoarrow.ArrayStream.from_readable(data))
    return [nanoarrow.Array(batch).to_pylist() for batch in batches]


def test_panels_come_in_order_also_empty_ones() -> None:
    one = PanelAnswer([series([1.0, 2.0])], {"r": 17})
    panels = written(PanelAnswer([], {}), one, PanelAnswer([], {}), one)
    assert [[row["panel"] for row in panel] for panel in panels] == [[], [1], [], [3]]


def test_values_are_base_plus_offset() -> None:
    (panel,) = written(
        PanelAnswer(
            [series([1e9 + i for i in range(50)], first=-7), series([0.5, 0.25])], {"r": 9}
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


def test_a_constant_series_is_exact() -> None:
    flat = series([1e300, 1e300])
    flat.minimum = flat.maximum = flat.mean
    ((row,),) = written(PanelAnswer([flat], {}))
    assert (row["base"], row["mean"]) == (1e300, [0.0, 0.0])


def test_non_finite_points_are_marked_not_drawn() -> None:
    ((row,),) = written(PanelAnswer([series([1.0, float("nan"), 3.0])], {}))
    assert row["n_points"] == 2
    assert (row["odd"], row["nan"], row["pos_inf"], row["neg_inf"]) == ([1], [1], [0], [2])
    assert np.isnan(row["mean"][1])


def test_a_series_of_non_finite_points_only_has_base_0() -> None:
    ((row,),) = written(PanelAnswer([series([float("nan")] * 3)], {}))
    assert (row["base"], row["n_points"]) == (0.0, 0)


def test_a_spread_beyond_float32_is_drawn_at_its_edge() -> None:
    ((row,),) = written(PanelAnswer([series([-1e308, 0.0, 1e308])], {}))
    assert np.isfinite(row["mean"]).all()
    assert row["mean"][0] < 0 < row["mean"][2]


def test_full_has_everything_as_float64() -> None:
    asked = series([1e9 / 3, 2e9 / 3])
    ((row,),) = written(PanelAnswer([asked], {}), full=True)
    assert row["mean64"] == asked.mean.tolist()
    assert row["min64"] == asked.minimum.tolist()
    assert row["count"] == [1, 1]
    assert {"first", "last", "max64", "m2"} <= row.keys()


def test_a_panel_of_many_series_keeps_them_apart() -> None:
    asked = [series([float(i)] * (i + 1), run=f"run{i}", key=f"k{i}") for i in range(30)]
    (panel,) = written(PanelAnswer(asked, {"run3": 3}))
    assert [(row["run"], row["key"], len(row["mean"])) for row in panel] == [
        (f"run{i}", f"k{i}", i + 1) for i in range(30)
    ]
    assert panel[3]["origin_micros"] == 3
