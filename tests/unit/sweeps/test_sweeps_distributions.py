"""Distributions: what is drawn has the distribution that its name says, by Kolmogorov-Smirnov."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from weft.sweeps.config import parse_config
from weft.sweeps.distributions import DISTRIBUTIONS, Distribution

N = 4000

# The keys of each, and the same distribution in `scipy.stats`
CASES: dict[str, tuple[dict[str, Any], Callable[[Any], Any]]] = {
    "uniform": ({"min": -1, "max": 3.0}, lambda stats: stats.uniform(-1, 4)),
    "log_uniform": (
        {"min": -5, "max": 1}, lambda stats: stats.loguniform(math.exp(-5), math.exp(1))
    ),
    "log_uniform_values": ({"min": 1e-5, "max": 10}, lambda stats: stats.loguniform(1e-5, 10)),
    # log(1/X) uniform between min and max
    "inv_log_uniform": (
        {"min": -1, "max": 5}, lambda stats: stats.loguniform(math.exp(-5), math.exp(1))
    ),
    "inv_log_uniform_values": ({"min": 1e-5, "max": 10}, lambda stats: stats.loguniform(1e-5, 10)),
    "normal": ({"mu": 2, "sigma": 3}, lambda stats: stats.norm(2, 3)),
    "log_normal": ({"mu": 1, "sigma": 0.5}, lambda stats: stats.lognorm(0.5, scale=math.e)),
    "beta": ({"a": 2, "b": 5}, lambda stats: stats.beta(2, 5)),
}  # fmt: skip
ROUNDED: dict[str, dict[str, Any]] = {
    "q_uniform": {"min": 0, "max": 10, "q": 0.5},
    "q_log_uniform": {"min": 1, "max": 5, "q": 4},
    "q_log_uniform_values": {"min": 32, "max": 256, "q": 8},
    "q_normal": {"mu": 2, "sigma": 3, "q": 0.5},
    "q_log_normal": {"mu": 1, "sigma": 0.5, "q": 0.25},
    "q_beta": {"a": 2, "b": 5, "q": 0.05},
}


@pytest.fixture(scope="module")
def stats() -> Any:
    """`scipy.stats`, whose import takes a second: only for these tests, not for a collection."""
    from scipy import stats

    return stats


def distribution(kind: str, keys: dict[str, Any]) -> Distribution:
    parameter = {"distribution": kind, **keys}
    return (
        parse_config({"method": "random", "parameters": {"x": parameter}}).space["x"].distribution
    )


def drawn(distribution: Distribution) -> Any:
    random = Random(7)
    return np.array([distribution.draw(random) for _ in range(N)])


@pytest.mark.parametrize("kind", CASES)
def test_draws_have_their_distribution(kind: str, stats: Any) -> None:
    keys, expected = CASES[kind]
    assert stats.kstest(drawn(distribution(kind, keys)), expected(stats).cdf).pvalue > 0.001


@pytest.mark.parametrize("kind", CASES)
def test_positions_are_cumulative_probabilities(kind: str, stats: Any) -> None:
    keys, expected = CASES[kind]
    uniform = distribution(kind, keys)
    for position in (0.05, 0.3, 0.77):
        value = uniform.at(position)
        position_back = uniform.position(value)
        assert position_back == pytest.approx(position, abs=1e-9)
        if kind != "beta":
            cumulative = expected(stats).cdf(value)
            assert position == pytest.approx(cumulative, abs=1e-9)


@pytest.mark.parametrize("kind", ROUNDED)
def test_rounded_draws_are_multiples_and_have_the_counts_of_the_rounded_distribution(
    kind: str, stats: Any
) -> None:
    keys = ROUNDED[kind]
    q = keys["q"]
    values = drawn(distribution(kind, keys))
    steps = values / q
    assert np.allclose(steps, np.round(steps))
    plain = {key: value for key, value in keys.items() if key != "q"}
    random = Random(99)
    smooth = distribution(kind[2:], plain)
    expected = np.round(np.array([smooth.draw(random) for _ in range(N)]) / q)
    if "min" in keys and "values" in kind:
        expected = np.clip(expected, math.ceil(keys["min"] / q), math.floor(keys["max"] / q))
    elif kind == "q_log_uniform":
        expected = np.clip(
            expected, math.ceil(math.exp(keys["min"]) / q), math.floor(math.exp(keys["max"]) / q)
        )
    low, high = min(expected.min(), steps.min()), max(expected.max(), steps.max())
    bins = np.arange(low - 0.5, high + 1.5)
    table = np.array([np.histogram(np.round(steps), bins)[0], np.histogram(expected, bins)[0]])
    table = table[:, table.sum(axis=0) >= 10]
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_integers_are_equally_likely_with_both_ends(stats: Any) -> None:
    values = drawn(distribution("int_uniform", {"min": -2, "max": 3}))
    counts = np.bincount(values.astype(int) + 2, minlength=6)
    assert stats.chisquare(counts).pvalue > 0.001
    assert all(
        type(integer) is int
        for integer in [distribution("int_uniform", {"min": 1, "max": 2}).at(0)]
    )


@pytest.mark.parametrize("probabilities", [None, [0.7, 0.2, 0.1]])
def test_choices_have_their_probabilities(probabilities: list[float] | None, stats: Any) -> None:
    keys: dict[str, Any] = {"values": ["a", "b", "c"]}
    if probabilities is not None:
        keys["probabilities"] = probabilities
    values = drawn(distribution("categorical", keys))
    counts = [int((values == choice).sum()) for choice in "abc"]
    expected = [N * share for share in probabilities or [1 / 3] * 3]
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_values_stay_within_their_limits() -> None:
    for kind, keys in {
        "q_uniform": {"min": 1, "max": 10, "q": 4},
        "q_log_uniform_values": {"min": 33, "max": 250, "q": 8},
        "uniform": {"min": 0.1, "max": 0.3},
        "log_uniform_values": {"min": 1e-7, "max": 1e-3},
    }.items():
        values = drawn(distribution(kind, keys))
        assert keys["min"] <= values.min(), kind
        assert values.max() <= keys["max"], kind


def test_a_multiple_is_written_as_people_do() -> None:
    values = {
        distribution("q_uniform", {"min": 0, "max": 1, "q": 0.1}).at(p / 10) for p in range(11)
    }
    assert {str(value) for value in values} <= {f"{n / 10}" for n in range(11)}


def test_a_value_that_is_none_of_its_own_has_no_position() -> None:
    assert distribution("uniform", {"min": 0.0, "max": 1.0}).position(2) is None
    assert distribution("uniform", {"min": 0.0, "max": 1.0}).position("a") is None
    assert distribution("int_uniform", {"min": 0, "max": 3}).position(1.5) is None
    assert distribution("categorical", {"values": [1, 2]}).position(True) is None
    assert distribution("categorical", {"values": [1, 2]}).position(1.0) == 0.25


def test_each_distribution_is_tested() -> None:
    others = {"constant", "categorical", "categorical_w_probabilities", "int_uniform"}
    assert {*CASES, *ROUNDED, *others} == set(DISTRIBUTIONS)
