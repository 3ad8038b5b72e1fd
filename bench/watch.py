"""The cost of `watch()` in a training of ten million parameters, and of the official client's.

Runs in the environment of `make test-frameworks`, which has torch and both clients. Each worker
trains two models alike in turns, a watched one and another, and compares their steps in pairs:
once with every step counted, and once with none after the first. What a step costs on average at
`log_freq=100` follows from both.
"""

from __future__ import annotations

import sys
from pathlib import Path

from measure import ROOT, Figure, arguments, finish, median
from peers import run_worker

HERE = Path(__file__).parent
PYTHON = ROOT / ".frameworks" / "bin" / "python"
LOG_FREQ = 100
BUDGET_PERCENT = 3.0
N_ROUNDS = 3


def percent(seen: dict[str, float]) -> float:
    """The share of the training time."""
    return 100 * (seen["idle_ms"] + seen["counted_ms"] / LOG_FREQ) / seen["step_ms"]


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--python", type=Path, default=PYTHON, help="has torch, weft and wandb")
    args = parser.parse_args()
    if not args.python.exists():
        sys.exit("no PyTorch here: run `make test-frameworks` once")
    seen: dict[str, list[dict[str, float]]] = {"weft": [], "wandb": []}
    for number in range(N_ROUNDS):
        for tracker, reports in seen.items():
            worker = [str(HERE / "watch_worker.py"), tracker]
            run = run_worker(tracker, worker, starts_with="{", python=args.python)
            if run:
                print(f"round {number + 1} of {N_ROUNDS}: {tracker} {run}", flush=True)
                reports.append(run)
    own, official = seen["weft"], seen["wandb"]

    def figure(name: str, key: str) -> Figure:
        return Figure(
            name, median([run[key] for run in own]), "ms", peer="wandb" if official else None,
            peer_figure=median([run[key] for run in official]) if official else None,
        )  # fmt: skip

    figures = [
        Figure(
            f"watch() of 10 million parameters, log_freq={LOG_FREQ}",
            median([percent(run) for run in own]), "% of training", BUDGET_PERCENT,
            peer="wandb" if official else None,
            peer_figure=median([percent(run) for run in official]) if official else None,
        ),
        figure("watch(), a step that is counted", "counted_ms"),
        figure("watch(), a step that is not counted", "idle_ms"),
        Figure("watch(), the same step without it", median([run["step_ms"] for run in own]), "ms"),
    ]  # fmt: skip
    finish(figures, args.json)


if __name__ == "__main__":
    main()
