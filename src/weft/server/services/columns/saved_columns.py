"""Columns of large projects as files in the data directory, so that a new server need not read all
runs of the database. Does I/O.

A project's folder has a file for its runs and one for each column, which are never changed, and
`save.json`, which lists them and is replaced whole. A file is the bytes of arrays, the longest
entries first, then the column's texts as msgpack. The files are true if the database has the name
of the save, except for the runs that changed since (`storage.metadata.runs.column_saves`).
"""

from __future__ import annotations

import logging
import mmap
import os
import secrets
import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.runlog.private_files import make_private_folder, write_private
from weft.server.services.columns.runs import Runs
from weft.server.services.columns.texts import Lists, Texts
from weft.server.services.columns.typed_column import TypedColumn
from weft.server.storage.metadata import DATABASE_REVISION, MetadataStore, Part, Transaction
from weft.server.storage.private import sync_folder

FOLDER_NAME: Final = "columns"
_LIST_NAME: Final = "save.json"
_OWNER_NAME: Final = "owner"
_FORMAT: Final = 1

_log = logging.getLogger(__name__)


class SavedFile(msgspec.Struct, frozen=True):
    """A file of a save. `n_bytes` is its size, `n` the number of runs in it."""

    name: str
    n: int
    n_bytes: int
    is_list: bool = False
    id_bytes: int = 0


class _Save(msgspec.Struct, frozen=True):
    format: int
    revision: str
    name: str
    runs: SavedFile
    columns: dict[str, SavedFile]


@dataclass(frozen=True, slots=True)
class OpenSave:
    """A save whose name is in the database.

    Attributes:
        runs: the runs when it was saved, and `runs_file` is their file.
        files: the columns' files, by name of the column.
        touched: row ids of the runs that changed between the save and `marks`, by part.
        marks: positions of the change log.
        mark: the change of the database up to which it was true when it was saved.
        since_secs: the monotonic time at which it was saved or opened.
    """

    folder: Path
    runs: Runs
    runs_file: SavedFile
    files: Mapping[str, SavedFile]
    touched: Mapping[Part, Collection[int]]
    marks: Mapping[Part, int]
    mark: int
    since_secs: float

    def column(self, name: str) -> TypedColumn | None:
        """A saved column; None if it was not saved, or its file can't be read."""
        file = self.files.get(name)
        try:
            return None if file is None else _read_column(self.folder, file)
        except (OSError, ValueError, msgspec.DecodeError) as error:
            _log.warning("a saved column can't be read: %s", error)
            return None


class ColumnSaves:
    """The saves of a data directory."""

    def __init__(self, metadata: MetadataStore, data_dir: Path) -> None:
        self.metadata = metadata
        self._folder = data_dir / FOLDER_NAME

    def open(self, tx: Transaction, project_id: int, marks: Mapping[Part, int]) -> OpenSave | None:
        """The save of a project if it is true, with the changes since that a snapshot has."""
        folder = self._folder / str(project_id)
        save = _listed(folder)
        if save is None or (save.format, save.revision) != (_FORMAT, DATABASE_REVISION):
            return None
        changes = self.metadata.column_saves.changes_since(tx, project_id, save.name)
        if changes is None:
            return None
        mark, touched = changes
        try:
            runs = _read_runs(folder, save.runs)
        except (OSError, ValueError) as error:
            _log.warning("saved runs can't be read: %s", error)
            return None
        return OpenSave(
            folder, runs, save.runs, save.columns, touched, marks, mark, time.monotonic()
        )

    def owner(self) -> str:
        """The random name of the data directory."""
        path = self._folder / _OWNER_NAME
        try:
            return path.read_text()
        except FileNotFoundError:
            make_private_folder(self._folder)
            write_private(path, secrets.token_hex(8).encode())
            return path.read_text()

    def write_files(
        self, project_id: int, runs: Runs | None, columns: Mapping[str, TypedColumn]
    ) -> tuple[SavedFile | None, dict[str, SavedFile]]:
        """Write new files of runs and columns, durably. An OSError leaves no new file."""
        folder = self._folder / str(project_id)
        make_private_folder(folder)
        try:
            files = {name: _write_column(folder, column) for name, column in columns.items()}
            return None if runs is None else _write_runs(folder, runs), files
        except OSError:
            self.remove_unlisted(project_id)
            raise

    def replace(
        self, project_id: int, name: str, runs: SavedFile, columns: Mapping[str, SavedFile]
    ) -> Path:
        """Make these files a project's save; the database has its name. Returns the folder."""
        folder = self._folder / str(project_id)
        sync_folder(folder)
        save = _Save(_FORMAT, DATABASE_REVISION, name, runs, dict(columns))
        write_private(folder / _LIST_NAME, msgspec.json.encode(save))
        sync_folder(folder)
        return folder

    def remove_others(self, project_ids: Collection[int]) -> None:
        """Remove the saves of all other projects."""
        if self._folder.is_dir():
            for folder in self._folder.iterdir():
                if folder.name.isdigit() and int(folder.name) not in project_ids:
                    shutil.rmtree(folder, ignore_errors=True)

    def remove_unlisted(self, project_id: int) -> None:
        """Remove the files that the project's save does not list."""
        folder = self._folder / str(project_id)
        save = _listed(folder)
        listed = {_LIST_NAME}
        if save is not None:
            listed |= {save.runs.name, *(file.name for file in save.columns.values())}
        for path in folder.iterdir():
            if path.name not in listed:
                with suppress(OSError):  # Windows keeps files that are in use
                    path.unlink(missing_ok=True)


def _listed(folder: Path) -> _Save | None:
    try:
        return msgspec.json.decode((folder / _LIST_NAME).read_bytes(), type=_Save)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.DecodeError) as error:
        _log.warning("saved columns can't be read: %s", error)
        return None


def _write_runs(folder: Path, runs: Runs) -> SavedFile:
    arrays = (runs.row_ids, runs.created, runs.is_alive, runs.is_trashed, runs.encoded_ids)
    name, n_bytes = _write_file(folder, arrays)
    return SavedFile(name, len(runs), n_bytes, id_bytes=runs.encoded_ids.itemsize)


def _read_runs(folder: Path, file: SavedFile) -> Runs:
    content = _map_file(folder, file)
    row_ids, created, is_alive, is_trashed, ids = _arrays(
        content, file.n, (np.int64, np.int64, np.bool_, np.bool_, f"S{file.id_bytes}")
    )
    return Runs(row_ids, ids, created, is_alive, is_trashed)


def _write_column(folder: Path, column: TypedColumn) -> SavedFile:
    texts = msgspec.msgpack.encode(column.texts.listed())
    name, n_bytes = _write_file(folder, (column.numbers, column.codes, column.kinds), texts)
    return SavedFile(name, len(column.kinds), n_bytes, is_list=column.is_list)


def _read_column(folder: Path, file: SavedFile) -> TypedColumn:
    content = _map_file(folder, file)
    numbers, codes, kinds = _arrays(content, file.n, (np.float64, np.int32, np.uint8))
    begin = numbers.nbytes + codes.nbytes + kinds.nbytes
    listed = msgspec.msgpack.decode(memoryview(content)[begin:], type=list[str])
    texts = Lists(listed) if file.is_list else Texts(listed)
    return TypedColumn(kinds, numbers, codes, texts, file.is_list)


def _write_file(
    folder: Path, arrays: Sequence[NDArray[Any]], texts: bytes = b""
) -> tuple[str, int]:
    name = secrets.token_hex(8)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(folder / name, flags, 0o600), "wb") as file:
        for array in arrays:
            np.ascontiguousarray(array).tofile(file)
        file.write(texts)
        file.flush()
        os.fsync(file.fileno())
        return name, file.tell()


def _map_file(folder: Path, file: SavedFile) -> mmap.mmap:
    with (folder / file.name).open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    if len(content) != file.n_bytes:
        raise ValueError(f"{len(content)} bytes instead of {file.n_bytes}: {folder / file.name}")
    return content


def _arrays(content: mmap.mmap, n: int, dtypes: Sequence[Any]) -> list[NDArray[Any]]:
    arrays: list[NDArray[Any]] = []
    offset = 0
    for dtype in dtypes:
        array = np.frombuffer(content, dtype, n, offset)
        arrays.append(array)
        offset += array.nbytes
    return arrays
