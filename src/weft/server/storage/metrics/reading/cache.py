"""A cache of bounded size, for the reads that repeat. Pure."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

N = TypeVar("N", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[N, V]):
    """A cache of the most recently used values, bounded by the sum of their sizes.

    Thread-safe. Values above the size `largest` are not cached.
    """

    def __init__(self, capacity: int, largest: int, size: Callable[[V], int]) -> None:
        self._capacity = capacity
        self._largest = largest
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[N, V] = OrderedDict()
        self._sum = 0

    def get(self, name: N) -> V | None:
        """The cached value of a name. None if it is not cached."""
        with self._lock:
            value = self._values.get(name)
            if value is not None:
                self._values.move_to_end(name)
            return value

    def put(self, name: N, value: V) -> None:
        """Cache a value under a name, and evict the least recently used values."""
        size = self._size(value)
        with self._lock:
            old = self._values.pop(name, None)
            self._sum -= 0 if old is None else self._size(old)
            if size > self._largest:
                return
            self._values[name] = value
            self._sum += size
            while self._sum > self._capacity:
                self._sum -= self._size(self._values.popitem(last=False)[1])
