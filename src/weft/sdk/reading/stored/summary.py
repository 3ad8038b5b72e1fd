"""The summary of a stored run. Returned by `weft.sdk.reading.stored.run`; no I/O of its own.

A logged dict is stored under joined names, `val.acc`; a dict that was set is nested. As in a
script, both can be read by either form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

from weft.errors import UsageError
from weft.sdk.dicts.branches import is_branch, laid_over, put_at
from weft.sdk.reading.stored.edits import changes

_ABSENT: Final = object()

Save = Callable[[dict[str, Any]], None]


class StoredSummary(dict[str, Any]):
    """Values by name. Joined names can also be read as nested dicts, and the reverse.

    `update()` or `run.update()` sends what was set or deleted to the server.

    >>> summary = StoredSummary({"val.acc": 0.5, "best": {"epoch": 3}})
    >>> summary["val"]["acc"], summary["best.epoch"], summary.get("test"), summary.best
    (0.5, 3, None, {'epoch': 3})
    >>> list(summary)
    ['val.acc', 'best']
    """

    __slots__ = ("_before", "_save")

    def __init__(self, values: Mapping[str, Any], save: Save | None = None) -> None:
        super().__init__(values)
        self._before: dict[str, Any] = deepcopy(dict(values))
        self._save = save

    def update(self, key_vals: Mapping[str, Any] | None = None, overwrite: bool = True) -> None:  # type: ignore[override]
        """Set values, and save all changes on the server.

        Args:
            key_vals: values by name. If None, only earlier changes are saved.
            overwrite: if False, existing names keep their values.

        Raises:
            NotFound: the run no longer exists.
            Unavailable: the server can't be reached.
        """
        for name, value in (key_vals or {}).items():
            if overwrite or name not in self:
                self[name.strip()] = value
        edit = self.unsaved()
        if not edit:
            return
        if self._save is None:
            raise UsageError("this summary belongs to no run on a server")
        self._save(edit)
        self._before = deepcopy(dict(self))

    def unsaved(self) -> dict[str, Any]:
        """Return the changes that were not yet sent to the server."""
        return changes(self._before, dict(self), is_input=False)

    @property
    def _json_dict(self) -> dict[str, Any]:
        """The values as a plain dict; scripts for W&B build tables from it."""
        return dict(self)

    def __getitem__(self, key: str) -> Any:
        own: Any = super().get(key, _ABSENT)
        if own is not _ABSENT and not is_branch(own):
            return own
        branch: dict[str, Any] = {}
        for name, value in self.items():
            if name.startswith(f"{key}."):
                put_at(branch, name[len(key) + 1 :].split("."), value)
        if branch:
            return branch if own is _ABSENT else laid_over(branch, own)
        return self._nested(key) if own is _ABSENT else own

    def _nested(self, key: str) -> Any:
        value: Any = dict(self)
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                raise KeyError(key)
            value = value[part]
        return value

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value, or `default` if the summary lacks it."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key, _ABSENT) is not _ABSENT

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"the summary has no {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in StoredSummary.__slots__:
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)
