"""Decodes whole run-log frames into an `Upload`: rows as columns, the rest as records.

Receives what `unpacking` unpacked (or `directories.follow` read from a file), passes an `Upload`
to `services.ingest`. Pure; the only module of the server that knows frames.

An upload is nearly all rows, so they are never processed one by one: one loop cuts out their
payloads, and whole-column operations turn them into columns. Only if that fails are the rows
searched for those that break a rule; these are refused, and all others are accepted [RL40]. Cost:
about 0.9 µs a row and 0.06 µs a value (Python 3.11).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from weft.errors import CorruptLog, LimitExceeded, NewerLog
from weft.records.limits import MAX_FRAMES, MAX_HEADER_BYTES, MAX_KEYS, MAX_MICROS, MAX_SCHEMAS
from weft.records.record import (
    ROW_TAG,
    SYSTEM_TAG,
    Console,
    Gap,
    Key,
    Record,
    Row,
    Run,
    Schema,
    System,
)
from weft.runlog.decoding import decode_record, type_of
from weft.runlog.format import (
    FRAME_OVERHEAD,
    MAJOR,
    MARK,
    MINOR,
    PROLOGUE_BYTES,
    Header,
    decode_header,
    frame_at,
    minor_of,
)
from weft.server.intake.uploads.columns import rows_as_blocks
from weft.server.intake.uploads.rules import check_record
from weft.server.services.ingest import Segment, Upload
from weft.server.storage.contract import ConsoleLine, RowBlock, StreamPosition

_ROW_STARTS: Final = {
    bytes((0x90 + n_fields, tag)): tag
    for tag in (ROW_TAG, SYSTEM_TAG)
    for n_fields in range(5, 16)
}
"""The beginnings of a row's payload [RL41]: a msgpack array of 5 to 15 fields, its type number."""

_BATCH_BYTES: Final = 2 * 2**20
"""No more are decoded together, because rows as Python objects take four times their bytes."""

_unpack_frame: Final = Struct("<2sII").unpack_from
_decode_row: Final = msgspec.msgpack.Decoder(Row | System).decode


class DecoderState(msgspec.Struct, array_like=True):
    """The state on which later frames of a log depend. Stored with the stream's position.

    Attributes:
        has_begun: whether the first record, the log's Run, was read.
        schemas: key ids by schema id; only the newest `MAX_SCHEMAS`, as in the writer.
    """

    anchor_micros: int
    run_id: str
    has_begun: bool = False
    keys: dict[int, str] = msgspec.field(default_factory=dict[int, str])
    schemas: dict[int, list[int]] = msgspec.field(default_factory=dict[int, list[int]])


class StreamTail(msgspec.Struct, array_like=True):
    """The small part of a decoder's state that changes with every upload.

    Attributes:
        crc: the checksum field of the last frame; two logs that differ before differ in it.
        last_step: step of the last Row, to which a fragment may belong. None if it can't.
    """

    crc: int
    last_step: int | float | None = None


_state_decoder: Final = msgspec.msgpack.Decoder(DecoderState)
_tail_decoder: Final = msgspec.msgpack.Decoder(StreamTail)
_encode: Final = msgspec.msgpack.Encoder().encode


def crc_of(stored: StreamPosition) -> int | None:
    """Checksum of the last frame of a stream; None if it was not stored."""
    return _tail_decoder.decode(stored.tail).crc if stored.tail else None


def decode_upload(
    data: bytes,
    *,
    writer: str,
    position: int = 0,
    n_damaged: int = 0,
    stored: StreamPosition | None = None,
) -> Upload:
    """Decode a consecutive part of a run log.

    Args:
        data: the log's bytes from `position`: whole frames, after the header if `position` is 0.
        n_damaged: bytes before `position` that hold no valid frame and were skipped [RL9].
        stored: the stored position and state of the log's earlier parts. None if `position` is 0.

    Returns:
        An upload without clock bounds, `live` and the like; its `stream` is the writer.
    """
    header: Header | None = None
    start = 0
    if position == 0:
        header, start = _read_header(data)
        memory = DecoderState(header.wall_micros, header.run_id)
        tail = StreamTail(_unpack_frame(data, PROLOGUE_BYTES)[1])
    elif stored is None or not stored.state:
        raise CorruptLog(f"upload starts at byte {position} of an unknown log")
    else:
        memory = _state_decoder.decode(stored.state)
        tail = _tail_decoder.decode(stored.tail) if stored.tail else StreamTail(0)
    if n_damaged:
        tail.last_step = None
    reader = _Reader(memory, tail, position, n_rows=stored.n_rows if stored else 0)
    reader.read(data, start)
    return Upload(
        writer=writer,
        stream=writer,
        from_position=position - n_damaged,
        to_position=position + len(data),
        records=reader.records,
        refused=reader.refused,
        segments=reader.segments,
        console=reader.console,
        state=_encode(memory) if header or reader.has_news else None,
        tail=_encode(tail),
        n_damaged=n_damaged,
        n_rows=reader.n_rows,
        header=header,
    )


def _read_header(data: bytes) -> tuple[Header, int]:
    if len(data) >= PROLOGUE_BYTES + FRAME_OVERHEAD:
        n_bytes = _unpack_frame(data, PROLOGUE_BYTES)[2]
        if n_bytes > MAX_HEADER_BYTES:
            raise CorruptLog(f"header of {n_bytes} bytes; the limit is {MAX_HEADER_BYTES}")
    head = decode_header(data)
    if head is None:
        raise CorruptLog("the log's header is torn")
    minor = minor_of(data)
    if minor > MINOR:
        raise NewerLog(
            f"run log of format {MAJOR}.{minor}, this server keeps {MAJOR}.{MINOR}: "
            "update the server; the log is held until then"
        )
    if not 0 <= head[0].wall_micros <= MAX_MICROS:
        raise CorruptLog("the header's time is out of range")
    return head


class _Reader:
    """Reads one upload's frames; the results are in its attributes."""

    def __init__(self, memory: DecoderState, tail: StreamTail, base: int, *, n_rows: int) -> None:
        self._memory = memory
        self._tail = tail
        self._base = base
        self.n_rows = n_rows
        self.has_news = False
        self.records: list[tuple[int, Record]] = []
        self.refused: list[tuple[int, str]] = []
        self.segments: list[Segment] = []
        self.console: list[ConsoleLine] = []
        # Rows of one tag that wait to be decoded together, and where each ends.
        self._payloads: list[bytes] = []
        self._ends: list[int] = []
        self._tag = ROW_TAG
        # For schemas defined or forgotten while rows wait: the waiting row from which on they
        # are known, and the row up to which.
        self._born: dict[int, int] = {}
        self._died: dict[int, int] = {}
        # The schemas that are not forgotten, the oldest first.
        self._living = deque(memory.schemas)

    def read(self, data: bytes, start: int) -> None:
        unpack = _unpack_frame
        tag_of_row = _ROW_STARTS.get
        n_bytes = len(data)
        add_payload = self._payloads.append
        add_end = self._ends.append
        rows_tag = self._tag
        crc = self._tail.crc
        closing = start + _BATCH_BYTES
        for _ in range(MAX_FRAMES):
            # `runlog.format.frame_at`, inlined because this loop runs once per row.
            payload = start + FRAME_OVERHEAD
            if payload >= n_bytes:
                break
            mark, crc, length = unpack(data, start)
            end = payload + length
            if mark != MARK or end > n_bytes or not length or crc32(data[start + 6 : end]) != crc:
                raise _torn(data, start)
            tag = tag_of_row(data[payload : payload + 2])
            if tag is None:
                self._read_record(data[payload:end], end)
                rows_tag = self._tag
            else:
                if tag != rows_tag or start >= closing:
                    self._flush_rows()
                    self._tag = rows_tag = tag
                    closing = start + _BATCH_BYTES
                add_payload(data[payload:end])
                add_end(end)
            start = end
        if start + FRAME_OVERHEAD < n_bytes:
            raise LimitExceeded(f"upload of more than {MAX_FRAMES} frames")
        if start < n_bytes:
            raise _torn(data, start)
        self._flush_rows()
        self._tail.crc = crc

    def _read_record(self, payload: bytes, end: int) -> None:
        try:
            self._take_record(payload, end)
        except NewerLog:
            raise
        except CorruptLog as error:
            if not self._memory.has_begun:
                raise
            tag = type_of(payload)
            if tag in {ROW_TAG, SYSTEM_TAG}:
                self._flush_rows()
                self._tag = tag
                self._refuse_row(end, str(error))
            else:
                self.refused.append((self._base + end, str(error)))

    def _take_record(self, payload: bytes, end: int) -> None:
        record = decode_record(payload)
        memory = self._memory
        if not memory.has_begun:
            self._begin(record)
        if record is None:  # of a type that only later versions know
            return
        check_record(record)
        match record:
            case Key(key_id=key_id, name=name):
                self._add_key(key_id, name)
            case Schema(schema_id=schema_id, key_ids=key_ids):
                self._add_schema(schema_id, key_ids)
            case Console(stream=stream, line=line, micros=micros, text=text):
                self.console.append(ConsoleLine(stream, line, self._wall(micros), text))
            case Row() | System():
                raise CorruptLog("a row is not encoded as rows are")
            case Run(run_id=run_id) if run_id != memory.run_id:
                raise CorruptLog(f"a record is of another run: {run_id}")
            case _:
                if isinstance(record, Gap):
                    self._flush_rows()
                    self._tail.last_step = None
                self.records.append((self._base + end, self._dated(record)))

    def _begin(self, record: Record | None) -> None:
        """Refuse the whole log unless its first record is its run [RL22b]."""
        memory = self._memory
        if self._payloads or not isinstance(record, Run) or record.run_id != memory.run_id:
            raise CorruptLog(f"the log does not begin with a record of its run {memory.run_id}")
        check_record(record)
        memory.has_begun = self.has_news = True

    def _add_key(self, key_id: int, name: str) -> None:
        keys = self._memory.keys
        present = keys.get(key_id)
        if present == name:
            return
        if present is not None:
            raise CorruptLog(f"key {key_id} was given two names")
        if len(keys) >= MAX_KEYS:
            raise CorruptLog(f"one process logged more than {MAX_KEYS} different keys")
        keys[key_id] = name
        self.has_news = True

    def _add_schema(self, schema_id: int, key_ids: list[int]) -> None:
        memory = self._memory
        if schema_id in self._died:
            self._flush_rows()
        present = memory.schemas.get(schema_id)
        if present == key_ids:
            return
        if present is not None:
            raise CorruptLog(f"schema {schema_id} was given twice")
        if not memory.keys.keys() >= set(key_ids):
            raise CorruptLog(f"schema {schema_id} names an unknown key")
        if len({memory.keys[key_id] for key_id in key_ids}) != len(key_ids):
            raise CorruptLog(f"schema {schema_id} repeats a key")
        memory.schemas[schema_id] = key_ids
        self._born[schema_id] = len(self._payloads)
        self._living.append(schema_id)
        if len(self._living) > MAX_SCHEMAS:
            # The writer forgets all of its schemas at MAX_SCHEMAS, so it uses no older one.
            self._died[self._living.popleft()] = len(self._payloads)
        self.has_news = True

    def _dated(self, record: Record) -> Record:
        """The record with times in µs since 1970 instead of since the log's anchor."""
        moments = {
            name: self._wall(getattr(record, name))
            for name in ("micros", "first_micros", "last_micros")
            if hasattr(record, name)
        }
        return msgspec.structs.replace(record, **moments) if moments else record

    def _wall(self, micros: int) -> int:
        return self._memory.anchor_micros + micros

    def _flush_rows(self) -> None:
        """Decode and number the rows that wait."""
        payloads, ends = self._payloads, self._ends
        if payloads:
            if not self._memory.has_begun:
                raise CorruptLog("the log does not begin with a record of its run")
            self._take_rows(payloads, ends)
            payloads.clear()
            ends.clear()
        for old in self._died:
            del self._memory.schemas[old]
        self._born.clear()
        self._died.clear()

    def _take_rows(self, payloads: Sequence[bytes], ends: Sequence[int]) -> None:
        try:
            rows = [*map(_decode_row, payloads)]
            self._check_lives(rows, 0, len(rows))
            blocks = self._blocks_of(rows)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, CorruptLog):
            self._take_good_rows(payloads, ends)
        else:
            self._add(rows, blocks, ends)

    def _take_good_rows(self, payloads: Sequence[bytes], ends: Sequence[int]) -> None:
        """Accept the rows between those that break a rule; refuse these one by one."""
        rows: list[Row | System | None] = []
        faults: dict[int, str] = {}
        for ordinal, payload in enumerate(payloads):
            try:
                rows.append(_decode_row(payload))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                rows.append(None)
                faults[ordinal] = f"a row can't be read: {error}"
        self._find_faults(rows, 0, len(rows), faults)
        start = 0
        for bad in [*sorted(faults), len(rows)]:
            good = [row for row in rows[start:bad] if row is not None]
            if good:
                self._add(good, self._blocks_of(good), ends[start:bad])
            if bad < len(rows):
                self._refuse_row(ends[bad], faults[bad])
            start = bad + 1

    def _find_faults(
        self, rows: Sequence[Row | System | None], lo: int, hi: int, faults: dict[int, str]
    ) -> None:
        """Note why each invalid row in `[lo, hi)` is invalid; by bisection, because few are."""
        present = [row for row in rows[lo:hi] if row is not None]
        if not present:
            return
        try:
            self._check_lives(rows, lo, hi)
            self._blocks_of(present)
        except CorruptLog as error:
            if hi - lo == 1:
                faults[lo] = str(error)
                return
            middle = (lo + hi) // 2
            self._find_faults(rows, lo, middle, faults)
            self._find_faults(rows, middle, hi, faults)

    def _check_lives(self, rows: Sequence[Row | System | None], lo: int, hi: int) -> None:
        """Check that each row's schema was defined before it, and not forgotten [RL23]."""
        born, died = self._born, self._died
        for ordinal in range(lo, hi if born or died else lo):
            row = rows[ordinal]
            if row is not None and not (
                born.get(row.schema_id, 0) <= ordinal < died.get(row.schema_id, len(rows))
            ):
                raise CorruptLog(f"a row has the unknown schema {row.schema_id}")

    def _blocks_of(self, rows: Sequence[Row | System]) -> list[RowBlock]:
        memory = self._memory
        return rows_as_blocks(
            rows,
            row_lo=self.n_rows,
            anchor_micros=memory.anchor_micros,
            last_step=self._tail.last_step if self._tag == ROW_TAG else None,
            keys=memory.keys,
            schemas=memory.schemas,
        )

    def _add(
        self, rows: Sequence[Row | System], blocks: Sequence[RowBlock], ends: Sequence[int]
    ) -> None:
        is_system = self._tag == SYSTEM_TAG
        for block in blocks:
            if is_system:
                block.continues = None
            stop = block.row_lo - self.n_rows + len(block)
            self.segments.append(Segment(block, is_system, self._base + ends[stop - 1]))
        self.n_rows += len(rows)
        if not is_system:
            self._tail.last_step = rows[-1].step

    def _refuse_row(self, end: int, reason: str) -> None:
        """Refuse a row; it keeps its row number, and no later fragment can belong to it."""
        self.refused.append((self._base + end, reason))
        self.n_rows += 1
        if self._tag == ROW_TAG:
            self._tail.last_step = None


def _torn(data: bytes, start: int) -> CorruptLog:
    """Say what is wrong with the frame at `start`."""
    try:
        frame_at(data, start)
    except CorruptLog as error:
        return error
    return CorruptLog(f"frame at byte {start} of the upload is torn")
