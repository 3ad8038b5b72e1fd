"""Tracks step metrics and the folds of aggregates for defined metrics. No I/O.

`weft.sdk.rows.history` calls `rules_for` once for each sequence of keys, `fill` and `feed` for
each row of keys with rules, and `shown` for the summary. It holds the lock. Rows whose keys have
no definition cost one comparison with None.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from weft.sdk.rows.definitions import Definitions
from weft.sdk.rows.steps import FloatOrInt

if TYPE_CHECKING:
    from weft.records.aggregates import Folds
    from weft.sdk.rows.rules import Rule

ReadLog = Callable[[Callable[[str], bool]], "Mapping[str, Folds]"]
"""Takes a test that selects keys, and returns all their folds over the log's present rows."""


_MOST_UNFOLDED: Final = 32
"""Rows that are folded at once: one by one they would cost `log()` three times as much."""


class KeyRules:
    """The treatment of each row of one sequence of keys, by their positions.

    `steps` are step metrics among the keys, `missing` those that they need and lack, `fed` folds
    of keys.
    """

    __slots__ = ("fed", "missing", "steps")

    def __init__(
        self,
        steps: list[tuple[int, str]],
        missing: tuple[str, ...],
        fed: list[tuple[int, Folds]],
    ) -> None:
        self.steps = steps
        self.missing = missing
        self.fed = fed


class Tracking:
    """The tracked values of one process's part of a run; active if any metric is defined.

    >>> definitions = Definitions(lambda definition: definitions.add(definition))
    >>> _ = definitions.define("loss", step_metric="epoch", summary="min")
    >>> tracking = Tracking(definitions)
    >>> tracking.feed(tracking.rules_for(("epoch", "loss")), [3, 0.5])
    >>> tracking.fill(tracking.rules_for(("loss",)), continues_row=False, later=False)
    {'epoch': 3}
    >>> tracking.shown("loss", 0.5)
    {'min': 0.5}
    """

    def __init__(
        self,
        definitions: Definitions,
        last_values: Mapping[str, Any] | None = None,
        aggregates: Mapping[str, Mapping[str, Any]] | None = None,
        read_log: ReadLog = lambda _is_wanted: {},
    ) -> None:
        """Start empty, or with the state of the run that this one continues.

        Call `apply_definition` after each addition to `definitions`. `aggregates` are the fields
        of each key's folds. `read_log` reads the rows from before a definition, when the summary
        is first read.
        """
        self.active = bool(definitions)
        self._definitions = definitions
        self._before = aggregates or {}
        self._folds: dict[str, Folds] = {}
        self._steps: dict[str, FloatOrInt] = {}
        self._row_has: set[str] = set()
        self._owed: dict[str, None] = {}
        self._read_log = read_log
        self._late: set[str] = set()
        self._unfolded: list[tuple[KeyRules, list[Any]]] = []
        self.apply_definition(last_values or {})
        self._late.clear()  # what was logged before this process is in `aggregates`

    # -- rows ---

    def rules_for(self, keys: tuple[str, ...]) -> KeyRules | None:
        """Return the treatment of rows of these keys, or None if there is none.

        Cost: O(keys), once for each sequence of keys and again after a definition.
        """
        definitions = self._definitions
        if not definitions:
            return None
        step_metrics = definitions.step_metrics
        steps: list[tuple[int, str]] = []
        fed: list[tuple[int, Folds]] = []
        needed: dict[str, None] = {}
        for position, key in enumerate(keys):
            if key in step_metrics:
                steps.append((position, key))
            rule = definitions.rule_for(key)
            if rule is None:
                continue
            if rule.step_metric is not None:
                needed[rule.step_metric] = None
            if rule.folds:
                fed.append((position, self._folds_for(key, rule)))
        for _, key in steps:
            needed.pop(key, None)
        if steps or needed or fed:
            return KeyRules(steps, tuple(needed), fed)
        return None

    def begin_row(self) -> None:
        """Begin a new row: the next frame does not belong to the previous one."""
        self._row_has.clear()

    def fill(
        self, rules: KeyRules | None, *, continues_row: bool, later: bool
    ) -> dict[str, FloatOrInt]:
        """Return the step metrics that a frame lacks, with their last values (`step_sync`).

        If it `continues_row`, what the open row has is not missing. If a `later` frame of the row
        is certain (`commit=False`), the last one is filled instead.
        """
        if not continues_row:
            self.begin_row()
        if not self._owed and (rules is None or not rules.missing):
            if rules is not None:
                self._row_has.update([key for _, key in rules.steps])
            return {}
        missing = dict(self._owed)
        if rules is not None:
            missing.update(dict.fromkeys(rules.missing))
            self._row_has.update(key for _, key in rules.steps)
        if later:
            self._owed = missing
            return {}
        self._owed.clear()
        return self._values_of(missing)

    def flush_owed(self) -> dict[str, FloatOrInt]:
        """Return the step metrics that the open row still lacks, as it ends without a frame."""
        owed, self._owed = self._owed, {}
        return self._values_of(owed) if owed else {}

    def feed(self, rules: KeyRules, values: list[Any]) -> None:
        """Add the plain values of a frame. The list is kept, so it must not change."""
        for position, key in rules.steps:
            value = values[position]
            if _is_finite(value):
                self._steps[key] = value
        if rules.fed:
            self._unfolded.append((rules, values))
            if len(self._unfolded) >= _MOST_UNFOLDED:
                self._fold()

    def _fold(self) -> None:
        """Fold the rows that were fed, in their order."""
        rows, self._unfolded = self._unfolded, []
        for rules, fed_rows in groupby(rows, itemgetter(0)):
            together = [values for _, values in fed_rows]
            for position, folds in rules.fed:
                folds.add_logged([values[position] for values in together])

    def _values_of(self, missing: Iterable[str]) -> dict[str, FloatOrInt]:
        steps, row_has = self._steps, self._row_has
        values = {key: steps[key] for key in missing if key in steps and key not in row_has}
        row_has.update(values)
        return values

    # -- definitions ---

    def apply_definition(self, logged: Mapping[str, Any]) -> None:
        """Apply a new definition to what was logged before it.

        Call `rules_for` again afterwards. `logged` are last values of the keys that it may match.
        """
        self._fold()
        self.active = bool(self._definitions)
        for key, value in logged.items():
            if key in self._definitions.step_metrics and _is_finite(value):
                self._steps[key] = value
            rule = self._definitions.rule_for(key) if self._definitions else None
            present = self._folds.get(key)
            if rule is None or not rule.folds:
                self._folds.pop(key, None)
            elif present is None:
                folds = self._folds_for(key, rule)
                if key not in self._before:
                    folds.add(value)
                self._late.add(key)
            elif present.extend(rule.folds, self._before.get(key, {})):
                self._late.add(key)

    def _catch_up(self) -> None:
        """Read from the log the values of metrics that were logged before their definition."""
        late, self._late = self._late, set()
        for key, logged in self._read_log(late.__contains__).items():
            present = self._folds.get(key)
            if present is not None and logged.n_added >= present.n_added:
                present.restore(self._before.get(key, {}))
                present.join(logged)

    def _folds_for(self, key: str, rule: Rule) -> Folds:
        folds = self._folds.get(key)
        if folds is None:
            folds = self._folds[key] = rule.new_folds()
            folds.restore(self._before.get(key, {}))
        return folds

    # -- the summary ---

    def shown(self, key: str, last: Any) -> Any:
        """Return the summary's value of a logged key."""
        rule = self._definitions.rule_for(key) if self._definitions else None
        if rule is None or rule.aggregates is None:
            return last
        self._fold()
        if key in self._late:
            self._catch_up()
        folds = self._folds.get(key) or rule.new_folds()
        values = folds.shown(rule.aggregates, rule.goal, last)
        if not values:
            raise KeyError(key)
        return values

    def all_shown(self, last_values: dict[str, Any]) -> dict[str, Any]:
        """Return the summary's values of all keys."""
        if not self._definitions:
            return last_values
        shown: dict[str, Any] = {}
        for key, last in last_values.items():
            with contextlib.suppress(KeyError):
                shown[key] = self.shown(key, last)
        return shown


def _is_finite(value: Any) -> bool:
    # The difference is 0 only for a finite number.
    return (value.__class__ is int or value.__class__ is float) and value - value == 0
