"""An object of each media kind, as a script makes it, and the element in which the app draws it.

value = SPECIMENS["image"].make(folder)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import weft
from bokeh_plot import bokeh_plot

ROWS = [["a", 1.0], ["b", 3.0]]
RAMP = np.arange(0, 240, 10, np.uint8)
WATER = "3\nwater\nO 0 0 0\nH 0.76 0.59 0\nH -0.76 0.59 0\n"


class Specimen(NamedTuple):
    """An object of a kind.

    Attributes:
        make: makes it; may put files into the folder.
        drawn: a CSS selector of what shows it, in its panel.
    """

    make: Callable[[Path], Any]
    drawn: str


def _bokeh(folder: Path) -> Any:
    file = folder / "plot.json"
    file.write_text(json.dumps(bokeh_plot("A plot")))
    return weft.data_types.Bokeh(file)


def _graph(_: Path) -> Any:
    graph = weft.Graph()
    graph.add_edge(graph.add_node(id="in", name="stem"), graph.add_node(id="out", name="head"))
    return graph


def _bars(_: Path) -> Any:
    table = weft.Table(columns=["label", "value"], data=ROWS)
    return weft.plot.bar(table, "label", "value", title="Bars")


SPECIMENS: Mapping[str, Specimen] = {
    "image": Specimen(lambda _: weft.Image(np.tile(RAMP, (24, 1))), ".media-fit img"),
    "video": Specimen(
        lambda _: weft.Video(np.tile(RAMP, (4, 3, 24, 1)), format="gif"), ".media-fit img"
    ),
    "audio": Specimen(
        lambda _: weft.Audio(np.sin(np.arange(8000) / 5), sample_rate=8000),
        "canvas.media-outline",
    ),
    "html": Specimen(lambda _: weft.Html("<h1>A page</h1>"), "iframe"),
    "object3d": Specimen(
        lambda _: weft.Object3D(np.random.default_rng(3).normal(size=(400, 3))),
        "canvas.media-3d",
    ),
    "molecule": Specimen(lambda _: weft.Molecule(WATER, file_type="xyz"), "canvas.media-3d"),
    "plotly": Specimen(
        lambda _: weft.Plotly({"data": [{"type": "bar", "y": [1, 3]}], "layout": {}}),
        ".media-figure .bars",
    ),
    "bokeh": Specimen(_bokeh, "iframe[data-drawn]"),
    "table": Specimen(
        lambda _: weft.Table(columns=["label", "value"], data=ROWS), "[role=cell]:has-text('a')"
    ),
    "chart": Specimen(_bars, "canvas, svg.marks"),
    "graph": Specimen(_graph, "svg.graph-drawing"),
    "histogram": Specimen(lambda _: weft.Histogram([1, 2, 2, 3, 3, 3], num_bins=3), "canvas"),
}
"""One for each of `MEDIA_KINDS`. What is added here is tested from `log()` to the page."""
