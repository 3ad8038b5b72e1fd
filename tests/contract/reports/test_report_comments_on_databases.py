"""Comments on reports on SQLite and PostgreSQL: who sees, writes, changes and resolves them, what
readers get of their quotes, who is notified, and what becomes of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archive_edits import entries, in_lines, pack
from at_length import engines_at_length
from weft.errors import ConfigError, Conflict, CorruptLog, Forbidden, LimitExceeded, NotFound
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.reports import comments
from weft.wire.projects.access import ProjectMove
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.comments import CommentAnchor, CommentText, CommentThread, NewThread
from weft.wire.reports.notifications import NotificationsRead
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish
from weft.wire.server.teams import Membership, TeamAddition

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("lab", "p")


def paragraph(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "kind": "paragraph", "text": [{"text": text}]}


class Lab:
    """A team of two members and a viewer, with a project and a report of the first."""

    def __init__(self, services: Services) -> None:
        self.services = services
        for name in ("root", "ada", "bob", "vic", "olga"):
            services.users.add_user(LOCAL, name, is_admin=name == "root")
        roles = {"root": "admin", "ada": "member", "bob": "member", "vic": "viewer"}
        services.teams.add_team(LOCAL, TeamAddition(name="lab", members=roles))
        services.projects.put(LOCAL, P, ProjectEdit())
        self.root, self.ada, self.bob, self.vic, self.olga = (
            Actor("user", name, is_admin=name == "root", people=services.stores.people)
            for name in ("root", "ada", "bob", "vic", "olga")
        )
        blocks = [paragraph("a", "The loss falls to a secret"), paragraph("b", "Other text")]
        created = services.reports.create(self.ada, P, ReportCreate(title="A", blocks=blocks))
        self.report = created.id

    def publish(self, *blocks: dict[str, Any]) -> None:
        """Publish the report, with other blocks if some are named."""
        if blocks:
            self.services.reports.edit(self.ada, P, self.report, ReportEdit(blocks=list(blocks)))
        self.services.reports.publish(self.ada, P, self.report, ReportPublish())

    def begin(self, actor: Actor, body: str = "why?", **fields: Any) -> CommentThread:
        new = NewThread(body=body, **fields)
        return self.services.report_comments.add_thread(actor, P, self.report, new)

    def reply(self, actor: Actor, thread: CommentThread, body: str) -> CommentThread:
        text = CommentText(body=body)
        return self.services.report_comments.add_reply(actor, P, self.report, thread.id, text)

    def seen_by(self, actor: Actor) -> list[CommentThread]:
        return list(self.services.report_comments.list(actor, P, self.report).threads)

    def told(self, actor: Actor) -> list[tuple[str, str]]:
        """Reason and excerpt of the unread notifications of a user, the newest first."""
        page = self.services.notifications.list(actor)
        return [(item.reason, item.excerpt) for item in page.notifications if not item.is_read]


@pytest.fixture
def lab(services: Services) -> Lab:
    return Lab(services)


def bodies(thread: CommentThread) -> list[str]:
    return [comment.body for comment in thread.comments]


def test_a_thread_has_replies_is_resolved_and_opened_again(lab: Lab) -> None:
    service = lab.services.report_comments
    anchor = CommentAnchor(block="a", exact="loss falls", prefix="The ", suffix=" to")
    thread = lab.begin(lab.ada, "Is this with dropout?", anchor=anchor)
    assert (thread.anchor, thread.audience) == (anchor, "editors")
    thread = lab.reply(lab.bob, thread, "Without.")
    assert bodies(thread) == ["Is this with dropout?", "Without."]
    assert [comment.author for comment in thread.comments] == ["ada", "bob"]
    resolved = service.resolve(lab.bob, P, lab.report, thread.id)
    assert (resolved.resolved_by, resolved.resolved_micros is not None) == ("bob", True)
    assert lab.services.reports.list(lab.ada, P).open_threads == {}
    opened = service.reopen(lab.ada, P, lab.report, thread.id)
    assert (opened.resolved_by, opened.resolved_micros) == (None, None)
    assert lab.seen_by(lab.bob) == [opened]
    assert lab.services.reports.list(lab.ada, P).open_threads == {lab.report: 1}


def test_authors_change_their_comments_and_admins_delete_any(lab: Lab) -> None:
    service = lab.services.report_comments
    thread = lab.begin(lab.ada, "first")
    reply = lab.reply(lab.bob, thread, "second").comments[1]
    edited = service.edit(lab.bob, P, lab.report, reply.id, CommentText(body=" better "))
    assert bodies(edited) == ["first", "better"]
    assert edited.comments[1].edited_micros is not None
    for refused in (
        lambda: service.edit(lab.ada, P, lab.report, reply.id, CommentText(body="x")),
        lambda: service.edit(lab.root, P, lab.report, reply.id, CommentText(body="x")),
        lambda: service.delete(lab.ada, P, lab.report, reply.id),
    ):
        with pytest.raises(Forbidden):
            refused()
    service.delete(lab.ada, P, lab.report, thread.id)
    [left] = lab.seen_by(lab.bob)
    assert [(comment.body, comment.author) for comment in left.comments] == [
        ("", None),
        ("better", "bob"),
    ]
    assert [comment.is_deleted for comment in left.comments] == [True, False]
    with pytest.raises((Conflict, Forbidden)):
        service.edit(lab.ada, P, lab.report, thread.id, CommentText(body="x"))
    service.delete(lab.root, P, lab.report, reply.id)
    assert lab.seen_by(lab.bob) == []
    with pytest.raises(NotFound):
        lab.reply(lab.bob, thread, "late")


def test_readers_see_no_text_that_is_not_published(lab: Lab) -> None:
    anchor = CommentAnchor(block="a", exact="secret", prefix="falls to a ")
    lab.begin(lab.ada, "remove before we publish", anchor=anchor)
    with pytest.raises(NotFound):
        lab.seen_by(lab.vic)
    lab.publish()
    shown = lab.begin(lab.bob, "which one?", anchor=anchor, audience="readers")
    assert lab.seen_by(lab.vic) == [shown]
    assert lab.services.reports.list(lab.vic, P).open_threads == {lab.report: 1}
    lab.publish(paragraph("a", "It ends in a secret"), paragraph("b", "Other text"))
    [thread] = lab.seen_by(lab.vic)
    assert (thread.anchor.exact, thread.anchor.prefix) == ("secret", "")
    lab.publish(paragraph("a", "The loss falls"))
    [thread] = lab.seen_by(lab.vic)
    assert thread.is_quote_withheld
    assert thread.anchor == CommentAnchor(block="a")
    assert [other.anchor for other in lab.seen_by(lab.ada)] == [anchor, anchor]


def test_a_thread_has_the_version_that_it_was_begun_on(lab: Lab) -> None:
    assert lab.begin(lab.ada).version is None
    with pytest.raises(NotFound, match="has no version 1"):
        lab.begin(lab.ada, version=1)
    lab.publish()
    assert lab.begin(lab.ada, audience="readers").version == 1
    lab.publish(paragraph("b", "Other text"))
    assert lab.begin(lab.ada, audience="readers").version == 2
    old = lab.begin(lab.bob, version=1)
    assert (old.version, lab.reply(lab.ada, old, "yes").version) == (1, 1)
    assert [thread.version for thread in lab.seen_by(lab.ada)] == [None, 1, 2, 1]
    assert [thread.version for thread in lab.seen_by(lab.vic)] == [1, 2]
    with pytest.raises(NotFound, match="has no version 3"):
        lab.begin(lab.ada, version=3)


def test_who_may_not_write_does_not_comment(lab: Lab) -> None:
    lab.publish()
    thread = lab.begin(lab.ada, audience="readers")
    service = lab.services.report_comments
    for actor in (lab.vic, lab.olga):
        for refused in (
            lambda actor=actor: lab.begin(actor),
            lambda actor=actor: lab.reply(actor, thread, "x"),
            lambda actor=actor: service.resolve(actor, P, lab.report, thread.id),
            lambda actor=actor: service.delete(actor, P, lab.report, thread.id),
        ):
            with pytest.raises(Forbidden):
                refused()
    with pytest.raises(Forbidden):
        lab.seen_by(lab.olga)


def test_people_are_told_of_what_they_may_see(lab: Lab) -> None:
    thread = lab.begin(lab.bob, "@vic and @olga and @absent: look")
    assert (lab.told(lab.ada), lab.told(lab.vic), lab.told(lab.olga)) == (
        [("report", "@vic and @olga and @absent: look")],
        [],
        [],
    )
    lab.reply(lab.ada, thread, "`@bob` knows")
    assert lab.told(lab.bob) == [("reply", "`@bob` knows")]
    lab.publish()
    public = lab.begin(lab.bob, "@vic, @bob: here", audience="readers")
    assert lab.told(lab.vic) == [("mention", "@vic, @bob: here")]
    assert len(lab.told(lab.bob)) == 1
    service = lab.services.report_comments
    service.edit(lab.bob, P, lab.report, public.id, CommentText(body="@ada, @vic: here"))
    assert lab.told(lab.vic) == [("mention", "@ada, @vic: here")]
    newest = lab.services.notifications.list(lab.vic).notifications[0]
    lab.services.notifications.read(lab.vic, NotificationsRead(ids=[newest.id]))
    assert lab.services.notifications.list(lab.vic).n_unread == 0
    lab.services.notifications.read(lab.ada, NotificationsRead())
    assert lab.told(lab.ada) == []
    lab.services.teams.put_member(LOCAL, "lab", "bob", Membership(role="viewer"))
    assert lab.told(lab.bob) == []  # of a thread of editors
    service.delete(lab.root, P, lab.report, public.id)
    assert lab.services.notifications.list(lab.vic).notifications == []


@engines_at_length("postgresql")
def test_bad_input_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="needs a text"):
        lab.begin(lab.ada, " \n ")
    for anchor in (
        CommentAnchor(exact="text"),
        CommentAnchor(panel="loss"),
        CommentAnchor(block="a", prefix="The"),
    ):
        with pytest.raises(ConfigError, match="anchor"):
            lab.begin(lab.ada, anchor=anchor)
    thread = lab.begin(lab.ada, "with a \0")
    assert bodies(thread) == ["with a �"]
    reply = lab.reply(lab.bob, thread, "x").comments[1]
    with pytest.raises(NotFound, match="name its thread"):
        lab.services.report_comments.resolve(lab.ada, P, lab.report, reply.id)
    monkeypatch.setattr(comments, "MAX_COMMENTS", 2)
    with pytest.raises(LimitExceeded, match="delete some"):
        lab.reply(lab.bob, thread, "one more")


def test_comments_move_with_their_report_and_go_with_it(lab: Lab) -> None:
    thread = lab.begin(lab.bob, "@ada")
    there = ProjectPath("lab", "there")
    lab.services.moves.move(LOCAL, P, ProjectMove(project="there"))
    listed = lab.services.report_comments.list(lab.ada, there, lab.report)
    assert listed.threads == [thread]
    assert lab.services.notifications.list(lab.ada).notifications[0].project == "there"
    lab.services.reports.delete(lab.ada, there, lab.report)
    assert lab.told(lab.ada) == []
    lab.services.reports.undelete(lab.ada, there, lab.report)
    assert len(lab.told(lab.ada)) == 1
    lab.services.reports.delete(lab.ada, there, lab.report, permanently=True)
    with lab.services.stores.metadata.read() as tx:
        assert lab.services.stores.metadata.comments.comments(tx, 1) == []
    assert lab.told(lab.ada) == []


def test_an_archive_has_comments(lab: Lab, tmp_path: Path) -> None:
    anchor = CommentAnchor(block="a", exact="loss")
    lab.publish()
    thread = lab.reply(lab.bob, lab.begin(lab.ada, anchor=anchor, version=1), "reply")
    archive = tmp_path / "p.zip"
    archive.write_bytes(b"".join(lab.services.archives.export(LOCAL, P)))
    there = ProjectPath("lab", "there")
    lab.services.archives.import_(LOCAL, archive, there)
    listed = lab.services.report_comments.list(lab.ada, there, lab.report)
    assert listed.threads == [thread]
    contents = entries(archive)

    def orphan(lines: list[dict[str, Any]]) -> None:
        lines[0]["comments"][0]["thread"] = "absent"
        lines[0]["comments"][1]["thread"] = "absent"

    in_lines("reports.jsonl", orphan)(contents)
    with pytest.raises(CorruptLog, match="without its thread"):
        lab.services.archives.import_(
            LOCAL, pack(tmp_path / "bad.zip", contents), ProjectPath("lab", "bad")
        )
