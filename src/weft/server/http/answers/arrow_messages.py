"""Record batches of one Arrow schema as messages of an IPC stream.

A message's metadata differ from those of another batch in a few numbers only: rows, lengths, and
where the buffers are. So they are written once, by nanoarrow, and these numbers put in. To have
nanoarrow assemble each batch takes ten times as long as the batch's numbers themselves.

A flatbuffer's table begins with the distance back to its vtable, which has the distance of each
field from the table; offsets to other objects are relative to where they stand.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

_PREFIX_BYTES: Final = 8
"""The mark of a message, and the length of its metadata."""

_KIND, _HEADER, _BODY_LENGTH = 1, 2, 3
"""Fields of a Message."""

_BATCH_KIND: Final = 3

_N_ROWS, _NODES, _BUFFERS = 0, 1, 2
"""Fields of a RecordBatch."""

_ALIGNMENT: Final = 8
_MARK: Final = 0xFFFFFFFF


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


class BatchExtents(NamedTuple):
    """Positions of a record batch's buffers in its stream: a row for each, begin and end."""

    buffers: NDArray[np.int64]


def batch_extents(stream: bytes) -> Iterator[BatchExtents]:
    """The buffers of each record batch of a stream, as `BatchMessages` writes them.

    ValueError or struct.error if the stream is cut off, or none of ours.
    """
    at = 0
    while at < len(stream):
        mark, n_metadata = struct.unpack_from("<Ii", stream, at)
        if mark != _MARK or n_metadata < 0:
            raise ValueError("not a stream of messages")
        if n_metadata == 0:
            return
        body = at + _PREFIX_BYTES + n_metadata
        message = _followed(stream, at + _PREFIX_BYTES)
        kind = stream[_field(stream, message, _KIND)]
        n_body = 0
        if kind == _BATCH_KIND:
            (n_body,) = struct.unpack_from("<q", stream, _field(stream, message, _BODY_LENGTH))
            batch = _followed(stream, _field(stream, message, _HEADER))
            first = _vector(stream, batch, _BUFFERS)
            (n_buffers,) = struct.unpack_from("<I", stream, first - 4)
            extents = np.frombuffer(stream, "<i8", 2 * n_buffers, first).reshape(-1, 2)
            begins = body + extents[:, 0]
            ends = begins + extents[:, 1]
            is_outside = (begins < body) | (ends < begins) | (ends > len(stream))
            if n_body < 0 or bool(is_outside.any()):
                raise ValueError("a buffer is not in the stream")
            yield BatchExtents(np.stack([begins, ends], axis=1))
        at = body + n_body


def _followed(data: bytes, at: int) -> int:
    return at + int(struct.unpack_from("<I", data, at)[0])


def _field(data: bytes, table: int, number: int) -> int:
    vtable = table - int(struct.unpack_from("<i", data, table)[0])
    return table + int(struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0])


def _vector(data: bytes, table: int, number: int) -> int:
    return _followed(data, _field(data, table, number)) + 4
