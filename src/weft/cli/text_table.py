"""Formats rows as a table of plain text. Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Any, Final

_LONGEST_CELL: Final = 60


def format_table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Format rows as a text table: numbers aligned right, everything else left.

    >>> print(format_table(["run", "n"], [["ab", 5], ["c", None]]))
    run  n
    ---  -
    ab   5
    c
    """
    texts = [[_cell(value) for value in row] for row in rows]
    widths = [
        max([_width(name), *(_width(row[column]) for row in texts)])
        for column, name in enumerate(names)
    ]
    to_right = [
        any(isinstance(row[column], (int, float)) for row in rows) for column in range(len(names))
    ]
    lines = [list(names), ["-" * width for width in widths], *texts]
    return "\n".join(
        "  ".join(
            _padded(text, width, right)
            for text, width, right in zip(line, widths, to_right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    # A shortened address leads nowhere.
    is_whole = len(text) <= _LONGEST_CELL or text.startswith(("http://", "https://"))
    return text if is_whole else text[: _LONGEST_CELL - 1] + "…"


def _width(text: str) -> int:
    """Return the number of terminal columns that the text takes."""
    return sum(
        0
        if unicodedata.combining(char)
        else 2
        if unicodedata.east_asian_width(char) in "WF"
        else 1
        for char in text
    )


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks
