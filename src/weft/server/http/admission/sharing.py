"""Threads that the users of a server share fairly.

A user whose requests take long can occupy their share of the threads and no more, so requests of
other users are still answered.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from starlette.types import Receive

from weft.server.http.admission.heavy import wait_for_disconnect
from weft.server.services.access import Actor, Cancelled

_T = TypeVar("_T")


@dataclass(slots=True, eq=False)
class _Waiting:
    user: str | None
    admitted: asyncio.Future[None]


@dataclass(slots=True, eq=False)
class _Turns:
    """The users of threads, and the requests that wait for one, in one event loop."""

    limiter: anyio.CapacityLimiter
    n_left: int
    n_per_user: int
    running: Counter[str | None] = field(default_factory=Counter[str | None])
    waiting: list[_Waiting] = field(default_factory=list[_Waiting])

    def is_free(self, user: str | None) -> bool:
        return self.n_left > 0 and self.running[user] < self.n_per_user

    def take(self, user: str | None) -> None:
        self.n_left -= 1
        self.running[user] += 1

    def release(self, user: str | None) -> None:
        self.n_left += 1
        self.running[user] -= 1
        if not self.running[user]:
            del self.running[user]
        while self.n_left > 0 and self.waiting:
            # `min` returns the first, so the oldest, of those that are equal.
            waiting = min(self.waiting, key=lambda waiting: self.running[waiting.user])
            if not self.is_free(waiting.user):
                return
            self.waiting.remove(waiting)
            self.take(waiting.user)
            waiting.admitted.set_result(None)

    def withdraw(self, waiting: _Waiting) -> None:
        if waiting in self.waiting:
            self.waiting.remove(waiting)
        else:
            self.release(waiting.user)


class SharedThreads:
    """Runs one kind of work in threads, of which one user has at most a share.

    A free thread goes to the user who has the fewest; among the requests of equal users to the
    oldest. `n_per_user` is None if `HeavyWork` admits the requests, or the work takes
    milliseconds.
    """

    def __init__(self, name: str, n_threads: int, n_per_user: int | None = None) -> None:
        self._n_threads = n_threads
        self._n_per_user = n_per_user or n_threads
        # Futures and limiters belong to one event loop, and tests run several loops in turn.
        self._turns = RunVar[_Turns](f"weft-{name}-turns")

    async def run(
        self,
        actor: Actor,
        work: Callable[[], _T],
        receive: Receive | None = None,
        *,
        on_disconnect: Callable[[], None] | None = None,
        abandon_on_cancel: bool = False,
    ) -> _T:
        """Do `work` in a thread, as soon as the actor's user may have one; Cancelled if the client
        left before.

        `receive` is the request's, after its body was read; without it, another task watches
        whether the client leaves, and cancels this one. `on_disconnect` is called if it leaves
        during the work, or the server ends. `abandon_on_cancel` cancels the caller at once, and
        lets the thread end by itself.
        """
        turns, user = self._turns_now(), actor.user
        is_free = turns.is_free(user)
        run = partial(_run, turns, user, work, abandon_on_cancel=abandon_on_cancel)
        if is_free and on_disconnect is None:
            turns.take(user)
            return await run()
        disconnect = _disconnect(receive)
        try:
            if is_free:
                turns.take(user)
            else:
                await _wait(turns, user, disconnect)
            if on_disconnect is not None:
                disconnect.add_done_callback(
                    lambda task: None if task.cancelled() else on_disconnect()
                )
            return await run()
        except asyncio.CancelledError:
            if on_disconnect is not None:
                on_disconnect()  # the server ends, and would wait for the thread
            raise
        finally:
            disconnect.cancel()

    def _turns_now(self) -> _Turns:
        try:
            return self._turns.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(self._n_threads)
            turns = _Turns(limiter, self._n_threads, self._n_per_user)
            self._turns.set(turns)
            return turns


ORDINARY: Final = SharedThreads("ordinary", 40, 28)
"""For requests that take milliseconds."""

COSTLY: Final = SharedThreads("costly", 6, 4)
"""For requests that can take seconds, such as those that look at all runs of a project. Few,
because most of that time is spent in Python, and cheap requests need some of it."""

SWEEPS: Final = SharedThreads("sweeps", 4, 3)
"""For configurations and agents: to choose parameters takes up to two seconds, and an agent that
is not answered for a minute loses its runs."""

WAITING: Final = SharedThreads("waiting", 16, 8)
"""For requests that wait for something and use no time meanwhile."""


def _disconnect(receive: Receive | None) -> asyncio.Future[None]:
    """A future that is done when the client has left."""
    if receive is None:
        return asyncio.get_running_loop().create_future()
    return asyncio.ensure_future(wait_for_disconnect(receive))


async def _run(
    turns: _Turns, user: str | None, work: Callable[[], _T], *, abandon_on_cancel: bool
) -> _T:
    try:
        # The limiter counts a thread until it ends, also one that was abandoned.
        return await anyio.to_thread.run_sync(
            work, limiter=turns.limiter, abandon_on_cancel=abandon_on_cancel
        )
    finally:
        turns.release(user)


async def _wait(turns: _Turns, user: str | None, disconnect: asyncio.Future[None]) -> None:
    waiting = _Waiting(user, asyncio.get_running_loop().create_future())
    turns.waiting.append(waiting)
    try:
        await asyncio.wait({waiting.admitted, disconnect}, return_when=asyncio.FIRST_COMPLETED)
    except BaseException:
        turns.withdraw(waiting)
        raise
    if disconnect.done():
        turns.withdraw(waiting)
        raise Cancelled
