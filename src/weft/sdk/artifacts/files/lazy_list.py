"""Lists whose items are fetched as they are read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar, overload

Item = TypeVar("Item")


class LazyList(Sequence[Item], Generic[Item]):
    """A list that can be iterated, indexed, sliced and counted. As W&B's, it is an iterator, too.

    Attributes:
        objects: the items that were fetched.
    """

    def __init__(self) -> None:
        self.objects: list[Item] = []
        self._index = -1

    @abstractmethod
    def _load_page(self) -> bool:
        """Fetch more items; False if there are no more."""

    def _load(self, n_items: int | None) -> bool:
        """Fetch at least so many items, or all if None; whether there are so many."""
        while n_items is None or len(self.objects) < n_items:
            if not self._load_page():
                return False
        return True

    def __len__(self) -> int:
        self._load(None)
        return len(self.objects)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        """Return one item, or a list for a slice; negative indices count from the end."""
        if isinstance(index, slice):
            ends = (index.start, index.stop)
            is_open = index.stop is None or any(end is not None and end < 0 for end in ends)
            self._load(None if is_open else max(index.stop, index.start or 0))
        else:
            self._load(None if index < 0 else index + 1)
        return self.objects[index]

    def __iter__(self) -> Iterator[Item]:
        index = 0
        while self._load(index + 1):
            yield self.objects[index]
            index += 1

    def __next__(self) -> Item:
        """Return the next item. W&B's lists are iterators, too."""
        self._index += 1
        if not self._load(self._index + 1):
            raise StopIteration
        return self.objects[self._index]

    next = __next__
