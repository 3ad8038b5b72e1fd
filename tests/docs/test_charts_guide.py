"""The guide on charts is true: its examples run, and it names every function there is."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from weft.errors import ExpressionError
from weft.queries.expression_text import parse_axis_expression, parse_expression
from weft.queries.expressions import FUNCTIONS
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.charting.expressions.evaluate import Curve, RunValues, evaluate
from weft.wire.metrics.charts import Grouping

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "charts.md"


LOSS = Curve(np.arange(6), np.array([4.0, 2.0, math.nan, 2.0, 1.0, 1.0]))
VAL = Curve(np.array([1, 4]), np.array([2.5, 1.5]))


@pytest.mark.parametrize(
    ("text", "x_text", "x", "values"),
    [
        ("val - loss", None, [1, 4], [0.5, 0.5]),
        ("rolling_mean(loss, 2)", None, [0, 1, 2, 3, 4, 5], [4.0, 3.0, math.nan, 2.0, 1.5, 1.0]),
        ("ema(loss, 0.5)", None, [0, 1, 2, 3, 4, 5], [4.0, 2.667, math.nan, 2.286, 1.6, 1.29]),
        ("val / baseline(loss)", None, [1, 4], [1.25, 1.5]),
        ("val / config.batch * _step", None, [1, 4], [0.312, 0.75]),
        ("val", "_step * config.batch", [8, 32], [2.5, 1.5]),
    ],
)
def test_examples_of_the_guide_are_so(
    text: str, x_text: str | None, x: list[int], values: list[float]
) -> None:
    over = "" if x_text is None else f" over `{x_text}`"
    assert f"| `{text}`{over} |" in GUIDE.read_text()
    run = RunValues({"loss": LOSS, "val": VAL}, {"batch": 8.0})
    axis = None if x_text is None else parse_axis_expression(x_text)
    evaluated = evaluate(
        parse_expression(text), run, RunValues({"loss": LOSS}), Cancellation(), axis
    )
    assert evaluated.x.tolist() == x
    np.testing.assert_array_equal(evaluated.values.round(3), values)


def test_a_wrong_expression_is_refused_as_the_guide_says() -> None:
    text = "loss + sin(1)"
    with pytest.raises(ExpressionError) as refused:
        parse_expression(text)
    message = re.sub("abs, .*?, at", "abs, …, at", str(refused.value))
    assert f"{text}\n{message}\n" in GUIDE.read_text()


@pytest.mark.parametrize("function", [*FUNCTIONS, "baseline"])
def test_the_guide_names_each_function(function: str) -> None:
    assert f"`{function}(x" in GUIDE.read_text()


def test_plain_examples_parse() -> None:
    block = GUIDE.read_text().split("```\n")[1]
    for line in block.strip().splitlines():
        parse_expression(line)


@pytest.mark.parametrize("band", ["minmax", "std", "stderr", "ci95"])
def test_the_guide_names_each_band(band: str) -> None:
    assert f"| `{band}` |" in GUIDE.read_text()
    assert Grouping(band=band).band == band  # type: ignore[arg-type]
