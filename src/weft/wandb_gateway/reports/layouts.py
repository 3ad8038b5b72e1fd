"""Places of panels: W&B's x, y, w and h of 24 columns, and weft's order, span and height. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

COLUMNS: Final = 24
"""Columns of W&B's grid; weft's has 12."""

ROW_PX: Final = 48
"""Height of a row of W&B's grid, about."""

_WIDTH: Final = 8
_HEIGHT: Final = 6
"""The size of a panel that no one resized."""


class Layout(NamedTuple):
    """A place in W&B's grid."""

    x: int
    y: int
    w: int
    h: int


def layout_of(value: Any) -> Layout:
    """The layout of a panel; a missing part is as at first.

    >>> layout_of({"x": 8, "y": 0, "w": 8, "h": 6})
    Layout(x=8, y=0, w=8, h=6)
    """
    source = cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
    first = Layout(0, 0, _WIDTH, _HEIGHT)
    return Layout(*(_whole(source.get(name), getattr(first, name)) for name in Layout._fields))


def size_of(layout: Layout) -> dict[str, int]:
    """Span and height of a panel.

    >>> size_of(Layout(0, 0, 8, 6))
    {'span': 4, 'height': 288}
    """
    span = max(1, min(12, round(layout.w / 2)))
    return {"span": span, "height": max(40, min(10_000, layout.h * ROW_PX))}


def placed(panels: Sequence[Mapping[str, Any]]) -> list[dict[str, int]]:
    """The layouts of panels in order, in rows from the left.

    >>> placed([{"span": 8}, {"span": 6, "height": 480}])
    [{'x': 0, 'y': 0, 'w': 16, 'h': 6}, {'x': 0, 'y': 6, 'w': 12, 'h': 10}]
    """
    layouts: list[dict[str, int]] = []
    x = y = row_height = 0
    for panel in panels:
        width = 2 * (panel.get("span") or _WIDTH // 2)
        height = max(1, round((panel.get("height") or _HEIGHT * ROW_PX) / ROW_PX))
        if x and x + width > COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        layouts.append({"x": x, "y": y, "w": width, "h": height})
        x, row_height = x + width, max(row_height, height)
    return layouts


def _whole(value: Any, default: int) -> int:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < 10_000 else default
