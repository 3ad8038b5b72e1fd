"""Whole frames in, columns out: nothing lost, nothing changed, nonsense refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.errors import CorruptLog
from weft.records.limits import MAX_SCHEMAS
from weft.records.record import (
    Config,
    Console,
    Exit,
    Gap,
    Key,
    Record,
    Row,
    Run,
    Schema,
    System,
)
from weft.runlog.format import Header, encode_frame, encode_header, encode_payload
from weft.server.http.decode import decode_upload
from weft.server.services.types import Segment, Upload
from weft.server.storage.contract import StreamPosition

ANCHOR = 1_700_000_000_000_000
HEADER = encode_header(Header("run1", "writer1", None, ANCHOR, 5, "host", "m", "b", 7, 8))


def framed(*records: Record | list[Any]) -> bytes:
    return b"".join(encode_frame(encode_payload(record)) for record in records)


def decode(*records: Record | list[Any]) -> Upload:
    return decode_upload(HEADER + framed(*records), writer="writer1")


def kept(upload: Upload, before: StreamPosition | None = None) -> StreamPosition:
    """What a store keeps of an upload."""
    state = upload.state if upload.state is not None or before is None else before.state
    return StreamPosition(upload.to_position, state or b"", upload.n_rows or 0)


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
def logs(draw: st.DrawFn) -> tuple[list[list[Any]], list[dict[str, Any]], list[bool]]:
    """Records of a log with its rows as dicts, and which of them are system samples."""
    names = [f"k{i}" for i in range(draw(st.integers(1, 4)))]
    schemas = draw(
        st.lists(st.lists(st.sampled_from(range(len(names))), unique=True), min_size=1, max_size=3)
    )
    records: list[list[Any]] = [[1, i, name] for i, name in enumerate(names)]
    records += [[2, i, keys] for i, keys in enumerate(schemas)]
    rows: list[dict[str, Any]] = []
    system: list[bool] = []
    kinds = draw(st.sampled_from([st.floats(), VALUES]))
    for _ in range(draw(st.integers(0, 12))):
        schema = draw(st.integers(0, len(schemas) - 1))
        values = [draw(kinds) for _ in schemas[schema]]
        is_system = draw(st.integers(0, 5)) == 0
        step = draw(STEPS)
        micros = draw(st.integers(0, 2**40))
        flags = draw(st.integers(0, 1))
        records.append([8 if is_system else 3, schema, micros, step, values, flags])
        row = {names[key]: value for key, value in zip(schemas[schema], values, strict=True)}
        rows.append({**row, "_step": step, "_time": ANCHOR + micros, "_continues": bool(flags)})
        system.append(is_system)
        if draw(st.integers(0, 6)) == 0:
            records.append([99, "from a later weft"])
    return records, rows, system


@settings(max_examples=150, deadline=None)
@given(logs(), st.data())
def test_rows_come_back_however_the_log_is_cut(
    log: tuple[list[list[Any]], list[dict[str, Any]], list[bool]], data: st.DataObject
) -> None:
    records, rows, system = log
    frames = [framed(record) for record in records]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(frames)), max_size=3)))
    pieces = [b"".join(frames[a:b]) for a, b in zip([0, *cuts], [*cuts, len(frames)], strict=True)]
    pieces[0] = HEADER + pieces[0]
    position, n_rows = 0, 0
    known: StreamPosition | None = None
    for piece in pieces:
        upload = decode_upload(piece, writer="w", position=position, known=known)
        assert (upload.from_position, upload.to_position) == (position, position + len(piece))
        position = upload.to_position
        known = kept(upload, known)
        for segment in upload.segments:
            block = segment.rows
            assert block.row_lo == n_rows
            wanted = rows[n_rows : n_rows + len(block)]
            assert {segment.system} == set(system[n_rows : n_rows + len(block)])
            all_int = all(type(row["_step"]) is int for row in wanted)
            assert block.steps.dtype == (np.int64 if all_int else np.float64)
            assert block.steps.tolist() == [
                row["_step"] if all_int else float(row["_step"]) for row in wanted
            ]
            assert block.times.tolist() == [row["_time"] for row in wanted]
            flags = [False] * len(block) if block.continues is None else block.continues.tolist()
            assert flags == [row["_continues"] for row in wanted]
            for got, row in zip(values_of(segment), wanted, strict=True):
                plain = {key: value for key, value in row.items() if key[0] != "_"}
                assert got.keys() == plain.keys()
                assert all(same(got[key], plain[key]) for key in plain)
            n_rows += len(block)
        assert upload.n_rows == n_rows
        ends = [segment.to_position for segment in upload.segments]
        assert ends == sorted(set(ends))
        assert all(end <= upload.to_position for end in ends)
    assert n_rows == len(rows)


def test_other_records_come_with_positions_and_times_of_the_wall() -> None:
    run = Run("run1", "p", start_micros=ANCHOR + 3, micros=4)
    upload = decode(run, Config(5, [(["lr"], 0.1)]), Gap(2, 10, 20), Exit(30, 0))
    positions = [position for position, _ in upload.records]
    assert positions[0] == len(HEADER + framed(run))
    assert positions[-1] == upload.to_position
    assert [record for _, record in upload.records] == [
        Run("run1", "p", start_micros=ANCHOR + 3, micros=ANCHOR + 4),
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
    assert not upload.records


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
        known=kept(first),
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
            known=kept(first),
        )

    assert len(row_of(MAX_SCHEMAS + 4).segments) == 1
    with pytest.raises(CorruptLog, match="unknown schema"):
        row_of(4)


def test_the_state_changes_only_when_keys_do() -> None:
    first = decode(Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [1]))
    rows = decode_upload(
        framed(Row(0, 0, 0, [1])), writer="w", position=first.to_position, known=kept(first)
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


@pytest.mark.parametrize(
    "records",
    [
        [Schema(0, [7])],
        [Key(0, "a"), Key(0, "b")],
        [Key(0, "")],
        [Key(0, "x" * 2000)],
        [Key(0, "a"), Schema(0, [0, 0])],
        [Key(0, "a"), Schema(0, [0]), Schema(0, [0])],
        [Row(3, 0, 0, [1])],
        [Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [])],
        [Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [1, 2])],
        [Key(0, "a"), Schema(0, [0]), Row(0, 0, math.nan, [1])],
        [Key(0, "a"), Schema(0, [0]), Row(0, 0, math.inf, [1])],
        [Key(0, "a"), Schema(0, [0]), Row(0, 0, 2**64 - 1, [1])],
        [Key(0, "a"), Schema(0, [0]), Row(0, 0, 0, [2**64 - 1])],
        [Key(0, "a"), Schema(0, [0]), [3, 0, 0, "no step", [1]]],
        [Key(0, "a"), Schema(0, [0]), [3, 0, 0, True, [1]]],
        [Key(0, "a"), Schema(0, [0]), [3, 0, 2**63 - 1, 0, [1]]],
        [[3]],
        [[1, "no number", "name"]],
        [{"no": "array"}],
        [Exit(2**63 - 1, 0)],
    ],
    ids=str,
)
def test_records_that_say_nonsense_are_refused(records: list[Any]) -> None:
    with pytest.raises(CorruptLog):
        decode(*records)


def test_an_upload_to_an_unknown_log_starts_at_0() -> None:
    with pytest.raises(CorruptLog, match="unknown log"):
        decode_upload(framed(Row(0, 0, 0, [1])), writer="w", position=500)


def test_deep_nesting_is_refused_not_fatal() -> None:
    deep = b"\x91" * 100_000 + b"\xc0"
    row = b"\x95\x03\x00\x00\x00\x91" + deep
    config = b"\x93\x04\x00\x91\x92\x91\xa1a" + deep
    for payload in (row, config):
        with pytest.raises(CorruptLog):
            decode_upload(
                HEADER + framed(Key(0, "a"), Schema(0, [0])) + encode_frame(payload), writer="w"
            )
