"""A run's metric definitions, from calls of `define_metric`. No I/O.

`Definitions.define` checks the call and hands a record to the run's recorder.
`weft.sdk.rows.history` adds it (`Definitions.add`), writes it to the log, and calls `rule_for` to
learn what to do with a key's values. The checks, the rules and the aggregates are loaded by the
first definition: most scripts make none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from weft.records.record import MetricDefinition

if TYPE_CHECKING:
    from weft.sdk.rows.metric import Metric
    from weft.sdk.rows.rules import Rule


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
        from weft.sdk.rows.metric import Metric, checked_definition

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
        """Merge one call's definition into the others.

        Returns the whole, to be written to the log, or None if nothing changed.
        """
        from weft.records.definition import merged
        from weft.sdk.rows.rules import RESERVED_STEPS

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

    def defines(self, key: str) -> bool:
        """Whether a definition of this name, or of a glob, applies to a key."""
        from weft.records.definition import definition_of

        return key in self._by_name or definition_of(key, self._globs) is not None

    def rule_for(self, key: str) -> Rule | None:
        """Return the rule for a key's values, or None if no rule names it. Cached by key."""
        try:
            return self._rules[key]
        except KeyError:
            rule = self._rules[key] = self._rule_of(key)
            return rule

    def _rule_of(self, key: str) -> Rule | None:
        from weft.sdk.rows.rules import rule_of

        return rule_of(key, self._by_name.get(key), self._globs)

    def whole(self) -> list[MetricDefinition]:
        """Return all definitions, in the order in which their names first appeared."""
        return [*self._by_name.values()]

    def __bool__(self) -> bool:
        return bool(self._by_name)


def _from_fields(fields: Mapping[str, Any]) -> MetricDefinition:
    """Make a definition from a server's fields, ignoring unknown ones from a newer server."""
    values = {name: fields[name] for name in MetricDefinition.__struct_fields__ if name in fields}
    return msgspec.structs.replace(MetricDefinition(**values), overwrite=True, micros=0)
