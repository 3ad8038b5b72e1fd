"""The machine that a run is on: processors, memory, disk, GPUs. Does I/O."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import msgspec

from weft.errors import Unavailable
from weft.runlog.layout import ensure_runtime_directory
from weft.runlog.platform import boot_id

_SCOPE: Final = (
    "SLURM_JOB_ID", "SLURM_STEP_ID", "NVIDIA_VISIBLE_DEVICES", "KUBERNETES_SERVICE_HOST",
    "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
)  # fmt: skip
"""Two jobs on one machine may be allowed different GPUs."""


def describe_machine(root: Path = Path("/")) -> dict[str, Any]:
    """Processors, memory, disk and GPUs, under the names of W&B's metadata.

    What stays the same until the next boot is stored and read again: asking a GPU's driver can
    take a second.
    """
    stored = _stored_path(root)
    facts = _read(stored)
    if facts is None:
        facts = _ask_machine(root)
        _store(stored, facts)
    return {**facts, **_describe_disk(root)}


def _ask_machine(root: Path) -> dict[str, Any]:
    import platform

    import psutil

    from weft.sync.capture.gpus import describe_gpus

    return {
        "cpu": _processor(root),
        "cpu_count": psutil.cpu_count(logical=False) or os.cpu_count(),
        "cpu_count_logical": os.cpu_count(),
        "memory": {"total": str(psutil.virtual_memory().total)},
        "os": platform.platform(aliased=True),
        **describe_gpus(root),
    }


def _describe_disk(root: Path) -> dict[str, Any]:
    try:
        if hasattr(os, "statvfs"):  # as `shutil` does it, whose import takes longer
            status = os.statvfs(root)
            total = status.f_blocks * status.f_frsize
            used = (status.f_blocks - status.f_bfree) * status.f_frsize
        else:
            import shutil

            total, used, _ = shutil.disk_usage(root)
    except OSError:
        return {}
    return {"disk": {str(root): {"total": str(total), "used": str(used)}}}


def _stored_path(root: Path) -> Path | None:
    """The file with the facts of this boot and job; None if boots can't be told apart."""
    boot = boot_id()
    if not boot:
        return None
    try:
        group = (root / "proc/self/cgroup").read_text(errors="replace")
    except OSError:
        group = ""
    scope = [boot, str(root), group, *(os.environ.get(name, "") for name in _SCOPE)]
    number = crc32("\0".join(scope).encode("utf-8", "replace"))
    try:
        return ensure_runtime_directory() / f"{number:08x}.machine.json"
    except Unavailable:
        return None


def _read(path: Path | None) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any]) if path else None
    except (OSError, msgspec.DecodeError):
        return None


def _store(path: Path | None, facts: dict[str, Any]) -> None:
    if path is None:
        return
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        temporary.write_bytes(msgspec.json.encode(facts))
        temporary.replace(path)
    except OSError:
        return  # asked again by the next run


def _processor(root: Path) -> str:
    try:
        for line in (root / "proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    import platform

    from weft.sync.capture.gpus import chip_of_mac

    of_mac = chip_of_mac() if sys.platform == "darwin" else ""
    return of_mac or platform.processor() or platform.machine()
