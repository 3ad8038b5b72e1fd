"""One value per metric: `run.summary`. Part of step 1 of a point's way; no I/O of its own.

A metric's value is the last one logged, looked up when asked and never copied; what the script
sets itself stays, whatever is logged later, and goes to the run log as a Summary record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from weft.sdk.tree import Changed, Leaf, Path, Tree, items_of
from weft.sdk.values import Complain, plain_key

LastValues = Callable[[], dict[str, Any]]
LastValue = Callable[[str], Any]


class Summary(MutableMapping[str, Any]):
    """A run's summary: items and attributes; see this module.

    >>> history = {"loss": 0.25, "acc": 0.5}
    >>> summary = Summary(lambda v, r: None, print, history.copy, history.__getitem__)
    >>> summary["loss"], summary.acc
    (0.25, 0.5)
    >>> summary["acc"] = 0.75; history["acc"] = 0.25; dict(summary)
    {'loss': 0.25, 'acc': 0.75}
    """

    def __init__(
        self,
        changed: Changed,
        complain: Complain,
        last_values: LastValues,
        last_value: LastValue,
    ) -> None:
        """Begin empty.

        Args:
            changed: told of what the script sets and removes.
            complain: told of what can't be kept.
            last_values: all metrics' last values.
            last_value: one metric's; KeyError = never logged.
        """
        self._changed = changed
        self._own = Tree(self._own_changed, complain)
        self._last_values = last_values
        self._last_value = last_value
        self._hidden: set[str] = set()

    def _own_changed(self, values: list[Leaf], removed: list[Path]) -> None:
        self._changed(values, removed)

    def _load_set(self, values: Mapping[str, Any]) -> None:
        """Take in what was set before, without telling the log: a run is gone on with.

        Args:
            values: nested and plain.
        """
        self._own._load(values)  # pyright: ignore[reportPrivateUsage]

    def as_dict(self) -> dict[str, Any]:
        """All values, as a plain copy."""
        values = self._last_values()
        for key in self._hidden:
            values.pop(key, None)
        values.update(self._own.as_dict())
        return values

    def update(self, *args: Any, **kwargs: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Set several values as one change."""
        changes = items_of(*args, **kwargs)
        self._own.update(changes)
        self._hidden.difference_update(map(plain_key, changes))

    def __getitem__(self, key: str) -> Any:
        if key in self._own:
            return self._own[key]
        if key in self._hidden:
            raise KeyError(key)
        return self._last_value(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self._own[key] = value
        self._hidden.discard(plain_key(key))

    def __delitem__(self, key: str) -> None:
        if key in self._own:
            del self._own[key]
        else:
            self[key]  # KeyError if there is no such value
            self._changed([], [[key]])
        self._hidden.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self.as_dict())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no summary value {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __repr__(self) -> str:
        return f"Summary({self.as_dict()!r})"
