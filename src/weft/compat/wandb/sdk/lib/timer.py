"""A stopwatch."""

from __future__ import annotations

import time


class Timer:
    """Seconds from entering a `with` block to its end, in `elapsed`."""

    def __enter__(self) -> Timer:
        self.start_time = time.time()
        self._start = time.perf_counter()
        return self

    def __exit__(self, *exception: object) -> None:
        self.elapsed = time.perf_counter() - self._start
