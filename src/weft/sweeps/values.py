"""Values of a sweep's metrics in the summary of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from weft.records.aggregates import AGGREGATES
from weft.records.merge import split_path
from weft.sweeps.config import Metric

_MAX_NAMED: Final = 5
"""Most metrics that a message lists."""


def read_values(
    summary: Mapping[str, Any], metrics: Sequence[Metric]
) -> tuple[list[float], str | None]:
    """The values of the metrics, up to the first that is missing, and why it is.

    >>> read_values({"loss": 0.25}, [Metric("loss")])
    ([0.25], None)
    >>> read_values({"loss": {"min": 0.25, "mean": 0.5}}, [Metric("loss")])
    ([0.25], None)
    >>> read_values({"los": 0.25}, [Metric("loss")])
    ([], 'the run logged no loss; it logged los')
    """
    values: list[float] = []
    for metric in metrics:
        value = _single(value_of(summary, metric.name), metric)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return values, _no_value(summary, metric.name, value)
        if not math.isfinite(value):
            return values, f"{metric.name} is {value}"
        values.append(float(value))
    return values, None


def _single(value: Any, metric: Metric) -> Any:
    """The aggregate that counts, where `define_metric` puts some below the metric's name."""
    if not isinstance(value, Mapping):
        return value
    mapping = cast("Mapping[str, Any]", value)
    aimed = "min" if metric.goal == "minimize" else "max"
    for name in ("best", aimed, *AGGREGATES):
        if name in mapping:
            return mapping[name]
    return mapping


def value_of(summary: Mapping[str, Any], name: str) -> Any:
    """The value of a metric in a nested summary; None if it is not there.

    >>> value_of({"val": {"loss": 0.25}}, "val.loss"), value_of({"val/loss": 1}, "val/loss")
    (0.25, 1)
    """
    if name in summary:
        return summary[name]
    value: Any = summary
    for key in split_path(name):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = cast("Mapping[str, Any]", value)[key]
    return value


def _no_value(summary: Mapping[str, Any], name: str, value: Any) -> str:
    if value is not None:
        return f"{name} is {str(value)[:60]!r}, not a number"
    logged = [key for key in summary if not key.startswith("_")]
    if not logged:
        return f"the run logged no {name}, nor anything else"
    shown = ", ".join(logged[:_MAX_NAMED]) + (", …" if len(logged) > _MAX_NAMED else "")
    return f"the run logged no {name}; it logged {shown}"
