"""Expressions over time: metrics that are logged in rows of their own meet by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chart_brute_force import BruteExpression, JoinedPoint
from weft.queries.expression_text import parse_expression
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.charting.expressions.evaluate import Curve, RunValues, evaluate


def curve_of(points: Sequence[JoinedPoint]) -> Curve:
    times, values, steps = zip(*points, strict=True) if points else ((), (), ())
    return Curve(np.array(times, np.int64), np.array(values, np.float64), np.array(steps))


def run_values(**points: Sequence[JoinedPoint]) -> RunValues:
    return RunValues({key: curve_of(curve) for key, curve in points.items()})


def evaluated(text: str, own: RunValues, baseline: RunValues) -> list[tuple[float, float]]:
    curve = evaluate(parse_expression(text), own, baseline, Cancellation())
    return list(zip(curve.x.tolist(), curve.values.tolist(), strict=True))


TRAIN = [(10, 4.0, 0), (20, 3.0, 1), (30, 2.0, 2), (40, 1.0, 3)]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("train - eval", [(15, 3.0), (95, 1.5)]),  # at the later of the two times
        ("eval - train", [(15, -3.0), (95, -1.5)]),
        ("cumsum(train - eval)", [(15, 3.0), (95, 4.5)]),
        ("diff(train) + eval", [(95, -0.5)]),  # over all of train, not where eval is
        ("min(train, eval) + late", [(200, 10.5)]),  # three metrics
        ("train / baseline(train)", [(10, 2.0), (20, 1.0)]),  # at the run's own time
        ("baseline(train) / train", [(10, 0.5), (20, 1.0)]),
        ("baseline(train - eval)", [(90, -5.0)]),
        ("ema(train, 0)", [(10, 4.0), (20, 3.0), (30, 2.0), (40, 1.0)]),
    ],
)
def test_rows_at_different_times_are_joined_by_step(
    text: str, points: list[tuple[float, float]]
) -> None:
    own = run_values(train=TRAIN, eval=[(15, 1.0, 0), (95, 0.5, 2)], late=[(200, 10.0, 2)])
    baseline = run_values(train=[(1, 2.0, 0), (2, 3.0, 1)], eval=[(90, 8.0, 1)])
    assert evaluated(text, own, baseline) == points


def test_the_last_point_of_a_step_counts_and_the_order_is_that_of_time() -> None:
    """As of a run that was rewound: its steps begin anew."""
    own = run_values(
        a=[(1, 1.0, 5), (2, 2.0, 6), (3, 3.0, 5)], b=[(1, 10.0, 6), (4, 20.0, 5), (5, 30.0, 5.5)]
    )
    assert evaluated("a + b", own, RunValues()) == [(2, 12.0), (4, 23.0)]
    assert evaluated("diff(a + b)", own, RunValues()) == [(4, 11.0)]


_points = st.lists(
    st.tuples(st.integers(0, 30), st.integers(-8, 8).map(float), st.integers(0, 6)), max_size=12
).map(lambda points: sorted(points, key=lambda point: point[0]))


@given(
    st.fixed_dictionaries(dict.fromkeys("abc", _points)),
    st.fixed_dictionaries(dict.fromkeys("ab", _points)),
    st.sampled_from(
        [
            "a - b",
            "a * b + c",
            "max(a, b, c) - a",
            "cumsum(a + b) * c",
            "diff(b) - shift(a, 1)",
            "diff(a + b) + shift(c, -1) * a",
            "a - baseline(a)",
            "baseline(a * b) - diff(a)",
            "ema(a - baseline(b), 0.5) + c",
        ]
    ),
)
@settings(max_examples=settings().max_examples * 10)
def test_joins_by_step_equal_brute_force(
    own: dict[str, list[JoinedPoint]], baseline: dict[str, list[JoinedPoint]], text: str
) -> None:
    brute = BruteExpression(own, baseline, {}, {}).points(parse_expression(text))
    points = evaluated(text, run_values(**own), run_values(**baseline))
    assert [x for x, _ in points] == [x for x, _ in brute]
    assert [value for _, value in points] == pytest.approx([value for _, value in brute])
