"""One tracker, one case: times `log()` of images. `images.py` runs it.

    python images_worker.py PEER CASE N_CALLS

Prints a JSON list of milliseconds; for CASE `ack` an object with seconds until all was
acknowledged, and memory.
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

SHAPES = {"small": (256, 256), "large": (2160, 3840), "many": (128, 128), "ack": (64, 64)}
N_TOGETHER = 100


def picture(rng: np.random.Generator, height: int, width: int) -> Any:
    """A smooth picture with some noise, which compresses like a photograph."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (40 + 9 * c) + rng.random() * 6) * np.cos(y / 50) for c in range(3)]
    noise = rng.normal(0, 4, (height, width, 3))
    return (127 + 100 * np.stack(waves, -1) + noise).clip(0, 255).astype(np.uint8)


def logging_by(peer: str, folder: Path) -> Callable[[list[Any], int], None]:
    """What logs images at a step with a tracker."""
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
            run.log({f"image/{number}": one for number, one in enumerate(media)})
        else:
            run.log({"image": media if len(media) > 1 else media[0]})

    return log


def memory_mb(pid: int, what: str) -> float:
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{what}:")[1].split()[0]) / 1024


def to_the_ack(n_images: int) -> None:
    pool = [picture(np.random.default_rng(seed), *SHAPES["ack"]) for seed in range(16)]
    bare = memory_mb(os.getpid(), "VmRSS")
    weft: Any = import_module("weft")
    layout: Any = import_module("weft.runlog.layout")
    platform: Any = import_module("weft.runlog.platform")
    status: Any = import_module("weft.sync.status")
    run = weft.init(project="bench")
    begin = time.perf_counter()
    for number in range(n_images):
        image = pool[number % len(pool)]
        image[0, 0] = number % 256, number // 256 % 256, number // 65536
        run.log({"image": weft.Image(image)})
    grown = memory_mb(os.getpid(), "VmRSS") - bare
    pid = os.getpid()
    page = status.StatusPage(
        layout.sidecar_status_path(
            layout.ensure_runtime_directory(), pid, platform.process_start_time(pid)
        )
    )
    sidecar = page.read().pid
    run.finish()
    secs = time.perf_counter() - begin
    sidecar_mb = memory_mb(sidecar, "VmHWM")
    print(json.dumps({"secs": secs, "sidecar_mb": sidecar_mb, "grown_mb": grown}), flush=True)


def main() -> None:
    peer, case, n_calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    if case == "ack":
        to_the_ack(n_calls)
        return
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
