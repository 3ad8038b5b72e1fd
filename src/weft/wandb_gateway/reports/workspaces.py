"""Saved views of workspaces: W&B's spec of a `project-view`, and weft's document of a view. Pure.

The parts that weft has no members for are in the document's member `wandb`: those of each panel
and section, and the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from weft.errors import ConfigError
from weft.wandb_gateway.reports.columns import accessor_of_column, column_of_accessor
from weft.wandb_gateway.reports.exact_json import (
    UNEXPECTED,
    as_stored,
    read_exact_or_none,
    write_exact,
)
from weft.wandb_gateway.reports.foreign import MEMBER, applied, difference
from weft.wandb_gateway.reports.grids import (
    first_flow,
    first_section,
    first_settings,
    ids_of,
)
from weft.wandb_gateway.reports.line_panels import config_of_line, line_of_config
from weft.wandb_gateway.reports.panels import panel_of, view_of
from weft.wandb_gateway.reports.run_sets import run_set_of, source_of

Json = dict[str, Any]

_SET_MEMBERS: Final = (
    *("filter", "runSearch", "isRunRegex", "groupBy", "order", "selection", "baseline"),
)
"""The members of a view that are those of a run set."""

_SETTING_KEYS: Final = (
    *("smoothingWeight", "smoothingType", "xAxis", "xAxisMin", "xAxisMax", "ignoreOutliers"),
)
"""The keys of settings that line charts have, too."""

_WEIGHTS: Final = 100
"""The client has only whole numbers as weights of a workspace."""

_NAME: Final = "run:displayName"
"""The column that is always pinned."""


def document_of(spec: Mapping[str, Any]) -> Json:
    """The document of a view with sections, panels, runs and settings of a spec.

    ConfigError if the spec has another shape than W&B's client writes.
    """
    try:
        return _document_of(spec)
    except UNEXPECTED as error:
        raise ConfigError(f"spec: unexpected shape: {error}", field="spec") from None


def _document_of(spec: Mapping[str, Any]) -> Json:
    section = _object(spec, "section")
    bank = _object(section, "panelBankConfig")
    run_sets = _objects(section.get("runSets"))
    run_set = run_sets[0] if run_sets else {}
    members = run_set_of(run_set)
    document: Json = {key: members[key] for key in _SET_MEMBERS if key in members}
    pinned = _pinned_of(run_set)
    if pinned:
        document["pinned"] = pinned
    settings = _settings_of(_object(section, "settings"))
    if _object(section, "settings").get("suppressLegends"):
        settings["legend"] = "off"
    if settings:
        document["settings"] = settings
    sources = _objects(bank.get("sections"))
    names = _names_of(sources)
    document["sections"] = {}
    document["panels"] = {}
    document["sectionOrder"] = [
        name
        for _, name in sorted(
            zip(sources, names, strict=True), key=lambda pair: not pair[0].get("pinned")
        )
    ]
    views = [view for source in sources for view in _objects(source.get("panels"))]
    ids = iter(ids_of([view.get("__id__") for view in views], "panel"))
    for source, name in zip(sources, names, strict=True):
        own = {next(ids): view for view in _objects(source.get("panels"))}
        document["sections"][name] = _section_of(source, name, list(own))
        for id_, view in own.items():
            panel = panel_of(str(view.get("viewType")), _object(view, "config"))
            document["panels"][id_] = {"id": id_, "section": name, **panel}
    stored = cast("Json", as_stored(document))
    return {**stored, MEMBER: _foreign_of(stored, spec, dict(zip(names, sources, strict=True)))}


def spec_of_document(document: Mapping[str, Any]) -> Json:
    """The spec of a view, as W&B's client writes it."""
    foreign = cast("Json", document.get(MEMBER, {}))
    names = [name for name in _listed(document) if not document["sections"][name].get("isHidden")]
    order = cast("list[str]", foreign.get("order", ()))
    if set(order) == set(names):
        names = order
    sections = [_source_of_section(document, name, foreign) for name in names]
    ours = _frame(document, sections)
    text = foreign.get("spec")
    return cast("Json", applied(ours, read_exact_or_none(text)))


def _foreign_of(document: Json, spec: Mapping[str, Any], sources: Mapping[str, Json]) -> Json:
    """The parts of a spec that the document of a view has no members for."""
    panels: dict[str, str] = {}
    sections: dict[str, str] = {}
    for name, source in sources.items():
        ids = cast("list[str]", document["sections"][name]["order"])
        for id_, view in zip(ids, _objects(source.get("panels")), strict=True):
            steps = difference(_view_of(id_, document["panels"][id_]), view)
            if steps:
                panels[id_] = write_exact(steps)
        ours = {**_section_source(document, name), "panels": []}
        steps = difference(ours, {**source, "panels": []})
        if steps:
            sections[name] = write_exact(steps)
    foreign: Json = {"order": list(sources), "panels": panels, "sections": sections}
    whole = [_source_of_section(document, name, foreign) for name in sources]
    steps = difference(_frame(document, whole), spec)
    return foreign | ({"spec": write_exact(steps)} if steps else {})


def _frame(document: Mapping[str, Any], sections: list[Json]) -> Json:
    settings = cast("Json", document.get("settings", {}))
    run_set = source_of("", {key: document[key] for key in _SET_MEMBERS if key in document})
    columns = [_NAME, *map(accessor_of_column, document.get("pinned", ()))]
    if "pinned" in document:
        feed = {"columnVisible", "columnPinned"}
        run_set["runFeed"] |= {key: dict.fromkeys(columns, True) for key in feed}
        run_set["runFeed"]["columnOrder"] = columns
    legends = {"suppressLegends": True} if settings.get("legend") == "off" else {}
    bank_settings = {
        "autoOrganizePrefix": 2,
        "showEmptySections": False,
        "sortAlphabetically": False,
    }
    return {
        "section": {
            "panelBankConfig": {"state": 1, "settings": bank_settings, "sections": sections},
            "panelBankSectionConfig": {**first_section([]), "pinned": False},
            "customRunColors": {},
            "name": "",
            "runSets": [run_set],
            "settings": {**_settings_source(settings), "maxRuns": 10, **legends},
            "openRunSet": 0,
            "openViz": True,
        },
        "vizExpanded": False,
        "libraryExpanded": True,
    }


def _section_of(source: Mapping[str, Any], name: str, ids: list[str]) -> Json:
    flow = _object(source, "flowConfig")
    columns, rows = flow.get("columnsPerPage", 3), flow.get("rowsPerPage", 2)
    section: Json = {"isMade": True, "isOpen": bool(source.get("isOpen")), "order": ids}
    if source.get("name") != name:
        section["title"] = source.get("name")
    if columns in range(1, 13):
        section["span"] = round(12 / columns)
    if rows in range(1, 1001):
        section["rows"] = rows
    settings = _settings_of(_object(source, "localPanelSettings"))
    return section | ({"settings": settings} if settings else {})


def _source_of_section(document: Mapping[str, Any], name: str, foreign: Json) -> Json:
    text = cast("Json", foreign.get("sections", {})).get(name)
    ours = _section_source(document, name)
    panels = ours["panels"]
    section = applied({**ours, "panels": []}, read_exact_or_none(text))
    texts = cast("dict[str, str]", foreign.get("panels", {}))
    section["panels"] = [
        applied(view, read_exact_or_none(texts.get(id_))) for id_, view in panels.items()
    ]
    return section


def _section_source(document: Mapping[str, Any], name: str) -> Json:
    section = cast("Json", document["sections"].get(name, {}))
    panels = cast("dict[str, Json]", document.get("panels", {}))
    order = cast("list[str]", section.get("order", ()))
    in_it = [id_ for id_, panel in panels.items() if panel.get("section") == name]
    ids = [*(id_ for id_ in order if id_ in in_it), *(id_ for id_ in in_it if id_ not in order)]
    flow = first_flow()
    if section.get("span"):
        flow["columnsPerPage"] = round(12 / section["span"])
    if section.get("rows"):
        flow["rowsPerPage"] = section["rows"]
    return {
        "name": section.get("title") or name,
        "isOpen": bool(section.get("isOpen")),
        "type": "flow",
        "flowConfig": flow,
        "sorted": 0,
        "localPanelSettings": _settings_source(cast("Json", section.get("settings", {}))),
        "panels": {id_: _view_of(id_, panels[id_]) for id_ in ids},
        "pinned": False,
    }


def _view_of(id_: str, panel: Mapping[str, Any]) -> Json:
    view_type, config = view_of(panel)
    layout = {"x": 0, "y": 0, "w": 8, "h": 6}
    return {"__id__": id_, "layout": layout, "viewType": view_type, "config": config}


def _settings_of(source: Mapping[str, Any]) -> Json:
    """Settings that differ from those that no one changed."""
    config = {key: source[key] for key in _SETTING_KEYS if key in source}
    if not config.get("smoothingWeight"):
        config = {key: value for key, value in config.items() if not key.startswith("smoothing")}
    if config.get("xAxis") == "_step":
        del config["xAxis"]  # the default: the axis of `define_metric`, or else steps
    if config.get("ignoreOutliers") is False:
        del config["ignoreOutliers"]
    weight = config.get("smoothingWeight")
    if isinstance(weight, (int, float)):  # workspaces count from 0 to 100
        config["smoothingWeight"] = min(weight, _WEIGHTS - 1) / _WEIGHTS
    return cast("Json", line_of_config(config).get("settings", {}))


def _settings_source(settings: Mapping[str, Any]) -> Json:
    config = config_of_line({"settings": settings})
    keys = {key: config[key] for key in _SETTING_KEYS if key in config}
    if "smoothingWeight" in keys:
        keys["smoothingWeight"] = round(keys["smoothingWeight"] * _WEIGHTS)
    source = first_settings() | {"smoothingType": "none"} | keys
    source["smoothingActive"] = source["smoothingType"] != "none" or source["smoothingWeight"] != 0
    ends = {"xAxisMin", "xAxisMax"} & keys.keys()
    source["xAxisActive"] = source["xAxis"] != "_step" or bool(ends)
    return source


def _pinned_of(run_set: Mapping[str, Any]) -> list[str]:
    pinned = _object(_object(run_set, "runFeed"), "columnPinned")
    columns = [
        column_of_accessor(accessor)
        for accessor, is_on in pinned.items()
        if is_on and accessor != _NAME
    ]
    return [column for column in columns if column is not None]


def _names_of(sections: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of sections, each only once: weft tells them apart by these."""
    names: list[str] = []
    for number, section in enumerate(sections, 1):
        name = str(section.get("name") or f"Section {number}")
        names.append(name if name not in names else f"{name} ({number})")
    return names


def _listed(document: Mapping[str, Any]) -> list[str]:
    sections = cast("Json", document.get("sections", {}))
    order = cast("list[str]", document.get("sectionOrder", ()))
    own = [name for name in order if name in sections]
    return [*own, *(name for name in sections if name not in own)]


def _object(source: Mapping[str, Any], key: str) -> Json:
    value = source.get(key)
    return cast("Json", value) if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Json]:
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, Mapping)]
