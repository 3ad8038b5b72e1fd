"""Configurations of sweeps: what is taken, and that each error names its place and a remedy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import ConfigError
from weft.sweeps.config import parse_config
from weft.sweeps.distributions import DISTRIBUTIONS
from weft.sweeps.schema import schema
from weft.sweeps.schema_check import Breach, breaches

LR = {"lr": {"min": 0.001, "max": 0.1}}

SEED_EXAMPLE = {
    "method": "random",
    "metric": {"goal": "minimize", "name": "loss"},
    "parameters": {
        "batch_size": {"distribution": "q_log_uniform_values", "max": 256, "min": 32, "q": 8},
        "dropout": {"values": [0.3, 0.4, 0.5]},
        "epochs": {"value": 1},
        "fc_layer_size": {"values": [128, 256, 512]},
        "learning_rate": {"distribution": "uniform", "max": 0.1, "min": 0},
        "optimizer": {"values": ["adam", "sgd"]},
    },
}


def test_the_schema_is_one() -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())


_VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 3), st.floats(), st.sampled_from(["", "uniform"]),
    st.lists(st.integers(0, 2), max_size=2),
)  # fmt: skip
_PARAMETER = st.dictionaries(
    st.sampled_from(["distribution", "min", "max", "q", "value", "values", "when", "parameters"]),
    st.one_of(_VALUE, st.sampled_from(list(DISTRIBUTIONS))),
)
_CONFIGURATION = st.dictionaries(
    st.sampled_from([*schema()["properties"], "methods"]),
    st.one_of(
        _VALUE,
        st.sampled_from(["grid", "random", "bayes"]),
        st.dictionaries(st.sampled_from("ab"), st.one_of(_PARAMETER, _VALUE), max_size=2),
        st.lists(st.fixed_dictionaries({}, optional={"name": _VALUE, "goal": _VALUE})),
    ),
)


@given(_CONFIGURATION)
def test_breaches_are_those_that_jsonschema_sees(configuration: dict[str, Any]) -> None:
    from jsonschema import Draft202012Validator

    def places(errors: Iterable[Any]) -> set[tuple[Any, ...]]:
        return {(*error.path, keyword_of(error)) for error in errors}

    def keyword_of(error: Any) -> str:
        return error.keyword if isinstance(error, Breach) else error.validator

    ours = places(breaches(configuration, schema(), schema()))
    assert ours == places(Draft202012Validator(schema()).iter_errors(configuration))


def test_distributions_follow_from_keys() -> None:
    config = parse_config(SEED_EXAMPLE)
    assert {name: distribution.kind for name, distribution in config.space.items()} == {
        "batch_size": "q_log_uniform_values",
        "dropout": "categorical",
        "epochs": "constant",
        "fc_layer_size": "categorical",
        "learning_rate": "uniform",
        "optimizer": "categorical",
    }
    kinds = parse_config(
        """
        method: random
        parameters:
          a: {min: 1, max: 3}
          b: {min: 1, max: 3.5}
          c: {min: 0, max: 1, q: 0.25}
          d: {parameters: {e: {value: null}}}
        """
    ).space
    assert [distribution.kind for distribution in kinds.values()] == [
        "int_uniform",
        "uniform",
        "q_uniform",
        "constant",
    ]
    assert list(kinds) == ["a", "b", "c", "d.e"]


def test_all_keys_of_wandb_are_taken() -> None:
    config = parse_config(
        {
            **SEED_EXAMPLE,
            "method": "bayes",
            "apiVersion": "1",
            "kind": "sweep",
            "controller": {"type": "cloud"},
            "name": "s",
            "description": "d",
            "entity": "e",
            "project": "p",
            "program": "train.py",
            "command": ["${env}", "python", 3, "${args}"],
            "run_cap": 7,
            "early_terminate": {"type": "hyperband", "max_iter": 27, "s": 2, "eta": 3},
            "metric": {
                "name": "loss", "goal": "maximize", "target": 0.9, "impute": "latest",
                "impute_while_running": "false",
            },
        }
    )  # fmt: skip
    assert config.sampler == "tpe"
    assert config.run_cap == 7
    assert config.command == ("${env}", "python", "3", "${args}")
    assert config.early_termination is not None
    assert config.early_termination.bands == (3, 9)
    assert config.metrics[0].reaches_target(0.95)
    assert not config.metrics[0].reaches_target(0.85)


def test_bands_from_the_start_are_powers_of_eta() -> None:
    early = {"type": "hyperband", "min_iter": 4, "max_iter": 40}
    config = parse_config({**SEED_EXAMPLE, "early_terminate": early})
    assert config.early_termination is not None
    assert config.early_termination.bands == (4, 12, 36)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"method": "rando"}, r"method is 'rando'; did you mean 'random'\?"),
        ({"method": None}, "method is None"),
        ({"metod": "grid"}, r"metod is not a key; did you mean 'method'\?"),
        ({"parameters": {}}, "parameters is empty"),
        ({"parameters": []}, "parameters is .*, not a mapping"),
        ({"parameters": {"a": 3}}, r"parameters.a is 3, not a mapping; write \{value: 3\}"),
        ({"parameters": {"a": [1, 2]}}, r"not a mapping; write \{values: "),
        ({"parameters": {"a": {}}}, "parameters.a has no distribution"),
        ({"parameters": {"a": {"min": 1}}}, "give value, values, or min and max"),
        (
            {"parameters": {"a": {"distribution": "uniforn", "min": 0, "max": 1}}},
            r"'uniforn' is unknown; did you mean 'uniform'\?",
        ),
        ({"parameters": {"a": {"values": []}}}, "parameters.a.values is empty"),
        ({"parameters": {"a": {"values": [1, 1.0]}}}, "has a value twice"),
        ({"parameters": {"a": {"min": 2.0, "max": 1.0}}}, "less than min, which is 2.0; swap"),
        ({"parameters": {"a": {"min": 0.5, "max": 0.5}}}, "empty range: min and max are both 0.5"),
        ({"parameters": {"a": {"min": "1", "max": 2}}}, "a.min is '1', not a number"),
        ({"parameters": {"a": {"min": float("nan"), "max": 2.0}}}, "nan, not a finite number"),
        (
            {"parameters": {"a": {"distribution": "log_uniform_values", "min": 0, "max": 1}}},
            "has no logarithm of it; give a number above 0",
        ),
        (
            {"parameters": {"a": {"distribution": "log_uniform", "min": 1, "max": 1000}}},
            "use log_uniform_values",
        ),
        (
            {"parameters": {"a": {"distribution": "q_uniform", "min": 1, "max": 2, "q": 5}}},
            "no multiple of it is between 1 and 2",
        ),
        (
            {"parameters": {"a": {"distribution": "normal", "sigma": -1}}},
            "a.sigma is -1; it must be above 0",
        ),
        (
            {"parameters": {"a": {"distribution": "uniform", "min": 0, "max": 1, "mu": 0}}},
            "parameters.a.mu is not a key here",
        ),
        (
            {"parameters": {"a": {"values": [1, 2], "probabilities": [0.5]}}},
            "has 1 numbers for 2 values",
        ),
        (
            {"parameters": {"a": {"values": [1, 2], "probabilities": [0.5, 0.6]}}},
            "add up to 1.1; they must add up to 1",
        ),
        ({"parameters": {"a": {"value": 1, "when": {"b": 1}}}}, "names b, which is no parameter"),
        (
            {"parameters": LR | {"a": {"value": 1, "when": {"lr": 1}}}},
            "not one of several values",
        ),
        (
            {"parameters": {"a": {"values": [1, 2]}, "b": {"value": 1, "when": {"a": 3}}}},
            "3 is not a value of a",
        ),
        (
            {
                "parameters": {
                    "a": {"values": [1, 2], "when": {"b": 1}},
                    "b": {"values": [1, 2], "when": {"a": 1}},
                }
            },
            "conditions go in a circle: a, b",
        ),
        ({"method": "grid"}, "lr is uniform, whose values can't be counted"),
        ({"run_cap": 0}, "run_cap is 0; it must be at least 1"),
        ({"metric": {"goal": "minimize"}}, "metric.name is missing"),
        ({"metric": {"name": "a", "goal": "min"}}, r"did you mean 'minimize'\?"),
        ({"metrics": [{"name": "a"}, {"name": "b"}]}, "stands next to metric"),
        ({"method": "bayes", "metric": None}, "metric is None"),
        (
            {"metric": {"name": "a", "impute_while_running": "best"}},
            "is not supported: a run counts once it has ended",
        ),
        ({"sampler": "gp"}, "gp is not of method random"),
        ({"early_terminate": {"type": "hyperband"}}, "give min_iter, or max_iter and s"),
        (
            {"early_terminate": {"type": "hyperband", "min_iter": 9, "max_iter": 5}},
            "never decides",
        ),
        (
            {"early_terminate": {"type": "hyperban", "min_iter": 9}},
            r"did you mean 'hyperband'\?",
        ),
        ({"command": "python train.py"}, "command is 'python train.py', not a list"),
        ({"seed": -1}, "seed is -1; it must be at least 0"),
    ],
)
def test_what_is_invalid_is_named_with_a_remedy(changed: dict[str, Any], message: str) -> None:
    config = {"method": "random", "metric": {"name": "loss"}, "parameters": LR, **changed}
    with pytest.raises(ConfigError, match=message):
        parse_config(config)


def test_a_number_in_exponents_needs_no_point() -> None:
    text = "{method: random, parameters: {lr: {min: 1e-5, max: 1E-1, distribution: uniform}}}"
    lr = parse_config(text).source["parameters"]["lr"]
    assert (lr["min"], lr["max"]) == (1e-5, 0.1)
    name = parse_config("{name: 1e5x, method: random, parameters: {a: {values: [e5, 2]}}}")
    assert (name.name, name.source["parameters"]["a"]["values"]) == ("1e5x", ["e5", 2])


def test_bayes_needs_a_metric() -> None:
    with pytest.raises(ConfigError, match="metric is missing; method bayes optimizes one"):
        parse_config({"method": "bayes", "parameters": LR})


def test_all_problems_come_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_config({"method": "x", "parameters": {"a": 1, "b": {}}})
    assert str(raised.value).count("\n  - ") == 3


@pytest.mark.parametrize("text", ["a: [", "3", "", "- a", "method: random\nmethod"])
def test_what_is_no_yaml_mapping_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_config(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["min", "max", "q", "mu", "sigma", "a", "b", "value", "values", "when"])
PARAMETER = st.fixed_dictionaries(
    {}, optional={"distribution": st.sampled_from([*DISTRIBUTIONS, "x"])}
).flatmap(lambda head: st.dictionaries(KEYS, JSON, max_size=4).map(lambda keys: head | keys))


@given(
    st.sampled_from(["grid", "random", "bayes"]),
    st.dictionaries(st.sampled_from("xyz"), PARAMETER, max_size=3),
)
def test_whatever_is_given_is_taken_or_refused_with_a_message(
    method: str, parameters: dict[str, Any]
) -> None:
    try:
        config = parse_config(
            {"method": method, "metric": {"name": "m"}, "parameters": parameters}
        )
    except ConfigError as error:
        assert "parameters" in str(error)  # noqa: PT017 - both ends are right
    else:
        assert set(config.space) == set(parameters)
