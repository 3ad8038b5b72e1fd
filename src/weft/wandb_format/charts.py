"""Charts of `wandb.plot`, which the client writes to the config, and their tables to rows. Pure.

In weft a chart is a value of the row, next to its table, so it has steps like everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from weft.records.files.media_kinds import chart_table_key

Amend = Callable[[dict[str, Any]], None]
"""Changes a row."""

_CHARTS: Final = "visualize"
"""The entry of the charts in what the client notes for itself, by the keys under which they are
logged."""

_VISUALIZED: Final = "viz"
"""The entry of those of `wandb.visualize`: a preset's name alone, with the table under the key."""

_TABLES: Final = frozenset({"table-file", "incremental-table-file"})


def all_of(*amends: Amend | None) -> Amend | None:
    """A function that makes several changes; None if there are none.

    >>> all_of(None, None) is None
    True
    """
    present = [amend for amend in amends if amend is not None]
    if len(present) < 2:
        return present[0] if present else None

    def amend(row: dict[str, Any]) -> None:
        for change in present:
            change(row)

    return amend


def charts_in(internal: Mapping[str, Any]) -> Amend | None:
    """A function that adds the charts of a config to rows with their tables; None if it has none.

    >>> settings = {"panelDefId": "wandb/line/v0", "fieldSettings": {"x": "step", "stroke": None}}
    >>> amend = charts_in({"visualize": {"pr": {"panel_type": "Vega2", "panel_config": settings}}})
    >>> row = {"pr_table": {"_type": "table-file", "path": "media/table/a.table.json"}}
    >>> amend(row)
    >>> row["pr"]["preset"], row["pr"]["fields"]
    ('wandb/line/v0', {'x': 'step'})
    >>> amend = charts_in({"viz": {"importance": {"id": "wandb/feature_importances/v1"}}})
    >>> row = {"importance": {"_type": "table-file", "path": "media/table/b.table.json"}}
    >>> amend(row)
    >>> row["importance"]["preset"], row["importance"]["table"]["path"]
    ('wandb/feature_importances/v1', 'media/table/b.table.json')
    """
    by_table: dict[str, tuple[str, dict[str, Any]]] = {}
    for key, chart in _dict(internal.get(_CHARTS)).items():
        if isinstance(chart, dict):
            entry = cast("dict[str, Any]", chart)
            by_table[_table_of(key, entry)] = (key, entry)
    visualized = {
        key: {"panel_config": {"panelDefId": _dict(chart).get("id")}}
        for key, chart in _dict(internal.get(_VISUALIZED)).items()
    }

    def amend(row: dict[str, Any]) -> None:
        for key in visualized.keys() & row.keys():
            if _is_table(row[key]):
                row[key] = _value(visualized[key], row[key])
        for table_key in by_table.keys() & row.keys():
            table = row[table_key]
            key, chart = by_table[table_key]
            if key not in row and _is_table(table):
                row[key] = _value(chart, table)

    return amend if by_table or visualized else None


def chart_tables(internal: Mapping[str, Any]) -> dict[str, str]:
    """The keys of a config's charts, by the keys of their tables.

    >>> chart_tables({"visualize": {"pr": {}}, "viz": {"importance": {}}})
    {'pr_table': 'pr', 'importance': 'importance'}
    """
    return {
        **{
            _table_of(key, _dict(chart)): key
            for key, chart in _dict(internal.get(_CHARTS)).items()
            if isinstance(chart, dict)
        },
        **{key: key for key in _dict(internal.get(_VISUALIZED))},
    }


def _is_table(value: Any) -> bool:
    return _dict(value).get("_type") in _TABLES


def _value(chart: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, Any]:
    config = _dict(chart.get("panel_config"))
    return {
        "_type": "custom-chart",
        "panel_type": str(chart.get("panel_type") or "Vega2"),
        "preset": str(config.get("panelDefId") or ""),
        "fields": _texts(config.get("fieldSettings")),
        "strings": _texts(config.get("stringSettings")),
        "table": dict(table),
    }


def _table_of(key: str, chart: Mapping[str, Any]) -> str:
    """The key of a chart's table, which its query names; else the one that clients choose."""
    query = _dict(_dict(chart.get("panel_config")).get("userQuery"))
    for run_sets in _list(query.get("queryFields")):
        for field in _list(_dict(run_sets).get("fields")):
            for argument in _list(_dict(field).get("args")):
                named = _dict(argument)
                if named.get("name") == "tableKey":
                    return str(named.get("value"))
    return chart_table_key(key)


def _texts(value: Any) -> dict[str, str]:
    return {key: str(text) for key, text in _dict(value).items() if text is not None}


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
