"""The first curves of a report, from stored answers, so that a picture shows what the server gave.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.records.colors import RUN_COLORS
from weft.server.services.reports.figures import Figure, FigureAnswer

_MOST_CURVES: Final = 60

_Floats = NDArray[np.float64]


def grids_in(value: Any) -> Iterator[dict[str, Any]]:
    """The grids of panels among blocks, in order."""
    if isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from grids_in(part)
    elif isinstance(value, dict):
        item = cast("dict[str, Any]", value)
        if item.get("kind") == "grid":
            yield item
        else:
            yield from grids_in(list(item.values()))


class Curve(NamedTuple):
    """A curve to draw; NaN where it is broken.

    Attributes:
        color: the number of the run's color, from 1.
    """

    color: int
    x: _Floats
    y: _Floats


class Plot(NamedTuple):
    """The curves of a metric."""

    name: str
    curves: list[Curve]
    has_log_y: bool = False


def first_plot(
    grids: Iterable[tuple[Mapping[str, Any], Iterable[Figure]]],
) -> Plot | None:
    """The first line panel of grids with stored figures that has curves."""
    plots = (_first_plot_of(grid, figures) for grid, figures in grids)
    return next(filter(None, plots), None)


def _first_plot_of(grid: Mapping[str, Any], figures: Iterable[Figure]) -> Plot | None:
    """The plot of the first panel that has curves in the figures of a grid, one for each project.
    Figures are large, so each is read once.
    """
    panels = _line_panels(grid)
    curves: list[Curve] = []
    for figure in figures:
        for i, panel in enumerate(panels):
            of_figure = _curves_of(panel, figure)
            if of_figure:
                is_last = i == len(panels) - 1
                curves = curves + of_figure if is_last else of_figure
                panels = panels[: i + 1]
                break
    if not curves:
        return None
    panel = panels[-1]
    settings = {**(grid.get("settings") or {}), **(panel.get("settings") or {})}
    name = panel.get("title") or ", ".join(panel.get("keys") or ())
    return Plot(name, curves[:_MOST_CURVES], has_log_y=settings.get("yScale") == "log")


def _line_panels(grid: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The panels with curves, in order; those that the order lacks follow by id."""
    panels: dict[str, dict[str, Any]] = grid.get("panels") or {}
    ordered = [name for name in grid.get("panelOrder") or () if name in panels]
    names = [*ordered, *sorted(panels.keys() - set(ordered))]
    return [panels[name] for name in names if panels[name].get("kind") == "line"]


def _is_of(answer: FigureAnswer, panel: Mapping[str, Any]) -> bool:
    """Whether an answer has the curves of a panel."""
    request = answer.request
    if request.path != "series" or answer.status != 200 or (request.body or {}).get("full"):
        return False
    queries = (request.body or {}).get("panels") or [{}]
    return (queries[0].get("keys") or []) == (panel.get("keys") or [])


def _curves_of(panel: Mapping[str, Any], figure: Figure) -> list[Curve]:
    """The curves of a panel's first answer that has one of several points."""
    colors = _colors_of(figure)
    for answer in figure.answers:
        if not _is_of(answer, panel):
            continue
        curves: list[Curve] = []
        for i, row in enumerate(_rows(answer.content)):
            y = np.asarray(row["mean"], np.float64) * row["scale"] + row["base"]
            x = (np.asarray(row["bucket"], np.float64) + row["first_bucket"]) * 2.0 ** row["level"]
            if not row["part"] and len(x) == len(y) and np.isfinite(y).any():
                curves.append(Curve(colors.get(row["run"], i % RUN_COLORS + 1), x, y))
        if any(len(curve.x) > 1 for curve in curves):
            return curves
    return []


def _colors_of(figure: Figure) -> dict[str, int]:
    colors: dict[str, int] = {}
    for answer in figure.answers:
        if answer.request.path == "runs/query" and answer.status == 200:
            for row in msgspec.json.decode(answer.content).get("rows") or ():
                colors[row["id"]] = row["color"]
    return colors


def _rows(content: bytes) -> Iterator[dict[str, Any]]:
    import nanoarrow

    stream: Any = nanoarrow.ArrayStream.from_readable(content)  # type: ignore[attr-defined]
    with stream:
        yield from stream.read_all().to_pylist()


def fitted_curves(curves: Sequence[Curve], *, has_log_y: bool) -> list[Curve]:
    """Curves in the square from 0 to 1, with some room above and below; empty if no value is
    finite.
    """
    logged = [
        curve._replace(y=np.log10(np.where(curve.y > 0, curve.y, np.nan))) if has_log_y else curve
        for curve in curves
    ]
    ys = np.concatenate([curve.y for curve in logged])
    ys = ys[np.isfinite(ys)]
    if not len(ys):
        return []
    xs = np.concatenate([curve.x for curve in logged])
    x_low, x_span = float(xs.min()), float(xs.max() - xs.min()) or 1.0
    pad = 0.04 * float(ys.max() - ys.min()) or 1.0
    y_low, y_span = float(ys.min()) - pad, float(ys.max() - ys.min()) + 2 * pad
    return [
        Curve(curve.color, (curve.x - x_low) / x_span, (curve.y - y_low) / y_span)
        for curve in logged
    ]
