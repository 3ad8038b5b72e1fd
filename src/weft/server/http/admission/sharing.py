"""Threads that the users of a server share fairly.

A user whose requests take long can occupy their share of the threads and no more, so requests of
other users are still answered.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from starlette.types import Receive

from weft.server.http.admission.heavy import wait_until_left
from weft.server.services.access import Actor, Cancelled

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class _Waiting:
    user: str | None
    admitted: asyncio.Future[None]


class SharedThreads:
    """Runs one kind of work in threads, of which one user has at most a share.

    A free thread goes to the user who has the fewest; among the requests of equal users to the
    oldest. Used by one event loop at a time.

    Args:
        name: name of the kind of work.
        n_threads: how many threads all users have together.
        n_per_user: how many of them one user may have.
    """

    def __init__(self, name: str, n_threads: int, n_per_user: int) -> None:
        self._n_left = n_threads
        self._n_threads = n_threads
        self._n_per_user = n_per_user
        self._running: Counter[str | None] = Counter()
        self._waiting: list[_Waiting] = []
        # A limiter belongs to one event loop, and tests run several loops in turn.
        self._limiter = RunVar[anyio.CapacityLimiter](f"weft-{name}-shared-limiter")

    async def run(
        self,
        actor: Actor,
        work: Callable[[], _T],
        receive: Receive,
        *,
        on_left: Callable[[], None] | None = None,
    ) -> _T:
        """Do `work` in a thread, as soon as the actor's user may have one.

        Args:
            receive: the request's, after its body was read.
            on_left: called if the client leaves while the work is done.

        Raises:
            Cancelled: the client left while the work waited.
        """
        user = actor.user
        is_free = self._n_left > 0 and self._running[user] < self._n_per_user
        if is_free and on_left is None:
            self._take(user)
            return await self._run(user, work)
        left = asyncio.ensure_future(wait_until_left(receive))
        try:
            if is_free:
                self._take(user)
            else:
                await self._wait(user, left)
            if on_left is not None:
                left.add_done_callback(lambda task: None if task.cancelled() else on_left())
            return await self._run(user, work)
        finally:
            left.cancel()

    async def _run(self, user: str | None, work: Callable[[], _T]) -> _T:
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._own_limiter())
        finally:
            self._release(user)

    async def _wait(self, user: str | None, left: asyncio.Future[None]) -> None:
        waiting = _Waiting(user, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        try:
            await asyncio.wait({waiting.admitted, left}, return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            self._withdraw(waiting)
            raise
        if left.done():
            self._withdraw(waiting)
            raise Cancelled

    def _withdraw(self, waiting: _Waiting) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        else:
            self._release(waiting.user)

    def _take(self, user: str | None) -> None:
        self._n_left -= 1
        self._running[user] += 1

    def _release(self, user: str | None) -> None:
        self._n_left += 1
        self._running[user] -= 1
        if not self._running[user]:
            del self._running[user]
        while self._n_left > 0 and self._waiting:
            # `min` returns the first, so the oldest, of those that are equal.
            waiting = min(self._waiting, key=lambda one: self._running[one.user])
            if self._running[waiting.user] >= self._n_per_user:
                return
            self._waiting.remove(waiting)
            self._take(waiting.user)
            waiting.admitted.set_result(None)

    def _own_limiter(self) -> anyio.CapacityLimiter:
        try:
            return self._limiter.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(self._n_threads)
            self._limiter.set(limiter)
            return limiter
