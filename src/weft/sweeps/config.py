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
from weft.records.limits import MAX_SWEEP_CONFIG_BYTES
from weft.sweeps.checking import check_schema, problem
from weft.sweeps.distributions import DISTRIBUTIONS, Choices
from weft.sweeps.limits import check_limits, load_yaml
from weft.sweeps.parameters import check_numbers, read_space, with_defaults
from weft.sweeps.schema import MAX_PARAMETERS
from weft.sweeps.space import Space

Goal = Literal["minimize", "maximize"]
Imputed = Literal["latest", "best", "worst"]

_NO_PARAMETERS: Final = "parameters is empty"


@dataclass(frozen=True, slots=True)
class Metric:
    """The metric that a sweep optimizes.

    A run that reaches `target` ends the sweep; `impute` is the value of a run that failed.
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

    `source` is the configuration as its author wrote it. A sweep without a seed makes its own.
    """

    source: dict[str, Any]
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


@dataclass(frozen=True, slots=True)
class ConfigLimits:
    """The size that a configuration may have."""

    n_bytes: int = MAX_SWEEP_CONFIG_BYTES
    n_parameters: int = MAX_PARAMETERS


NEW_LIMITS: Final = ConfigLimits()
"""The limit of sweeps that are created."""

ARCHIVE_LIMITS: Final = ConfigLimits(2 << 20, 20_000)
"""The limit of sweeps in archives: older versions created larger ones than this one does."""


def parse_config(
    config: Mapping[str, Any] | str, *, is_stored: bool = False, limits: ConfigLimits = NEW_LIMITS
) -> SweepConfig:
    """Check a configuration, or its YAML.

    If a sweep has it already (`is_stored`), it was valid, and has no limits.
    """
    data = _from_yaml(config) if isinstance(config, str) else dict(config)
    if not is_stored:
        check_limits(data, max_bytes=limits.n_bytes)
        _check_count(data.get("parameters"), limits.n_parameters)
    problems: list[str] = []
    filled = dict(data)
    if isinstance(filled.get("parameters"), Mapping):
        filled["parameters"] = with_defaults(filled["parameters"], "parameters", problems)
    # A parameter that is described wrongly was left out above.
    if not is_stored:
        faults = check_schema(filled, is_counted=limits.n_parameters > MAX_PARAMETERS)
        problems += [fault for fault in faults if not problems or fault != _NO_PARAMETERS]
    if problems:
        raise _invalid(problems)
    try:
        space = read_space(filled["parameters"], problems)
    except OverflowError:
        raise _invalid(
            [*problems, problem("parameters", "have numbers too large to divide")]
        ) from None
    if not is_stored:
        problems += check_numbers(space)
    metrics = _metrics(filled, problems)
    method = filled["method"]
    sampler = _sampler(filled, metrics, space, problems)
    if method == "grid":
        _check_grid(space, problems)
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
        source=data,
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


def _check_count(parameters: Any, most: int) -> None:
    """Refuse too many parameters before each of them is checked."""
    n_parameters = 0
    waiting: list[Any] = [parameters]
    while waiting:
        group = waiting.pop()
        if isinstance(group, Mapping):
            entries = list(cast("Mapping[Any, Any]", group).values())
            n_parameters += len(entries)
            waiting += [
                cast("Mapping[Any, Any]", entry)["parameters"]
                for entry in entries
                if isinstance(entry, Mapping) and "parameters" in entry
            ]
    if n_parameters > most:
        raise ConfigError(
            f"the sweep's configuration has {n_parameters:,} parameters; the most are {most:,}"
        )


def _from_yaml(text: str) -> dict[str, Any]:
    data = load_yaml(text)
    if not isinstance(data, dict):
        raise ConfigError(
            "the sweep's configuration is not a mapping; it needs method and parameters"
        )
    return cast("dict[str, Any]", data)


def _invalid(problems: list[str]) -> ConfigError:
    if len(problems) == 1:
        return ConfigError(f"the sweep's configuration is invalid: {problems[0]}")
    lines = "".join(f"\n  - {problem}" for problem in problems[:20])
    more = f"\n  - and {len(problems) - 20} more" if len(problems) > 20 else ""
    return ConfigError(f"the sweep's configuration is invalid:{lines}{more}")


def _metrics(filled: Mapping[str, Any], problems: list[str]) -> tuple[Metric, ...]:
    if "metric" in filled and "metrics" in filled:
        problems.append(problem("metrics", "stands next to metric", "give one of the two"))
    several = "metrics" in filled
    entries = filled["metrics"] if several else [filled["metric"]] if "metric" in filled else []
    metrics = tuple(
        Metric(
            name=entry["name"],
            goal=entry.get("goal", "minimize"),
            target=entry.get("target"),
            impute=entry.get("impute", "worst"),
        )
        for entry in entries
    )
    if any(
        entry.get("impute_while_running", "false") not in ("false", False) for entry in entries
    ):
        problems.append(
            problem(
                "metric.impute_while_running",
                "is not supported: a run counts once it has ended",
                "remove it, or use false",
            )
        )
    names = [metric.name for metric in metrics]
    if len(set(names)) < len(names):
        problems.append(problem("metrics", "names a metric twice"))
    for index, metric in enumerate(metrics):
        if metric.target is not None and (several or not math.isfinite(metric.target)):
            path = f"metrics[{index}].target" if several else "metric.target"
            problems.append(
                problem(
                    path,
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
    if sampler in ("cmaes", "gp") and any(parameter.when for parameter in space.values()):
        problems.append(
            problem("sampler", f"{sampler} knows no conditions", "use tpe, or remove when")
        )
    if sampler == "cmaes" and len(metrics) > 1:
        problems.append(problem("sampler", "cmaes optimizes one metric", "use tpe or gp"))
    return sampler or "tpe"


def _check_grid(space: Space, problems: list[str]) -> None:
    for name, parameter in space.items():
        path = "parameters." + ".parameters.".join(parameter.path)
        distribution = parameter.distribution
        if not DISTRIBUTIONS[parameter.kind].is_finite:
            problems.append(
                problem(
                    path,
                    f"{name} is {parameter.kind}, whose values can't be counted",
                    "grid takes value, values, int_uniform and q_uniform; or use method random",
                )
            )
        elif isinstance(distribution, Choices) and distribution.probabilities is not None:
            problems.append(
                problem(
                    f"{path}.probabilities",
                    "say nothing to grid, which tries each value",
                    "remove them",
                )
            )


def _early_termination(
    filled: Mapping[str, Any], metrics: tuple[Metric, ...], problems: list[str]
) -> EarlyTermination | None:
    rule = filled.get("early_terminate")
    if rule is None:
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
    eta = rule.get("eta", 3)
    bands: list[int] = []
    if "min_iter" in rule:
        most = rule.get("max_iter", math.inf)
        band = float(rule["min_iter"])
        while band < most and band < 2**53 and len(bands) < 100:
            bands.append(int(band))
            band *= eta
    elif "max_iter" in rule and "s" in rule:
        band = rule["max_iter"] / eta
        for _ in range(rule["s"]):
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
    strict = rule.get("strict", False) or rule["type"] == "asha"
    return EarlyTermination(tuple(sorted(set(bands))), eta, strict)
