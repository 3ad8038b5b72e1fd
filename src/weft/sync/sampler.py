"""Measures the machine and the training process with psutil. Does I/O.

Passes dicts of `system.…` values to `sidecar_log`. The names are W&B's, so that existing charts
and scripts work. This module is imported half a second after the sidecar's start: psutil is slow.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psutil

_MB: Final = 2**20
_GB: Final = 2**30

Figures = dict[str, float | int]


class Sampler:
    """Measures one process tree and the machine.

    Rates are averages since the previous sample; the constructor takes the first, unreported one.

    Args:
        pid: root of the process tree.
        directory: its file system is measured too.
    """

    def __init__(self, pid: int, directory: Path) -> None:
        self._pid = pid
        self._processes: dict[int, psutil.Process] = {}
        self._n_cpus = _usable_cpus()
        self._paths = _mount_points(directory)
        self._devices = _devices_of(self._paths)
        self._network_start = psutil.net_io_counters()
        self._disk_start = _disk_counters()
        psutil.cpu_percent(percpu=True)
        self.process_figures()

    def process_figures(self) -> Figures:
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
        return {
            "system.cpu": round(cpu_percent / self._n_cpus, 3),
            "system.proc.cpu.threads": n_threads,
            "system.proc.memory.rssMB": round(rss_bytes / _MB, 3),
            "system.proc.memory.percent": round(
                100 * rss_bytes / psutil.virtual_memory().total, 4
            ),
        }

    def machine_figures(self) -> Figures:
        """CPU per core, memory, disks and network of the whole machine.

        Disk counters are MB and network counters bytes since the sampler was created.
        """
        figures: Figures = {
            f"system.cpu.{core}.cpu_percent": percent
            for core, percent in enumerate(psutil.cpu_percent(percpu=True))
        }
        memory = psutil.virtual_memory()
        figures["system.memory_percent"] = memory.percent
        figures["system.proc.memory.availableMB"] = round(memory.available / _MB, 3)
        for path in self._paths:
            try:
                usage = psutil.disk_usage(path)
            except OSError:
                continue
            figures[f"system.disk.{path}.usagePercent"] = usage.percent
            figures[f"system.disk.{path}.usageGB"] = round(usage.used / _GB, 3)
        counters = _disk_counters()
        for device in self._devices:
            now, start = counters.get(device), self._disk_start.get(device)
            if now and start:
                figures[f"system.disk.{device}.in"] = round((now[0] - start[0]) / _MB, 3)
                figures[f"system.disk.{device}.out"] = round((now[1] - start[1]) / _MB, 3)
        network, start = psutil.net_io_counters(), self._network_start
        # A machine without network interfaces has no counters.
        if network and start:
            figures["system.network.sent"] = network.bytes_sent - start.bytes_sent
            figures["system.network.recv"] = network.bytes_recv - start.bytes_recv
        return figures

    def _tree(self) -> Iterable[psutil.Process]:
        try:
            root = psutil.Process(self._pid)
            found = [root, *root.children(recursive=True)]
        except psutil.Error:
            return []
        # `cpu_percent` measures from its last call on the same object, so objects are reused.
        # Equal objects have the same pid and start time.
        known = {process: process for process in self._processes.values()}
        self._processes = {process.pid: known.get(process, process) for process in found}
        return self._processes.values()


def _usable_cpus() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    if affinity is not None:
        return len(affinity(0))
    return psutil.cpu_count() or 1


def _mount_points(directory: Path) -> list[str]:
    """Mount points of the root file system and of the one that `directory` is on."""
    path = directory.resolve()
    while not os.path.ismount(path) and path != path.parent:
        path = path.parent
    return list(dict.fromkeys([path.anchor or "/", str(path)]))


def _devices_of(paths: list[str]) -> list[str]:
    try:
        partitions = psutil.disk_partitions()
    except (OSError, RuntimeError):
        return []
    return [Path(part.device).name for part in partitions if part.mountpoint in paths]


def _disk_counters() -> dict[str, tuple[int, int]]:
    """Bytes read and written, by device; empty if the system does not report them."""
    try:
        counters = psutil.disk_io_counters(perdisk=True)
    except (OSError, RuntimeError, NotImplementedError):
        return {}
    return {
        name: (counter.read_bytes, counter.write_bytes)
        for name, counter in (counters or {}).items()
    }
