"""Values in memory, of which each user has a share, so that no one pushes out another's. Pure."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from typing import Generic, NamedTuple, TypeVar

V = TypeVar("V")


class _Entry(NamedTuple, Generic[V]):
    user: str | None
    value: V
    size: int


class UserShares(Generic[V]):
    """A mapping that drops a user's oldest values beyond the user's share.

    Thread-safe. If all users together have more than `most`, the oldest value of the user who has
    most goes.

    >>> shares = UserShares[int](most_per_user=2, most=10)
    >>> shares.put("ada", "x", 1)
    >>> for number, name in enumerate("abc"):
    ...     shares.put("bob", name, number)
    >>> [shares.get(name) for name in "xabc"]
    [1, None, 1, 2]
    """

    def __init__(self, *, most_per_user: int, most: int) -> None:
        self._most_per_user = most_per_user
        self._most = most
        self._entries: dict[str, _Entry[V]] = {}
        self._names: defaultdict[str | None, OrderedDict[str, None]] = defaultdict(OrderedDict)
        self._sizes: defaultdict[str | None, int] = defaultdict(int)
        self._lock = threading.Lock()

    def put(self, user: str | None, name: str, value: V, size: int = 1) -> None:
        """Add or replace a value of a user."""
        with self._lock:
            self._remove(name)
            self._entries[name] = _Entry(user, value, size)
            self._names[user][name] = None
            self._sizes[user] += size
            while self._sizes[user] > self._most_per_user:
                self._remove(next(iter(self._names[user])))
            while sum(self._sizes.values()) > self._most:
                largest = max(self._sizes, key=self._sizes.__getitem__)
                self._remove(next(iter(self._names[largest])))

    def get(self, name: str) -> V | None:
        """A value. None if it is missing, or was dropped."""
        with self._lock:
            entry = self._entries.get(name)
        return None if entry is None else entry.value

    def remove(self, name: str) -> None:
        """Remove a value, if it is there."""
        with self._lock:
            self._remove(name)

    def _remove(self, name: str) -> None:
        entry = self._entries.pop(name, None)
        if entry is None:
            return
        del self._names[entry.user][name]
        self._sizes[entry.user] -= entry.size
        if not self._names[entry.user]:
            del self._names[entry.user], self._sizes[entry.user]
