"""Run sets: W&B's `runSets` of a grid or a workspace, and weft's selections of runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from weft.errors import NotFound
from weft.server.services.access import ProjectPath
from weft.wandb_gateway.ids import make_id, project_number, run_id, run_path
from weft.wandb_gateway.reports.columns import column_of_key, key_of_column
from weft.wandb_gateway.reports.filters import V2, filter_text_of, filters_of_text

Json = dict[str, Any]

FIRST_NAME: Final = "Run set"
"""The name of run sets that no one named."""

_WEFT_FILTER: Final = "weftFilter"
"""The key with a filter that W&B has no form for."""

_NEWEST_FIRST: Final = {"key": {"section": "run", "name": "createdAt"}, "ascending": False}


def run_set_of(source: Mapping[str, Any]) -> Json:
    """A run set of weft, without the members that are as at first.

    >>> run_set_of({"name": "Run set", "search": {"query": "base"}, "grouping": [
    ...     {"section": "config", "name": "lr.value"}]})
    {'runSearch': 'base', 'groupBy': ['config.lr']}
    """
    search = _object(source, "search")
    project = _object(source, "project")
    name = source.get("name")
    entity, project_name = project.get("entityName"), project.get("name")
    members: Json = {
        "name": name[:512] if isinstance(name, str) and name != FIRST_NAME else "",
        "project": f"{entity}/{project_name}" if entity and project_name else None,
        "filter": _filter_of(source),
        "runSearch": str(search.get("query") or "")[:512],
        "isRunRegex": search.get("isRegex") is True,
        "groupBy": [
            column for key in _objects(source, "grouping") if (column := column_of_key(key))
        ],
        "order": _order_of(source),
        "selection": _selection_of(_object(source, "selections")),
        "baseline": _baseline_of(source.get("baselineRunId")),
    }
    run_set = {key: value for key, value in members.items() if value}
    return run_set if source.get("enabled", True) else {**run_set, "isShown": False}


def source_of(id_: str, run_set: Mapping[str, Any]) -> Json:
    """The run set as W&B's client writes it."""
    search: Json = {"query": run_set.get("runSearch", "")}
    if run_set.get("isRunRegex"):
        search["isRegex"] = True
    text = run_set.get("filter", "")
    filters = filters_of_text(text)
    order = [
        {"key": key_of_column(order["column"]), "ascending": not order.get("descending", False)}
        for order in run_set.get("order", ())
    ]
    project = run_set.get("project")
    entity, _, name = str(project or "").partition("/")
    source: Json = {
        "id": id_,
        "runFeed": first_feed(),
        "enabled": run_set.get("isShown", True),
        **({"project": _project(ProjectPath(entity, name))} if entity and name else {}),
        "name": run_set.get("name") or FIRST_NAME,
        "search": search,
        "filters": {"filterFormat": V2, "filters": []} if filters is None else filters,
        "grouping": [key_of_column(column) for column in run_set.get("groupBy", ())],
        "sort": {"keys": order or [_NEWEST_FIRST]},
        "selections": _selections_of(run_set.get("selection")),
        "expandedRowAddresses": [],
    }
    baseline = run_set.get("baseline")
    if baseline and entity and name:
        source["baselineRunId"] = run_id(ProjectPath(entity, name).run(baseline))
    if filters is None:
        source[_WEFT_FILTER] = text
    return source


def first_feed() -> Json:
    """The columns of a table of runs that the client writes where no one chose any."""
    return {
        "version": 2,
        "columnVisible": {},
        "columnPinned": {},
        "columnWidths": {},
        "columnOrder": [],
        "pageSize": 10,
        "onlyShowSelected": False,
    }


def _project(path: ProjectPath) -> Json:
    number = make_id("ProjectInternalId", project_number(path))
    return {"name": path.project, "entityName": path.entity, "id": number}


def _filter_of(source: Mapping[str, Any]) -> str:
    own = source.get(_WEFT_FILTER)
    filters = source.get("filters")
    if isinstance(own, str) and filters == {"filterFormat": V2, "filters": []}:
        return own
    return filter_text_of(filters)


def _order_of(source: Mapping[str, Any]) -> list[Json]:
    keys = _objects(_object(source, "sort"), "keys")
    if keys == [_NEWEST_FIRST]:
        return []
    return [
        {"column": column, "descending": not key.get("ascending")}
        for key in keys
        if (column := column_of_key(_object(key, "key")))
    ]


def _selection_of(selections: Mapping[str, Any]) -> Json | None:
    """Chosen runs: `tree` are the only ones with root 0, the hidden ones with root 1."""
    runs: list[str] = []
    for item in cast("list[Any]", selections.get("tree") or []):
        if isinstance(item, str):
            runs.append(item)
        elif isinstance(item, Mapping):
            children = cast("Json", item).get("children") or ()
            runs += [child for child in children if isinstance(child, str)]
    if selections.get("root") == 0:
        return {"base": "none", "on": runs, "off": []}
    return {"base": "all", "on": [], "off": runs} if runs else None


def _selections_of(selection: Mapping[str, Any] | None) -> Json:
    chosen = selection or {}
    if chosen.get("base") == "none":
        return {"root": 0, "bounds": [], "tree": list(chosen.get("on", ()))}
    return {"root": 1, "bounds": [], "tree": list(chosen.get("off", ()))}


def _baseline_of(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return run_path(value).run
    except NotFound:
        return value


def _object(source: Mapping[str, Any], key: str) -> Json:
    value = source.get(key)
    return cast("Json", value) if isinstance(value, Mapping) else {}


def _objects(source: Mapping[str, Any], key: str) -> list[Json]:
    value = source.get(key)
    items = cast("list[Any]", value) if isinstance(value, list) else []
    return [cast("Json", item) for item in items if isinstance(item, Mapping)]
