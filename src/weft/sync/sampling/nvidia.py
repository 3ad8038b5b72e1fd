"""NVIDIA's GPUs. Calls the driver, which can hang: runs in the device process.

`system.gpu.{i}.…` is about a GPU, by its number in the driver. `system.gpu.process.{i}.…` repeats
the main figures for a GPU that the training uses, with the memory of its own processes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final, TypeVar

from weft.sync.messages import tell
from weft.sync.sampling import nvml
from weft.sync.sampling.gpm import Activity
from weft.sync.sampling.nvml import Device, Nvml, NvmlError
from weft.sync.sampling.source import Figures

T = TypeVar("T")

_NEVER: Final = frozenset(
    {nvml.NOT_SUPPORTED, nvml.FUNCTION_NOT_FOUND, nvml.NO_PERMISSION, nvml.INVALID_ARGUMENT}
)
"""Return codes after which a GPU is not asked for that again."""

_LOST: Final = frozenset({nvml.GPU_IS_LOST, nvml.RESET_REQUIRED, nvml.UNINITIALIZED})

_DEEPEST: Final = 1000

_OF_PROCESS: Final = (
    "gpu",
    "memory",
    "memoryAllocated",
    "memoryAllocatedBytes",
    "temp",
    "powerWatts",
    "enforcedPowerLimitWatts",
    "powerPercent",
)


class NvidiaGpus:
    """All GPUs that the driver knows, or some of them."""

    name = "NVIDIA"
    is_shared = False

    def __init__(self, pid: int, gpu_ids: Collection[int] | None, proc: str = "/proc") -> None:
        self._pid = pid
        self._gpu_ids = gpu_ids
        self._proc = proc
        self._gpus: list[_Gpu] = []

    def is_there(self) -> bool:
        try:
            library = Nvml()
            indexes = range(library.n_devices())
        except (OSError, NvmlError):
            return False
        for index in indexes:
            if self._gpu_ids is None or index in self._gpu_ids:
                try:
                    self._gpus.append(_Gpu(index, library, library.device(index)))
                except NvmlError as error:
                    tell(f"GPU {index} can't be measured: {error}")
        return bool(self._gpus)

    def figures(self) -> Figures:
        figures: Figures = {}
        tree = _Tree(self._pid, self._proc)
        for gpu in self._gpus:
            measured = gpu.measure()
            figures |= {
                f"system.gpu.{gpu.index}.{name}": value for name, value in measured.items()
            }
            own = gpu.used_by(tree) if measured else None
            if own is None:
                continue
            if own.n_bytes is not None and "memoryAllocatedBytes" in measured:
                measured["memoryAllocatedBytes"] = own.n_bytes
                measured["memoryAllocated"] = round(100 * own.n_bytes / gpu.total_bytes, 3)
            for name in _OF_PROCESS:
                if name in measured:
                    figures[f"system.gpu.process.{gpu.index}.{name}"] = measured[name]
        return figures


class _Usage:
    """The training's use of a GPU; `n_bytes` is None if the driver does not tell."""

    def __init__(self, n_bytes: int | None) -> None:
        self.n_bytes = n_bytes


class _Lost(Exception):
    pass


class _Gpu:
    def __init__(self, index: int, library: Nvml, device: Device) -> None:
        self.index = index
        self.total_bytes = 1
        self._library = library
        self._device = device
        self._lacking: set[str] = set()
        self._is_lost = False
        self._uuid = self._ask("uuid", lambda: library.uuid(device)) or ""
        self._activity = self._ask("activity", lambda: Activity(library, device))

    def measure(self) -> Figures:
        """All figures of this GPU by their last name; empty while it is lost."""
        try:
            figures = self._measure()
        except _Lost as error:
            if not self._is_lost:
                tell(f"GPU {self.index} is lost: {error}")
            self._is_lost = True
            return {}
        self._is_lost = False
        return figures

    def _measure(self) -> Figures:
        figures: Figures = {}
        library, device = self._library, self._device
        busy = self._ask("utilization", lambda: library.utilization(device))
        if busy is not None:
            figures["gpu"], figures["memory"] = busy
        memory = self._ask("memory", lambda: library.memory(device))
        if memory is not None:
            used, self.total_bytes = memory[0], max(1, memory[1])
            figures["memoryAllocated"] = round(100 * used / self.total_bytes, 3)
            figures["memoryAllocatedBytes"] = used
        figures |= self._power()
        for name, function, arguments in (
            ("temp", "nvmlDeviceGetTemperature", (nvml.TEMPERATURE_GPU,)),
            ("fanSpeed", "nvmlDeviceGetFanSpeed", ()),
            ("smClock", "nvmlDeviceGetClockInfo", (nvml.CLOCK_SM,)),
            ("memoryClock", "nvmlDeviceGetClockInfo", (nvml.CLOCK_MEMORY,)),
            ("graphicsClock", "nvmlDeviceGetClockInfo", (nvml.CLOCK_GRAPHICS,)),
            ("pcieLinkGen", "nvmlDeviceGetCurrPcieLinkGeneration", ()),
            ("pcieLinkWidth", "nvmlDeviceGetCurrPcieLinkWidth", ()),
        ):
            self._add(figures, name, self._ask_number(name, function, *arguments))
        link_megabytes = self._ask_number("pcieLinkSpeed", "nvmlDeviceGetPcieSpeed")
        if link_megabytes is not None:
            figures["pcieLinkSpeed"] = 1_000_000 * link_megabytes
        for name, kind in (
            ("correctedMemoryErrors", nvml.ECC_CORRECTED),
            ("uncorrectedMemoryErrors", nvml.ECC_UNCORRECTED),
        ):
            count = self._ask(name, lambda kind=kind: library.memory_errors(device, kind))
            self._add(figures, name, count)
        encoder = self._ask("encoder", lambda: library.encoder_percent(device))
        self._add(figures, "encoderUtilization", encoder)
        energy = self._ask("energy", lambda: library.energy_millijoules(device))
        if energy is not None:
            figures["energyJoules"] = energy / 1000
        activity = self._activity
        if activity is not None:
            figures |= self._ask("activity", activity.measure) or {}
        return figures

    def _power(self) -> Figures:
        milliwatts = self._ask_number("power", "nvmlDeviceGetPowerUsage")
        if milliwatts is None:
            return {}
        figures: Figures = {"powerWatts": milliwatts / 1000}
        limit = self._ask_number("limit", "nvmlDeviceGetEnforcedPowerLimit")
        if limit:
            figures["enforcedPowerLimitWatts"] = limit / 1000
            figures["powerPercent"] = round(100 * milliwatts / limit, 3)
        return figures

    def used_by(self, tree: _Tree) -> _Usage | None:
        """The process tree's use of this GPU; None if it does not use it."""
        library, device = self._library, self._device
        try:
            processes = [
                process
                for kind in ("Compute", "Graphics")
                for process in self._ask(kind, lambda kind=kind: library.processes(device, kind))
                or ()
            ]
        except _Lost:
            return None
        used_bytes = {
            process.pid: process.used_bytes for process in processes if process.pid in tree
        }
        if used_bytes:
            counts = [count for count in used_bytes.values() if count is not None]
            return _Usage(sum(counts) if len(counts) == len(used_bytes) else None)
        if not processes or not is_visible(
            self.index, self._uuid, os.environ.get("CUDA_VISIBLE_DEVICES", "")
        ):
            return None
        return None if any(tree.knows(process.pid) for process in processes) else _Usage(None)

    def _ask_number(self, query: str, function: str, *arguments: int) -> int | None:
        return self._ask(query, lambda: self._library.number(function, self._device, *arguments))

    def _ask(self, query: str, call: Callable[[], T]) -> T | None:
        if query in self._lacking:
            return None
        try:
            return call()
        except NvmlError as error:
            if error.code in _LOST:
                raise _Lost(str(error)) from None
            if error.code in _NEVER:
                self._lacking.add(query)
            return None

    @staticmethod
    def _add(figures: Figures, name: str, value: int | None) -> None:
        if value is not None:
            figures[name] = value


def is_visible(index: int, uuid: str, variable: str) -> bool:
    """Whether the value of CUDA_VISIBLE_DEVICES names a GPU.

    In a container the driver may list processes by numbers that mean nothing there. Then only this
    variable says which GPUs the training uses.

    >>> is_visible(1, "GPU-8f2a", "0,1"), is_visible(1, "GPU-8f2a", "GPU-8f,0")
    (True, True)
    >>> is_visible(1, "GPU-8f2a", "0")
    False
    """
    for entry in variable.split(","):
        name = entry.strip()
        if name == str(index) or (name.startswith("GPU-") and uuid.startswith(name)):
            return True
        if name.startswith("-"):
            break  # CUDA ignores what follows an invalid entry
    return False


class _Tree:
    """The processes below one, found from a process upwards: few processes use GPUs."""

    def __init__(self, pid: int, proc: str) -> None:
        self._proc = proc
        self._is_in = {pid: True, 0: False, 1: pid == 1}

    def __contains__(self, pid: int) -> bool:
        path: list[int] = []
        while pid not in self._is_in and len(path) < _DEEPEST:
            path.append(pid)
            pid = self._parent(pid)
        is_in = self._is_in.get(pid, False)
        self._is_in.update(dict.fromkeys(path, is_in))
        return is_in

    def knows(self, pid: int) -> bool:
        """Whether there is such a process, as far as this system tells."""
        return not Path(self._proc).is_dir() or Path(self._proc, str(pid)).exists()

    def _parent(self, pid: int) -> int:
        try:
            with open(f"{self._proc}/{pid}/stat", "rb") as file:
                # The name is in brackets and may contain any character.
                return int(file.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return 0
