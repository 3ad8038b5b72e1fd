"""The Gaussian process sampler of sweeps, which needs PyTorch."""

from __future__ import annotations

import math
from typing import Any

from weft.sweeps.config import parse_config
from weft.sweeps.search import Search, open_search
from weft.sweeps.space import Parameters
from weft.sweeps.trials import Trial

PARAMETERS = {
    "x": {"min": -5.0, "max": 10.0},
    "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1},
    "kind": {"values": ["a", "b"]},
}


def opened(seed: int) -> Search:
    config: dict[str, Any] = {
        "method": "bayes", "sampler": "gp", "metric": {"name": "loss"}, "parameters": PARAMETERS
    }  # fmt: skip
    return open_search(parse_config(config), seed)


def loss(parameters: Parameters) -> float:
    penalty = 0.0 if parameters["kind"] == "a" else 2.0
    return (parameters["x"] - 3) ** 2 + (math.log10(parameters["lr"]) + 2) ** 2 + penalty


def tried(seed: int, n_trials: int) -> list[Parameters]:
    search = opened(seed)
    sets: list[Parameters] = []
    for number in range(n_trials):
        (parameters,) = search.ask([number])
        search.tell(Trial(number, parameters, "finished", (loss(parameters),)))
        sets.append(parameters)
    return sets


def test_the_same_seed_and_trials_give_the_same() -> None:
    assert tried(1, 14) == tried(1, 14)
    assert tried(1, 4) != tried(2, 4)


def test_it_finds_the_least_value() -> None:
    tries = tried(0, 30)
    assert min(map(loss, tries)) < 0.5


def test_several_sets_at_once_are_distinct() -> None:
    search = opened(0)
    for number, parameters in enumerate(tried(0, 12)):
        search.tell(Trial(number, parameters, "finished", (loss(parameters),)))
    sets = search.ask(range(12, 16))
    assert len({str(values) for values in sets}) == 4
