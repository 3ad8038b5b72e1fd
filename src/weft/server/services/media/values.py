"""Reads logged objects: of which kind one is, and which files it refers to.

Receives values from the metric store. Their format is W&B's: an object with `_type`, such as
`{"_type": "image-file", "path": "media/images/…"}`, or one that stands for a list. Values come
from scripts, so any field may be anything; what is not as expected is left out. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

from weft.errors import ConfigError
from weft.records.file_paths import check_file_path
from weft.server.services.charting.histograms import read_histogram
from weft.wire.media import Chart, TableJoin

_KINDS: Final[Mapping[str, str]] = {
    "image-file": "image",
    "images/separated": "image",
    "video-file": "video",
    "videos": "video",
    "audio-file": "audio",
    "audio": "audio",
    "html-file": "html",
    "html": "html",
    "object3D-file": "object3d",
    "object3D": "object3d",
    "molecule-file": "molecule",
    "molecule": "molecule",
    "plotly-file": "plotly",
    "bokeh-file": "bokeh",
    "table-file": "table",
    "incremental-table-file": "table",
    "joined-table": "table",
    "partitioned-table": "table",
    "custom-chart": "chart",
    "graph-file": "graph",
}
_ITEMS: Final = {"videos": "videos", "audio": "audio", "html": "html", "object3D": "objects"}
"""By type of a list: the field with the references of its items."""


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

    Attributes:
        error: why the script could not store it. None if it could.
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
    """The kind of a logged object: one of `OBJECT_KINDS`.

    >>> kind_of_object({"_type": "image-file", "path": "media/images/a.png"}), kind_of_object("a")
    ('image', 'other')
    """
    is_list = isinstance(value, list)
    if is_list:
        value = next(iter(cast("list[Any]", value)), None)
    if not isinstance(value, dict):
        return "other"
    logged = cast("dict[str, Any]", value)
    if read_histogram(logged) is not None:
        return "other" if is_list else "histogram"  # a panel draws one at a step
    return _KINDS.get(_text(logged.get("_type")) or "", "other")


def items_of(value: Any) -> list[Item]:
    """The files that a logged object refers to, in order; empty if it is not media.

    >>> [one.path for one in items_of({"_type": "images/separated", "filenames": ["a.png", "b"]})]
    ['a.png', 'b']
    """
    if isinstance(value, list):
        return [item for one in cast("list[Any]", value) for item in items_of(one)]
    if not isinstance(value, dict):
        return []
    logged = cast("dict[str, Any]", value)
    type_name = _text(logged.get("_type")) or ""
    kind = _KINDS.get(type_name)
    if kind is None:
        return []
    if type_name == "images/separated":
        found = _separated(logged)
    elif type_name == "molecule":
        captions = _list(logged.get("captions"))
        found = (
            {
                "path": path,
                "error": logged.get("error"),
                "caption": captions[nth] if nth < len(captions) else None,
            }
            for nth, path in enumerate(_list(logged.get("filenames")))
        )
    elif type_name == "custom-chart":
        # The file of a chart is that of its table.
        found = iter(({**logged, "path": _dict(logged.get("table")).get("path")},))
    elif type_name == "joined-table":
        found = iter(({**logged, "path": _dict(logged.get("table1")).get("path")},))
    elif type_name in _ITEMS:
        error = {"error": logged.get("error")}
        found = (error | _dict(one) for one in _list(logged.get(_ITEMS[type_name])))
    else:
        found = iter((logged,))
    return [item for one in found if (item := _item(kind, one)) is not None]


def _separated(logged: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The references that a list of images stands for."""
    plural = {"caption": "captions", "boxes": "all_boxes", "masks": "all_masks"}
    lists = {name: _list(logged.get(field)) for name, field in plural.items()}
    sizes = _list(logged.get("sizes"))
    for nth, path in enumerate(_list(logged.get("filenames"))):
        one: dict[str, Any] = {
            "path": path,
            "error": logged.get("error"),
            "width": logged.get("width"),
            "height": logged.get("height"),
        }
        if nth < len(sizes) and len(size := _list(sizes[nth])) == 2:
            one["width"], one["height"] = size
        yield one | {name: values[nth] for name, values in lists.items() if nth < len(values)}


def _item(kind: str, logged: Mapping[str, Any]) -> Item | None:
    path = _path(logged.get("path"))
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
    if path is None or [type(one) for one in keys] != [str, str]:
        return None
    return TableJoin(path=path, keys=(keys[0], keys[1]))


def _texts(given: Any) -> dict[str, str]:
    return {
        name: str(value)
        for name, value in _dict(given).items()
        if isinstance(value, str | int | float)
    }


def _layers(kind: str, given: Any) -> Iterator[Layer]:
    for name, one in _dict(given).items():
        logged = _dict(one)
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
    return {name: one for name, one in cast("dict[Any, Any]", value).items() if type(name) is str}
