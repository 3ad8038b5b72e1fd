"""Search for the parameters of a small classifier, and print what mattered.

python examples/sweep.py          # with or without a server; start several at once if you like
"""

from __future__ import annotations

import math
import random

import weft

CONFIG = {
    "name": "two moons",
    "method": "bayes",
    "metric": {"name": "val/loss", "goal": "minimize"},
    "run_cap": 30,
    "early_terminate": {"type": "hyperband", "min_iter": 5, "eta": 2},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-3, "max": 10},
        "optimizer": {
            "parameters": {
                "name": {"values": ["sgd", "momentum"]},
                "beta": {"min": 0.5, "max": 0.99, "when": {"optimizer.name": "momentum"}},
            }
        },
        "epochs": {"value": 40},
    },
}


def points(n: int, seed: int) -> list[tuple[float, float, int]]:
    """Two half circles that reach into each other."""
    chance = random.Random(seed)
    points = []
    for _ in range(n):
        angle, side = math.pi * chance.random(), chance.randrange(2)
        x = math.cos(angle) if side else 1 - math.cos(angle)
        y = math.sin(angle) if side else 0.5 - math.sin(angle)
        points.append((x + chance.gauss(0, 0.1), y + chance.gauss(0, 0.1), side))
    return points


def loss_of(weights: list[float], data: list[tuple[float, float, int]]) -> float:
    total = 0.0
    for x, y, side in data:
        score = weights[0] * x + weights[1] * y + weights[2]
        score = max(-30.0, min(30.0, score))
        total += math.log1p(math.exp(-score if side else score))
    return total / len(data)


def train() -> None:
    with weft.init() as run:
        config = run.config
        data, held_out = points(200, seed=0), points(200, seed=1)
        weights, speed = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        beta = config.optimizer.get("beta", 0.0)
        for _ in range(config.epochs):
            gradient = [0.0, 0.0, 0.0]
            for x, y, side in data:
                score = weights[0] * x + weights[1] * y + weights[2]
                error = 1 / (1 + math.exp(-max(-30.0, min(30.0, score)))) - side
                for at, factor in enumerate((x, y, 1.0)):
                    gradient[at] += error * factor / len(data)
            for at in range(3):
                speed[at] = beta * speed[at] - config.lr * gradient[at]
                weights[at] += speed[at]
            run.log({"loss": loss_of(weights, data), "val/loss": loss_of(weights, held_out)})


if __name__ == "__main__":
    sweep_id = weft.sweep(CONFIG, project="sweeps")
    weft.agent(sweep_id, function=train)
