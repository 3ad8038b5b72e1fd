"""Notes what people did to runs, for the audit log and the project's activity."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Final, Literal

import msgspec

from weft.records.actions.activity import ActivityAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.stores.audit import MAX_LISTED
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import MetadataUnavailable, RunRow, Transaction
from weft.wire.runs.runs import RunEdit

_log = logging.getLogger(__name__)

_STAR: Final = "starred"
"""The tag of a star on a page, which many runs get and lose in passing."""

RunsAction = Literal["run.remove", "run.restore", "run.purge", "run.move", "run.stop"]


def note_runs(
    stores: Stores,
    actor: Actor,
    action: RunsAction,
    path: ProjectPath,
    runs: Sequence[str],
    *,
    to: ProjectPath | None = None,
) -> None:
    """Note what was done to runs of a project, as one entry, in a transaction of its own.

    The runs are changed already, so a database that cannot be written to is no error.
    """
    if not runs:
        return
    after = {"n_runs": len(runs), "runs": runs[:MAX_LISTED]}
    if to is not None:
        after["to"] = str(to)
    try:
        with stores.metadata.write() as tx:
            stores.audit.note(tx, actor, action, path.entity, path, after=after)
            project_id = stores.metadata.projects.find_project(tx, *path)
            if project_id is not None and action != "run.stop":
                target = "" if to is None else str(to)
                stores.activity.note_runs(tx, project_id, actor.user, action, runs, to=target)
    except MetadataUnavailable as error:
        _log.warning("no entry about runs: %s of %s: %s", action, path, error)


def note_edits(
    stores: Stores,
    tx: Transaction,
    actor: Actor,
    edits: Iterable[tuple[RunEdit, Sequence[RunRow]]],
) -> None:
    """Note in the activity that names, notes or tags of one project's runs were changed."""
    if not stores.activity.is_on:
        return
    rows_by_action: dict[ActivityAction, list[RunRow]] = {}
    for edit, rows in edits:
        for action in _actions_of(edit):
            rows_by_action.setdefault(action, []).extend(rows)
    for action, rows in rows_by_action.items():
        if rows:
            runs = [row.run for row in rows]
            stores.activity.note_runs(tx, rows[0].project_id, actor.user, action, runs)


def _actions_of(edit: RunEdit) -> list[ActivityAction]:
    actions: list[ActivityAction] = []
    if edit.name is not msgspec.UNSET:
        actions.append("run.rename")
    if edit.notes is not msgspec.UNSET or edit.add_notes:
        actions.append("run.notes")
    if edit.tags is not msgspec.UNSET or {*edit.add_tags, *edit.remove_tags} - {_STAR}:
        actions.append("run.tags")
    return actions
