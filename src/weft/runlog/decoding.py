"""Reads the records in a run log's frames. Rules RL20 to RL29 of `docs/run-log-format.md`. Pure.

Apart from `format`, which each script imports: a decoder of all record types takes a millisecond
to make, and a script that starts a run only writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from weft.errors import CorruptLog, NewerLog
from weft.records.record import FIRST_REQUIRED_TYPE, RECORD_TYPES, Record

_record_decoder: Final = msgspec.msgpack.Decoder(Record)
_records_decoder: Final = msgspec.msgpack.Decoder(list[Record])
_N_TYPES: Final = len(RECORD_TYPES)


def decode_record(payload: bytes | memoryview) -> Record | None:
    """Read one payload.

    None if this weft does not know the record type [RL21]; NewerLog if a reader has to know it.
    """
    try:
        return _record_decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        tag = type_of(payload)
        if tag is None or tag < _N_TYPES:
            raise CorruptLog(f"payload is not a record: {error}") from None
    if tag >= FIRST_REQUIRED_TYPE:
        raise NewerLog(f"run log holds a record of type {tag}: install a weft that knows it")
    return None


def decode_records(payloads: Sequence[bytes | memoryview]) -> list[Record | None]:
    """Read many payloads at once; several times faster than one by one."""
    # One msgpack array of all payloads costs one call. A payload that were two values, or half of
    # one, would shift the others: then the count or the end is wrong and the decoder says so.
    head = b"\xdd" + len(payloads).to_bytes(4, "big")
    try:
        # pyrefly: ignore[bad-assignment]
        records: list[Record | None] = [*_records_decoder.decode(head + b"".join(payloads))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return [decode_record(payload) for payload in payloads]
    return records


def type_of(payload: bytes | memoryview) -> int | None:
    """The type number of a record, whatever follows it. None if no record starts like this."""
    data = bytes(payload[:8])
    if not data:
        return None
    first = data[0]
    at = 1 if 0x91 <= first <= 0x9F else {0xDC: 3, 0xDD: 5}.get(first, 8)
    head = data[at : at + 2]
    if head and head[0] < 0x80:
        return head[0]
    return head[1] if len(head) == 2 and head[0] == 0xCC else None
