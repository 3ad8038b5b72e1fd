"""The rules of docs/run-log-format.md that a server keeps when it decodes an upload."""

from __future__ import annotations

import math
import struct
from typing import Any

import msgspec
import pytest

from weft.errors import CorruptLog, NewerLog
from weft.records.limits import (
    MAX_FILE_BYTES,
    MAX_FILE_ERROR_BYTES,
    MAX_MICROS,
    MAX_NESTING,
    MAX_NUMBER,
    MAX_SOURCES,
)
from weft.records.record import (
    CONTINUES_ROW,
    Artifact,
    Config,
    Console,
    Exit,
    File,
    Gap,
    Key,
    LostMedia,
    MetricDefinition,
    Row,
    Run,
    Schema,
    Summary,
    System,
)
from weft.runlog.format import MAGIC, MINOR, Header, encode_frame, encode_header, encode_payload
from weft.server.intake.uploads.decode import decode_upload
from weft.server.services.ingest.upload import Upload
from weft.server.storage.contract import StreamPosition

ANCHOR = 1_700_000_000_000_000
HEADER = encode_header(Header("run1", "writer1", None, ANCHOR, 5, "host", "m", "b", 7, 8))
SHA256 = "0123456789abcdef" * 4
RUN = Run("run1", "p")
BEGIN = (RUN, Key(0, "a"), Key(1, "b"), Key(2, "a"), Schema(0, [0]))
"""The beginning of the logs here: a schema of one key."""


def framed(*records: Any) -> bytes:
    """Frames of records; bytes are a payload as it is."""
    return b"".join(
        encode_frame(record if isinstance(record, bytes) else encode_payload(record))
        for record in records
    )


def decode(*records: Any) -> Upload:
    return decode_upload(HEADER + framed(*BEGIN, *records), writer="writer1")


def after(upload: Upload, *records: Any, damaged: int = 0) -> Upload:
    """Decode what comes behind an upload."""
    position = StreamPosition(
        upload.to_position, upload.state or b"", upload.n_rows or 0, upload.tail or b""
    )
    return decode_upload(
        framed(*records),
        writer="writer1",
        position=upload.to_position + damaged,
        n_damaged=damaged,
        stored=position,
    )


def rows_of(upload: Upload) -> list[tuple[int, int | float, bool]]:
    """Number, step and whether it is a fragment, of each row that was taken."""
    return [
        (block.row_lo + i, step, block.continues is not None and bool(block.continues[i]))
        for segment in upload.segments
        for block in [segment.rows]
        for i, step in enumerate(block.steps.tolist())
    ]


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


EXT = b"\x95\x03\x00\x00\x01\x91\xd4\x05\x00"
TIMESTAMP = b"\x95\x03\x00\x00\x01\x91\xd6\xff\x00\x00\x00\x00"
NUMBERED_MAP = b"\x95\x03\x00\x00\x01\x91\x81\x01\x02"
DEEP = b"\x95\x03\x00\x00\x01\x91" + b"\x91" * 100_000 + b"\xc0"
NO_UTF8 = b"\x95\x03\x00\x00\x01\x91\xa1\xff"

BAD_ROWS: list[Any] = [
    Row(9, 0, 1, [1]),
    Row(0, 0, 1, []),
    Row(0, 0, 1, [1, 2]),
    Row(0, 0, math.nan, [1]),
    Row(0, 0, -math.inf, [1]),
    Row(0, 0, 2**63, [1]),
    Row(0, 0, 1, [2**63]),
    Row(0, -1, 1, [1]),
    Row(0, MAX_MICROS + 1, 1, [1]),
    [3, 0, 0, "no step", [1]],
    [3, 0, 0, True, [1]],
    [3, 0, 0, 1, 5],
    [3, 0, 0, 1, [1], "flags"],
    Row(0, 0, 1, [b"bytes"]),
    Row(0, 0, 1, [{"a": [b"bytes"]}]),
    Row(0, 0, 1, [{"a": 2**64 - 1}]),
    Row(0, 0, 1, ["x" * (2**20 + 1)]),
    Row(0, 0, 1, ["é" * (2**19 + 1)]),
    Row(0, 0, 1, [nested(MAX_NESTING + 1)]),
    EXT,
    TIMESTAMP,
    NUMBERED_MAP,
    DEEP,
    NO_UTF8,
    encode_payload(Row(0, 0, 1, [1])) + b"\x00",
    encode_payload(Row(0, 0, 1, [1]))[:-1],
]


@pytest.mark.parametrize("bad", BAD_ROWS, ids=range(len(BAD_ROWS)))
def test_RL40_a_row_that_breaks_a_rule_is_refused_alone_and_has_its_number(bad: Any) -> None:
    upload = decode(Row(0, 0, 10, [1]), bad, Row(0, 0, 12, [1.5]), System(0, 0, 0, [1]))
    assert rows_of(upload) == [(0, 10, False), (2, 12, False), (3, 0, False)]
    assert upload.n_rows == 4
    assert [position for position, _ in upload.refused] == [
        len(HEADER + framed(*BEGIN, Row(0, 0, 10, [1]), bad))
    ]


BAD_RECORDS: list[Any] = [
    Key(0, "other"),
    Key(7, ""),
    Key(7, "x" * 1025),
    Key(-1, "x"),
    Key(MAX_NUMBER + 1, "x"),
    Schema(1, [7]),
    Schema(1, [0, 0]),
    Schema(1, [0, 2]),
    Schema(0, [1]),
    Schema(-1, [1]),
    Schema(MAX_NUMBER + 1, [1]),
    Config(0, [([], 1)]),
    Config(0, [(["x"] * 33, 1)]),
    Config(0, [(["x" * 1025], 1)]),
    Config(0, [([""], 1)]),
    Config(0, [(["x"], b"bytes")]),
    Config(0, [], [[]]),
    Summary(0, [(["x"], nested(MAX_NESTING + 1))]),
    Summary(0, [(["x"], 2**63)]),
    Summary(MAX_MICROS + 1, []),
    MetricDefinition(""),
    File("../x", 1, SHA256),
    File("", 1, SHA256),
    File("a.png", -1, SHA256),
    File("a.png", MAX_FILE_BYTES + 1, SHA256),
    File("a.png", 1, SHA256.upper()),
    File("a.png", 1, SHA256[:-1]),
    File("a.png", 1, SHA256 + "\n"),
    File("a.png", 0, ""),
    File("a.png", 0, "", MAX_MICROS + 1, "gone"),
    File("a.png", 1, "", 0, "gone"),
    File("a.png", 0, SHA256, 0, "gone"),
    File("a.png", 0, "", 0, ""),
    File("a.png", 0, "", 0, "x" * (MAX_FILE_ERROR_BYTES + 1)),
    MetricDefinition("x" * 1025),
    Console("stdout", 2**63, 0, "text"),
    Run("another", "p"),
    Run("run1", "p", start_micros=-1),
    Run("run1", "p", sources=[("other", "w", math.inf)]),
    Run("run1", "p", sources=[("other", "w", 2**63)]),
    Run("run1", "p", sources=[("other", "w", 1)] * (MAX_SOURCES + 1)),
    Run("run1", "p", fork_run="other", fork_step=math.nan),
    Exit(-1, 0),
    Exit(2**63 - 1, 0),
    [1, "no number", "name"],
    [14, 0],
    {"no": "array"},
    [],
    b"\xc1",
]


@pytest.mark.parametrize("bad", BAD_RECORDS, ids=range(len(BAD_RECORDS)))
def test_RL40_another_record_that_breaks_a_rule_is_refused_alone(bad: Any) -> None:
    upload = decode(Row(0, 0, 10, [1]), bad, Row(0, 0, 11, [1]), Exit(5, 0))
    assert rows_of(upload) == [(0, 10, False), (1, 11, False)]
    assert [record for _, record in upload.records][1:] == [Exit(ANCHOR + 5, 0)]
    assert len(upload.refused) == 1
    assert upload.refused[0][1]


def test_RL40_what_a_rule_allows_is_taken() -> None:
    upload = decode(
        Key(0, "a"),
        Schema(0, [0]),
        Key(MAX_NUMBER, "x" * 1024),
        Schema(MAX_NUMBER, [MAX_NUMBER]),
        Row(MAX_NUMBER, MAX_MICROS, -(2**63), ["x" * 2**20]),
        Row(0, 0, 2**63 - 1, [nested(MAX_NESTING)]),
        [3, 0, 0, 1.5, [{"_type": "int", "value": "9"}], 2**63, "a field of later"],
        Config(0, [(["x" * 1024] * 32, "x" * 2**21)]),
        File("media/images/a_0.png", MAX_FILE_BYTES, SHA256, MAX_MICROS),
        File("a.png", 0, "", 0, "x" * MAX_FILE_ERROR_BYTES),
        [99, b"a type of later", 2**64 - 1],
    )
    assert not upload.refused
    assert [step for _, step, _ in rows_of(upload)] == [-(2**63), 2**63 - 1, 1.5]


def test_RL47_a_file_names_a_content_or_an_error() -> None:
    upload = decode(File("a.png", 5, SHA256, 7), File("b.png", 0, "", 8, "it is not an image"))
    assert not upload.refused
    assert [record for _, record in upload.records][1:] == [
        File("a.png", 5, SHA256, ANCHOR + 7),
        File("b.png", 0, "", ANCHOR + 8, "it is not an image"),
    ]


def test_RL48_an_artifact_names_its_manifest_or_what_was_used() -> None:
    logged = Artifact("log", "data", "dataset", "artifacts/01.json", ["best"], 7)
    used = Artifact("use", "local/demo/data:v3", "", "", [], 8)
    wrong = Artifact("log", "data", "dataset", "media/01.json", [], 9)
    upload = decode(logged, used, wrong)
    assert [record for _, record in upload.records][1:] == [
        msgspec.structs.replace(logged, micros=ANCHOR + 7),
        msgspec.structs.replace(used, micros=ANCHOR + 8),
    ]
    ((_, reason),) = upload.refused
    assert "not the path of a manifest" in reason


def test_RL56_a_link_names_a_collection() -> None:
    target = "registry/dataset/digits"
    linked = [
        Artifact("link", "", "", "artifacts/01.json", ["staging"], 8, target=target),
        Artifact("link", "local/demo/data:v3", "", "", [], 8, target=target),
    ]
    wrong = Artifact("link", "local/demo/data:v3", "", "", [], 9, target="digits")
    upload = decode(*linked, wrong)
    assert [record for _, record in upload.records][1:] == [
        msgspec.structs.replace(record, micros=ANCHOR + 8) for record in linked
    ]
    ((_, reason),) = upload.refused
    assert "is not a collection" in reason


def test_RL57_lost_media_are_counted_and_some_are_named() -> None:
    losses = [LostMedia(8, 40, ["media/images/a.png"]), LostMedia(9, 1, [])]
    upload = decode(*losses, LostMedia(9, 1, ["x" * 2000]))
    assert [record for _, record in upload.records][1:] == [
        LostMedia(ANCHOR + 8, 40, ["media/images/a.png"]),
        LostMedia(ANCHOR + 9, 1, []),
    ]
    ((_, reason),) = upload.refused
    assert "the path of a lost file" in reason


def test_RL49_a_part_of_an_artifact_names_what_it_is_a_part_of() -> None:
    part = Artifact("part", "data", "dataset", "artifacts/01.json", [], 7, "night")
    last = Artifact("log", "data", "dataset", "artifacts/02.json", [], 8, "night")
    early = Artifact("use", "local/demo/data:latest", "", "artifacts/02.json", [], 9)
    wrong = [
        Artifact("part", "data", "dataset", "artifacts/03.json", [], 9),
        Artifact("part", "data", "dataset", "artifacts/03.json", [], 9, "x" * 129),
        Artifact("use", "local/demo/data:v0", "", "../03.json", [], 9),
        Artifact("finish", "data", "dataset", "artifacts/03.json", [], 9, "night"),
    ]
    upload = decode(part, last, early, *wrong)
    assert [record for _, record in upload.records][1:] == [
        msgspec.structs.replace(part, micros=ANCHOR + 7),
        msgspec.structs.replace(last, micros=ANCHOR + 8),
        msgspec.structs.replace(early, micros=ANCHOR + 9),
    ]
    for (_, reason), expected in zip(
        upload.refused,
        ("no distributed id", "more than 128", "not the path of a manifest", "unknown action"),
        strict=True,
    ):
        assert expected in reason


def test_RL40_a_refused_schema_refuses_its_rows_and_nothing_else() -> None:
    upload = decode(Schema(1, [0, 0]), Row(1, 0, 0, [1, 2]), Row(0, 0, 1, [1]))
    assert rows_of(upload) == [(1, 1, False)]
    assert [reason for _, reason in upload.refused] == [
        "schema 1 repeats a key",
        "a row has the unknown schema 1",
    ]


@pytest.mark.parametrize(
    "marker",
    [
        b"\xdc\x00\x05" + encode_payload(Row(0, 0, 1, [1]))[1:],
        b"\x95\xcc" + encode_payload(Row(0, 0, 1, [1]))[1:],
        b"\x94\x03\x00\x00\x01",
        b"\x94\x08\x00\x00\x01",
    ],
)
def test_RL41_a_row_begins_with_two_bytes_and_counts_also_without(marker: bytes) -> None:
    upload = decode(Row(0, 0, 10, [1]), marker, Row(0, 0, 11, [1]))
    assert rows_of(upload) == [(0, 10, False), (2, 11, False)]
    assert len(upload.refused) == 1


@pytest.mark.parametrize("n_fields", range(5, 16))
def test_RL41_a_row_may_have_up_to_fifteen_fields(n_fields: int) -> None:
    fields = [3, 0, 0, 1, [1], 0, *range(9)][:n_fields]
    upload = decode(fields)
    assert (rows_of(upload), upload.refused) == ([(0, 1, False)], [])


def test_RL41_types_that_only_later_versions_know_are_no_rows() -> None:
    upload = decode([16, 0, 0, 1, [1]], [127, 0, 0, 1, [1]], Row(0, 0, 1, [1]))
    assert (rows_of(upload), upload.refused) == ([(0, 1, False)], [])
    with pytest.raises(NewerLog, match="128"):
        decode([128, 0])


def test_RL42_a_server_takes_no_log_of_a_later_minor() -> None:
    data = HEADER + framed(*BEGIN)
    at = len(MAGIC) + 2
    newer = data[:at] + struct.pack("<H", MINOR + 1) + data[at + 2 :]
    with pytest.raises(NewerLog, match=rf"1\.{MINOR + 1}"):
        decode_upload(newer, writer="writer1")


def test_RL4_a_header_has_at_most_64_KiB() -> None:
    def log(n_chars: int) -> bytes:
        labels = {"label": "x" * n_chars}
        header = Header("run1", "writer1", None, ANCHOR, 5, "h", "m", "b", 7, 8, labels=labels)
        return encode_header(header) + framed(*BEGIN)

    upload = decode_upload(log(65_000), writer="writer1")
    assert upload.header is not None
    assert len(upload.header.labels["label"]) == 65_000
    with pytest.raises(CorruptLog, match="header of 65"):
        decode_upload(log(65_536), writer="writer1")


@pytest.mark.parametrize(
    "first",
    [Key(0, "a"), Run("another", "p"), [99], Row(0, 0, 0, [1]), Run("run1", "p", micros=-1)],
)
def test_RL22b_a_log_begins_with_its_run(first: Any) -> None:
    with pytest.raises(CorruptLog):
        decode_upload(HEADER + framed(first, RUN), writer="writer1")


def test_RL22b_a_header_alone_may_come_first() -> None:
    head = decode_upload(HEADER, writer="writer1")
    assert [record for _, record in after(head, RUN).records] == [
        msgspec.structs.replace(RUN, micros=ANCHOR)
    ]
    with pytest.raises(CorruptLog, match="does not begin"):
        after(head, Key(0, "a"))


def fragment(step: float) -> Row:
    return Row(0, 0, step, [1], CONTINUES_ROW)


def joined(*records: Any) -> list[bool]:
    """The fragments among the rows; the same however the log is cut."""
    whole = [goes_on for _, _, goes_on in rows_of(decode(*records))]
    upload = decode()
    cut: list[bool] = []
    state = upload.state
    for record in records:
        upload = after(upload, record)
        state = upload.state = upload.state or state
        cut += [goes_on for _, _, goes_on in rows_of(upload)]
    assert cut == whole
    return whole


def test_RL27_a_fragment_belongs_to_the_row_before_of_the_same_step() -> None:
    row, sample = Row(0, 0, 5, [1]), System(0, 0, 5, [1], CONTINUES_ROW)
    assert joined(fragment(5)) == [False]
    assert joined(row, fragment(5), fragment(5)) == [False, True, True]
    assert joined(row, fragment(6)) == [False, False]
    assert joined(row, sample, fragment(5)) == [False, False, True]
    assert joined(row, Gap(1, 0, 0), fragment(5)) == [False, False]
    assert joined(row, Console("stdout", 0, 0, ""), fragment(5)) == [False, True]
    assert joined(row, Row(9, 0, 5, [1]), fragment(5)) == [False, False]
    assert joined(row, System(9, 0, 5, [1]), fragment(5)) == [False, True]
    assert joined(row, [8, 0], fragment(5)) == [False, True]


def test_RL27_damage_parts_a_fragment_from_its_row() -> None:
    first = decode(Row(0, 0, 5, [1]))
    assert rows_of(after(first, fragment(5))) == [(1, 5, True)]
    assert rows_of(after(first, fragment(5), damaged=40)) == [(1, 5, False)]


def test_RL24_large_int_steps_beside_fractions_are_kept() -> None:
    steps = [1, 0.5, 2**53 + 1, 3, 2**60, 2.0, 2**53 + 1, 0.25]
    upload = decode(*(Row(0, 0, step, [1]) for step in steps))
    steps_back = [step for _, step, _ in rows_of(upload)]
    assert steps_back == steps
    assert [type(step) is int for step in steps_back if abs(step) > 2**53] == [True] * 3
    assert len(upload.segments) == 5
    ends = [segment.to_position for segment in upload.segments]
    assert ends == sorted(set(ends))
    assert ends[-1] == upload.to_position
