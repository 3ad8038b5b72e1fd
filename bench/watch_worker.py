"""One tracker's `watch()`: times steps of a watched model against those of its twin.

    python watch_worker.py TRACKER

Prints JSON: ms of a step without a watch, and what a counted and an uncounted step cost more.
`watch.py` runs it, in an environment with torch.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any

import torch
from torch import nn

N_COUNTED = 15
N_IDLE = 30
NEVER = 10**9


class Training:
    """A transformer of 9.9 million parameters in 96 tensors, and its optimizer."""

    def __init__(self) -> None:
        layer = nn.TransformerEncoderLayer(320, 4, 1280, dropout=0.0, batch_first=True)
        self.model = nn.TransformerEncoder(layer, 8, enable_nested_tensor=False)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 1e-4)
        self.batch = torch.randn(4, 64, 320)

    def step(self) -> float:
        self.optimizer.zero_grad()
        loss = self.model(self.batch).square().mean()
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())


def more_ms(run: Any, plain: Training, watched: Training, n_pairs: int) -> tuple[float, float]:
    """The fastest plain step, and what the fastest watched one takes more, log() included.

    Other work on the machine makes steps slower, never faster.
    """
    fastest = dict.fromkeys((False, True), float("inf"))
    for _ in range(n_pairs):
        for training in (plain, watched):
            is_watched = training is watched
            began = time.perf_counter()
            loss = training.step()
            if is_watched:
                run.log({"loss": loss})
            fastest[is_watched] = min(fastest[is_watched], (time.perf_counter() - began) * 1e3)
    return fastest[False], max(fastest[True] - fastest[False], 0.0)


def main(tracker: str) -> None:
    torch.set_num_threads(1)
    library = importlib.import_module(tracker)
    run = library.init(project="bench", mode="offline")
    plain, watched = Training(), Training()
    for training in (plain, watched):
        training.step()
    seen: dict[str, float] = {}
    for log_freq, n_pairs, name in ((1, N_COUNTED, "counted_ms"), (NEVER, N_IDLE, "idle_ms")):
        run.watch(watched.model, log="gradients", log_freq=log_freq)
        watched.step()
        run.log({"loss": 0.0})
        seen["step_ms"], seen[name] = more_ms(run, plain, watched, n_pairs)
        run.unwatch(watched.model)
    run.finish()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
