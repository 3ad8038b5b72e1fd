"""Event files of TensorBoard: growing, cut, damaged, and of any bytes."""

from __future__ import annotations

import math
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_log import event, float_tensor, framed, record, scalar, summary_value
from wandb_log import field
from weft.records.protobuf import MalformedMessage
from weft.tensorboard_format.decoding import Decoder
from weft.tensorboard_format.framing import EventFile, masked_crc
from weft.tensorboard_format.tensors import tensor
from weft.tensorboard_format.values import Curve, Histogram, Images, Scalar, Sounds, Text, Value

INT64 = st.integers(-(2**63), 2**63 - 1)


def test_the_checksum_is_that_of_tensorflow() -> None:
    # CRC-32C of RFC 3720, appendix B.4, masked as TensorFlow's `crc32c.h` says.
    assert masked_crc(bytes(32)) == ((0x8A9136AA >> 15 | 0x8A9136AA << 17) + 0xA282EAD8) % 2**32


@given(st.lists(st.binary(max_size=50), max_size=8), st.data())
def test_a_growing_file_gives_each_event_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[bytes], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("events") / "events.out.tfevents.1"
    path.touch()
    content = framed(events)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(content)), max_size=6)))
    file, read = EventFile(path), list[bytes]()
    for cut in [*cuts, len(content)]:
        path.write_bytes(content[:cut])
        read += file.read()
        assert read == events[: len(read)]
    assert read == events
    assert (file.position, file.n_damaged, file.is_cut) == (len(content), 0, False)


def test_events_longer_than_a_chunk_are_whole(tmp_path: Path) -> None:
    events = [bytes([n]) * (n * 700_000) for n in range(5)]
    path = tmp_path / "events.out.tfevents.1"
    path.write_bytes(framed(events))
    assert [*EventFile(path).read()] == events


@given(st.data())
def test_a_changed_byte_costs_its_event_or_the_rest(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    events = [scalar("loss", step / 2, step) for step in range(5)]
    content = bytearray(framed(events))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("events") / "events.out.tfevents.1"
    path.write_bytes(content)
    file = EventFile(path)
    read = [*file.read()]
    hit = at // len(record(events[0]))
    assert read == (events[:hit] if file.is_cut else events[:hit] + events[hit + 1 :])
    assert file.is_cut or file.n_damaged == 1


@pytest.mark.parametrize("value", [0.5, -1.0, math.inf, -math.inf])
def test_a_scalar_is_read_as_it_was_written(value: float) -> None:
    decoded = Decoder().decode(scalar("a/loss", value, -3, 12.5))
    assert decoded == (12.5, -3, [("a/loss", Scalar(value))])


def test_a_file_without_values_has_no_events() -> None:
    assert Decoder().decode(field(3, b"brain.Event:2")) is None


def test_a_tag_has_its_plugin_after_the_first_value() -> None:
    decoder = Decoder()
    shape = field(2, field(2, field(1, 1)))
    text = field(8, field(1, 7) + shape + field(8, b"**hi**"))
    for plugin in ("text", ""):
        decoded = decoder.decode(event(summary_value("note", text, plugin), 1))
        assert decoded is not None
        assert decoded.values == [("note", Text("**hi**"))]


HISTO = (
    b"\x09" + pack("<d", -2.0) + b"\x11" + pack("<d", 5.0)
    + field(6, pack("<3d", -1.0, 1.0, 1.7976931348623157e308)) + field(7, pack("<3d", 1, 2, 3))
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "plugin", "value"),
    [
        (field(5, HISTO), "", Histogram([1, 2, 3], [-2, -1, 1, 5])),
        (float_tensor([2, 3], [0, 1, 4, 1, 2, 6]), "histograms", Histogram([4, 6], [0, 1, 2])),
        (float_tensor([], [2.5]), "scalars", Scalar(2.5)),
        (float_tensor([2, 2], [1, 0.5, 0, 1]), "pr_curves", Curve([1, 0.5], [0, 1])),
        (field(4, field(1, 2) + field(4, b"\x89PNG")), "", Images([b"\x89PNG"])),
        (field(6, field(4, b"RIFF")), "", Sounds([b"RIFF"])),
        (
            field(8, field(1, 7) + field(8, b"8") * 2 + field(8, b"png")),
            "images",
            Images([b"png"]),
        ),
    ],
)
def test_each_kind_of_value_is_read(content: bytes, plugin: str, value: Value) -> None:
    decoded = Decoder().decode(event(summary_value("x", content, plugin), 1))
    assert decoded is not None
    assert decoded.values == [("x", value)]


@pytest.mark.parametrize(
    ("message", "numbers"),
    [
        (field(1, 1) + field(5, pack("<2f", 0.5, 1.5)), [0.5]),  # a scalar has one number
        (field(1, 19) + field(13, field(1, 0x3C00)[1:]), [1.0]),  # half, packed
        (field(1, 14) + field(13, 0x3F80), [1.0]),  # bfloat16, not packed
        (field(1, 3) + field(7, 2**64 - 5), [-5]),
        (field(1, 9) + field(2, field(2, field(1, 3))) + field(10, 7), [7, 7, 7]),
        (field(1, 4) + field(2, field(2, field(1, 2))) + field(4, b"\x01\xff"), [1, 255]),
    ],
)
def test_tensors_of_each_type_have_their_numbers(message: bytes, numbers: list[float]) -> None:
    assert tensor(message).numbers == numbers


@given(st.binary(max_size=200), st.sampled_from(["", "images", "histograms", "pr_curves", "text"]))
def test_any_bytes_are_an_event_or_refused(data: bytes, plugin: str) -> None:
    for candidate in (data, event(data, 1), event(summary_value("x", data, plugin), 1)):
        try:
            Decoder().decode(candidate)
        except MalformedMessage:
            pass


@given(
    st.lists(st.one_of(INT64, st.just(2**40)), max_size=4),
    st.lists(st.floats(), max_size=6),
    st.sampled_from(["", "audio", "histograms", "images", "pr_curves", "scalars", "text"]),
)
def test_tensors_of_any_shape_are_read_or_refused(
    shape: list[int], numbers: list[float], plugin: str
) -> None:
    content = float_tensor([size % 2**64 for size in shape], numbers)
    try:
        Decoder().decode(event(summary_value("x", content, plugin), 1))
    except MalformedMessage:
        pass
