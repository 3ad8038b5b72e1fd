"""Notifications: comments that a user is told of, on all reports of the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody

MAX_NOTIFICATION_PAGE = 100

Reason = Annotated[
    str,
    one_of("mention", "reply", "report"),
    Meta(
        description="`mention`: it names you; `reply`: in a thread in which you wrote; "
        "`report`: a thread on a report that you created"
    ),
]


class Notification(Struct, frozen=True, kw_only=True):
    """A comment that you are told of."""

    id: int
    reason: Reason
    at_micros: int
    is_read: bool
    entity: str
    project: str
    report: Annotated[str, Meta(description="id of the report")]
    title: Annotated[str, Meta(description="of the report")]
    comment: Annotated[str, Meta(description="id of the comment")]
    thread: Annotated[str, Meta(description="id of its thread")]
    audience: Annotated[
        str,
        one_of("editors", "readers", description="who sees the thread: of editors, on the draft"),
    ]
    author: Annotated[str | None, Meta(description="who wrote it; null: without an account")]
    excerpt: Annotated[str, Meta(description="the beginning of its text")]


class NotificationList(Struct, frozen=True, kw_only=True):
    """Your notifications, the newest first; empty on a server without accounts."""

    notifications: Sequence[Notification]
    n_unread: Annotated[int, Meta(description="of those in the list")]


class NotificationsRead(RequestBody, frozen=True, kw_only=True):
    """The notifications that you have read."""

    ids: Annotated[
        Annotated[list[int], Meta(max_length=500)] | None, Meta(description="null: all")
    ] = None


_notifications = Endpoints("/api/v1/notifications", tag="reports")


@_notifications.get()
def list_notifications(
    *, limit: Annotated[int, Meta(ge=1, le=MAX_NOTIFICATION_PAGE)] = 50
) -> NotificationList:
    """List the comments that you are told of, where you may still see them."""


@_notifications.post("/read")
def read_notifications(
    read: NotificationsRead = NotificationsRead(),  # noqa: B008 (a frozen struct)
) -> None:
    """Mark notifications as read."""
