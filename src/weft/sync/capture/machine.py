"""The machine that a run is on: processors, memory, disk, GPUs. Does I/O."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

TOOL_SECS: Final = 10.0
"""Longest time of a tool such as `nvidia-smi`: one whose driver hangs is left behind."""

_QUERY: Final = "name,memory.total,uuid,driver_version"


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
    return {**facts, **describe_gpus()}


def describe_gpus() -> dict[str, Any]:
    """NVIDIA's GPUs with driver and CUDA version, as `nvidia-smi` tells; empty without it."""
    table = _ask("nvidia-smi", f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits")
    rows = [[cell.strip() for cell in line.split(",")] for line in table.splitlines()]
    rows = [row for row in rows if len(row) == len(_QUERY.split(","))]
    if not rows:
        return {}
    head = _ask("nvidia-smi")
    cuda = head.partition("CUDA Version:")[2].split()
    return {
        "gpu": rows[0][0],
        "gpu_count": len(rows),
        "gpu_nvidia": [
            {
                "name": name,
                "memoryTotal": str(int(memory) * 2**20) if memory.isdigit() else memory,
                "uuid": uuid,
            }
            for name, memory, uuid, _ in rows
        ],
        "driver": rows[0][3],
        **({"cudaVersion": cuda[0]} if cuda else {}),
    }


def _ask(tool: str, *arguments: str) -> str:
    if shutil.which(tool) is None:
        return ""
    try:
        done = subprocess.run(
            [tool, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOOL_SECS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _processor(root: Path) -> str:
    try:
        for line in (root / "proc/cpuinfo").read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
