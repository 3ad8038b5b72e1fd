"""The colours that distinguish runs. Pure."""

from __future__ import annotations

from typing import Final

RUN_COLORS: Final = 12
"""Number of colours in the web app's palette. A run has one of them, numbered from 1."""


def color_of_nth(n: int) -> int:
    """The colour that the n-th run of a project gets, counted from 0.

    Consecutive runs get different colours, because runs that began together are compared most.
    Each round of the palette begins one colour later: a script that goes through four data sets
    in turn would otherwise give all runs of a data set one of three colours.

    >>> [color_of_nth(n) for n in (0, 11, 12, 23, 24)]
    [1, 12, 2, 1, 3]
    >>> len({color_of_nth(n) for n in range(0, 48, 4)})
    12
    """
    return (n + n // RUN_COLORS) % RUN_COLORS + 1


def is_color(number: int) -> bool:
    """Whether the palette has a colour with that number."""
    return 1 <= number <= RUN_COLORS
