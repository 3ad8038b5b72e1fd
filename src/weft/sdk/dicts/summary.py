"""One value per metric: `run.summary`. No I/O of its own.

A metric's value is the last one logged, or the one that `define_metric(summary=...)` chose. It is
looked up on access and never copied. A value that the script sets stays, whatever is logged later,
and is written to the run log as a Summary record. A deleted value is gone until it is set or
logged again.

A nested dict that was logged is stored under its joined name, as in the history: `train.loss`. It
can also be read as `summary["train"]["loss"]`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from weft.sdk.dicts.branches import is_branch, laid_over, put_at
from weft.sdk.dicts.tree import Leaf, Path, Tree, items_of, leaves
from weft.sdk.values.scalars import Complain, plain_key

if TYPE_CHECKING:
    from weft.sdk.dicts.tree import Changed
    from weft.sdk.rows.history import History

_ABSENT: Final = object()


class _NoValue(AttributeError, KeyError):
    """No such summary value: `hasattr` needs AttributeError, scripts for W&B catch KeyError."""


class Summary(MutableMapping[str, Any]):
    """A run's summary: a dict whose items are also attributes. See this module.

    >>> import weft
    >>> with weft.init(mode="disabled") as run:
    ...     run.log({"acc": 0.5, "train": {"loss": 0.25}})
    ...     run.summary["acc"] = 0.75
    ...     run.log({"acc": 0.125})
    >>> run.summary["acc"], run.summary["train"]["loss"], run.summary["train.loss"]
    (0.75, 0.25, 0.25)
    """

    def __init__(self, changed: Changed, warn_value: Complain, logged: History) -> None:
        """Make a summary in which nothing is set.

        `changed` gets what the script sets and removes, `warn_value` values that can't be stored.
        `logged` has the last values, and forgets those that are deleted.
        """
        self._changed = changed
        self._complain = warn_value
        self._own = Tree(self._own_changed, warn_value, media=logged)
        self._logged = logged
        self._emptied: list[Path] = []

    def _load_set(self, values: Mapping[str, Any]) -> None:
        """Load what was set in the earlier run without writing it to the log."""
        self._own._load(values)  # noqa: SLF001

    def _own_changed(self, values: list[Leaf], removed: list[Path]) -> None:
        """Write to the log what is set and removed."""
        # An empty branch must not be written as a value: it would hide later logged ones [RL44].
        emptied = [path for path, value in values if removed and value == {}]
        self._changed([leaf for leaf in values if leaf[0] not in emptied], removed)
        self._emptied += emptied
        for path in removed:
            self._logged.forget(".".join(path))

    def _drop_emptied(self) -> None:
        """Remove the branches that lost their last item."""
        paths, self._emptied = self._emptied, []
        for path in paths:
            branches: list[Any] = [self._own]
            for part in path:
                branches.append(branches[-1].get(part))
                if not isinstance(branches[-1], Tree):
                    break
            while len(branches) > 1 and branches[-1] == {}:
                branches.pop()
                # Nothing to write: the log has leaves only, and those are gone.
                branch: Tree = branches[-1]
                branch._drop(path[len(branches) - 1])  # noqa: SLF001

    def as_dict(self) -> dict[str, Any]:
        """Return all values as a plain copy, logged ones under their joined names."""
        self._drop_emptied()
        logged = self._logged.last_values()
        values = {name: value for name, value in logged.items() if not self._is_set(name)}
        for key, own in self._own.as_dict().items():
            values[key] = laid_over(values.get(key), own)
        return values

    # -- reading ---

    def __getitem__(self, key: str) -> Any:
        key = plain_key(key)
        self._drop_emptied()
        own: Any = self._own.get(key, _ABSENT)
        if own is not _ABSENT and not isinstance(own, Tree):
            return own
        if own is _ABSENT and self._is_set(key):
            return self._own_at(key)
        try:
            logged: Any = self._logged.last_value(key)
        except KeyError:
            logged = _ABSENT
        if own is _ABSENT and logged is not _ABSENT and not is_branch(logged):
            return logged
        below = self._below(key)
        if not below and logged is _ABSENT:
            return self._own_at(key) if own is _ABSENT else own
        # pyrefly: ignore[invalid-argument]
        branch: dict[str, Any] = {**logged} if is_branch(logged) else {}
        for path, value in below:
            put_at(branch, path, value)
        if isinstance(own, Tree):
            branch = laid_over(branch, own.as_dict())
        view = Tree(self._branch_changed, self._complain, [key], media=self._logged)
        view._load(branch)  # noqa: SLF001
        return view

    def _below(self, key: str) -> list[tuple[Path, Any]]:
        """Return the values whose joined names begin with `key`."""
        prefix = f"{key}."
        values = {**self._logged.last_values(), **self._own}
        return [
            (name[len(prefix) :].split("."), value)
            for name, value in values.items()
            if name.startswith(prefix)
        ]

    def _is_set(self, name: str) -> bool:
        """Whether the script set a value in a branch that has this joined name."""
        if "." not in name:
            return False
        try:
            return not isinstance(self._own_at(name), Tree)
        except KeyError:
            return False

    def _own_at(self, key: str) -> Any:
        """A value that the script set in a branch, by its joined name."""
        value: Any = self._own
        for part in key.split("."):
            if not isinstance(value, Tree) or part not in value:
                raise KeyError(key)
            value = value[part]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict())

    def __len__(self) -> int:
        return len(self.as_dict())

    # -- changing ---

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several values as one change. A dict replaces what was set under its key."""
        self._own.update(self._by_name(items_of(*args, **kwargs)))

    def __setitem__(self, key: str, value: Any) -> None:
        self._own.update(self._by_name({key: value}))

    def _by_name(self, changes: Mapping[Any, Any]) -> dict[Any, Any]:
        """Rename changes so that values logged under a joined name are set under that name."""
        if not any(map(is_branch, changes.values())):
            return dict(changes)
        logged = self._logged.last_values()
        named: dict[Any, Any] = {}
        for key, value in changes.items():
            if not is_branch(value):
                named[key] = value
                continue
            rest: dict[str, Any] = {}
            for path, leaf in leaves([plain_key(key)], value):
                name = ".".join(map(str, path))
                if len(path) > 1 and name in logged:
                    named[name] = leaf
                else:
                    put_at(rest, path, leaf)
            if rest:
                named[key] = rest[plain_key(key)]
        return named

    def __delitem__(self, key: str) -> None:
        """Remove a value or a branch. A missing key is no error, as in W&B."""
        key = plain_key(key)
        self._delete(key)
        for path, _ in self._below(key):
            self._delete(".".join([key, *path]))

    def _delete(self, key: str) -> bool:
        """Remove what is set and what was logged. Returns False if there is neither."""
        own: Any = self._own.get(key, _ABSENT)
        try:
            self._logged.last_value(key)
            is_logged = True
        except KeyError:
            is_logged = False
        if own is not _ABSENT:
            del self._own[key]
        if is_logged:
            if own is _ABSENT or isinstance(own, Tree):
                self._changed([], [[key]])
            self._logged.forget(key)
        return is_logged or own is not _ABSENT

    def _branch_changed(self, values: list[Leaf], removed: list[Path]) -> None:
        """Apply the changes of a branch that was built from joined names."""
        for path in removed:
            self._remove_at(path)
        for path, value in values:
            # A branch that lost its last item reports itself as an empty dict.
            if not (removed and value == {}):
                self._set_at(path, value)

    def _set_at(self, path: Path, value: Any) -> None:
        name = ".".join(path)
        if name in self._own or name in self._logged.last_values():
            self[name] = value
            return
        branch = self._own
        for depth, part in enumerate(path[:-1], start=1):
            inner: Any = branch.get(part)
            if not isinstance(inner, Tree):
                below: dict[str, Any] = {}
                put_at(below, path[depth:], value)
                branch[part] = below
                return
            branch = inner
        branch[path[-1]] = value

    def _remove_at(self, path: Path) -> None:
        if self._delete(".".join(path)):
            return
        branch: Any = self._own
        for part in path[:-1]:
            branch = branch.get(part) if isinstance(branch, Tree) else None
        if isinstance(branch, Tree) and path[-1] in branch:
            del branch[path[-1]]
        else:  # one of several aggregates: they are only removed together
            self._delete(path[0])

    # -- attributes ---

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise _NoValue(f"no summary value {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __repr__(self) -> str:
        return f"Summary({self.as_dict()!r})"
