"""Projections of specs to the keys that W&B's client knows. Pure.

All else is gone when it loads a report and saves it.

`wandb-workspaces` 0.4.13 knows certain keys of each block, run set and panel, fills in defaults,
and drops marks, ids and all else. `held` projects a block to these keys, both of what is stored
and of what a client sent; where the two projections are equal, the client changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.wandb_gateway.reports.exact_json import UNEXPECTED

Json = dict[str, Any]

ATOMS: Final = "atoms"
"""The key of a text that was projected, in place of `children`."""

_BLOCK_KEYS: Final[Mapping[str, Mapping[str, Any]]] = {
    "paragraph": {},
    "default": {},
    "heading": {"level": 1},
    "block-quote": {},
    "code-block": {"language": "python"},
    "markdown-block": {"content": ""},
    "latex": {"content": ""},
    "image": {"url": None},
    "list": {"ordered": None},
    "callout-block": {},
    "video": {"url": None},
    "horizontal-rule": {},
    "table-of-contents": {},
    "spotify": {"spotifyID": None},
    "soundcloud": {"html": None},
    "twitter": {"html": None},
    "gallery": {"links": None, "ids": None},
    "weave-panel": {"config": None},
}
"""The keys of blocks besides `type` and `children`, with their defaults."""

_TEXTS: Final = frozenset({"paragraph", "default", "heading", "block-quote", "image"})
_LINES: Final = frozenset({"callout-block", "list"})
_CODE: Final = "code-block"

_PANEL_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "Run History Line Plot": (
        *("chartTitle", "xAxis", "metrics", "xAxisMin", "xAxisMax", "yAxisMin", "yAxisMax"),
        *("xLogScale", "yLogScale", "xAxisTitle", "yAxisTitle", "ignoreOutliers", "groupBy"),
        *("groupAgg", "groupArea", "smoothingWeight", "smoothingType", "limit", "expressions"),
        *("showOriginalAfterSmoothing", "plotType", "fontSize", "legendPosition", "aggregate"),
        *("legendTemplate", "xExpression", "xAxisFormat", "pointVisualizationMethod"),
        *("overrideLineWidths", "overrideColors", "overrideSeriesTitles", "overrideMarks"),
        *("legendFields", "metricRegex", "useMetricRegex"),
    ),
    "Scatter Plot": (
        *("chartTitle", "xAxis", "yAxis", "zAxis", "xAxisMin", "xAxisMax", "yAxisMin", "yAxisMax"),
        *("zAxisMin", "zAxisMax", "xAxisLogScale", "yAxisLogScale", "zAxisLogScale"),
        *("showMinYAxisLine", "showMaxYAxisLine", "showAvgYAxisLine", "legendTemplate"),
        *("customGradient", "fontSize", "showLinearRegression"),
    ),
    "Bar Chart": (
        *("chartTitle", "metrics", "vertical", "xAxisMin", "xAxisMax", "xAxisTitle", "limit"),
        *("yAxisTitle", "groupBy", "groupAgg", "groupArea", "barLimit", "expressions"),
        *("legendTemplate", "fontSize", "overrideSeriesTitles", "overrideColors", "aggregate"),
    ),
    "Scalar Chart": (
        *("chartTitle", "metrics", "groupAgg", "groupArea", "expressions", "legendTemplate"),
        "fontSize",
    ),
    "Code Comparer": ("diff",),
    "Parallel Coordinates Plot": ("chartTitle", "columns", "customGradient", "fontSize"),
    "Parameter Importance": ("targetKey",),
    "Run Comparer": ("diffOnly",),
    "Media Browser": (
        *("chartTitle", "columnCount", "mediaKeys", "mode", "gallerySettings", "gridSettings"),
    ),
    "Markdown Panel": ("value",),
    "Vega2": ("userQuery", "panelDefId", "fieldSettings", "stringSettings"),
}
"""The keys of configs that the client knows; panels of other types it keeps whole."""

_EMPTY_DEFAULTS: Final[Mapping[str, Any]] = {
    "metrics": [],
    "columns": [],
    "mediaKeys": [],
    "vertical": False,
    "diff": "split",
}
"""Defaults of absent keys of configs; all others are absent for the client, too."""

_LAYOUT: Final = {"x": 0, "y": 0, "w": 8, "h": 6}


def held_block(block: Mapping[str, Any]) -> Json:
    """The projection of a block.

    >>> held_block({"type": "paragraph", "anchor": "a", "children": [{"text": "x", "bold": True}]})
    {'type': 'paragraph', 'atoms': [['x', False, None]]}
    """
    try:
        return _held_block(block)
    except UNEXPECTED:
        return without_nulls(block)


def _held_block(block: Mapping[str, Any]) -> Json:
    kind = block.get("type")
    if kind == "panel-grid" and isinstance(block.get("metadata"), Mapping):
        return {"type": kind, "metadata": _held_grid(cast("Json", block["metadata"]))}
    keys = _BLOCK_KEYS.get(str(kind))
    if keys is None:
        return without_nulls(block)
    held: Json = {"type": "paragraph" if kind == "default" else kind}
    held |= {key: block.get(key, default) for key, default in keys.items()}
    if kind in _TEXTS:
        held[ATOMS] = atoms_of(block.get("children"))
    elif kind == _CODE:
        held[ATOMS] = _code_atoms(_objects(block.get("children")))
    elif kind in _LINES:
        held["children"] = [_held_line(line) for line in _objects(block.get("children"))]
    hidden = block.get("collapsedChildren")
    if kind == "heading" and isinstance(hidden, list):
        held["collapsedChildren"] = [held_block(child) for child in _objects(hidden)]
    return without_nulls(held)


def atoms_of(children: Any, url: str | None = None) -> list[Any]:
    """Characters with what the client keeps of them; formulas are one each.

    >>> atoms_of([{"text": "a", "italic": True}, {"type": "latex", "content": "x"}])
    [['a', False, None], {'latex': 'x'}]
    """
    atoms: list[Any] = []
    for child in _objects(children):
        match child.get("type"):
            case "link":  # of which the client keeps the first text
                texts = _objects(child.get("children"))[:1]
                atoms += atoms_of(texts, str(child.get("url", "")))
            case "latex":
                atoms.append({"latex": child.get("content", "")})
            case "paragraph":
                atoms += atoms_of(child.get("children"), url)
            case "list":
                pass  # the client drops lists in lists
            case _:
                is_code = bool(child.get("inlineCode"))
                text = child.get("text", "")
                atoms += [[char, is_code, url] for char in text if isinstance(text, str)]
    return atoms


def _code_atoms(lines: list[Json]) -> list[Any]:
    atoms: list[Any] = []
    for number, line in enumerate(lines):
        atoms += ([["\n", False, None]] if number else []) + atoms_of(line.get("children"))
    return atoms


def held_panel(panel: Mapping[str, Any]) -> Json:
    """The projection of a panel."""
    kind, config = panel.get("viewType"), panel.get("config")
    keys = _PANEL_KEYS.get(str(kind))
    if keys is None or not isinstance(config, Mapping):
        return without_nulls(panel)
    source = cast("Json", config)
    options = {key: source.get(key, _EMPTY_DEFAULTS.get(key)) for key in keys}
    if options.get("groupBy") not in {None, "None"}:
        options["aggregate"] = True
    layout = panel.get("layout")
    own_layout = cast("Json", layout) if isinstance(layout, Mapping) else {}
    full_layout = {key: own_layout.get(key, default) for key, default in _LAYOUT.items()}
    id_ = panel.get("__id__", "")
    return without_nulls(
        {"__id__": id_, "layout": full_layout, "viewType": kind, "config": options}
    )


def held_run_set(run_set: Mapping[str, Any]) -> Json:
    """The projection of a run set of a report."""
    project = _object(run_set, "project")
    names = {key: project.get(key) for key in ("name", "entityName")}
    selections = _object(run_set, "selections")
    tree = [
        run
        for item in cast("list[Any]", selections.get("tree") or ())
        for run in ([item] if isinstance(item, str) else item.get("children", ()))
    ]
    sort = cast("list[Any]", _object(run_set, "sort").get("keys") or [])
    return without_nulls(
        {
            "id": run_set.get("id"),
            "project": names if all(names.values()) else None,
            "name": run_set.get("name", "Run set"),
            "search": {"query": _object(run_set, "search").get("query") or ""},
            "filters": held_filters(run_set.get("filters")),
            "grouping": run_set.get("grouping", []),
            "sort": {"keys": sort},
            "selections": {"root": selections.get("root", 1), "tree": tree},
            "runFeed": _held_feed(_object(run_set, "runFeed")),
        }
    )


def held_filters(filters: Any) -> Json:
    """A filter in the newer form: the client writes older ones so."""
    source = cast("Json", filters) if isinstance(filters, Mapping) else {}
    if source.get("filterFormat") == "filterV2":
        return source
    items = _items_of(source)
    if len(items) == 1 and "filters" in items[0] and "connector" not in items[0]:
        items = items[0]["filters"]
    return {"filterFormat": "filterV2", "filters": items}


def without_nulls(value: Any) -> Any:
    """A value without members that are null, which the client leaves out."""
    if isinstance(value, Mapping):
        items = cast("Json", value).items()
        return {key: without_nulls(item) for key, item in items if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in cast("list[Any]", value)]
    return value


def _held_line(line: Mapping[str, Any]) -> Json:
    keys = {key: line.get(key) for key in ("ordered", "checked")}
    return without_nulls({**keys, ATOMS: atoms_of(line.get("children"))})


def _held_grid(metadata: Mapping[str, Any]) -> Json:
    section = _object(metadata, "panelBankSectionConfig")
    return without_nulls(
        {
            "runSets": [held_run_set(run_set) for run_set in _objects(metadata.get("runSets"))],
            "hideRunSets": metadata.get("hideRunSets", False),
            "panelBankSectionConfig": {
                "panels": [held_panel(panel) for panel in _objects(section.get("panels"))]
            },
            "customRunColors": metadata.get("customRunColors", {}),
        }
    )


def _held_feed(feed: Mapping[str, Any]) -> Json:
    """The columns of the table, as the client writes them again."""
    visible = _object(feed, "columnVisible")
    pinned = [column for column, is_on in _object(feed, "columnPinned").items() if is_on]
    hidden = [column for column, is_on in visible.items() if is_on is False]
    order = [column for column in feed.get("columnOrder") or () if column not in hidden]
    shown = [column for column, is_on in visible.items() if is_on is True]
    others = [column for column in shown if column not in {*order, *pinned, *hidden}]
    curated = [column for column in pinned if column not in hidden]
    listed = [column for column in order if column not in pinned] + others
    full = order + [column for column in [*curated, *listed] if column not in order]
    full = list(dict.fromkeys(full))
    return {
        "columnVisible": dict.fromkeys(hidden, False) | dict.fromkeys(full, True),
        "columnPinned": dict.fromkeys(curated, True),
        "columnWidths": feed.get("columnWidths", {}),
        "columnOrder": full,
        "lockColumns": feed.get("lockColumns"),
    }


_BINDING: Final = {"AND": 1, "OR": 0}


def _items_of(node: Mapping[str, Any]) -> list[Json]:
    """A tree as the flat list that the client makes of it: `and` binds closer than `or`."""
    if node.get("key"):
        return _leaf_of(node)
    op = str(node.get("op", "OR"))
    items: list[Json] = []
    for child in _objects(node.get("filters")):
        inner = _items_of(child)
        if not inner:
            continue
        is_group = not child.get("key") and _BINDING.get(str(child.get("op", "OR")), 0) < (
            _BINDING.get(op, 0)
        )
        if is_group and len(inner) > 1:
            inner = [{"filters": inner}]
        first = {**inner[0], "connector": op} if items else inner[0]
        items += [first, *inner[1:]]
    return items


def _leaf_of(node: Mapping[str, Any]) -> list[Json]:
    key = cast("Json", node["key"])
    if not key.get("name"):
        return []
    names = {"section": key.get("section", "summary"), "name": key["name"]}
    item: Json = {"key": names, "op": node.get("op", "OR"), "value": node.get("value")}
    if node.get("disabled") is not None:
        item["disabled"] = node["disabled"]
    return [item]


def _object(source: Mapping[str, Any], key: str) -> Json:
    value = source.get(key)
    return cast("Json", value) if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Json]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, Mapping)]
