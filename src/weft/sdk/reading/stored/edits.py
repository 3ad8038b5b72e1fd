"""Finds the changes in a config or summary that was read back, as the server takes them. Pure.

Used by `run.update()` and `run.summary.update()`. Only differences are sent, so that edits that
others or the browser made to other leaves are kept.
"""

from __future__ import annotations

import math
from typing import Any, cast

from weft.sdk.dicts.branches import is_branch
from weft.sdk.values.plain import plain_segment, plain_tree
from weft.sdk.values.scalars import LEFT_OUT


def changes(before: dict[str, Any], after: dict[str, Any], *, is_input: bool) -> dict[str, Any]:
    """Return the leaves that were set and the paths that were removed.

    Values of any class are converted as in a script; `is_input` for a config.

    >>> before = {"lr": 0.1, "model": {"depth": 2, "width": 8}, "old": 1}
    >>> after = {"lr": 0.1, "model": {"depth": 3, "width": 8}, "new": {"a": 1}}
    >>> changes(before, after, is_input=True)
    {'set': [[['model', 'depth'], 3], [['new', 'a'], 1]], 'removed': [['old']]}
    >>> changes(before, before, is_input=True)
    {}
    """
    edits: dict[str, Any] = {"set": [], "removed": []}
    _compare(before, after, [], edits, is_input=is_input)
    return edits if edits["set"] or edits["removed"] else {}


def _compare(
    before: dict[str, Any],
    after: dict[str, Any],
    path: list[str],
    edits: dict[str, Any],
    *,
    is_input: bool,
) -> None:
    for name, edited in after.items():
        segment = plain_segment(path, name, _ignore)
        if segment is None:
            continue
        here = [*path, segment]
        value = plain_tree(here, edited, _ignore, is_input=is_input)
        if value is LEFT_OUT:
            continue
        old = before.get(segment, LEFT_OUT)
        if is_branch(value):
            below = cast("dict[str, Any]", old) if is_branch(old) else {}
            _compare(below, value, here, edits, is_input=is_input)
        elif not is_same(old, value):
            edits["set"].append([here, value])
    remaining = {plain_segment(path, name, _ignore) for name in after}
    edits["removed"].extend([*path, name] for name in before if name not in remaining)


def is_same(left: Any, right: Any) -> bool:
    """Return whether type and value are equal; NaN equals NaN, and -0.0 differs from 0.0.

    >>> is_same(1, 1.0), is_same([math.nan], [math.nan]), is_same(0.0, -0.0)
    (False, True, False)
    """
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        if math.isnan(left):
            return math.isnan(right)
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    if isinstance(left, list):
        lefts, rights = cast("list[Any]", left), cast("list[Any]", right)
        return len(lefts) == len(rights) and all(map(is_same, lefts, rights))
    if isinstance(left, dict):
        names, others = cast("dict[str, Any]", left), cast("dict[str, Any]", right)
        return names.keys() == others.keys() and all(
            is_same(value, others[name]) for name, value in names.items()
        )
    return bool(left == right)


def _ignore(key: str, trouble: str) -> None:
    """Drop the warning about a value that becomes text because it can't be stored as it is."""
