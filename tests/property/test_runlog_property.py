"""The run log under random records, stretches, cuts and damage."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import CorruptLog
from weft.records.record import Config, Console, Exit, Gap, Key, Record, Row, Schema, Summary
from weft.runlog.decoding import decode_record, decode_records
from weft.runlog.format import (
    decode_header,
    encode_frame,
    encode_header,
    encode_payload,
    split_frames,
)
from weft.runlog.header import make_header
from weft.runlog.reader import LogTail, read_records
from weft.runlog.writer import LogWriter

INT64 = st.integers(-(2**63), 2**63 - 1)
NUMBERS = st.one_of(INT64, st.floats(), st.booleans())
VALUES = st.recursive(
    st.one_of(NUMBERS, st.text(), st.none()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)
STEPS = st.one_of(INT64, st.floats(allow_nan=False, allow_infinity=False))
MICROS = st.integers(0, 2**62)
PATHS = st.lists(st.text(min_size=1), min_size=1, max_size=4)
RECORDS: st.SearchStrategy[Record] = st.one_of(
    st.builds(Key, st.integers(0, 2**31), st.text()),
    st.builds(Schema, st.integers(0, 2**31), st.lists(st.integers(0, 2**31))),
    st.builds(Row, st.integers(0, 2**31), MICROS, STEPS, st.lists(VALUES), st.integers(0, 1)),
    st.builds(Config, MICROS, st.lists(st.tuples(PATHS, VALUES)), st.lists(PATHS)),
    st.builds(Summary, MICROS, st.lists(st.tuples(PATHS, VALUES)), st.lists(PATHS)),
    st.builds(Console, st.text(), st.integers(0, 2**40), MICROS, st.text()),
    st.builds(Gap, st.integers(1, 2**40), MICROS, MICROS, st.integers(0, 9)),
    st.builds(Exit, MICROS, st.integers(-255, 255)),
)


def same(a: Any, b: Any) -> bool:
    """Equality in which NaN equals NaN, 1 is not 1.0 and True is not 1."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if hasattr(a, "__struct_fields__"):
        return all(same(getattr(a, f), getattr(b, f)) for f in a.__struct_fields__)
    return a == b


@given(st.lists(RECORDS, max_size=20))
def test_what_is_encoded_is_decoded_one_by_one_and_together(records: list[Record]) -> None:
    payloads = [encode_payload(record) for record in records]
    assert same([decode_record(payload) for payload in payloads], records)
    assert same(decode_records(payloads), records)


@given(st.lists(RECORDS, max_size=12), st.lists(st.integers(1, 200), min_size=1), st.data())
def test_a_log_reads_back_whatever_the_stretches_and_restarts(
    records: list[Record], sizes: list[int], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = LogWriter(Path(folder) / "run-x.y.weft", make_header("x"))
        for record in records:
            log.append(record)
        log.close()
        assert same(list(read_records(log.path)), records)
        parts: list[bytes] = []
        position = 0
        for i in range(10_000):
            tail = LogTail(log.path, position)
            chunk = tail.read(sizes[i % len(sizes)])
            tail.close()
            assert chunk.start == position
            if not chunk.data:
                break
            parts.append(chunk.data)
            position = chunk.end
        assert b"".join(parts) == log.path.read_bytes()


@given(st.lists(RECORDS, min_size=1, max_size=8), st.integers(1, 10_000))
def test_a_log_cut_anywhere_keeps_each_whole_frame(records: list[Record], cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = LogWriter(Path(folder) / "run-x.y.weft", make_header("x"))
        begin = log.size
        ends: list[int] = []
        for record in records:
            log.append(record)
            ends.append(log.size)
        log.close()
        keep = max(begin, log.size - cut)
        with log.path.open("r+b") as file:
            file.truncate(keep)
        n_whole = sum(end <= keep for end in ends)
        assert same(list(read_records(log.path)), records[:n_whole])


@given(st.lists(RECORDS, min_size=2, max_size=8), st.data())
def test_one_flipped_byte_costs_one_frame_at_most(
    records: list[Record], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        log = LogWriter(Path(folder) / "run-x.y.weft", make_header("x"))
        begin = log.size
        ends: list[int] = []
        for record in records:
            log.append(record)
            ends.append(log.size)
        log.close()
        raw = bytearray(log.path.read_bytes())
        at = data.draw(st.integers(begin, len(raw) - 1))
        raw[at] ^= data.draw(st.integers(1, 255))
        log.path.write_bytes(bytes(raw))
        hit = next(i for i, end in enumerate(ends) if at < end)
        expected = records[:hit] + records[hit + 1 :]
        assert same(list(read_records(log.path)), expected)


@given(st.binary(max_size=300))
def test_hostile_bytes_raise_only_corrupt_log(data: bytes) -> None:
    for read in (decode_header, split_frames, decode_record):
        try:
            read(data)
        except CorruptLog:
            pass
    try:
        decode_record(data[:1] + encode_frame(b"x" + data))
    except CorruptLog:
        pass


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=20))
def test_the_checksum_before_a_position_is_of_the_frame_that_ends_there(
    payloads: list[bytes],
) -> None:
    texts = [encode_payload(payload.hex()) for payload in payloads]
    data = encode_header(make_header("ab12cd34"))
    crcs = {len(data): int.from_bytes(data[14:18], "little")}
    for text in texts:
        frame = encode_frame(text)
        data += frame
        crcs[len(data)] = int.from_bytes(frame[2:6], "little")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.weft"
        path.write_bytes(data)
        tail = LogTail(path)
        checksums = {end: tail.crc_before(end) for end in range(1, len(data) + 1)}
        assert {end: crc for end, crc in checksums.items() if crc is not None} == crcs
        assert tail.read().crc == crcs[len(data)]
        tail.close()
