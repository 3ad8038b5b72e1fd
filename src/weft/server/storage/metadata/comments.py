"""Comments on reports in the metadata database, and the notifications that users get of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import columns_of
from weft.server.storage.metadata.database.schema import (
    entity,
    project,
    report,
    report_comment,
    report_notification,
    user,
)

MAX_NOTIFICATIONS: Final = 500
"""Most notifications of a user; the oldest are deleted."""


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment.

    Attributes:
        thread: the id of the first comment of its thread; of that one its own.
        author: empty without accounts, as is `resolved_by`.
        deleted_micros: only of a first comment that has replies. Others are removed.
        is_for_editors: whether only those see the thread who may write.
        anchor: JSON, of a first comment.
        version: of the report, next to which a first comment was written; None: the draft.
        resolved_micros: of a first comment, as is `resolved_by`; None while the thread is open.
    """

    comment: str
    thread: str
    author: str
    created_micros: int
    edited_micros: int | None
    deleted_micros: int | None
    body: str
    is_for_editors: bool
    anchor: str | None
    version: int | None
    resolved_micros: int | None
    resolved_by: str | None


class NotificationRow(NamedTuple):
    """A notification, with what is shown of its comment."""

    row_id: int
    reason: str
    at_micros: int
    read_micros: int | None
    entity: str
    project: str
    report: str
    title: str
    published_title: str | None
    is_published: bool
    comment: str
    thread: str
    author: str
    body: str
    is_for_editors: bool


class CommentTable:
    """Reads and writes comments and their notifications."""

    def comments(self, tx: Transaction, row_id: int) -> list[CommentRow]:
        """All comments of a report, the oldest first."""
        query = select(*_COMMENT).where(report_comment.c.report_id == row_id)
        query = query.order_by(report_comment.c.created_micros, report_comment.c.comment)
        return [CommentRow(*row) for row in tx.connection.execute(query)]

    def count(self, tx: Transaction, row_id: int) -> int:
        """The number of comments of a report."""
        query = select(func.count()).select_from(report_comment)
        return tx.connection.execute(
            query.where(report_comment.c.report_id == row_id)
        ).scalar_one()

    def open_threads(
        self, tx: Transaction, project_id: int, *, for_editors: bool
    ) -> dict[str, int]:
        """The number of unresolved threads by report of a project, of those that have some."""
        query = (
            select(report.c.report, func.count())
            .join(report_comment, report_comment.c.report_id == report.c.id)
            .where(
                report.c.project_id == project_id,
                report_comment.c.comment == report_comment.c.thread,
                report_comment.c.resolved_micros.is_(None),
            )
            .group_by(report.c.report)
        )
        if not for_editors:
            query = query.where(report_comment.c.is_for_editors.is_(False))
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def add_comment(self, tx: Transaction, row_id: int, new: CommentRow) -> None:
        """Add a comment to a report."""
        values = {name: getattr(new, name) for name in CommentRow.__dataclass_fields__}
        tx.connection.execute(report_comment.insert().values(report_id=row_id, **values))
        tx.things.add(("comments", row_id))

    def change_comment(
        self, tx: Transaction, row_id: int, comment: str, **values: str | int | None
    ) -> None:
        """Set some columns of a comment."""
        tx.connection.execute(
            report_comment.update()
            .where(report_comment.c.report_id == row_id, report_comment.c.comment == comment)
            .values(**values)
        )
        tx.things.add(("comments", row_id))

    def delete_comments(self, tx: Transaction, row_id: int, comments: Collection[str]) -> None:
        """Remove comments of a report permanently, with their notifications."""
        for table in (report_notification, report_comment):
            tx.connection.execute(
                table.delete().where(table.c.report_id == row_id, table.c.comment.in_(comments))
            )
        tx.things.add(("comments", row_id))

    def project_of(self, tx: Transaction, row_id: int) -> tuple[str, str] | None:
        """Entity and project of a report by its row id; None if it is gone."""
        query = (
            select(entity.c.name, project.c.name)
            .select_from(report.join(project).join(entity))
            .where(report.c.id == row_id)
        )
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else (row[0], row[1])

    def notify(
        self,
        tx: Transaction,
        row_id: int,
        comment: str,
        reasons: Mapping[str, str],
        at_micros: int,
    ) -> None:
        """Tell users of a comment, with a reason for each; no one is told of it twice."""
        users = select(user.c.id, user.c.name).where(user.c.name.in_(reasons))
        rows = [
            {
                "user_id": user_id, "report_id": row_id, "comment": comment,
                "reason": reasons[name], "at_micros": at_micros,
            }
            for user_id, name in tx.connection.execute(users).all()
        ]  # fmt: skip
        if not rows:
            return
        statement = insert(tx, report_notification).on_conflict_do_nothing(
            index_elements=("user_id", "report_id", "comment")
        )
        tx.connection.execute(statement, rows)
        for row in rows:
            self._expire(tx, row["user_id"])

    def _expire(self, tx: Transaction, user_id: int) -> None:
        newest = select(report_notification.c.id).where(report_notification.c.user_id == user_id)
        oldest = newest.order_by(report_notification.c.id.desc()).offset(MAX_NOTIFICATIONS)
        row_ids = list(tx.connection.execute(oldest).scalars())
        if row_ids:
            tx.connection.execute(
                report_notification.delete().where(report_notification.c.id.in_(row_ids))
            )

    def notifications(self, tx: Transaction, name: str, *, limit: int) -> list[NotificationRow]:
        """The newest notifications of a user, but those of reports and projects in the trash."""
        query = (
            select(*_NOTIFICATION)
            .select_from(
                report_notification.join(user)
                .join(report, report.c.id == report_notification.c.report_id)
                .join(project, project.c.id == report.c.project_id)
                .join(entity, entity.c.id == project.c.entity_id)
                .join(
                    report_comment,
                    (report_comment.c.report_id == report_notification.c.report_id)
                    & (report_comment.c.comment == report_notification.c.comment),
                )
            )
            .where(
                user.c.name == name,
                report.c.trashed_micros.is_(None),
                project.c.trashed_micros.is_(None),
            )
            .order_by(report_notification.c.id.desc())
            .limit(limit)
        )
        return [NotificationRow._make(row) for row in tx.connection.execute(query)]

    def read_notifications(
        self, tx: Transaction, name: str, row_ids: Collection[int] | None, now_micros: int
    ) -> None:
        """Note that a user has read some notifications; None: all."""
        table = report_notification
        own = select(user.c.id).where(user.c.name == name).scalar_subquery()
        query = table.update().where(table.c.user_id == own, table.c.read_micros.is_(None))
        if row_ids is not None:
            query = query.where(table.c.id.in_(row_ids))
        tx.connection.execute(query.values(read_micros=now_micros))


_COMMENT: Final = columns_of(report_comment, CommentRow)
_NOTIFICATION: Final = (
    report_notification.c.id,
    report_notification.c.reason,
    report_notification.c.at_micros,
    report_notification.c.read_micros,
    entity.c.name,
    project.c.name,
    report.c.report,
    report.c.title,
    report.c.published_title,
    report.c.published_version.is_not(None),
    report_comment.c.comment,
    report_comment.c.thread,
    report_comment.c.author,
    report_comment.c.body,
    report_comment.c.is_for_editors,
)
