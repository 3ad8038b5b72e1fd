"""`pip install` into an empty environment, from pip's warm cache, beside the peers.

The wheel is that of this checkout; peers and requirements come from the index that pip asks. The
figures are medians of interleaved rounds, after one that fills the cache. On a machine that does
other work, CPU seconds tell more than wall time.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from measure import ROOT, Figure, arguments, finish, median
from peers import WEFT

PEERS = ("trackio", "wandb")
N_ROUNDS = 3
BUDGET_SECS = 5.0


def build_wheel(folder: Path) -> Path:
    """Build the client's wheel."""
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", folder, ROOT], check=True)
    return next(folder.glob("weft-*.whl"))


def children_cpu_secs() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def install_once(package: str) -> dict[str, float]:
    """Install a package into a new environment, with all that it requires, as wheels."""
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        python = Path(folder) / "bin" / "python"
        began, cpu = time.perf_counter(), children_cpu_secs()
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q"]
        subprocess.run([*pip, "--only-binary", ":all:", package], check=True)
        secs = {"wall": time.perf_counter() - began, "cpu": children_cpu_secs() - cpu}
        packages = Path(folder).glob("lib/python*/site-packages/*.dist-info")
        return secs | {"packages": sum(1 for _ in packages)}


def main(argv: list[str] | None = None) -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=N_ROUNDS)
    parser.add_argument("--alone", action="store_true", help="weft only, without its peers")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="weft-bench-") as folder:
        sources = {WEFT: str(build_wheel(Path(folder)))}
        sources |= {} if args.alone else {peer: peer for peer in PEERS}
        for source in sources.values():
            install_once(source)  # fills the cache
        figures: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
        for _ in range(args.rounds):
            for name, source in sources.items():
                for measure, value in install_once(source).items():
                    figures[name, measure].append(value)

    def figure(name: str, measure: str, unit: str, budget: float | None) -> Figure:
        others = {peer: median(figures[peer, measure]) for peer in sources if peer != WEFT}
        least = min(others, key=lambda peer: others[peer]) if others else None
        own = median(figures[WEFT, measure])
        return Figure(name, own, unit, budget, peer=least, peer_figure=others.get(least or ""))

    finish(
        [
            figure("pip install weft, warm cache", "wall", "s", BUDGET_SECS),
            figure("pip install weft, CPU time", "cpu", "s", None),
            figure("packages that it installs", "packages", "packages", 10),
        ],
        args.json,
    )


if __name__ == "__main__":
    main()
