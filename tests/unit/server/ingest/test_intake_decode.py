"""Whole frames in, columns out: nothing lost, nothing changed, however the log is cut.

What is refused is tested in `tests/spec/test_runlog_server_rules.py`.
"""

from __future__ import annotations

import math
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from at_length import at_length
from weft.errors import CorruptLog, LimitExceeded
from weft.records.limits import MAX_FRAMES, MAX_SCHEMAS
from weft.records.record import Config, Console, Exit, Gap, Key, Record, Row, Run, Schema, System
from weft.runlog.format import Header, encode_frame, encode_header, encode_payload
from weft.server.intake.uploads.decode import decode_upload
from weft.server.services.ingest.upload import Segment, Upload
from weft.server.storage.contract import StreamPosition

ANCHOR = 1_700_000_000_000_000
RUN = Run("run1", "p")
HEADER = encode_header(
    Header("run1", "writer1", None, ANCHOR, 5, "host", "m", "b", 7, 8)
) + encode_frame(encode_payload(RUN))
"""The header, and the record that a log begins with."""


def framed(*records: Record | list[Any]) -> bytes:
    return b"".join(encode_frame(encode_payload(record)) for record in records)


def decode(*records: Record | list[Any]) -> Upload:
    return decode_upload(HEADER + framed(*records), writer="writer1")


def kept(upload: Upload, before: StreamPosition | None = None) -> StreamPosition:
    """The part of an upload that a store keeps."""
    state = upload.state if upload.state is not None or before is None else before.state
    return StreamPosition(upload.to_position, state or b"", upload.n_rows or 0, upload.tail or b"")


def values_of(segment: Segment) -> list[dict[str, Any]]:
    """The rows of a segment as dicts, the slow way."""
    rows: list[dict[str, Any]] = [{} for _ in range(len(segment.rows))]
    for key, columns in segment.rows.columns.items():
        assert len({column.kind for column in columns}) == len(columns)
        for column in columns:
            plain = column.values if isinstance(column.values, list) else column.values.tolist()
            ordinals = range(len(rows)) if column.rows is None else column.rows.tolist()
            assert list(ordinals) == sorted(set(ordinals))
            for ordinal, value in zip(ordinals, plain, strict=True):
                assert key not in rows[ordinal]
                rows[ordinal][key] = value
    return rows


def plain(step: int | float) -> tuple[type, int | float]:
    """A step as it reads back, whatever steps lie beside it."""
    if isinstance(step, float) and step.is_integer() and abs(step) <= 2**53:
        step = int(step)
    return type(step), step


def same(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    return type(a) is type(b) and a == b


VALUES = st.one_of(
    st.floats(),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.text(max_size=5),
    st.none(),
    st.lists(st.integers(0, 9), max_size=3),
)
STEPS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[list[Any]], list[dict[str, Any] | None], list[bool]]:
    """Records of a log with its rows as dicts, and which of them are system samples.

    None stands for a row that breaks a rule.
    """
    names = [f"k{i}" for i in range(draw(st.integers(1, 4)))]
    schemas = draw(
        st.lists(st.lists(st.sampled_from(range(len(names))), unique=True), min_size=1, max_size=3)
    )
    records: list[list[Any]] = [[1, i, name] for i, name in enumerate(names)]
    records += [[2, i, keys] for i, keys in enumerate(schemas)]
    rows: list[dict[str, Any] | None] = []
    system: list[bool] = []
    last_step: int | float | None = None
    kinds = draw(st.sampled_from([st.floats(), VALUES]))
    for _ in range(draw(st.integers(0, 12))):
        schema = draw(st.integers(0, len(schemas) - 1))
        values = [draw(kinds) for _ in schemas[schema]]
        is_system = draw(st.integers(0, 5)) == 0
        step = draw(st.one_of(STEPS, st.integers(0, 1)))
        micros = draw(st.integers(0, 2**40))
        flags = draw(st.integers(0, 1))
        records.append([8 if is_system else 3, schema, micros, step, values, flags])
        row = {names[key]: value for key, value in zip(schemas[schema], values, strict=True)}
        continues = bool(flags) and not is_system and step == last_step
        rows.append({**row, "_step": step, "_time": ANCHOR + micros, "_continues": continues})
        system.append(is_system)
        last_step = last_step if is_system else step
        if draw(st.integers(0, 6)) == 0:
            tag = draw(st.sampled_from([3, 8]))
            bad = [[tag, 99, 0, 0, []], [tag, 0, -1, 0, []], [tag, 0], [tag, 0, 0, "x", [], 1]]
            records.append(draw(st.sampled_from(bad)))
            rows.append(None)
            system.append(tag == 8)
            last_step = None if tag == 3 else last_step
        if draw(st.integers(0, 9)) == 0:
            records.append([13, 1, 2, 3])
            last_step = None
        if draw(st.integers(0, 6)) == 0:
            records.append([99, "from a later weft"])
    return records, rows, system


@settings(max_examples=3 * settings().max_examples, deadline=None)
@given(logs(), st.data())
def test_rows_come_back_however_the_log_is_cut(
    log: tuple[list[list[Any]], list[dict[str, Any] | None], list[bool]], data: st.DataObject
) -> None:
    records, rows, system = log
    frames = [framed(record) for record in records]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(frames)), max_size=3)))
    pieces = [b"".join(frames[a:b]) for a, b in zip([0, *cuts], [*cuts, len(frames)], strict=True)]
    pieces[0] = HEADER + pieces[0]
    batch_bytes = data.draw(st.sampled_from([1, 40, 10_000]))
    position = n_refused = 0
    numbers_back: list[int] = []
    earlier: StreamPosition | None = None
    for piece in pieces:
        with patch("weft.server.intake.uploads.decode._BATCH_BYTES", batch_bytes):
            upload = decode_upload(piece, writer="w", position=position, stored=earlier)
        assert (upload.from_position, upload.to_position) == (position, position + len(piece))
        position = upload.to_position
        earlier = kept(upload, earlier)
        for segment in upload.segments:
            block = segment.rows
            numbers = range(block.row_lo, block.row_lo + len(block))
            numbers_back += numbers
            expected = [row for number in numbers if (row := rows[number]) is not None]
            assert {segment.system} == {system[number] for number in numbers}
            assert [plain(step) for step in block.steps.tolist()] == [
                plain(row["_step"]) for row in expected
            ]
            assert block.times.tolist() == [row["_time"] for row in expected]
            flags = [False] * len(block) if block.continues is None else block.continues.tolist()
            assert flags == [row["_continues"] for row in expected]
            for got, row in zip(values_of(segment), expected, strict=True):
                values = {key: value for key, value in row.items() if key[0] != "_"}
                assert got.keys() == values.keys()
                assert all(same(got[key], values[key]) for key in values)
        n_refused += len(upload.refused)
        assert upload.n_rows == len(numbers_back) + n_refused
        ends = [segment.to_position for segment in upload.segments]
        assert ends == sorted(set(ends))
        assert all(end <= upload.to_position for end in ends)
    assert numbers_back == [number for number, row in enumerate(rows) if row is not None]
    assert n_refused == rows.count(None)


def test_other_records_come_with_positions_and_times_of_the_wall() -> None:
    run = Run("run1", "p", start_micros=3, micros=4)
    upload = decode(run, Config(5, [(["lr"], 0.1)]), Gap(2, 10, 20), Exit(30, 0))
    positions = [position for position, _ in upload.records]
    assert positions[:2] == [len(HEADER), len(HEADER + framed(run))]
    assert positions[-1] == upload.to_position
    assert [record for _, record in upload.records] == [
        Run("run1", "p", micros=ANCHOR),
        Run("run1", "p", start_micros=3, micros=ANCHOR + 4),
        Config(ANCHOR + 5, [(["lr"], 0.1)]),
        Gap(2, ANCHOR + 10, ANCHOR + 20),
        Exit(ANCHOR + 30, 0),
    ]
    assert upload.header is not None
    assert upload.header.run_id == "run1"


def test_console_lines_are_given_apart() -> None:
    upload = decode(Console("stdout", 4, 9, "hello"))
    assert [(c.stream, c.line, c.micros, c.text) for c in upload.console] == [
        ("stdout", 4, ANCHOR + 9, "hello")
    ]
    assert len(upload.records) == 1


def test_rows_and_system_samples_share_one_numbering() -> None:
    upload = decode(
        Key(0, "a"), Schema(0, [0]), Row(0, 1, 0, [1]), System(0, 2, 0, [2]), Row(0, 3, 1, [3])
    )
    assert [(s.system, s.rows.row_lo, len(s.rows)) for s in upload.segments] == [
        (False, 0, 1),
        (True, 1, 1),
        (False, 2, 1),
    ]


def test_a_key_of_several_schemas_has_one_column_of_each_kind() -> None:
    upload = decode(
        *(Key(i, name) for i, name in enumerate("ab")),
        Schema(0, [0, 1]),
        Schema(1, [1]),
        Row(0, 0, 0, [1.0, 2.0]),
        Row(1, 1, 1, [3.0]),
        Row(0, 2, 2, [4.0, 5]),
    )
    columns = upload.segments[0].rows.columns["b"]
    assert {column.kind for column in columns} == {"float", "int"}
    assert values_of(upload.segments[0]) == [{"a": 1.0, "b": 2.0}, {"b": 3.0}, {"a": 4.0, "b": 5}]


def test_damage_before_a_stretch_moves_only_where_it_starts() -> None:
    first = decode(Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [1]))
    position = first.to_position + 100
    upload = decode_upload(
        framed(Row(0, 1, 1, [2])),
        writer="w",
        position=position,
        n_damaged=100,
        stored=kept(first),
    )
    assert (upload.from_position, upload.segments[0].rows.row_lo) == (first.to_position, 1)


def test_only_the_newest_schemas_are_remembered() -> None:
    schemas = [Schema(i, [0]) for i in range(MAX_SCHEMAS + 5)]
    first = decode(Key(0, "a"), *schemas)

    def row_of(schema: int) -> Upload:
        return decode_upload(
            framed(Row(schema, 0, 0, [1])),
            writer="w",
            position=first.to_position,
            stored=kept(first),
        )

    assert len(row_of(MAX_SCHEMAS + 4).segments) == 1
    assert "unknown schema 4" in row_of(4).refused[0][1]


def test_the_state_changes_only_when_keys_do() -> None:
    first = decode(Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [1]))
    rows = decode_upload(
        framed(Row(0, 0, 0, [1])), writer="w", position=first.to_position, stored=kept(first)
    )
    assert (rows.state, rows.n_rows) == (None, 2)


INTACT = HEADER + framed(Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [1.5]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a log at all, but long enough to be one",
        HEADER[:-1],
        INTACT[:-1],
        INTACT[:-5],
        INTACT + b"\xc1",
        INTACT[:-3] + b"xyz",
        INTACT + b"garbage after the last frame",
    ],
)
def test_torn_or_corrupt_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptLog):
        decode_upload(data, writer="w")


def test_an_upload_to_an_unknown_log_starts_at_0() -> None:
    with pytest.raises(CorruptLog, match="unknown log"):
        decode_upload(framed(Row(0, 0, 0, [1])), writer="w", position=500)


@at_length
def test_only_so_many_frames_are_taken_at_once() -> None:
    frame = framed([99])
    full = frame * (MAX_FRAMES - 1)
    assert decode_upload(HEADER + full, writer="w").to_position == len(HEADER + full)
    with pytest.raises(LimitExceeded, match="frames"):
        decode_upload(HEADER + full + 2 * frame, writer="w")


def test_many_refused_rows_cost_little_more_than_good_ones() -> None:
    rows = [Row(0 if i % 3 else 9, i, i, [1.0]) for i in range(300)]
    upload = decode(Key(0, "a"), Schema(0, [0]), *rows)
    assert len(upload.refused) == 100
    assert upload.n_rows == 300
    steps = [
        (segment.rows.row_lo + i, step)
        for segment in upload.segments
        for i, step in enumerate(segment.rows.steps.tolist())
    ]
    assert steps == [(i, i) for i in range(300) if i % 3]


def test_a_schema_is_known_only_behind_it_however_the_log_is_cut() -> None:
    first = framed(Key(0, "a"), Row(0, 0, 0, [1]), Row(0, 0, 1, [1]))
    second = framed(Schema(0, [0]), Row(0, 0, 2, [1]))
    whole = decode_upload(HEADER + first + second, writer="w")
    assert len(whole.refused) == 2
    assert [(s.rows.row_lo, s.rows.steps.tolist()) for s in whole.segments] == [(2, [2])]


def test_a_schema_number_that_was_forgotten_may_come_again() -> None:
    schemas = [Schema(i, [0]) for i in range(MAX_SCHEMAS)]
    upload = decode(
        Key(0, "a"), Key(1, "b"), *schemas,
        Row(0, 0, 0, [1]), Schema(MAX_SCHEMAS, [0]), Row(0, 0, 1, [1]), Schema(0, [1]),
        Row(0, 0, 2, [1]),
    )  # fmt: skip
    assert [list(s.rows.columns) for s in upload.segments] == [["a"], ["b"]]
    assert len(upload.refused) == 1
