"""Reads tables back from their files, with DuckDB. Does I/O."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from itertools import groupby
from typing import Any

import msgspec
import numpy as np

from weft.errors import ConfigError
from weft.records.value import with_floats, with_ints
from weft.sdk.media.tables.columns import Cells
from weft.sdk.media.tables.notations import type_from_json
from weft.sdk.media.tables.table import Table
from weft.sdk.media.tables.versions import NOTES, ColumnNote, TableNotes
from weft.tables.packing import LISTS

_decode = msgspec.json.Decoder().decode


def read_table(*paths: str | os.PathLike[str]) -> Table:
    """Read a table from its file, or from the files of its increments in their order.

    Cells with media are dicts: the references of the files. Times are of µs. ConfigError if a file
    is no table of weft, or increments have different columns.
    """
    names = [os.fspath(path) for path in paths]
    with _duckdb().connect() as database:
        notes = _read_notes(database, names)
        heads = [column.name for column in notes[-1].columns]
        for other, name in zip(notes, names, strict=True):
            if [column.name for column in other.columns] != heads:
                raise ConfigError(f"increments of a table have different columns: {name}")
        # Columns may become another form in a later increment: an int column gets a text.
        parts: list[list[Cells]] = []
        for columns, group in groupby(
            zip(notes, names, strict=True), lambda pair: pair[0].columns
        ):
            parts.append(_read_cells(database, [name for _, name in group], columns))
    types = [type_from_json(column.type) for column in notes[-1].columns]
    cells = [_concatenated(column) for column in zip(*parts, strict=True)]
    return Table.restored(heads, types, cells, notes[-1].log_mode)


def _duckdb() -> Any:
    return import_module("duckdb")


def _read_notes(database: Any, paths: Sequence[str]) -> list[TableNotes]:
    """Return the descriptions of the tables in files."""
    for path in paths:
        with open(path, "rb"):
            pass
    query = "select file_name, value from parquet_kv_metadata(?) where key = ?"
    try:
        notes = dict(database.execute(query, [paths, NOTES]).fetchall())
    except _duckdb().Error as error:
        if len(paths) == 1:
            raise ConfigError(f"not a Parquet file ({error}): {paths[0]}") from None
        return [note for path in paths for note in _read_notes(database, [path])]
    for path in paths:
        if path not in notes:
            raise ConfigError(f"not a table of weft: {path}")
    return [msgspec.json.decode(notes[path], type=TableNotes) for path in paths]


def _read_cells(database: Any, paths: Sequence[str], columns: Sequence[ColumnNote]) -> list[Cells]:
    """Read files that have the same columns, as if they were one."""
    shown = [
        f"epoch_us(#{index})" if column.form in {"time", "local_time"} else f"#{index}"
        for index, column in enumerate(columns, 1)
    ]
    named = ", ".join(f"{column} as c{index}" for index, column in enumerate(shown))
    rows = database.execute(f"select {named} from read_parquet(?)", [paths]).fetchnumpy()
    return [_cells(rows[f"c{index}"], note) for index, note in enumerate(columns)]


def _cells(column: Any, note: ColumnNote) -> Cells:
    valid, form = None, note.form
    if hasattr(column, "mask"):  # a masked array: some rows have no value
        valid, column = ~np.ma.getmaskarray(column), column.data
    if form in {"int", "float", "bool"}:
        return Cells(column, valid, has_python_cells=True)
    if form in {"time", "local_time"}:
        micros = column.astype("M8[us]")
        return Cells(micros, valid, is_utc=form == "time", has_python_cells=True)
    if form in LISTS:
        dtype = {"ints": np.int64, "doubles": np.float64, "floats": np.float32}[form]
        lists: list[Any] = [*column]
        if valid is not None:
            lists = [values if has else None for values, has in zip(lists, valid, strict=True)]
        shape: Any = note.shape or [-1]
        return Cells(
            [
                None if values is None else np.reshape(np.array(values, dtype), shape)
                for values in lists
            ]
        )
    cells: list[Any] = column.tolist()
    if form == "bytes":
        cells = [bytes(cell) if isinstance(cell, bytearray) else None for cell in cells]
    elif form == "json":
        cells = [
            with_ints(with_floats(_decode(cell))) if isinstance(cell, str) else None
            for cell in cells
        ]
    if valid is not None:
        cells = [cell if has else None for cell, has in zip(cells, valid, strict=True)]
    return Cells(cells)


def _concatenated(parts: Sequence[Cells]) -> Cells:
    if len(parts) == 1:
        return parts[0]
    return Cells([cell for part in parts for cell in part.listed()])
