"""The stored content of a table: its versions, or its increments. No I/O.

A table with log mode IMMUTABLE is stored once, one with MUTABLE again after each change, and one
with INCREMENTAL in increments: each `log()` stores the rows since the last.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from weft.sdk.media.media import MAIN, Filing, Media, Payload
from weft.sdk.media.tables.columns import Cells, packed
from weft.sdk.media.tables.types import CellType, Json, Reference, members_of, short_name
from weft.sdk.values.scalars import plain_key
from weft.tables.packing import LISTS, Column, Layout, unique_names

NOTES: Final = "weft.table"
"""The name of the description in the file's metadata."""

EXTENSION: Final = ".table.parquet"
MAX_HEAD: Final = 100
MAX_HEAD_CHARS: Final = 10_000
"""Limits of the columns that are named in the row: their number, and the length of their names
together. A table may have more; each increment repeats its head."""


class ColumnNote(msgspec.Struct, frozen=True, omit_defaults=True):
    """The description of a column in a file's metadata.

    `name` is what the script gave; the column's name in the file may differ. `type` is W&B's;
    `shape` is of arrays that are stored as flat lists.
    """

    name: str | int
    form: str
    type: Json
    shape: list[int] | None = None


class TableNotes(msgspec.Struct, frozen=True):
    """The description of the table in a file's metadata, of form 1.

    `first_row` is the number of the file's first row in the table; columns are in the order of the
    file.
    """

    version: int
    log_mode: str
    first_row: int
    columns: list[ColumnNote]


@dataclass(frozen=True)
class Content:
    """The content of a table, or of one of its increments, from `first_row` of the table on."""

    names: list[Any]
    types: list[CellType]
    cells: list[Cells]
    n_rows: int
    first_row: int = 0


@dataclass
class Versions:
    """The stored versions or increments of one table.

    `owner` is the directory of the run in which it is stored, and `reference` the row's entry for
    the last version. `base` is the path of increments, without number and extension. A forked
    child, of another `process_id`, begins a table of its own.
    """

    owner: str | None = None
    reference: dict[str, Any] = field(default_factory=dict[str, Any])
    base: str = ""
    n_increments: int = 0
    n_rows: int = 0
    process_id: int = field(default_factory=os.getpid)

    def is_in(self, owner: str) -> bool:
        """Whether they are stored in this run, by this process."""
        return self.owner == owner and self.process_id == os.getpid()

    def with_version(self, content: Content, log_mode: str, filing: Filing) -> Versions:
        """Store a whole version."""
        payload = table_payload(content, log_mode, filing)
        path = filing.add({MAIN: payload})[MAIN]
        reference = {
            "_type": "table-file",
            "path": path,
            "log_mode": log_mode,
            **_head(content, content.n_rows),
        }
        return Versions(filing.owner, reference, n_rows=content.n_rows)

    def with_increment(self, content: Content, log_mode: str, filing: Filing) -> Versions:
        """Store the next increment."""
        payload = table_payload(content, log_mode, filing)
        n_rows = content.first_row + content.n_rows
        if self.base:
            path = increment_path(self.base, self.n_increments)
            filing.add_at(path, payload)
            base = self.base
        else:
            part = Payload(
                payload.folder, increment_path("", 0), "table", payload.options, payload.buffers
            )
            path = filing.add({MAIN: part})[MAIN]
            base = path.removesuffix(increment_path("", 0))
        reference = {
            "_type": "incremental-table-file",
            "path": path,
            "log_mode": log_mode,
            "base": base,
            "increment_num": self.n_increments,
            **_head(content, n_rows),
        }
        return Versions(filing.owner, reference, base, self.n_increments + 1, n_rows)


def increment_path(base: str, number: int) -> str:
    """Return the path of an increment.

    >>> increment_path("media/table/t_0_3f2a", 12)
    'media/table/t_0_3f2a.00012.table.parquet'
    """
    return f"{base}.{number:05d}{EXTENSION}"


def _head(content: Content, n_rows: int) -> dict[str, Any]:
    columns: list[dict[str, Any]] = []
    n_chars = 0
    for name, kind in zip(content.names[:MAX_HEAD], content.types[:MAX_HEAD], strict=True):
        n_chars += len(str(name))
        if n_chars > MAX_HEAD_CHARS:
            break
        columns.append({"name": _plain_name(name), "type": short_name(kind)})
    return {
        "nrows": n_rows,
        "ncols": len(content.names),
        "columns": columns,
    }


def table_payload(content: Content, log_mode: str, filing: Filing) -> Payload:
    """Return the payload of a table's file; media in its cells are filed with it."""

    def refer(item: Media) -> dict[str, Any]:
        return item.file(filing)

    columns: list[Column] = []
    buffers: list[Any] = []
    for name, cells in zip(unique_names(content.names), content.cells, strict=True):
        column, blocks = packed(name, cells, refer)
        columns.append(column)
        buffers += blocks
    notes = TableNotes(
        1,
        log_mode,
        content.first_row,
        [
            ColumnNote(
                _plain_name(name),
                column.form,
                _with_paths(kind, filing).to_json(),
                _shape(column, cells),
            )
            for name, column, kind, cells in zip(
                content.names, columns, content.types, content.cells, strict=True
            )
        ],
    )
    text = msgspec.json.encode(notes, enc_hook=repr).decode()
    options = msgspec.to_builtins(Layout(content.n_rows, columns, {NOTES: text}))
    return Payload("table", EXTENSION, "table", options, buffers)


def _plain_name(name: str | int) -> str | int:
    return plain_key(name) if isinstance(name, str) else name


def _shape(column: Column, cells: Cells) -> list[int] | None:
    if column.form not in LISTS:
        return None
    arrays: Iterable[Any] = cells.values
    shapes = (getattr(array, "shape", None) for array in arrays)
    return next([*shape] for shape in shapes if shape is not None)


def _with_paths(kind: CellType, filing: Filing) -> CellType:
    """A column's type, with the paths of the tables that it refers to."""
    for member in members_of(kind):
        if isinstance(member, Reference) and isinstance(member.table, Media):
            path = member.table.file(filing).get("path", "")
            return Reference(None, member.column, path)
    return kind
