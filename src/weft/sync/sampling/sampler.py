"""Measures what answers at once: the training process and its machine. Does I/O.

This module is imported half a second after the sidecar's start: psutil is slow.
"""

from __future__ import annotations

from pathlib import Path

from weft.sync.sampling.cgroup import read_limits
from weft.sync.sampling.disks import DiskTraffic, DiskUsage, mount_points
from weft.sync.sampling.machine import Machine
from weft.sync.sampling.process import ProcessTree
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.sampling.source import Figures, Source


class Sampler:
    """Measures one process tree and the machine, and the file system of `directory` unless the
    settings name paths. How full the file systems of given paths are is for `devices` to
    measure, because they may hang.
    """

    def __init__(self, pid: int, directory: Path, settings: SamplingSettings) -> None:
        limits = read_limits(pid)
        self._process = ProcessTree(pid, limits)
        paths = settings.disk_paths or mount_points(directory)
        sources: list[Source] = [Machine(limits), DiskTraffic(paths)]
        if not settings.disk_paths:
            sources.append(DiskUsage(paths))
        self._machine = [source for source in sources if source.is_there()]

    def process_figures(self) -> Figures:
        """The use of the tree; empty if its root has ended."""
        return self._process.figures()

    def machine_figures(self) -> Figures:
        """The use of the whole machine, or of its container."""
        figures: Figures = {}
        for source in self._machine:
            figures |= source.figures()
        return figures
