"""The colours that distinguish runs. Pure."""

from __future__ import annotations

from typing import Final

RUN_COLORS: Final = 12
"""Number of colours in the web app's palette. A run has one of them, numbered from 1."""


def color_of_nth(n: int) -> int:
    """The colour that the n-th run of a project gets, counted from 0.

    Consecutive runs get different colours, because runs that began together are compared most.

    >>> [color_of_nth(n) for n in (0, 11, 12)]
    [1, 12, 1]
    """
    return n % RUN_COLORS + 1


def is_color(number: int) -> bool:
    """Whether the palette has a colour with that number."""
    return 1 <= number <= RUN_COLORS
