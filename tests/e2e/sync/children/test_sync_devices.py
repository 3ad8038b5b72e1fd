"""GPUs and other sources that can hang, measured by a real device process.

The driver is `tests/support/scripts/fake_nvml.c`, which follows NVIDIA's C API.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shims import build_shim
from weft.sync.capture.gpus import describe_gpus
from weft.sync.sampling import nvml
from weft.sync.sampling.amd import AmdGpus
from weft.sync.sampling.devices import Devices, DeviceTask, has_devices
from weft.sync.sampling.nvidia import is_visible
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.sampling.source import Figures
from weft.sync.spawn import package_folders

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the stand-in is a shared object")

GIB = 2**30


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nvml")
    build_shim("fake_nvml", folder).rename(folder / nvml.LIBRARY)
    return folder


@pytest.fixture
def with_driver(driver: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("LD_LIBRARY_PATH", str(driver))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return monkeypatch


def until(is_so: Callable[[], bool], condition: str) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, f"there is never {condition}"
        time.sleep(0.01)


class Asked(Devices):
    """Devices that a test asks until they answer."""

    def ask_until(self, key: str) -> Figures:
        figures: Figures = {}

        def has_answered() -> bool:
            self.ask(with_machine=True)
            figures.update(self.take())
            return key in figures

        until(has_answered, f"a figure {key}")
        return figures

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid


@pytest.fixture
def started() -> Iterator[list[Asked]]:
    devices: list[Asked] = []
    yield devices
    for device in devices:
        device.close()


def start(started: list[Asked], settings: SamplingSettings | None = None) -> Asked:
    settings = settings or SamplingSettings()
    devices = Asked(DeviceTask(os.getpid(), settings), package_folders())
    started.append(devices)
    return devices


def test_two_gpus_have_the_keys_of_wandb(
    with_driver: pytest.MonkeyPatch, started: list[Asked]
) -> None:
    child = subprocess.Popen(["sleep", "60"])
    with_driver.setenv("FAKE_NVML_PIDS", f"{os.getpid()},1,{child.pid}")
    with_driver.setenv("FAKE_NVML_MANY", "100")  # more than fit at the first call
    try:
        figures = start(started).ask_until("system.gpu.1.smActive")  # from the second sample on
    finally:
        child.kill()
        child.wait()
    expected = {
        "gpu": 91,
        "memory": 41,
        "memoryAllocated": 26.25,
        "memoryAllocatedBytes": 21 * GIB,
        "temp": 61,
        "powerWatts": 350.5,
        "enforcedPowerLimitWatts": 701.0,
        "powerPercent": 50.0,
        "fanSpeed": 33,
        "smClock": 1755,
        "memoryClock": 2619,
        "graphicsClock": 1750,
        "pcieLinkGen": 5,
        "pcieLinkWidth": 16,
        "pcieLinkSpeed": 32_000_000_000,
        "correctedMemoryErrors": 5_000_000_000,
        "uncorrectedMemoryErrors": 1,
        "encoderUtilization": 12,
        "energyJoules": 53692.587,
        "smActive": 2.25,
        "smOccupancy": 3.25,
        "pipeTensorActive": 5.25,
        "pipeTensorHmmaActive": 7.25,
        "dramActive": 10.25,
        "pipeFp64Active": 11.25,
        "pipeFp32Active": 12.25,
        "pipeFp16Active": 13.25,
        "pcieTxBytes": 20.25 * 2**20,
        "pcieRxBytes": 21.25 * 2**20,
    }  # without NVLink, which this GPU lacks
    own = {
        "gpu": 91,
        "memory": 41,
        "memoryAllocated": 5.0,
        "memoryAllocatedBytes": 4 * GIB,
        "temp": 61,
        "powerWatts": 350.5,
        "enforcedPowerLimitWatts": 701.0,
        "powerPercent": 50.0,
    }
    assert of(figures, "system.gpu.1.") == expected
    assert of(figures, "system.gpu.process.1.") == own
    older = of(figures, "system.gpu.0.")
    assert older["gpu"] == 90
    assert "smActive" not in older
    assert of(figures, "system.gpu.process.0.") == {}


def of(figures: Figures, prefix: str) -> Figures:
    return {
        key.removeprefix(prefix): value for key, value in figures.items() if key.startswith(prefix)
    }


def test_a_gpu_without_some_features_has_the_others(
    with_driver: pytest.MonkeyPatch, started: list[Asked]
) -> None:
    with_driver.setenv("FAKE_NVML_LACKING", "0")
    figures = start(started, SamplingSettings(gpu_ids=(0,))).ask_until("system.gpu.0.gpu")
    assert set(of(figures, "system.gpu.0.")) == {
        "gpu", "memory", "memoryAllocated", "memoryAllocatedBytes", "temp", "smClock",
        "memoryClock", "graphicsClock", "pcieLinkGen", "pcieLinkWidth",
    }  # fmt: skip
    assert of(figures, "system.gpu.1.") == {}, "only GPU 0 was asked for"


def test_a_gpu_that_is_lost_and_found_leaves_the_other_alone(
    with_driver: pytest.MonkeyPatch, started: list[Asked], tmp_path: Path
) -> None:
    lost = tmp_path / "lost"
    with_driver.setenv("FAKE_NVML_LOST", "1")
    with_driver.setenv("FAKE_NVML_LOST_FILE", str(lost))
    devices = start(started)
    devices.ask_until("system.gpu.1.gpu")
    lost.touch()

    def only_the_first() -> bool:
        figures = devices.ask_until("system.gpu.0.gpu")
        return "system.gpu.1.gpu" not in figures

    until(only_the_first, "a sample without the lost GPU")
    lost.unlink()
    devices.ask_until("system.gpu.1.gpu")


def test_a_driver_that_hangs_holds_up_neither_the_sidecar_nor_other_sources(
    with_driver: pytest.MonkeyPatch, started: list[Asked], tmp_path: Path
) -> None:
    hang = tmp_path / "hang"
    hang.touch()
    with_driver.setenv("FAKE_NVML_HANG_FILE", str(hang))
    devices = start(started, SamplingSettings(disk_paths=("/",)))
    for _ in range(3):
        figures = devices.ask_until("system.disk./.usagePercent")
        assert of(figures, "system.gpu.") == {}
    hang.unlink()
    devices.ask_until("system.gpu.0.temp")
    hang.touch()
    devices.ask_until("system.disk./.usagePercent")
    pid = devices.pid
    devices.close()
    until(lambda: not Path("/proc", str(pid)).exists(), "an end of the process")


def test_a_process_that_is_left_behind_is_reaped_once_it_ends(
    with_driver: pytest.MonkeyPatch, started: list[Asked]
) -> None:
    with_driver.setattr("weft.sync.sampling.devices.END_SECS", 0.0)
    devices = start(started)
    pid = devices.pid
    devices.close()
    until(lambda: not Path("/proc", str(pid)).exists(), "an end of the process")


def test_a_driver_that_hangs_from_the_start_holds_up_nothing(
    with_driver: pytest.MonkeyPatch, started: list[Asked]
) -> None:
    with_driver.setenv("FAKE_NVML_HANG_INIT", "1")
    devices = start(started, SamplingSettings(disk_paths=("/",)))
    devices.ask_until("system.disk./.usagePercent")


def test_a_driver_that_crashes_takes_only_the_device_process_with_it(
    with_driver: pytest.MonkeyPatch, started: list[Asked], tmp_path: Path
) -> None:
    crash = tmp_path / "crash"
    with_driver.setenv("FAKE_NVML_CRASH_FILE", str(crash))
    with_driver.setattr("weft.sync.sampling.devices.RESTART_SECS", 0.0)
    devices = start(started)
    devices.ask_until("system.gpu.0.gpu")
    first = devices.pid
    crash.touch()

    def is_another() -> bool:
        devices.ask(with_machine=True)
        return devices.pid not in {None, first}

    until(is_another, "a new device process")
    crash.unlink()
    devices.ask_until("system.gpu.0.gpu")


def test_without_a_driver_the_process_ends_and_stays_away(
    with_driver: pytest.MonkeyPatch, started: list[Asked]
) -> None:
    with_driver.setenv("FAKE_NVML_NO_DRIVER", "1")
    with_driver.setattr("weft.sync.sampling.devices.RESTART_SECS", 0.0)
    devices = start(started)

    def has_ended() -> bool:
        devices.ask(with_machine=True)
        return devices.pid is None

    until(has_ended, "an end of the process")
    devices.ask(with_machine=True)
    assert devices.pid is None


def test_in_a_container_the_visible_gpus_count_as_the_trainings(
    with_driver: pytest.MonkeyPatch, started: list[Asked]
) -> None:
    with_driver.setenv("FAKE_NVML_MANY", "1")  # a process that is unknown here
    with_driver.setenv("CUDA_VISIBLE_DEVICES", "GPU-00000001")
    figures = start(started).ask_until("system.gpu.process.1.gpu")
    assert figures["system.gpu.process.1.memoryAllocatedBytes"] == 21 * GIB
    assert of(figures, "system.gpu.process.0.") == {}


@pytest.mark.parametrize(
    ("variable", "visible"),
    [("0,1", True), ("0", False), ("", False), ("-1,1", False), ("GPU-0000", True), ("x", False)],
)
def test_which_gpus_cuda_shows(variable: str, visible: bool) -> None:
    assert is_visible(1, "GPU-00000001", variable) is visible


def test_no_process_is_started_where_there_are_no_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    settings = SamplingSettings()
    assert not has_devices(settings, tmp_path)
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "nvidiactl").touch()
    assert has_devices(settings, tmp_path)
    assert has_devices(SamplingSettings(endpoints={"a": "http://a"}), tmp_path / "none")


APPLES_ANSWER = [
    {
        "IOObjectClass": "AGXAcceleratorG14X",
        "gpu-core-count": 19,
        "PerformanceStatistics": {
            "Device Utilization %": 73,
            "Renderer Utilization %": 70,
            "In use system memory": 3 * GIB,
            "Alloc system memory": 5 * GIB,
        },
    }
]


@pytest.fixture
def ioreg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that answers as macOS's does."""
    (tmp_path / "answer.plist").write_bytes(plistlib.dumps(APPLES_ANSWER))
    for tool, answer in (
        ("ioreg", f"/bin/cat '{tmp_path}/answer.plist'"),
        ("sysctl", "echo Apple M2"),
    ):
        (tmp_path / tool).write_text(f"#!/bin/sh\n{answer}\n")
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)


@pytest.mark.usefixtures("ioreg")
def test_a_macs_gpu_has_utilisation_memory_and_a_name(started: list[Asked]) -> None:
    assert has_devices(SamplingSettings())
    figures = start(started).ask_until("system.gpu.0.gpu")
    assert figures["system.gpu.0.gpu"] == 73
    assert figures["system.gpu.0.memoryAllocatedBytes"] == 3 * GIB
    assert figures["system.gpu.0.memoryAllocated"] > 0
    assert describe_gpus() == {
        "gpu": "Apple M2",
        "gpu_count": 1,
        "apple": {"name": "Apple M2", "gpuCores": 19},
    }


LIBTPU = """
DATA = {
    "duty_cycle_pct": ["45.32", "47.11"],
    "tensorcore_util": ["31.5", "not measured"],
    "hbm_capacity_usage": ["1073741824", "0"],
}


class _Metric:
    def __init__(self, name):
        self._name = name

    def data(self):
        return DATA[self._name]


class tpumonitoring:
    @staticmethod
    def list_supported_metrics():
        return [*DATA, "buffer_transfer_latency"]

    get_metric = _Metric
"""


def test_tpus_are_measured_by_their_own_library(tmp_path: Path, started: list[Asked]) -> None:
    device = tmp_path / "sys/bus/pci/devices/0000:00:04.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x1ae0\n")
    assert has_devices(SamplingSettings(), tmp_path)
    library = tmp_path / "packages" / "libtpu"
    library.mkdir(parents=True)
    (library / "__init__.py").touch()
    (library / "sdk.py").write_text(LIBTPU)
    task = DeviceTask(os.getpid(), SamplingSettings())
    devices = Asked(task, [*package_folders(), str(library.parent)])
    started.append(devices)
    assert of(devices.ask_until("system.tpu.0.dutyCycle"), "system.tpu.") == {
        "0.dutyCycle": 45.32,
        "1.dutyCycle": 47.11,
        "0.tensorcoreUtilization": 31.5,
        "0.hbmCapacityUsage": GIB,
        "1.hbmCapacityUsage": 0,
    }


def test_amds_files_are_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for card, vendor in (("card0", "0x10de"), ("card2", "0x1002"), ("card10", "0x1002")):
        device = tmp_path / "sys/class/drm" / card / "device"
        sensors = device / "hwmon" / "hwmon3"
        sensors.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
        (device / "gpu_busy_percent").write_text("87\n")
        (device / "mem_busy_percent").write_text("12\n")
        (device / "mem_info_vram_used").write_text(f"{16 * GIB}\n")
        (device / "mem_info_vram_total").write_text(f"{64 * GIB}\n")
        (sensors / "temp2_input").write_text("53000\n")
        (sensors / "power1_average").write_text("280000000\n")
        (sensors / "power1_cap").write_text("560000000\n")
    (tmp_path / "sys/class/drm/card2-DP-1/device").mkdir(parents=True)
    (tmp_path / "sys/class/drm/card10/device/gpu_busy_percent").write_text("")
    assert has_devices(SamplingSettings(), tmp_path)
    gpus = AmdGpus(sys_root=tmp_path / "sys")
    assert gpus.is_there()
    figures = gpus.figures()
    assert of(figures, "system.gpu.0.") == {
        "gpu": 87,
        "memoryReadWriteActivity": 12,
        "memoryAllocated": 25.0,
        "memoryAllocatedBytes": 16 * GIB,
        "temp": 53.0,
        "powerWatts": 280.0,
        "enforcedPowerLimitWatts": 560.0,
        "powerPercent": 50.0,
    }
    assert "gpu" not in of(figures, "system.gpu.1.")
    assert not of(figures, "system.gpu.2.")
    assert set(of(AmdGpus([1], tmp_path / "sys").figures(), "system.gpu.0.")) == set()
    assert not AmdGpus(sys_root=tmp_path / "none").is_there()
    (tmp_path / "sys/class/drm/card2/device/product_name").write_text("AMD Instinct MI300X\n")
    (tmp_path / "sys/class/drm/card10/device/device").write_text("0x744c\n")
    monkeypatch.setenv("PATH", "")
    described = describe_gpus(tmp_path)
    assert described["gpu_amd"] == [
        {"name": "AMD Instinct MI300X", "memoryTotal": str(64 * GIB)},
        {"name": "AMD GPU 0x744c", "memoryTotal": str(64 * GIB)},
    ]
