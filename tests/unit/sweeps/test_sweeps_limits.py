"""Limits of a sweep's configuration, and of the work that a model takes."""

from __future__ import annotations

import random
from typing import Any

import pytest

from at_length import at_length
from weft.errors import ConfigError
from weft.records.limits import MAX_SWEEP_CONFIG_BYTES
from weft.sweeps.config import ARCHIVE_LIMITS, parse_config
from weft.sweeps.limits import MAX_NESTING, check_limits, load_yaml
from weft.sweeps.schema import MAX_PARAMETERS
from weft.sweeps.search import open_search
from weft.sweeps.search.model import ModelSearch
from weft.sweeps.trials import Trial


def parameters(n_parameters: int) -> dict[str, Any]:
    return {f"p{nth}": {"min": 0.0, "max": 1.0} for nth in range(n_parameters)}


def test_the_largest_configuration_is_taken() -> None:
    config = {"method": "random", "parameters": parameters(MAX_PARAMETERS)}
    assert len(parse_config(config).space) == MAX_PARAMETERS


def test_one_parameter_more_is_refused_wherever_it_is() -> None:
    grouped = {"parameters": parameters(MAX_PARAMETERS - 1)}
    config = {"method": "random", "parameters": {"group": grouped, "last": {"value": 1}}}
    with pytest.raises(ConfigError, match=f"{MAX_PARAMETERS + 1:,} parameters; the most are"):
        parse_config(config)


def test_an_archive_has_larger_configurations_of_older_versions() -> None:
    group = {"parameters": {"x": {"values": [*range(12_000)]}}}
    config = {"method": "random", "parameters": {**parameters(MAX_PARAMETERS + 1), "group": group}}
    with pytest.raises(ConfigError):
        parse_config(config)
    assert len(parse_config(config, limits=ARCHIVE_LIMITS).space) == MAX_PARAMETERS + 2
    # all else is checked as ever
    with pytest.raises(ConfigError, match="method is"):
        parse_config({**config, "method": "magic"}, limits=ARCHIVE_LIMITS)
    most = ARCHIVE_LIMITS.n_parameters
    with pytest.raises(ConfigError, match=f"{most + 1:,} parameters; the most are {most:,}"):
        parse_config(
            {"method": "random", "parameters": parameters(most + 1)}, limits=ARCHIVE_LIMITS
        )
    with pytest.raises(ConfigError, match="larger than 2048 KB"):
        parse_config({"method": "random", "name": "x" * 3 * 2**20}, limits=ARCHIVE_LIMITS)


@pytest.mark.parametrize(
    "keys",
    [
        {"distribution": "q_normal", "mu": 1e308, "sigma": 1e308, "q": 1e-308},
        {"distribution": "normal", "mu": 0.0, "sigma": 1e308},
        {"distribution": "log_normal", "mu": 1000.0, "sigma": 1.0},
        {"distribution": "q_uniform", "min": -1e308, "max": 1e308, "q": 5e-324},
    ],
)
def test_numbers_that_no_float_holds_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"beyond the range of floats|too large to divide"):
        parse_config({"method": "random", "parameters": {"x": keys}})
    sane = {"distribution": "q_log_normal", "mu": 3.0, "sigma": 2.0, "q": 0.5}
    assert parse_config({"method": "random", "parameters": {"x": sane}}).space


def test_a_text_of_the_most_bytes_is_taken_and_one_more_is_refused() -> None:
    text = "a: " + "b" * (MAX_SWEEP_CONFIG_BYTES - 100)
    assert load_yaml(text) == {"a": "b" * (MAX_SWEEP_CONFIG_BYTES - 100)}
    with pytest.raises(ConfigError, match="larger than 64 KB"):
        load_yaml("# " + "b" * MAX_SWEEP_CONFIG_BYTES)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
@pytest.mark.parametrize("n_levels", [MAX_NESTING + 1, 5000])
def test_nesting_is_refused_before_a_parser_overflows(opening: str, n_levels: int) -> None:
    with pytest.raises(ConfigError, match="nested more than"):
        load_yaml(opening * n_levels)


def test_nesting_within_the_limit_is_read() -> None:
    assert load_yaml("[" * MAX_NESTING + "]" * MAX_NESTING)


@pytest.mark.parametrize("inner", ["[{0}]", "{{<<: [{0}]}}"], ids=["aliases", "merged"])
def test_what_a_text_stands_for_counts(inner: str) -> None:
    """Nine references to nine references and so on: 300 bytes that are a billion values."""
    lines = ["a0: &a0 {x: 1}"]
    for nth in range(1, 10):
        lines.append(f"a{nth}: &a{nth} " + inner.format(", ".join([f"*a{nth - 1}"] * 9)))
    with pytest.raises(ConfigError, match="larger than 64 KB"):
        load_yaml("\n".join(lines))


def test_a_text_that_contains_itself_is_refused() -> None:
    with pytest.raises(ConfigError, match="larger than 64 KB"):
        load_yaml("a: &a [*a]")


def test_aliases_and_merged_mappings_are_read() -> None:
    text = "base: &base {min: 0, max: 1}\nlr: {<<: *base, max: 2}\nwd: *base"
    assert load_yaml(text)["lr"] == {"min": 0, "max": 2}


@pytest.mark.parametrize(
    "text", ["a: " + "1" * 5000, "a: 2020-99-99", "a: !!float " + "1:" * 9999]
)
def test_values_that_python_refuses_are_errors_of_the_text(text: str) -> None:
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_yaml(text)


def test_a_dict_that_contains_itself_is_refused() -> None:
    config: dict[str, Any] = {"method": "random"}
    config["parameters"] = config
    with pytest.raises(ConfigError, match="nested more than"):
        parse_config(config)


def test_one_list_in_many_places_counts_in_each() -> None:
    shared = [1] * 5000
    check_limits({"a": shared})
    with pytest.raises(ConfigError, match="larger than"):
        check_limits({"a": [shared] * 5000})


def test_a_stored_configuration_keeps_what_older_limits_allowed() -> None:
    config = {"method": "random", "parameters": {"x": {"values": list(range(50_000))}}}
    assert len(parse_config(config, is_stored=True).space) == 1


N_TRIALS = 210


@pytest.fixture
def large_search() -> ModelSearch:
    """A search with more values than a model is made of; trial 3 is the best."""
    config = {"method": "bayes", "metric": {"name": "loss"}, "parameters": parameters(500)}
    search = open_search(parse_config(config), 1)
    assert isinstance(search, ModelSearch)
    rng = random.Random(1)
    for nth in range(N_TRIALS):
        loss = -1.0 if nth == 3 else rng.random()
        values = {f"p{number}": rng.random() for number in range(500)}
        search.tell(Trial(nth, values, "finished", (loss,)))
    return search


def test_a_model_of_many_values_is_made_of_the_best_and_the_newest_trials(
    large_search: ModelSearch,
) -> None:
    trials = large_search._trials_of_model()
    assert len(trials) == 200
    assert trials[0].number == 3
    assert [trial.number for trial in trials[25:]] == list(range(N_TRIALS - 175, N_TRIALS))


@at_length
def test_a_model_of_many_values_gives_each_parameter_a_value(large_search: ModelSearch) -> None:
    expected = {f"p{number}" for number in range(500)}
    assert large_search.ask([N_TRIALS])[0].keys() == expected
