"""The cost of logging in an epoch of Lightning, Transformers and Keras, next to a peer.

    python bench/framework_epochs.py

Runs in the environment of `make test-frameworks`. Four trainings of each framework live at a time:
two without a logger, one with weft, one with the official client, both by the framework's own
logger for W&B, offline. One of them trains an epoch while the others wait; then the next, in an
order that is drawn anew for each epoch, so epoch n of all of them is measured within a few
seconds. Both loggers must have logged as many rows. An epoch without a logger is the mean of the
two; what they differ by is the least that this can tell: weft may add no more than the official
client and that difference. Fewer than 20 epochs are not judged. On a machine that does other work,
CPU seconds of the process (all its threads) tell more than wall time.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from measure import ROOT, Figure, arguments, finish, median
from peers import environment
from weft.sdk.wandb_package import with_wandb_package

HERE = Path(__file__).parent
PYTHON = ROOT / ".frameworks" / "bin" / "python"
FRAMEWORKS = ("lightning", "transformers", "keras")
TRAININGS = {"without": "without", "without, again": "without", "weft": "weft", "wandb": "wandb"}
"""Trainings, and what each one logs with."""

# Without these, glibc gives the top of the heap back to the kernel after each step, unless some
# small object lies above: the trainings differ by 100 or 100,000 page faults an epoch (15 % of
# their CPU time), and that of the official client came out 8 % faster than that without a logger.
ALLOCATOR = {"MALLOC_TRIM_THRESHOLD_": "4294967296", "MALLOC_MMAP_THRESHOLD_": "4294967296"}

N_EPOCHS = 24
N_JUDGED = 20
"""With fewer epochs, figures have no budget."""

N_WARM_UP = 2
BUDGET_PERCENT = 1.0

Epochs = dict[str, list[dict[str, float]]]


class Training:
    """A worker that waits before each epoch."""

    def __init__(
        self, python: Path, framework: str, tracker: str, n_epochs: int, folder: Path
    ) -> None:
        folder.mkdir()
        variables = (
            environment(folder)
            | ALLOCATOR
            | {
                "WEFT_MODE": "offline",
                "KERAS_BACKEND": "tensorflow",
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "TF_NUM_INTRAOP_THREADS": "1",
            }
        )
        if tracker == "weft":
            variables = with_wandb_package(variables)
        worker = str(HERE / "framework_epochs_worker.py")
        self._errors = (folder / "errors.txt").open("w+")
        self._process = subprocess.Popen(
            [python, worker, framework, tracker, str(n_epochs)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            env=variables, cwd=folder,
        )  # fmt: skip

    def read(self) -> dict[str, float]:
        """The seconds of the epoch that has ended; {} before the first one."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line == "ready\n":
                return {}
            if line.startswith('{"wall"'):
                return json.loads(line)
        self._errors.seek(0)
        raise SystemExit(f"a training failed: {self._errors.read()[-2000:]}")

    def train(self) -> dict[str, float]:
        """Let it train an epoch."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self.read()

    def read_n_rows(self) -> int:
        """The rows that it has logged, once it has ended."""
        assert self._process.stdout is not None
        return next(json.loads(line)["rows"] for line in self._process.stdout if "rows" in line)

    def close(self) -> None:
        self._process.communicate()
        self._errors.close()


def measure_epochs(python: Path, framework: str, n_epochs: int) -> Epochs:
    """Seconds of the epochs of each training, as many of each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(
            tempfile.TemporaryDirectory(prefix="weft-bench-", ignore_cleanup_errors=True)
        ))  # fmt: skip
        trainings: dict[str, Training] = {}
        for number, (name, tracker) in enumerate(TRAININGS.items()):
            trainings[name] = Training(python, framework, tracker, n_epochs, folder / str(number))
            stack.callback(trainings[name].close)
        for training in trainings.values():
            training.read()
        epochs: Epochs = {name: [] for name in trainings}
        order = list(trainings)
        shuffle = random.Random(framework).shuffle
        for number in range(n_epochs):
            shuffle(order)
            for name in order:
                seconds = trainings[name].train()
                if number >= N_WARM_UP:
                    epochs[name].append(seconds)
        n_rows = {name: trainings[name].read_n_rows() for name in ("weft", "wandb")}
        if not n_rows["weft"] == n_rows["wandb"] > n_epochs:
            raise SystemExit(f"the loggers did not do the same: rows {n_rows}")
        return epochs


def added_percent(epochs: Epochs, name: str, clock: str) -> float:
    """The time that a training's epochs take more than those without a logger, in pairs."""
    both = zip(epochs["without"], epochs["without, again"], strict=True)
    plain = [(first[clock] + second[clock]) / 2 for first, second in both]
    added = [epoch[clock] - other for epoch, other in zip(epochs[name], plain, strict=True)]
    return 100 * median(added) / median(plain)


def own_difference_percent(epochs: Epochs, clock: str) -> float:
    """The difference of the two trainings without a logger."""
    return abs(
        added_percent(epochs, "without, again", clock) - added_percent(epochs, "without", clock)
    )


def figures_of(framework: str, epochs: Epochs) -> Sequence[Figure]:
    figures = [
        Figure(f"{framework}, an epoch without a logger",
               median([epoch["wall"] for epoch in epochs["without"]]), "s")
    ]  # fmt: skip
    is_judged = len(epochs["weft"]) >= N_JUDGED
    for clock in ("wall", "cpu"):
        difference = own_difference_percent(epochs, clock)
        ours, official = (added_percent(epochs, name, clock) for name in ("weft", "wandb"))
        seconds, official_seconds = (
            median([epoch[clock] for epoch in epochs[name]]) for name in ("weft", "wandb")
        )
        figures += [
            Figure(f"{framework}, {clock}: two without a logger differ by", difference, "%"),
            Figure(
                f"{framework}, {clock}: an epoch with weft", seconds, "s",
                peer="wandb", peer_figure=official_seconds,
            ),
            Figure(
                f"{framework}, {clock}: added by logging", ours, "%",
                max(BUDGET_PERCENT, difference) if is_judged else None,
                peer="wandb", peer_figure=official,
            ),
            Figure(
                f"{framework}, {clock}: added beyond the official client", ours - official, "%",
                difference if is_judged else None,
            ),
        ]  # fmt: skip
    return figures


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--python", type=Path, default=PYTHON, help="has the frameworks and wandb")
    parser.add_argument("--only", choices=FRAMEWORKS, action="append")
    parser.add_argument("--epochs", type=int, default=N_EPOCHS, help="after two to warm up")
    args = parser.parse_args()
    if not args.python.exists():
        sys.exit("no frameworks here: run `make test-frameworks` once")
    figures: list[Figure] = []
    for framework in args.only or FRAMEWORKS:
        figures += figures_of(
            framework, measure_epochs(args.python, framework, N_WARM_UP + args.epochs)
        )
        print(f"{framework} is done", flush=True)
    finish(figures, args.json)


if __name__ == "__main__":
    main()
