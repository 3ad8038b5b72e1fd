"""Line charts: the config of W&B's `Run History Line Plot`, and weft's settings of a line panel.

Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from weft.errors import ExpressionError
from weft.queries.expression_text import parse_expression
from weft.wandb_gateway.reports.columns import column_of_group, group_of_column
from weft.wandb_gateway.reports.exact_json import write_exact

Json = dict[str, Any]

_AXES: Final = {
    "_step": "step",
    "_runtime": "time",
    "_absolute_runtime": "time_wall",
    "_timestamp": "wall",
}
_AXIS_KEYS: Final = {axis: key for key, axis in _AXES.items()}

_SMOOTHINGS: Final = {
    "exponentialTimeWeighted": "ema",
    "exponential": "ema",
    "gaussian": "gaussian",
    "average": "mean",
    "none": "none",
}
_SMOOTHING_KEYS: Final = {
    "ema": "exponentialTimeWeighted",
    "gaussian": "gaussian",
    "mean": "average",
    "none": "none",
}

_BANDS: Final = {"minmax": "minmax", "stddev": "std", "stderr": "stderr", "none": "none"}
_BAND_KEYS: Final = {band: key for key, band in _BANDS.items()}

_FILLS: Final = {"line": "none", "stacked-area": "stacked", "pct-area": "percent"}
_FILL_KEYS: Final = {fill: key for key, fill in _FILLS.items()}

_LEGENDS: Final = {"north": "above", "south": "above", "east": "right", "west": "right"}
_LEGEND_KEYS: Final = {"above": "north", "right": "east"}

_IN_EXPRESSION: Final = re.compile(r"\$\{([^}]*)\}")
_PLAIN_METRIC: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


def line_of_config(config: Mapping[str, Any]) -> Json:
    """The members of a line panel but for the kind.

    >>> line_of_config({"metrics": ["loss"], "xAxis": "_step", "yLogScale": True})
    {'keys': ['loss'], 'settings': {'axis': 'step', 'yScale': 'log'}}
    """
    settings: Json = {}
    axis = config.get("xAxis")
    if isinstance(axis, str):
        kind = _AXES.get(axis)
        settings |= {"axis": "metric", "axisBy": axis} if kind is None else {"axis": kind}
    smoothing = _smoothing_of(config)
    if smoothing is not None:
        settings["smoothing"] = smoothing
    if isinstance(config.get("showOriginalAfterSmoothing"), bool):
        settings["hasRaw"] = config["showOriginalAfterSmoothing"]
    for key, name in (("xLogScale", "xScale"), ("yLogScale", "yScale")):
        if isinstance(config.get(key), bool):
            settings[name] = "log" if config[key] else "linear"
    for axis_name in ("x", "y"):
        ends = [config.get(f"{axis_name}Axis{end}") for end in ("Min", "Max")]
        if any(_is_number(end) for end in ends):
            settings[f"{axis_name}Ends"] = [end if _is_number(end) else None for end in ends]
    if isinstance(config.get("ignoreOutliers"), bool):
        settings["hasOutliers"] = not config["ignoreOutliers"]
    settings |= grouping_of_config(config)
    _add_word(settings, "fill", _FILLS.get(str(config.get("plotType"))))
    _add_word(settings, "legend", _LEGENDS.get(str(config.get("legendPosition"))))
    members: Json = {
        "keys": metrics_of(config),
        "title": title_of(config),
        "settings": settings,
    }
    if config.get("useMetricRegex") is True and isinstance(config.get("metricRegex"), str):
        members["pattern"] = config["metricRegex"]
    expressions = [
        {"name": text, "text": ours}
        for text in texts_of(config.get("expressions"))
        if (ours := _expression_of(text)) is not None
    ]
    members["expressions"] = expressions
    return {key: value for key, value in members.items() if value not in (None, [], {})}


def config_of_line(panel: Mapping[str, Any]) -> Json:
    """The config of a line panel, with the keys in the client's order."""
    settings = cast("Json", panel.get("settings", {}))
    x_ends, y_ends = settings.get("xEnds", [None, None]), settings.get("yEnds", [None, None])
    smoothing = cast("Json", settings.get("smoothing", {}))
    axis = settings.get("axis")
    pattern = panel.get("pattern")
    expressions = [expression["name"] for expression in panel.get("expressions", ())]
    grouping = config_of_grouping(settings)
    outliers = settings.get("hasOutliers")
    config: Json = {
        "chartTitle": panel.get("title"),
        "xAxis": settings.get("axisBy") if axis == "metric" else _AXIS_KEYS.get(str(axis)),
        "metrics": list(panel.get("keys", ())),
        "xAxisMin": x_ends[0],
        "xAxisMax": x_ends[1],
        "yAxisMin": y_ends[0],
        "yAxisMax": y_ends[1],
        "xLogScale": _is_log(settings.get("xScale")),
        "yLogScale": _is_log(settings.get("yScale")),
        "ignoreOutliers": None if outliers is None else not outliers,
        "groupBy": grouping.get("groupBy"),
        "groupAgg": grouping.get("groupAgg"),
        "groupArea": grouping.get("groupArea"),
        "smoothingWeight": smoothing.get("amount"),
        "smoothingType": _SMOOTHING_KEYS.get(str(smoothing.get("kind"))),
        "showOriginalAfterSmoothing": settings.get("hasRaw"),
        "expressions": expressions or None,
        "plotType": _FILL_KEYS.get(str(settings.get("fill"))),
        "legendPosition": _LEGEND_KEYS.get(str(settings.get("legend"))),
        "aggregate": grouping.get("aggregate"),
        "metricRegex": pattern,
        "useMetricRegex": None if pattern is None else True,
    }
    return {key: value for key, value in config.items() if value is not None}


def grouping_of_config(config: Mapping[str, Any]) -> Json:
    """The settings of how a panel groups runs: lines and bars have the same keys.

    >>> grouping_of_config({"groupBy": "lr.value", "groupArea": "stddev"})
    {'groupBy': ['config.lr'], 'band': 'std'}
    """
    settings: Json = {}
    group = config.get("groupBy")
    if group == "None":
        settings["groupBy"] = []
    elif isinstance(group, str) and (column := column_of_group(group)) is not None:
        settings["groupBy"] = [column]
    if config.get("groupAgg") in {"mean", "median"}:
        settings["center"] = config["groupAgg"]
    _add_word(settings, "band", _BANDS.get(str(config.get("groupArea"))))
    return settings


def config_of_grouping(settings: Mapping[str, Any]) -> Json:
    """The keys of how a panel groups runs."""
    config: Json = {}
    groups = settings.get("groupBy")
    if groups is not None:
        config["groupBy"] = group_of_column(groups[0]) if groups else "None"
    if groups:
        config["aggregate"] = True
    if settings.get("center") is not None:
        config["groupAgg"] = settings["center"]
    band = _BAND_KEYS.get(str(settings.get("band")))
    if band is not None:
        config["groupArea"] = band
    return config


def title_of(config: Mapping[str, Any]) -> str | None:
    """The title of a panel, cut at the length that weft allows."""
    title = config.get("chartTitle")
    return title[:512] if isinstance(title, str) else None


def metrics_of(config: Mapping[str, Any]) -> list[str]:
    """The metrics of a panel; the client writes those of a summary as `summary_metrics.loss`."""
    metrics = [name.removeprefix("summary_metrics.") for name in texts_of(config.get("metrics"))]
    return [name for name in metrics if name]


def texts_of(value: Any) -> list[str]:
    """The texts of a list."""
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def _smoothing_of(config: Mapping[str, Any]) -> Json | None:
    kind, amount = config.get("smoothingType"), config.get("smoothingWeight")
    if kind is None and amount is None:
        return None
    name = _SMOOTHINGS.get(str(kind), "ema")
    if name == "none":
        return {"kind": "none", "amount": 0}
    if not isinstance(amount, (int, float)) or not 0 <= amount <= 1:
        return None
    return {"kind": name, "amount": amount}


def _expression_of(text: str) -> str | None:
    """An expression in weft's language; None if it has none.

    >>> _expression_of("${train/loss} * 2")
    '"train/loss" * 2'
    """

    def name_of(match: re.Match[str]) -> str:
        name = match[1]
        return name if _PLAIN_METRIC.fullmatch(name) else write_exact(name)

    ours = _IN_EXPRESSION.sub(name_of, text)
    try:
        parse_expression(ours)
    except ExpressionError:
        return None
    return ours


def _add_word(settings: Json, name: str, word: str | None) -> None:
    if word is not None:
        settings[name] = word


def _is_log(scale: Any) -> bool | None:
    return None if scale is None else scale == "log"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
