"""A few threads for slow work, with a bounded queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from weft.errors import Unavailable

P = ParamSpec("P")
T = TypeVar("T")


class BoundedThreads:
    """Runs calls in threads of its own. The threads start with the first call."""

    def __init__(
        self,
        name: str,
        *,
        n_threads: int,
        max_calls: int,
        busy: str,
        initializer: Callable[[], None] | None = None,
    ) -> None:
        """Make the queue: `n_threads` calls run at the same moment, `max_calls` run or wait, and
        `busy` is the error of one more. `initializer` runs in each thread first.
        """
        self._threads = ThreadPoolExecutor(
            n_threads, thread_name_prefix=f"weft-{name}", initializer=initializer
        )
        self._lock = threading.Lock()
        self._n_calls = 0
        self._max_calls = max_calls
        self._busy = busy

    def submit(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Begin a call as soon as a thread is free. Unavailable if too many wait."""
        with self._lock:
            if self._n_calls >= self._max_calls:
                raise Unavailable(
                    f"{self._busy}; try again in a few seconds", retry_after_secs=3.0
                )
            self._n_calls += 1
        future = self._threads.submit(call, *args, **kwargs)
        future.add_done_callback(self._leave)
        return future

    def close(self) -> None:
        """End the threads. Calls that wait are not made."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _leave(self, _: object) -> None:
        with self._lock:
            self._n_calls -= 1
