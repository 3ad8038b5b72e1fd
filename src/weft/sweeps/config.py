"""The configuration of a sweep, as W&B's: read, checked, and filled with defaults.

>>> config = parse_config({"method": "random", "parameters": {"lr": {"min": 0.0, "max": 0.1}}})
>>> config.space["lr"].kind
'uniform'
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from weft.errors import ConfigError
from weft.sweeps.checking import check_schema, did_you_mean, problem
from weft.sweeps.distributions import DISTRIBUTIONS, Choices, inferred
from weft.sweeps.schema import MAX_VALUES
from weft.sweeps.space import Parameter, Space

Goal = Literal["minimize", "maximize"]
Imputed = Literal["latest", "best", "worst"]

_NO_PARAMETERS: Final = "parameters is empty"

MAX_DEPTH: Final = 20
LOG_LIMIT: Final = 700
"""Largest natural logarithm of a number that a double holds, rounded down."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a sweep optimizes.

    Attributes:
        target: a run that reaches it ends the sweep. None: none does.
        impute: the value of a run that failed.
    """

    name: str
    goal: Goal = "minimize"
    target: float | None = None
    impute: Imputed = "worst"

    def reaches_target(self, value: float) -> bool:
        """Whether a value is as good as the target."""
        if self.target is None:
            return False
        return value <= self.target if self.goal == "minimize" else value >= self.target

    def loss(self, value: float) -> float:
        """The value, or its negative: less is better."""
        return value if self.goal == "minimize" else -value


@dataclass(frozen=True, slots=True)
class EarlyTermination:
    """When a run is stopped early. `early_stop` says how; bands are counts of metric values."""

    bands: tuple[int, ...]
    eta: float
    strict: bool


@dataclass(frozen=True, slots=True)
class SweepConfig:
    """A valid configuration.

    Attributes:
        given: as it was given, for people to read again.
        metrics: empty if the configuration names none.
        seed: None: the sweep makes one.
    """

    given: dict[str, Any]
    method: str
    sampler: str | None
    metrics: tuple[Metric, ...]
    space: Space
    early_termination: EarlyTermination | None = None
    run_cap: int | None = None
    seed: int | None = None
    name: str | None = None
    description: str | None = None
    program: str | None = None
    command: tuple[str, ...] = ()


def parse_config(given: Mapping[str, Any] | str) -> SweepConfig:
    """Check a configuration.

    Args:
        given: the configuration, or its YAML.

    Raises:
        ConfigError: it is invalid; the message lists each place and what belongs there.
    """
    data = _from_yaml(given) if isinstance(given, str) else dict(given)
    problems: list[str] = []
    filled = dict(data)
    if isinstance(filled.get("parameters"), Mapping):
        filled["parameters"] = _filled(filled["parameters"], "parameters", problems)
    # A parameter that is described wrongly was left out above.
    problems += [one for one in check_schema(filled) if not problems or one != _NO_PARAMETERS]
    if problems:
        raise _invalid(problems)
    space: Space = {}
    _read(filled["parameters"], (), {}, space, problems)
    space = _in_order(space, problems)
    metrics = _metrics(filled, problems)
    method = filled["method"]
    sampler = _sampler(filled, metrics, space, problems)
    if method == "grid":
        _check_grid(space, filled.get("run_cap"), problems)
    if method == "bayes" and not metrics:
        problems.append(
            problem(
                "metric",
                "is missing; method bayes optimizes one",
                'add metric: {name: "loss", goal: minimize}',
            )
        )
    early = _early_termination(filled, metrics, problems)
    if problems:
        raise _invalid(problems)
    return SweepConfig(
        given=data,
        method=method,
        sampler=sampler,
        metrics=metrics,
        space=space,
        early_termination=early,
        run_cap=filled.get("run_cap"),
        seed=filled.get("seed"),
        name=filled.get("name") or None,
        description=filled.get("description") or None,
        program=filled.get("program") or None,
        command=tuple(str(part) for part in filled.get("command", ())),
    )


def _from_yaml(text: str) -> dict[str, Any]:
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"the sweep's configuration is not valid YAML: {error}") from None
    if not isinstance(data, dict):
        raise ConfigError(
            "the sweep's configuration is not a mapping; it needs method and parameters"
        )
    return cast("dict[str, Any]", data)


def _invalid(problems: list[str]) -> ConfigError:
    if len(problems) == 1:
        return ConfigError(f"the sweep's configuration is invalid: {problems[0]}")
    lines = "".join(f"\n  - {one}" for one in problems[:20])
    more = f"\n  - and {len(problems) - 20} more" if len(problems) > 20 else ""
    return ConfigError(f"the sweep's configuration is invalid:{lines}{more}")


def _filled(parameters: Any, place: str, problems: list[str], depth: int = 0) -> Any:
    """Parameters with their distributions and the defaults of their keys."""
    if not isinstance(parameters, Mapping):
        return parameters
    if depth > MAX_DEPTH:
        problems.append(problem(place, f"is nested more than {MAX_DEPTH} deep"))
        return {}
    filled: dict[str, Any] = {}
    for name, keys in cast("Mapping[Any, Any]", parameters).items():
        where = f"{place}.{name}"
        if not isinstance(name, str) or not name:
            problems.append(problem(where, "is no name of a parameter", "names are texts"))
            continue
        if not isinstance(keys, Mapping):
            problems.append(
                problem(
                    where,
                    f"is {_shown(keys)}, not a mapping",
                    f"write {{value: {_shown(keys)}}} for a constant"
                    if not isinstance(keys, list)
                    else "write {values: […]} for choices",
                )
            )
            continue
        one: dict[str, Any] = dict(cast("Mapping[str, Any]", keys))
        if "parameters" in one:
            one["parameters"] = _filled(
                one["parameters"], f"{where}.parameters", problems, depth + 1
            )
            filled[name] = one
            continue
        kind = one.get("distribution") or inferred(one)
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
                    f"{_shown(kind)} is unknown",
                    did_you_mean(str(kind), DISTRIBUTIONS),
                )
            )
            continue
        one["distribution"] = kind
        for key, schema in DISTRIBUTIONS[kind].keys.items():
            if "default" in schema:
                one.setdefault(key, schema["default"])
        filled[name] = one
    return filled


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


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
        place = "parameters." + ".parameters.".join(here)
        if "parameters" in keys:
            _read(keys["parameters"], here, when, space, problems)
            continue
        if dotted in space:
            problems.append(problem(place, f"has the same name as another parameter: {dotted}"))
            continue
        found = _check_keys(place, keys)
        problems += found
        if found:
            continue
        kind = keys["distribution"]
        own = {
            other: cast("list[Any]", values) if isinstance(values, list) else [values]
            for other, values in cast("dict[str, Any]", keys.get("when", {})).items()
        }
        space[dotted] = Parameter(here, kind, DISTRIBUTIONS[kind].build(keys), when | own)


def _check_keys(place: str, keys: Mapping[str, Any]) -> list[str]:
    """What is wrong with a parameter's keys."""
    kind = DISTRIBUTIONS[keys["distribution"]]
    for key in kind.keys:
        value = keys[key]
        if isinstance(value, float) and not math.isfinite(value):
            return [problem(f"{place}.{key}", f"is {value}, not a finite number")]
    values, probabilities = keys.get("values"), keys.get("probabilities")
    if values is not None:
        if len(values) > MAX_VALUES:
            return [
                problem(
                    f"{place}.values", f"has {len(values):,} values; the most are {MAX_VALUES:,}"
                )
            ]
        if len(values) <= 1000 and any(
            Choices(values[:index]).index(value) is not None for index, value in enumerate(values)
        ):
            return [
                problem(
                    f"{place}.values",
                    "has a value twice",
                    "name each value once; probabilities say how likely each is",
                )
            ]
    if probabilities is not None and values is not None:
        if len(probabilities) != len(values):
            return [
                problem(
                    f"{place}.probabilities",
                    f"has {len(probabilities)} numbers for {len(values)} values",
                    "give one for each value",
                )
            ]
        if not math.isclose(sum(probabilities), 1, abs_tol=1e-3):
            return [
                problem(
                    f"{place}.probabilities",
                    f"add up to {sum(probabilities):g}",
                    "they must add up to 1",
                )
            ]
    if kind.limits is not None:
        return _check_limits(
            place, keys, logarithms=kind.limits == "logarithms", positive=kind.is_positive
        )
    return []


def _check_limits(
    place: str, keys: Mapping[str, Any], *, logarithms: bool, positive: bool
) -> list[str]:
    low, high, kind = keys["min"], keys["max"], keys["distribution"]
    if high < low:
        return [problem(f"{place}.max", f"is {high}, less than min, which is {low}", "swap them")]
    if high == low and kind != "int_uniform":
        return [
            problem(
                place,
                f"is an empty range: min and max are both {low}",
                f"write value: {low} for a constant",
            )
        ]
    if positive and low <= 0:
        return [
            problem(
                f"{place}.min", f"is {low}; {kind} has no logarithm of it", "give a number above 0"
            )
        ]
    if logarithms and max(abs(low), abs(high)) > LOG_LIMIT:
        end = "max" if abs(high) > LOG_LIMIT else "min"
        return [
            problem(
                f"{place}.{end}",
                f"is {keys[end]}; {kind} takes logarithms, and exp({keys[end]}) is no number",
                f"for the numbers themselves use {kind}_values",
            )
        ]
    if kind == "q_uniform" and math.floor(high / keys["q"] + 1e-9) < math.ceil(
        low / keys["q"] - 1e-9
    ):
        return [
            problem(f"{place}.q", f"is {keys['q']}; no multiple of it is between {low} and {high}")
        ]
    if kind == "int_uniform" and high - low > 2**53:
        return [problem(f"{place}.max", "is too far from min: the most is 2^53 apart")]
    return []


def _in_order(space: Space, problems: list[str]) -> Space:
    """The parameters, each after those that its `when` names."""
    for parameter in space.values():
        place = "parameters." + ".parameters.".join(parameter.path) + ".when"
        for other, values in parameter.when.items():
            if other not in space:
                problems.append(
                    problem(
                        place, f"names {other}, which is no parameter", did_you_mean(other, space)
                    )
                )
                continue
            known = space[other].distribution
            if not isinstance(known, Choices):
                problems.append(
                    problem(
                        place,
                        f"names {other}, which is not one of several values",
                        "conditions are on parameters with values",
                    )
                )
                continue
            for value in values:
                if known.index(value) is None:
                    problems.append(
                        problem(
                            place,
                            f"{_shown(value)} is not a value of {other}",
                            f"its values are {_shown(list(known.values()))}",
                        )
                    )
    ordered: Space = {}
    left = dict(space)
    while left:
        ready = [
            name
            for name, one in left.items()
            if all(other in ordered or other not in space for other in one.when)
        ]
        if not ready:
            problems.append(problem("parameters", f"conditions go in a circle: {', '.join(left)}"))
            break
        for name in ready:
            ordered[name] = left.pop(name)
    return ordered


def _metrics(filled: Mapping[str, Any], problems: list[str]) -> tuple[Metric, ...]:
    if "metric" in filled and "metrics" in filled:
        problems.append(problem("metrics", "stands next to metric", "give one of the two"))
    several = "metrics" in filled
    given = filled["metrics"] if several else [filled["metric"]] if "metric" in filled else []
    metrics = tuple(
        Metric(
            name=one["name"],
            goal=one.get("goal", "minimize"),
            target=one.get("target"),
            impute=one.get("impute", "worst"),
        )
        for one in given
    )
    if any(one.get("impute_while_running", "false") not in ("false", False) for one in given):
        problems.append(
            problem(
                "metric.impute_while_running",
                "is not supported: a run counts once it has ended",
                "remove it, or use false",
            )
        )
    names = [one.name for one in metrics]
    if len(set(names)) < len(names):
        problems.append(problem("metrics", "names a metric twice"))
    for index, one in enumerate(metrics):
        if one.target is not None and (several or not math.isfinite(one.target)):
            place = f"metrics[{index}].target" if several else "metric.target"
            problems.append(
                problem(
                    place,
                    "can't end a sweep of several metrics"
                    if several
                    else "is not a finite number",
                )
            )
    return metrics


def _sampler(
    filled: Mapping[str, Any], metrics: tuple[Metric, ...], space: Space, problems: list[str]
) -> str | None:
    method, sampler = filled["method"], filled.get("sampler")
    if method != "bayes":
        if sampler is not None and (method, sampler) != ("random", "qmc"):
            problems.append(
                problem("sampler", f"{sampler} is not of method {method}", "use method: bayes")
            )
        return sampler
    if sampler in ("cmaes", "gp") and any(one.when for one in space.values()):
        problems.append(
            problem("sampler", f"{sampler} knows no conditions", "use tpe, or remove when")
        )
    if sampler == "cmaes" and len(metrics) > 1:
        problems.append(problem("sampler", "cmaes optimizes one metric", "use tpe or gp"))
    return sampler or "tpe"


def _check_grid(space: Space, run_cap: int | None, problems: list[str]) -> None:
    for name, parameter in space.items():
        place = "parameters." + ".parameters.".join(parameter.path)
        distribution = parameter.distribution
        if not DISTRIBUTIONS[parameter.kind].is_finite:
            problems.append(
                problem(
                    place,
                    f"{name} is {parameter.kind}, whose values can't be counted",
                    "grid takes value, values, int_uniform and q_uniform; or use method random",
                )
            )
        elif isinstance(distribution, Choices) and distribution.probabilities is not None:
            problems.append(
                problem(
                    f"{place}.probabilities",
                    "say nothing to grid, which tries each value",
                    "remove them",
                )
            )
    del run_cap


def _early_termination(
    filled: Mapping[str, Any], metrics: tuple[Metric, ...], problems: list[str]
) -> EarlyTermination | None:
    given = filled.get("early_terminate")
    if given is None:
        return None
    if len(metrics) != 1:
        problems.append(
            problem(
                "early_terminate",
                "compares runs by one metric",
                "add metric" if not metrics else "remove early_terminate, or all metrics but one",
            )
        )
        return None
    eta = given.get("eta", 3)
    bands: list[int] = []
    if "min_iter" in given:
        most = given.get("max_iter", math.inf)
        band = float(given["min_iter"])
        while band < most and band < 2**53 and len(bands) < 100:
            bands.append(int(band))
            band *= eta
    elif "max_iter" in given and "s" in given:
        band = given["max_iter"] / eta
        for _ in range(given["s"]):
            if band < 1:
                break
            bands.append(int(band))
            band /= eta
    else:
        problems.append(
            problem("early_terminate", "does not say when", "give min_iter, or max_iter and s")
        )
        return None
    if not bands:
        problems.append(
            problem(
                "early_terminate",
                "never decides: no band is between 1 and max_iter",
                "increase max_iter, or decrease min_iter or eta",
            )
        )
        return None
    strict = given.get("strict", False) or given["type"] == "asha"
    return EarlyTermination(tuple(sorted(set(bands))), eta, strict)
