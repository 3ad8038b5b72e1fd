"""Panel grids: W&B's block `panel-grid`, and weft's grids. Pure.

Each panel, each run set and the grid itself store the foreign parts of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from weft.wandb_gateway.reports.exact_json import as_stored
from weft.wandb_gateway.reports.foreign import MEMBER, noted, restored
from weft.wandb_gateway.reports.layouts import layout_of, placed, size_of
from weft.wandb_gateway.reports.panels import panel_of, view_of
from weft.wandb_gateway.reports.run_colors import color_dict_of, run_colors_of
from weft.wandb_gateway.reports.run_sets import run_set_of, source_of
from weft.wire.reports.grids import MAX_PANELS, MAX_RUN_SETS

Json = dict[str, Any]

_ID: Final = re.compile("[A-Za-z0-9_-]{1,64}")

SECTION: Final = "panelBankSectionConfig"


def is_grid(block: Mapping[str, Any]) -> bool:
    """Whether a block is a grid that weft can have."""
    metadata = block.get("metadata")
    if not isinstance(metadata, Mapping):
        return False
    source = cast("Json", metadata)
    run_sets, section = source.get("runSets"), source.get(SECTION)
    panels = cast("Json", section).get("panels") if isinstance(section, Mapping) else None
    return (
        _are_objects(run_sets, MAX_RUN_SETS)
        and _are_objects(panels, MAX_PANELS)
        and all(_is_panel(panel) for panel in cast("list[Json]", panels))
    )


def grid_of(block: Mapping[str, Any]) -> Json:
    """The grid of a block, for which `is_grid` is true."""
    metadata = cast("Json", block["metadata"])
    sources = cast("list[Json]", metadata["runSets"])
    views = cast("list[Json]", metadata[SECTION]["panels"])
    set_ids = ids_of([source.get("id") for source in sources], "set")
    panel_ids = ids_of([view.get("__id__") for view in views], "panel")
    run_sets = {
        id_: noted(run_set := as_stored(run_set_of(source)), source_of(id_, run_set), source)
        for id_, source in zip(set_ids, sources, strict=True)
    }
    colors = run_colors_of(metadata.get("customRunColors"))
    if colors and set_ids:
        run_sets[set_ids[0]]["runColors"] = colors
    layouts = [layout_of(view.get("layout")) for view in views]
    drawn = sorted(range(len(views)), key=lambda i: (layouts[i].y, layouts[i].x, i))
    order = [panel_ids[i] for i in drawn]
    panels = panels_of({id_: views[i] for i, id_ in enumerate(panel_ids)}, order)
    grid: Json = {
        "kind": "grid",
        "runSets": run_sets,
        "runSetOrder": set_ids,
        "panels": panels,
        "panelOrder": order,
    }
    if order != panel_ids:
        grid[_LISTED] = panel_ids
    return noted(grid, block_of_grid(grid), block)


def block_of_grid(grid: Mapping[str, Any]) -> Json:
    """The block of a grid, as W&B's client writes it."""
    run_sets = _in_order(grid, "runSets", "runSetOrder")
    views = views_of(_in_order(grid, "panels", "panelOrder"))
    listed = cast("list[str]", grid.get(_LISTED, ()))
    if set(listed) == set(views):
        views = {id_: views[id_] for id_ in listed}
    ours = {
        "type": "panel-grid",
        "children": [{"text": ""}],
        "metadata": {
            "openViz": True,
            "openRunSet": 0,
            "name": "unused-name",
            "runSets": [
                restored(run_set, source_of(id_, run_set)) for id_, run_set in run_sets.items()
            ],
            "hideRunSets": False,
            "panels": {
                "views": {"0": {"name": "Panels", "defaults": [], "config": []}},
                "tabs": ["0"],
            },
            "panelBankConfig": first_bank(),
            SECTION: first_section(list(views.values())),
            "customRunColors": color_dict_of(
                color
                for run_set in run_sets.values()
                for color in cast("Json", run_set.get("runColors", {})).items()
            ),
        },
    }
    return restored(grid, ours)


def panels_of(views: Mapping[str, Json], order: Sequence[str]) -> dict[str, Json]:
    """The panels of views by id, with their foreign parts."""
    panels = {
        id_: as_stored(
            {
                **panel_of(view["viewType"], view["config"]),
                **size_of(layout_of(view.get("layout"))),
            }
        )
        for id_, view in views.items()
    }
    ours = views_of({id_: panels[id_] for id_ in order})
    return {id_: noted(panel, ours[id_], views[id_]) for id_, panel in panels.items()}


def views_of(panels: Mapping[str, Json]) -> dict[str, Json]:
    """The views of panels, which are in order."""
    layouts = placed(list(panels.values()))
    views: dict[str, Json] = {}
    for (id_, panel), layout in zip(panels.items(), layouts, strict=True):
        view_type, config = view_of(panel)
        ours = {"__id__": id_, "layout": layout, "viewType": view_type, "config": config}
        views[id_] = restored(panel, ours)
    return views


def ids_of(values: Iterable[Any], prefix: str) -> list[str]:
    """Ids for weft: those of W&B as far as they are valid and no id comes twice.

    >>> ids_of(["ab", "ab", ""], "panel")
    ['ab', 'panel-2', 'panel-3']
    """
    ids: list[str] = []
    for number, value in enumerate(values, 1):
        is_id = isinstance(value, str) and _ID.fullmatch(value) and value not in ids
        ids.append(value if is_id else f"{prefix}-{number}")
    return ids


def first_section(panels: list[Any]) -> Json:
    """The section of a grid's panels, as the client writes it."""
    return {
        "name": "Report Panels",
        "isOpen": False,
        "panels": panels,
        "type": "grid",
        "flowConfig": first_flow(),
        "sorted": 0,
        "localPanelSettings": first_settings(),
    }


def first_flow() -> Json:
    """Rows and columns of a section."""
    return {
        "snapToColumns": True,
        "columnsPerPage": 3,
        "rowsPerPage": 2,
        "gutterWidth": 16,
        "boxWidth": 460,
        "boxHeight": 300,
    }


def first_settings() -> Json:
    """Settings of a section that no one changed."""
    return {
        "smoothingWeight": 0,
        "smoothingType": "exponential",
        "xAxis": "_step",
        "ignoreOutliers": False,
        "useRunsTableGroupingInPanels": True,
        "smoothingActive": True,
        "xAxisActive": False,
    }


def first_bank() -> Json:
    """The sections of a grid, which it does not use."""
    hidden = {
        "name": "Hidden Panels",
        "isOpen": False,
        "type": "flow",
        "flowConfig": first_flow(),
        "sorted": 0,
        "localPanelSettings": first_settings(),
        "panels": [],
    }
    settings = {"autoOrganizePrefix": 2, "showEmptySections": False, "sortAlphabetically": False}
    return {"state": 0, "settings": settings, "sections": [hidden]}


_LISTED: Final = f"{MEMBER}Order"
"""The member with W&B's order of panels, where they are drawn in another one."""


def _in_order(grid: Mapping[str, Any], name: str, order_name: str) -> dict[str, Json]:
    values = cast("dict[str, Json]", grid.get(name, {}))
    order = cast("list[str]", grid.get(order_name, ()))
    ids = [*(id_ for id_ in order if id_ in values), *sorted(set(values) - set(order))]
    return {id_: values[id_] for id_ in ids}


def _is_panel(view: Mapping[str, Any]) -> bool:
    config = view.get("config")
    return isinstance(view.get("viewType"), str) and isinstance(config, Mapping)


def _are_objects(value: Any, most: int) -> bool:
    if not isinstance(value, list):
        return False
    items = cast("list[Any]", value)
    return len(items) <= most and all(isinstance(item, Mapping) for item in items)
