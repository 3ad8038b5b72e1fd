"""Spool files: rules RL50 to RL55 of docs/run-log-format.md."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files_at_work import files_at_work
from weft.errors import CorruptLog
from weft.runlog.spool import Job, SpoolFile, spool_files, spool_path, write_spool

BLOCKS = st.lists(st.binary(max_size=200), max_size=3)
PATHS = st.integers(0, 10**6).map(lambda number: f"media/images/x_{number}.png")


@given(st.lists(st.tuples(PATHS, BLOCKS), max_size=6))
def test_RL50_payloads_come_out_as_they_went_in(
    tmp_path_factory: pytest.TempPathFactory, payloads: list[tuple[str, list[bytes]]]
) -> None:
    path = spool_path(tmp_path_factory.mktemp("run"), "w", 1)
    jobs = [Job(name, "image", {"width": 3}) for name, _ in payloads]
    write_spool(path, jobs, [blocks for _, blocks in payloads])
    with SpoolFile(path) as spool:
        assert [(job.path, job.encoder, job.options) for job in spool.jobs] == [
            (name, "image", {"width": 3}) for name, _ in payloads
        ]
        for job, (_, blocks) in zip(spool.jobs, payloads, strict=True):
            assert job.start % 64 == 0
            with spool.payload(job) as payload:
                assert bytes(payload) == b"".join(blocks)


def test_RL50_the_bytes_are_as_described(tmp_path: Path) -> None:
    path = spool_path(tmp_path, "w", 7)
    write_spool(path, [Job("a", "bytes"), Job("b", "bytes")], [[b"x" * 65], [b"y"]])
    data = path.read_bytes()
    assert data[:8] == bytes.fromhex("8977 7370 6c0d 0a1a")
    (n_header,) = struct.unpack("<I", data[8:12])
    assert msgspec.msgpack.decode(data[12 : 12 + n_header]) == [
        1,
        [["a", "bytes", {}, 0, 65], ["b", "bytes", {}, 128, 1]],
    ]
    base = -(-(12 + n_header) // 64) * 64
    assert data[base : base + 65] == b"x" * 65
    assert data[base + 128 : base + 129] == b"y"


def header(version: int, *jobs: list[Any]) -> bytes:
    encoded = msgspec.msgpack.encode([version, list(jobs)])
    return b"\x89wspl\r\n\x1a" + struct.pack("<I", len(encoded)) + encoded


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a spool file"),
        (b"\x89weft\r\n\x1a" + bytes(20), "not a spool file"),
        (header(1)[:-1], "incomplete header"),
        (b"\x89wspl\r\n\x1a" + struct.pack("<I", 1) + b"\xc1", "invalid header"),
        (header(2), "version 2 needs a newer weft"),
        (header(1, ["a", "bytes", {}, 0, 1]), "lacks the payload of 'a'"),
        (header(1, ["a", "bytes", {}, -1, 0]), "lacks the payload of 'a'"),
        (header(1, ["../a", "bytes", {}, 0, 0]), "file path has a segment '..'"),
    ],
)
def test_RL51_what_is_damaged_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "w-00000000"
    path.write_bytes(data)
    with pytest.raises(CorruptLog, match=message):
        SpoolFile(path)


@given(st.binary(max_size=200), st.booleans())
def test_RL50_arbitrary_bytes_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, has_mark: bool
) -> None:
    path = tmp_path_factory.mktemp("run") / "w-00000000"
    path.write_bytes(b"\x89wspl\r\n\x1a" + data if has_mark else data)
    try:
        SpoolFile(path).close()
    except CorruptLog:
        pass


def test_RL52_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.writev

    def full(fd: int, buffers: list[memoryview]) -> int:
        if sum(buffer.nbytes for buffer in buffers) > 1000:
            return write(fd, buffers[:1])  # a short write, then no room
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "writev", full)
    path = spool_path(tmp_path, "w", 0)
    with pytest.raises(OSError, match="No space left"):
        write_spool(path, [Job("a", "bytes")], [[b"x" * 500, b"y" * 600]])
    assert list((tmp_path / "spool").iterdir()) == []


def test_RL53_only_whole_files_are_found_in_order(tmp_path: Path) -> None:
    assert spool_files(tmp_path) == []
    for number in (2, 10, 1):
        write_spool(spool_path(tmp_path, "w", number), [], [])
    (tmp_path / "spool" / ".w-00000003").write_bytes(b"half")
    assert [path.name for path in spool_files(tmp_path)] == [
        "w-00000001", "w-00000002", "w-00000010",
    ]  # fmt: skip
    with pytest.raises(FileExistsError):
        write_spool(spool_path(tmp_path, "w", 3), [], [])  # a name is used once


def test_RL54_a_spool_file_stays_until_its_files_are_recorded(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        spool = work.spool(("a", b"1"), ("b", b"2"))
        work.takes = False  # the log's disk is full
        work.work()
        assert [record.path for record in work.records] == ["a", "b"]
        assert work.spooled == [spool.name]
    # killed: the next one does the jobs again, under the same paths
    with files_at_work(tmp_path) as again:
        again.work()
        assert again.records == work.records
        assert again.spooled == []


def test_RL55_a_saved_file_has_no_payload_and_stays_while_it_is_live(tmp_path: Path) -> None:
    with files_at_work(tmp_path) as work:
        for policy in ("now", "live", "end"):
            (tmp_path / "files" / policy).write_text(policy)
            work.save(tmp_path / "files" / policy, policy, policy)
        work.work()
        assert [record.path for record in work.records] == ["now", "live"]
        assert len(work.spooled) == 2
        work.end()
        assert [record.path for record in work.records] == ["now", "live", "end"]
        assert work.spooled == []
