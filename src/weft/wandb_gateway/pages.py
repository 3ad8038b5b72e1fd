"""Lists of the services, page by page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar


class _HasCursor(Protocol):
    @property
    def cursor(self) -> str | None:
        """The cursor of the next page; None: this is the last."""
        ...


_Page = TypeVar("_Page", bound=_HasCursor)


def pages_of(read: Callable[[str | None], _Page]) -> Iterator[_Page]:
    """Yield all pages of a list, read by cursors; the first one by None.

    >>> from types import SimpleNamespace as Page
    >>> pages = {None: Page(runs=["a", "b"], cursor="2"), "2": Page(runs=["c"], cursor=None)}
    >>> [page.runs for page in pages_of(pages.__getitem__)]
    [['a', 'b'], ['c']]
    """
    page = read(None)
    yield page
    while page.cursor is not None:
        page = read(page.cursor)
        yield page
