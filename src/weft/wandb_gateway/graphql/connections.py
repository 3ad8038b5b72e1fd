"""Pages of lists: GraphQL connections with edges.

Cursors are numbers, or the cursors of the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from weft.errors import ConfigError

_Node = TypeVar("_Node")

MAX_PAGE: Final = 1000
"""Most nodes of a page; clients ask for as many or fewer."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Whether a page has a next one, and where that begins."""

    end_cursor: str | None
    has_next_page: bool


@dataclass(frozen=True, slots=True)
class Edge(Generic[_Node]):
    """A node in its place."""

    node: _Node
    cursor: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Connection(Generic[_Node]):
    """A page of nodes."""

    edges: Sequence[Edge[_Node]]
    page_info: PageInfo
    total_count: int | None = None


def page_of(
    nodes: Sequence[_Node], cursor: str | None = None, total: int | None = None
) -> Connection[_Node]:
    """A page whose next one begins at a cursor of the services; without one it is the last.

    The client takes the cursor of a page's last edge, so each edge has it.
    """
    edges = [Edge(node, cursor or "") for node in nodes]
    return Connection(edges, PageInfo(cursor, cursor is not None), total)


def part_of(nodes: Sequence[_Node], after: str | None, first: int | None) -> Connection[_Node]:
    """A page of a list that is there as a whole.

    >>> page = part_of("abc", None, 2)
    >>> [edge.node for edge in page.edges], page.page_info.end_cursor
    (['a', 'b'], '2')
    >>> [edge.node for edge in part_of("abc", "2", 2).edges]
    ['c']
    """
    start = offset_of(after)
    stop = start + limit_of(first)
    edges = [Edge(node, str(nth + 1)) for nth, node in enumerate(nodes[start:stop], start)]
    has_more = stop < len(nodes)
    return Connection(edges, PageInfo(str(stop) if has_more else None, has_more), len(nodes))


def offset_of(after: str | None) -> int:
    """The number that a cursor is."""
    if not after:
        return 0
    if not after.isdecimal() or len(after) > 15:
        raise ConfigError(f"after: invalid cursor {after[:80]!r}", field="after")
    return int(after)


def limit_of(first: int | None, most: int = MAX_PAGE) -> int:
    """The number of nodes of a page, at least one."""
    return min(max(first if first is not None else 50, 1), most)


def no_page() -> Connection[Any]:
    """A page of nothing."""
    return part_of((), None, None)
