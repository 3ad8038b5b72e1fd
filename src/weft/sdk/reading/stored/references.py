"""Finds references to media and tables in logged values, at any depth. Pure.

A value of a row is a reference such as `{"_type": "image-file", "path": …}`, one that stands for a
list (`images/separated`), or a list or dict that holds such references.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from weft.records.files.media_kinds import KIND_OF_TYPE, OBJECT_TYPES, item_references

Position = tuple[int | str, ...]
"""A reference's position in a value: indexes of lists and names of dicts, the outermost first."""


class Reference(NamedTuple):
    """A reference, and its position in its value."""

    position: Position
    value: dict[str, Any]


def media_in(value: Any, position: Position = ()) -> Iterator[Reference]:
    """Yield the references to media in a value, in its order.

    >>> image = {"_type": "image-file", "path": "a.png"}
    >>> [reference.position for reference in media_in([None, {"left": image}, image])]
    [(1, 'left'), (2,)]
    >>> list(media_in({"_type": "images/separated", "filenames": ["a.png"], "captions": ["b"]}))
    [Reference(position=(0,), value={'_type': 'image-file', 'path': 'a.png', 'caption': 'b'})]
    """
    if isinstance(value, list):
        for index, part in enumerate(cast("list[Any]", value)):
            yield from media_in(part, (*position, index))
        return
    if not isinstance(value, dict):
        return
    fields = cast("dict[str, Any]", value)
    name = fields.get("_type")
    if not isinstance(name, str):
        for field, part in fields.items():
            yield from media_in(part, (*position, field))
    elif isinstance(fields.get("path"), str):
        yield Reference(position, fields)
    elif name in OBJECT_TYPES and OBJECT_TYPES[name].items:
        for index, item in enumerate(item_references(fields)):
            if isinstance(item.get("path"), str):
                yield Reference((*position, index), dict(item))


def tables_in(value: Any) -> list[dict[str, Any]]:
    """Return the references to tables in a value, in its order. Of a chart, the one to its table.

    >>> table = {"_type": "table-file", "path": "a.table.parquet"}
    >>> tables_in([1, {"_type": "custom-chart", "table": table}, {"b": table}]) == [table, table]
    True
    """
    if isinstance(value, list):
        return [table for part in cast("list[Any]", value) for table in tables_in(part)]
    if not isinstance(value, dict):
        return []
    fields = cast("dict[str, Any]", value)
    name = fields.get("_type")
    if not isinstance(name, str):
        return [table for part in fields.values() for table in tables_in(part)]
    kind = KIND_OF_TYPE.get(name)
    if kind == "chart":
        return tables_in(fields.get("table"))
    return [fields] if kind == "table" else []
