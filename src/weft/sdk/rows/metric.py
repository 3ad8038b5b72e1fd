"""The result of one `define_metric` call, and the checks of its arguments. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from weft.errors import UsageError, WrongType
from weft.records.definition import GOALS, SUMMARY_KINDS
from weft.records.limits import MAX_KEY_BYTES
from weft.records.record import MetricDefinition
from weft.sdk.values.scalars import plain_key


class Metric:
    """The result of one `define_metric` call.

    >>> Metric(MetricDefinition("loss", step_metric="epoch")).step_sync
    True
    """

    __slots__ = ("_definition",)

    def __init__(self, definition: MetricDefinition) -> None:
        self._definition = definition

    @property
    def name(self) -> str:
        """The metric's name, or a glob."""
        return self._definition.name

    @property
    def step_metric(self) -> str | None:
        """The metric on the x axis, or None if not given."""
        return self._definition.step_metric

    @property
    def step_sync(self) -> bool:
        """Whether rows that lack the step metric get its last value."""
        synced = self._definition.step_sync
        return self._definition.step_metric is not None if synced is None else synced

    @property
    def hidden(self) -> bool | None:
        """Whether no chart of it is drawn automatically."""
        return self._definition.hidden

    @property
    def summary(self) -> tuple[str, ...] | None:
        """The summary kinds, or None if not given."""
        return tuple(self._definition.summary) or None

    @property
    def goal(self) -> str | None:
        """`minimize` or `maximize`, or None if not given."""
        return self._definition.goal

    def __repr__(self) -> str:
        return f"<weft.Metric {self.name!r}>"


def checked_definition(
    name: object,
    *,
    step_metric: object = None,
    step_sync: object = None,
    hidden: object = None,
    summary: object = None,
    goal: object = None,
    overwrite: object = None,
) -> MetricDefinition:
    """Check the arguments of one `define_metric` call and return its record.

    >>> checked_definition("loss", summary="min, last", goal="max").summary
    ['min', 'last']
    """
    if isinstance(step_metric, Metric):
        step_metric = step_metric.name
    # As in W&B, an empty name means no step metric.
    has_step = step_metric is not None and not (isinstance(step_metric, str) and not step_metric)
    return MetricDefinition(
        name=_checked_name("name", name),
        step_metric=_checked_name("step_metric", step_metric) if has_step else None,
        step_sync=_checked_flag("step_sync", step_sync),
        summary=_checked_summary(summary),
        goal=_checked_goal(goal),
        hidden=_checked_flag("hidden", hidden),
        overwrite=bool(_checked_flag("overwrite", overwrite)),
    )


def _checked_name(argument: str, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(argument, value, "a metric's name")
    # W&B writes a dot that is part of a name as `\.`; here a dot is like any other character.
    name = plain_key(value).replace("\\.", ".")
    if not name:
        raise UsageError(f"define_metric() takes a {argument} that is not empty")
    if argument == "name" and "*" in name.removesuffix("*"):
        raise UsageError(f"define_metric() takes a `*` in a name only at its end: name={name!r}")
    if len(name.encode()) > MAX_KEY_BYTES:
        raise UsageError(
            f"define_metric() takes names of at most {MAX_KEY_BYTES} bytes: "
            f"{argument} {name[:40]!r}… has {len(name.encode())}"
        )
    return name


def _checked_flag(argument: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise _wrong(argument, value, "True, False or None")


def _checked_summary(summary: object) -> list[str]:
    if summary is None:
        return []
    if isinstance(summary, str):
        kinds = summary.split(",") if summary else []
    elif isinstance(summary, (list, tuple, set, frozenset)):
        kinds = [*cast("Iterable[object]", summary)]
    else:
        raise _wrong("summary", summary, "a text such as 'min,max' or a list")
    cleaned: list[str] = []
    for kind in kinds:
        clean = kind.strip().lower() if isinstance(kind, str) else ""
        if clean not in SUMMARY_KINDS:
            raise UsageError(
                f"define_metric() does not know summary {kind!r}: "
                f"it takes {', '.join(sorted(SUMMARY_KINDS))}"
            )
        cleaned.append(clean)
    return [*dict.fromkeys(cleaned)]


def _checked_goal(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _wrong("goal", value, "'minimize' or 'maximize'")
    for goal in GOALS:
        if value[:3].lower() == goal[:3]:
            return goal
    raise UsageError(f"define_metric() takes goal 'minimize' or 'maximize', not {value!r}")


def _wrong(argument: str, value: object, expected: str) -> WrongType:
    return WrongType(
        f"define_metric() takes as {argument} {expected}, not {type(value).__name__}: {value!r}"
    )
