"""Nested dicts of plain values: recognise branches, merge two of them, insert a value. Pure.

Used by the summary of a run that is recorded, and of one that is read back.
"""

from __future__ import annotations

from typing import Any, cast

from weft.sdk.dicts.tree import Path


def is_branch(value: Any) -> bool:
    """Whether a value is a dict of values: not empty, and not a weft type such as a histogram."""
    return isinstance(value, dict) and "_type" not in value and value != {}


def laid_over(below: Any, above: Any) -> Any:
    """Combine two values of one name: dicts are merged, otherwise `above` wins."""
    if not (is_branch(below) and is_branch(above)):
        return above
    merged = dict(cast("dict[str, Any]", below))
    for key, value in cast("dict[str, Any]", above).items():
        merged[key] = laid_over(merged[key], value) if key in merged else value
    return merged


def put_at(branch: dict[str, Any], path: Path, value: Any) -> None:
    """Put a value into nested dicts. If a leaf is in the way, join the rest of the path as key."""
    for depth, part in enumerate(path[:-1]):
        inner = branch.setdefault(part, {})
        if not isinstance(inner, dict) or "_type" in inner:
            branch[".".join(path[depth:])] = value
            return
        branch = cast("dict[str, Any]", inner)
    branch[path[-1]] = value
