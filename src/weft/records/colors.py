"""The colours that tell runs apart. Pure."""

from __future__ import annotations

from typing import Final

RUN_COLORS: Final = 12
"""Colours of the web app's palette. A run has the number of one, from 1."""


def color_of_nth(n: int) -> int:
    """The colour that the n-th run of a project gets, counted from 0.

    Runs in a row get different ones, so that those compared most, which began together, differ.

    >>> [color_of_nth(n) for n in (0, 11, 12)]
    [1, 12, 1]
    """
    return n % RUN_COLORS + 1


def is_color(number: int) -> bool:
    """Whether the palette has a colour of that number."""
    return 1 <= number <= RUN_COLORS
