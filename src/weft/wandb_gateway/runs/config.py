"""The config in W&B's form, `{"lr": {"value": 0.1}}`, and what changed in it. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from weft.errors import ConfigError
from weft.records.lenient_json import parse_json
from weft.wandb_format.trees import Path, leaves, plain

INTERNAL: Final = "_wandb"
"""Key of what the client notes for itself: versions, metric definitions, the environment."""


class ClientConfig(NamedTuple):
    """The values of a config, and what the client notes for itself."""

    values: dict[str, Any]
    internal: dict[str, Any]


def read_config(text: str) -> ClientConfig:
    """Read a config in W&B's form.

    >>> read_config('{"lr": {"value": 0.1}, "_wandb": {"value": {"t": {}}}}')
    ClientConfig(values={'lr': 0.1}, internal={'t': {}})
    """
    tree = read_object(text, "config")
    values = {
        key: plain(_value_of(value)) for key, value in tree.items() if key != INTERNAL and key
    }
    internal = _value_of(tree.get(INTERNAL))
    is_object = isinstance(internal, dict)
    return ClientConfig(values, cast("dict[str, Any]", internal) if is_object else {})


def write_config(values: Mapping[str, Any], internal: Mapping[str, Any]) -> dict[str, Any]:
    """A config in W&B's form.

    >>> write_config({"lr": 0.1}, {})
    {'lr': {'value': 0.1}}
    """
    entries: dict[str, Any] = {key: {"value": value} for key, value in values.items()}
    if internal:
        entries[INTERNAL] = {"value": dict(internal)}
    return entries


def read_summary(text: str) -> dict[str, Any]:
    """The values of a summary, without what describes its last row.

    >>> read_summary('{"loss": 0.5, "_step": 3, "_wandb": {"runtime": 1}}')
    {'loss': 0.5}
    """
    tree = read_object(text, "summary")
    about_row = {"_step", "_runtime", "_timestamp", INTERNAL}
    return {key: plain(value) for key, value in tree.items() if key not in about_row and key}


def changes(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[tuple[list[str], Any]], list[list[str]]]:
    """The leaves that were set, and the paths that were removed, as records name them.

    >>> changes({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 1}, "d": 4})
    ([(['d'], 4)], [['a', 'c']])
    """
    old, new = dict(leaves(before)), dict(leaves(after))
    values = [
        (list(path), value)
        for path, value in new.items()
        if path not in old or not same(old[path], value)
    ]
    removed = [list(path) for path in old if path not in new and not _covers(path, new)]
    return values, removed


def same(left: Any, right: Any) -> bool:
    """Whether two values are the same; NaN is the same as NaN, and 1 as 1.0, but not as True."""
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    if isinstance(left, list) and isinstance(right, list):
        left_items, right_items = cast("list[Any]", left), cast("list[Any]", right)
        return len(left_items) == len(right_items) and all(map(same, left_items, right_items))
    if isinstance(left, dict) and isinstance(right, dict):
        fields, other_fields = cast("dict[str, Any]", left), cast("dict[str, Any]", right)
        return fields.keys() == other_fields.keys() and all(
            same(fields[key], other_fields[key]) for key in fields
        )
    return bool(left == right)


def read_object(text: str, field: str) -> dict[str, Any]:
    """An object in JSON; numbers may be `NaN` and `Infinity`."""
    try:
        tree = parse_json(text)
    except ValueError as error:
        raise ConfigError(f"{field} is not JSON: {error}", field=field) from None
    if not isinstance(tree, dict):
        raise ConfigError(f"{field} must be a JSON object", field=field)
    return cast("dict[str, Any]", tree)


def _value_of(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    fields = cast("dict[str, Any]", entry)
    return fields.get("value", fields)


def _covers(path: Sequence[str], tree: Mapping[Path, Any]) -> bool:
    """Whether a leaf of `tree` replaces what was below it, so that nothing has to be removed."""
    return any(tuple(path[:depth]) in tree for depth in range(1, len(path)))
