"""The GPUs of a machine with their driver, under the names of W&B's metadata. Does I/O."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

from weft.sync.sampling import amd
from weft.sync.sampling.apple import describe_accelerators
from weft.sync.system_files import read_system_file

TOOL_SECS: Final = 10.0
"""Longest time of a tool such as `nvidia-smi`: one whose driver hangs is left behind."""

_QUERY: Final = "name,memory.total,uuid,driver_version"


def describe_gpus(root: Path = Path("/")) -> dict[str, Any]:
    """The GPUs of the first maker that has any here: NVIDIA, AMD, Apple."""
    return _describe_nvidia() or _describe_amd(root) or _describe_apple()


def chip_of_mac() -> str:
    """Such as `Apple M2 Pro`; empty on other systems."""
    return _ask("sysctl", "-n", "machdep.cpu.brand_string").strip()


def _ask(tool: str, *arguments: str) -> str:
    """The output of a program; empty if it is missing, fails or hangs."""
    if shutil.which(tool) is None:
        return ""
    try:
        process = subprocess.run(
            [tool, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TOOL_SECS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return process.stdout.decode("utf-8", "replace") if process.returncode == 0 else ""


def _describe_nvidia() -> dict[str, Any]:
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


def _describe_amd(root: Path) -> dict[str, Any]:
    gpus: list[dict[str, str]] = []
    for folder in amd.cards(root / "sys"):
        # Only cards of data centres have a name there; of the others, the number tells the model.
        name = (
            read_system_file(folder / "product_name")
            or f"AMD GPU {read_system_file(folder / 'device')}".strip()
        )
        memory = read_system_file(folder / "mem_info_vram_total")
        gpus.append({"name": name, **({"memoryTotal": memory} if memory else {})})
    if not gpus:
        return {}
    driver = read_system_file(root / "sys/module/amdgpu/version")
    facts = {"gpu": gpus[0]["name"], "gpu_count": len(gpus), "gpu_amd": gpus}
    return {**facts, **({"driver": driver} if driver else {})}


def _describe_apple() -> dict[str, Any]:
    try:
        accelerators = describe_accelerators()
    except (OSError, ValueError, subprocess.SubprocessError):
        return {}
    if not accelerators:
        return {}
    name = chip_of_mac() or "Apple GPU"
    cores = accelerators[0].get("gpu-core-count")
    facts = {"gpu": name, "gpu_count": len(accelerators)}
    return {**facts, "apple": {"name": name, **({"gpuCores": cores} if cores else {})}}
