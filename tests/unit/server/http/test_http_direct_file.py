"""Files that the system sends to a socket: whole, lost, shortened."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from weft.errors import Unavailable
from weft.server.http.admission.direct_file import DirectFile
from weft.server.storage.file_pieces import FilePieces, JoinedPieces

DATA = os.urandom(5_000_000)


class Pair(NamedTuple):
    """Two ends of a connection."""

    server: socket.socket
    client: socket.socket


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair(*socket.socketpair())
    pair.server.setblocking(False)
    pair.client.setblocking(False)
    with pair.server, pair.client:
        yield pair


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.write_bytes(DATA)
    return path


async def received(client: socket.socket, n_bytes: int) -> bytes:
    loop, data = asyncio.get_running_loop(), b""
    while len(data) < n_bytes and (piece := await loop.sock_recv(client, 1 << 20)):
        data += piece
    return data


def test_a_file_is_sent_whole_though_the_client_begins_late(pair: Pair, path: Path) -> None:
    async def send() -> bytes:
        file = FilePieces(path.open("rb"), 10, None)
        direct = DirectFile(pair.server, file, file.n_left)
        sending = asyncio.create_task(direct.send())
        async with asyncio.timeout(60):
            while not direct.n_unsent:
                await asyncio.sleep(0.01)
            data = await received(pair.client, len(DATA) - 10)
            await sending
        assert (file.n_left, direct.n_unsent) == (0, 0)
        return data

    assert asyncio.run(send()) == DATA[10:]


def test_what_a_file_that_became_shorter_lacks_is_left(pair: Pair, path: Path) -> None:
    async def send() -> None:
        file = FilePieces(path.open("rb"), 0, len(DATA))
        os.truncate(path, 1000)
        await DirectFile(pair.server, file, file.n_left).send()
        assert (file.n_left, list(file)) == (len(DATA) - 1000, [])
        assert await received(pair.client, 1000) == DATA[:1000]

    asyncio.run(send())


def test_files_and_small_contents_are_sent_one_after_the_other(pair: Pair, path: Path) -> None:
    async def send() -> None:
        contents = [
            FilePieces(path.open("rb"), 0, 1_000_000),
            iter([DATA[1_000_000:1_600_000], DATA[1_600_000:1_600_010]]),
            iter(()),
            FilePieces(path.open("rb"), 1_600_010, None),
        ]
        sending = JoinedPieces(iter(contents))
        direct = DirectFile(pair.server, sending, len(DATA))
        async with asyncio.timeout(60):
            data, _ = await asyncio.gather(received(pair.client, len(DATA)), direct.send())
        assert (data == DATA, direct.n_left, list(sending)) == (True, 0, [])

    asyncio.run(send())


def test_a_content_that_cannot_be_read_is_not_skipped(pair: Pair, path: Path) -> None:
    def unreadable() -> Iterator[bytes]:
        yield DATA[:10]
        raise OSError(5, "input/output error")

    async def send() -> None:
        with closing(FilePieces(path.open("rb"), 10, None)) as rest:
            joined = JoinedPieces(iter([unreadable(), rest]))
            direct = DirectFile(pair.server, joined, len(DATA))
            with pytest.raises(Unavailable, match="input/output error"):
                await direct.send()
        assert (await received(pair.client, 10), direct.n_left) == (DATA[:10], len(DATA) - 10)

    asyncio.run(send())


def test_joined_contents_are_read_on_from_where_sending_ended(pair: Pair, path: Path) -> None:
    for n_sent in (1, 999_999, 1_000_000, 1_000_001, 2_000_000):
        joined = JoinedPieces(
            iter([iter([DATA[:1_000_000]]), FilePieces(path.open("rb"), 1_000_000, 2_000_000)])
        )
        n_left, sent = n_sent, bytearray()
        while n_left:
            n_bytes = joined.send_to(pair.server.fileno(), min(n_left, 70_000))
            sent += pair.client.recv(n_bytes)
            n_left -= n_bytes
        assert bytes(sent) + b"".join(joined) == DATA[:2_000_000]


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_lost_connection_ends_it(pair: Pair, path: Path, *, is_noticed: bool) -> None:
    async def send() -> None:
        file = FilePieces(path.open("rb"), 0, len(DATA))
        direct = DirectFile(pair.server, file, file.n_left)
        sending = asyncio.create_task(direct.send())
        async with asyncio.timeout(60):
            while not direct.n_unsent:
                await asyncio.sleep(0.01)
            direct.fail() if is_noticed else pair.client.close()
            await sending
        assert file.n_left

    asyncio.run(send())


def test_a_file_that_the_system_cannot_send_is_left_to_the_usual_way(
    pair: Pair, path: Path
) -> None:
    """As the files of some file systems."""

    class Unsendable(FilePieces):
        def send_to(self, descriptor: int, most_bytes: int) -> int:
            del descriptor, most_bytes
            raise OSError(22, "invalid argument")

    async def send() -> None:
        file = Unsendable(path.open("rb"), 0, None)
        await DirectFile(pair.server, file, file.n_left).send()
        assert file.n_left == len(DATA)
        assert b"".join(file) == DATA

    asyncio.run(send())
