"""Merges the config and summary changes of many writers by leaf path. Pure.

Every change carries a `Stamp`; the later one wins whatever order they arrive in. A value at a path
replaces older values below it, and newer values below it replace it (rule RL29).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

_ESCAPES: Final = str.maketrans({"\\": "\\\\", ".": "\\.", "\0": "\\0"})


class Stamp(NamedTuple):
    """When a change was made and by which writer; compared in the order of the fields.

    Attributes:
        micros: µs since 1970 by the writer's clock, corrected by its offset.
        position: the change's position in its writer's log; for a logged value its row number.
    """

    micros: int
    writer: str
    position: int


NEVER: Final = Stamp(-(2**63), "", 0)
"""The stamp of a default: earlier than any change."""


class Change(NamedTuple):
    """A leaf path was set to a value, or (`removed`) removed with everything below it."""

    path: str
    stamp: Stamp
    removed: bool = False


def join_path(parts: Sequence[str]) -> str:
    r"""A leaf path as one string: its parts joined by dots, with dots inside parts escaped.

    >>> join_path(["optimizer", "lr"]), join_path(["a.b"])
    ('optimizer.lr', 'a\\.b')
    """
    return ".".join([part.translate(_ESCAPES) for part in parts])


def split_path(path: str) -> list[str]:
    r"""The parts of a joined path.

    >>> split_path("optimizer.lr"), split_path("a\\.b")
    (['optimizer', 'lr'], ['a.b'])
    """
    if "\\" not in path:
        return path.split(".")
    if "\\\\" not in path and "\0" not in path:  # the usual case: a metric name with dots
        unescaped = path.replace("\\.", "\0")
        if "\\" not in unescaped:
            return [part.replace("\0", ".") for part in unescaped.split(".")]
    parts = [""]
    characters = iter(path)
    for character in characters:
        if character == ".":
            parts.append("")
        elif character == "\\":
            escaped = next(characters, "\\")
            parts[-1] += "\0" if escaped == "0" else escaped
        else:
            parts[-1] += character
    return parts


def ancestors(path: str) -> list[str]:
    """The joined paths above `path`, outermost first.

    >>> ancestors("a.b.c")
    ['a', 'a.b']
    """
    parts = split_path(path)
    return [join_path(parts[:depth]) for depth in range(1, len(parts))]


def shown_paths(changes: Iterable[Change]) -> set[str]:
    """The paths that have a value, given the last change of each path.

    A path is hidden if it was removed, or if a path above or below it was changed later: a
    removal hides older values below it, a value hides older values below and above it.

    >>> old, new = Stamp(1, "w", 0), Stamp(2, "w", 0)
    >>> shown_paths([Change("a", new), Change("a.b", old)])
    {'a'}
    """
    by_path = {change.path: change for change in changes}
    hidden: set[str] = set()
    for path, change in by_path.items():
        for above in ancestors(path):
            other = by_path.get(above)
            if other is None:
                continue
            if other.stamp > change.stamp:
                hidden.add(path)
            elif not change.removed:
                hidden.add(above)
    return {path for path, change in by_path.items() if not change.removed} - hidden


class SetValues:
    """Summary changes that a script made itself, and which logged values they hide. Immutable.

    A set value hides every logged value at its path, above it and below it, at any time. A removal
    hides what was logged before it at its path and below; a value logged later is shown. A value
    in a logged dict has a joined name, `val.acc`: a change at `["val", "acc"]` applies to it too.

    >>> mine = SetValues([Change("acc", Stamp(1, "w", 0)), Change("loss", Stamp(5, "w", 0), True)])
    >>> mine.hides("acc", Stamp(9, "w", 0)), mine.hides("acc.max", Stamp(9, "w", 0))
    (True, True)
    >>> mine.hides("loss", Stamp(4, "w", 0)), mine.hides("loss.min", Stamp(6, "w", 0))
    (True, False)
    """

    __slots__ = ("_above", "_removed", "_shown", "n_changes")

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        changes = list(changes)
        self.n_changes = len(changes)
        self._shown = shown_paths(changes)
        self._above = {above for path in self._shown for above in ancestors(path)}
        self._removed = {change.path: change.stamp for change in changes if change.removed}

    def hides(self, path: str, stamp: Stamp) -> bool:
        """Whether a value of `path` that was logged at `stamp` is hidden."""
        if not self.n_changes:
            return False
        if "\\." in path:
            key, *kind = split_path(path)
            if self._hides(join_path([*key.split("."), *kind]), stamp):
                return True
        return self._hides(path, stamp)

    def removes(self, path: str, stamp: Stamp) -> bool:
        """Whether a value of `path` that was logged at `stamp` was removed later."""
        if not self._removed:
            return False
        names = [path]
        if "\\." in path:
            key, *kind = split_path(path)
            names.append(join_path([*key.split("."), *kind]))
        return any(
            self._removed.get(ancestor, NEVER) > stamp
            for name in names
            for ancestor in (name, *ancestors(name))
        )

    def _hides(self, path: str, stamp: Stamp) -> bool:
        return path in self._above or any(
            ancestor in self._shown or self._removed.get(ancestor, NEVER) > stamp
            for ancestor in (path, *ancestors(path))
        )


def nest(leaves: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Build nested dicts from leaves, none of which is below another.

    >>> nest([("lr", 0.1), ("model.depth", 3), ("model.width", 64)])
    {'lr': 0.1, 'model': {'depth': 3, 'width': 64}}
    """
    root: dict[str, Any] = {}
    branches: dict[tuple[str, ...], dict[str, Any]] = {(): root}
    for path, value in leaves:
        if "." not in path and "\\" not in path:
            root[path] = value
            continue
        *above, name = split_path(path)
        branch = root
        for depth, part in enumerate(above, start=1):
            below = branches.get(tuple(above[:depth]))
            if below is None:
                below = branches[tuple(above[:depth])] = branch[part] = {}
            branch = below
        branch[name] = value
    return root
