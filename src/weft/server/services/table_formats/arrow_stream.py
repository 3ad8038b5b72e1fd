"""Arrow IPC streams, one record batch per batch of rows. Pure.

Takes batches of a table and returns the bytes of a stream.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import nanoarrow
import numpy as np
from nanoarrow.ipc import StreamWriter
from numpy.typing import NDArray

from weft.tables.batches import Field, FieldType, TableBatch, Texts, Values, empty_batch

ARROW_MEDIA_TYPE: Final = "application/vnd.apache.arrow.stream"

_na: Any = nanoarrow
_stream_writer: Any = StreamWriter

_TYPES: Final[dict[FieldType, Any]] = {
    "int": _na.int64(),
    "float": _na.float64(),
    "bool": _na.bool_(),
    "text": _na.string(),
    "time": _na.timestamp("us", timezone="UTC"),
}


class ArrowWriter:
    """Writes one table.

    >>> writer = ArrowWriter([Field("step", "int")])
    >>> data = writer.write(TableBatch(2, [Values(np.array([1, 2]))])) + writer.end()
    >>> nanoarrow.ArrayStream.from_readable(data).read_all().to_pylist()
    [{'step': 1}, {'step': 2}]
    """

    media_type = ARROW_MEDIA_TYPE

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._type: Any = _na.struct({field.name: _TYPES[field.type] for field in fields})
        self._buffer = io.BytesIO()
        self._writer: Any = _stream_writer.from_writable(self._buffer)
        self._has_begun = False

    def write(self, batch: TableBatch) -> bytes:
        """The bytes of the next record batch; the first is preceded by the schema."""
        arrays = [
            _array(field.type, values, batch.n_rows)
            for field, values in zip(self._fields, batch.columns, strict=True)
        ]
        # Nothing counts as a struct of no columns either: its rows have none.
        array = _na.c_array_from_buffers(self._type, batch.n_rows, [None], children=arrays)
        self._writer.write_array(array)
        self._has_begun = True
        return self._flush()

    def end(self) -> bytes:
        begin = b"" if self._has_begun else self.write(empty_batch(self._fields))
        self._writer.close()
        return begin + self._flush()

    def _flush(self) -> bytes:
        data = self._buffer.getvalue()
        self._buffer.seek(0)
        self._buffer.truncate()
        return data


def _array(field_type: FieldType, values: Values, n_rows: int) -> Any:
    valid = None if values.valid is None else _bits(values.valid)
    if isinstance(values.data, Texts):
        offsets, data = _utf8(values.data, values.valid)
        return _na.c_array_from_buffers(_TYPES["text"], n_rows, [valid, offsets, data])
    numbers: NDArray[Any] = _bits(values.data) if field_type == "bool" else values.data
    contiguous = np.ascontiguousarray(numbers)
    return _na.c_array_from_buffers(_TYPES[field_type], n_rows, [valid, contiguous])


def _bits(flags: NDArray[Any]) -> NDArray[np.uint8]:
    return np.packbits(flags, bitorder="little")


def _utf8(texts: Texts, valid: NDArray[np.bool_] | None) -> tuple[NDArray[np.int32], bytes]:
    names = [name.encode("utf-8", "replace") for name in texts.names]
    lengths = np.array([len(name) for name in names], dtype=np.int32)[texts.codes]
    codes = texts.codes
    if valid is not None:
        lengths[~valid] = 0
        codes = codes[valid]
    offsets = np.zeros(len(texts.codes) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    if len(names) == 1:
        return offsets, names[0] * len(codes)
    at: list[int] = codes.tolist()
    return offsets, b"".join([names[code] for code in at])
