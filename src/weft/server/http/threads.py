"""Threads for work that takes long or keeps a core busy: few at once, over all requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

_T = TypeVar("_T")


class FewThreads:
    """Runs one kind of work in at most so many threads; further work waits its turn.

    Args:
        name: of the kind of work.
    """

    def __init__(self, name: str, n_threads: int) -> None:
        self._n_threads = n_threads
        # A limiter belongs to an event loop, and there may be several in turn, as in tests.
        self._limiter = RunVar[anyio.CapacityLimiter](f"weft-{name}-limiter")

    async def run(self, work: Callable[[], _T], *, abandon_on_cancel: bool = False) -> _T:
        """Do `work` in a thread.

        Args:
            abandon_on_cancel: whoever waits is cancelled at once, and the thread ends by itself.
        """
        try:
            limiter = self._limiter.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(self._n_threads)
            self._limiter.set(limiter)
        return await anyio.to_thread.run_sync(
            work, limiter=limiter, abandon_on_cancel=abandon_on_cancel
        )
