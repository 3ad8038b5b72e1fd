"""The rules of docs/run-log-format.md, one test or more each; a rule without a test fails here."""

from __future__ import annotations

import os
import re
import signal
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import msgspec
import pytest

from shims import build_shim
from weft.errors import CorruptLog, NewerLog
from weft.records.limits import MAX_HEADER_BYTES
from weft.records.record import CONTINUES_ROW, Config, Exit, Gap, Key, Row, Run, Schema, System
from weft.runlog import writer as writer_module
from weft.runlog.decoding import decode_record
from weft.runlog.format import (
    MAGIC,
    MARK,
    decode_header,
    encode_frame,
    encode_header,
    encode_payload,
    find_frame,
    frame_at,
    split_frames,
)
from weft.runlog.header import make_header
from weft.runlog.payloads import read_payloads, read_whole_header
from weft.runlog.reader import LogTail, read_header, read_records
from weft.runlog.writer import RESERVE_BYTES, LogWriter, reserve_path

DOCUMENT = Path(__file__).parents[2] / "docs" / "run-log-format.md"


def new_log(tmp_path: Path, **header: object) -> LogWriter:
    new_header = make_header("ab12cd34")
    return LogWriter(tmp_path / f"run-ab12cd34.{new_header.writer_id}.weft", new_header)


def test_every_rule_has_a_test() -> None:
    rules = set(re.findall(r"\*\*(RL\d+b?)\*\*", DOCUMENT.read_text()))
    tests = Path(__file__).parents[1].rglob("test_*.py")
    named = {rule for test in tests for rule in re.findall(r"test_(RL\d+b?)_", test.read_text())}
    assert rules == named


def test_RL1_a_file_without_the_magic_is_no_log() -> None:
    with pytest.raises(CorruptLog, match="magic"):
        decode_header(b"PK\x03\x04 something else")
    assert decode_header(MAGIC[:3]) is None


def test_RL2_a_higher_major_is_refused_and_a_higher_minor_read() -> None:
    data = bytearray(encode_header(make_header("ab12cd34")))
    data[10:12] = struct.pack("<H", 99)
    assert decode_header(bytes(data)) is not None
    data[8:10] = struct.pack("<H", 2)
    with pytest.raises(NewerLog, match="reads format 2"):
        decode_header(bytes(data))


def test_RL3_after_the_header_come_frames_to_the_end(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.append(Key(0, "loss"))
    log.append(Exit(5, 0))
    log.close()
    data = log.path.read_bytes()
    header = decode_header(data)
    assert header
    frames = split_frames(data, header[1])
    assert [frame.end for frame in frames][-1] == len(data) == log.size
    assert [f.start for f in frames[1:]] == [f.end for f in frames[:-1]]


def test_RL4_the_header_ignores_more_fields_and_bears_fewer() -> None:
    header = make_header("ab12cd34", parent_writer="p", mode="offline", version="1.2.3")
    fields = msgspec.to_builtins(header)
    more = MAGIC + struct.pack("<HH", 1, 7) + encode_frame(encode_payload([*fields, "later"]))
    assert decode_header(more) == (header, len(more))
    fewer = MAGIC + struct.pack("<HH", 1, 0) + encode_frame(encode_payload(fields[:10]))
    decoded = decode_header(fewer)
    assert decoded
    assert (decoded[0].mode, decoded[0].version) == ("online", "")


def test_RL4_a_file_with_half_a_header_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run-ab12cd34.x.weft"
    whole = encode_header(make_header("ab12cd34"))
    for n_bytes in range(len(whole)):
        path.write_bytes(whole[:n_bytes])
        assert read_header(path) is None
        assert list(read_records(path)) == []


def test_RL4_the_longest_header_is_read_whole(tmp_path: Path) -> None:
    empty = len(encode_payload(make_header("ab12cd34", labels={"label": "x" * 60_000})))
    labels = {"label": "x" * (60_000 + MAX_HEADER_BYTES - empty)}
    header = make_header("ab12cd34", labels=labels)
    assert len(encode_payload(header)) == MAX_HEADER_BYTES
    path = tmp_path / "run-ab12cd34.x.weft"
    path.write_bytes(encode_header(header) + encode_frame(b"\x90"))
    assert read_header(path) == header
    assert read_whole_header(path) == (header, len(encode_header(header)))
    assert [*read_payloads(path, len(encode_header(header)))] == [[b"\x90"]]


def test_RL5_a_log_is_never_opened_again(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    with pytest.raises(FileExistsError):
        LogWriter(log.path, log.header)
    log.close()
    assert re.fullmatch("[a-z0-9]{12}", log.header.writer_id)


def test_RL6_a_frame_is_mark_crc_length_payload() -> None:
    frame = encode_frame(b"hello")
    mark, crc, n_bytes = struct.unpack("<2sII", frame[:10])
    assert mark == b"\xc1\x77"
    assert n_bytes == 5
    assert crc == zlib.crc32(struct.pack("<I", 5) + b"hello")
    with pytest.raises(ValueError, match="33554432"):
        encode_frame(b"")
    with pytest.raises(ValueError, match="33554432"):
        encode_frame(bytes(33554433))


def test_RL7_a_reader_waits_for_the_rest_of_a_frame(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    tail = LogTail(log.path)
    tail.read()
    frame = encode_frame(encode_payload(Key(0, "loss")))
    for i in range(1, len(frame)):
        with log.path.open("ab") as file:
            file.write(frame[i - 1 : i])
        assert tail.read().data == b""
    with log.path.open("ab") as file:
        file.write(frame[-1:])
    assert tail.read().data == frame
    tail.close()
    log.close()


def test_RL8_a_torn_last_frame_is_never_read(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.append(Key(0, "loss"))
    log.close()
    whole = log.path.read_bytes()
    frame = encode_frame(encode_payload(Key(1, "accuracy")))
    log.path.write_bytes(whole + frame[:-3])
    assert list(read_records(log.path)) == [Key(0, "loss")]


@pytest.mark.parametrize("at", [0, 3, 7, 12])
def test_RL9_damage_in_the_middle_is_passed_over_and_counted(tmp_path: Path, at: int) -> None:
    log = new_log(tmp_path)
    begin = log.size
    log.append(Key(0, "loss"))
    end = log.size
    log.append(Key(1, "accuracy"))
    log.close()
    data = bytearray(log.path.read_bytes())
    data[begin + at] ^= 0xFF
    log.path.write_bytes(bytes(data))
    tail = LogTail(log.path)
    assert tail.read().end == begin
    after = tail.read()
    assert (after.start, after.n_damaged) == (end, end - begin)
    assert after.end == len(data)
    tail.close()
    assert list(read_records(log.path)) == [Key(1, "accuracy")]


def test_RL10_a_position_is_the_end_of_a_frame(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    ends = [log.size]
    for i in range(20):
        log.append(Key(i, f"key {i}"))
        ends.append(log.size)
    log.close()
    for position in ends[:-1]:
        tail = LogTail(log.path, position)
        chunk = tail.read()
        assert (chunk.start, chunk.end) == (position, ends[-1])
        tail.close()


def test_RL11_any_ranges_give_the_same_frames(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    for i in range(200):
        log.append(Key(i, "k" * (i * 7 % 400)))
    log.close()
    data = log.path.read_bytes()
    for n_bytes in (1, 37, 500, 4096, 1 << 20):
        tail = LogTail(log.path)
        parts: list[bytes] = []
        while (chunk := tail.read(n_bytes)).data:
            parts.append(chunk.data)
        tail.close()
        assert b"".join(parts) == data


def test_RL20_further_fields_are_ignored_and_missing_ones_have_defaults() -> None:
    run = decode_record(encode_payload([0, "ab12cd34", "mnist"]))
    assert run == Run("ab12cd34", "mnist")
    fields = [*msgspec.to_builtins(run), "from", "the", "future"]
    assert decode_record(encode_payload(fields)) == run


def test_RL21_an_unknown_type_is_skipped_and_a_wrong_known_one_is_corrupt() -> None:
    assert decode_record(encode_payload([16, "x"])) is None
    assert decode_record(encode_payload([127])) is None
    assert decode_record(b"\x92\x20\xc1") is None  # not looked at beyond its type
    for payload in ([3, "x"], ["x"], [], {}, 5, [1, 2], [-1]):
        with pytest.raises(CorruptLog):
            decode_record(encode_payload(payload))
    with pytest.raises(NewerLog, match="type 128"):
        decode_record(encode_payload([128, "x"]))
    with pytest.raises(CorruptLog):
        decode_record(b"\xc1\xc1")


def test_RL22_times_count_from_the_anchor(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    first, second = log.micros(), log.micros()
    assert 0 <= first <= second < 60_000_000
    log.close()


ASLEEP = """
import sys
from pathlib import Path
from weft.runlog.header import make_header
from weft.runlog.writer import LogWriter
folder = Path(sys.argv[1])
log = LogWriter(folder / "run-ab12cd34.x.weft", make_header("ab12cd34"))
times = [log.micros()]
for ahead_secs, slept_secs in [(-86_400, 0), (86_400, 0), (86_400, 7_200)]:
    (folder / "clock").write_text(str(ahead_secs))
    (folder / "slept").write_text(str(slept_secs))
    times.append(log.micros())
print(*times)
"""


def test_RL22_times_count_sleep_and_follow_no_step_of_the_wall_clock(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "WEFT_PORTABLE"}
    environment |= {
        "LD_PRELOAD": str(build_shim("clock_shim", tmp_path)),
        "SHIM_CLOCK": str(tmp_path / "clock"),
        "SHIM_SLEPT": str(tmp_path / "slept"),
    }
    command = [sys.executable, "-c", ASLEEP, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    first, set_back, set_on, awake = map(int, done.stdout.split())
    hour_micros = 3_600_000_000
    assert 0 <= first <= set_back <= set_on < hour_micros
    assert 2 * hour_micros <= awake - set_on < 3 * hour_micros


def test_RL23_keys_and_schemas_come_before_their_rows(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    records = [Key(0, "loss"), Schema(0, [0]), Row(0, 1, 0, [0.5])]
    for record in records:
        log.append(record)
    log.close()
    assert list(read_records(log.path)) == records


@pytest.mark.parametrize("step", [0, -3, 2**63 - 1, -(2**63), 0.5, -1e300])
def test_RL24_steps_are_any_finite_number(step: float) -> None:
    record = decode_record(encode_payload([3, 0, 1, step, [1.0]]))
    assert isinstance(record, Row)
    assert record.step == step
    assert type(record.step) is type(step)


def test_RL25_values_keep_their_kind() -> None:
    values = [1, 1.0, True, "x", None, [1, 2.0], {"_type": "image"}, float("inf"), -(2**63)]
    record = decode_record(encode_payload(Row(0, 1, 0, values)))
    assert isinstance(record, Row)
    assert record.values == values
    assert [type(v) for v in record.values] == [type(v) for v in values]


def test_RL26_system_and_row_frames_are_numbered_together(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    for record in (Row(0, 1, 0, []), System(1, 2, 0, []), Config(3, []), Row(0, 4, 1, [])):
        log.append(record)
    log.close()
    numbered = [r for r in read_records(log.path) if isinstance(r, (Row, System))]
    assert [type(record) for record in numbered] == [Row, System, Row]


def test_RL27_a_fragment_says_that_it_belongs_to_the_row_before() -> None:
    record = decode_record(encode_payload([3, 0, 1, 7, [1.0], CONTINUES_ROW]))
    assert isinstance(record, Row)
    assert record.flags & CONTINUES_ROW


def test_RL28_a_system_record_has_a_rows_layout() -> None:
    payload = [3, 0, 1, 7, [1.0], 0]
    row = decode_record(encode_payload(payload))
    system = decode_record(encode_payload([8, *payload[1:]]))
    assert isinstance(system, System)
    assert msgspec.to_builtins(row)[1:] == msgspec.to_builtins(system)[1:]


def test_RL29_config_paths_are_arrays_of_strings() -> None:
    record = decode_record(encode_payload([4, 1, [[["opt", "lr"], 0.1]], [["old"]]]))
    assert record == Config(1, [(["opt", "lr"], 0.1)], [["old"]])


def test_RL30_a_frame_is_in_the_file_when_append_returns(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    for i in range(100):
        log.append(Key(i, str(i)))
        assert log.path.stat().st_size == log.size
    log.close()


class Disk:
    """Stands between a writer and the kernel's `write`, as a full disk would."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self.reserve: Path | None = None
        self.real = writer_module.os.write
        monkeypatch.setattr(writer_module.os, "write", self.write)

    def write(self, fd: int, data: bytes) -> int:
        if self.room is None:
            return self.real(fd, data)
        if self.reserve is not None and not self.reserve.exists():
            self.room += RESERVE_BYTES
            self.reserve = None
        n_bytes = min(self.room, len(data))
        self.room -= n_bytes
        if not n_bytes:
            raise OSError(28, "no space left on device")
        return self.real(fd, data[:n_bytes])


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(writer_module, "_write_keeping_gil", lambda: None)
    monkeypatch.setattr(writer_module, "RETRY_NANOS", 0)
    return Disk(monkeypatch)


@pytest.mark.parametrize("room", [0, 1, 9, 10, 15])
def test_RL31_a_short_write_is_cut_back_and_the_frame_waits(
    tmp_path: Path, disk: Disk, room: int
) -> None:
    log = new_log(tmp_path)
    troubles: list[str] = []
    log.on_trouble = troubles.append
    before = log.size
    disk.room = room
    log.append(Key(0, "loss"))
    log.append(Key(1, "accuracy"))
    assert log.path.stat().st_size == before
    assert log.n_waiting == 2
    assert len(troubles) == 1
    assert "disk" in troubles[0]
    disk.room = None
    log.append(Exit(1, 0))
    log.close()
    assert list(read_records(log.path)) == [Key(0, "loss"), Key(1, "accuracy"), Exit(1, 0)]


def test_RL32_the_oldest_rows_go_and_a_gap_says_so(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame_bytes = len(encode_frame(encode_payload(Row(0, 10, 0, [0.0]))))
    monkeypatch.setattr(writer_module, "RING_BYTES", 10 * frame_bytes)
    log = new_log(tmp_path)
    disk.room = 0
    log.append(Key(0, "loss"))
    log.append(Schema(0, [0]))
    for i in range(30):
        log.write_frame(encode_payload(Row(0, 10 + i, i, [0.0])), 10 + i)
    lost = log.n_lost_rows
    assert 20 <= lost < 30
    disk.room = None
    log.close()
    records = list(read_records(log.path))
    assert records[0] == Gap(lost, 10, 10 + lost - 1)
    assert records[1:3] == [Key(0, "loss"), Schema(0, [0])]
    assert [r.step for r in records[3:] if isinstance(r, Row)] == list(range(lost, 30))


def test_RL33_a_signal_handler_may_append(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    ticks = [0]

    def handler(*_: object) -> None:
        log.append(Key(1_000_000 + ticks[0], "handler"))
        ticks[0] += 1

    old = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    n_keys = 0
    try:
        while ticks[0] < 50:
            log.append(Key(n_keys, "loop"))
            n_keys += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    log.close()
    records = list(read_records(log.path))
    assert len(records) == n_keys + ticks[0]
    loop = [r.key_id for r in records if isinstance(r, Key) and r.name == "loop"]
    assert loop == list(range(n_keys))


def test_RL33_threads_keep_frames_whole(tmp_path: Path) -> None:
    log = new_log(tmp_path)

    def work(thread: int) -> None:
        for i in range(500):
            log.append(Key(i, f"thread {thread}"))

    threads = [threading.Thread(target=work, args=(t,)) for t in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    assert len(list(read_records(log.path))) == 2000


@pytest.mark.parametrize("room", [None, 0, 5])
def test_RL33_an_append_amid_an_append_waits_for_it(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch, room: int | None
) -> None:
    log = new_log(tmp_path)
    real, amid = disk.write, [0]

    def write(fd: int, data: bytes) -> int:
        if amid[0] < 6 and amid[0] % 2 == 0:  # what a signal handler in mid-write does
            amid[0] += 1
            log.append(Key(1000 + amid[0], "handler"))
        amid[0] += 1
        try:
            return real(fd, data)
        finally:
            disk.room = None

    monkeypatch.setattr(writer_module.os, "write", write)
    disk.room = room
    for i in range(10):
        log.append(Key(i, "loop"))
    log.close()
    records = [r for r in read_records(log.path) if isinstance(r, Key)]
    assert [r.key_id for r in records if r.name == "loop"] == list(range(10))
    handler = [r.key_id for r in records if r.name == "handler"]
    assert handler == sorted(set(handler))
    assert len(handler) >= 3


def test_RL31_a_failed_cut_leaves_damage_and_no_loss(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = new_log(tmp_path)
    cut = writer_module.os.ftruncate

    def fails(fd: int, size: int) -> None:
        monkeypatch.setattr(writer_module.os, "ftruncate", cut)
        raise OSError(5, "input/output error")

    monkeypatch.setattr(writer_module.os, "ftruncate", fails)
    for i in range(8):
        disk.room = 7 if i in {2, 5} else None
        log.append(Key(i, "loss"))
    disk.room = None
    log.close()
    assert [r.key_id for r in read_records(log.path) if isinstance(r, Key)] == list(range(8))


def test_RL9_damage_larger_than_any_frame_is_passed_over(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.append(Key(0, "before"))
    with log.path.open("ab") as file:
        file.write(b"\xc1\x77" + bytes(70 * 2**20))
    log.append(Key(1, "after"))
    log.close()
    assert list(read_records(log.path)) == [Key(0, "before"), Key(1, "after")]


def test_RL9_a_flipped_bit_in_the_largest_frame_costs_that_frame(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.append(Key(0, "before"))
    begin = log.size
    log.append(Key(1, "x" * (32 * 2**20 - 20)))
    log.append(Key(2, "after"))
    log.close()
    with log.path.open("r+b") as file:
        file.seek(begin + 1000)
        file.write(b"\x00")
    assert list(read_records(log.path)) == [Key(0, "before"), Key(2, "after")]


def test_RL9_marks_without_frames_cost_linear_time() -> None:
    storm = (MARK + bytes(4) + b"\x00\x00\x10\x00") * 100_000
    assert find_frame(storm, 0) is None
    frame = encode_frame(encode_payload(Key(1, "after")))
    start = find_frame(storm + frame, 0)
    assert start
    assert start.start == len(storm)


def test_RL34_a_closed_log_takes_no_more(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.append(Exit(1, 0))
    log.close()
    log.close()
    with pytest.raises(ValueError, match="closed"):
        log.append(Key(0, "loss"))
    assert list(read_records(log.path)) == [Exit(1, 0)]


@pytest.mark.parametrize("room", [0, 15])
def test_RL35_a_full_disk_takes_the_last_words_into_the_reserve(
    tmp_path: Path, disk: Disk, room: int
) -> None:
    log = new_log(tmp_path)
    reserve = reserve_path(log.path)
    assert reserve.stat().st_size == RESERVE_BYTES
    troubles: list[str] = []
    log.on_trouble = troubles.append
    log.append(Key(0, "loss"))
    log.append(Schema(0, [0]))
    log.write_frame(encode_payload(Row(0, 1, 0, [0.5])), 1)
    disk.room = room
    disk.reserve = reserve
    for step in range(1, 1000):
        log.write_frame(encode_payload(Row(0, step, step, [0.5])), step)
    log.append(Config(5, [(["long"], "x" * RESERVE_BYTES)]))
    log.append(Config(6, [(["lr"], 0.1)]))
    log.append(Exit(7, 0))
    log.close()
    assert list(read_records(log.path)) == [
        Key(0, "loss"),
        Schema(0, [0]),
        Row(0, 1, 0, [0.5]),
        Gap(999, 1, 999),
        Config(6, [(["lr"], 0.1)]),
        Exit(7, 0),
    ]
    assert log.n_lost_rows == 999
    assert "999 rows are lost, 1 other records too" in troubles[-1]
    assert not reserve.exists()


def test_RL35_a_log_that_is_closed_leaves_no_reserve(tmp_path: Path) -> None:
    log = new_log(tmp_path)
    log.append(Exit(1, 0))
    log.close()
    assert list(tmp_path.glob("run-*")) == [log.path]


def test_the_frame_mark_is_the_documented_one() -> None:
    assert MARK == b"\xc1\x77"
    assert frame_at(b"", 0) is None
