"""HTML of curves and tables for the cells of notebooks. Pure.

Curves are SVG images inside the HTML: a saved notebook shows them without the server, also where
scripts do not run and styles are removed.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from weft.sdk.display.printing import shown_value

Points = Sequence[tuple[float, float]]
"""x and y, sorted by x."""

MAX_CURVES: Final = 4
MAX_ROWS: Final = 20
_WIDTH: Final = 190
_HEIGHT: Final = 84
_GAP: Final = 14
_TITLE_CHARS: Final = 18
_TOP: Final = 20
_SPARK: Final = (96, 20)
_COLOR: Final = "#4c72e8"
"""It stands out from white and from black, as notebooks have both."""

_MUTED: Final = "#7d8594"


class Html(str):
    """HTML, to be told from text that is still to be escaped."""

    __slots__ = ()


def curves_html(curves: Mapping[str, Points]) -> Html:
    """The first curves as small charts in a row, each with its name, last value and extent.

    >>> curves_html({"loss": [(0, 1.0), (1, 0.5)]})[:37]
    '<img alt="Curves of loss" width="190"'
    >>> curves_html({"loss": [(0, 1.0)]})
    ''
    """
    drawn = [(name, points) for name, points in curves.items() if len(_finite(points)) > 1]
    drawn = drawn[:MAX_CURVES]
    if not drawn:
        return Html("")
    charts = "".join(
        f'<g transform="translate({at * (_WIDTH + _GAP)} 0)">{_chart(name, points)}</g>'
        for at, (name, points) in enumerate(drawn)
    )
    width = len(drawn) * (_WIDTH + _GAP) - _GAP
    names = ", ".join(name for name, _ in drawn)
    return _image(charts, f"Curves of {names}", width, _HEIGHT)


def sparkline_html(points: Points, name: str) -> Html:
    """A curve of the height of a line of text; nothing of fewer than two points."""
    if len(_finite(points)) < 2:
        return Html("")
    width, height = _SPARK
    line = _line(points, (1, 2, width - 2, height - 4))
    return _image(line, f"Curve of {name}", width, height)


def table_html(names: Sequence[str], rows: Iterable[Sequence[object]], *, note: str = "") -> Html:
    """A table of the first rows; texts are escaped and shortened, numbers stand at the right.

    Args:
        note: a line below it.

    >>> table_html(["a<b"], [[0.5]])[-58:]
    '<tbody><tr><td align="right">0.5</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(str(name))}</th>" for name in names)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    below = f"<p>{escape(note)}</p>" if note else ""
    return Html(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}")


def _cell(value: object) -> str:
    if isinstance(value, Html):
        return f'<td style="white-space:nowrap">{value}</td>'
    if value is None:
        return "<td></td>"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    text = escape(_text_of(value))
    return f'<td align="right">{text}</td>' if is_number else f"<td>{text}</td>"


def _text_of(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    text = shown_value(value)
    if text is not None:
        return text
    is_plain = type(value).__repr__ is object.__repr__
    return shown_value(type(value).__name__ if is_plain else repr(value)) or ""


def _chart(name: str, points: Points) -> str:
    values = [y for _, y in _finite(points)]
    title = name if len(name) <= _TITLE_CHARS else f"…{name[1 - _TITLE_CHARS :]}"
    last = next((y for _, y in reversed(points)), math.nan)
    low, high = (shown_value(float(f"{bound:.3g}")) for bound in (min(values), max(values)))
    bottom = _HEIGHT - 4
    return (
        f'<text x="0" y="12">{escape(title)}</text>'
        f'<text x="{_WIDTH}" y="12" text-anchor="end" font-weight="600">'
        f"{shown_value(float(f'{last:.4g}'))}</text>"
        f'<text x="{_WIDTH}" y="{_TOP + 9}" text-anchor="end" font-size="9">{high}</text>'
        f'<text x="{_WIDTH}" y="{bottom}" text-anchor="end" font-size="9">{low}</text>'
        f'<path d="M0 {bottom + 2}H{_WIDTH}" stroke="{_MUTED}" stroke-opacity="0.4"/>'
        + _line(points, (0, _TOP + 2, _WIDTH - 44, bottom - _TOP - 4))
    )


def _line(points: Points, box: tuple[float, float, float, float]) -> str:
    """A path through points; it is broken where a value is not finite."""
    left, top, width, height = box
    finite = _finite(points)
    x_low, x_high = finite[0][0], finite[-1][0]
    values = [y for _, y in finite]
    y_low, y_high = min(values), max(values)
    # Halved first, because the difference of two huge numbers may overflow.
    x_span, y_span = x_high / 2 - x_low / 2, y_high / 2 - y_low / 2
    path: list[str] = []
    is_broken = True
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y)):
            is_broken = True
            continue
        at = (x / 2 - x_low / 2) / x_span if x_span > 0 else 0.5
        up = (y / 2 - y_low / 2) / y_span if y_span > 0 else 0.5
        path.append(
            f"{'M' if is_broken else 'L'}{left + at * width:.1f} {top + (1 - up) * height:.1f}"
        )
        is_broken = False
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{_COLOR}" stroke-width="1.4"'
        ' stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _finite(points: Points) -> list[tuple[float, float]]:
    return [(x, y) for x, y in points if math.isfinite(x) and math.isfinite(y)]


def _image(content: str, alt: str, width: int, height: int) -> Html:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11"'
        f' fill="{_MUTED}">{content}</svg>'
    )
    data = base64.b64encode(svg.encode()).decode()
    return Html(
        f'<img alt="{escape(alt)}" width="{width}" height="{height}"'
        f' src="data:image/svg+xml;base64,{data}">'
    )
