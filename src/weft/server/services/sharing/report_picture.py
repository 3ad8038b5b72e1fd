"""A picture of a report for previews of its link: its title over the curves of its first figure.

Drawn from stored answers, so that it shows what the server gave. Pure.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from weft.server.services.reports import Plot, fitted_curves

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

PICTURE_PX: Final = (1200, 630)

_DENSITY: Final = 2
"""Drawn larger and scaled down, so that lines are smooth."""
_MARGIN: Final = 64
_RUN_COLORS: Final = (
    *("#3257d8", "#b57700", "#0a857c", "#d03448", "#8748cf", "#55851a"),
    *("#0d8cc7", "#cf3f94", "#7a4f33", "#159a5b", "#5a687f", "#dc4f1a"),
)
"""Those of the light theme, by the number of a run's color from 1."""
_INK, _MUTED, _LINE, _PAPER = "#16181d", "#5b6270", "#e3e6ec", "#ffffff"

_Floats = NDArray[np.float64]


def draw_picture(title: str, description: str, plot: Plot | None) -> bytes:
    """The picture as PNG. A text that its font lacks is left out."""
    from PIL import Image, ImageDraw

    width, height = (px * _DENSITY for px in PICTURE_PX)
    image = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(image)
    margin = _MARGIN * _DENSITY
    y = margin
    for size, color, text, most in ((52, _INK, title, 2), (26, _MUTED, description, 1)):
        for line in _lines(draw, text, size, width - 2 * margin, most):
            draw.text((margin, y), line, fill=color, font=_font(size))
            y += round(size * 1.25) * _DENSITY
    draw.text(
        (width - margin, height - margin // 2), "weft", fill=_MUTED, font=_font(24), anchor="rs"
    )
    if plot is not None:
        box = (margin, y + margin // 2, width - margin, height - margin)
        _draw_plot(draw, plot, box)
    image = image.resize(PICTURE_PX, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size * _DENSITY)


def _lines(draw: ImageDraw, text: str, size: int, width: int, most: int) -> list[str]:
    """A text in lines, the last of which ends with an ellipsis if there is more."""
    words = " ".join(text.split()).split(" ")
    if not text.strip() or not _is_latin(text):
        return []
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font=_font(size)) <= width:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            lines[-1] += "…"
            break
    while len(lines[-1]) > 1 and draw.textlength(lines[-1], font=_font(size)) > width:
        lines[-1] = lines[-1].rstrip("…")[:-1] + "…"
    return [line for line in lines if line]


def _is_latin(text: str) -> bool:
    """Whether the font has the characters of a text."""
    return all(ord(character) < 0x180 or character in "–—‘’“”…·×−" for character in text)


def _draw_plot(draw: ImageDraw, plot: Plot, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    name = _lines(draw, plot.name, 22, right - left, 1)
    if name:
        draw.text((left, top), name[0], fill=_MUTED, font=_font(22))
        top += 36 * _DENSITY
    curves = fitted_curves(plot.curves, has_log_y=plot.has_log_y)
    if not curves:
        return
    for i in range(5):
        level = top + round((bottom - top) * i / 4)
        draw.line((left, level, right, level), fill=_LINE, width=_DENSITY)
    for curve in reversed(curves):
        px = left + curve.x * (right - left)
        py = bottom - curve.y * (bottom - top)
        color = _RUN_COLORS[(curve.color - 1) % len(_RUN_COLORS)]
        for points in _stretches(px, py):
            draw.line(points, fill=color, width=3 * _DENSITY, joint="curve")


def _stretches(px: _Floats, py: _Floats) -> Iterator[list[tuple[float, float]]]:
    """The unbroken parts of a curve."""
    points: list[tuple[float, float]] = []
    for x, y in zip(px.tolist(), py.tolist(), strict=True):
        if math.isfinite(y):
            points.append((x, y))
        else:
            if len(points) > 1:
                yield points
            points = []
    if len(points) > 1:
        yield points
