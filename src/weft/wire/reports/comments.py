"""Comments on reports: threads on a text, a block, a panel or the whole report, with replies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody

MAX_BODY_CHARS: Final = 10_000
"""Longest comment."""

MAX_QUOTE_CHARS: Final = 2000
"""Longest text that a thread is about."""

MAX_CONTEXT_CHARS: Final = 64
"""Longest text before and after it by which it is found again."""

CommentBody = Annotated[
    str, Meta(min_length=1, max_length=MAX_BODY_CHARS, description="Markdown; `@name`: a user")
]
_Audience = Annotated[str, one_of("editors", "readers", description="who sees the thread")]

_BlockId = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,64}$")]
_PanelId = Annotated[str, Meta(min_length=1, max_length=64)]
_Version = Annotated[int, Meta(ge=1, le=2**53)]
_Context = Annotated[str, Meta(max_length=MAX_CONTEXT_CHARS)]


class CommentAnchor(RequestBody, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a report that a thread is about; without a block the whole report.

    The text is found again by itself and by what stands around it, so it survives edits.
    """

    block: Annotated[_BlockId | None, Meta(description="id of a block")] = None
    panel: Annotated[
        _PanelId | None, Meta(description="id of a panel, if the block is a grid")
    ] = None
    exact: Annotated[
        str,
        Meta(max_length=MAX_QUOTE_CHARS, description="text in the block; empty: all of the block"),
    ] = ""
    prefix: Annotated[_Context, Meta(description="text before it")] = ""
    suffix: Annotated[_Context, Meta(description="text after it")] = ""


class Comment(Struct, frozen=True, kw_only=True):
    """A comment."""

    id: str
    author: Annotated[str | None, Meta(description="null if the server has no accounts")]
    created_micros: int
    edited_micros: int | None
    is_deleted: Annotated[bool, Meta(description="it has no body, and stays for its replies")]
    body: str


class CommentThread(Struct, frozen=True, kw_only=True):
    """A comment with its replies."""

    id: Annotated[str, Meta(description="of its first comment")]
    anchor: CommentAnchor
    is_quote_withheld: Annotated[
        bool,
        Meta(
            description="whether the anchor lacks its text, as you may see the published version "
            "alone, which no longer has it"
        ),
    ]
    audience: _Audience
    version: Annotated[
        int | None,
        Meta(description="version of the report that it was begun on; null: the draft"),
    ]
    resolved_micros: Annotated[int | None, Meta(description="null: it is open")]
    resolved_by: str | None
    comments: Annotated[Sequence[Comment], Meta(description="the oldest first")]


class CommentThreadList(Struct, frozen=True):
    """The threads of a report, the oldest first."""

    threads: Sequence[CommentThread]


class NewThread(RequestBody, frozen=True, kw_only=True):
    """A comment that begins a thread."""

    body: CommentBody
    anchor: CommentAnchor = CommentAnchor()
    audience: Annotated[
        Literal["editors", "readers"],
        Meta(description="`editors`: those who may write; `readers`: all who may read the report"),
    ] = "editors"
    version: Annotated[
        _Version | None,
        Meta(
            description="version that it is about; null: for readers the published one, for "
            "editors the draft"
        ),
    ] = None


class CommentText(RequestBody, frozen=True, kw_only=True):
    """The text of a reply, or the new one of a comment."""

    body: CommentBody


_comments = Endpoints(
    "/api/v1/projects/{entity}/{project}/reports/{report}/comments", tag="reports"
)


@_comments.get()
def list_comments(entity: str, project: str, report: str) -> CommentThreadList:
    """List the comments on a report, by thread. Who may not write sees threads for readers, and of
    their quotes those that are in the published version.
    """


@_comments.post()
def add_thread(entity: str, project: str, report: str, new: NewThread) -> CommentThread:
    """Comment on a report, or on a part of it. Users whom it mentions are notified, and so is the
    report's author.
    """


@_comments.post("/{comment}/replies")
def add_reply(
    entity: str, project: str, report: str, comment: str, new: CommentText
) -> CommentThread:
    """Reply to a thread, by its id. Who wrote in it is notified."""


@_comments.patch("/{comment}")
def edit_comment(
    entity: str, project: str, report: str, comment: str, edit: CommentText
) -> CommentThread:
    """Change a comment of your own."""


@_comments.delete("/{comment}")
def delete_comment(entity: str, project: str, report: str, comment: str) -> None:
    """Delete a comment of your own, or as an admin of the project any one. A first comment that
    has replies loses its text and author, and stays for them.
    """


@_comments.post("/{comment}/resolve")
def resolve_thread(entity: str, project: str, report: str, comment: str) -> CommentThread:
    """Note that a thread is settled, by its id."""


@_comments.post("/{comment}/reopen")
def reopen_thread(entity: str, project: str, report: str, comment: str) -> CommentThread:
    """Open a thread that was resolved, by its id."""
