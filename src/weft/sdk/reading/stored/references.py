"""Finds references to media and tables in logged values, at any depth. Pure.

A value of a row is a reference such as `{"_type": "image-file", "path": …}`, one that stands for a
list (`images/separated`), or a list or dict that holds such references.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

_NAMED_FILES: Final = {"images/separated": "image-file", "molecule": "molecule-file"}
"""Lists whose reference names the files only, and the type of their items."""

_LISTS: Final = frozenset({"videos", "audio", "html", "object3D"})
"""Lists whose reference holds those of the items."""

_FIELDS: Final = {
    "captions": "caption", "sizes": "size", "all_boxes": "boxes", "all_masks": "masks",
}  # fmt: skip
"""Fields with one entry per file, and what an entry is called in the reference of one image."""

_TABLES: Final = frozenset(
    {"table-file", "incremental-table-file", "joined-table", "partitioned-table"}
)

Place = tuple[int | str, ...]
"""Where a reference is in a value: indexes of lists and names of dicts, the outermost first."""


class Found(NamedTuple):
    """A reference, and where it is in its value."""

    place: Place
    value: dict[str, Any]


def media_in(value: Any, place: Place = ()) -> Iterator[Found]:
    """Yield the references to media in a value, in its order.

    >>> one = {"_type": "image-file", "path": "a.png"}
    >>> [found.place for found in media_in([None, {"left": one}, one])]
    [(1, 'left'), (2,)]
    >>> list(media_in({"_type": "images/separated", "filenames": ["a.png"], "captions": ["b"]}))
    [Found(place=(0,), value={'_type': 'image-file', 'path': 'a.png', 'caption': 'b'})]
    """
    if isinstance(value, list):
        for index, one in enumerate(cast("list[Any]", value)):
            yield from media_in(one, (*place, index))
        return
    if not isinstance(value, dict):
        return
    fields = cast("dict[str, Any]", value)
    kind = fields.get("_type")
    if isinstance(kind, str):
        if isinstance(fields.get("path"), str):
            yield Found(place, fields)
        elif kind in _NAMED_FILES:
            yield from _named_files(fields, place)
        elif kind in _LISTS:
            for inner in fields.values():
                if isinstance(inner, list):
                    yield from media_in(inner, place)
        return
    for name, inner in fields.items():
        yield from media_in(inner, (*place, name))


def tables_in(value: Any) -> list[dict[str, Any]]:
    """Return the references to tables in a value, in its order. Of a chart, the one to its table.

    >>> table = {"_type": "table-file", "path": "a.table.parquet"}
    >>> tables_in([1, {"_type": "custom-chart", "table": table}, {"b": table}]) == [table, table]
    True
    """
    if isinstance(value, list):
        return [found for one in cast("list[Any]", value) for found in tables_in(one)]
    if not isinstance(value, dict):
        return []
    fields = cast("dict[str, Any]", value)
    kind = fields.get("_type")
    if kind == "custom-chart":
        return tables_in(fields.get("table"))
    if isinstance(kind, str):
        return [fields] if kind in _TABLES else []
    return [found for one in fields.values() for found in tables_in(one)]


def _named_files(fields: Mapping[str, Any], place: Place) -> Iterator[Found]:
    kind = _NAMED_FILES[fields["_type"]]
    shared = {name: fields[name] for name in ("format", "width", "height") if name in fields}
    for index, path in enumerate(cast("list[Any]", fields.get("filenames") or [])):
        one: dict[str, Any] = {"_type": kind, "path": path, **shared}
        for plural, name in _FIELDS.items():
            entries: list[Any] = fields.get(plural) or []
            if index < len(entries) and entries[index] is not None:
                one[name] = entries[index]
        if "size" in one:
            one["width"], one["height"] = one.pop("size")
        yield Found((*place, index), one)
