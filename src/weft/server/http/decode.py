"""Bytes of whole run-log frames become an `Upload`: rows as columns, the rest as records.

Stop 8 of a point's way: receives what `http.ingest` unpacked (or `http.follow` read from a file),
hands an `Upload` to `services.ingest`. Pure; the only module of the server that knows frames.

Rows are nearly all of an upload, so they are never looked at one by one: payloads are cut out in
one loop, decoded by one call, and turned into columns by whole-column operations.
Cost: about 0.9 µs a row and 0.08 µs a value (Python 3.11).
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from weft.errors import CorruptLog, LimitExceeded
from weft.records.limits import MAX_KEY_BYTES, MAX_ROW_KEYS, MAX_SCHEMAS
from weft.records.record import (
    ROW_TAG,
    SYSTEM_TAG,
    Console,
    Key,
    Record,
    Row,
    Schema,
    System,
)
from weft.runlog.format import FRAME_OVERHEAD, MARK, Header, decode_header, decode_record, frame_at
from weft.server.http.columns import MAX_MICROS, Rows, rows_as_columns
from weft.server.services.types import Segment, Upload
from weft.server.storage.contract import ConsoleLine, StreamPosition

_MAX_KEYS: Final = 10 * MAX_ROW_KEYS
"""Most names one writer may intern: its decoder remembers all of them."""

_ROW_STARTS: Final = {
    bytes((0x90 + n_fields, tag)): tag
    for tag in (ROW_TAG, SYSTEM_TAG)
    for n_fields in range(5, 16)
}
"""First two bytes of a row's payload: a msgpack array of 5 to 15 fields, its type number."""

_unpack_frame: Final = Struct("<2sII").unpack_from
_rows_decoder: Final = msgspec.msgpack.Decoder(list[Row | System])


class DecoderState(msgspec.Struct, array_like=True):
    """What one log has said so far that later frames build on. Kept with the stream's position.

    Attributes:
        anchor_micros: the header's wall anchor; times in frames count from it.
        keys: names by key id.
        schemas: key ids by schema id; the newest `MAX_SCHEMAS`, as the writer forgets too.
    """

    anchor_micros: int
    keys: dict[int, str] = msgspec.field(default_factory=dict[int, str])
    schemas: dict[int, list[int]] = msgspec.field(default_factory=dict[int, list[int]])


_state_decoder: Final = msgspec.msgpack.Decoder(DecoderState)
_encode_state: Final = msgspec.msgpack.Encoder().encode


def decode_upload(
    data: bytes,
    *,
    writer: str,
    position: int = 0,
    n_damaged: int = 0,
    known: StreamPosition | None = None,
) -> Upload:
    """Decode a stretch of a run log.

    Args:
        data: the log's bytes from `position`: whole frames, at 0 the header before them.
        n_damaged: bytes before `position` that hold no valid frame and were passed over [RL9].
        known: what was kept of the stretches before; None at 0.

    Returns:
        An upload without clock, `live` and the like; its `stream` is the writer.

    Raises:
        CorruptLog: bytes that are no frames, a torn frame, a record that says nonsense.
        NewerLog: a later major version wrote the log.
        LimitExceeded: more keys than weft takes.
    """
    header: Header | None = None
    start = 0
    if position == 0:
        head = decode_header(data)
        if head is None:
            raise CorruptLog("the log's header is torn")
        header, start = head
        if abs(header.wall_micros) >= MAX_MICROS:
            raise CorruptLog("the header's time is out of range")
        memory = DecoderState(header.wall_micros)
    elif known is None or not known.state:
        raise CorruptLog(f"upload starts at byte {position} of an unknown log")
    else:
        memory = _state_decoder.decode(known.state)
    reader = _Reader(memory, position, n_rows=known.n_rows if known else 0)
    reader.read(data, start)
    return Upload(
        writer=writer,
        stream=writer,
        from_position=position - n_damaged,
        to_position=position + len(data),
        records=reader.records,
        segments=reader.segments,
        console=reader.console,
        state=_encode_state(memory) if header or reader.has_news else None,
        n_rows=reader.n_rows,
        header=header,
    )


class _Reader:
    """Goes through one upload's frames; what it found is in its attributes."""

    def __init__(self, memory: DecoderState, base: int, *, n_rows: int) -> None:
        self._memory = memory
        self.n_rows = n_rows
        self.has_news = False
        self._base = base
        self.records: list[tuple[int, Record]] = []
        self.segments: list[Segment] = []
        self.console: list[ConsoleLine] = []

    def read(self, data: bytes, start: int) -> None:
        unpack = _unpack_frame
        tag_of_row = _ROW_STARTS.get
        n_bytes = len(data)
        payloads: list[bytes] = []
        append = payloads.append
        rows_tag = ROW_TAG
        rows_end = start
        while start < n_bytes:
            # `runlog.format.frame_at` by hand: this loop runs once per row.
            payload = start + FRAME_OVERHEAD
            if payload >= n_bytes:
                raise _torn(data, start)
            mark, crc, length = unpack(data, start)
            end = payload + length
            if mark != MARK or end > n_bytes or not length or crc32(data[start + 6 : end]) != crc:
                raise _torn(data, start)
            tag = tag_of_row(data[payload : payload + 2])
            if tag is None:
                self._read_record(data[payload:end], end)
            else:
                if tag != rows_tag:
                    self._close_segment(payloads, rows_tag, rows_end)
                    payloads.clear()
                    rows_tag = tag
                append(data[payload:end])
                rows_end = end
            start = end
        self._close_segment(payloads, rows_tag, rows_end)
        self._forget_schemas()

    def _read_record(self, payload: bytes, end: int) -> None:
        try:
            record = decode_record(payload)
        except RecursionError:
            raise CorruptLog("a record is nested too deeply") from None
        memory = self._memory
        match record:
            case None:  # of a type that only later versions know
                pass
            case Key(key_id=key_id, name=name):
                if not name or len(name.encode()) > MAX_KEY_BYTES or key_id < 0:
                    raise CorruptLog(f"key {key_id} has a name that can't be one")
                if memory.keys.setdefault(key_id, name) != name:
                    raise CorruptLog(f"key {key_id} was given two names")
                self.has_news = True
                if len(memory.keys) > _MAX_KEYS:
                    raise LimitExceeded(f"one process logged more than {_MAX_KEYS} different keys")
            case Schema(schema_id=schema_id, key_ids=key_ids):
                if schema_id < 0 or schema_id in memory.schemas:
                    raise CorruptLog(f"schema {schema_id} was given twice")
                if not memory.keys.keys() >= set(key_ids):
                    raise CorruptLog(f"schema {schema_id} names an unknown key")
                if len(set(key_ids)) != len(key_ids) or len(key_ids) > MAX_ROW_KEYS:
                    raise CorruptLog(f"schema {schema_id} repeats a key or has too many")
                memory.schemas[schema_id] = key_ids
                self.has_news = True
            case Console(stream=stream, line=line, micros=micros, text=text):
                self.console.append(ConsoleLine(stream, line, self._wall(micros), text))
            case Row() | System():
                # Spelled in a way our writers never do, so the quick look above passed it by.
                raise CorruptLog("a row is not encoded as rows are")
            case _:
                self.records.append((self._base + end, self._dated(record)))

    def _dated(self, record: Record) -> Record:
        """The record with times µs since 1970 instead of since the log's anchor."""
        moments = {
            name: self._wall(getattr(record, name))
            for name in ("micros", "first_micros", "last_micros")
            if hasattr(record, name)
        }
        return msgspec.structs.replace(record, **moments) if moments else record

    def _wall(self, micros: int) -> int:
        wall = self._memory.anchor_micros + micros
        if abs(micros) >= MAX_MICROS:
            raise CorruptLog(f"a time is out of range: {micros} µs")
        return wall

    def _close_segment(self, payloads: Sequence[bytes], tag: int, end: int) -> None:
        if not payloads:
            return
        rows = decode_rows(payloads)
        memory = self._memory
        block = rows_as_columns(
            rows,
            row_lo=self.n_rows,
            anchor_micros=memory.anchor_micros,
            keys=memory.keys,
            schemas=memory.schemas,
        )
        self.n_rows += len(rows)
        self.segments.append(Segment(block, tag == SYSTEM_TAG, self._base + end))

    def _forget_schemas(self) -> None:
        # The writer forgets all of its schemas at MAX_SCHEMAS, so none older than that is used.
        schemas = self._memory.schemas
        for old in list(schemas)[: max(0, len(schemas) - MAX_SCHEMAS)]:
            del schemas[old]


def decode_rows(payloads: Sequence[bytes]) -> Rows:
    """Decode payloads of rows in one call, as one msgpack array of them.

    Raises:
        CorruptLog: one of them is no row.
    """
    joined = b"".join((b"\xdd", len(payloads).to_bytes(4, "big"), *payloads))
    try:
        return _rows_decoder.decode(joined)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CorruptLog(f"a row can't be read: {error}") from None


def _torn(data: bytes, start: int) -> CorruptLog:
    """Say what is wrong with the frame at `start`."""
    try:
        frame_at(data, start)
    except CorruptLog as error:
        return error
    return CorruptLog(f"frame at byte {start} of the upload is torn")
