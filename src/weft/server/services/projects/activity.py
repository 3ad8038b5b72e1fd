"""Reads activity feeds: of a project, and of a team with all its projects that the reader sees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import EntityPath, ProjectPath, holder_of
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import ActivityObject as StoredObject
from weft.server.storage.metadata import ActivityRow, AuditFilter, AuditRow, Transaction
from weft.wire.projects.activity import ActivityEntry, ActivityObject, ActivityPage
from weft.wire.runs.runs import MAX_PAGE

_MEMBER_ACTIONS: Final = ("member.add", "member.remove")
"""Actions of the audit log that each member of the team sees."""

_Position = tuple[int | None, int | None]
"""Row ids in the activity and in the audit log before which a page begins."""


class ActivityService(Service):
    """Activity feeds. Thread-safe."""

    def of_project(
        self, actor: Actor, path: ProjectPath, *, limit: int = 50, cursor: str | None = None
    ) -> ActivityPage:
        """A page of a project's activity, the newest first."""
        require(actor, Action.READ, path)
        check_limit(limit, MAX_PAGE)
        project_id = self._stores.find_project(path)
        before = (None, None) if cursor is None else decode_cursor(cursor, _Position)
        with self._stores.metadata.read() as tx:
            return self._page(tx, actor, [project_id], None, before, limit)

    def of_team(
        self, actor: Actor, team: str, *, limit: int = 50, cursor: str | None = None
    ) -> ActivityPage:
        """A page of a team's activity, the newest first."""
        require(actor, Action.READ, EntityPath(team))
        check_limit(limit, MAX_PAGE)
        before = (None, None) if cursor is None else decode_cursor(cursor, _Position)
        with self._stores.metadata.read() as tx:
            projects = [
                row_id
                for row_id, name in self._stores.metadata.projects.of_entity(tx, team)
                if may(actor, Action.READ, ProjectPath(team, name))
            ]
            return self._page(tx, actor, projects, team, before, limit)

    def _page(
        self,
        tx: Transaction,
        actor: Actor,
        project_ids: Collection[int],
        team: str | None,
        before: _Position,
        limit: int,
    ) -> ActivityPage:
        metadata = self._stores.metadata
        before_activity, before_audit = before
        rows: list[ActivityRow | AuditRow] = []
        if project_ids:
            rows += metadata.activity.page(
                tx, project_ids, before_id=before_activity, limit=limit + 1
            )
        if team is not None:
            rows += metadata.audit.page(
                tx,
                AuditFilter([team], actions=_MEMBER_ACTIONS),
                before_id=before_audit,
                limit=limit + 1,
            )
        rows.sort(key=lambda row: row.at_micros, reverse=True)
        page = rows[:limit]
        for row in page:
            if isinstance(row, ActivityRow):
                before_activity = row.row_id
            else:
                before_audit = row.row_id
        more = len(rows) > limit
        return ActivityPage(
            entries=self._entries(tx, actor, page),
            cursor=encode_cursor((before_activity, before_audit)) if more else None,
        )

    def _entries(
        self, tx: Transaction, actor: Actor, rows: Sequence[ActivityRow | AuditRow]
    ) -> list[ActivityEntry]:
        metadata = self._stores.metadata
        runs = {
            (row.entity, row.project, item.id)
            for row in rows
            if isinstance(row, ActivityRow) and row.action.startswith("run.")
            for item in row.details.objects
        }
        names = metadata.activity.run_names(tx, runs)
        entries: list[ActivityEntry] = []
        for row in rows:
            if isinstance(row, AuditRow):
                entries.append(_membership(row))
            elif self._is_shown(actor, row):
                entries.append(
                    ActivityEntry(
                        at_micros=row.at_micros,
                        since_micros=row.details.since_micros,
                        user=row.user or None,
                        action=row.action,
                        entity=row.entity,
                        project=row.project,
                        n=row.details.n,
                        objects=[_object(row, item, names) for item in row.details.objects],
                        to=self._visible(tx, actor, row.details.to),
                        note=row.details.note or None,
                    )
                )
        return entries

    def _is_shown(self, actor: Actor, row: ActivityRow) -> bool:
        """Whether the actor may see an entry of a project that they may read."""
        # The list of shares is for those who may share, too.
        is_share = row.action.startswith("share.")
        return not is_share or may(actor, Action.SHARE, ProjectPath(row.entity, row.project))

    def _visible(self, tx: Transaction, actor: Actor, target: str) -> str | None:
        """The path of a project, or of a thing in it, if the actor may see it there now."""
        if not target:
            return None
        entity, project = target.split("/")[:2]
        path = ProjectPath(entity, project)
        if self._stores.metadata.projects.find_project(tx, entity, project) is None:
            return None
        return target if may(actor, Action.READ, holder_of(path)) else None


def _object(
    row: ActivityRow, item: StoredObject, runs: Mapping[tuple[str, str, str], tuple[str, bool]]
) -> ActivityObject:
    name, is_gone = item.name, False
    if row.action.startswith("run."):
        name, is_gone = runs.get((row.entity, row.project, item.id), (None, True))
    return ActivityObject(id=item.id, name=name, type=item.type or None, is_gone=is_gone)


def _membership(row: AuditRow) -> ActivityEntry:
    after: dict[str, Any] = {} if row.after is None else msgspec.json.decode(row.after)
    return ActivityEntry(
        at_micros=row.at_micros,
        since_micros=row.at_micros,
        user=None if row.actor in {"local", "system"} else row.actor,
        action=row.action,
        entity=row.entity,
        project=None,
        n=1,
        objects=[ActivityObject(id=row.object, name=None, type=None, is_gone=False)],
        to=None,
        note=after.get("role"),
    )
