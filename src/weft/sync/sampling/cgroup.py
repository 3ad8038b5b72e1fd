"""Limits of the container, or of the batch job, that a process is in. Reads small files.

Linux calls them cgroups. Both versions are read: in version 2 one directory limits everything, in
version 1 memory and CPU have a hierarchy each. Limits are read once, the memory in use each time.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

_PAGE_LIMIT: Final = 2**60
"""Version 1 writes "no limit" as a number near 2^63."""


class _Memory(NamedTuple):
    limit: str
    used: str
    idle_cache: str


_V1: Final = _Memory("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_V2: Final = _Memory("memory.max", "memory.current", "inactive_file")


class Limits:
    """The limits of a process; `n_cpus`, for example 1.5, is CPU time per time.

    None without a limit.
    """

    def __init__(
        self,
        n_cpus: float | None = None,
        memory_bytes: int | None = None,
        memory: tuple[Path, _Memory] | None = None,
    ) -> None:
        self.n_cpus = n_cpus
        self.memory_bytes = memory_bytes
        self._memory = memory

    def memory_used_bytes(self) -> int | None:
        """Memory that counts towards the limit; None if unknown.

        File contents that the kernel drops when memory gets short are left out, as in
        `docker stats`: otherwise every job that reads its data set would seem to be at its limit.
        """
        if self._memory is None:
            return None
        directory, names = self._memory
        used = _number(directory / names.used)
        if used is None:
            return None
        for line in _text(directory / "memory.stat").splitlines():
            name, _, count = line.partition(" ")
            if name == names.idle_cache and count.strip().isdigit():
                return max(0, used - int(count))
        return used


def read_limits(pid: int, root: Path = Path("/")) -> Limits:
    """Find the limits of a process. Without any, or on other systems than Linux, all are None.

    A limit of an enclosing cgroup holds too; the smallest is taken. `proc` and `sys` are in
    `root`.
    """
    cpus: list[float] = []
    memories: list[tuple[int, tuple[Path, _Memory]]] = []
    for controllers, directory in _directories(pid, root):
        version = _V1 if controllers else _V2
        quota, period = _quota(directory, is_v1=bool(controllers))
        if quota > 0 and period > 0:
            cpus.append(quota / period)
        limit = _number(directory / version.limit)
        if limit is not None and 0 < limit < _PAGE_LIMIT:
            memories.append((limit, (directory, version)))
    limit, memory = min(memories, key=lambda entry: entry[0], default=(None, None))
    return Limits(min(cpus, default=None), limit, memory)


def usable_cores(limits: Limits) -> float:
    """Cores that this process may use: of the machine, of its affinity and of its limits.

    >>> usable_cores(Limits(n_cpus=0.5))
    0.5
    """
    affinity = getattr(os, "sched_getaffinity", None)
    n_cores = (os.cpu_count() or 1) if affinity is None else len(affinity(0))
    return n_cores if limits.n_cpus is None else min(n_cores, limits.n_cpus)


def _directories(pid: int, root: Path) -> Iterator[tuple[str, Path]]:
    """The controllers (empty in version 2) and directories of all cgroups around a process."""
    mounts = list(_mounts(pid, root))
    for line in _text(root / f"proc/{pid}/cgroup").splitlines():
        _, _, entry = line.partition(":")
        controllers, _, path = entry.partition(":")
        names = set(controllers.split(",")) & {"memory", "cpu"}
        if controllers and not names:
            continue
        for mount_root, point, options in mounts:
            if (options is None) != (not controllers) or (options and not names & options):
                continue
            directory, top = _below(mount_root, point, path, root)
            while True:
                yield controllers, directory
                if directory == top or top not in directory.parents:
                    break
                directory = directory.parent
            break


def _mounts(pid: int, root: Path) -> Iterator[tuple[str, str, set[str] | None]]:
    """The mounts of the hierarchy: root, mount point, controllers (None in version 2)."""
    for line in _text(root / f"proc/{pid}/mountinfo").splitlines():
        fields, _, source = line.partition(" - ")
        parts, kind = fields.split(" "), source.split(" ")
        if len(parts) > 4 and len(kind) > 2 and kind[0] in {"cgroup", "cgroup2"}:
            yield parts[3], parts[4], None if kind[0] == "cgroup2" else set(kind[2].split(","))


def _below(mount_root: str, point: str, path: str, root: Path) -> tuple[Path, Path]:
    top = root / point.lstrip("/")
    try:
        # A container sees its own part of the hierarchy, while the path may begin at the host's.
        inner = PurePosixPath(path).relative_to(mount_root)
    except ValueError:
        inner = PurePosixPath(path.lstrip("/"))
    directory = top / inner
    return (directory if directory.is_dir() and ".." not in inner.parts else top), top


def _quota(directory: Path, *, is_v1: bool) -> tuple[int, int]:
    """CPU time and the period it is for, in µs; (0, 0) without a limit."""
    if is_v1:
        quota = _number(directory / "cpu.cfs_quota_us")
        return quota or 0, _number(directory / "cpu.cfs_period_us") or 0
    words = _text(directory / "cpu.max").split()
    if len(words) == 2 and words[0].isdigit() and words[1].isdigit():
        return int(words[0]), int(words[1])
    return 0, 0


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
