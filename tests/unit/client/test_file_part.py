"""Bodies that are read from files: the system sends what `pieces` reads."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from weft.client.file_part import FilePart, JoinedParts


def received(body: FilePart | JoinedParts) -> bytes:
    """The bytes that arrive over a connection."""
    sender, receiver = socket.socketpair()
    sender.settimeout(30)
    data = bytearray()

    def receive() -> None:
        while piece := receiver.recv(1 << 16):
            data.extend(piece)

    thread = threading.Thread(target=receive)
    thread.start()
    try:
        body.send(sender)
    finally:
        sender.close()
        thread.join()
        receiver.close()
    return bytes(data)


@pytest.mark.parametrize(("start", "n_bytes"), [(0, 0), (0, 1), (5, 3_000_000), (2_999_999, 1)])
def test_what_is_sent_is_what_is_read(tmp_path: Path, start: int, n_bytes: int) -> None:
    content = os.urandom(3_000_005)
    (tmp_path / "file").write_bytes(content)
    with (tmp_path / "file").open("rb", buffering=0) as file:
        part = FilePart(file, start, n_bytes)
        expected = content[start : start + n_bytes]
        assert received(part) == expected
        joined = JoinedParts([b"<", part, b">", part])
        assert received(joined) == b"".join(map(bytes, joined.pieces()))
        assert received(joined) == b"<" + expected + b">" + expected


def test_a_file_that_was_cut_has_a_fault_however_it_is_sent(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(1000))
    with (tmp_path / "file").open("rb", buffering=0) as file:
        part = FilePart(file, 500, 1000)
        with pytest.raises(OSError, match="cut"):
            received(part)
        assert part.fault == "it was cut while it was being sent"
        with pytest.raises(OSError, match="cut"):
            list(part.pieces())


def test_a_lost_connection_is_no_fault_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(1 << 24))
    sender, receiver = socket.socketpair()
    receiver.close()
    with (tmp_path / "file").open("rb", buffering=0) as file, sender:
        part = FilePart(file, 0, 1 << 24)
        with pytest.raises(ConnectionError):
            part.send(sender)
        assert part.fault is None
