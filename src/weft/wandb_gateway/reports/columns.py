"""Columns of runs, as W&B's keys name them and as weft does. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from weft.errors import FilterError
from weft.queries.wandb_filters import column_from_wandb

Key = dict[str, str]

_RUN_NAMES: Final = {
    "id": "name",
    "name": "displayName",
    "created": "createdAt",
    "user": "username",
    "job_type": "jobType",
    "runtime": "duration",
    "heartbeat": "heartbeatAt",
}
"""W&B's names of the columns that it calls otherwise."""


def column_of_key(key: Mapping[str, Any]) -> str | None:
    """The column of a section and a name; None if weft has none.

    >>> column_of_key({"section": "config", "name": "opt.value.lr"})
    'config.opt.lr'
    >>> column_of_key({"section": "run", "name": "displayName"})
    'name'
    """
    section, name = key.get("section", "run"), key.get("name", "")
    if not isinstance(name, str) or not name:
        return None
    match section:
        case "config":
            return _column(f"config.{name}")
        case "summary":
            return _column(f"summary.{name}")
        case "run" | "runs":
            return _column(name)
        case "tags":
            return "tags"
        case _:
            return None


def key_of_column(column: str) -> Key:
    """W&B's section and name of a column.

    >>> key_of_column("config.opt.lr")
    {'section': 'config', 'name': 'opt.value.lr'}
    """
    root, dot, path = column.partition(".")
    if dot and root == "config":
        key, *rest = path.split(".")
        return {"section": "config", "name": ".".join([key, "value", *rest])}
    if dot and root == "summary":
        return {"section": "summary", "name": path}
    return {"section": "run", "name": _RUN_NAMES.get(column, column)}


def column_of_accessor(text: str) -> str | None:
    """The column of `section:name`, as plots over runs name their axes.

    >>> column_of_accessor("config:lr.value"), column_of_accessor("summary:loss")
    ('config.lr', 'summary.loss')
    """
    section, colon, name = text.partition(":")
    if not colon:
        return _column(f"summary.{text}")
    if section == "c" and name.startswith(":"):  # the form of older panels: `c::lr`
        return _column(f"config.{name[1:]}")
    return column_of_key({"section": section, "name": name})


def accessor_of_column(column: str) -> str:
    """The column as plots over runs name it.

    >>> accessor_of_column("config.lr")
    'config:lr.value'
    """
    key = key_of_column(column)
    return f"{key['section']}:{key['name']}"


def column_of_group(text: str) -> str | None:
    """The column that a panel groups by: `lr.value` of the config, or `group` of the run."""
    if "value" in text.split("."):
        return _column(f"config.{text}")
    return _column(text)


def group_of_column(column: str) -> str:
    """The column as a panel that groups by it names it.

    >>> group_of_column("config.lr"), group_of_column("job_type")
    ('lr.value', 'jobType')
    """
    return key_of_column(column)["name"]


def _column(name: str) -> str | None:
    root, _, path = name.partition(".")
    if root == "config" and path.endswith(".value") and path.count(".") > 1:
        name = name.removesuffix(".value")  # a flat key with dots in it
    try:
        return column_from_wandb(name)
    except FilterError:
        return None
