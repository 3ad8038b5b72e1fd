"""Nested values of W&B's JSON, as records have them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from weft.records.limits import MAX_NESTING
from weft.records.value import INT64_MAX, INT64_MIN, big_int

Path = tuple[str, ...]


def leaves(tree: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The leaves of nested dicts, with their paths: also empty dicts, and those with `_type`."""
    for key, value in tree.items():
        path = (*above, key)
        if isinstance(value, dict) and value and "_type" not in value and len(path) < MAX_NESTING:
            yield from leaves(cast("dict[str, Any]", value), path)
        else:
            yield path, value


def plain(value: Any) -> Any:
    """A value of JSON as records have it: ints beyond 64 bits become objects."""
    if type(value) is int and not INT64_MIN <= value <= INT64_MAX:
        return big_int(value)
    if isinstance(value, list):
        return [plain(inner) for inner in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in cast("dict[str, Any]", value).items() if key}
    return value
