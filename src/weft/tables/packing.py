"""The form in which a table travels from a script to the file worker: column after column. Pure.

`pack_array` and `pack_cells` make the columns of a payload from what a script has, at the speed of
a copy; `unpack` makes batches for the Parquet writer of them, in the worker.

An array is its bytes, and bits for the rows that have a value if some have none. All other columns
are msgpack lists, with nil where there is no value. Cells of `json` columns are of any kind that
msgpack knows; the worker writes each as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.records.value import tagged_floats
from weft.tables.batches import DTYPES, Field, FieldType, TableBatch, Values, texts_of

Form = Literal[
    "int", "float", "bool", "time", "local_time",
    "text", "bytes", "json", "ints", "doubles", "floats",
]  # fmt: skip
"""The form of a column in the file: a `FieldType`, or texts that are JSON."""

LISTS: Final = frozenset({"ints", "doubles", "floats"})

GROUP_ROWS: Final = 131_072
GROUP_BYTES: Final = 64 << 20
"""Most rows and, estimated, bytes of a row group: what a reader of some rows has to read."""

_DICTIONARY_SHARE: Final = 0.5
"""A column of texts has a dictionary if at most this share of them differ."""

_decode: Final = msgspec.msgpack.Decoder(list[Any]).decode
_pack: Final = msgspec.msgpack.Encoder().encode
_json: Final = msgspec.json.Encoder().encode


class Column(msgspec.Struct, frozen=True, omit_defaults=True):
    """A column of a payload.

    Attributes:
        n_bytes: the length of its array or list.
        dtype: NumPy's name of the array's type. Empty for a list.
        n_valid_bytes: the length of the bits that follow, least significant first; 0 if each row
            has a value.
        length: the number of items in each list; 0 for values that are not lists.
    """

    name: str
    form: Form
    n_bytes: int
    dtype: str = ""
    n_valid_bytes: int = 0
    length: int = 0


class Layout(msgspec.Struct, frozen=True):
    """The layout of a payload: the options of the worker's job.

    `notes` are texts by name, for the file's metadata.
    """

    n_rows: int
    columns: list[Column]
    notes: dict[str, str]


def pack_array(
    name: str, form: Form, array: NDArray[Any], valid: NDArray[np.bool_] | None = None
) -> tuple[Column, list[Any]]:
    """Pack an array of numbers, truth values or times.

    Lists are rows of an array of two dimensions. NaT is a missing value, NaN is a value. Returns
    the column, and the blocks of memory that are its part of the payload.

    >>> column, blocks = pack_array("x", "int", np.array([1, 2], dtype=np.int32))
    >>> column.dtype, column.n_bytes
    ('<i4', 8)
    """
    whole: Any = np.ascontiguousarray(array)
    little: Any = whole.astype(whole.dtype.newbyteorder("<"), copy=False)
    blocks: list[Any] = [little.reshape(-1).view(np.uint8).data] if little.size else []
    n_valid_bytes = 0
    if valid is not None and not bool(valid.all()):
        bits = np.packbits(valid, bitorder="little")
        n_valid_bytes = bits.nbytes
        blocks.append(bits.data)
    length = little.shape[1] if little.ndim == 2 else 0
    return Column(name, form, little.nbytes, little.dtype.str, n_valid_bytes, length), blocks


def pack_cells(name: str, form: Form, cells: Sequence[Any]) -> tuple[Column, list[Any]]:
    """Pack the cells of a column of texts, bytes or JSON, None where there is no value.

    Returns as `pack_array`; msgpack's errors if it can't hold a cell.

    >>> pack_cells("t", "text", ["a", None])[0]
    Column(name='t', form='text', n_bytes=4, dtype='', n_valid_bytes=0, length=0)
    """
    packed = _pack(cells)
    return Column(name, form, len(packed)), [packed]


def unique_names(names: Sequence[object]) -> list[str]:
    """Return names that a file can have: texts, each once.

    >>> unique_names(["a", 1, "a", "1"])
    ['a', '1', 'a_2', '1_2']
    """
    texts = [str(name).encode(errors="replace").decode() for name in names]
    originals: set[str] = set(texts)
    used: set[str] = set()
    unique: list[str] = []
    for text in texts:
        candidate, nth = text, 2
        while candidate in used or (candidate != text and candidate in originals):
            candidate, nth = f"{text}_{nth}", nth + 1
        used.add(candidate)
        unique.append(candidate)
    return unique


def fields_of(layout: Layout) -> list[Field]:
    """Return the fields of the file."""
    return [
        Field(column.name, "text" if column.form == "json" else column.form)
        for column in layout.columns
    ]


def unpack(payload: memoryview, layout: Layout) -> Iterator[TableBatch]:
    """Yield the rows of a payload, in batches that are good row groups."""
    columns: list[tuple[Column, _Rows]] = []
    start = 0
    for column in layout.columns:
        end = start + column.n_bytes + column.n_valid_bytes
        if end > len(payload):
            raise ValueError(f"the payload ends in column {column.name!r}")
        columns.append((column, _rows_of(payload[start:end], column, layout.n_rows)))
        start = end
    bytes_per_row = max(1, len(payload) // max(1, layout.n_rows))
    n_group = max(1, min(GROUP_ROWS, GROUP_BYTES // bytes_per_row))
    for first in range(0, layout.n_rows, n_group):
        last = min(first + n_group, layout.n_rows)
        yield TableBatch(
            last - first, [_values(column, rows, first, last) for column, rows in columns]
        )


_Rows = tuple[Any, "NDArray[np.bool_] | None"]
"""An array or a list, and which of its rows have a value."""


def _rows_of(part: memoryview, column: Column, n_rows: int) -> _Rows:
    if not column.dtype:
        try:
            cells = _decode(part)
        except msgspec.DecodeError as error:
            raise ValueError(f"column {column.name!r} is damaged: {error}") from None
        _check_length(column, len(cells), n_rows)
        return cells, None
    array: NDArray[Any] = np.frombuffer(part[: column.n_bytes], dtype=column.dtype)
    if column.form in LISTS:
        if column.length * n_rows != len(array):
            raise ValueError(f"column {column.name!r} has {len(array)} items, not {n_rows} lists")
        array = np.reshape(array, (n_rows, column.length))
    _check_length(column, len(array), n_rows)
    if not column.n_valid_bytes:
        return array, None
    bits: NDArray[np.uint8] = np.frombuffer(part[column.n_bytes :], dtype=np.uint8)
    return array, np.unpackbits(bits, count=n_rows, bitorder="little").astype(np.bool_)


def _check_length(column: Column, n_found: int, n_rows: int) -> None:
    if n_found != n_rows:
        raise ValueError(f"column {column.name!r} has {n_found} cells, and the table {n_rows}")


def _values(column: Column, rows: _Rows, first: int, last: int) -> Values:
    data, valid = rows
    if column.dtype:
        part = None if valid is None else valid[first:last]
        form = "text" if column.form == "json" else column.form
        return _array_values(form, data[first:last], part)
    cells: list[Any] = data[first:last]
    present = np.array([cell is not None for cell in cells], dtype=np.bool_)
    if column.form == "text":
        texts = texts_of(["" if cell is None else cell for cell in cells])
        if len(texts.names) <= _DICTIONARY_SHARE * len(cells) or len(texts.names) <= 1:
            return Values(texts, present)
        contents = [b"" if cell is None else cell.encode() for cell in cells]
    elif column.form == "bytes":
        contents = [b"" if cell is None else cell for cell in cells]
    else:
        contents = [b"" if cell is None else _json(tagged_floats(cell)) for cell in cells]
    return Values(_objects(contents), present)


def _array_values(form: FieldType, array: NDArray[Any], valid: NDArray[np.bool_] | None) -> Values:
    if array.dtype.kind == "M":
        has_time = ~np.isnat(array)
        valid = has_time if valid is None else valid & has_time
        return Values(array.astype("<M8[us]").astype(np.int64), valid)
    return Values(array.astype(DTYPES[form], copy=False), valid)


def _objects(contents: Sequence[bytes]) -> NDArray[Any]:
    array: NDArray[Any] = np.empty(len(contents), dtype=np.object_)
    array[:] = contents
    return array
