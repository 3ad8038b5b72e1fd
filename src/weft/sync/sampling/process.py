"""CPU, memory and threads of the training process and its children. Does I/O with psutil."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from typing import Final

import psutil

from weft.sync.sampling.cgroup import Limits, usable_cores
from weft.sync.sampling.source import Figures

_MB: Final = 2**20


class ProcessTree:
    """A process with all its children, in a container with limits.

    CPU is an average since the previous sample; the constructor takes the first, unreported one.
    """

    name = "process"
    is_shared = False

    def __init__(self, pid: int, limits: Limits) -> None:
        self._pid = pid
        self._limits = limits
        self._processes: dict[int, psutil.Process] = {}
        self._n_cpus = usable_cores(limits)
        self.figures()

    def is_there(self) -> bool:
        return psutil.pid_exists(self._pid)

    def figures(self) -> Figures:
        """CPU, memory and threads of the tree; empty if its root has ended.

        `system.cpu` is a percentage of all CPUs that the process may use. Memory is summed over
        the processes, so shared memory counts once for each.
        """
        cpu_percent = 0.0
        rss_bytes = n_threads = n_found = 0
        for process in self._tree():
            try:
                with process.oneshot():
                    cpu_percent += process.cpu_percent()
                    rss_bytes += process.memory_info().rss
                    n_threads += process.num_threads()
                n_found += 1
            except psutil.Error:
                continue  # it ended meanwhile, or is another user's
        if not n_found:
            return {}
        total_bytes = self._limits.memory_bytes or psutil.virtual_memory().total
        return {
            "system.cpu": round(cpu_percent / self._n_cpus, 3),
            "system.proc.cpu.threads": n_threads,
            "system.proc.memory.rssMB": round(rss_bytes / _MB, 3),
            "system.proc.memory.percent": round(100 * rss_bytes / total_bytes, 4),
        }

    def _tree(self) -> Iterable[psutil.Process]:
        previous = self._processes
        self._processes = {}
        for pid in _pids_of_tree(self._pid):
            # `cpu_percent` measures from its last call on the same object, so objects are reused.
            process = previous.get(pid)
            try:
                if process is None or not process.is_running():
                    process = psutil.Process(pid)
            except psutil.Error:
                continue
            self._processes[pid] = process
        return self._processes.values()


def _pids_of_tree(root: int) -> list[int]:
    """The process and all its children; empty if it has ended.

    Linux lists the children of each thread, which is several times cheaper than to look at every
    process of the machine, as psutil does.
    """
    if not _lists_children(root):
        try:
            process = psutil.Process(root)
            return [root, *(child.pid for child in process.children(recursive=True))]
        except psutil.Error:
            return []
    pids = [root]
    for pid in pids:
        pids += _children(pid)
    return pids


def _lists_children(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/task/{pid}/children")  # noqa: PTH110 - each second


def _children(pid: int) -> Iterable[int]:
    threads = f"/proc/{pid}/task"
    with contextlib.suppress(OSError):  # it ended meanwhile
        for thread in os.listdir(threads):  # noqa: PTH208 - each second
            with contextlib.suppress(OSError), open(f"{threads}/{thread}/children", "rb") as file:
                yield from map(int, file.read().split())
