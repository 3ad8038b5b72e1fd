"""The parameters of a configuration: read into a search space, with what a schema can't say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, cast

from weft.sweeps.checking import did_you_mean, problem, shown
from weft.sweeps.distributions import DISTRIBUTIONS, Choices, inferred
from weft.sweeps.schema import MAX_VALUES
from weft.sweeps.space import Parameter, Space

MAX_DEPTH: Final = 20
LOG_LIMIT: Final = 700
"""Largest natural logarithm of a number that a double holds, rounded down."""


_PROBED: Final = (2.0**-53, 0.5, 1 - 2.0**-53)
"""Positions of the outermost numbers of a distribution, and of one within."""


def read_space(filled: Mapping[str, Any], problems: list[str]) -> Space:
    """The search space of parameters, filled by `with_defaults`, that fit the schema.

    `problems` gets what is invalid.
    """
    space: Space = {}
    _read(filled, (), {}, space, problems)
    return _in_order(space, problems)


def with_defaults(parameters: Any, path: str, problems: list[str], depth: int = 0) -> Any:
    """Parameters with their distributions and the defaults of their keys."""
    if not isinstance(parameters, Mapping):
        return parameters
    if depth > MAX_DEPTH:
        problems.append(problem(path, f"is nested more than {MAX_DEPTH} deep"))
        return {}
    filled: dict[str, Any] = {}
    for name, keys in cast("Mapping[Any, Any]", parameters).items():
        where = f"{path}.{name}"
        if not isinstance(name, str) or not name:
            problems.append(problem(where, "is no name of a parameter", "names are texts"))
            continue
        if not isinstance(keys, Mapping):
            problems.append(
                problem(
                    where,
                    f"is {shown(keys)}, not a mapping",
                    f"write {{value: {shown(keys)}}} for a constant"
                    if not isinstance(keys, list)
                    else "write {values: […]} for choices",
                )
            )
            continue
        completed: dict[str, Any] = dict(cast("Mapping[str, Any]", keys))
        if "parameters" in completed:
            completed["parameters"] = with_defaults(
                completed["parameters"], f"{where}.parameters", problems, depth + 1
            )
            filled[name] = completed
            continue
        kind = completed.get("distribution") or inferred(completed)
        if kind is None:
            problems.append(
                problem(
                    where,
                    "has no distribution and none follows from its keys",
                    "give value, values, or min and max",
                )
            )
            continue
        if not isinstance(kind, str) or kind not in DISTRIBUTIONS:
            problems.append(
                problem(
                    f"{where}.distribution",
                    f"{shown(kind)} is unknown",
                    did_you_mean(str(kind), DISTRIBUTIONS),
                )
            )
            continue
        completed["distribution"] = kind
        for key, schema in DISTRIBUTIONS[kind].keys.items():
            if "default" in schema:
                completed.setdefault(key, schema["default"])
        filled[name] = completed
    return filled


def _read(
    parameters: Mapping[str, Any],
    path: tuple[str, ...],
    when: dict[str, list[Any]],
    space: Space,
    problems: list[str],
) -> None:
    """Add the parameters to the space, after checking what a schema can't say."""
    for name, keys in parameters.items():
        here = (*path, name)
        dotted = ".".join(here)
        full_path = "parameters." + ".parameters.".join(here)
        if "parameters" in keys:
            _read(keys["parameters"], here, when, space, problems)
            continue
        if dotted in space:
            problems.append(
                problem(full_path, f"has the same name as another parameter: {dotted}")
            )
            continue
        checked = _check_keys(full_path, keys)
        problems += checked
        if checked:
            continue
        kind = keys["distribution"]
        own = {
            other: cast("list[Any]", values) if isinstance(values, list) else [values]
            for other, values in cast("dict[str, Any]", keys.get("when", {})).items()
        }
        space[dotted] = Parameter(here, kind, DISTRIBUTIONS[kind].build(keys), when | own)


def _check_keys(path: str, keys: Mapping[str, Any]) -> list[str]:
    """Faults of a parameter's keys."""
    kind = DISTRIBUTIONS[keys["distribution"]]
    for key in kind.keys:
        value = keys[key]
        if isinstance(value, float) and not math.isfinite(value):
            return [problem(f"{path}.{key}", f"is {value}, not a finite number")]
    values, probabilities = keys.get("values"), keys.get("probabilities")
    if values is not None:
        if len(values) > MAX_VALUES:
            return [
                problem(
                    f"{path}.values", f"has {len(values):,} values; the most are {MAX_VALUES:,}"
                )
            ]
        if len(values) <= 1000 and any(
            Choices(values[:index]).index(value) is not None for index, value in enumerate(values)
        ):
            return [
                problem(
                    f"{path}.values",
                    "has a value twice",
                    "name each value once; probabilities say how likely each is",
                )
            ]
    if probabilities is not None and values is not None:
        if len(probabilities) != len(values):
            return [
                problem(
                    f"{path}.probabilities",
                    f"has {len(probabilities)} numbers for {len(values)} values",
                    "give one for each value",
                )
            ]
        if not math.isclose(sum(probabilities), 1, abs_tol=1e-3):
            return [
                problem(
                    f"{path}.probabilities",
                    f"add up to {sum(probabilities):g}",
                    "they must add up to 1",
                )
            ]
    if kind.limits is not None:
        return _check_limits(
            path, keys, logarithms=kind.limits == "logarithms", positive=kind.is_positive
        )
    return []


def _check_limits(
    path: str, keys: Mapping[str, Any], *, logarithms: bool, positive: bool
) -> list[str]:
    low, high, kind = keys["min"], keys["max"], keys["distribution"]
    if high < low:
        return [problem(f"{path}.max", f"is {high}, less than min, which is {low}", "swap them")]
    if high == low and kind != "int_uniform":
        return [
            problem(
                path,
                f"is an empty range: min and max are both {low}",
                f"write value: {low} for a constant",
            )
        ]
    if positive and low <= 0:
        return [
            problem(
                f"{path}.min", f"is {low}; {kind} has no logarithm of it", "give a number above 0"
            )
        ]
    if logarithms and max(abs(low), abs(high)) > LOG_LIMIT:
        end = "max" if abs(high) > LOG_LIMIT else "min"
        return [
            problem(
                f"{path}.{end}",
                f"is {keys[end]}; {kind} takes logarithms, and exp({keys[end]}) is no number",
                f"for the numbers themselves use {kind}_values",
            )
        ]
    if kind == "q_uniform" and math.floor(high / keys["q"] + 1e-9) < math.ceil(
        low / keys["q"] - 1e-9
    ):
        return [
            problem(f"{path}.q", f"is {keys['q']}; no multiple of it is between {low} and {high}")
        ]
    if kind == "int_uniform" and high - low > 2**53:
        return [problem(f"{path}.max", "is too far from min: the most is 2^53 apart")]
    return []


def check_numbers(space: Space) -> list[str]:
    """Faults of parameters whose numbers no float can hold, a line for each."""
    problems: list[str] = []
    for parameter in space.values():
        if isinstance(parameter.distribution, Choices):
            continue
        try:
            values = [parameter.distribution.at(position) for position in _PROBED]
        except (OverflowError, ValueError):
            values = [math.inf]
        if any(isinstance(value, float) and not math.isfinite(value) for value in values):
            path = "parameters." + ".parameters.".join(parameter.path)
            fault = "has numbers beyond the range of floats"
            problems.append(problem(path, fault, "narrow it, or give a larger q"))
    return problems


def _in_order(space: Space, problems: list[str]) -> Space:
    """The parameters, each after those that its `when` names."""
    for parameter in space.values():
        path = "parameters." + ".parameters.".join(parameter.path) + ".when"
        for other, values in parameter.when.items():
            if other not in space:
                problems.append(
                    problem(
                        path, f"names {other}, which is no parameter", did_you_mean(other, space)
                    )
                )
                continue
            distribution = space[other].distribution
            if not isinstance(distribution, Choices):
                problems.append(
                    problem(
                        path,
                        f"names {other}, which is not one of several values",
                        "conditions are on parameters with values",
                    )
                )
                continue
            for value in values:
                if distribution.index(value) is None:
                    problems.append(
                        problem(
                            path,
                            f"{shown(value)} is not a value of {other}",
                            f"its values are {shown(list(distribution.values()))}",
                        )
                    )
    ordered: Space = {}
    remaining = dict(space)
    while remaining:
        ready = [
            name
            for name, parameter in remaining.items()
            if all(other in ordered or other not in space for other in parameter.when)
        ]
        if not ready:
            problems.append(
                problem("parameters", f"conditions go in a circle: {', '.join(remaining)}")
            )
            break
        for name in ready:
            ordered[name] = remaining.pop(name)
    return ordered
