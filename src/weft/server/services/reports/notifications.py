"""Notifications of comments: who is told of one, and what each user sees of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, oneself, require
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import CommentRow, NotificationRow, ReportRow
from weft.wire.reports.notifications import Notification, NotificationList, NotificationsRead

MAX_MENTIONS: Final = 50
"""Most users that one comment tells by their names."""

_EXCERPT_CHARS: Final = 200

_MENTION: Final = re.compile(r"(?<![\w@./`-])@([A-Za-z0-9][A-Za-z0-9_.-]{0,63})")


class NotificationService(Service):
    """Notifications of the user who asks."""

    def list(self, actor: Actor, *, limit: int = 50) -> NotificationList:
        """List the newest notifications of comments that the user may still see."""
        require(actor, Action.READ, oneself(actor))
        rows: Sequence[NotificationRow] = []
        if actor.user is not None:
            with self._stores.metadata.read() as tx:
                rows = self._stores.metadata.comments.notifications(tx, actor.user, limit=limit)
        shown = [_notification(actor, row) for row in rows if _may_see_row(actor, row)]
        return NotificationList(
            notifications=shown, n_unread=sum(not entry.is_read for entry in shown)
        )

    def read(self, actor: Actor, read: NotificationsRead) -> None:
        """Mark notifications of the user as read."""
        require(actor, Action.WRITE, oneself(actor))
        if actor.user is None:
            return
        metadata, now = self._stores.metadata, self._stores.now()
        with metadata.write() as tx:
            metadata.comments.read_notifications(tx, actor.user, read.ids, now)


def mentions_of(body: str) -> list[str]:
    """The names after an `@` in a comment, without those in mail addresses and paths.

    >>> mentions_of("@ada and @bob.: ask mail@example.org, `@code`, @ada")
    ['ada', 'bob']
    """
    names = (name.rstrip(".-") for name in _MENTION.findall(body))
    return list(dict.fromkeys(names))[:MAX_MENTIONS]


def reasons_of(
    actor: Actor,
    path: ProjectPath,
    row: ReportRow,
    thread: Sequence[CommentRow],
    new: CommentRow,
) -> dict[str, str]:
    """The users who are told of a new comment, with the first reason for each: those whom it
    mentions, those who wrote in its thread, and for a new thread the report's author. The actor
    and who may not see the comment are left out.
    """
    reasons = dict.fromkeys(mentions_of(new.body), "mention")
    others = [comment.author for comment in thread] if thread else [row.author]
    for user in others:
        reasons.setdefault(user, "reply" if thread else "report")
    return {
        user: reason
        for user, reason in reasons.items()
        if user != actor.user and _is_reader(actor, user, path, row, new)
    }


def _is_reader(
    actor: Actor, user: str, path: ProjectPath, row: ReportRow, comment: CommentRow
) -> bool:
    entry = actor.people.current.users.get(user)
    if entry is None or entry.is_disabled:
        return False
    person = Actor("user", entry.name, is_admin=entry.is_admin, people=actor.people)
    return _may_see(
        person,
        path,
        is_for_editors=comment.is_for_editors,
        is_published=row.published_version is not None,
    )


def _may_see(actor: Actor, path: ProjectPath, *, is_for_editors: bool, is_published: bool) -> bool:
    is_limited = is_for_editors or not is_published
    return may(actor, Action.WRITE if is_limited else Action.READ, path)


def _may_see_row(actor: Actor, row: NotificationRow) -> bool:
    return _may_see(
        actor,
        ProjectPath(row.entity, row.project),
        is_for_editors=row.is_for_editors,
        is_published=row.is_published,
    )


def _notification(actor: Actor, row: NotificationRow) -> Notification:
    is_writer = may(actor, Action.WRITE, ProjectPath(row.entity, row.project))
    return Notification(
        id=row.row_id,
        reason=row.reason,
        at_micros=row.at_micros,
        is_read=row.read_micros is not None,
        entity=row.entity,
        project=row.project,
        report=row.report,
        title=(row.title if is_writer else row.published_title) or "",
        comment=row.comment,
        thread=row.thread,
        audience="editors" if row.is_for_editors else "readers",
        author=row.author or None,
        excerpt=row.body[:_EXCERPT_CHARS],
    )
