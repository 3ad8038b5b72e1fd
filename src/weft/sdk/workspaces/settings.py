"""Settings of a workspace, its sections, and its list of runs, as a view's document has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from weft.sdk.reports.grids import OrderBy, axis_settings

Json = dict[str, Any]

SmoothingType = Literal["ema", "gaussian", "mean", "none"]

_RUN_MEMBERS: Final = (
    *("filter", "runSearch", "isRunRegex", "groupBy", "order", "selection", "baseline"),
    "pinned",
)


@dataclass
class SectionLayoutSettings:
    """Panels of a page of a section.

    Args:
        columns: how many are side by side, from 1 to 12.
        rows: how many rows a page has.
    """

    columns: int = 3
    rows: int = 2


@dataclass
class SectionPanelSettings:
    """Defaults of the line charts of a section.

    Args:
        x_axis: `Step`, `_runtime`, `_timestamp` or a metric. Defaults to the axis of
            `define_metric`.
        x_min: where the x axis begins; None follows the data.
        x_max: where it ends.
        smoothing_type: `ema`, `gaussian`, `mean` or `none`.
        smoothing_weight: of `ema` its weight, from 0 to below 1; of the others the width as a part
            of what is shown.

    >>> SectionPanelSettings("Step", smoothing_type="ema", smoothing_weight=0.6).to_json()
    {'axis': 'step', 'smoothing': {'kind': 'ema', 'amount': 0.6}}
    """

    x_axis: str | None = None
    x_min: float | None = None
    x_max: float | None = None
    smoothing_type: SmoothingType = "none"
    smoothing_weight: float = 0.0

    def to_json(self) -> Json:
        """The settings that differ from those of a new workspace."""
        settings: Json = {} if self.x_axis is None else axis_settings(self.x_axis)
        if self.x_min is not None or self.x_max is not None:
            settings["xEnds"] = [self.x_min, self.x_max]
        if self.smoothing_type != "none":
            settings["smoothing"] = {"kind": self.smoothing_type, "amount": self.smoothing_weight}
        return settings

    def read_json(self, source: Mapping[str, Any]) -> None:
        """Take over the settings of a document."""
        axis = source.get("axis")
        self.x_axis = source.get("axisBy") if axis in {"metric", "expression"} else axis
        self.x_min, self.x_max = source.get("xEnds", (None, None))
        smoothing = cast("Json", source.get("smoothing", {}))
        self.smoothing_type = smoothing.get("kind", "none")
        self.smoothing_weight = smoothing.get("amount", 0.0)


PANEL_SETTINGS: Final = frozenset({"axis", "axisBy", "xEnds", "smoothing"})
"""The settings in a document that `SectionPanelSettings` tells."""


@dataclass
class WorkspaceSettings(SectionPanelSettings):
    """Defaults of all line charts of a workspace.

    Args:
        x_axis: as of `SectionPanelSettings`, and so on.
        ignore_outliers: if True, the y axis ends at the 5th and 95th percentile.
        remove_legends_from_panels: if True, charts have no legend.
        max_runs_in_tooltip: how many runs a tooltip lists.
    """

    ignore_outliers: bool = False
    remove_legends_from_panels: bool = False
    max_runs_in_tooltip: int | None = None

    def to_json(self) -> Json:
        settings = super().to_json()
        if self.ignore_outliers:
            settings["hasOutliers"] = False
        if self.remove_legends_from_panels:
            settings["legend"] = "off"
        if self.max_runs_in_tooltip is not None:
            settings["tipRows"] = self.max_runs_in_tooltip
        return settings

    def read_json(self, source: Mapping[str, Any]) -> None:
        super().read_json(source)
        self.ignore_outliers = source.get("hasOutliers") is False
        self.remove_legends_from_panels = source.get("legend") == "off"
        self.max_runs_in_tooltip = source.get("tipRows")


WORKSPACE_SETTINGS: Final = PANEL_SETTINGS | {"hasOutliers", "legend", "tipRows"}


@dataclass
class RunsetSettings:
    """The list of runs of a workspace.

    Args:
        query: part of a run's name.
        regex_query: if True, `query` is a regular expression.
        filters: runs that are listed, in the filter language, such as `config.lr > 0.01`.
        groupby: columns whose values group the runs, such as `config.lr`.
        order: columns to sort by. Defaults to the newest first.
        runs: ids of the only runs that charts show. Defaults to the newest.
        hidden_runs: ids of runs that charts don't show, of all others they do. With `runs` it has
            to be empty.
        pinned_columns: columns next to the name, such as `summary.loss`.
        baseline_run: id of the run that others are compared with.

    >>> RunsetSettings(filters="state = finished", hidden_runs=["ab12cd34"]).to_json()
    {'filter': 'state = finished', 'selection': {'base': 'all', 'on': [], 'off': ['ab12cd34']}}
    """

    query: str = ""
    regex_query: bool = False
    filters: str = ""
    groupby: Sequence[str] = ()
    order: Sequence[OrderBy] = ()
    runs: Sequence[str] | None = None
    hidden_runs: Sequence[str] = ()
    pinned_columns: Sequence[str] | None = None
    baseline_run: str | None = None
    _selection: Json | None = field(default=None, init=False, repr=False, compare=False)

    def to_json(self) -> Json:
        """The members of a document that differ from those of a new workspace."""
        members: Json = {
            "filter": self.filters,
            "runSearch": self.query,
            "isRunRegex": self.regex_query,
            "groupBy": list(self.groupby),
            "order": [
                {"column": order.name, "descending": not order.ascending} for order in self.order
            ],
            "selection": self._selected(),
            "baseline": self.baseline_run,
        }
        shown = {key: value for key, value in members.items() if value}
        pinned = self.pinned_columns
        return shown if pinned is None else {**shown, "pinned": list(pinned)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RunsetSettings:
        """The list of runs of a document."""
        selection = cast("Json", document.get("selection") or {})
        base = selection.get("base")
        settings = cls(
            query=document.get("runSearch", ""),
            regex_query=document.get("isRunRegex", False),
            filters=document.get("filter", ""),
            groupby=document.get("groupBy", ()),
            order=[
                OrderBy(order["column"], not order.get("descending", False))
                for order in document.get("order", ())
            ],
            runs=selection.get("on", ()) if base == "none" else None,
            hidden_runs=selection.get("off", ()) if base == "all" else (),
            pinned_columns=document.get("pinned"),
            baseline_run=document.get("baseline"),
        )
        settings._selection = selection if base == "newest" else None
        return settings

    def _selected(self) -> Json | None:
        if self.runs is not None:
            return {"base": "none", "on": list(self.runs), "off": []}
        if self.hidden_runs:
            return {"base": "all", "on": [], "off": list(self.hidden_runs)}
        return self._selection


RUN_MEMBERS: Final = frozenset(_RUN_MEMBERS)
