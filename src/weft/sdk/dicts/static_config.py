"""`run.config_static`: a read-only copy of the run's config. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from weft.errors import UsageError


class _ReadOnly(UsageError, AttributeError):
    """Python's error for an attribute that can't be set, and weft's for an invalid call."""


class StaticConfig(Mapping[str, Any]):
    """A read-only copy of a config whose items are also attributes.

    >>> static = StaticConfig({"lr": 0.1, "model": {"depth": 2}})
    >>> static.lr, static["model"]["depth"], dict(**static)["lr"]
    (0.1, 2, 0.1)
    """

    __slots__ = ("_items",)

    _items: Mapping[str, Any]

    def __init__(self, items: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_items", items)

    def __getitem__(self, key: str) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in self._items:
            raise AttributeError(f"config has no item {name!r}")
        return self._items[name]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise _ReadOnly(f"config_static is to read only: set run.config.{name}")

    def __repr__(self) -> str:
        return repr(dict(self._items))
