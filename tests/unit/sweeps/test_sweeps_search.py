"""Search engines: what they hand out, the same for the same seed, and how well they find."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from at_length import at_length
from weft.sweeps.config import parse_config
from weft.sweeps.early_stop import Progress, thresholds, to_stop
from weft.sweeps.search import Search, open_search, size_of
from weft.sweeps.search.random_search import draw
from weft.sweeps.space import Parameters, from_config, nested
from weft.sweeps.trials import Trial

BRANIN = {"x": {"min": -5.0, "max": 10.0}, "y": {"min": 0.0, "max": 15.0}}


def branin(parameters: Parameters) -> float:
    """Branin's function, https://www.sfu.ca/~ssurjano/branin.html; its least value is 0.398."""
    x, y = parameters["x"], parameters["y"]
    curve = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return curve**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def opened(seed: int = 0, **config: Any) -> Search:
    return open_search(parse_config({"metric": {"name": "loss"}, **config}), seed)


def best_of(search: Search, function: Callable[[Parameters], float], n_trials: int) -> float:
    least = math.inf
    for number in range(n_trials):
        (parameters,) = search.ask([number])
        value = function(parameters)
        search.tell(Trial(number, parameters))
        search.tell(Trial(number, parameters, "finished", (value,)))
        least = min(least, value)
    return least


# -- grid

GRID = {
    "a": {"values": ["x", "y"]},
    "b": {"min": 1, "max": 3},
    "c": {"value": 0},
    "d": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.5},
}


def test_a_grid_has_each_combination_once() -> None:
    search = opened(method="grid", parameters=GRID)
    assert search.n_left() == 18
    sets = search.ask(range(5)) + search.ask(range(5, 100))
    assert len(sets) == 18
    assert len({str(values) for values in sets}) == 18
    assert sets[:2] == [{"a": "x", "b": 1, "c": 0, "d": 0.0}, {"a": "x", "b": 1, "c": 0, "d": 0.5}]
    assert search.ask([200]) == []
    assert search.n_left() == 0


def test_a_grid_goes_on_where_it_was_and_hands_out_again_what_was_deleted() -> None:
    first = opened(method="grid", parameters=GRID)
    sets = first.ask(range(7))
    again = opened(method="grid", parameters=GRID)
    for number, parameters in enumerate(sets):
        again.tell(Trial(number, parameters, "finished", (1.0,)))
    assert again.ask(range(7, 100)) == first.ask(range(7, 100))
    again.forget(3)
    assert again.ask([100, 101]) == [sets[3]]


def test_a_condition_leaves_combinations_out() -> None:
    parameters = {
        "momentum": {"values": [0.8, 0.9, 0.99], "when": {"optimizer": "sgd"}},
        "optimizer": {"values": ["adam", "sgd"]},
        "k": {"values": [1, 2]},
    }
    config = parse_config({"method": "grid", "parameters": parameters})
    assert size_of(config) == 8
    sets = open_search(config, 0).ask(range(100))
    assert len(sets) == 8
    assert all(("momentum" in values) == (values["optimizer"] == "sgd") for values in sets)


# -- all engines

ENGINES = [
    {"method": "random"},
    {"method": "random", "sampler": "qmc"},
    {"method": "bayes"},
    {"method": "bayes", "sampler": "cmaes"},
    {"method": "bayes", "sampler": "qmc"},
]


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_the_same_seed_and_trials_give_the_same(engine: dict[str, Any]) -> None:
    def run(seed: int) -> list[Parameters]:
        search = opened(seed, parameters={**BRANIN, "k": {"values": ["a", "b"]}}, **engine)
        sets = []
        for number in range(14):
            (parameters,) = search.ask([number])
            search.tell(Trial(number, parameters, "finished", (branin(parameters),)))
            sets.append(parameters)
        return sets

    assert run(1) == run(1)
    assert run(1) != run(2)


@pytest.mark.parametrize("engine", [{"method": "random"}, {"method": "bayes"}], ids=str)
def test_conditional_and_nested_parameters_are_searched(engine: dict[str, Any]) -> None:
    parameters = {
        "optimizer": {
            "parameters": {
                "name": {"values": ["adam", "sgd"]},
                "momentum": {"min": 0.5, "max": 0.99, "when": {"optimizer.name": "sgd"}},
            }
        },
        "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1},
    }
    config = parse_config({"metric": {"name": "l"}, "parameters": parameters, **engine})
    search = open_search(config, 3)
    names = []
    for number in range(40):
        (values,) = search.ask([number])
        is_sgd = values["optimizer.name"] == "sgd"
        assert ("optimizer.momentum" in values) == is_sgd
        assert from_config(config.space, nested(config.space, values)) == values
        value = abs(math.log10(values["lr"]) + 2) + (0 if is_sgd else 1)
        search.tell(Trial(number, values, "finished", (value,)))
        names.append(values["optimizer.name"])
    if engine["method"] == "bayes":
        assert names[20:].count("sgd") > 12


@pytest.mark.parametrize("engine", ENGINES, ids=str)
def test_none_are_chosen_if_none_are_wanted(engine: dict[str, Any]) -> None:
    search = opened(parameters=BRANIN, **engine)
    for number, (parameters,) in enumerate([search.ask([n]) for n in range(12)]):
        search.tell(Trial(number, parameters, "finished", (branin(parameters),)))
    assert search.ask(range(0)) == []


def test_failed_and_running_trials_do_not_stop_the_search() -> None:
    search = opened(method="bayes", parameters=BRANIN)
    for number in range(60):
        (parameters,) = search.ask([number])
        search.tell(Trial(number, parameters))
        if number % 3 == 1:
            search.tell(Trial(number, parameters, "failed"))
        elif number % 3 == 2:
            search.tell(Trial(number, parameters, "finished", (branin(parameters),)))
    search.forget(5)
    assert len(search.ask([60, 61])) == 2


def test_many_sets_at_once_are_distinct_and_near_the_good_ones() -> None:
    search = opened(method="bayes", parameters=BRANIN)
    space = parse_config({"method": "random", "parameters": BRANIN}).space
    for number in range(200):
        parameters = draw(space, 0, number)
        search.tell(Trial(number, parameters, "finished", (branin(parameters),)))
    for n_sets in (1, 7, 100, 500):
        sets = search.ask(range(1000, 1000 + n_sets))
        assert len({str(values) for values in sets}) == n_sets
    random = [branin(draw(space, 1, number)) for number in range(500)]
    assert statistics.median(map(branin, sets)) < statistics.median(random) / 2


def test_several_metrics_are_searched_together() -> None:
    metrics = [{"name": "a"}, {"name": "b", "goal": "maximize"}]
    config = {"method": "bayes", "parameters": BRANIN, "metrics": metrics}
    search = open_search(parse_config(config), 0)
    for number in range(30):
        (parameters,) = search.ask([number])
        search.tell(Trial(number, parameters))
        values = (parameters["x"] ** 2, -parameters["y"])
        search.tell(
            Trial(number, parameters, "finished", values)
            if number % 5
            else Trial(number, parameters, "failed")
        )
    assert len(search.ask([30])) == 1


# -- how well they find


def optuna_best(function: Callable[[Parameters], float], seed: int) -> float:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(
        lambda trial: function(
            {"x": trial.suggest_float("x", -5, 10), "y": trial.suggest_float("y", 0, 15)}
        ),
        n_trials=50,
    )
    return study.best_value


@at_length
def test_bayes_finds_better_ones_than_random_and_as_good_ones_as_optuna() -> None:
    seeds = range(20)
    best = {
        method: statistics.median(
            best_of(opened(seed, method=method, parameters=BRANIN), branin, 50) for seed in seeds
        )
        for method in ("random", "bayes")
    }
    alone = statistics.median(optuna_best(branin, seed) for seed in seeds)
    print(best, alone)
    assert best["bayes"] < best["random"]
    assert best["bayes"] - 0.398 < 2 * (alone - 0.398) + 0.1


# -- early termination


def rule(**keys: Any) -> Any:
    early = {"type": "hyperband", **keys}
    parsed = parse_config(
        {
            "method": "random",
            "metric": {"name": "l"},
            "parameters": BRANIN,
            "early_terminate": early,
        }
    ).early_termination
    assert parsed is not None
    return parsed


def progress(rule: Any, losses: list[float]) -> Progress:
    reached = [losses[band - 1] for band in rule.bands if band <= len(losses)]
    return Progress(reached, min(losses))


def test_the_example_of_wandb_stops_what_it_stops_there() -> None:
    # The example in the docstring of W&B's hyperband_stop_runs, with bands 1 and 2.
    bands = rule(max_iter=5, s=2, eta=2)
    assert bands.bands == (1, 2)
    losses = [[10, 9], [10, 10], [10, 8, 8], [10, 7, 7], [10, 6, 6]]
    runs = {number: progress(bands, loss) for number, loss in enumerate(losses)}
    assert thresholds(bands, runs) == [10, 8]
    assert to_stop(bands, runs, [1, 2, 3]) == [1]


def test_the_first_run_at_a_band_goes_on() -> None:
    bands = rule(min_iter=3)
    runs = {0: progress(bands, [5.0, 5.0, 5.0])}
    assert to_stop(bands, runs, [0]) == []


def test_a_run_that_is_seen_late_is_judged_at_the_bands_it_passed() -> None:
    bands = rule(min_iter=1, eta=2)
    runs = {number: progress(bands, [1.0, 1.0]) for number in range(2)}
    late = progress(bands, [5.0] * 8)
    assert to_stop(bands, runs | {2: late}, [2]) == [2]
    assert to_stop(bands, runs | {2: replace(late, n_judged=2)}, [2]) == []


def test_strict_judges_by_the_value_at_the_band() -> None:
    losses = {0: [0.1, 9.0], 1: [1.0, 1.0], 2: [1.0, 0.9]}
    for strict, stopped in ((False, []), (True, [0])):
        bands = rule(min_iter=2, strict=strict, eta=2)
        runs = {number: progress(bands, loss) for number, loss in losses.items()}
        assert to_stop(bands, runs, [0, 1, 2]) == stopped
