"""Threads are shared fairly: one user's long work leaves some for others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
from starlette.types import Message

from weft.server.http.admission.sharing import SharedThreads
from weft.server.services.access import Actor, Cancelled

ADA = Actor("user", "ada")
BOB = Actor("user", "bob")
DEADLINE_SECS = 30.0


class _Request:
    """A request whose work is begun by the threads and ended by hand."""

    def __init__(self, threads: SharedThreads, actor: Actor) -> None:
        self.left = asyncio.Event()
        self.told = threading.Event()
        self.begun = threading.Event()
        self._end = threading.Event()

        async def receive() -> Message:
            await self.left.wait()
            return {"type": "http.disconnect"}

        def work() -> str:
            self.begun.set()
            assert self._end.wait(DEADLINE_SECS)
            return "done"

        self.task = asyncio.create_task(
            threads.run(actor, work, receive, on_disconnect=self.told.set)
        )

    async def is_begun(self) -> bool:
        return await asyncio.to_thread(self.begun.wait, DEADLINE_SECS)

    async def end(self) -> None:
        self._end.set()
        assert await self.task == "done"


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(main)


def test_one_user_leaves_threads_for_others() -> None:
    async def main() -> None:
        threads = SharedThreads("test", 3, 2)
        ada = [_Request(threads, ADA) for _ in range(40)]
        bob = _Request(threads, BOB)
        assert await bob.is_begun()
        assert [await work.is_begun() for work in ada[:2]] == [True, True]
        await settle()
        assert not any(work.begun.is_set() for work in ada[2:])
        await bob.end()
        for work in ada:
            await work.end()

    run(main())


def test_a_free_thread_goes_to_who_has_fewest() -> None:
    async def main() -> None:
        threads = SharedThreads("test", 2, 2)
        ada = [_Request(threads, ADA) for _ in range(4)]
        assert await ada[1].is_begun()
        bob = _Request(threads, BOB)
        await settle()
        await ada[0].end()
        assert await bob.is_begun()
        await settle()
        assert not ada[2].begun.is_set()
        for work in [*ada[1:], bob]:
            await work.end()

    run(main())


def test_work_of_a_client_that_leaves_is_dropped_or_told() -> None:
    async def main() -> None:
        threads = SharedThreads("test", 1, 1)
        first, second, third = (_Request(threads, ADA) for _ in range(3))
        assert await first.is_begun()
        second.left.set()
        with pytest.raises(Cancelled):
            await second.task
        first.left.set()
        assert await asyncio.to_thread(first.told.wait, DEADLINE_SECS)
        await first.end()
        assert await third.is_begun()
        await third.end()
        assert not third.told.is_set()
        assert not second.begun.is_set()

    run(main())


def test_a_cancelled_request_gives_its_thread_back() -> None:
    async def main() -> None:
        threads = SharedThreads("test", 1, 1)
        first, second, third = (_Request(threads, ADA) for _ in range(3))
        assert await first.is_begun()
        await settle()
        second.task.cancel()
        await settle()
        await first.end()
        assert await third.is_begun()
        await third.end()

    run(main())
