"""Bodies that come in pieces: how they are cut, and what becomes of one that comes in part."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Message

from weft.errors import CorruptLog
from weft.server.http.admission.bodies import read_body, write_body

PIECE = 2**20


class Sender:
    """The `receive` of a request: gives messages in turn, or raises one that is an error."""

    def __init__(self, messages: Iterable[Message | Exception]) -> None:
        self._messages = iter(messages)

    async def __call__(self) -> Message:
        message = next(self._messages)
        if isinstance(message, Exception):
            raise message
        return message


def part(data: bytes, *, last: bool = False) -> Message:
    return {"type": "http.request", "body": data, "more_body": not last}


def scope() -> dict[str, Any]:
    return {"type": "http", "headers": [], "state": {}}


def pieces(*messages: Message | Exception) -> list[bytes]:
    written: list[bytes] = []
    asyncio.run(write_body(scope(), Sender(messages), lambda piece: written.append(bytes(piece))))
    return written


def test_small_parts_are_joined_into_pieces_of_a_megabyte() -> None:
    data = bytes(range(256)) * 4096
    cut = [data[at : at + 60_000] for at in range(0, len(data), 60_000)]
    joined = pieces(
        *(part(piece) for piece in cut), *(part(piece) for piece in cut), part(b"", last=True)
    )
    assert b"".join(joined) == data + data
    assert all(PIECE <= len(piece) < PIECE + 60_000 for piece in joined[:-1])
    assert len(joined) == 3


def test_an_empty_body_is_one_empty_piece() -> None:
    assert pieces(part(b"", last=True)) == [b""]


def test_a_body_that_does_not_come_whole_is_the_senders_fault() -> None:
    end: Message = {"type": "http.disconnect"}
    with pytest.raises(CorruptLog, match="ended early"):
        pieces(part(b"abc"), end)
    with pytest.raises(CorruptLog, match="ended early"):
        asyncio.run(read_body(scope(), Sender([part(b"abc"), end])))
