"""Images: what `log()` costs the training thread, beside other trackers; and how fast they arrive.

The others encode the image in the call that logs it; weft hands it to another process. All leave
it on the disk. The images are photographs in their statistics: smooth, with some noise.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import Figure, arguments, finish, median, running_server
from peers import WEFT, available_peers, run_worker

HERE = Path(__file__).parent
WORKER = str(HERE / "images_worker.py")
N_ROUNDS = 3

CASES = (
    ("small", 200, "256x256 image: log()", 3.0),
    ("large", 5, "3840x2160 image: log()", 60.0),
    ("many", 4, "100 images of 128x128 in one step: log()", 100.0),
)


def millis(peer: str, case: str, n_calls: int) -> float | None:
    """Median milliseconds of a call, the median of the rounds."""
    worker = [WORKER, peer, case, str(n_calls)]
    rounds = [
        run_worker(peer, worker, starts_with="[", what=f" at {case}") for _ in range(N_ROUNDS)
    ]
    return None if None in rounds else median([median(one) for one in rounds])


def to_the_ack(url: str, n_images: int) -> dict[str, Any]:
    """Log images, one a row, and wait until all are at the server."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, WORKER, WEFT, "ack", str(n_images)],
            env=os.environ | {"WEFT_BASE_URL": url, "WEFT_DIR": folder, "WEFT_SILENT": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    args = parser.parse_args()
    peers = available_peers()
    figures: list[Figure] = []
    for case, n_calls, name, budget in CASES:
        found = {peer: millis(peer, case, n_calls) for peer in peers}
        own = found.pop(WEFT)
        if own is None:
            continue
        best, theirs = min(
            ((peer, figure) for peer, figure in found.items() if figure is not None),
            key=lambda pair: pair[1],
            default=(None, None),
        )
        figures.append(Figure(name, own, "ms", budget, False, best, theirs))
    with running_server() as server:
        came = to_the_ack(server.url, args.images)
        rate = args.images / came["secs"]
        name = f"{args.images:,} images of 64x64, a row each, until acknowledged"
        figures += [
            Figure(name, rate, "images/s", 2000, at_least=True),
            Figure("sidecar memory, peak", came["sidecar_mb"], "MB", 60),
            Figure("training process above the bare script", came["grown_mb"], "MB", 40),
            Figure("server memory, peak", server.memory_mb("VmHWM"), "MB", 600),
        ]
    finish(figures, args.json)


if __name__ == "__main__":
    main()
