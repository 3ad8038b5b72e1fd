"""The messages of `.wandb` files, decoded from protobuf by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wandb_log import WandbLog, field, item, varint, zigzag
from weft.records.protobuf import MalformedMessage, fields, signed
from weft.wandb_import.messages import (
    ConfigChanges,
    ExitInfo,
    HistoryRow,
    Item,
    LeftOut,
    MetricDefinition,
    Output,
    RunInfo,
    SummaryChanges,
    read_message,
)

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 2**29 - 1),
            st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=300)),
        )
    )
)
def test_fields_are_read_as_they_were_written(given_fields: list[tuple[int, Any]]) -> None:
    data = b"".join(field(number, value) for number, value in given_fields)
    assert list(fields(data)) == given_fields


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(data: bytes) -> None:
    try:
        read_message(data)
    except MalformedMessage:
        pass


def test_every_cut_of_a_message_is_read_or_refused() -> None:
    log = WandbLog()
    log.run("ab12cd34", "digits", start_secs=1_800_000_000.5, config={"lr": {"a": [1]}}, name="x")
    record = log.records[1]
    for n_bytes in range(len(record)):
        try:
            read_message(record[:n_bytes])
        except MalformedMessage:
            continue


@given(INT64)
def test_negative_numbers_keep_their_sign(value: int) -> None:
    [(_, raw)] = fields(field(1, value))
    assert signed(raw) == value
    row = read_message(field(2, field(1, field(2, "n") + field(5, zigzag(value) % 2**64))))
    assert row == HistoryRow([Item(("n",), value)])


@pytest.mark.parametrize(
    "data", [b"\x00\x01", b"\x0b", b"\x0a\x05ab", b"\x08" + b"\x80" * 11, b"\x09\x01", varint(8)]
)
def test_broken_fields_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedMessage):
        list(fields(data))


def test_typed_values_come_before_json() -> None:
    named = field(2, "x")
    typed = {
        field(4, 1): True,
        field(5, zigzag(-7)): -7,
        field(6, 0.25): 0.25,
        field(7, "text"): "text",
        field(8, '{"a": [1]}'): {"a": [1]},
        field(3, 0): None,
    }
    for data, value in typed.items():
        for message in (named + data, named + data + field(16, "99"), field(16, "99") + data):
            source = message if named in message else named + message
            assert read_message(field(2, field(1, source))) == HistoryRow([Item(("x",), value)])


def test_names_are_nested_or_plain() -> None:
    nested = item(("a", "b.c"), 1)
    plain = field(1, "a.b") + field(16, "2")
    row = read_message(field(2, field(1, nested) + field(1, plain) + field(2, field(1, 3))))
    assert row == HistoryRow([Item(("a", "b.c"), 1), Item(("a.b",), 2)], step=3)


def test_values_that_are_not_json_are_counted() -> None:
    bad = field(2, "x") + field(16, "{")
    nan = field(2, "y") + field(16, "NaN")
    row = read_message(field(2, field(1, bad) + field(1, nan) + field(1, field(16, "1"))))
    assert isinstance(row, HistoryRow)
    assert row.n_invalid == 2
    assert math.isnan(row.items[0].value)


def test_a_run_has_all_it_says() -> None:
    texts = {1: "id1", 3: "p", 6: "g", 7: "j", 8: "n", 9: "notes", 12: "s", 13: "box"}
    data = b"".join(field(number, value) for number, value in texts.items())
    data += field(10, "t1") + field(10, "t2") + field(4, field(1, item("lr", 0.1)))
    data += field(17, field(1, 12) + field(2, 500_000_000)) + field(18, 1) + field(20, 9)
    assert read_message(field(17, data)) == RunInfo(
        run_id="id1",
        project="p",
        config=ConfigChanges([Item(("lr",), 0.1)]),
        group="g",
        job_type="j",
        name="n",
        notes="notes",
        tags=["t1", "t2"],
        sweep="s",
        host="box",
        start_micros=12_500_000,
        resumed=True,
        runtime_secs=9,
    )


def test_other_messages() -> None:
    log = WandbLog()
    log.summary({"best": 1}, removed=["old"])
    log.output("oops", 5.5, is_error=True)
    log.exit(-11)
    log.add(12, field(1, "loss") + field(4, "epoch") + field(6, field(1, 1)) + field(8, 2))
    log.add(8, field(4, "dataset"))
    log.add(8, field(4, "run_table"))
    log.add(26, field(1, "Linux"))
    log.add(77, b"")
    assert [read_message(record) for record in log.records[1:]] == [
        SummaryChanges([Item(("best",), 1)], [("old",)]),
        Output(is_error=True, micros=5_500_000, text="oops"),
        ExitInfo(-11),
        MetricDefinition({"1": "loss", "4": "epoch", "6": [1], "8": 2}),
        LeftOut("artifacts"),
        None,
        None,
        LeftOut("records of an unknown kind"),
    ]
