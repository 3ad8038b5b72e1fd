"""Reads the media and tables that a stored run has logged. Does network and disk I/O."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from weft.errors import NotFound, UsageError
from weft.sdk.reading.stored.references import Position, media_in, tables_in

if TYPE_CHECKING:
    from weft.sdk.media.tables.table import Table
    from weft.sdk.reading.stored.files import StoredFile


class HasFiles(Protocol):
    """The run that has the files: `StoredRun`."""

    @property
    def id(self) -> str: ...

    def file(self, name: str) -> StoredFile: ...

    def files(
        self, names: Sequence[str] | None = None, pattern: str | None = None
    ) -> Iterable[StoredFile]: ...


@dataclass(frozen=True)
class StoredMedia:
    """One image, video, sound or other object that a run has logged.

    Attributes:
        key: the metric. Of a logged dict, the joined name: `val.image`.
        step: the row's step. None for a value that was set in the summary.
        index: its index in the list that was logged, the outermost one; 0 if it was in no list.
        kind: W&B's name of its type, such as `image-file`.
        path: its file in the run; '' if it has no file.
        caption: the caption, if it has one.
        value: the row's entry for it, as in `scan_history`.
        place: its position in the value: the indexes of lists and the names of dicts, the
            outermost first. `()` if it is the value itself, `(0, "left")` in `[{"left": image}]`.
    """

    run: HasFiles
    key: str
    step: int | float | None
    index: int
    kind: str
    path: str
    caption: str | None
    value: Mapping[str, Any]
    place: Position = ()

    @property
    def file(self) -> StoredFile:
        """The file.

        Raises:
            NotFound: the run has no such file.
        """
        return self.run.file(self.path)

    def read(self) -> bytes:
        """Return the content of the file.

        Raises:
            CommError: the file is not on the server, or the server can't be reached.
        """
        return self.file.read()

    def download(
        self, root: str | os.PathLike[str] = ".", replace: bool = False, exist_ok: bool = False
    ) -> TextIO:
        """Download the file; see `File.download`."""
        return self.file.download(root, replace, exist_ok)

    def __repr__(self) -> str:
        where = "in the summary" if self.step is None else f"at step {self.step}"
        return f"<Media {self.key} {where}: {self.kind} {self.path}>"


def media_of_values(
    run: HasFiles, key: str, step: int | float | None, value: Any
) -> Iterator[StoredMedia]:
    """Yield the media of one value, and the media of lists and dicts one by one.

    The step is None for a value of the summary.
    """
    for position, fields in media_in(value):
        caption = fields.get("caption")
        index = next((part for part in position if isinstance(part, int)), 0)
        yield StoredMedia(
            run, key, step, index, str(fields["_type"]), str(fields["path"]),
            None if caption is None else str(caption), fields, position,
        )  # fmt: skip


def below(key: str, names: Iterable[str]) -> list[str]:
    """Return the names that are a key, or that a logged dict has below it.

    >>> below("val", ["val", "val.image", "value"])
    ['val', 'val.image']
    """
    return [name for name in names if name == key or name.startswith(f"{key}.")]


def table_of_value(run: HasFiles, key: str, value: Any, folder: Path, index: int | None) -> Table:
    """Read a logged table, the one at `index` if the value holds several.

    Its files go to `folder`. NotFound if one is not on the server.
    """
    tables = tables_in(value)
    if not tables:
        raise UsageError(f"{key!r} of run {run.id} is no table")
    if index is None and len(tables) > 1:
        raise UsageError(f"{key!r} of run {run.id} holds {len(tables)} tables: give index=")
    if not -len(tables) <= (index or 0) < len(tables):
        raise NotFound(f"{key!r} of run {run.id} holds {len(tables)} tables, none at {index}")
    return _table_of(run, tables[index or 0], folder)


def _table_of(run: HasFiles, fields: Mapping[str, Any], folder: Path) -> Table:
    from weft.sdk.media.tables.combining import joined_tables, table_of_parts
    from weft.sdk.media.tables.reading import read_table
    from weft.sdk.media.tables.versions import increment_path

    kind = fields.get("_type")
    if kind == "joined-table":
        left, right = (_table_of(run, fields[name], folder) for name in ("table1", "table2"))
        return joined_tables(left, right, fields["join_key"])
    if kind == "partitioned-table":
        paths = _paths_of_parts(run, str(fields["parts_path"]).rstrip("/"))
        return table_of_parts([read_table(path) for path in _fetched(run, paths, folder)])
    paths = [str(fields["path"])]
    if "base" in fields:
        n_increments = int(fields["increment_num"]) + 1
        paths = [increment_path(str(fields["base"]), number) for number in range(n_increments)]
    return read_table(*_fetched(run, paths, folder))


def _paths_of_parts(run: HasFiles, parts_path: str) -> list[str]:
    from weft.sdk.media.tables.versions import EXTENSION

    names = [file.name for file in run.files(pattern=f"{parts_path}/%{EXTENSION}")]
    paths = [name for name in names if name.startswith(f"{parts_path}/")]  # `_` matches any char
    if not paths:
        raise NotFound(f"run {run.id} has no tables in {parts_path}")
    return sorted(paths)


def _fetched(run: HasFiles, paths: Sequence[str], folder: Path) -> list[Path]:
    files = {file.name: file for file in run.files(paths)}
    for path in paths:
        file = files.get(path) or run.file(path)  # which says that there is none
        file.download(folder, exist_ok=True).close()
    return [folder / path for path in paths]


def last_value_at(
    rows: Iterable[Mapping[str, Any]], key: str, run_id: str, step: float | None
) -> Any:
    """Return the value of a metric at a step, or the last one; NotFound if the run has not logged
    it there.
    """
    value: Any = None
    for row in rows:
        if row.get(key) is not None and (step is None or row["_step"] == step):
            value = row[key]
    if value is None:
        where = "" if step is None else f" at step {step}"
        raise NotFound(f"run {run_id} has logged no {key!r}{where}")
    return value
