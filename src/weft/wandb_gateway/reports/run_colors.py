"""Colors of runs: W&B's by hex, and the nearest of weft's palette. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

_PALETTE: Final = (
    *("#3257d8", "#b57700", "#0a857c", "#d03448", "#8748cf", "#55851a"),
    *("#0d8cc7", "#cf3f94", "#7a4f33", "#159a5b", "#5a687f", "#dc4f1a"),
)
"""The web app's `--w-run-1` to `--w-run-12`, on white."""

_HEX: Final = re.compile("#(?:[0-9a-fA-F]{3}){1,2}")
_RGB: Final = re.compile(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*(?:,[^)]*)?\)")
_RUN: Final = re.compile("[A-Za-z0-9_-]{1,128}")


def run_colors_of(colors: Any) -> dict[str, int]:
    """Numbers of colors by run, of those that have a known form; groups are left out.

    >>> run_colors_of({"ab12": "#d03040", "ref": {"id": 1}, "cd34": "rgb(20, 150, 90)"})
    {'ab12': 4, 'cd34': 10}
    """
    source = cast("Mapping[str, Any]", colors) if isinstance(colors, Mapping) else {}
    numbers = {
        run: number
        for run, color in source.items()
        if _RUN.fullmatch(run) and isinstance(color, str) and (number := _nearest(color))
    }
    return dict(sorted(numbers.items()))


def color_dict_of(colors: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Hex colors by run, in the order of runs: Yjs has no order of keys.

    >>> color_dict_of([("ab12", 1)])
    {'ab12': '#3257d8'}
    """
    return {run: _PALETTE[number - 1] for run, number in sorted(colors) if 1 <= number <= 12}


def _nearest(color: str) -> int | None:
    values = _values_of(color)
    if values is None:
        return None
    distances = [
        sum((a - b) ** 2 for a, b in zip(values, _values_of(own) or (), strict=True))
        for own in _PALETTE
    ]
    return distances.index(min(distances)) + 1


def _values_of(color: str) -> tuple[int, ...] | None:
    """Red, green and blue."""
    if _HEX.fullmatch(color):
        digits = color[1:]
        if len(digits) == 3:
            digits = "".join(digit * 2 for digit in digits)
        return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))
    match = _RGB.fullmatch(color)
    return None if match is None else tuple(map(int, match.groups()))
