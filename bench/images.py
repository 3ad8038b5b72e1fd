"""Images: what `log()` costs the training thread, beside other trackers; and how fast they arrive.

The others encode the image in the call that logs it; weft hands it to another process. All leave
it on the disk. The images are photographs in their statistics: smooth, with noise of 1.6 % of the
range, so that a PNG of 256x256 has about 120 KB.

The budget of 2,000 images a second is for 256x256, which takes 2.6 ms of CPU on the way from
`log()` to the ack: two cores can't meet it. So 64x64 is measured, too, where the way costs more
than the encoder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from measure import Figure, Server, arguments, finish, median, running_server
from peers import WEFT, available_peers, run_worker

HERE = Path(__file__).parent
WORKER = str(HERE / "images_worker.py")
N_ROUNDS = 3
STATED_SIDE = 256
TO_THE_ACK = 2000.0
PEER_IMAGES = 1000
"""Enough to see a peer's rate: each takes some ms an image."""

CASES = (
    ("small", 200, "256x256 image: log()", 3.0),
    ("large", 5, "3840x2160 image: log()", 60.0),
    ("many", 4, "100 images of 128x128 in one step: log()", 100.0),
)


def millis(peer: str, case: str, n_calls: int) -> float | None:
    """Median milliseconds of a call, the median of the rounds."""
    worker = [WORKER, peer, case, str(n_calls)]
    rounds = [
        run_worker(peer, worker, starts_with="[", activity=f" at {case}") for _ in range(N_ROUNDS)
    ]
    return None if None in rounds else median([median(timings) for timings in rounds])


def whole(peer: str, n_images: int, side: int, n_together: int, **variables: str) -> Any:
    """Log images as fast as possible, until all are in place; what `log_all` found."""
    worker = [WORKER, peer, "whole", str(n_images), str(side), str(n_together)]
    return run_worker(
        peer, worker, starts_with="{", activity=f" at {n_images} images", variables=variables
    )


def n_stored(server: Server, run_id: str) -> int:
    """The number of media files of a run on the server."""
    address = f"{server.url}/api/v1/projects/local/bench/runs/{run_id}/files?prefix=media/"
    n_stored, cursor = 0, ""
    while cursor is not None:
        with urlopen(f"{address}&limit=1000{cursor and '&cursor='}{cursor}") as answer:
            page = json.load(answer)
        n_stored += sum(file["state"] == "stored" for file in page["files"])
        cursor = page["cursor"]
    return n_stored


def to_the_ack(n_images: int, side: int, n_together: int, peers: list[str]) -> list[Figure]:
    """Images a second until weft's server has them; the peers only until they are in files."""
    name = f"{n_images:,} images of {side}x{side}, {n_together} in a log()"
    with running_server() as server:
        cpu = server.cpu_secs()
        came = whole(
            WEFT, n_images, side, n_together, WEFT_BASE_URL=server.url, WEFT_MODE="online"
        )
        if came is None:
            return []
        if n_stored(server, came["run_id"]) != n_images:
            raise SystemExit("the server lacks images")
        server_secs = server.cpu_secs() - cpu
        server_mb = server.memory_mb("VmHWM")
    n_others = min(n_images, PEER_IMAGES)
    others = {peer: whole(peer, n_others, side, n_together) for peer in peers if peer != WEFT}
    best, theirs = max(
        ((peer, n_others / report["secs"]) for peer, report in others.items() if report),
        key=lambda pair: pair[1],
        default=(None, None),
    )
    figures = [
        Figure(
            f"{name}, until acknowledged (peer: in its files)",
            n_images / came["secs"], "images/s", TO_THE_ACK if side == STATED_SIDE else None,
            True, best, theirs,
        )
    ]  # fmt: skip
    figures += [
        Figure(f"{name}: CPU of {who}", secs / n_images * 1e3, "ms an image")
        for who, secs in (
            ("the script", came["trainer_cpu_secs"]),
            ("the sidecar", came["sidecar_cpu_secs"]),
            ("the file workers", came["worker_cpu_secs"]),
            ("the server", server_secs),
        )
    ]
    figures += [
        Figure(f"{name}: sidecar memory, peak", came["sidecar_mb"], "MB", 60),
        Figure(f"{name}: a file worker's memory, peak", came["worker_mb"], "MB"),
        Figure(f"{name}: the script above its start", came["grown_mb"], "MB", 40),
        Figure(f"{name}: server memory, peak", server_mb, "MB", 600),
    ]
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    args = parser.parse_args()
    peers = available_peers()
    figures: list[Figure] = []
    for case, n_calls, name, budget in CASES:
        took = {peer: millis(peer, case, n_calls) for peer in peers}
        own = took.pop(WEFT)
        if own is None:
            continue
        best, theirs = min(
            ((peer, figure) for peer, figure in took.items() if figure is not None),
            key=lambda pair: pair[1],
            default=(None, None),
        )
        figures.append(Figure(name, own, "ms", budget, False, best, theirs))
    for n_images, side, n_together in (
        (args.images, STATED_SIDE, 1),
        (args.images, 64, 1),
        (args.images, 64, 100),
    ):
        figures += to_the_ack(n_images, side, n_together, peers)
    finish(figures, args.json)


if __name__ == "__main__":
    main()
