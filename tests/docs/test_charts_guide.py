"""The guide on charts is true: its examples run, and it names every function there is."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from weft.queries.expression_text import parse_expression
from weft.queries.expressions import FUNCTIONS
from weft.server.services.charting.questions import Grouping

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "charts.md"


def test_examples_of_the_guide_run() -> None:
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.testfile(str(GUIDE), module_relative=False, optionflags=options)
    assert tried >= 10
    assert failed == 0


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
