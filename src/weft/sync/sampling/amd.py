"""AMD's GPUs, from the files of the kernel's driver. Reading them can hang while a GPU resets.

The keys are those that W&B has for AMD.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from weft.sync.sampling.source import Figures
from weft.sync.system_files import read_system_file

_VENDOR: Final = "0x1002"


def cards(sys_root: Path) -> list[Path]:
    """The folders of AMD's GPUs, in the order of their numbers. Reads no file that can hang."""
    folders: list[tuple[int, Path]] = []
    for vendor in (sys_root / "class/drm").glob("card*/device/vendor"):
        number = vendor.parts[-3].removeprefix("card")
        if number.isdigit() and read_system_file(vendor) == _VENDOR:
            folders.append((int(number), vendor.parent))
    return [folder for _, folder in sorted(folders)]


class AmdGpus:
    """All GPUs of AMD, or some of them."""

    name = "AMD"
    is_shared = True

    def __init__(
        self, gpu_ids: Collection[int] | None = None, sys_root: Path = Path("/sys")
    ) -> None:
        self._cards = {
            index: folder
            for index, folder in enumerate(cards(sys_root))
            if gpu_ids is None or index in gpu_ids
        }

    def is_there(self) -> bool:
        return bool(self._cards)

    def figures(self) -> Figures:
        return {
            f"system.gpu.{index}.{name}": value
            for index, folder in self._cards.items()
            for name, value in _measure(folder).items()
        }


def _measure(folder: Path) -> Figures:
    figures: Figures = {}
    busy = _number(folder / "gpu_busy_percent")
    if busy is not None:
        figures["gpu"] = busy
    memory_busy = _number(folder / "mem_busy_percent")
    if memory_busy is not None:
        figures["memoryReadWriteActivity"] = memory_busy
    used, total = _number(folder / "mem_info_vram_used"), _number(folder / "mem_info_vram_total")
    if used is not None and total:
        figures["memoryAllocated"] = round(100 * used / total, 3)
        figures["memoryAllocatedBytes"] = used
    for sensors in sorted((folder / "hwmon").glob("hwmon*")):
        figures |= _sensors(sensors)
    return figures


def _sensors(folder: Path) -> Figures:
    figures: Figures = {}
    # The first sensor is the edge of the chip; data centre GPUs have only others.
    for number in ("1", "2", "3"):
        millidegrees = _number(folder / f"temp{number}_input")
        if millidegrees is not None:
            figures["temp"] = millidegrees / 1000
            break
    microwatts = _number(folder / "power1_average")
    if microwatts is None:
        microwatts = _number(folder / "power1_input")
    if microwatts is not None:
        figures["powerWatts"] = microwatts / 1e6
        limit = _number(folder / "power1_cap")
        if limit:
            figures["enforcedPowerLimitWatts"] = limit / 1e6
            figures["powerPercent"] = round(100 * microwatts / limit, 3)
    return figures


def _number(path: Path) -> int | None:
    text = read_system_file(path)
    return int(text) if text.removeprefix("-").isdigit() else None
