"""Makes media and tables again of their references and files in an artifact. Reads files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from weft.errors import UsageError
from weft.records.files.media_kinds import CLASS_OF_TYPE
from weft.sdk.media import classes
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.histogram import Histogram
from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media, Origin
from weft.sdk.media.tables.joined import JoinedTable, PartitionedTable
from weft.sdk.media.tables.reading import read_table
from weft.sdk.media.tables.table import Table

TABLE_ENDS: Final = (".table.parquet", ".table.json")
"""Ends of the paths of tables: weft's, and W&B's."""

_OF_TABLES: Final = frozenset({"joined-table", "partitioned-table"})

_TYPES: Final = (
    *(name for name in CLASS_OF_TYPE if name != "table-file"), "boxes2D", "classes", "mask",
)  # fmt: skip
"""The types of objects that a JSON file of an artifact can hold."""

OBJECT_ENDS: Final = tuple(f".{name}.json" for name in _TYPES)
"""The ends of the paths of these files: `name.image-file.json`."""


def paths_in(value: Any) -> Iterator[str]:
    """The paths of the files that references in a value need, at any depth.

    >>> [*paths_in({"_type": "image-file", "path": "a.png", "masks": {"m": {"path": "m.png"}}})]
    ['a.png', 'm.png']
    """
    if isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from paths_in(part)
    elif isinstance(value, dict):
        for name, part in cast("dict[str, Any]", value).items():
            if name == "path" and isinstance(part, str) and part:
                yield part
            else:
                yield from paths_in(part)


class Restoring:
    """Makes values again of what an artifact stored of them.

    Args:
        fetch: fetches files by their paths in the artifact, and says where each is: a path on
            this machine, or the address of a file that is kept elsewhere and can't be fetched.
        origin_of: the origin of a file; None if nothing can refer to it.
        tables_in: the paths of the tables in a folder.
        find: the path of the table that was added under a name, or None.
    """

    def __init__(
        self,
        fetch: Callable[[list[str]], Mapping[str, Path | str]],
        origin_of: Callable[[str], Origin | None],
        tables_in: Callable[[str], list[str]],
        find: Callable[[str], str | None],
    ) -> None:
        self._fetch = fetch
        self._origin_of = origin_of
        self._tables_in = tables_in
        self._find = find

    def table(self, path: str) -> Table:
        """A table, with the media in its cells.

        Raises:
            ConfigError: the file is no table.
        """
        file = self._fetch([path])[path]
        if isinstance(file, str):
            raise UsageError(f"the table {path} is kept elsewhere: {file}")
        if path.endswith(".json"):
            content = msgspec.json.decode(file.read_bytes())
            table = Table(columns=content["columns"], data=content["data"], allow_mixed_types=True)
        else:
            table = read_table(file)
        rows = table.data
        files = self._fetch(sorted({*paths_in(rows)}))
        for row in rows:
            row[:] = [self._cell(cell, files) for cell in row]
        return table

    def value(self, content: bytes) -> Any:
        """The object of a JSON file of the artifact.

        Raises:
            UsageError: its type is unknown.
        """
        reference = msgspec.json.decode(content)
        if reference.get("_type") in _OF_TABLES:  # each fetches what it needs
            return self._restored(reference, {})
        files = self._fetch(sorted(set(paths_in(reference))))
        return self._restored(reference, files)

    def _cell(self, cell: Any, files: Mapping[str, Path | str]) -> Any:
        if isinstance(cell, list):
            return [self._cell(part, files) for part in cast("list[Any]", cell)]
        if not isinstance(cell, dict):
            return cell
        fields = cast("dict[str, Any]", cell)
        if fields.get("_type") in _TYPES:
            return self._restored(fields, files)
        return {name: self._cell(part, files) for name, part in fields.items()}

    def _restored(self, reference: Mapping[str, Any], files: Mapping[str, Path | str]) -> Any:
        kind = reference.get("_type")
        if kind == "joined-table":
            left, right = (self._joined(reference[name]) for name in ("table1", "table2"))
            return JoinedTable(left, right, reference["join_key"])
        if kind == "partitioned-table":
            folder = str(reference["parts_path"]).rstrip("/")
            parts = [self.table(path) for path in self._tables_in(f"{folder}/")]
            return PartitionedTable.of_parts(reference["parts_path"], parts)
        if kind == "classes":
            return Classes(reference["class_set"])
        if kind == "histogram":
            return Histogram(np_histogram=(reference["values"], reference["bins"]))
        if kind == "boxes2D":
            return BoundingBoxes2D(_boxes(files[reference["path"]]), str(reference.get("key", "")))
        if kind == "mask":
            return ImageMask(_mask(reference, files), str(reference.get("key", "")))
        if kind not in _TYPES:
            raise UsageError(f"unknown type {kind!r}: install the version of weft that stored it")
        if kind == "image-file":
            media: Media = self._image(reference, files)
        else:
            _, _, name = CLASS_OF_TYPE[kind].rpartition(".")
            media = getattr(classes, name).from_stored(files[reference["path"]], reference)
        media.restore(reference, self._origin_of(reference["path"]))
        return media

    def _joined(self, table: Any) -> Table:
        """A table of a join: its reference, or its path as a script gave it."""
        path = table if isinstance(table, str) else str(table["path"])
        name = next((path.removesuffix(end) for end in TABLE_ENDS if path.endswith(end)), path)
        return self.table(self._find(name) or path)

    def _image(self, reference: Mapping[str, Any], files: Mapping[str, Path | str]) -> Image:
        boxes = {
            name: _boxes(files[layer["path"]])
            for name, layer in reference.get("boxes", {}).items()
        }
        masks = {name: _mask(layer, files) for name, layer in reference.get("masks", {}).items()}
        return Image(
            files[reference["path"]],
            caption=reference.get("caption"),
            boxes=boxes or None,
            masks=masks or None,
        )


def _boxes(file: Path | str) -> dict[str, Any]:
    return msgspec.json.decode(Path(file).read_bytes())


def _mask(reference: Mapping[str, Any], files: Mapping[str, Path | str]) -> dict[str, Any]:
    return {
        "path": files[reference["path"]],
        "class_labels": reference.get("class_labels"),
    }
