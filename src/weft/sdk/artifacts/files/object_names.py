"""The paths of tables and media in artifacts: an object's name, then its type's."""

from __future__ import annotations

from typing import Final

from weft.records.files.media_kinds import CLASS_OF_TYPE

TABLE_ENDS: Final = (".table.parquet", ".table.json")
"""Ends of the paths of tables: weft's, and W&B's."""

OBJECT_TYPES: Final = (
    *(name for name in CLASS_OF_TYPE if name != "table-file"), "boxes2D", "classes", "mask",
)  # fmt: skip
"""The types of objects that a JSON file of an artifact can hold."""

OBJECT_ENDS: Final = (*TABLE_ENDS, *(f".{name}.json" for name in OBJECT_TYPES))
"""The ends of the paths of all objects: `name.image-file.json`."""


def named_object(name: str, type_: str) -> str:
    """The path of an object.

    >>> named_object("eval", "table"), named_object("a.image-file.json", "image-file")
    ('eval.table.parquet', 'a.image-file.json')
    """
    name, end = name.strip("/"), TABLE_ENDS[0] if type_ == "table" else f".{type_}.json"
    return name if name.endswith(end) else name + end
