"""The usage of disks, and the reads and writes of them. Does I/O with psutil."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import psutil

from weft.sync.sampling.source import Figures

_MB: Final = 2**20
_GB: Final = 2**30

_NOT_DISKS: Final = ("loop", "ram", "zram")


class DiskUsage:
    """The usage of file systems, each given by a path in it, which the keys contain.

    A network file system whose server is gone can hang here.
    """

    name = "disk usage"
    is_shared = True

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths

    def is_there(self) -> bool:
        return True

    def figures(self) -> Figures:
        figures: Figures = {}
        for path in self._paths:
            try:
                usage = psutil.disk_usage(path)
            except OSError:
                continue
            figures[f"system.disk.{path}.usagePercent"] = usage.percent
            figures[f"system.disk.{path}.usageGB"] = round(usage.used / _GB, 3)
        return figures


class DiskTraffic:
    """MB read and written since this object was made, of the devices below some paths.

    If no device is known for any of them, as in a container, all devices of the machine count.
    """

    name = "disk traffic"
    is_shared = True

    def __init__(self, paths: Sequence[str]) -> None:
        self._start = _counters()
        disks = [name for name in self._start if not name.startswith(_NOT_DISKS)]
        self._devices = [name for name in _devices_of(paths) if name in self._start] or disks

    def is_there(self) -> bool:
        return bool(self._devices)

    def figures(self) -> Figures:
        figures: Figures = {}
        counters = _counters()
        for device in self._devices:
            now, start = counters.get(device), self._start.get(device)
            if now and start:
                figures[f"system.disk.{device}.in"] = round((now[0] - start[0]) / _MB, 3)
                figures[f"system.disk.{device}.out"] = round((now[1] - start[1]) / _MB, 3)
        return figures


def mount_points(directory: Path) -> list[str]:
    """Mount points of the root file system and of the one that `directory` is on."""
    path = directory.resolve()
    while not os.path.ismount(path) and path != path.parent:
        path = path.parent
    return list(dict.fromkeys([path.anchor or "/", str(path)]))


def _devices_of(paths: Sequence[str]) -> list[str]:
    try:
        mounted = {part.mountpoint: Path(part.device).name for part in psutil.disk_partitions()}
    except (OSError, RuntimeError):
        return []
    devices: list[str] = []
    for path in paths:
        # The paths' text alone: looking at a file system can hang.
        above = [point for point in mounted if Path(path).is_relative_to(point)]
        if above:
            devices.append(mounted[max(above, key=len)])
    return list(dict.fromkeys(devices))


def _counters() -> dict[str, tuple[int, int]]:
    """Bytes read and written, by device; empty if the system does not report them."""
    try:
        counters = psutil.disk_io_counters(perdisk=True)
    except (OSError, RuntimeError, NotImplementedError):
        return {}
    return {
        name: (counter.read_bytes, counter.write_bytes)
        for name, counter in (counters or {}).items()
    }
