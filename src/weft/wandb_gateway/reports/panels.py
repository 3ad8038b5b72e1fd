"""Panels: W&B's by `viewType`, and weft's by kind. Pure.

Line charts are in `line_panels`. A panel of a type that weft does not draw is a text that names
it; one of a kind that W&B does not have is a panel of the type `weft`, which its client stores
whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.wandb_gateway.reports.columns import accessor_of_column, column_of_accessor
from weft.wandb_gateway.reports.exact_json import read_exact_or_none, write_sorted
from weft.wandb_gateway.reports.line_panels import (
    config_of_grouping,
    config_of_line,
    grouping_of_config,
    line_of_config,
    metrics_of,
    texts_of,
    title_of,
)

Json = dict[str, Any]

WEFT: Final = "weft"
"""The `viewType` of panels that W&B does not have."""

_NOT_DRAWN: Final = "wandbType"
"""The option with the `viewType` of a panel that weft does not draw."""

_TABLE: Final = "_table"
"""The end of the key under which `wandb.plot` logs the table of a chart."""


def panel_of(view_type: str, config: Mapping[str, Any]) -> Json:
    """A panel of weft.

    >>> panel_of("Scatter Plot", {"xAxis": "config:lr.value", "yAxis": "summary:loss"})
    {'kind': 'scatter', 'options': {'x': 'config.lr', 'y': 'summary.loss'}}
    """
    match view_type:
        case "Run History Line Plot":
            return {"kind": "line", **line_of_config(config)}
        case "Scatter Plot":
            return _scatter_of(config)
        case "Bar Chart":
            return _panel("bar", config, keys=metrics_of(config),
                          settings=grouping_of_config(config))  # fmt: skip
        case "Scalar Chart":
            return _scalar_of(config)
        case "Parallel Coordinates Plot":
            return _panel("parallel", config, options=_parallel_options(config))
        case "Parameter Importance":
            target = config.get("targetKey")
            return _panel("importance", config, keys=[target] if target else [])
        case "Run Comparer":
            return {"kind": "comparer", "options": {"hidesEqual": bool(config.get("diffOnly"))}}
        case "Media Browser":
            mode = config.get("mode")
            options = {"layout": mode} if mode in {"gallery", "grid"} else {}
            return _panel("media", config, keys=texts_of(config.get("mediaKeys")), options=options)
        case "Markdown Panel":
            return {"kind": "markdown", "options": {"text": str(config.get("value", ""))}}
        case "Vega2" if (key := _table_key(config)) is not None:
            is_chart = key.endswith(_TABLE)
            return {
                "kind": "chart" if is_chart else "table",
                "keys": [key.removesuffix(_TABLE)],
            }
        case "weft" if isinstance(own := read_exact_or_none(config.get("panel")), dict):
            return cast("Json", own)
        case _:
            return _card(view_type, config)


def view_of(panel: Mapping[str, Any]) -> tuple[str, Json]:
    """The `viewType` and config of a panel, with keys in the client's order.

    >>> view_of({"kind": "bar", "keys": ["acc"]})
    ('Bar Chart', {'metrics': ['acc'], 'vertical': False})
    """
    options = cast("Json", panel.get("options", {}))
    title = {} if panel.get("title") is None else {"chartTitle": panel["title"]}
    keys = list(panel.get("keys", ()))
    match panel["kind"]:
        case "line":
            return "Run History Line Plot", config_of_line(panel)
        case "scatter":
            return "Scatter Plot", title | _config_of_scatter(options)
        case "bar":
            grouping = config_of_grouping(panel.get("settings", {}))
            return "Bar Chart", title | {"metrics": keys, "vertical": False} | grouping
        case "scalar":
            pick = {"highest": "max", "lowest": "min"}.get(str(options.get("pick")))
            group = {} if pick is None else {"groupAgg": pick}
            return "Scalar Chart", title | {"metrics": keys} | group
        case "parallel":
            columns = [
                {"accessor": accessor_of_column(name)} for name in options.get("columns", ())
            ]
            return "Parallel Coordinates Plot", title | {"columns": columns}
        case "importance" if len(keys) == 1:
            return "Parameter Importance", _config_of_importance(keys[0])
        case "comparer":
            is_hiding = options.get("hidesEqual", True)
            return "Run Comparer", {"diffOnly": "split"} if is_hiding else {}
        case "media":
            mode = {"mode": options["layout"]} if "layout" in options else {}
            return "Media Browser", title | {"mediaKeys": keys} | mode
        case "markdown" if _NOT_DRAWN in options:
            return options[_NOT_DRAWN], {}
        case "markdown":
            return "Markdown Panel", {"value": options.get("text", "")}
        case "chart" | "table" if len(keys) == 1 and not options:
            is_chart = panel["kind"] == "chart"
            return "Vega2", _config_of_table(f"{keys[0]}{_TABLE}" if is_chart else keys[0])
        case _:
            own = {key: value for key, value in panel.items() if key not in _PLACE}
            return WEFT, {"panel": write_sorted(own)}


_PLACE: Final = frozenset({"span", "height", "section", "wandb", "id"})


def _panel(kind: str, config: Mapping[str, Any], **members: Any) -> Json:
    title = title_of(config)
    titled = {} if title is None else {"title": title}
    return {"kind": kind, **titled, **{key: value for key, value in members.items() if value}}


def _scatter_of(config: Mapping[str, Any]) -> Json:
    options: Json = {}
    for key, name in (("xAxis", "x"), ("yAxis", "y"), ("zAxis", "tint")):
        accessor = config.get(key)
        column = column_of_accessor(accessor) if isinstance(accessor, str) else None
        if column is not None:
            options[name] = column
    for key, name in (("xAxisLogScale", "xScale"), ("yAxisLogScale", "yScale")):
        if isinstance(config.get(key), bool):
            options[name] = "log" if config[key] else "linear"
    if isinstance(config.get("showLinearRegression"), bool):
        options["hasFit"] = config["showLinearRegression"]
    return _panel("scatter", config, options=options)


def _config_of_scatter(options: Mapping[str, Any]) -> Json:
    config: Json = {}
    for key, name in (("xAxis", "x"), ("yAxis", "y"), ("zAxis", "tint")):
        if isinstance(options.get(name), str):
            config[key] = accessor_of_column(options[name])
    for key, name in (("xAxisLogScale", "xScale"), ("yAxisLogScale", "yScale")):
        if options.get(name) in {"log", "linear"}:
            config[key] = options[name] == "log"
    if "hasFit" in options:
        config["showLinearRegression"] = options["hasFit"]
    return config


def _scalar_of(config: Mapping[str, Any]) -> Json:
    """W&B shows the latest value of all runs; of several keys weft draws the first."""
    pick = {"max": "highest", "min": "lowest"}.get(str(config.get("groupAgg")))
    options = {"figure": "latest"} | ({} if pick is None else {"pick": pick})
    return _panel("scalar", config, keys=metrics_of(config)[:1], options=options)


def _parallel_options(config: Mapping[str, Any]) -> Json:
    columns = [
        column
        for item in cast("list[Any]", config.get("columns") or [])
        if isinstance(item, Mapping)
        and isinstance(accessor := cast("Json", item).get("accessor"), str)
        and (column := column_of_accessor(accessor)) is not None
    ]
    return {"columns": columns} if columns else {}


def _config_of_importance(key: str) -> Json:
    return {
        "targetKey": key,
        "columnsPinned": {},
        "columnWidths": {},
        "columnOrder": [],
        "pageSize": 10,
        "onlyShowSelected": False,
    }


def _table_key(config: Mapping[str, Any]) -> str | None:
    """The key of the logged table that a custom chart draws."""
    for field in _fields(config.get("userQuery"), "queryFields"):
        for part in _fields(field, "fields"):
            if part.get("name") in {"summaryTable", "historyTable"}:
                for argument in _fields(part, "args"):
                    value = argument.get("value")
                    if argument.get("name") == "tableKey" and isinstance(value, str) and value:
                        return value
    return None


def _config_of_table(key: str) -> Json:
    table = {"name": "summaryTable", "args": [{"name": "tableKey", "value": key}], "fields": []}
    runs = {
        "name": "runSets",
        "args": [
            {"name": "runSets", "value": "${runSets}"},
            {"name": "limit", "value": 500.0},
        ],
        "fields": [table, {"name": "id", "value": []}, {"name": "name", "value": []}],
    }
    return {
        "transform": {"name": "tableWithLeafColNames"},
        "userQuery": {"queryFields": [runs]},
        "panelDefId": "",
        "fieldSettings": {},
        "stringSettings": {},
    }


def _card(view_type: str, config: Mapping[str, Any]) -> Json:
    """A text that says what a panel is that weft does not draw."""
    name = config.get("panelDefId")
    named = f" `{name}`" if isinstance(name, str) and name else ""
    label = f"{view_type} panel{named}"
    text = f"**{label}** of W&B, which weft does not draw. It is stored unchanged."
    return {"kind": "markdown", "options": {"text": text, _NOT_DRAWN: view_type}}


def _fields(value: Any, name: str) -> list[Json]:
    items = cast("Json", value).get(name) if isinstance(value, Mapping) else None
    return [cast("Json", item) for item in items or () if isinstance(item, Mapping)]
