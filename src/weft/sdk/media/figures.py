"""Interactive figures of Plotly and Bokeh, stored as the JSON that their viewers read."""

from __future__ import annotations

import os
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any, ClassVar, cast

import msgspec

from weft.records.value import json_safe
from weft.sdk.media.media import Media, Payload

_TRACE_KEYS = frozenset({"data", "layout", "frames"})


class Plotly(Media):
    """A figure of Plotly to log.

    Args:
        val: a figure or figure widget of plotly, one of its traces, a dict with `data` and
            `layout`, or the path of a JSON file of one. A figure of matplotlib is converted by
            plotly.
        caption: text below the figure.

    Raises:
        ValueError: the value is no figure, or a figure of matplotlib that has images: plotly can't
            convert these, `Image` can.

    >>> Plotly({"data": [{"y": [1, 2]}], "layout": {}}).payloads()[""].extension
    '.plotly.json'
    """

    _log_type: ClassVar[str] = "plotly-file"

    def __init__(self, val: Any, caption: Any = None) -> None:
        super().__init__(caption)
        content = msgspec.json.encode(json_safe(_plotly_dict(val)))
        self._payload = Payload("plotly", ".plotly.json", "bytes", buffers=[content])


class Bokeh(Media):
    """A plot of Bokeh to log.

    Args:
        data_or_path: a model or document of bokeh, or the path of a JSON file of a document.
        caption: text below the plot.

    Raises:
        TypeError: the value is something else.
        FileNotFoundError: there is no file at the path.
    """

    _log_type: ClassVar[str] = "bokeh-file"

    def __init__(self, data_or_path: Any, caption: Any = None) -> None:
        super().__init__(caption)
        if isinstance(data_or_path, (str, os.PathLike)):
            content = Path(cast("Any", data_or_path)).read_bytes()
        else:
            content = msgspec.json.encode(json_safe(_bokeh_dict(data_or_path)))
        self._payload = Payload("bokeh", ".bokeh.json", "bytes", buffers=[content])


def _plotly_dict(figure: Any) -> Any:
    if isinstance(figure, (str, os.PathLike)):
        figure = msgspec.json.decode(Path(cast("Any", figure)).read_bytes())
    library = type(figure).__module__.partition(".")[0]
    if library == "matplotlib" or hasattr(figure, "gcf"):
        figure = _converted(figure)
        library = "plotly"
    if library == "plotly":
        if not hasattr(figure, "layout"):  # a trace
            figure = import_module("plotly.graph_objects").Figure(data=[figure])
        # Its own JSON: it knows the types of numbers and times that traces may hold.
        return msgspec.json.decode(figure.to_json())
    if isinstance(figure, dict) and _TRACE_KEYS & {*cast("dict[str, Any]", figure)}:
        return cast("dict[str, Any]", figure)
    name = cast("Any", figure).__class__.__name__
    raise ValueError(f"expected a figure of plotly, or a dict with data and layout, not {name}")


def _converted(figure: Any) -> Any:
    figure = figure.gcf() if hasattr(figure, "gcf") else getattr(figure, "figure", figure)
    if any(axes.images for axes in figure.axes):
        raise ValueError(
            "plotly can't convert a figure of matplotlib that has images: log weft.Image(figure)"
        )
    return import_module("plotly.tools").mpl_to_plotly(figure)


def _bokeh_dict(model: Any) -> Any:
    if type(model).__module__.partition(".")[0] != "bokeh":
        raise TypeError(
            f"a model or document of bokeh, or a path, is expected, not {type(model).__name__}"
        )
    document = model if hasattr(model, "add_root") else model.document
    if document is None:
        document = import_module("bokeh.document").Document()
        document.add_root(model)
    # By default, Bokeh 3 leaves arrays out of the JSON.
    is_deferring = "deferred" in signature(document.to_json).parameters
    return document.to_json(deferred=False) if is_deferring else document.to_json()
