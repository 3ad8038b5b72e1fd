"""The sequences of keys that a process logs, with numbers, and the last values under each.

Writes Key and Schema records for what is new (`intern`); `weft.sdk.rows.history` holds the lock. A
key's last value is never copied: it is in the last row's own list, looked for when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, Final

from weft.records.limits import MAX_SCHEMAS
from weft.records.record import Key, Record, Schema
from weft.sdk.rows.tracking import Watch
from weft.sdk.values.scalars import Plan

MAX_SHAPE_KEYS: Final = 1_000_000
"""Schemas are forgotten early at this many keys in all, since each holds its last values."""

_FORGOTTEN: Final = object()
"""Stands for a last value that the script deleted from the summary."""


class Shape:
    """One sequence of keys.

    Attributes:
        schema_id: its number.
        watch: what rows of it have to do beyond being written; None = nothing.
        types, plan: the types of the last row's values, and how they become plain.
        values: those last logged under it, plain.
        order: number of the row that they are of; -1 = none yet.
    """

    __slots__ = ("keys", "order", "plan", "schema_id", "types", "values", "watch")

    def __init__(self, schema_id: int, keys: tuple[str, ...], watch: Watch | None) -> None:
        self.schema_id = schema_id
        self.keys = keys
        self.watch = watch
        self.types: tuple[type[Any], ...] = ()
        self.plan: Plan = ()
        self.values: list[Any] = []
        self.order = -1


class Shapes:
    """The shapes of one writer's log.

    Attributes:
        known: by their keys, in their order.
        n_keys: how many keys have a number.
    """

    def __init__(self, last_values: Mapping[str, Any]) -> None:
        """Begin with no shape.

        Args:
            last_values: what was logged before.
        """
        self.known: dict[tuple[str, ...], Shape] = {}
        self.n_keys = 0
        self._last = dict(last_values)
        self._key_ids: dict[str, int] = {}
        self._key_numbers = count()
        self._schema_numbers = count()
        self._n_shape_keys = 0

    def intern(
        self, keys: tuple[str, ...], append: Callable[[Record], None], watch: Watch | None
    ) -> Shape:
        """Give keys and their sequence numbers, and write them down.

        Args:
            append: writes a record.
        """
        # A number is taken before, at once, and known only after its record is written: a signal
        # handler that logs in between may give a key two numbers, but never takes the same one or
        # uses one not yet in the log.
        key_ids: list[int] = []
        for key in keys:
            key_id = self._key_ids.get(key)
            if key_id is None:
                key_id = next(self._key_numbers)
                self.n_keys = key_id + 1
                append(Key(key_id, key))
                self._key_ids[key] = key_id
            key_ids.append(key_id)
        shape = Shape(next(self._schema_numbers), keys, watch)
        append(Schema(shape.schema_id, key_ids))
        if len(self.known) >= MAX_SCHEMAS or self._n_shape_keys >= MAX_SHAPE_KEYS:
            self.drop()
        self.known[keys] = shape
        self._n_shape_keys += len(keys)
        return shape

    def drop(self) -> None:
        """Give up all shapes; their last values stay."""
        self._last = self.last_values()
        self.known.clear()
        self._n_shape_keys = 0

    def has_key(self, key: str) -> bool:
        return key in self._key_ids

    def holding(self, keys: Iterable[str]) -> list[Shape]:
        """The shapes that have at least one of these keys."""
        names = set(keys)
        # A copy: a signal handler may log keys that are new.
        return [shape for shape in [*self.known.values()] if not names.isdisjoint(shape.keys)]

    def last_values(self) -> dict[str, Any]:
        """The last value of each key, in the order in which the keys first came."""
        last = dict(self._last)
        for shape in sorted(self.known.values(), key=lambda shape: shape.order):
            last.update(zip(shape.keys, shape.values, strict=False))
        return {key: value for key, value in last.items() if value is not _FORGOTTEN}

    def last_value(self, key: str) -> Any:
        """The last value of one key.

        Raises:
            KeyError: it was never logged, or is forgotten.
        """
        logged = [shape for shape in self.holding([key]) if shape.order >= 0]
        if not logged:
            return self._last[key]
        newest = max(logged, key=lambda shape: shape.order)
        last = newest.values[newest.keys.index(key)]
        if last is _FORGOTTEN:
            raise KeyError(key)
        return last

    def forget(self, key: str) -> None:
        """Know no last value of a key until it is logged again."""
        self._last.pop(key, None)
        for shape in self.holding([key]):
            if shape.order >= 0:
                pairs = zip(shape.keys, shape.values, strict=True)
                shape.values = [_FORGOTTEN if name == key else value for name, value in pairs]
