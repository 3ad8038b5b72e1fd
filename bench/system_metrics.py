"""The cost of sampling each second: a stand-in for NVML with 8 GPUs of 50 processes each.

The CPU and memory of all processes that a tracker starts for a script that logs twice a second,
offline. The official client has its own way to measure, and may not accept the stand-in.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from measure import ROOT, Figure, arguments, finish
from peers import WEFT, environment, python_of

SECS = 30
SETTLE_SECS = 6
SETTINGS = {
    WEFT: 'weft.Settings(system_interval_secs=1, mode="offline")',
    "wandb": 'wandb.Settings(x_stats_sampling_interval=1, mode="offline")',
}
SCRIPT = """
import time, {module}
run = {module}.init(project="bench", settings={settings})
for step in range({secs} * 2):
    run.log({{"loss": step}})
    time.sleep(0.5)
"""


def build_driver(folder: Path) -> None:
    source, library = ROOT / "tests/support/scripts/fake_nvml.c", folder / "libnvidia-ml.so.1"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-w", "-o", library, source], check=True)


def helpers(marker: str, script: int) -> list[psutil.Process]:
    """All processes that inherited the script's environment, without the script."""
    processes: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.pid != script and process.environ().get("BENCH_MARKER") == marker:
                processes.append(process)
        except psutil.Error:
            continue
    return processes


def cpu_secs(processes: list[psutil.Process]) -> float:
    times = [process.cpu_times() for process in processes if process.is_running()]
    return sum(cpu.user + cpu.system for cpu in times)


def measure(peer: str, *, gpus: int) -> tuple[float, float]:
    """Percent of a core, and MB that only these processes have."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_driver(folder)
        marker = f"{os.getpid()}-{time.monotonic_ns()}"
        own = {"BENCH_MARKER": marker}
        if gpus:
            own |= {"LD_LIBRARY_PATH": name, "FAKE_NVML_GPUS": str(gpus), "FAKE_NVML_MANY": "50"}
        script = SCRIPT.format(module=peer, settings=SETTINGS[peer], secs=SECS + SETTLE_SECS + 5)
        process = subprocess.Popen(
            [python_of(peer), "-c", script],
            env=environment(folder) | own,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            time.sleep(SETTLE_SECS)
            processes = helpers(marker, process.pid)
            before, began = cpu_secs(processes), time.monotonic()
            time.sleep(SECS)
            percent = 100 * (cpu_secs(processes) - before) / (time.monotonic() - began)
            mb = (
                sum(helper.memory_full_info().uss for helper in processes if helper.is_running())
                / 2**20
            )
        finally:
            process.kill()
            process.wait()
            for helper in helpers(marker, process.pid):
                helper.kill()
        return percent, mb


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--alone", action="store_true", help="weft only, without its peer")
    args = parser.parse_args()
    figures: list[Figure] = []
    for gpus in (0, 8):
        percent, mb = measure(WEFT, gpus=gpus)
        peer = None if args.alone else "wandb"
        peer_percent, peer_mb = measure(peer, gpus=gpus) if peer else (None, None)
        title = f"{gpus} GPUs" if gpus else "no GPU"
        figures += [
            Figure(
                f"sampling each second, {title}: CPU", percent, "% of core", 1.0,
                peer=peer, peer_figure=peer_percent,
            ),
            Figure(
                f"sampling each second, {title}: own memory", mb, "MB", 40.0,
                peer=peer, peer_figure=peer_mb,
            ),
        ]  # fmt: skip
    finish(figures, args.json)


if __name__ == "__main__":
    sys.exit(main())
