"""Entries of the audit log about edits of runs: locks, and changes of many runs at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from weft.records.actions.audit import AuditAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.stores.audit import MAX_LISTED
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import RunRow, Transaction
from weft.wire.runs.runs import ConfigEdit, RunEdit

_MAX_VALUES: Final = 20
"""The most runs of an entry whose values are listed."""

_COLUMNS: Final = {
    "name": "name",
    "notes": "notes",
    "add_notes": "notes",
    "tags": "tags",
    "add_tags": "tags",
    "remove_tags": "tags",
    "group": "run_group",
    "job_type": "job_type",
    "color": "color",
}
"""Column of each field of an edit that is stored in a run's row, without the lock."""

Edits = Sequence[tuple[RunEdit, Sequence[RunRow]]]
"""Edits, each with the runs it changes as they were before."""


def note_locks(
    stores: Stores, tx: Transaction, actor: Actor, path: ProjectPath, edits: Edits
) -> None:
    """Note the runs that edits lock or unlock; those that were so before are left out."""
    for is_locked in (True, False):
        rows = [
            row
            for edit, edited in edits
            for row in edited
            if edit.is_locked is is_locked and (row.locked_by is not None) is not is_locked
        ]
        if not rows:
            continue
        action: AuditAction = "lock.add" if is_locked else "lock.remove"
        locks = {row.run: row.locked_by for row in rows[:MAX_LISTED]}
        stores.audit.note(
            tx, actor, action, path.entity, path if len(rows) > 1 else path.run(rows[0].run),
            before=None if is_locked else {"locked_by": locks},
            after={"n_runs": len(rows), "runs": list(locks)},
        )  # fmt: skip


def note_changes(
    stores: Stores, tx: Transaction, actor: Actor, path: ProjectPath, edits: Edits
) -> None:
    """Note what edits of many runs change but locks: the fields, and the values of some runs.

    Of config and summary the names of values are noted, and no values.
    """
    fields = sorted({field for edit, edited in edits if edited for field in _changed(edit)})
    rows = [(edit, row) for edit, edited in edits for row in edited]
    if not fields or not rows:
        return
    listed = rows[:_MAX_VALUES]
    stores.audit.note(
        tx, actor, "run.change", path.entity, path,
        before={"runs": {row.run: _values_before(edit, row) for edit, row in listed}},
        after={
            "n_runs": len(rows),
            "fields": fields,
            "runs": {row.run: _changed(edit) for edit, row in listed},
        },
    )  # fmt: skip


def without(edits: Edits, runs: Collection[str]) -> Edits:
    """Edits without the runs that were not edited."""
    return [(edit, [row for row in rows if row.run not in runs]) for edit, rows in edits]


def _values_before(edit: RunEdit, row: RunRow) -> dict[str, Any]:
    columns = {_COLUMNS[field] for field in _changed(edit) if field in _COLUMNS}
    return {column: getattr(row, column) for column in sorted(columns)}


def _changed(edit: RunEdit) -> Mapping[str, Any]:
    changed = {
        field: value
        for field in _COLUMNS
        if (value := getattr(edit, field)) is not msgspec.UNSET
        and (value or not field.startswith(("add_", "remove_")))
    }
    for field in ("config", "summary"):
        changes = getattr(edit, field)
        if isinstance(changes, ConfigEdit):
            paths = [*(path for path, _ in changes.set), *changes.removed]
            changed[field] = [".".join(path) for path in paths]
    return changed
