"""A table of runs that many pages ask for is computed once, in the turn of its first reader."""

from __future__ import annotations

import asyncio
import gzip
import threading
from typing import Any

import pytest
import zstandard
from starlette.requests import Request

from weft.errors import ConfigError
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.runs import shared_tables
from weft.server.http.runs.shared_tables import SharedTable
from weft.server.services.access import Actor, Cancelled
from weft.wire.runs.selecting import Table, TableRow

ADA, BOB = Actor("user", "ada"), Actor("user", "bob")


def request(accept: bytes = b"*/*", *, codings: bytes = b"", has_left: bool = False) -> Request:
    async def receive() -> Any:
        if not has_left:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    headers = [(b"accept", accept), (b"accept-encoding", codings)]
    return Request({"type": "http", "headers": headers}, receive)


@pytest.fixture(autouse=True)
def threads(monkeypatch: pytest.MonkeyPatch) -> SharedThreads:
    """Two threads, of which each user has one."""
    shared = SharedThreads("tables-of-test", 2, 1)
    monkeypatch.setattr(shared_tables, "COSTLY", shared)
    return shared


class Tables:
    """Makes tables, once `may_end` is set."""

    def __init__(self) -> None:
        self.n_computed = 0
        self.may_end = threading.Event()

    def ask(self) -> Table:
        self.n_computed += 1
        assert self.may_end.wait(60)
        return Table([], None, 0)


def test_many_pages_take_one_answer() -> None:
    async def main() -> None:
        tables = Tables()
        shared = SharedTable(tables.ask)
        asks = [
            asyncio.create_task(shared.answer(Actor("user", f"u{n}"), request()))
            for n in range(20)
        ]
        await asyncio.sleep(0)
        tables.may_end.set()
        bodies = {(await ask).body for ask in asks}
        assert len(bodies) == 1
        assert tables.n_computed == 1
        packed = await shared.answer(ADA, request(b"application/msgpack"))
        assert packed.media_type == "application/msgpack"
        assert shared.weight == len(packed.body) + len(bodies.pop())

    asyncio.run(main())


def test_a_large_table_is_compressed_once_for_each_coding() -> None:
    table = Table([TableRow("r", "a run", "running", 1, [n]) for n in range(9000)], None, 9000)

    async def main() -> None:
        shared = SharedTable(lambda: table)
        plain = await shared.answer(ADA, request())
        both = await asyncio.gather(
            *(shared.answer(ADA, request(codings=b"gzip, br, zstd")) for _ in range(2))
        )
        assert both[0].body is both[1].body
        assert both[0].headers["content-encoding"] == "zstd"
        assert both[0].headers["vary"] == "Accept, Accept-Encoding"
        assert zstandard.decompress(both[0].body) == plain.body
        gzipped = await shared.answer(BOB, request(codings=b"gzip"))
        assert gzip.decompress(gzipped.body) == plain.body
        assert "content-encoding" not in plain.headers

    asyncio.run(main())


def test_a_user_whose_threads_are_busy_holds_up_no_one(threads: SharedThreads) -> None:
    async def main() -> None:
        busy = threading.Event()
        other = asyncio.create_task(threads.run(ADA, busy.wait))
        await asyncio.sleep(0)
        tables = Tables()
        tables.may_end.set()
        shared = SharedTable(tables.ask)
        first = asyncio.create_task(shared.answer(ADA, request()))
        await asyncio.sleep(0)
        assert (await shared.answer(BOB, request())).status_code == 200
        # She takes what he has computed, before her own turn comes.
        assert (await first).status_code == 200
        assert tables.n_computed == 1
        busy.set()
        await other

    asyncio.run(main())


def test_those_who_wait_for_an_answer_hold_no_thread(threads: SharedThreads) -> None:
    async def main() -> None:
        tables = Tables()
        shared = SharedTable(tables.ask)
        asks = [asyncio.create_task(shared.answer(actor, request())) for actor in (ADA, BOB)]
        while not tables.n_computed:
            await asyncio.sleep(0)
        # One of the two threads computes, and the other is free.
        await threads.run(Actor("user", "cy"), lambda: None)
        tables.may_end.set()
        assert [(await ask).status_code for ask in asks] == [200, 200]
        assert tables.n_computed == 1

    asyncio.run(main())


def test_an_error_is_that_of_each_who_asks() -> None:
    def refuse() -> Table:
        raise ConfigError("no such column", field="columns")

    async def main() -> None:
        shared = SharedTable(refuse)
        asks = (shared.answer(actor, request()) for actor in (ADA, BOB, ADA))
        answers = await asyncio.gather(*asks, return_exceptions=True)
        assert [type(answer) for answer in answers] == [ConfigError] * 3

    asyncio.run(main())


def test_who_leaves_takes_the_answer_from_no_one(threads: SharedThreads) -> None:
    async def main() -> None:
        busy = threading.Event()
        other = asyncio.create_task(threads.run(ADA, busy.wait))
        await asyncio.sleep(0)
        tables = Tables()
        tables.may_end.set()
        shared = SharedTable(tables.ask)
        with pytest.raises(Cancelled):
            await shared.answer(ADA, request(has_left=True))
        assert (await shared.answer(BOB, request())).status_code == 200
        busy.set()
        await other

    asyncio.run(main())
