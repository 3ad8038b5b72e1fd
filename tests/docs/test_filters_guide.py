"""Statements of docs/guide/filters.md about filters are true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from weft.errors import FilterError
from weft.queries.filter_json import decode_filter
from weft.queries.filter_text import format_filter, parse_filter
from weft.queries.filters import OPERATORS, PATH_ROOTS
from weft.records.run_columns import RUN_COLUMNS

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "filters.md"
TEXT = GUIDE.read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "line", [line for block in blocks("filter") for line in block.splitlines()]
)
def test_each_filter_is_read(line: str) -> None:
    tree = parse_filter(line)
    assert parse_filter(format_filter(tree)) == tree


@pytest.mark.parametrize("block", blocks("wrong"))
def test_each_wrong_filter_is_refused_with_these_words(block: str) -> None:
    text, message = block.splitlines()
    with pytest.raises(FilterError) as caught:
        parse_filter(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("block", blocks("json"))
def test_each_tree_is_read(block: str) -> None:
    decode_filter(json.loads(block))


def test_each_column_and_operator_is_named() -> None:
    for name in (*RUN_COLUMNS, *OPERATORS, *PATH_ROOTS):
        assert re.search(rf"`{re.escape(name)}(`|\.)", TEXT), name
