"""Lists on a server that are fetched a page at a time. Subclasses do the network I/O.

`weft.Api` returns them for runs, projects and files. They can be iterated, indexed, sliced and
counted, and fetch no more pages than that needs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar, overload

from weft.client.api_client import Page
from weft.sdk.reading.stored.names import INSIDE, WandbNames

Item = TypeVar("Item")


class Pages(WandbNames, ABC, Sequence[Item], Generic[Item]):
    """A list on a server, fetched page by page.

    Attributes:
        objects: the items of the pages that were fetched.
        per_page: the number of items that one request fetches.
    """

    not_here: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("QUERY", "convert_objects", "last_response", "update_variables"), INSIDE
    )

    def __init__(self, per_page: int) -> None:
        self.per_page = max(1, per_page)
        self.objects: list[Item] = []
        self._index = -1
        self._cursor: str | None = None
        self._total: int | None = None
        self._is_begun = False

    @abstractmethod
    def _ask(self, cursor: str | None) -> Page[Any]:
        """Fetch the page at a cursor. None for the first page."""

    @abstractmethod
    def _item(self, fields: Any) -> Item: ...

    @property
    def more(self) -> bool:
        """Whether there is another page."""
        return not self._is_begun or self._cursor is not None

    @property
    def cursor(self) -> str | None:
        """The cursor of the next page, or None if this was the last or none was fetched yet."""
        return self._cursor

    def _load_page(self) -> bool:
        if not self.more:
            return False
        page = self._ask(self._cursor)
        self._is_begun = True
        self._cursor = page.cursor
        if page.total is not None:
            self._total = page.total
        self.objects.extend([self._item(fields) for fields in page.items])
        return True

    def _load_all(self) -> None:
        while self._load_page():
            pass

    def __len__(self) -> int:
        """Return the number of items on the server."""
        if not self._is_begun:
            self._load_page()
        if self._total is None:
            self._load_all()
            return len(self.objects)
        return self._total

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        """Return one item, or a list for a slice; negative indices count from the end."""
        if isinstance(index, slice):
            ends = (index.start, index.stop)
            is_open = index.stop is None or any(end is not None and end < 0 for end in ends)
            needed = None if is_open else max(index.stop, index.start or 0)
        else:
            needed = None if index < 0 else index + 1
        while (needed is None or len(self.objects) < needed) and self._load_page():
            pass
        return self.objects[index]

    def __iter__(self) -> Iterator[Item]:
        index = 0
        while True:
            while index >= len(self.objects):
                if not self._load_page():
                    return
            yield self.objects[index]
            index += 1

    def __bool__(self) -> bool:
        return self.objects != [] or len(self) > 0

    def __next__(self) -> Item:
        """Return the next item. W&B's lists are iterators, too."""
        self._index += 1
        while self._index >= len(self.objects):
            if not self._load_page():
                raise StopIteration
        return self.objects[self._index]

    next = __next__
