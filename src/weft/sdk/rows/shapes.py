"""Interns the sequences of keys that a process logs, and finds the last values under each.

`intern` writes Key and Schema records for new keys; `weft.sdk.rows.history` holds the lock. A
key's last value is never copied: it stays in the last row's own list and is searched on demand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, Final

from weft.records.limits import MAX_SCHEMAS
from weft.records.record import Key, Record, Schema
from weft.sdk.rows.tracking import KeyRules
from weft.sdk.values.scalars import Plan

MAX_SHAPE_KEYS: Final = 1_000_000
"""All schemas are dropped at this many keys in total, since each holds its last values."""

_FORGOTTEN: Final = object()
"""Stands for a last value that the script deleted from the summary."""


class Shape:
    """One sequence of keys.

    `rules` is the treatment of its rows beyond writing them. `types` and `plan` are of the last
    row's values, and how to convert them to plain ones; `order` is the number of that row, or -1.
    """

    __slots__ = ("keys", "order", "plan", "rules", "schema_id", "types", "values")

    def __init__(self, schema_id: int, keys: tuple[str, ...], rules: KeyRules | None) -> None:
        self.schema_id = schema_id
        self.keys = keys
        self.rules = rules
        self.types: tuple[type[Any], ...] = ()
        self.plan: Plan = ()
        self.values: list[Any] = []
        self.order = -1


class Shapes:
    """The shapes of one writer's log."""

    def __init__(self, last_values: Mapping[str, Any]) -> None:
        """Start without shapes."""
        self.by_keys: dict[tuple[str, ...], Shape] = {}
        self.n_keys = 0
        self._last = dict(last_values)
        self._key_ids: dict[str, int] = {}
        self._key_numbers = count()
        self._schema_numbers = count()
        self._n_shape_keys = 0

    def intern(
        self, keys: tuple[str, ...], append: Callable[[Record], None], rules: KeyRules | None
    ) -> Shape:
        """Assign numbers to new keys and to their sequence, and write them to the log by
        `append`.
        """
        # A number is taken atomically before its record is written, and stored after it. So a
        # signal handler that logs in between may give a key two numbers, but never reuses a number
        # or uses one that is not in the log yet.
        key_ids: list[int] = []
        for key in keys:
            key_id = self._key_ids.get(key)
            if key_id is None:
                key_id = next(self._key_numbers)
                self.n_keys = key_id + 1
                append(Key(key_id, key))
                self._key_ids[key] = key_id
            key_ids.append(key_id)
        shape = Shape(next(self._schema_numbers), keys, rules)
        append(Schema(shape.schema_id, key_ids))
        if len(self.by_keys) >= MAX_SCHEMAS or self._n_shape_keys >= MAX_SHAPE_KEYS:
            self.drop()
        self.by_keys[keys] = shape
        self._n_shape_keys += len(keys)
        return shape

    def drop(self) -> None:
        """Drop all shapes, but keep their last values."""
        self._last = self.last_values()
        self.by_keys.clear()
        self._n_shape_keys = 0

    def has_key(self, key: str) -> bool:
        return key in self._key_ids

    def holding(self, keys: Iterable[str]) -> list[Shape]:
        """Return the shapes that have at least one of these keys."""
        names = set(keys)
        # A copy, because a signal handler may log new keys.
        return [shape for shape in [*self.by_keys.values()] if not names.isdisjoint(shape.keys)]

    def last_values(self) -> dict[str, Any]:
        """Return the last value of each key, in the order in which keys first appeared."""
        last = dict(self._last)
        for shape in sorted(self.by_keys.values(), key=lambda shape: shape.order):
            last.update(zip(shape.keys, shape.values, strict=False))
        return {key: value for key, value in last.items() if value is not _FORGOTTEN}

    def last_value(self, key: str) -> Any:
        """Return the last value of one key."""
        logged = [shape for shape in self.holding([key]) if shape.order >= 0]
        if not logged:
            return self._last[key]
        newest = max(logged, key=lambda shape: shape.order)
        last = newest.values[newest.keys.index(key)]
        if last is _FORGOTTEN:
            raise KeyError(key)
        return last

    def forget(self, key: str) -> None:
        """Forget a key's last value until it is logged again."""
        self._last.pop(key, None)
        for shape in self.holding([key]):
            if shape.order >= 0:
                pairs = zip(shape.keys, shape.values, strict=True)
                shape.values = [_FORGOTTEN if name == key else value for name, value in pairs]
