"""One large file of random bytes, sent as an artifact to a server on the same machine.

    python bench/large_file.py [--gb 4] [--rounds 2] [--cores 0,1] [--weft SOURCE]... [--json FILE]

The measure is `cp` of the file and the SHA-256 of the copy, on the same cores in the same round.
On a busy machine only the CPU seconds say something. `--weft` names the `src` folders of several
checkouts, which take turns, so that two of them are compared in pairs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from artifacts import WORKER
from measure import Figure, arguments, finish, median, running_server
from peers import WEFT, run_worker

LEAST_OF_A_COPY = 0.6
MOST_MB = 200
PARTS = ("script", "sidecar", "file worker")


def make_file(path: Path, n_bytes: int) -> None:
    rng = np.random.default_rng()
    with path.open("wb") as file:
        for start in range(0, n_bytes, 1 << 24):
            file.write(rng.bytes(min(1 << 24, n_bytes - start)))


def copy_and_hash(path: Path) -> float:
    """Seconds of `cp` and a SHA-256 of the copy."""
    copy = path.with_name("copy")
    begin = time.perf_counter()
    subprocess.run(["cp", path, copy], check=True)
    with copy.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    took_secs = time.perf_counter() - begin
    copy.unlink()
    return took_secs


def send(folder: Path) -> dict[str, float]:
    """Send a folder to a new server. Seconds, CPU seconds and peak MB of each process."""
    with running_server() as server:
        began_secs = server.cpu_secs()
        online = {"WEFT_BASE_URL": server.url, "WEFT_MODE": "online"}
        command = [WORKER, WEFT, "put", str(folder)]
        sent = run_worker(WEFT, command, starts_with="{", variables=online)
        if sent is None:
            raise SystemExit("weft failed")
        figures = {"secs": sent["secs"], "server CPU": server.cpu_secs() - began_secs}
        figures |= {"server MB": server.memory_mb("VmHWM")}
    figures |= {f"{part} CPU": sent["cpu"][part] for part in PARTS}
    return figures | {f"{part} MB": sent["memory"][part] for part in PARTS}


def rounds(
    folder: Path, n_rounds: int, sources: Sequence[str]
) -> dict[str, list[dict[str, float]]]:
    """The figures of each round, by the source that was measured."""
    measured: dict[str, list[dict[str, float]]] = {source: [] for source in sources}
    for _ in range(n_rounds):
        for source in sources:
            if source:
                os.environ["PYTHONPATH"] = source
            copied = copy_and_hash(folder / "large.bin")
            figures = send(folder)
            figures |= {"cp + SHA-256": copied, "of cp + SHA-256": copied / figures["secs"]}
            measured[source].append(figures)
            shown = ", ".join(f"{name} {value:.2f}" for name, value in figures.items())
            print(f"{source or 'weft'}: {shown}", flush=True)
    return measured


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--gb", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cores", help="such as 0,1 (default: all)")
    parser.add_argument("--weft", action="append", help="a `src` folder (default: the installed)")
    args = parser.parse_args()
    if args.cores:
        os.sched_setaffinity(0, {int(core) for core in args.cores.split(",")})
    folder = Path(tempfile.mkdtemp(prefix="weft-bench-data-"))
    try:
        make_file(folder / "large.bin", int(args.gb * 1e9))
        measured = rounds(folder, args.rounds, args.weft or [""])
    finally:
        shutil.rmtree(folder)
    figures: list[Figure] = []
    for source, each in measured.items():
        name = f"{args.gb:g} GB sent{f', {source}' if source else ''}"
        middle = {key: median([figures[key] for figures in each]) for key in each[0]}
        figures.append(
            Figure(
                f"{name}: of cp + SHA-256", middle["of cp + SHA-256"], "×", LEAST_OF_A_COPY, True
            )
        )
        for part in ("server", *PARTS):
            figures.append(Figure(f"{name}: CPU, {part}", middle[f"{part} CPU"] / args.gb, "s/GB"))
            figures.append(Figure(f"{name}: memory, {part}", middle[f"{part} MB"], "MB", MOST_MB))
    finish(figures, args.json)
    sys.exit(0)


if __name__ == "__main__":
    main()
