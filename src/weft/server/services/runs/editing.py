"""Edits of runs by users: name, notes, tags, group, job type, colour, config, summary.

An edit counts as a change made now by a separate writer [RL29]. It therefore overrides everything
logged before, and a running script may change the same value again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

import msgspec

from weft.errors import ConfigError, WeftError
from weft.records.colors import RUN_COLORS, is_color
from weft.records.ids import Entity
from weft.records.limits import (
    MAX_KEY_BYTES,
    MAX_NAME_CHARS,
    MAX_NESTING,
    MAX_RUN_TAGS,
    MAX_TEXT_BYTES,
)
from weft.records.merge import NEVER, Stamp
from weft.records.value import with_floats
from weft.server.services.access.actors import WEB_WRITER, Actor
from weft.server.services.access.locked import refusal_of_unlocking
from weft.server.services.access.paths import RunPath
from weft.server.services.ingest.effects import put_changes
from weft.server.storage.metadata import FieldChange, MetadataStore, RunRow, Transaction
from weft.wire.runs.runs import ConfigEdit, RunEdit

_Scope = Literal["config", "set"]
_Edit = TypeVar("_Edit", bound=RunEdit)

MAX_PATHS: Final = 10_000
"""Most changes of a config or summary in one edit."""


def checked_edit(edit: _Edit) -> _Edit:
    """Check an edit and convert its tagged numbers (`{"_type": …}`) back to numbers."""
    if edit.name is not msgspec.UNSET:
        name = edit.name.strip()
        if not name or len(name) > MAX_NAME_CHARS:
            raise ConfigError(f"name must have 1 to {MAX_NAME_CHARS} characters")
    if edit.color is not msgspec.UNSET and not is_color(edit.color):
        raise ConfigError(f"color must be 1 to {RUN_COLORS}, a number of the palette")
    if edit.add_notes and edit.notes is not msgspec.UNSET:
        raise ConfigError("notes are either set as a whole or added to, not both")
    for field in ("notes", "add_notes", "group", "job_type"):
        text = getattr(edit, field)
        if isinstance(text, str) and len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
            raise ConfigError(f"{field} must have at most {MAX_TEXT_BYTES} bytes")
    if edit.tags is not msgspec.UNSET and (edit.add_tags or edit.remove_tags):
        raise ConfigError("tags are either set as a whole or added and removed, not both")
    tags = edit.tags if edit.tags is not msgspec.UNSET else []
    _check_tags([*tags, *edit.add_tags, *edit.remove_tags])
    for field in ("config", "summary"):
        changes = getattr(edit, field)
        if isinstance(changes, ConfigEdit):
            _check_paths(field, [*(path for path, _ in changes.set), *changes.removed])
            changes = msgspec.structs.replace(changes, set=_leaves_with_floats(field, changes))
            edit = msgspec.structs.replace(edit, **{field: changes})
    return edit


def _leaves_with_floats(field: str, changes: ConfigEdit) -> list[tuple[list[str], Any]]:
    for path, value in changes.set:
        if not _is_shallow(value, MAX_NESTING):
            reason = f"{'.'.join(path):.80} is nested more than {MAX_NESTING} deep"
            raise ConfigError(f"{field}.set: {reason}", field=f"{field}.set")
    return [(path, with_floats(value)) for path, value in changes.set]


def _is_shallow(value: Any, n_levels: int) -> bool:
    """Whether a value is nested at most `n_levels` deep, the limit for logs too [RL25]."""
    if not isinstance(value, (list, dict)):
        return True
    inners: Any = value.values() if isinstance(value, dict) else value
    return n_levels > 0 and all(_is_shallow(inner, n_levels - 1) for inner in inners)


def _check_tags(tags: Sequence[str]) -> None:
    if len(tags) > MAX_RUN_TAGS or any(
        not tag.strip() or len(tag) > MAX_NAME_CHARS for tag in tags
    ):
        raise ConfigError(
            f"tags must be at most {MAX_RUN_TAGS}, each of 1 to {MAX_NAME_CHARS} characters"
        )


def _check_paths(field: str, paths: Sequence[Sequence[str]]) -> None:
    if len(paths) > MAX_PATHS:
        raise ConfigError(f"{field} must have at most {MAX_PATHS} changes")
    for path in paths:
        n_bytes = sum(len(part.encode(errors="replace")) for part in path)
        if not 0 < len(path) <= MAX_NESTING or not all(path) or n_bytes > MAX_KEY_BYTES:
            raise ConfigError(
                f"{field} paths must have 1 to {MAX_NESTING} parts, none of them empty, of"
                f" {MAX_KEY_BYTES} bytes in all",
                field=field,
            )


def apply_edit(
    metadata: MetadataStore,
    tx: Transaction,
    rows: Sequence[RunRow],
    edit: RunEdit,
    now_micros: int,
    actor: Actor,
) -> dict[str, WeftError]:
    """Apply a checked edit to runs that `tx` has locked.

    Returns the errors of those that can't be edited, by id. A run that is locked already keeps
    the user who locked it.
    """
    refused: dict[str, WeftError] = {}
    row_ids = [row.row_id for row in rows]
    fields: list[tuple[_Scope, ConfigEdit, dict[int, int]]] = [
        (scope, changes, metadata.fields.latest_micros(tx, row_ids, scope))
        for scope, changes in _field_changes(edit)
    ]
    for row in rows:
        path = RunPath(Entity(row.entity), row.project, row.run)
        if edit.is_locked is False:
            refusal = refusal_of_unlocking(actor, path, f"run {path}", row.locked_by)
            if refusal is not None:
                refused[row.run] = refusal
                continue
        columns = _edited_columns(edit, row)
        if len(columns.get("tags", ())) > MAX_RUN_TAGS:
            refused[row.run] = ConfigError(f"a run must have at most {MAX_RUN_TAGS} tags")
            continue
        if edit.add_notes and len(columns["notes"].encode(errors="replace")) > MAX_TEXT_BYTES:
            refused[row.run] = ConfigError(f"notes must have at most {MAX_TEXT_BYTES} bytes")
            continue
        # Later than all values it changes: edits may share a microsecond, or a clock step back.
        before = [row.stamps.get(column, NEVER).micros for column in columns]
        before += [latest[row.row_id] for _, _, latest in fields if row.row_id in latest]
        stamp = Stamp(max([now_micros, *(micros + 1 for micros in before)]), WEB_WRITER, 0)
        metadata.runs.change(tx, row, columns, stamp, editor=actor.named_editor)
        if edit.is_locked is False:
            metadata.runs.set_lock(tx, row.row_id, None, None)
        elif edit.is_locked is True and row.locked_by is None:
            metadata.runs.set_lock(tx, row.row_id, actor.named_editor, now_micros)
        for scope, changes, _ in fields:
            new: dict[str, FieldChange] = {}
            put_changes(new, changes.set, changes.removed, stamp)
            metadata.fields.put(tx, row.row_id, scope, new)
    return refused


def _field_changes(edit: RunEdit) -> list[tuple[_Scope, ConfigEdit]]:
    changes: list[tuple[_Scope, ConfigEdit]] = []
    if isinstance(edit.config, ConfigEdit):
        changes.append(("config", edit.config))
    if isinstance(edit.summary, ConfigEdit):
        changes.append(("set", edit.summary))
    return changes


def _edited_columns(edit: RunEdit, row: RunRow) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    if edit.name is not msgspec.UNSET:
        columns["name"] = edit.name.strip()
    for field, column in (("notes", "notes"), ("group", "run_group"), ("job_type", "job_type")):
        if getattr(edit, field) is not msgspec.UNSET:
            columns[column] = getattr(edit, field)
    if edit.add_notes:
        columns["notes"] = f"{row.notes}\n\n{edit.add_notes}" if row.notes else edit.add_notes
    if edit.color is not msgspec.UNSET:
        columns["color"] = edit.color
    if edit.tags is not msgspec.UNSET:
        columns["tags"] = list(dict.fromkeys(edit.tags))
    elif edit.add_tags or edit.remove_tags:
        removed = set(edit.remove_tags) - set(edit.add_tags)
        remaining = [tag for tag in row.tags if tag not in removed]
        columns["tags"] = list(dict.fromkeys([*remaining, *edit.add_tags]))
    return columns
