"""The machine that a run is on: processors, memory, disk, GPUs. Does I/O."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path
from typing import Any

from weft.sync.capture.gpus import chip_of_mac, describe_gpus


def describe_machine(root: Path = Path("/")) -> dict[str, Any]:
    """Processors, memory, disk and GPUs, under the names of W&B's metadata."""
    import psutil

    facts: dict[str, Any] = {
        "cpu": _processor(root),
        "cpu_count": psutil.cpu_count(logical=False) or os.cpu_count(),
        "cpu_count_logical": os.cpu_count(),
        "memory": {"total": str(psutil.virtual_memory().total)},
        "os": platform.platform(aliased=True),
    }
    try:
        usage = psutil.disk_usage(str(root))
        facts["disk"] = {str(root): {"total": str(usage.total), "used": str(usage.used)}}
    except OSError:
        pass
    return {**facts, **describe_gpus(root)}


def _processor(root: Path) -> str:
    try:
        for line in (root / "proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    of_mac = chip_of_mac() if sys.platform == "darwin" else ""
    return of_mac or platform.processor() or platform.machine()
