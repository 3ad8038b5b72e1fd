"""Makes media and tables again of their references and files in a version. Does I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from weft.errors import NoSuchEntry, UsageError
from weft.records.files.media_kinds import CLASS_HOMES, CLASS_OF_TYPE
from weft.sdk.artifacts.fetching.version_files import FilePage, VersionFiles
from weft.sdk.artifacts.files.addresses import is_fetchable
from weft.sdk.artifacts.files.object_names import OBJECT_TYPES, TABLE_ENDS
from weft.sdk.media.boxes import BoundingBoxes2D
from weft.sdk.media.class_labels import Classes
from weft.sdk.media.histogram import Histogram
from weft.sdk.media.image import Image
from weft.sdk.media.masks import ImageMask
from weft.sdk.media.media import Media, Origin
from weft.wire.artifacts.files import ArtifactFile

if TYPE_CHECKING:
    from weft.sdk.media.tables.table import Table

_OF_TABLES: Final = frozenset({"joined-table", "partitioned-table"})


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


def get_object(files: VersionFiles, path: str, fetch: Callable[[Iterable[FilePage]], str]) -> Any:
    """Make the object at a path again. `fetch` fetches files, and returns their folder."""
    restoring = Restoring(ObjectFiles(files, fetch))
    if path.endswith(TABLE_ENDS):
        return restoring.table(path)
    return restoring.value(Path(fetch(files.pages_of([path])), path).read_bytes())


class ObjectFiles:
    """The files of a version that an object needs, and their origins.

    `fetch` returns their folder.
    """

    def __init__(self, files: VersionFiles, fetch: Callable[[Iterable[FilePage]], str]) -> None:
        self._files = files
        self._fetch = fetch
        self._listed: dict[str, ArtifactFile] = {}

    def fetch(self, paths: list[str]) -> Mapping[str, Path | str]:
        """Fetch files; each one's path on this machine, or address if it can't be fetched."""
        new = [path for path in paths if path not in self._listed]
        folder = Path(self._fetch(self._pages(new)))
        lost = [path for path in paths if path not in self._listed]
        if lost:
            target = self._files.target
            raise NoSuchEntry(f"artifact {target.name}:{target.ref} has no file {lost[0]!r}")
        return {path: self._address_of(path) or folder / path for path in paths}

    def origin_of(self, path: str) -> Origin | None:
        """The origin of a file; None if nothing can refer to it yet."""
        address, file = self._files.address_of(path), self._listed[path]
        if address is None:
            return None
        if file.reference is not None:
            return Origin(file.reference, file.n_bytes, file.checksum or "")
        return Origin(address, file.n_bytes, file.sha256)

    def tables_in(self, folder: str) -> list[str]:
        """The paths of the tables in a folder."""
        files = self._files.listed(prefix=folder)
        return [file.path for file in files if file.path.endswith(TABLE_ENDS)]

    def table_path(self, path: str) -> str:
        """The path of a table in the version, by its path in the script that added it."""
        name = next((path.removesuffix(end) for end in TABLE_ENDS if path.endswith(end)), path)
        return self._files.object_path(name) or path

    def _pages(self, paths: list[str]) -> Iterator[FilePage]:
        for page in self._files.pages_of(paths):
            self._listed.update((file.path, file) for file, _ in page)
            yield [pair for pair in page if self._address_of(pair[0].path) is None]

    def _address_of(self, path: str) -> str | None:
        """The address of a file that can't be fetched."""
        address = self._listed[path].reference
        return None if address is None or is_fetchable(address) else address


class Restoring:
    """Makes values again of what an artifact stored of them."""

    def __init__(self, files: ObjectFiles) -> None:
        self._files = files

    def table(self, path: str) -> Table:
        """A table, with the media in its cells; ConfigError if the file is another."""
        file = self._files.fetch([path])[path]
        if isinstance(file, str):
            raise UsageError(f"the table {path} is kept elsewhere: {file}")
        if path.endswith(".json"):
            from weft.sdk.media.tables.table import Table

            content = msgspec.json.decode(file.read_bytes())
            table = Table(columns=content["columns"], data=content["data"], allow_mixed_types=True)
        else:
            from weft.sdk.media.tables.reading import read_table

            table = read_table(file)
        rows = table.data
        files = self._files.fetch(sorted({*paths_in(rows)}))
        for row in rows:
            row[:] = [self._cell(cell, files) for cell in row]
        return table

    def value(self, content: bytes) -> Any:
        """The object of a JSON file of the artifact; UsageError if its type is unknown."""
        reference = msgspec.json.decode(content)
        if reference.get("_type") in _OF_TABLES:  # each fetches what it needs
            return self._restored(reference, {})
        files = self._files.fetch(sorted(set(paths_in(reference))))
        return self._restored(reference, files)

    def _cell(self, cell: Any, files: Mapping[str, Path | str]) -> Any:
        if isinstance(cell, list):
            return [self._cell(part, files) for part in cast("list[Any]", cell)]
        if not isinstance(cell, dict):
            return cell
        fields = cast("dict[str, Any]", cell)
        if fields.get("_type") in OBJECT_TYPES:
            return self._restored(fields, files)
        return {name: self._cell(part, files) for name, part in fields.items()}

    def _restored(self, reference: Mapping[str, Any], files: Mapping[str, Path | str]) -> Any:
        kind = reference.get("_type")
        if kind == "joined-table":
            left, right = (self._joined(reference[name]) for name in ("table1", "table2"))
            from weft.sdk.media.tables.joined import JoinedTable

            return JoinedTable(left, right, reference["join_key"])
        if kind == "partitioned-table":
            folder = str(reference["parts_path"]).rstrip("/")
            parts = [self.table(path) for path in self._files.tables_in(f"{folder}/")]
            from weft.sdk.media.tables.joined import PartitionedTable

            return PartitionedTable.of_parts(reference["parts_path"], parts)
        if kind == "classes":
            return Classes(reference["class_set"])
        if kind == "histogram":
            return Histogram(np_histogram=(reference["values"], reference["bins"]))
        if kind == "boxes2D":
            return BoundingBoxes2D(_boxes(files[reference["path"]]), str(reference.get("key", "")))
        if kind == "mask":
            return ImageMask(_mask(reference, files), str(reference.get("key", "")))
        if kind not in OBJECT_TYPES:
            raise UsageError(f"unknown type {kind!r}: install the version of weft that stored it")
        if kind == "image-file":
            media: Media = self._image(reference, files)
        else:
            _, _, name = CLASS_OF_TYPE[kind].rpartition(".")
            media_class = getattr(import_module(CLASS_HOMES[name]), name)
            media = media_class.from_stored(files[reference["path"]], reference)
        media.restore(reference, self._files.origin_of(reference["path"]))
        return media

    def _joined(self, table: Any) -> Table:
        """A table of a join: its reference, or its path as a script gave it."""
        path = table if isinstance(table, str) else str(table["path"])
        return self.table(self._files.table_path(path))

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
