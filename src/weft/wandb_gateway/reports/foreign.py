"""The parts of W&B's JSON that weft has no members for, as differences. Pure.

A block that a client sent becomes members of weft, which say what it shows. `difference(ours,
theirs)` is the rest: unknown keys, absent ones, their order, and values that weft has in another
form. It is stored with the block, and `applied(ours, difference)` writes the block as it was sent.
If one of weft's values was changed since, that value counts; the foreign keys around it stay.

    >>> sent = {"type": "heading", "level": 1, "anchor": "top"}
    >>> rest = difference({"type": "heading", "level": 1}, sent)
    >>> applied({"type": "heading", "level": 2}, rest)
    {'type': 'heading', 'level': 2, 'anchor': 'top'}
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, cast

from weft.wandb_gateway.reports.exact_json import is_exactly, read_exact_or_none, write_exact

MEMBER: Final = "wandb"
"""The member of blocks, panels and run sets that has the difference, as text: Yjs has neither
integers apart from floats nor an order of keys."""

_WHOLE: Final = frozenset({"layout"})
"""Keys whose values only fit as a whole."""

Difference = dict[str, Any]


def difference(ours: Any, theirs: Any) -> Difference | None:
    """The steps from one value to another; None if they are equal.

    >>> difference({"a": 1}, {"a": 1, "c": 3})
    {'set': {'c': 3}}
    """
    if is_exactly(ours, theirs):
        return None
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return _of_objects(cast("dict[str, Any]", ours), cast("dict[str, Any]", theirs))
    if isinstance(ours, list) and isinstance(theirs, list):
        own, other = cast("list[Any]", ours), cast("list[Any]", theirs)
        if len(own) == len(other):
            pairs = enumerate(zip(own, other, strict=True))
            steps = {str(i): step for i, (a, b) in pairs if (step := difference(a, b))}
            return {"n": len(own), "items": steps}
    return {"was": _digest(ours), "is": theirs}


def applied(ours: Any, steps: Mapping[str, Any] | None) -> Any:
    """A value after the steps that still fit it."""
    if not steps:
        return ours
    if "was" in steps:
        return steps["is"] if steps["was"] == _digest(ours) else ours
    if "items" in steps:
        if not isinstance(ours, list) or len(cast("list[Any]", ours)) != steps["n"]:
            return ours
        items = steps["items"]
        return [applied(item, items.get(str(i))) for i, item in enumerate(cast("list[Any]", ours))]
    if not isinstance(ours, Mapping):
        return ours
    own = cast("Mapping[str, Any]", ours)
    absent = steps.get("absent", {})
    at = steps.get("at", {})
    value = {
        key: applied(item, at.get(key))
        for key, item in own.items()
        if key not in absent or absent[key] != _digest(item)
    }
    value |= {key: item for key, item in steps.get("set", {}).items() if key not in value}
    order = steps.get("order")
    if order is None:
        return value
    first = [key for key in order if key in value]
    return {key: value[key] for key in [*first, *(key for key in value if key not in first)]}


def noted(value: dict[str, Any], ours: Any, theirs: Any) -> dict[str, Any]:
    """A block of weft with the difference as a member."""
    steps = difference(ours, theirs)
    return value if steps is None else {**value, MEMBER: write_exact(steps)}


def restored(value: Mapping[str, Any], ours: Any) -> Any:
    """The JSON that a block was sent as, with the changes since."""
    steps = read_exact_or_none(value.get(MEMBER))
    return applied(ours, cast("Difference", steps)) if isinstance(steps, dict) else ours


def _of_objects(ours: dict[str, Any], theirs: dict[str, Any]) -> Difference:
    steps: Difference = {}
    at = {
        key: step
        for key, item in theirs.items()
        if key in ours and (step := _of_member(key, ours[key], item))
    }
    if at:
        steps["at"] = at
    absent = {key: _digest(item) for key, item in ours.items() if key not in theirs}
    if absent:
        steps["absent"] = absent
    added = {key: item for key, item in theirs.items() if key not in ours}
    if added:
        steps["set"] = added
    order = [*(key for key in ours if key in theirs), *added]
    if order != list(theirs):
        steps["order"] = list(theirs)
    return steps


def _of_member(key: str, ours: Any, theirs: Any) -> Difference | None:
    if key not in _WHOLE:
        return difference(ours, theirs)
    return None if is_exactly(ours, theirs) else {"was": _digest(ours), "is": theirs}


def _digest(value: Any) -> str:
    """A short name of a value, so that it need not be stored twice."""
    return hashlib.blake2b(write_exact(value).encode(), digest_size=8).hexdigest()
