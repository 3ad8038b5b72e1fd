"""Makes media and tables again of their references and files in an artifact. Reads files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from weft.errors import UsageError
from weft.sdk.media.audio import Audio
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.figures import Bokeh, Plotly
from weft.sdk.media.histogram import Histogram
from weft.sdk.media.html import Html
from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media, Origin
from weft.sdk.media.molecule import Molecule
from weft.sdk.media.object3d import Object3D
from weft.sdk.media.tables.joined import JoinedTable, PartitionedTable
from weft.sdk.media.tables.reading import read_table
from weft.sdk.media.tables.table import Table
from weft.sdk.media.video import Video

TABLE_ENDS: Final = (".table.parquet", ".table.json")
"""How the paths of tables end: weft's, and W&B's."""

_OF_A_FILE: Final[dict[str, Callable[..., Media]]] = {
    "audio-file": Audio,
    "bokeh-file": Bokeh,
    "html-file": Html,
    "molecule-file": Molecule,
    "object3D-file": Object3D,
    "plotly-file": Plotly,
    "video-file": Video,
}

_OF_TABLES: Final = frozenset({"joined-table", "partitioned-table"})

KINDS: Final = (
    *_OF_A_FILE, "boxes2D", "classes", "histogram", "image-file", "joined-table", "mask",
    "partitioned-table",
)  # fmt: skip
"""What a JSON file of an artifact may be: `name.image-file.json`."""


def paths_in(value: Any) -> Iterator[str]:
    """The paths of the files that references in a value need, at any depth.

    >>> [*paths_in({"_type": "image-file", "path": "a.png", "masks": {"m": {"path": "m.png"}}})]
    ['a.png', 'm.png']
    """
    if isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from paths_in(one)
    elif isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            if name == "path" and isinstance(one, str) and one:
                yield one
            else:
                yield from paths_in(one)


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
            found = msgspec.json.decode(file.read_bytes())
            table = Table(columns=found["columns"], data=found["data"], allow_mixed_types=True)
        else:
            table = read_table(file)
        rows = table.data
        files = self._fetch(sorted({*paths_in(rows)}))
        for row in rows:
            row[:] = [self._cell(cell, files) for cell in row]
        return table

    def value(self, content: bytes) -> Any:
        """What a JSON file of the artifact is.

        Raises:
            UsageError: it is nothing that weft knows.
        """
        reference = msgspec.json.decode(content)
        if reference.get("_type") in _OF_TABLES:  # each fetches what it needs
            return self._made(reference, {})
        files = self._fetch(sorted(set(paths_in(reference))))
        return self._made(reference, files)

    def _cell(self, cell: Any, files: Mapping[str, Path | str]) -> Any:
        if isinstance(cell, list):
            return [self._cell(one, files) for one in cast("list[Any]", cell)]
        if not isinstance(cell, dict):
            return cell
        fields = cast("dict[str, Any]", cell)
        if fields.get("_type") in KINDS:
            return self._made(fields, files)
        return {name: self._cell(one, files) for name, one in fields.items()}

    def _made(self, reference: Mapping[str, Any], files: Mapping[str, Path | str]) -> Any:
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
        if kind == "image-file":
            made: Media = self._image(reference, files)
        elif kind in _OF_A_FILE:
            caption = reference.get("caption")
            made = _OF_A_FILE[kind](files[reference["path"]], caption=caption)
        else:
            raise UsageError(f"this version of weft knows no {kind!r}")
        made.restore(reference, self._origin_of(reference["path"]))
        return made

    def _joined(self, table: Any) -> Table:
        """A table of a join: its reference, or its path as a script gave it."""
        path = table if isinstance(table, str) else str(table["path"])
        name = next((path.removesuffix(end) for end in TABLE_ENDS if path.endswith(end)), path)
        return self.table(self._find(name) or path)

    def _image(self, reference: Mapping[str, Any], files: Mapping[str, Path | str]) -> Image:
        boxes = {
            name: _boxes(files[one["path"]]) for name, one in reference.get("boxes", {}).items()
        }
        masks = {name: _mask(one, files) for name, one in reference.get("masks", {}).items()}
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
