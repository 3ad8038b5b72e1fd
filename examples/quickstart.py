"""The smallest training script: fit a line by gradient descent, and watch it with weft.

    weft server &            # http://127.0.0.1:8080, nothing to set up
    python examples/quickstart.py

Without a server the run is recorded all the same: `weft ui` shows it.
"""

from __future__ import annotations

import random

import weft


def main() -> None:
    run = weft.init(project="quickstart", config={"lr": 0.02, "n_steps": 500, "noise": 0.3})
    rng = random.Random(0)
    slope, offset = 0.0, 0.0
    for _ in range(run.config.n_steps):
        x = rng.uniform(-2, 2)
        y = 1.5 * x - 0.5 + rng.gauss(0, run.config.noise)
        error = slope * x + offset - y
        slope -= run.config.lr * error * x
        offset -= run.config.lr * error
        run.log({"loss": error**2, "weights": {"slope": slope, "offset": offset}})
    run.summary["distance"] = abs(slope - 1.5) + abs(offset + 0.5)
    run.finish()


if __name__ == "__main__":
    main()
