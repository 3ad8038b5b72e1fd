"""The GPU of a Mac, as the system's own `ioreg` tells it, which needs no rights. Does I/O.

The keys are those that W&B has for Apple's GPUs. Temperature and power have no public interface.
"""

from __future__ import annotations

import plistlib
import shutil
import subprocess
from typing import Any, Final

from weft.sync.sampling.source import Figures

TOOL: Final = "ioreg"
_ARGUMENTS: Final = ("-a", "-r", "-c", "IOAccelerator", "-d", "1")


class AppleGpus:
    """All GPUs of a Mac: one on Apple silicon."""

    name = "Apple's GPU"
    is_shared = True

    def is_there(self) -> bool:
        return bool(describe_accelerators())

    def figures(self) -> Figures:
        import psutil

        total = psutil.virtual_memory().total
        figures: Figures = {}
        for index, accelerator in enumerate(describe_accelerators()):
            statistics = accelerator.get("PerformanceStatistics", {})
            busy = statistics.get("Device Utilization %")
            if isinstance(busy, int):
                figures[f"system.gpu.{index}.gpu"] = busy
            # The memory is the machine's own: GPU and CPU share it.
            used = statistics.get("In use system memory")
            if isinstance(used, int):
                figures[f"system.gpu.{index}.memoryAllocated"] = round(100 * used / total, 3)
                figures[f"system.gpu.{index}.memoryAllocatedBytes"] = used
        return figures


def describe_accelerators() -> list[dict[str, Any]]:
    """A description of each GPU from macOS; empty on other systems."""
    tool = shutil.which(TOOL)
    if tool is None:
        return []
    process = subprocess.run([tool, *_ARGUMENTS], stdin=subprocess.DEVNULL, capture_output=True)
    if process.returncode or not process.stdout:
        return []
    return list(plistlib.loads(process.stdout))
