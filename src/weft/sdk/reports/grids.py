"""Panel grids: panels over run sets, with the options of a workspace's panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from weft.sdk.reports.blocks import Block, Json, new_block_id

_AXES = {
    "step": "step",
    "_step": "step",
    "_runtime": "time",
    "relativetime(process)": "time",
    "relativetime(wall)": "time_wall",
    "_timestamp": "wall",
    "walltime": "wall",
}


@dataclass
class OrderBy:
    """A column that runs are sorted by, such as `summary.val/acc` or `created`."""

    name: str
    ascending: bool = False


@dataclass
class Runset:
    """Runs of a project, whose panels a grid shows.

    Args:
        project: the project. Defaults to the report's own.
        entity: its owner. Defaults to the report's.
        name: a title of the runs.
        filters: runs that count, in the filter language, such as `config.lr > 0.01`.
        query: part of a run's name.
        groupby: columns whose values group the runs, such as `config.lr`.
        order: columns to sort by.
        runs: ids of the only runs to show. Defaults to all that match.
        custom_run_colors: numbers of colors, 1 to 12, by run id.

    >>> Runset("mnist", "lab", filters="config.lr > 0.01").to_json()
    {'project': 'lab/mnist', 'filter': 'config.lr > 0.01'}
    """

    project: str | None = None
    entity: str | None = None
    name: str = ""
    filters: str = ""
    query: str = ""
    groupby: Sequence[str] = ()
    order: Sequence[OrderBy] = ()
    runs: Sequence[str] | None = None
    custom_run_colors: Mapping[str, int] | None = None
    id: str = field(default="", kw_only=True, compare=False)

    def __post_init__(self) -> None:
        self.id = self.id or new_block_id()
        self._source: Json = {}

    def to_json(self) -> Json:
        """The run set as JSON, without its id."""
        project = self.project
        if project is not None and self.entity is not None:
            project = f"{self.entity}/{project}"
        chosen = None if self.runs is None else {"base": "none", "on": list(self.runs)}
        values = {
            "name": self.name,
            "project": project,
            "filter": self.filters,
            "runSearch": self.query,
            "groupBy": list(self.groupby),
            "order": [
                {"column": order.name, "descending": not order.ascending} for order in self.order
            ],
            "selection": chosen,
            "runColors": dict(self.custom_run_colors or {}),
        }
        others = {key: value for key, value in self._source.items() if key not in values}
        return {**others, **{key: value for key, value in values.items() if value}}

    @classmethod
    def from_json(cls, id_: str, source: Mapping[str, Any]) -> Runset:
        """The run set of JSON."""
        entity, _, project = str(source.get("project") or "").rpartition("/")
        selection = cast("Json", source.get("selection") or {})
        is_chosen = set(selection) <= {"base", "on", "off"} and selection.get("base") == "none"
        runset = cls(
            project=project or None,
            entity=entity or None,
            name=source.get("name", ""),
            filters=source.get("filter", ""),
            query=source.get("runSearch", ""),
            groupby=source.get("groupBy", ()),
            order=[
                OrderBy(order["column"], not order.get("descending", False))
                for order in source.get("order", ())
            ],
            runs=selection.get("on", []) if is_chosen else None,
            custom_run_colors=source.get("runColors"),
            id=id_,
        )
        runset._source = dict(source)
        return runset


@dataclass
class Panel:
    """A panel of any kind of a workspace.

    Args:
        kind: such as `line`, `bar`, `scatter`, `parallel`, `importance`, `histogram`, `media`,
            `table`, `scalar`, `comparer`, `latest`, `markdown`, `vega`.
        keys: the metrics.
        title: defaults to what the panel shows.
        settings: how it draws, as in the document of a view.
        options: of this kind of panel alone.
        span: width in twelfths of the grid.
        height: in px.
    """

    kind: str = "line"
    keys: Sequence[str] = ()
    title: str | None = None
    settings: Mapping[str, Any] | None = field(default=None, kw_only=True)
    options: Mapping[str, Any] | None = field(default=None, kw_only=True)
    span: int | None = field(default=None, kw_only=True)
    height: int | None = field(default=None, kw_only=True)
    id: str = field(default="", kw_only=True, compare=False)

    def __post_init__(self) -> None:
        self.id = self.id or new_block_id()
        self._source: Json = {}

    own_keys: ClassVar[tuple[str, ...]] = (
        *("kind", "keys", "title", "settings", "options", "span", "height"),
    )

    def to_json(self) -> Json:
        """The panel as JSON, without its id."""
        values = {
            "keys": list(self.keys),
            "title": self.title,
            "settings": dict(self.settings or {}),
            "options": dict(self.options or {}),
            "span": self.span,
            "height": self.height,
        }
        others = {key: value for key, value in self._source.items() if key not in self.own_keys}
        shown = {key: value for key, value in values.items() if value not in (None, [], {})}
        return {"kind": self.kind, **others, **shown}

    @classmethod
    def from_json(cls, id_: str, source: Mapping[str, Any]) -> Panel:
        """The panel of JSON."""
        panel = cls(
            source["kind"],
            source.get("keys", ()),
            source.get("title"),
            settings=source.get("settings"),
            options=source.get("options"),
            span=source.get("span"),
            height=source.get("height"),
            id=id_,
        )
        panel._source = dict(source)
        return panel


def LinePlot(
    y: str | Sequence[str] = (),
    x: str | None = None,
    title: str | None = None,
    *,
    log_x: bool = False,
    log_y: bool = False,
    range_x: tuple[float | None, float | None] | None = None,
    range_y: tuple[float | None, float | None] | None = None,
    smoothing_factor: float | None = None,
    span: int | None = None,
) -> Panel:
    """A line chart.

    Args:
        y: one metric, or several.
        x: `Step`, `_runtime`, `_timestamp` or a metric. Defaults to the axis of `define_metric`.
        title: defaults to the metrics.
        log_x: draw the x axis logarithmically.
        log_y: draw the y axis logarithmically.
        range_x: the ends of the x axis; None for one that follows the data.
        range_y: the ends of the y axis.
        smoothing_factor: weight of an exponential mean, from 0 to below 1.
        span: width in twelfths of the grid.

    >>> LinePlot("loss", x="Step", log_y=True).settings
    {'axis': 'step', 'yScale': 'log'}
    """
    settings: Json = {} if x is None else axis_settings(x)
    if log_x:
        settings["xScale"] = "log"
    if log_y:
        settings["yScale"] = "log"
    if range_x is not None:
        settings["xEnds"] = list(range_x)
    if range_y is not None:
        settings["yEnds"] = list(range_y)
    if smoothing_factor is not None:
        settings["smoothing"] = {"kind": "ema", "amount": smoothing_factor}
    return Panel("line", _keys(y), title, settings=settings, span=span)


def BarPlot(
    metrics: str | Sequence[str] = (), title: str | None = None, *, span: int | None = None
) -> Panel:
    """A bar for each run, or each group."""
    return Panel("bar", _keys(metrics), title, span=span)


def ScalarChart(metric: str, title: str | None = None, *, span: int | None = None) -> Panel:
    """One value of all runs: the best one, unless its options say another."""
    return Panel("scalar", [metric], title, span=span)


def ScatterPlot(
    x: str,
    y: str,
    title: str | None = None,
    *,
    log_x: bool = False,
    log_y: bool = False,
    regression: bool = False,
    span: int | None = None,
) -> Panel:
    """A point for each run; `x` and `y` are columns such as `config.lr` and `summary.loss`."""
    options: Json = {"x": x, "y": y}
    options |= {"xScale": "log"} if log_x else {}
    options |= {"yScale": "log"} if log_y else {}
    options |= {"hasFit": True} if regression else {}
    return Panel("scatter", (), title, options=options, span=span)


def MarkdownPanel(markdown: str, *, span: int | None = None) -> Panel:
    """Text among the panels, as Markdown."""
    return Panel("markdown", options={"text": markdown}, span=span)


def RunComparer(*, span: int | None = None) -> Panel:
    """The runs next to each other, with the values that differ."""
    return Panel("comparer", span=span)


@dataclass
class PanelGrid(Block):
    """Panels over run sets.

    Args:
        runsets: the runs. Defaults to all of the report's project.
        panels: in the order in which they are drawn.

    >>> grid = PanelGrid([Runset("mnist", "lab")], [LinePlot("loss")])
    >>> [panel["keys"] for panel in grid.content()["panels"].values()]
    [['loss']]
    """

    own_keys = ("runSets", "runSetOrder", "panels", "panelOrder")
    runsets: Sequence[Runset] = ()
    panels: Sequence[Panel] = ()

    def content(self) -> Json:
        runsets = self.runsets or [Runset(id="all")]
        return {
            "kind": "grid",
            "runSets": {runset.id: runset.to_json() for runset in runsets},
            "runSetOrder": [runset.id for runset in runsets],
            "panels": {panel.id: panel.to_json() for panel in self.panels},
            "panelOrder": [panel.id for panel in self.panels],
        }

    @classmethod
    def from_json(cls, source: Mapping[str, Any]) -> PanelGrid:
        """The grid of JSON."""
        runsets = _in_order(source.get("runSets", {}), source.get("runSetOrder", ()))
        panels = _in_order(source.get("panels", {}), source.get("panelOrder", ()))
        grid = cls(
            [Runset.from_json(id_, value) for id_, value in runsets],
            [Panel.from_json(id_, value) for id_, value in panels],
            id=str(source["id"]),
        )
        grid.loaded(dict(source))
        return grid


def axis_settings(x: str) -> Json:
    """The settings of an x axis: `Step`, `_runtime`, `_timestamp` or a metric."""
    axis = _AXES.get(x.lower())
    return {"axis": "metric", "axisBy": x} if axis is None else {"axis": axis}


def _in_order(values: Mapping[str, Json], order: Sequence[str]) -> list[tuple[str, Json]]:
    """The entries in an order of ids; those that it lacks follow by id."""
    ids = [*(id_ for id_ in order if id_ in values), *sorted(set(values) - set(order))]
    return [(id_, values[id_]) for id_ in ids]


def _keys(metrics: str | Sequence[str]) -> list[str]:
    return [metrics] if isinstance(metrics, str) else list(metrics)
