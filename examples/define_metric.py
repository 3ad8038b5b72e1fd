"""Metrics with axes of their own: training by batch, validation by epoch; the best in the summary.

python examples/define_metric.py
"""

from __future__ import annotations

import random

import weft

N_EPOCHS = 10
N_BATCHES = 20


def main() -> None:
    rng = random.Random(0)
    with weft.init(project="examples", config={"epochs": N_EPOCHS}) as run:
        run.define_metric("val/*", step_metric="epoch")
        run.define_metric("val/acc", step_metric="epoch", summary="max,last", goal="maximize")
        run.define_metric("train/loss", summary="min")
        for epoch in range(run.config.epochs):
            for _ in range(N_BATCHES):
                run.log({"train/loss": 1 / (epoch + 1) + rng.gauss(0, 0.05)})
            run.log({"epoch": epoch, "val/acc": 1 - 1 / (epoch + 1.5) + rng.gauss(0, 0.02)})
        print("best accuracy:", run.summary["val/acc"]["max"])


if __name__ == "__main__":
    main()
