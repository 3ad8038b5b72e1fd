"""Tables of runs, each computed, encoded and compressed once for all simultaneous requests of it.

Between `selecting`, which judges who may ask, and `services.selecting`. As `metrics.shared_panels`
is for charts, but a table comes in one piece.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.compression import MIN_BYTES, coding_for, pack
from weft.server.http.answers.encoding import encode, encoded_answer, wants_msgpack
from weft.server.http.answers.recent_answers import RecentAnswers
from weft.server.services.access import Actor
from weft.server.services.stores import now_micros
from weft.wire.runs.selecting import Table

MAX_BYTES: Final = 32 * 2**20
"""Limit of all finished tables."""

MAX_TABLE_BYTES: Final = 4 * 2**20
"""A larger table is computed for each who asks."""


class SharedTable:
    """The answer to one query, for all who ask for the same.

    Each of them waits for a thread in their own user's share, until the first who gets one
    computes it: so no one waits for the turn of another user, and the others hold no thread.
    `ask` may be called in any thread.
    """

    def __init__(self, ask: Callable[[], Table]) -> None:
        self._ask = ask
        self._loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        """Done when the present computation, or the next, ends."""
        self._lock = threading.Lock()
        self._maker: Request | None = None
        """The request whose thread computes, or was the last that did."""
        self._began_micros: int | None = None
        self._bodies: dict[bool, bytes] = {}
        """As JSON, and as msgpack."""
        self._packed: dict[tuple[bool, str], asyncio.Task[bytes]] = {}
        """The same, by coding."""

    def began_micros(self) -> int:
        """When it began to read, by the time of changes; the present if it has yet to begin."""
        began_micros = self._began_micros
        return now_micros() if began_micros is None else began_micros

    @property
    def weight(self) -> int:
        """Its bytes so far."""
        packed = (task.result() for task in self._packed.values() if task.done())
        return sum(map(len, (*self._bodies.values(), *packed)))

    async def answer(self, actor: Actor, request: Request) -> Response:
        """Answer one request. Cancelled if its client has left before."""
        as_msgpack = wants_msgpack(request.scope)
        while as_msgpack not in self._bodies:
            await self._wait(actor, request, as_msgpack=as_msgpack)
        body = self._bodies[as_msgpack]
        coding = coding_for(request.scope) if len(body) >= MIN_BYTES else None
        if coding is None:
            return encoded_answer(body, as_msgpack=as_msgpack)
        packing = self._packed.get((as_msgpack, coding))
        if packing is None:
            packing = self._packed[as_msgpack, coding] = asyncio.create_task(pack(body, coding))
        # A client that leaves must not end what others wait for.
        answer = encoded_answer(await asyncio.shield(packing), as_msgpack=as_msgpack)
        answer.headers["Content-Encoding"] = coding
        answer.headers.add_vary_header("Accept-Encoding")
        return answer

    async def _wait(self, actor: Actor, request: Request, *, as_msgpack: bool) -> None:
        """Wait until a computation has ended: the reader's own, or another one's, which may have
        failed, or made the other format.
        """
        ended = self._ended
        if self._lock.locked():
            await asyncio.wait({ended})
            return
        make = partial(self._make, request, as_msgpack=as_msgpack)
        own = asyncio.ensure_future(COSTLY.run(actor, make, request.receive))
        own.add_done_callback(_retrieve)
        try:
            await asyncio.wait({own, ended}, return_when=asyncio.FIRST_COMPLETED)
            if self._maker is request or not ended.done():
                await own  # without an error, another one may compute
                await asyncio.wait({ended})
        finally:
            own.cancel()

    def _make(self, request: Request, *, as_msgpack: bool) -> None:
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._maker = request
            if as_msgpack not in self._bodies:
                if self._began_micros is None:
                    self._began_micros = now_micros()
                self._bodies[as_msgpack] = encode(self._ask(), as_msgpack=as_msgpack)
        finally:
            self._lock.release()
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        ended, self._ended = self._ended, self._loop.create_future()
        ended.set_result(None)


def _retrieve(task: asyncio.Future[None]) -> None:
    """Have asyncio log no error of a task whose answer came from another one."""
    if not task.cancelled():
        task.exception()


class RecentTables(RecentAnswers[SharedTable]):
    """The tables that other pages may take."""

    def __init__(self) -> None:
        super().__init__(lambda table: table.weight, most_of_one=MAX_TABLE_BYTES, most=MAX_BYTES)
