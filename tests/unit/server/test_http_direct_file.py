"""Files that the system sends to a socket: whole, lost, shortened."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from weft.server.http.admission.direct_file import DirectFile
from weft.server.storage.file_pieces import FilePieces

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
        direct = DirectFile(pair.server, file)
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
        await DirectFile(pair.server, file).send()
        assert (file.n_left, list(file)) == (len(DATA) - 1000, [])
        assert await received(pair.client, 1000) == DATA[:1000]

    asyncio.run(send())


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_lost_connection_ends_it(pair: Pair, path: Path, *, is_noticed: bool) -> None:
    async def send() -> None:
        file = FilePieces(path.open("rb"), 0, len(DATA))
        direct = DirectFile(pair.server, file)
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
        await DirectFile(pair.server, file).send()
        assert file.n_left == len(DATA)
        assert b"".join(file) == DATA

    asyncio.run(send())
