"""NVIDIA's management library, called through ctypes. Calls the driver, which can hang.

Functions and structures are named as in `nvml.h`. A driver without a function, or a GPU without a
feature, raises `NvmlError`.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

LIBRARY: Final = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"

UNINITIALIZED: Final = 1
INVALID_ARGUMENT: Final = 2
NOT_SUPPORTED: Final = 3
NO_PERMISSION: Final = 4
INSUFFICIENT_SIZE: Final = 7
FUNCTION_NOT_FOUND: Final = 13
GPU_IS_LOST: Final = 15
RESET_REQUIRED: Final = 16

TEMPERATURE_GPU: Final = 0
CLOCK_GRAPHICS: Final = 0
CLOCK_SM: Final = 1
CLOCK_MEMORY: Final = 2
ECC_CORRECTED: Final = 0
ECC_UNCORRECTED: Final = 1
ECC_VOLATILE: Final = 0
LOCATION_DEVICE_MEMORY: Final = 2

_VALUE_NOT_AVAILABLE: Final = 2**64 - 1
_FIRST_PROCESSES: Final = 32
_MOST_PROCESSES: Final = 65536
_UUID_BYTES: Final = 96

Device = ctypes.c_void_p


class NvmlError(Exception):
    """A call failed."""

    def __init__(self, function: str, code: int) -> None:
        super().__init__(f"{function} returned {code}")
        self.code = code


class _Utilization(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


class _ProcessV1(ctypes.Structure):
    _fields_ = (("pid", ctypes.c_uint), ("used", ctypes.c_ulonglong))


class _ProcessV2(ctypes.Structure):
    _fields_ = (
        ("pid", ctypes.c_uint),
        ("used", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


_LISTS: Final = (("_v3", _ProcessV2), ("_v2", _ProcessV2), ("", _ProcessV1))
"""Suffixes of the functions that list processes, from new drivers to old ones."""


class GpuProcess(NamedTuple):
    """A process that uses a GPU, and its memory there. None if the driver does not tell."""

    pid: int
    used_bytes: int | None


def may_be_there(root: Path = Path("/")) -> bool:
    """Whether it is worth a try to load the library. Never calls the driver."""
    if sys.platform == "win32":
        return Path(os.environ.get("WINDIR", "C:\\Windows"), "System32", LIBRARY).exists()
    folders = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    return any((root / name).exists() for name in ("dev/nvidiactl", "dev/dxg")) or any(
        Path(folder, LIBRARY).exists() for folder in folders
    )


class Nvml:
    """The library, initialised.

    OSError if it is not installed, NvmlError if there is no driver that it can use.
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self._list_number: dict[str, int] = {}
        self._n_processes = _FIRST_PROCESSES
        self.call("nvmlInit_v2")

    def n_devices(self) -> int:
        count = ctypes.c_uint()
        self.call("nvmlDeviceGetCount_v2", ctypes.byref(count))
        return count.value

    def device(self, index: int) -> Device:
        device = Device()
        self.call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(device))
        return device

    def uuid(self, device: Device) -> str:
        text = ctypes.create_string_buffer(_UUID_BYTES)
        self.call("nvmlDeviceGetUUID", device, text, ctypes.c_uint(_UUID_BYTES))
        return text.value.decode("ascii", "replace")

    def number(self, function: str, device: Device, *arguments: int) -> int:
        """Call a function whose result is one unsigned int."""
        number = ctypes.c_uint()
        c_arguments = [ctypes.c_int(argument) for argument in arguments]
        self.call(function, device, *c_arguments, ctypes.byref(number))
        return number.value

    def utilization(self, device: Device) -> tuple[int, int]:
        """The share of time in which the GPU, and its memory, were busy: in percent."""
        utilization = _Utilization()
        self.call("nvmlDeviceGetUtilizationRates", device, ctypes.byref(utilization))
        return utilization.gpu, utilization.memory

    def memory(self, device: Device) -> tuple[int, int]:
        """Bytes in use, and in all."""
        memory = _Memory()
        self.call("nvmlDeviceGetMemoryInfo", device, ctypes.byref(memory))
        return memory.used, memory.total

    def energy_millijoules(self, device: Device) -> int:
        """Energy since the driver was loaded (Volta and later)."""
        energy = ctypes.c_ulonglong()
        self.call("nvmlDeviceGetTotalEnergyConsumption", device, ctypes.byref(energy))
        return energy.value

    def memory_errors(self, device: Device, kind: int) -> int:
        """Errors of the memory since the driver was loaded; `kind` is ECC_CORRECTED or not."""
        count = ctypes.c_ulonglong()
        c_arguments = [
            ctypes.c_int(argument) for argument in (kind, ECC_VOLATILE, LOCATION_DEVICE_MEMORY)
        ]
        self.call("nvmlDeviceGetMemoryErrorCounter", device, *c_arguments, ctypes.byref(count))
        return count.value

    def encoder_percent(self, device: Device) -> int:
        percent, period_micros = ctypes.c_uint(), ctypes.c_uint()
        self.call(
            "nvmlDeviceGetEncoderUtilization",
            device,
            ctypes.byref(percent),
            ctypes.byref(period_micros),
        )
        return percent.value

    def processes(self, device: Device, kind: str) -> list[GpuProcess]:
        """The processes that use a GPU for `kind`, "Compute" or "Graphics"."""
        while True:
            suffix, struct = _LISTS[self._list_number.setdefault(kind, 0)]
            count = ctypes.c_uint(self._n_processes)
            processes = (struct * self._n_processes)()
            function = f"nvmlDeviceGet{kind}RunningProcesses{suffix}"
            try:
                self.call(function, device, ctypes.byref(count), processes)
            except NvmlError as error:
                is_small = error.code == INSUFFICIENT_SIZE
                if is_small and self._n_processes < _MOST_PROCESSES:
                    self._n_processes = 2 * max(count.value, self._n_processes)
                elif error.code == FUNCTION_NOT_FOUND and suffix:
                    self._list_number[kind] += 1
                else:
                    raise
                continue
            return [
                GpuProcess(
                    process.pid, None if process.used == _VALUE_NOT_AVAILABLE else process.used
                )
                for process in processes[: count.value]
            ]

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function of the library; NvmlError if it fails or the library has none such."""
        function = getattr(self._library, name, None)
        code = FUNCTION_NOT_FOUND if function is None else function(*arguments)
        if code:
            raise NvmlError(name, code)
