"""Comments on reports: who may see, write, change and resolve them."""

from __future__ import annotations

import builtins
import dataclasses
import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from weft.errors import ConfigError, Conflict, Forbidden, LimitExceeded, NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.reports.anchors import check_anchor, readable_anchor, text_of_blocks
from weft.server.services.reports.drafts import present
from weft.server.services.reports.finding import find_report, version_document
from weft.server.services.reports.notifications import reasons_of
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import CommentRow, ReportRow, Transaction, clean_text
from weft.wire.reports.comments import (
    Comment,
    CommentAnchor,
    CommentText,
    CommentThread,
    CommentThreadList,
    NewThread,
)

MAX_COMMENTS: Final = 2000
"""Most comments on a report, with those of resolved threads."""

_encode: Final = msgspec.json.Encoder().encode
_decode_anchor: Final = msgspec.json.Decoder(CommentAnchor).decode


class ReportCommentService(Service):
    """Operations on comments."""

    def list(self, actor: Actor, path: ProjectPath, report: str) -> CommentThreadList:
        """List the comments on a report, by thread."""
        require(actor, Action.READ, path)
        is_writer = may(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report, is_writer=is_writer)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.comments.comments(tx, row.row_id)
        threads: dict[str, builtins.list[CommentRow]] = {}
        for comment in rows:
            threads.setdefault(comment.thread, []).append(comment)
        if is_writer:
            return CommentThreadList([_thread_of(thread) for thread in threads.values()])
        number = row.published_version
        assert number is not None  # others than writers find no other reports
        published = text_of_blocks(version_document(self._stores, row, number)["blocks"])
        return CommentThreadList(
            [
                _thread_of(thread, published)
                for thread in threads.values()
                if not thread[0].is_for_editors
            ]
        )

    def add_thread(
        self, actor: Actor, path: ProjectPath, report: str, new: NewThread
    ) -> CommentThread:
        """Comment on a report, or on a part of it."""
        require(actor, Action.WRITE, path)
        check_anchor(new.anchor)
        row = find_report(self._stores, path, report)
        name = secrets.token_hex(6)
        comment = self._new_row(actor, name, name, new.body)
        comment = dataclasses.replace(
            comment,
            is_for_editors=new.audience == "editors",
            anchor=_encode(new.anchor).decode(),
            version=_version_of(new, row),
        )
        with self._stores.metadata.write() as tx:
            self._add(tx, actor, path, row, [], comment)
        return self._changed(actor, path, row, name)

    def add_reply(
        self, actor: Actor, path: ProjectPath, report: str, comment: str, new: CommentText
    ) -> CommentThread:
        """Reply to a thread."""
        require(actor, Action.WRITE, path)
        row = find_report(self._stores, path, report)
        reply = self._new_row(actor, secrets.token_hex(6), comment, new.body)
        with self._stores.metadata.write() as tx:
            thread = self._locked_thread(tx, row, comment)
            is_for_editors = thread[0].is_for_editors
            reply = dataclasses.replace(reply, is_for_editors=is_for_editors)
            self._add(tx, actor, path, row, thread, reply)
        return self._changed(actor, path, row, comment)

    def edit(
        self, actor: Actor, path: ProjectPath, report: str, comment: str, edit: CommentText
    ) -> CommentThread:
        """Change a comment of one's own. Users whom it mentions now, and did not before, are told
        of it.
        """
        require(actor, Action.WRITE, path)
        stores = self._stores
        row = find_report(stores, path, report)
        body = _checked_body(edit.body)
        with stores.metadata.write() as tx:
            before, thread = self._locked_comment(tx, row, comment)
            if before.author != (actor.user or ""):
                raise Forbidden("only its author may change a comment: reply to it instead")
            if before.deleted_micros is not None:
                raise Conflict(f"comment {comment} was deleted")
            now = stores.now()
            stores.metadata.comments.change_comment(
                tx, row.row_id, comment, body=body, edited_micros=now
            )
            edited = dataclasses.replace(before, body=body)
            reasons = reasons_of(actor, path, row, [], edited)
            mentions = {user: why for user, why in reasons.items() if why == "mention"}
            stores.metadata.comments.notify(tx, row.row_id, comment, mentions, now)
        return self._changed(actor, path, row, thread[0].comment)

    def delete(self, actor: Actor, path: ProjectPath, report: str, comment: str) -> None:
        """Delete a comment of one's own, or as an admin of the project any one."""
        require(actor, Action.WRITE, path)
        stores = self._stores
        row = find_report(stores, path, report)
        comments = stores.metadata.comments
        with stores.metadata.write() as tx:
            before, thread = self._locked_comment(tx, row, comment)
            is_own = before.author == (actor.user or "")
            if not is_own:
                require(actor, Action.ADMIN, path)
            replies = [reply for reply in thread if reply.comment != before.thread]
            first = thread[0]
            if comment == before.thread and replies:
                comments.change_comment(
                    tx, row.row_id, comment, body="", author="", deleted_micros=stores.now()
                )
            elif first.deleted_micros is not None and replies == [before]:
                comments.delete_comments(tx, row.row_id, [before.thread, comment])
            else:
                comments.delete_comments(tx, row.row_id, [comment])
            if not is_own:
                target = f"{path}/reports/{report}/comments/{comment}"
                stores.audit.note(
                    tx, actor, "comment.remove", path.entity, target, {"author": before.author}
                )
        stores.live.publish_comments(actor, path)

    def resolve(self, actor: Actor, path: ProjectPath, report: str, comment: str) -> CommentThread:
        """Note that a thread is settled."""
        require(actor, Action.WRITE, path)
        return self._set_resolved(actor, path, report, comment, is_resolved=True)

    def reopen(self, actor: Actor, path: ProjectPath, report: str, comment: str) -> CommentThread:
        """Open a thread that was resolved."""
        require(actor, Action.WRITE, path)
        return self._set_resolved(actor, path, report, comment, is_resolved=False)

    def _set_resolved(
        self, actor: Actor, path: ProjectPath, report: str, comment: str, *, is_resolved: bool
    ) -> CommentThread:
        stores = self._stores
        row = find_report(stores, path, report)
        with stores.metadata.write() as tx:
            first = self._locked_thread(tx, row, comment)[0]
            if is_resolved != (first.resolved_micros is not None):
                stores.metadata.comments.change_comment(
                    tx,
                    row.row_id,
                    comment,
                    resolved_micros=stores.now() if is_resolved else None,
                    resolved_by=(actor.user or "") if is_resolved else None,
                )
        return self._changed(actor, path, row, comment)

    def _new_row(self, actor: Actor, comment: str, thread: str, body: str) -> CommentRow:
        return CommentRow(
            comment=comment,
            thread=thread,
            author=actor.user or "",
            created_micros=self._stores.now(),
            edited_micros=None,
            deleted_micros=None,
            body=_checked_body(body),
            is_for_editors=True,
            anchor=None,
            version=None,
            resolved_micros=None,
            resolved_by=None,
        )

    def _add(
        self,
        tx: Transaction,
        actor: Actor,
        path: ProjectPath,
        row: ReportRow,
        thread: Sequence[CommentRow],
        new: CommentRow,
    ) -> None:
        metadata = self._stores.metadata
        row = present(metadata.reports.by_row_id(tx, row.row_id, for_update=True))
        if metadata.comments.count(tx, row.row_id) >= MAX_COMMENTS:
            raise LimitExceeded(
                f"report {row.report} has {MAX_COMMENTS} comments already: delete some"
            )
        metadata.comments.add_comment(tx, row.row_id, new)
        reasons = reasons_of(actor, path, row, thread, new)
        metadata.comments.notify(tx, row.row_id, new.comment, reasons, new.created_micros)

    def _locked_thread(
        self, tx: Transaction, row: ReportRow, thread: str
    ) -> builtins.list[CommentRow]:
        """The comments of a thread by its id; others wait with changes of them."""
        comment, rows = self._locked_comment(tx, row, thread)
        if comment.comment != comment.thread:
            raise NotFound(f"comment {thread} is a reply: name its thread, {comment.thread}")
        return rows

    def _locked_comment(
        self, tx: Transaction, row: ReportRow, comment: str
    ) -> tuple[CommentRow, builtins.list[CommentRow]]:
        """A comment, and all of its thread, the first at the front."""
        metadata = self._stores.metadata
        present(metadata.reports.by_row_id(tx, row.row_id, for_update=True))
        rows = metadata.comments.comments(tx, row.row_id)
        for candidate in rows:
            if candidate.comment == comment:
                return candidate, _ordered(
                    [other for other in rows if other.thread == candidate.thread]
                )
        raise NotFound(f"report {row.report} has no comment {comment}")

    def _changed(
        self, actor: Actor, path: ProjectPath, row: ReportRow, thread: str
    ) -> CommentThread:
        """A thread after a change, of which pages are told."""
        self._stores.live.publish_comments(actor, path)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.comments.comments(tx, row.row_id)
        comments = [comment for comment in rows if comment.thread == thread]
        if not comments:
            raise NotFound(f"thread {thread} was just deleted")
        return _thread_of(comments)


def _checked_body(body: str) -> str:
    text = clean_text(body).strip()
    if not text:
        raise ConfigError("a comment needs a text", field="body")
    return text


def _version_of(new: NewThread, row: ReportRow) -> int | None:
    newest = row.published_version
    if new.version is None:
        return newest if new.audience == "readers" else None
    if newest is None or new.version > newest:
        raise NotFound(f"report {row.report} has no version {new.version}")
    return new.version


def _ordered(thread: Sequence[CommentRow]) -> list[CommentRow]:
    """A thread with its first comment at the front: clocks may stand still."""
    return sorted(
        thread, key=lambda row: (row.comment != row.thread, row.created_micros, row.comment)
    )


def _thread_of(thread: Sequence[CommentRow], published: str | None = None) -> CommentThread:
    """A thread as answers show it; `published` is all that its reader may see of the report."""
    first, *_ = rows = _ordered(thread)
    anchor = CommentAnchor() if first.anchor is None else _decode_anchor(first.anchor)
    shown = anchor if published is None else readable_anchor(anchor, published)
    return CommentThread(
        id=first.thread,
        anchor=shown,
        is_quote_withheld=bool(anchor.exact) and not shown.exact,
        audience="editors" if first.is_for_editors else "readers",
        version=first.version,
        resolved_micros=first.resolved_micros,
        resolved_by=first.resolved_by or None,
        comments=[
            Comment(
                id=row.comment,
                author=row.author or None,
                created_micros=row.created_micros,
                edited_micros=row.edited_micros,
                is_deleted=row.deleted_micros is not None,
                body=row.body,
            )
            for row in rows
        ],
    )
