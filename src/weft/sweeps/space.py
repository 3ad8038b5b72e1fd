"""The search space of a sweep: its parameters by name, nested ones and conditional ones.

A parameter set is a flat dict of values by dotted name; `nested` makes the config of it that a run
gets. A parameter with `when` is in a parameter set only if others have one of the named values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from weft.errors import ConfigError
from weft.sweeps.checking import did_you_mean, problem, shown
from weft.sweeps.distributions import Choices, Distribution, Value

Parameters = dict[str, Value]
"""A parameter set: values by dotted name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, at a path of keys in the config of a run.

    `when` are the values that other parameters, by dotted name, must have; empty if it is always
    there.
    """

    path: tuple[str, ...]
    kind: str
    distribution: Distribution
    when: dict[str, list[Value]] = field(default_factory=dict[str, list[Value]])

    def varies(self) -> bool:
        """Whether the parameter has more than one value."""
        values = self.distribution.values()
        return values is None or len(values) > 1

    def applies(self, chosen: Mapping[str, Value]) -> bool:
        """Whether the parameter is in a set that has these values."""
        return all(
            name in chosen and Choices(values).index(chosen[name]) is not None
            for name, values in self.when.items()
        )


Space = dict[str, Parameter]
"""Parameters by dotted name, each after those that its `when` names."""


def nested(space: Space, parameters: Parameters) -> dict[str, Any]:
    """The config of a run with a parameter set.

    >>> path = ("optimizer", "lr")
    >>> nested({"optimizer.lr": Parameter(path, "constant", Choices([1]))}, {"optimizer.lr": 1})
    {'optimizer': {'lr': 1}}
    """
    config: dict[str, Any] = {}
    for name, value in parameters.items():
        inner = config
        *above, last = space[name].path
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return config


def from_config(space: Space, config: Mapping[str, Any]) -> Parameters | None:
    """The parameter set that a run with this config stands for; None if it has none.

    Used for runs that the sweep did not start: each parameter must be there, and within its
    distribution.
    """
    parameters: Parameters = {}
    for name, parameter in space.items():
        if not parameter.applies(parameters):
            continue
        value: Any = config
        for key in parameter.path:
            if not isinstance(value, Mapping) or key not in value:
                return None
            value = value[key]
        if parameter.distribution.position(value) is None:
            return None
        parameters[name] = value
    return parameters


def complete_set(space: Space, values: Mapping[str, Any], random: Random) -> Parameters:
    """A parameter set that a user chose, by dotted name or nested. Missing ones are drawn.

    Raises:
        ConfigError: lists each value that the space lacks.

    >>> space = {"lr": Parameter(("lr",), "categorical", Choices([0.1, 0.2]))}
    >>> complete_set(space, {"lr": 0.2}, Random())
    {'lr': 0.2}
    >>> complete_set(space, {"lt": 0.2}, Random())
    Traceback (most recent call last):
        ...
    weft.errors.ConfigError: the trial does not fit the sweep:
      - lt is not a parameter of the sweep; one of lr belongs here
    """
    chosen = _flat(space, values)
    problems = [
        problem(name, "is not a parameter of the sweep", did_you_mean(name, space))
        for name in chosen
        if name not in space
    ]
    parameters: Parameters = {}
    for name, parameter in space.items():
        if not parameter.applies(parameters):
            if name in chosen:
                problems.append(problem(name, "does not apply", _conditions(parameter)))
        elif name not in chosen:
            parameters[name] = parameter.distribution.draw(random)
        elif parameter.distribution.position(chosen[name]) is None:
            fault = f"can't be {shown(chosen[name])}: its distribution is {parameter.kind}"
            problems.append(problem(name, fault))
        else:
            parameters[name] = chosen[name]
    if problems:
        raise ConfigError("\n  - ".join(["the trial does not fit the sweep:", *problems]))
    return parameters


def _conditions(parameter: Parameter) -> str:
    conditions = (f"{name} is one of {shown(values)}" for name, values in parameter.when.items())
    return f"it applies when {' and '.join(conditions)}"


def _flat(space: Space, values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Values by dotted name; a mapping that is the value of a parameter stays."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{above}{key}"
        if name not in space and isinstance(value, Mapping) and value:
            flat |= _flat(space, cast("Mapping[str, Any]", value), f"{name}.")
        else:
            flat[name] = value
    return flat
