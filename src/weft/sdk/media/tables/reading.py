"""Reads tables back from their files, with DuckDB. Does I/O."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
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

    Cells with media are dicts: the references of the files. Times are of µs.

    Args:
        paths: at least one.

    Raises:
        ConfigError: a file is no table of weft, or increments have different columns.
        OSError: a file can't be read.
    """
    parts = [_read_part(os.fspath(path)) for path in paths]
    notes, _ = parts[-1]
    names = [column.name for column in notes.columns]
    for (other, _), path in zip(parts, paths, strict=True):
        if [column.name for column in other.columns] != names:
            raise ConfigError(f"increments of a table have different columns: {os.fspath(path)}")
    types = [type_from_json(column.type) for column in notes.columns]
    columns = [_concatenated(cells) for cells in zip(*(cells for _, cells in parts), strict=True)]
    return Table.restored(names, types, columns, notes.log_mode)


def _read_part(path: str) -> tuple[TableNotes, list[Cells]]:
    duckdb: Any = import_module("duckdb")
    with duckdb.connect() as database, open(path, "rb"):
        try:
            query = "select value from parquet_kv_metadata(?) where key = ?"
            found = database.execute(query, [path, NOTES]).fetchone()
        except duckdb.Error as error:
            raise ConfigError(f"not a Parquet file ({error}): {path}") from None
        if found is None:
            raise ConfigError(f"not a table of weft: {path}")
        notes = msgspec.json.decode(found[0], type=TableNotes)
        columns = [
            f"epoch_us(#{place})" if column.form in {"time", "local_time"} else f"#{place}"
            for place, column in enumerate(notes.columns, 1)
        ]
        named = ", ".join(f"{column} as c{place}" for place, column in enumerate(columns))
        rows = database.execute(f"select {named} from read_parquet(?)", [path]).fetchnumpy()
    return notes, [_cells(rows[f"c{place}"], note) for place, note in enumerate(notes.columns)]


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
            lists = [one if has else None for one, has in zip(lists, valid, strict=True)]
        shape: Any = note.shape or [-1]
        return Cells(
            [None if one is None else np.reshape(np.array(one, dtype), shape) for one in lists]
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
