"""The run's inputs: `run.config`, a nested dict whose changes go to the run log.

No I/O of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from weft.errors import ConfigError
from weft.records.value import with_ints
from weft.sdk.dicts.inputs import inputs_of
from weft.sdk.dicts.tree import Leaf, Path, Tree
from weft.sdk.values.plain import plain_tree
from weft.sdk.values.scalars import LEFT_OUT, Complain, plain_key

if TYPE_CHECKING:
    from weft.sdk.dicts.tree import Changed


class Config(Tree):
    """A run's configuration: items, attributes, nested dicts.

    An existing item can only be changed with `update(..., allow_val_change=True)`, as in W&B:
    otherwise a hyper-parameter that changes silently would make two different runs look alike.
    Items set by a sweep can't be changed at all. As in W&B, dashes around an item's name are
    stripped, because command lines are parsed into names such as `--lr`.

    >>> config = Config(lambda values, removed: None, print)
    >>> config.update({"lr": 0.1, "model": {"depth": 2}})
    >>> config.lr, config["model"].depth
    (0.1, 2)
    """

    __slots__ = ("_allow_change", "_locks")

    _allow_change: bool
    _locks: dict[str, str]
    """The user who locked an item, by the item's name."""

    _is_input = True

    def __init__(
        self, changed: Changed, warn_value: Complain, *, allow_change: bool = False
    ) -> None:
        super().__init__(changed, warn_value)
        object.__setattr__(self, "_allow_change", allow_change)
        object.__setattr__(self, "_locks", {})

    def _replace(
        self, changes: Mapping[Any, Any], *, allow_val_change: bool | None = None
    ) -> None:
        """Set several items as one change.

        Raises:
            ConfigError: an item already has another value, and changing it is not allowed.
        """
        named = {_item_name(name): value for name, value in changes.items()}
        if not (self._allow_change if allow_val_change is None else allow_val_change):
            for name, value in named.items():
                key = plain_key(name)
                if key in self and key not in self._locks and self._differs(key, value):
                    raise ConfigError(
                        f"config {key!r} is {self[key]!r} already; to make it {value!r}, "
                        "pass allow_val_change=True to config.update()"
                    )
        super()._replace(named)

    def _refuses(self, path: Path, plain: Any) -> bool:
        owner = self._locks.get(path[0])
        if owner is None:
            return False
        if plain is LEFT_OUT or len(path) > 1 or not _equal(with_ints(plain), self[path[0]]):
            self._complain(".".join(path), f"was set by the {owner}; the change was ignored")
        return True

    def update(  # pyrefly: ignore[bad-override]
        self,
        values: Mapping[Any, Any] | object | None = None,
        allow_val_change: bool | None = None,
        **more: Any,
    ) -> None:
        """Set several items as one change. A nested dict replaces the previous one.

        Args:
            values: anything that `init(config=...)` takes: a mapping, a Namespace, absl flags, a
                dataclass or the path of a YAML file.
            allow_val_change: whether items that already have another value may be changed.
                Defaults to the run's setting.

        Raises:
            ConfigError: an item already has another value, or `values` can't be read.
        """
        self._replace({**inputs_of(values), **more}, allow_val_change=allow_val_change)

    def setdefaults(self, values: Mapping[Any, Any] | object) -> None:
        """Set the items that don't exist yet. Takes `values` as `update` does."""
        defaults = inputs_of(values)
        self._replace(
            {
                name: value
                for name, value in defaults.items()
                if plain_key(_item_name(name)) not in self
            }
        )

    def update_locked(self, values: Mapping[Any, Any], user: str = "sweep") -> None:
        """Set items permanently: later changes are ignored, with one warning for each item.

        Args:
            user: the name in the warning of who set them.
        """
        named = {plain_key(_item_name(name)): value for name, value in values.items()}
        for name in named:
            self._locks.pop(name, None)
        self._replace(named, allow_val_change=True)
        self._locks.update(dict.fromkeys(named, user))

    @property
    def _items(self) -> dict[str, Any]:
        """A plain copy, for the many scripts that read W&B's `config._items`."""
        return self.as_dict()

    @property
    def __dict__(self) -> dict[str, Any]:  # pyrefly: ignore[bad-override]
        """For programs that read `vars(config)["_items"]`, as the sweeps of Hugging Face do."""
        return {"_items": self.as_dict()}

    def _as_dict(self) -> dict[str, Any]:
        """A plain copy, under another name that such scripts use."""
        return self.as_dict()

    def __reduce__(self) -> tuple[Any, ...]:
        return _detached, (self.as_dict(),)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return _detached(self.as_dict())

    def _differs(self, key: str, value: Any) -> bool:
        plain = plain_tree([key], value, lambda _key, _text: None, is_input=True)
        return plain is not LEFT_OUT and not _equal(with_ints(plain), self[key])


def _detached(values: dict[str, Any]) -> Config:
    """Make a config for a copy or another process: changeable freely, without a log."""

    def tell_nobody(values: list[Leaf], removed: list[Path]) -> None: ...

    # pyrefly: ignore[implicit-any-lambda]
    config = Config(tell_nobody, lambda _key, _text: None, allow_change=True)
    config._load(values)  # noqa: SLF001
    return config


def _item_name(name: Any) -> Any:
    return (name.strip("-") or name) if isinstance(name, str) else name


def _equal(left: Any, right: Any) -> bool:
    """Whether two inputs are equal: as in Python, except that NaN equals NaN."""
    if isinstance(left, dict) and isinstance(right, dict):
        ours, theirs = cast("dict[str, Any]", left), cast("dict[str, Any]", right)
        return ours.keys() == theirs.keys() and all(
            _equal(inner, theirs[key]) for key, inner in ours.items()
        )
    if isinstance(left, list) and isinstance(right, list):
        items, others = cast("list[Any]", left), cast("list[Any]", right)
        return len(items) == len(others) and all(map(_equal, items, others))
    return left == right or (left != left and right != right)
