"""Several file workers, as many as there is work and spare cores for. Does I/O.

One worker suffices for most runs. Others are started while much is waiting, and take only time
that no other process wants; `worker_process` ends each of them when it is idle.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from weft.sync.files.worker import FileResult, Order
from weft.sync.files.worker_process import FileWorker, has_data
from weft.sync.sampling.cgroup import read_limits, usable_cores

MOST_WORKERS: Final = 4
"""Each takes about 45 MB of memory."""

BUSY_BYTES: Final = 16 << 20
"""With this much waiting for each worker another one is started: about 0.15 s of work, which is
what the start of a worker takes."""

SHARED_BYTES: Final = 8 << 20
"""Larger orders are done one after the other, so that memory holds one large payload at a time."""

AHEAD_BYTES: Final = 4 << 20
"""The orders that a worker has ahead: a spare one may get no core for long, and other orders do
not wait for it."""

_NICENESS: Final = 10
"""Training comes first."""

_SPARE_NICENESS: Final = 15
"""The niceness of all workers but the first: they get 3 % of a core that training uses."""


class FileWorkers:
    """Works off orders, small ones on several cores.

    Workers get `spawn.package_folders` on their path.
    """

    def __init__(
        self,
        folders: list[str],
        most: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folders = folders
        self._most = _n_workers() if most is None else most
        self._clock = clock
        self._workers = [FileWorker(folders, _NICENESS, clock)]
        self._shared: deque[tuple[Order, int]] = deque()
        """Orders that the next free worker gets, and how much work they are."""
        self._n_shared_bytes = 0

    @property
    def is_idle(self) -> bool:
        """Whether all work is done."""
        return not self._shared and all(worker.is_idle for worker in self._workers)

    def add(self, order: Order, n_bytes: int = 0) -> None:
        """Work off an order of `n_bytes` of pixels.

        Hashes and large orders are worked off one after the other. OSError if no process can be
        started.
        """
        if not order.spool or n_bytes > SHARED_BYTES:
            self._workers[0].add(order, n_bytes)
            return
        self._shared.append((order, n_bytes))
        self._n_shared_bytes += n_bytes
        n_workers = len(self._workers)
        if self._n_shared_bytes >= BUSY_BYTES * n_workers and n_workers < self._most:
            self._workers.append(FileWorker(self._folders, _SPARE_NICENESS, self._clock))
        try:
            self._share()
        except OSError:
            if self._shared:
                self._n_shared_bytes -= self._shared.pop()[1]
            raise

    def _share(self) -> None:
        """Give workers that have little to do the next orders."""
        for worker in self._workers[:]:
            while self._shared and worker.n_waiting_bytes < AHEAD_BYTES:
                order, n_bytes = self._shared[0]
                try:
                    worker.add(order, n_bytes)
                except OSError:
                    if worker is self._workers[0]:
                        raise
                    self._workers.remove(worker)
                    self._most = len(self._workers)  # the system allows no more processes
                    break
                self._shared.popleft()
                self._n_shared_bytes -= n_bytes

    def filenos(self) -> frozenset[int]:
        """The descriptors that become readable with the next answer of a worker."""
        descriptors = (worker.fileno() for worker in self._workers)
        return frozenset(fd for fd in descriptors if fd is not None)

    def poll(self, timeout_secs: float = 0.0) -> list[tuple[Order, FileResult]]:
        """Return the results of jobs since the last call, after waiting for the first of them."""
        fds = self.filenos()
        if timeout_secs > 0 and fds and not self.is_idle:
            has_data(fds, timeout_secs)
        results = [result for worker in self._workers for result in worker.poll()]
        if self._shared:
            self._share()
        return results

    def close(self) -> None:
        """End the workers."""
        self._shared.clear()
        self._n_shared_bytes = 0
        for worker in self._workers:
            worker.close()


def _n_workers() -> int:
    n_cores = usable_cores(read_limits(os.getpid()))
    return max(1, min(MOST_WORKERS, int(n_cores)))
