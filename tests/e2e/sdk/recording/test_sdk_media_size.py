"""Large media: what they take in memory is that of one of them, however many follow each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest

from at_length import at_length
from files_at_work import file_workers
from live_runs import LiveServer, sidecars
from sdk_script import script_environment
from server_process import wait_until

pytestmark = [at_length, pytest.mark.timeout(600)]

MB = 1 << 20
SIDE, N_IMAGES = 4096, 6
PAYLOAD_MB = SIDE * SIDE * 3 / MB
MOST_MB = {
    "script": 1.5 * PAYLOAD_MB,  # above its start: the copy that `Image` makes
    "sidecar": 60.0,
    "worker": 60.0 + PAYLOAD_MB,  # the payload is mapped, and counts as memory of its own
    "server": 120.0,  # above its start
}

LOGS = f"""
import sys
import numpy as np
import weft

rng = np.random.default_rng(0)
pixels = rng.integers(0, 256, ({SIDE}, {SIDE}, 3), dtype=np.uint8)
run = weft.init(id="large", project="tests")
for step, line in enumerate(sys.stdin):
    pixels[0, 0] = step
    run.log({{"image": weft.Image(pixels)}})
    print("logged", flush=True)
run.finish()
"""


def peak_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def test_images_of_50_mb_take_the_memory_of_one(tmp_path: Path, live: LiveServer) -> None:
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    script = subprocess.Popen(
        [sys.executable, "-c", LOGS],
        cwd=tmp_path, env=script_environment(env), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    stdin, stdout = script.stdin, script.stdout
    assert stdin is not None
    assert stdout is not None

    def log_one(n_before: int) -> None:
        stdin.write("next\n")
        stdin.flush()
        assert stdout.readline() == "logged\n"
        wait_until(lambda: n_stored() == n_before + 1, what="the image at the server", secs=100)

    def n_stored() -> int:
        if not live.has("large"):
            return 0
        answer = httpx.get(
            f"{live.process.url}/api/v1/projects/local/tests/runs/large/files?prefix=media/"
        )
        return sum(file["state"] == "stored" for file in answer.json()["files"])

    def processes() -> dict[str, psutil.Process]:
        (sidecar,) = sidecars()
        peaks_mb = {
            "script": psutil.Process(script.pid),
            "sidecar": sidecar,
            "server": psutil.Process(live.process.pid),
        }
        for worker in file_workers(sidecar):
            peaks_mb["worker"] = worker
        return peaks_mb

    log_one(0)
    start = {name: process.memory_info().rss / MB for name, process in processes().items()}
    for nth in range(1, N_IMAGES):
        log_one(nth)
    peaks = {name: peak_mb(process) for name, process in processes().items()}
    script.communicate(timeout=120)
    assert script.returncode == 0
    growth = {
        name: mb - start[name] * (name in {"script", "server"}) for name, mb in peaks.items()
    }
    assert growth.keys() == MOST_MB.keys()
    for name, most in MOST_MB.items():
        assert growth[name] < most, (start, peaks)
