"""Threads for long or CPU-bound work: few at once, over all requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

_T = TypeVar("_T")


class FewThreads:
    """Runs one kind of work in at most `n_threads` threads; further work waits its turn.

    Args:
        name: name of the kind of work.
    """

    def __init__(self, name: str, n_threads: int) -> None:
        self._n_threads = n_threads
        # A limiter belongs to one event loop, and tests run several loops in turn.
        self._limiter = RunVar[anyio.CapacityLimiter](f"weft-{name}-limiter")

    async def run(self, work: Callable[[], _T], *, abandon_on_cancel: bool = False) -> _T:
        """Do `work` in a thread.

        Args:
            abandon_on_cancel: cancel the caller at once, and let the thread end by itself.
        """
        try:
            limiter = self._limiter.get()
        except LookupError:
            limiter = anyio.CapacityLimiter(self._n_threads)
            self._limiter.set(limiter)
        return await anyio.to_thread.run_sync(
            work, limiter=limiter, abandon_on_cancel=abandon_on_cancel
        )
