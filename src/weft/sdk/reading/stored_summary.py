"""The summary of a stored run. Pure; handed out by `weft.sdk.reading.stored_run`.

A dict that was logged lies under joined names, `val.acc`, and one that was set is nested. Scripts
find both by either: so does who reads them back.
"""

from __future__ import annotations

from typing import Any, Final

from weft.sdk.dicts.branches import is_branch, laid_over, put_at

_ABSENT: Final = object()


class StoredSummary(dict[str, Any]):
    """Values by name; also found by parts of joined names, and by joined names of nested ones.

    >>> summary = StoredSummary({"val.acc": 0.5, "best": {"epoch": 3}})
    >>> summary["val"]["acc"], summary["best.epoch"], summary.get("test")
    (0.5, 3, None)
    >>> list(summary)
    ['val.acc', 'best']
    """

    def __getitem__(self, key: str) -> Any:
        found: Any = super().get(key, _ABSENT)
        if found is not _ABSENT and not is_branch(found):
            return found
        branch: dict[str, Any] = {}
        for name, value in self.items():
            if name.startswith(f"{key}."):
                put_at(branch, name[len(key) + 1 :].split("."), value)
        if branch:
            return branch if found is _ABSENT else laid_over(branch, found)
        return self._nested(key) if found is _ABSENT else found

    def _nested(self, key: str) -> Any:
        value: Any = dict(self)
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                raise KeyError(key)
            value = value[part]  # pyright: ignore[reportUnknownVariableType]
        return value  # pyright: ignore[reportUnknownVariableType]

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or `default` where there is none."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self.get(key, _ABSENT) is not _ABSENT
