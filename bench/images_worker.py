"""One tracker, one case: times `log()` of images. `images.py` runs it.

    python images_worker.py PEER CASE N_CALLS
    python images_worker.py PEER whole N_IMAGES SIDE N_TOGETHER

The first prints a JSON list of milliseconds. The second logs all images as fast as it can and
prints an object: seconds until `log()` had returned for all, and until all were in place, for weft
at its server, for the others in their files. For weft also CPU time and memory of its processes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

SHAPES = {"small": (256, 256), "large": (2160, 3840), "many": (128, 128)}
N_TOGETHER = 100


def picture(rng: np.random.Generator, height: int, width: int) -> Any:
    """A smooth picture with some noise, which compresses like a photograph."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (40 + 9 * c) + rng.random() * 6) * np.cos(y / 50) for c in range(3)]
    noise = rng.normal(0, 4, (height, width, 3))
    return (127 + 100 * np.stack(waves, -1) + noise).clip(0, 255).astype(np.uint8)


def logging_by(peer: str, folder: Path) -> Callable[[list[Any], int], None]:
    """The function that logs images at a step with a tracker."""
    tracker: Any = import_module(peer)
    if peer == "tensorboardX":
        writer = tracker.SummaryWriter(str(folder))

        def add(images: list[Any], step: int) -> None:
            for number, image in enumerate(images):
                writer.add_image(f"image/{number}", image, step, dataformats="HWC")

        return add
    run = tracker.init(project="bench")

    def log(images: list[Any], step: int) -> None:
        del step
        media = [tracker.Image(image) for image in images]
        if peer == "trackio":  # it takes no lists
            run.log({f"image/{number}": image for number, image in enumerate(media)})
        else:
            run.log({"image": media if len(media) > 1 else media[0]})

    return log


def memory_mb(pid: int, field: str) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{field}:")[1].split()[0]) / 1024


def cpu_secs(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sidecar_pid() -> int:
    layout: Any = import_module("weft.runlog.layout")
    platform: Any = import_module("weft.runlog.platform")
    status: Any = import_module("weft.sync.status")
    pid = os.getpid()
    path = layout.sidecar_status_path(
        layout.ensure_runtime_directory(), pid, platform.process_start_time(pid)
    )
    while not (pid := status.StatusPage(path).read().pid):
        time.sleep(0.01)
    return pid


def log_all(peer: str, n_images: int, side: int, n_together: int) -> dict[str, Any]:
    """Log different images as fast as possible."""
    pool = [picture(np.random.default_rng(seed), side, side) for seed in range(16)]
    log = logging_by(peer, Path.cwd())
    bare_mb, cpu = memory_mb(os.getpid(), "VmRSS"), time.process_time()
    begin = time.perf_counter()
    for first in range(0, n_images, n_together):
        images: list[Any] = []
        for number in range(first, first + n_together):
            image = pool[number % len(pool)].copy()
            image[0, 0] = number % 256, number // 256 % 256, number // 65536
            images.append(image)
        log(images, first)
    report: dict[str, Any] = {
        "logged_secs": time.perf_counter() - begin,
        "trainer_cpu_secs": time.process_time() - cpu,
        "grown_mb": memory_mb(os.getpid(), "VmRSS") - bare_mb,
    }
    if peer == "tensorboardX":
        return report | {"secs": report["logged_secs"]}
    tracker: Any = import_module(peer)
    sidecar = sidecar_pid() if peer == "weft" else 0
    run_id = tracker.run.id if sidecar else ""
    tracker.finish()
    report["secs"] = time.perf_counter() - begin
    if sidecar:
        children = Path(f"/proc/{sidecar}/task/{sidecar}/children").read_text().split()
        workers = [int(child) for child in children]
        report |= {
            "run_id": run_id,
            "sidecar_mb": memory_mb(sidecar, "VmHWM"),
            "sidecar_cpu_secs": cpu_secs(sidecar),
            "worker_mb": max(memory_mb(worker, "VmHWM") for worker in workers),
            "worker_cpu_secs": sum(cpu_secs(worker) for worker in workers),
        }
    return report


def main() -> None:
    peer, case, n_calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if case == "whole":
        report = log_all(peer, n_calls, int(sys.argv[4]), int(sys.argv[5]))
        print(json.dumps(report), flush=True)
        os._exit(0)
    log = logging_by(peer, Path.cwd())
    rng = np.random.default_rng(0)
    n_images = N_TOGETHER if case == "many" else 1
    pool = [picture(rng, *SHAPES[case]) for _ in range(n_images + 1)]
    log(pool[:1], 0)
    took: list[float] = []
    for call in range(n_calls):
        images = [pool[(call + number) % len(pool)] for number in range(n_images)]
        time.sleep(0.05)  # a training step: encoders of the call before are done
        begin = time.perf_counter()
        log(images, call + 1)
        took.append((time.perf_counter() - begin) * 1e3)
    print(json.dumps(took), flush=True)
    os._exit(0)  # what the peers send at their exit is not measured


if __name__ == "__main__":
    main()
