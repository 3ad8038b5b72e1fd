"""Reads logged objects: their kinds, and the files that they refer to.

Receives values from the metric store. Their format is W&B's: an object with `_type`, such as
`{"_type": "image-file", "path": "media/images/…"}`, or one that stands for a list. Values come
from scripts, so any field may have any type; unexpected values are left out. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from weft.errors import ConfigError
from weft.records.files.file_paths import check_file_path
from weft.records.files.media_kinds import (
    KIND_OF_TYPE,
    OBJECT_TYPES,
    chart_table_key,
    item_references,
)
from weft.server.services.charting.histograms import read_histogram
from weft.wire.metrics.media import Chart, TableJoin


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of an image. `labels`: names of classes, by id."""

    kind: str
    name: str
    path: str
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Item:
    """One of the files that a value refers to.

    `error` is the reason why the script could not store it.
    """

    kind: str
    path: str
    error: str | None = None
    caption: str | None = None
    width: int | None = None
    height: int | None = None
    layers: Sequence[Layer] = ()
    chart: Chart | None = None
    join: TableJoin | None = None


def kind_of_object(value: Any) -> str:
    """The kind of a logged object: one of `MEDIA_KINDS`, or `other`.

    >>> kind_of_object({"_type": "image-file", "path": "media/images/a.png"}), kind_of_object("a")
    ('image', 'other')
    """
    is_list = isinstance(value, list)
    if is_list:
        value = next(iter(cast("list[Any]", value)), None)
    kind = KIND_OF_TYPE.get(_type_name(value), "other")
    if kind == "histogram" and (is_list or read_histogram(value) is None):
        return "other"  # a panel draws one at a step
    return kind


def tables_of_charts(values: Mapping[str, Any]) -> set[str]:
    """The keys of tables that were logged with a chart: they have its name and its file.

    >>> table = {"_type": "table-file", "path": "a.parquet"}
    >>> chart = {"_type": "custom-chart", "table": table}
    >>> tables_of_charts({"roc": chart, "roc_table": table, "rows": table, "rows_table": table})
    {'roc_table'}
    """
    tables = set[str]()
    for key, value in values.items():
        if kind_of_object(value) == "chart" and not isinstance(value, list):
            table_key = chart_table_key(key)
            path = _path(_dict(_dict(value).get("table")).get("path"))
            if path is not None and _dict(values.get(table_key)).get("path") == path:
                tables.add(table_key)
    return tables


def items_of(value: Any) -> list[Item]:
    """The files that a logged object refers to, in order; empty if it is not media.

    >>> images = {"_type": "images/separated", "filenames": ["a.png", "b"]}
    >>> [item.path for item in items_of(images)]
    ['a.png', 'b']
    """
    if isinstance(value, list):
        return [item for part in cast("list[Any]", value) for item in items_of(part)]
    name = _type_name(value)
    if name not in OBJECT_TYPES:
        return []
    kind, table = KIND_OF_TYPE[name], OBJECT_TYPES[name].table
    items = (
        _item(kind, reference, _dict(reference.get(table)) if table else reference)
        for reference in item_references(value)
    )
    return [item for item in items if item is not None]


def _type_name(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return _text(cast("dict[str, Any]", value).get("_type")) or ""


def _item(kind: str, logged: Mapping[str, Any], filed: Mapping[str, Any]) -> Item | None:
    """Read a reference. `filed` is the one that has the path: itself, or its table's."""
    path = _path(filed.get("path"))
    if path is None:
        return None
    return Item(
        kind,
        path,
        _text(logged.get("error")),
        _text(logged.get("caption")) or None,
        _pixels(logged.get("width")),
        _pixels(logged.get("height")),
        [*_layers("boxes", logged.get("boxes")), *_layers("mask", logged.get("masks"))],
        _chart(logged) if kind == "chart" else None,
        _join(logged),
    )


def _chart(logged: Mapping[str, Any]) -> Chart:
    preset = _text(logged.get("preset")) or ""
    fields, strings = (_texts(logged.get(name)) for name in ("fields", "strings"))
    return Chart(preset=preset, fields=fields, strings=strings)


def _join(logged: Mapping[str, Any]) -> TableJoin | None:
    path = _path(_dict(logged.get("table2")).get("path"))
    key = logged.get("join_key")
    keys = [key, key] if isinstance(key, str) else _list(key)
    if path is None or [type(name) for name in keys] != [str, str]:
        return None
    return TableJoin(path=path, keys=(keys[0], keys[1]))


def _texts(value: Any) -> dict[str, str]:
    fields = _dict(value)
    return {
        name: str(text) for name, text in fields.items() if isinstance(text, str | int | float)
    }


def _layers(kind: str, layers: Any) -> Iterator[Layer]:
    for name, layer in _dict(layers).items():
        logged = _dict(layer)
        path = _path(logged.get("path"))
        if path is not None:
            labels = _dict(logged.get("class_labels"))
            texts = {number: label for number, label in labels.items() if isinstance(label, str)}
            yield Layer(kind, name, path, texts)


def _path(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return check_file_path(value)
    except ConfigError:
        return None


def _pixels(value: Any) -> int | None:
    return value if type(value) is int and 0 < value < 2**31 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {}
    return {
        name: part for name, part in cast("dict[Any, Any]", value).items() if type(name) is str
    }
