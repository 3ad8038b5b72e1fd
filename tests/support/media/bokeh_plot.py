"""Documents of Bokeh 3 as its Python package writes them, made without it.

plot = bokeh_plot(title="Loss")
"""

from __future__ import annotations

from itertools import count
from typing import Any

Json = dict[str, Any]

_numbers = count(1)


def model(name: str, **attributes: Any) -> Json:
    number = f"p{next(_numbers)}"
    return {"type": "object", "name": name, "id": number, "attributes": attributes}


def _axis(ticks: str | None) -> Json:
    formatter = model("BasicTickFormatter")
    if ticks is not None:
        formatter = model("CustomJSTickFormatter", code=ticks)
    return model("LinearAxis", ticker=model("BasicTicker"), formatter=formatter)


def bokeh_plot(title: str = "", *, ticks: str | None = None, slider: bool = False) -> Json:
    """A thick red line from (0, 0) to (1, 1).

    Args:
        ticks: code that writes the ticks of the x axis.
        slider: whether a slider is above it, which hides the line.
    """
    data = {"type": "map", "entries": [["x", [0, 1]], ["y", [0, 1]]]}
    source = model("ColumnDataSource", data=data)
    x, y = ({"type": "field", "field": axis} for axis in "xy")
    line = model("GlyphRenderer", data_source=source,
                 glyph=model("Line", x=x, y=y, line_color="#ff0000", line_width=8))  # fmt: skip
    plot = model(
        "Figure", width=300, height=200, title=model("Title", text=title), renderers=[line],
        x_range=model("DataRange1d"), y_range=model("DataRange1d"),
        x_scale=model("LinearScale"), y_scale=model("LinearScale"),
        below=[_axis(ticks)], left=[_axis(None)], toolbar=model("Toolbar"),
    )  # fmt: skip
    if slider:
        hide = model("CustomJS", code="line.visible = false",
                     args={"type": "map", "entries": [["line", {"id": line["id"]}]]})  # fmt: skip
        changes = {"type": "map", "entries": [["change:value", [hide]]]}
        handle = model("Slider", start=0, end=9, value=0, js_property_callbacks=changes)
        plot = model("Column", children=[plot, handle])
    return {"version": "3.9.2", "title": "Bokeh Application", "roots": [plot]}
