"""Record batches of one Arrow schema as messages of an IPC stream.

A message's metadata differ from those of another batch in a few numbers only: rows, lengths, and
where the buffers are. So they are written once, by nanoarrow, and these numbers put in. To have
nanoarrow assemble each batch takes ten times as long as the batch's numbers themselves.

A flatbuffer's table begins with the distance back to its vtable, which has the distance of each
field from the table; offsets to other objects are relative to where they stand.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_PREFIX_BYTES: Final = 8
"""The mark of a message, and the length of its metadata."""

_HEADER, _BODY_LENGTH = 2, 3
"""Fields of a Message."""

_N_ROWS, _NODES, _BUFFERS = 0, 1, 2
"""Fields of a RecordBatch."""

_ALIGNMENT: Final = 8


def first_message_bytes(stream: bytes) -> int:
    """The size of a stream's first message, if it has no body."""
    return _PREFIX_BYTES + int(struct.unpack_from("<i", stream, 4)[0])


class BatchMessages:
    """Writes batches of a schema, of which `sample` is a message with one row.

    No column has nulls, so that each node and each validity buffer says so.
    """

    def __init__(self, sample: bytes) -> None:
        self._metadata = sample[: first_message_bytes(sample)]
        message = _followed(self._metadata, _PREFIX_BYTES)
        batch = _followed(self._metadata, _field(self._metadata, message, _HEADER))
        self._body_length_at = _field(self._metadata, message, _BODY_LENGTH)
        self._n_rows_at = _field(self._metadata, batch, _N_ROWS)
        self._nodes_at = _vector(self._metadata, batch, _NODES)
        self._buffers_at = _vector(self._metadata, batch, _BUFFERS)

    def message(
        self, n_rows: int, lengths: Sequence[int], buffers: Sequence[NDArray[Any] | bytes]
    ) -> bytes:
        """A batch: the lengths of all arrays, depth first, and their buffers."""
        sizes = [len(b) if isinstance(b, bytes) else b.nbytes for b in buffers]
        padded = [-(-size // _ALIGNMENT) * _ALIGNMENT for size in sizes]
        starts = [0, *accumulate(padded)]
        metadata = bytearray(self._metadata)
        struct.pack_into("<q", metadata, self._body_length_at, starts[-1])
        struct.pack_into("<q", metadata, self._n_rows_at, n_rows)
        nodes = np.zeros((len(lengths), 2), dtype="<i8")
        nodes[:, 0] = lengths
        extents = np.zeros((len(sizes), 2), dtype="<i8")
        extents[:, 0] = starts[:-1]
        extents[:, 1] = sizes
        for at, numbers in ((self._nodes_at, nodes), (self._buffers_at, extents)):
            metadata[at : at + numbers.nbytes] = numbers.tobytes()
        parts: list[Any] = [metadata]
        for buffer, size, room in zip(buffers, sizes, padded, strict=True):
            parts += (buffer, bytes(room - size))
        return b"".join(parts)

    def with_first_column(self, message: bytes, values: NDArray[Any]) -> bytes:
        """The same batch with other numbers in its first column, as many as before.

        A number's column has no validity buffer here, so that the body begins with them.
        """
        start = len(self._metadata)
        return b"".join((message[:start], values.tobytes(), message[start + values.nbytes :]))


def _followed(data: bytes, at: int) -> int:
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: bytes, table: int, number: int) -> int:
    vtable = table - int(struct.unpack_from("<i", data, table)[0])
    return table + int(struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0])


def _vector(data: bytes, table: int, number: int) -> int:
    return _followed(data, _field(data, table, number)) + 4
