"""A nested dict that reports each change by leaf path: the base of `config` and `summary`.

No I/O. A `Tree` is a real dict, so `json.dumps`, `**tree` and `isinstance(tree, dict)` work. Items
are also attributes, at any depth.

It holds plain values: `dict(tree)`, `tree.items()` and `**tree` give plain dicts at any depth, as
checkpoints, YAML and OmegaConf need them. A branch becomes a `Tree` when it is read by name.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from weft.errors import WrongType
from weft.records.value import with_ints
from weft.sdk.values.plain import plain_segment, plain_tree
from weft.sdk.values.scalars import LEFT_OUT, Complain

Path = list[str]
Leaf = tuple[Path, Any]


if TYPE_CHECKING:
    from weft.sdk.values.media_values import KeepsMedia

    class Changed(Protocol):
        """Called with each change of a tree, by leaf, before it is made. It may raise."""

        def __call__(self, values: list[Leaf], removed: list[Path]) -> None: ...


def leaves(path: Path, value: Any) -> Iterator[Leaf]:
    """Yield all leaves at and below `path`. An empty dict is a leaf itself.

    >>> list(leaves(["a"], {"b": 1, "c": {"d": 2}}))
    [(['a', 'b'], 1), (['a', 'c', 'd'], 2)]
    """
    if isinstance(value, dict) and value and "_type" not in value:
        items = cast("dict[str, Any]", value)
        for name, inner in items.items():
            yield from leaves([*path, name], inner)
    else:
        yield path, value


class Tree(dict[str, Any]):
    """A dict that reports its changes to `changed`, with attribute access at any depth.

    Values are converted to plain ones. Values and keys that a log can't store, such as an empty
    key, are left out and reported to `warn_value`.

    >>> tree = Tree(lambda values, removed: print(values, removed), print)
    >>> tree["lr"] = 0.1
    [(['lr'], 0.1)] []
    >>> tree.model = {"depth": 2}
    [(['model', 'depth'], 2)] []
    >>> tree.model.depth
    2
    """

    __slots__ = ("_branches", "_changed", "_complain", "_media", "_path", "_plain", "_root")

    _changed: Changed
    _complain: Complain
    _path: Path
    _root: Tree | None
    """The tree that this one is a branch of. None if it is not a branch."""
    _plain: dict[str, Any] | None
    """The plain copy of this branch in the parent, kept in step. None if it is not a branch."""
    _branches: dict[str, Tree]
    """The branches that were read, by key."""
    _media: KeepsMedia | None
    """Keeps the media of values. None if they are left out; a branch asks its root."""

    _is_input: ClassVar[bool] = False
    """Whether the tree is a config, for `plain_tree`."""

    def __init__(
        self,
        changed: Changed,
        warn_value: Complain,
        path: Path | None = None,
        root: Tree | None = None,
        media: KeepsMedia | None = None,
    ) -> None:
        super().__init__()
        object.__setattr__(self, "_media", media)
        object.__setattr__(self, "_changed", changed)
        object.__setattr__(self, "_complain", warn_value)
        object.__setattr__(self, "_path", path or [])
        object.__setattr__(self, "_root", root)
        object.__setattr__(self, "_plain", None)
        object.__setattr__(self, "_branches", {})

    def _replace(self, changes: Mapping[Any, Any]) -> None:
        """Set several items as one change. A dict replaces what was under its key."""
        root = self if self._root is None else self._root
        values: list[Leaf] = []
        items: dict[str, Any] = {}
        # An empty dict is a leaf itself, until something is put into it.
        removed: list[Path] = [] if self or not self._path else [self._path]
        for key, plain in self._plain_of(root, changes).items():
            path = [*self._path, key]
            if root._refuses(path, plain):  # noqa: SLF001
                continue
            before = [leaf for leaf, _ in leaves(path, self[key])] if key in self else []
            now = list(leaves(path, plain))
            new_leaves = {(*leaf,) for leaf, _ in now}
            removed += [leaf for leaf in before if (*leaf,) not in new_leaves]
            values += now
            items[key] = with_ints(plain)
        if values:
            self._changed(values, removed)
            self._hold(items)

    def _plain_of(self, root: Tree, changes: Mapping[Any, Any]) -> dict[str, Any]:
        """Convert the values, and store the media among them."""
        media = None if root._media is None else root._media.begin_media()
        plains: dict[str, Any] = {}
        for name, value in changes.items():
            key = plain_segment(self._path, name, self._complain)
            if key is None:
                continue
            plain = plain_tree(
                [*self._path, key],
                value,
                self._complain,
                is_input=root._is_input,
                attach=None if media is None else media.attach,
            )
            if plain is not LEFT_OUT:
                plains[key] = plain
        if root._media is not None and media is not None and media.batch is not None:
            root._media.store_media(media)
        return plains

    def _refuses(self, path: Path, plain: Any) -> bool:
        """Whether an entry must not be changed, or removed if `plain` is `LEFT_OUT`.

        Called on a root.
        """
        del path, plain
        return False

    def _stays(self, key: str) -> bool:
        root = self if self._root is None else self._root
        return root._refuses([*self._path, key], LEFT_OUT)  # noqa: SLF001

    def _load(self, values: Mapping[str, Any]) -> None:
        """Load plain values without reporting a change."""
        self._hold({key: with_ints(value) for key, value in values.items()})

    def _hold(self, items: Mapping[str, Any]) -> None:
        """Store these items, here and in the plain copy."""
        super().update(items)
        if self._plain is not None:
            self._plain.update(items)

    def _drop(self, key: str) -> None:
        """Remove an item without reporting a change."""
        super().__delitem__(key)
        if self._plain is not None:
            del self._plain[key]

    def __getitem__(self, key: str) -> Any:
        value: Any = super().__getitem__(key)
        if not isinstance(value, dict) or "_type" in value:
            return value
        plain = cast("dict[str, Any]", value)
        branch = self._branches.get(key)
        if branch is None or branch._plain is not plain:  # noqa: SLF001
            root = self if self._root is None else self._root
            branch = Tree(self._changed, self._complain, [*self._path, key], root)
            branch._hold(plain)
            object.__setattr__(branch, "_plain", plain)
            self._branches[key] = branch
        return branch

    def get(self, key: str, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def as_dict(self) -> dict[str, Any]:
        """Return a plain, deep copy."""
        return {key: _copied(value) for key, value in super().items()}

    def copy(self) -> dict[str, Any]:
        return self.as_dict()

    def __setitem__(self, key: str, value: Any) -> None:
        self._replace({key: value})

    def __delitem__(self, key: str) -> None:
        if self._stays(key):
            return
        removed = [leaf for leaf, _ in leaves([*self._path, key], self[key])]
        self._tell_removal(removed, is_last=len(self) == 1)
        self._drop(key)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self._replace(items_of(*args, **kwargs))

    def __ior__(self, other: Any) -> Tree:
        self.update(other)
        return self

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        if key not in self and default:
            return default[0]
        value = self[key]
        del self[key]
        return value.as_dict() if isinstance(value, Tree) else value

    def popitem(self) -> tuple[str, Any]:
        key = next(reversed(self))
        return key, self.pop(key)

    def clear(self) -> None:
        going = [key for key in self if not self._stays(key)]
        removed = [leaf for key in going for leaf, _ in leaves([*self._path, key], self[key])]
        if removed:
            self._tell_removal(removed, is_last=len(going) == len(self))
        for key in going:
            self._drop(key)

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"no entry {name!r}", name=name, obj=self) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"no entry {name!r}", name=name, obj=self) from None

    # A branch stands where a value is expected, above all in the summary of a metric that has
    # several aggregates. Python's own errors would not name it.

    def __lt__(self, other: object) -> bool:
        del other
        raise self._is_no_number()

    __le__ = __gt__ = __ge__ = __lt__

    def __format__(self, format_spec: str) -> str:
        if format_spec:
            raise self._is_no_number()
        return str(self)

    def _is_no_number(self) -> WrongType:
        name = ".".join(self._path)
        first = next(iter(self), None)
        if first is None:
            return WrongType(f"{name!r} is an empty dict, not a number")
        keys = ", ".join(map(repr, list(self)[:5]))
        return WrongType(
            f"{name!r} is a dict with {keys}, not a number: use [{name!r}][{first!r}]"
        )

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]  # for completion, and for "did you mean"

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy in another process or in a checkpoint has no log to report to, so it is plain. It
        # is an OrderedDict because `torch.load` accepts that type from untrusted files.
        return OrderedDict, (), None, None, iter(self.as_dict().items())

    def __copy__(self) -> dict[str, Any]:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return self.as_dict()

    def _tell_removal(self, removed: list[Path], *, is_last: bool) -> None:
        # A branch that is left empty becomes a leaf.
        self._changed([(self._path, {})] if is_last and self._path else [], removed)


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(inner) for inner in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in cast("dict[Any, Any]", value).items()}
    return value


def items_of(*args: Any, **kwargs: Any) -> dict[Any, Any]:
    """Return the arguments of `update` as a dict."""
    try:
        return dict(*args, **kwargs)
    except (TypeError, ValueError):
        kinds = ", ".join(type(argument).__name__ for argument in args)
        raise WrongType(
            f"update() takes a mapping such as a dict, not {kinds}: "
            'write update({"name": value})'
        ) from None
