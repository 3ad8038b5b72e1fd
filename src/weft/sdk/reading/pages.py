"""Lists on a server that are fetched a page at a time. Subclasses do the network I/O.

`weft.Api` returns them for runs, projects and files. They can be iterated, indexed, sliced and
counted, and fetch no more pages than that needs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from weft.client.api_client import Page
from weft.sdk.artifacts.files.lazy_list import LazyList
from weft.sdk.reading.stored.names import INSIDE, WandbNames

Item = TypeVar("Item")


class Pages(WandbNames, LazyList[Item]):
    """A list on a server, fetched page by page.

    Attributes:
        per_page: the number of items that one request fetches.
    """

    not_here: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("QUERY", "convert_objects", "last_response", "update_variables"), INSIDE
    )

    def __init__(self, per_page: int) -> None:
        super().__init__()
        self.per_page = max(1, per_page)
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

    def __len__(self) -> int:
        """Return the number of items on the server."""
        if not self._is_begun:
            self._load_page()
        if self._total is None:
            return super().__len__()
        return self._total

    def __bool__(self) -> bool:
        return self.objects != [] or len(self) > 0
