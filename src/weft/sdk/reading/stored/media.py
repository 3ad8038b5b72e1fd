"""Reads the media and tables that a stored run has logged. Does network and disk I/O."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from weft.errors import NotFound, UsageError

if TYPE_CHECKING:
    from weft.sdk.media.tables.table import Table
    from weft.sdk.reading.stored.files import StoredFile

_TABLES = frozenset({"table-file", "incremental-table-file"})


class HasFiles(Protocol):
    """The run that has the files: `StoredRun`."""

    @property
    def id(self) -> str: ...

    def file(self, name: str) -> StoredFile: ...


@dataclass(frozen=True)
class StoredMedia:
    """One image, video, sound or other object that a run has logged.

    Attributes:
        key: the metric.
        step: the row's step.
        index: its place in the list that was logged; 0 if it was no list.
        kind: W&B's name of its type, such as `image-file`.
        path: its file in the run; '' if there is none.
        caption: the caption, if it has one.
        value: what stands in the row, as in `scan_history`.
    """

    run: HasFiles
    key: str
    step: int | float
    index: int
    kind: str
    path: str
    caption: str | None
    value: Mapping[str, Any]

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
        return f"<Media {self.key} at step {self.step}: {self.kind} {self.path}>"


def media_of_rows(
    run: HasFiles, key: str, rows: Iterable[Mapping[str, Any]]
) -> Iterator[StoredMedia]:
    """The media of one metric in rows of a run, those of lists one by one."""
    for row in rows:
        value = row.get(key)
        if not isinstance(value, dict):
            continue
        found = cast("dict[str, Any]", value)
        for index, one in enumerate(_items_of(found)):
            caption = one.get("caption")
            yield StoredMedia(
                run, key, row["_step"], index, str(one.get("_type", "")), str(one.get("path", "")),
                None if caption is None else str(caption), one,
            )  # fmt: skip


def _items_of(value: dict[str, Any]) -> list[dict[str, Any]]:
    if value.get("_type") == "images/separated":
        captions: list[Any] = value.get("captions") or []
        items: list[dict[str, Any]] = []
        for index, path in enumerate(value.get("filenames") or []):
            item: dict[str, Any] = {"_type": "image-file", "path": path}
            if index < len(captions):
                item["caption"] = captions[index]
            items.append(item)
        return items
    if "path" in value:
        return [value]
    lists = [cast("list[Any]", one) for one in value.values() if isinstance(one, list)]
    inner = [cast("dict[str, Any]", one) for items in lists for one in items if _is_dict(one)]
    return [one for one in inner if "path" in one]


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def table_of_row(run: HasFiles, key: str, value: Any, folder: Path) -> Table:
    """Read a logged table.

    Args:
        value: what stands in the row.
        folder: where to put its files.

    Raises:
        UsageError: it is no table.
        NotFound: its files are not on the server.
    """
    from weft.sdk.media.tables.reading import read_table
    from weft.sdk.media.tables.versions import increment_path

    fields: dict[str, Any] = value if _is_dict(value) else {}
    if fields.get("_type") == "custom-chart":
        fields = fields.get("table") or {}
    if fields.get("_type") not in _TABLES:
        raise UsageError(f"{key!r} of run {run.id} is no table")
    paths = [str(fields["path"])]
    if "base" in fields:
        n_increments = int(fields["increment_num"]) + 1
        paths = [increment_path(str(fields["base"]), number) for number in range(n_increments)]
    for path in paths:
        run.file(path).download(folder, exist_ok=True).close()
    return read_table(*(folder / path for path in paths))


def last_row_with(
    rows: Iterable[Mapping[str, Any]], key: str, run_id: str, step: float | None
) -> Any:
    """The value of a metric at a step, or the last one.

    Raises:
        NotFound: the run has not logged it there.
    """
    found: Any = None
    for row in rows:
        if row.get(key) is not None and (step is None or row["_step"] == step):
            found = row[key]
    if found is None:
        where = "" if step is None else f" at step {step}"
        raise NotFound(f"run {run_id} has logged no {key!r}{where}")
    return found
