"""The run log's codec: header and frames. Rules RL1 to RL29 of `docs/run-log-format.md`.

Pure: bytes in, bytes out. Shared by writer, uploader, server, importers. `decoding` reads the
records in the frames.
"""

from __future__ import annotations

from struct import Struct
from typing import Final
from zlib import crc32

import msgspec

from weft.errors import CorruptLog, NewerLog
from weft.records.limits import MAX_FRAME_BYTES, MAX_HEADER_BYTES

MAGIC: Final = b"\x89weft\r\n\x1a"
MAJOR: Final = 1
MINOR: Final = 0

# 0xC1 is the one byte that msgpack never uses, so a mark inside a payload needs a text or a blob.
MARK: Final = b"\xc1\x77"

_VERSION: Final = Struct("<HH")
_FRAME: Final = Struct("<2sII")
_LENGTH: Final = Struct("<I")
_CRC: Final = Struct("<I")
PROLOGUE_BYTES: Final = len(MAGIC) + _VERSION.size
FRAME_OVERHEAD: Final = _FRAME.size
HEAD_BYTES: Final = PROLOGUE_BYTES + FRAME_OVERHEAD + MAX_HEADER_BYTES
"""The longest start of a log, before its first record."""

_pack_length = _LENGTH.pack
_pack_crc = _CRC.pack
_unpack_frame = _FRAME.unpack_from
_SEARCH_BUDGET: Final = 4

encode_payload = msgspec.msgpack.Encoder().encode
"""A record (a Struct, or the same fields as a list) as msgpack bytes."""


class Header(msgspec.Struct, frozen=True, array_like=True):
    """The writer of a log, its host and its start. First frame of every log [RL4].

    Attributes:
        parent_writer: for a sidecar, a forked child, or a process that was handed the run: the
            writer it belongs to.
        wall_micros: the anchor: wall time, µs since 1970 UTC, at `boot_micros`.
        boot_micros: the same moment on a clock that counts sleep and never steps.
        machine_id, boot_id, pid, pid_start: name one process; equal ids mean pids can be compared.
        mode: `online` or `offline`; an offline log is sent only by hand.
        labels: labels that tell this writer from the run's others: `rank`, `local_rank`, `node`,
            `label`, and `process`: main, fork, spawn, worker-N or system.
    """

    run_id: str
    writer_id: str
    parent_writer: str | None
    wall_micros: int
    boot_micros: int
    host: str
    machine_id: str
    boot_id: str
    pid: int
    pid_start: int
    mode: str = "online"
    version: str = ""
    labels: dict[str, str] = msgspec.field(default_factory=dict[str, str])


class Frame(msgspec.Struct, frozen=True):
    """A frame's range in a buffer: `[start, end)`, its payload `[payload, end)`."""

    start: int
    payload: int
    end: int


def encode_frame(payload: bytes) -> bytes:
    """Wrap a payload: mark, crc32 of length and payload, length, payload [RL6].

    >>> encode_frame(b"abc").hex(" ")
    'c1 77 33 5d e1 66 03 00 00 00 61 62 63'
    """
    n_bytes = len(payload)
    if not 0 < n_bytes <= MAX_FRAME_BYTES:
        raise ValueError(f"a frame holds 1 to {MAX_FRAME_BYTES} bytes, not {n_bytes}")
    body = _pack_length(n_bytes) + payload
    return MARK + _pack_crc(crc32(body)) + body


def encode_header(header: Header) -> bytes:
    """The first bytes of a log: magic, version, and the header as a frame [RL1 to RL4]."""
    return MAGIC + _VERSION.pack(MAJOR, MINOR) + encode_frame(encode_payload(header))


def decode_header(data: bytes | memoryview) -> tuple[Header, int] | None:
    """Read the header at the start of `data`, and the position of the first record's frame.

    None until all of it is there. CorruptLog if these are not the first bytes of a run log;
    NewerLog if a later major version wrote it.
    """
    start = bytes(data[: len(MAGIC)])
    if not MAGIC.startswith(start):
        raise CorruptLog("not a weft run log: it does not start with the magic bytes")
    if len(data) < PROLOGUE_BYTES:
        return None
    major, minor = _VERSION.unpack_from(data, len(MAGIC))
    if major < 1:
        raise CorruptLog(f"run log of format {major}.{minor}, which never was")
    if major > MAJOR:
        raise NewerLog(
            f"run log of format {major}.{minor}, this weft reads {MAJOR}.x: "
            f"install a weft that reads format {major}"
        )
    frame = frame_at(data, PROLOGUE_BYTES)
    if frame is None:
        return None
    try:
        payload = memoryview(data)[frame.payload : frame.end]
        header = msgspec.msgpack.decode(payload, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptLog(f"run log's header can't be read: {error}") from None
    return header, frame.end


def minor_of(data: bytes | memoryview) -> int:
    """The minor version of a log that `decode_header` has read [RL42]."""
    return _VERSION.unpack_from(data, len(MAGIC))[1]


def frame_at(data: bytes | memoryview, start: int) -> Frame | None:
    """The whole frame at `start`. None if `data` ends before the frame does.

    CorruptLog if mark, length or checksum are wrong.
    """
    if len(data) - start < FRAME_OVERHEAD:
        if not MARK.startswith(bytes(data[start : start + len(MARK)])):
            raise CorruptLog(f"no frame at byte {start}: wrong mark")
        return None
    mark, crc, n_bytes = _unpack_frame(data, start)
    if mark != MARK:
        raise CorruptLog(f"no frame at byte {start}: wrong mark")
    if not 0 < n_bytes <= MAX_FRAME_BYTES:
        raise CorruptLog(f"frame at byte {start} claims {n_bytes} bytes")
    payload = start + FRAME_OVERHEAD
    end = payload + n_bytes
    if len(data) < end:
        return None
    if crc32(memoryview(data)[payload - _LENGTH.size : end]) != crc:
        raise CorruptLog(f"frame at byte {start} has a wrong checksum")
    return Frame(start, payload, end)


def crc_of(data: bytes | memoryview, frame: Frame) -> int:
    """A frame's checksum field."""
    return _unpack_frame(data, frame.start)[1]


def frame_ends(data: bytes, start: int = 0) -> list[int]:
    """The ends of the frames that follow one another from `start` on, up to the first that is
    corrupt or torn.
    """
    ends: list[int] = []
    view = memoryview(data)
    end = len(data)
    append = ends.append
    # `frame_at` by hand: this loop runs once per logged row.
    while (payload := start + FRAME_OVERHEAD) <= end:
        mark, crc, n_bytes = _unpack_frame(data, start)
        stop = payload + n_bytes
        if mark != MARK or stop > end or not 0 < n_bytes <= MAX_FRAME_BYTES:
            break
        if crc32(view[payload - _LENGTH.size : stop]) != crc:
            break
        append(stop)
        start = stop
    return ends


def split_frames(data: bytes, start: int = 0) -> list[Frame]:
    """Cut `data` from `start` to its end into whole frames; CorruptLog if one is corrupt, or the
    last is torn.
    """
    ends = frame_ends(data, start)
    starts = [start, *ends]
    if starts[-1] < len(data):
        frame_at(data, starts[-1])  # raises unless the frame is torn
        raise CorruptLog(f"frame at byte {starts[-1]} is torn")
    return [
        Frame(begin, begin + FRAME_OVERHEAD, end) for begin, end in zip(starts, ends, strict=False)
    ]


def find_frame(data: bytes, start: int) -> Frame | None:
    """The first whole, valid frame at or after `start`: how a reader gets past damage [RL9].

    Cost: linear. Bytes that are full of marks with large lengths, as no writer makes them, would
    cost a checksum over the rest for each mark; such claims are believed only while the budget of
    a few times the buffer lasts.
    """
    budget = _SEARCH_BUDGET * len(data) + MAX_FRAME_BYTES
    while (start := data.find(MARK, start)) >= 0:
        if len(data) - start >= FRAME_OVERHEAD:
            n_bytes = _LENGTH.unpack_from(data, start + FRAME_OVERHEAD - _LENGTH.size)[0]
            end = start + FRAME_OVERHEAD + n_bytes
            if 0 < n_bytes <= MAX_FRAME_BYTES and end <= len(data) and n_bytes <= budget:
                budget -= n_bytes
                try:
                    return frame_at(data, start)
                except CorruptLog:
                    pass
        start += 1
    return None
