"""A run's metric definitions, from calls of `define_metric`. No I/O.

`Definitions.define` checks the call and hands a record to the run's recorder.
`weft.sdk.rows.history` adds it (`Definitions.add`), writes it to the log, and calls `of` to learn
what to do with a key's values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast

import msgspec

from weft.errors import UsageError, WrongType
from weft.records.aggregates import folds_of
from weft.records.definition import (
    GOALS,
    SUMMARY_KINDS,
    aggregates_of,
    definition_of,
    merged,
    step_metric_of,
)
from weft.records.limits import MAX_KEY_BYTES
from weft.records.record import MetricDefinition
from weft.sdk.values.scalars import plain_key

RESERVED_STEPS: Final = frozenset({"_step", "_runtime", "_timestamp"})
"""Axes that every row has: as step metrics they need no value of their own."""


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


class Rule:
    """The treatment of a key's values, beyond writing them.

    The last value of `step_metric` is added to rows that lack it. Without `aggregates`, the
    summary shows the plain last value. `goal` chooses the `best` value.
    """

    __slots__ = ("aggregates", "folds", "goal", "step_metric")

    def __init__(
        self, step_metric: str | None, aggregates: tuple[str, ...] | None, goal: str | None
    ) -> None:
        self.step_metric = step_metric
        self.aggregates = aggregates
        self.goal = goal
        self.folds = folds_of(aggregates or (), goal)


class Definitions:
    """The metric definitions of one run that this process knows.

    >>> definitions = Definitions(lambda record: definitions.add(record))
    >>> definitions.define("val/*", step_metric="epoch", summary="min").name
    'val/*'
    >>> definitions.rule_for("val/loss").step_metric, definitions.rule_for("loss")
    ('epoch', None)
    """

    def __init__(
        self,
        changed: Callable[[MetricDefinition], object],
        definitions: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        """Start with the definitions of the run that this one continues, if any.

        `changed` is called with the record of each `define`; has to pass it to `add`.
        """
        self._changed = changed
        self._by_name: dict[str, MetricDefinition] = {}
        self._globs: dict[str, MetricDefinition] = {}
        self._rules: dict[str, Rule | None] = {}
        self.step_metrics: set[str] = set()
        for fields in definitions:
            self.add(_from_fields(fields))

    def define(
        self,
        name: str,
        step_metric: str | Metric | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: str | Iterable[str] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> Metric:
        """Define a metric; see `Run.define_metric` for the arguments."""
        definition = checked_definition(
            name,
            step_metric=step_metric,
            step_sync=step_sync,
            hidden=hidden,
            summary=summary,
            goal=goal,
            overwrite=overwrite,
        )
        self._changed(definition)
        return Metric(definition)

    def add(self, definition: MetricDefinition) -> MetricDefinition | None:
        """Merge one call's definition into the others; the whole, to be written to the log, None
        if nothing changed.
        """
        before = self._by_name.get(definition.name)
        whole = merged(before, definition)
        if before is not None and whole == msgspec.structs.replace(before, micros=whole.micros):
            return None
        self._by_name[definition.name] = whole
        if definition.name.endswith("*"):
            self._globs[definition.name] = whole
            self._rules = {}
        else:
            self._rules.pop(definition.name, None)
        if whole.step_metric and whole.step_metric not in RESERVED_STEPS:
            self.step_metrics.add(whole.step_metric)
        return whole

    def rule_for(self, key: str) -> Rule | None:
        """Return the rule for a key's values, or None if no rule names it. Cached by key."""
        try:
            return self._rules[key]
        except KeyError:
            rule = self._rules[key] = self._rule_of(key)
            return rule

    def _rule_of(self, key: str) -> Rule | None:
        # Only globs are searched, because a script may define thousands of names one by one.
        definition = self._by_name.get(key) or definition_of(key, self._globs)
        if definition is None:
            return None
        step = step_metric_of(key, definition) if definition.step_sync else None
        aggregates = aggregates_of(definition)
        if step in RESERVED_STEPS:
            step = None
        if step is None and aggregates is None:
            return None
        return Rule(step, aggregates, definition.goal)

    def whole(self) -> list[MetricDefinition]:
        """Return all definitions, in the order in which their names first appeared."""
        return [*self._by_name.values()]

    def __bool__(self) -> bool:
        return bool(self._by_name)


def _from_fields(fields: Mapping[str, Any]) -> MetricDefinition:
    """Make a definition from a server's fields, ignoring unknown ones from a newer server."""
    values = {name: fields[name] for name in MetricDefinition.__struct_fields__ if name in fields}
    return msgspec.structs.replace(MetricDefinition(**values), overwrite=True, micros=0)


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
