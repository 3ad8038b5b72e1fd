"""A nested dict that tells of each change, by leaf path: what `config` and `summary` are made of.

Part of step 1 of a point's way; no I/O. A `Tree` is a real dict, so `json.dumps`, `**tree` and
`isinstance(tree, dict)` work; items are attributes too, at any depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, cast

from weft.errors import WrongType
from weft.records.limits import MAX_NESTING
from weft.sdk.values import LEFT_OUT, plain_key

Path = list[str]
Leaf = tuple[Path, Any]


class Changed(Protocol):
    """Told of each change of a tree, leaf by leaf."""

    def __call__(self, values: list[Leaf], removed: list[Path]) -> None: ...


Plain = Callable[[str, Any], Any]
"""Makes a value plain, or `LEFT_OUT`; gets the dotted path for its warnings."""


def leaves(path: Path, value: Any) -> Iterator[Leaf]:
    """All leaves at and below `path`; an empty dict is a leaf itself, and so is one too deep.

    >>> list(leaves(["a"], {"b": 1, "c": {"d": 2}}))
    [(['a', 'b'], 1), (['a', 'c', 'd'], 2)]
    """
    if isinstance(value, dict) and value and "_type" not in value and len(path) < MAX_NESTING:
        items = cast("dict[str, Any]", value)
        for name, inner in items.items():
            yield from leaves([*path, name], inner)
    else:
        yield path, value


class Tree(dict[str, Any]):
    """A dict whose changes are told to `changed`, with attribute access at any depth.

    >>> tree = Tree(lambda values, removed: print(values, removed), lambda key, value: value)
    >>> tree["lr"] = 0.1
    [(['lr'], 0.1)] []
    >>> tree.model = {"depth": 2}
    [(['model', 'depth'], 2)] []
    >>> tree.model.depth
    2
    """

    __slots__ = ("_changed", "_path", "_plain")

    _changed: Changed
    _path: Path
    _plain: Plain

    def __init__(self, changed: Changed, plain: Plain, path: Path | None = None) -> None:
        super().__init__()
        object.__setattr__(self, "_changed", changed)
        object.__setattr__(self, "_plain", plain)
        object.__setattr__(self, "_path", path or [])

    def _replace(self, changes: Mapping[str, Any]) -> None:
        """Set several items as one change; a dict replaces what was under its key."""
        values: list[Leaf] = []
        # An empty dict is a leaf itself, until something is put into it.
        removed: list[Path] = [] if self or not self._path else [self._path]
        for name, given in changes.items():
            key = self._checked_key(name)
            path = [*self._path, key]
            plain = self._plain(".".join(path), given)
            if plain is LEFT_OUT:
                continue
            before = [leaf for leaf, _ in leaves(path, self[key])] if key in self else []
            now = list(leaves(path, plain))
            kept = [leaf for leaf, _ in now]
            removed += [leaf for leaf in before if leaf not in kept]
            values += now
            super().__setitem__(key, self._grown(path, plain))
        if values:
            self._changed(values, removed)

    def _load(self, values: Mapping[str, Any]) -> None:
        """Take plain values in without telling anybody."""
        for key, value in values.items():
            super().__setitem__(key, self._grown([*self._path, key], value))

    def as_dict(self) -> dict[str, Any]:
        """A plain, deep copy."""
        return {
            key: value.as_dict() if isinstance(value, Tree) else value
            for key, value in super().items()
        }

    def copy(self) -> dict[str, Any]:
        return self.as_dict()

    def __setitem__(self, key: str, value: Any) -> None:
        self._replace({key: value})

    def __delitem__(self, key: str) -> None:
        gone = [leaf for leaf, _ in leaves([*self._path, key], self[key])]
        super().__delitem__(key)
        self._tell_removal(gone)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self._replace(dict(*args, **kwargs))

    def __ior__(self, other: Any) -> Tree:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.update(other)
        return self

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if key not in self and default:
            return default[0]
        value = self[key]
        del self[key]
        return value.as_dict() if isinstance(value, Tree) else value

    def popitem(self) -> tuple[str, Any]:
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self) -> None:
        gone = [leaf for leaf, _ in leaves(self._path, self)] if self else []
        super().clear()
        if gone:
            self._tell_removal(gone)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no entry {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"no entry {name!r}") from None

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy in another process (multiprocessing) tells nobody: it is plain values there.
        return dict, (self.as_dict(),)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return self.as_dict()

    def _tell_removal(self, gone: list[Path]) -> None:
        self._changed([] if self or not self._path else [(self._path, {})], gone)

    def _grown(self, path: Path, value: Any) -> Any:
        if not isinstance(value, dict) or "_type" in value:
            return value  # pyright: ignore[reportUnknownVariableType]
        branch = Tree(self._changed, self._plain, path)
        branch._load(value)  # pyright: ignore[reportUnknownArgumentType]
        return branch

    def _checked_key(self, name: object) -> str:
        if isinstance(name, str):
            return plain_key(name)
        if self._path:
            return str(name)
        raise WrongType(f"a key must be a string, not {type(name).__name__}: {name!r}")
