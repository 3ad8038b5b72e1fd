"""Finds the value registered for an address, among patterns such as `/projects/{entity}`. Pure."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

_T = TypeVar("_T")

_TAIL: Final = ":path}"
"""Ends the last part of a pattern that matches the rest of the address, slashes included."""


def names_in(pattern: str) -> list[str]:
    """The parameters of a pattern, in order.

    >>> names_in("/runs/{run}/files/{path:path}")
    ['run', 'path']
    """
    parts = [part for part in pattern.split("/") if part.startswith("{")]
    return [part[1:-1].removesuffix(":path") for part in parts]


class _Node(Generic[_T]):
    """One part of an address, and what may follow it."""

    def __init__(self) -> None:
        self.literals: dict[str, _Node[_T]] = {}
        self.parameter: _Node[_T] | None = None
        self.tail: _T | None = None
        self.end: _T | None = None


class Addresses(Generic[_T]):
    """Patterns of addresses, each with a value.

    A part in braces matches any text without a slash, a last part such as `{path:path}` the rest
    of the address. If several patterns match, literal parts win over parameters, and parameters
    over the rest, from left to right.

    >>> addresses = Addresses[str]()
    >>> addresses.add("/runs/{run}", "run")
    >>> addresses.add("/runs/query", "query")
    >>> addresses.add("/runs/{run}/files/{path:path}", "file")
    >>> addresses.find("/runs/query"), addresses.find("/runs/a1")
    (('query', []), ('run', ['a1']))
    >>> addresses.find("/runs/a1/files/b/c"), addresses.find("/runs/")
    (('file', ['a1', 'b/c']), None)
    """

    def __init__(self) -> None:
        self._root = _Node[_T]()

    def add(self, pattern: str, value: _T) -> None:
        """Add a pattern; ValueError if another matches exactly the same addresses."""
        node = self._root
        for part in pattern.split("/"):
            if part.endswith(_TAIL):
                if node.tail is not None:
                    raise ValueError(f"two routes at {pattern}")
                node.tail = value
                return
            if part.startswith("{"):
                node.parameter = node.parameter or _Node[_T]()
                node = node.parameter
            else:
                node = node.literals.setdefault(part, _Node[_T]())
        if node.end is not None:
            raise ValueError(f"two routes at {pattern}")
        node.end = value

    def find(self, path: str) -> tuple[_T, list[str]] | None:
        """The value for an address and the texts of its parameters; None if no pattern matches."""
        return _find(self._root, path.split("/"), 0)


def _find(node: _Node[_T], parts: list[str], n: int) -> tuple[_T, list[str]] | None:
    if n == len(parts):
        return None if node.end is None else (node.end, [])
    part = parts[n]
    literal = node.literals.get(part)
    match = None if literal is None else _find(literal, parts, n + 1)
    if match is None and node.parameter is not None and part:
        match = _find(node.parameter, parts, n + 1)
        if match is not None:
            match[1].insert(0, part)
    if match is None and node.tail is not None:
        match = (node.tail, ["/".join(parts[n:])])
    return match
