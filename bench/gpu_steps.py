"""Steps of a training on a GPU that logs each of them: without a logger, with weft, with a peer.

Needs a Python with PyTorch for that GPU, and with `wandb` for the peer; both log offline. Three
rounds in turn, each training in a process of its own; every figure is the median of the rounds.
`log()` is measured with the caches as a step leaves them, which costs more than calls in a loop.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from measure import ROOT, Figure, arguments, finish, median, percentile
from peers import environment

TRACKERS = ("none", "weft", "wandb")
N_ROUNDS = 3
STEPS = {256: 3000, 4096: 800}
"""Steps by the width of the model: launches of kernels take the time, or the kernels do."""


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--python", default=sys.executable, help="has PyTorch, and maybe wandb")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--train", choices=TRACKERS, help="the worker: train with this tracker")
    args = parser.parse_args()
    if args.train:
        train(args.train, args.device)
        return
    rounds: dict[str, list[dict[str, list[float]]]] = defaultdict(list)
    for _ in range(N_ROUNDS):
        for tracker in TRACKERS:
            rounds[tracker].append(run(args.python, tracker, args.device))
    finish([figure for width in STEPS for figure in figures_of(width, rounds)], args.json)


def run(python: str, tracker: str, device: str) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory(prefix="weft-bench-", ignore_cleanup_errors=True) as folder:
        variables = environment(Path(folder)) | {
            "WEFT_MODE": "offline", "PYTHONPATH": str(ROOT / "src")
        }  # fmt: skip
        command = [python, __file__, "--train", tracker, "--device", device]
        done = subprocess.run(
            command, env=variables, cwd=folder, stdout=subprocess.PIPE, text=True, check=True
        )
    return json.loads(done.stdout.splitlines()[-1])


def train(tracker: str, device: str) -> None:
    """Print the seconds of each step, and of `log()` in it, as JSON by the width of the model."""
    import torch  # pyrefly: ignore[missing-import] - an environment of its own has it

    out = os.fdopen(os.dup(1), "w")  # trackers replace stdout
    log: Callable[[dict[str, float]], object] = dict
    if tracker != "none":
        log = __import__(tracker).init(project="gpu").log
    seconds: dict[str, list[float]] = {}
    for width, n_steps in STEPS.items():
        layers = [torch.nn.Linear(width, width) for _ in range(4)]
        model = torch.nn.Sequential(*layers).to(device, torch.bfloat16)
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
        batch = torch.randn(width, width, device=device, dtype=torch.bfloat16)
        steps, logs = [], []
        for _ in range(n_steps if device == "cuda" else 20):
            start = time.perf_counter()
            loss = model(batch).square().mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            row = {"loss": loss.item(), "lr": 1e-4}
            before = time.perf_counter()
            log(row)
            end = time.perf_counter()
            steps.append(end - start)
            logs.append(end - before)
        warm = len(steps) // 5
        seconds[f"{width}"], seconds[f"{width} log"] = steps[warm:], logs[warm:]
    print(json.dumps(seconds), file=out, flush=True)


def figures_of(width: int, rounds: dict[str, list[dict[str, list[float]]]]) -> list[Figure]:
    def of(tracker: str, name: str, percent: float) -> float:
        return 1e6 * median([percentile(seconds[name], percent) for seconds in rounds[tracker]])

    step, log = f"{width}", f"{width} log"
    plain = of("none", step, 50)
    added = {tracker: of(tracker, step, 50) - plain for tracker in TRACKERS}
    title = f"model of width {width}"
    return [
        Figure(f"{title}: a step without a logger", plain, "µs"),
        Figure(
            f"{title}: log() in it, p50", of("weft", log, 50), "µs",
            peer="wandb", peer_figure=of("wandb", log, 50),
        ),
        Figure(
            f"{title}: log() in it, p99", of("weft", log, 99), "µs",
            peer="wandb", peer_figure=of("wandb", log, 99),
        ),
        Figure(f"{title}: added to a step by weft", added["weft"], "µs"),
        Figure(f"{title}: added to a step by wandb", added["wandb"], "µs"),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
