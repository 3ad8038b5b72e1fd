"""Database rows as plain values for archives, and back. Checks values: they may be from anywhere.

Columns come from the tables themselves, so columns added later are included. Row ids are not.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, String, Table

from weft.errors import CorruptLog
from weft.records.colors import RUN_COLORS
from weft.records.files.artifacts import MAX_CHUNK_BYTES
from weft.records.value import INT64_MAX, INT64_MIN

_OWN: Final = frozenset(
    {
        *("id", "run_id", "project_id", "path_id", "collection_id", "artifact_id", "same_as"),
        *("sweep_id", "agent_id", "n_changes", "report_id"),
    }
)
"""Columns that are only valid in this database."""

_JSON: Final[Mapping[tuple[str, str], type | tuple[type, ...]]] = {
    ("artifact", "aliases"): list,
    ("artifact", "metadata"): dict,
    ("artifact", "tags"): list,
    ("artifact_collection", "tags"): list,
    ("report_comment", "anchor"): dict,
    ("run", "tags"): list,
    ("run", "stamps"): dict,
    ("run", "fork_step"): (int, float),
    ("run_source", "last_step"): (int, float),
    ("run_writer", "labels"): dict,
    ("sweep", "config"): dict,
    ("sweep", "prior"): list,
    ("sweep_trial", "parameters"): dict,
    ("sweep_trial", "metric_values"): list,
    ("view", "document"): dict,
}
"""Text columns that hold JSON, and the type of the JSON value."""

_ANY_INT: Final = range(INT64_MIN, INT64_MAX + 1)
_RANGES: Final[Mapping[tuple[str, str], range]] = {
    ("artifact", "n_bytes"): range(INT64_MAX),
    ("artifact", "n_files"): range(INT64_MAX),
    ("artifact", "version"): range(10**9),
    ("artifact_chunk", "n_bytes"): range(1, MAX_CHUNK_BYTES + 1),
    ("artifact_chunk", "start"): range(INT64_MAX),
    ("artifact_collection", "n_begun"): range(10**9),
    ("artifact_file", "n_bytes"): range(INT64_MAX),
    ("run", "color"): range(1, RUN_COLORS + 1),
    ("project", "n_begun"): range(2**53),
    ("report", "seq"): range(2**53),
    ("report", "snapshot_seq"): range(2**53),
    ("report", "n_bytes"): range(2**53),
    ("report", "published_version"): range(1, 10**9),
    ("report", "n_views"): range(2**53),
    ("report_update", "seq"): range(1, 2**53),
    ("report_version", "version"): range(1, 10**9),
    ("report_figure", "version"): range(1, 10**9),
    ("report_figure", "n_bytes"): range(INT64_MAX),
    ("report_figure", "n_answers"): range(10**9),
    ("report_image", "n_bytes"): range(INT64_MAX),
    ("report_image", "width_px"): range(1, 2**31),
    ("report_image", "height_px"): range(1, 2**31),
    ("sweep", "next_number"): range(2**53),
    ("sweep_agent", "number"): range(1, 2**53),
}
"""Valid ranges of some ints, checked because an archive may come from anywhere."""


def own_columns(table: Table) -> list[Column[Any]]:
    """The columns that are archived."""
    return [column for column in table.columns if column.name not in _OWN]


def plain_row(columns: Sequence[Column[Any]], values: Sequence[Any]) -> dict[str, Any]:
    """A row as JSON can have it, by the names of columns."""
    return {
        column.name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for column, value in zip(columns, values, strict=False)
    }


def row_values(
    table: Table, plain: Any, *, left_out: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The values of a plain row by the names of columns, as the database takes them.

    CorruptLog if it is malformed, or a value is of another type or out of range.
    """
    if not isinstance(plain, dict):
        raise CorruptLog(f"the archive is damaged: malformed row of {table.name}")
    row = cast("dict[str, Any]", plain)
    columns = {column.name: column for column in own_columns(table)}
    extra = {"path"} if "path_id" in table.columns else set[str]()
    unknown = set(row) - set(columns) - extra
    if unknown:
        raise CorruptLog(f"the archive has unknown columns of {table.name}: {sorted(unknown)}")
    values: dict[str, Any] = {}
    for name, column in columns.items():
        if name in left_out:
            continue
        if name not in row:
            if not column.nullable and column.server_default is None:
                raise CorruptLog(f"the archive lacks {table.name}.{name}")
            continue
        values[name] = _value(table.name, column, row[name])
    if extra:
        text = row.get("path")
        if not isinstance(text, str) or "\0" in text:
            raise CorruptLog(f"the archive has a row of {table.name} without a path")
        values["path"] = text
    return values


def _value(table: str, column: Column[Any], value: Any) -> Any:
    wrong = CorruptLog(f"the archive has a wrong value of {table}.{column.name}: {value!r:.100}")
    kind = column.type
    if value is None:
        if not column.nullable:
            raise wrong
        return None
    if isinstance(kind, LargeBinary):
        try:
            return base64.b64decode(value, validate=True)
        except (TypeError, ValueError, binascii.Error):
            raise wrong from None
    if isinstance(kind, Boolean):
        good = isinstance(value, bool)
    elif isinstance(kind, Float):
        good = isinstance(value, (int, float)) and not isinstance(value, bool)
        good = good and math.isfinite(value)
    elif isinstance(kind, Integer):
        good = isinstance(value, int) and not isinstance(value, bool)
        good = good and value in _RANGES.get((table, column.name), _ANY_INT)
    else:
        good = isinstance(value, str) and "\0" not in value and _is_unicode(value)
        length = kind.length if isinstance(kind, String) else None
        good = good and (length is None or len(value) <= length)
        expected = _JSON.get((table, column.name))
        good = good and (expected is None or _is_json(value, expected))
    if not good:
        raise wrong
    return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_json(text: str, expected: type | tuple[type, ...]) -> bool:
    try:
        return isinstance(json.loads(text), expected)
    except (ValueError, RecursionError):
        return False
