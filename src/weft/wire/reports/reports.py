"""Reports: documents of text and live panels, as drafts that people edit together and as published
versions.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.reports.checks import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS, SCHEMA
from weft.wire.reports.figures import FigureInfo
from weft.wire.runs.runs import Cursor, Total

DRAFT: Final = "draft"
PUBLISHED: Final = "published"

MAX_UPDATE_BYTES: Final = 1 << 20
"""Largest Yjs update of one request."""

MAX_AWARENESS_BYTES: Final = 4096
"""Largest state of a page: a cursor, a name and a color take 200 bytes."""

ReportOrder = Literal["edited", "created", "title", "author", "views", "starred", "pinned"]

Width = Annotated[str, one_of("readable", "fixed", "full")]
Title = Annotated[str, Meta(max_length=MAX_TITLE_CHARS)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION_CHARS)]
Blocks = Annotated[
    list[dict[str, Any]],
    Meta(description="each with an `id` and a `kind`"),
]

More = Annotated[dict[str, Any], Meta(description="what other programs note; stored unchanged")]

_Version = Annotated[
    str, Meta(description="`draft`, `published`, or the number of a version", max_length=20)
]


class ReportInfo(Struct, frozen=True, kw_only=True):
    """A report without its content."""

    id: str
    title: Title
    description: Description
    author: Annotated[str | None, Meta(description="null if the server has no accounts")]
    created_micros: int
    edited_micros: int
    edited_by: Annotated[str | None, Meta(description="who last changed the draft")]
    seq: Annotated[int, Meta(description="number of the draft's last change")]
    published_version: Annotated[
        int | None, Meta(description="null: it was never published, and readers do not see it")
    ]
    published_micros: int | None
    published_by: str | None
    has_changes: Annotated[
        bool, Meta(description="whether the draft was changed since it was published")
    ]
    n_views: Annotated[
        int,
        Meta(
            description="how often the published version was opened in the app; once per person "
            "in ten minutes, and up to half a minute late"
        ),
    ]
    is_starred: Annotated[bool, Meta(description="whether you starred it")]
    pinned_micros: Annotated[
        int | None,
        Meta(description="when it was pinned to the project's overview; null: it is not"),
    ]
    thumbnail: Annotated[
        str | None,
        Meta(
            description="in lists: changes with the small picture of what was published; null: no "
            "figures of it are stored that you may see"
        ),
    ] = None


class ReportMatch(Struct, frozen=True, kw_only=True):
    """A part of a report's text that has words of a search."""

    block: Annotated[
        str, Meta(description="the id of the block, with which a link to it ends; may be empty")
    ]
    pieces: Annotated[
        list[str],
        Meta(
            description="the text in pieces: the first is before the first word, each second one "
            "is a word of the search"
        ),
    ]


class ReportDocument(Struct, frozen=True, kw_only=True):
    """The content of a report."""

    schema: Annotated[
        int, Meta(description="a page that knows only lower numbers may not edit the report")
    ]
    title: Title
    description: Description
    width: Width
    blocks: Blocks
    more: More = {}


class Report(ReportInfo, frozen=True, kw_only=True):
    """A report with the content of its draft or of a version."""

    version: Annotated[int | None, Meta(description="number of the version; null: the draft")]
    document: ReportDocument
    figures: Annotated[
        list[FigureInfo],
        Meta(description="stored with the version, of those projects that the reader may read"),
    ] = []


class ReportList(Struct, frozen=True):
    """A page of reports."""

    reports: list[ReportInfo]
    cursor: Cursor
    total: Total
    open_threads: Annotated[
        dict[str, int],
        Meta(description="by id of a listed report that has some: unresolved threads of comments"),
    ] = {}
    matches: Annotated[
        dict[str, ReportMatch],
        Meta(description="by id, of the first 100 reports whose text has words of the search"),
    ] = {}


class ReportCreate(RequestBody, frozen=True, kw_only=True):
    """A report to create."""

    title: Title = ""
    description: Description = ""
    width: Width = "readable"
    blocks: Blocks = []
    more: More = {}


class ReportEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a draft. An omitted field stays the same.

    `blocks` replaces the content as a difference by the ids of blocks: what is equal stays as it
    is, so people who have the report open go on writing.
    """

    title: Title | None = None
    description: Description | None = None
    width: Width | None = None
    blocks: Blocks | None = None
    more: More | None = None
    seq: Annotated[
        int | None,
        Meta(description="refuse the edit (412) unless this is the draft's last change"),
    ] = None


class ReportPublish(RequestBody, frozen=True, kw_only=True):
    """Options of publishing."""

    name: Annotated[str, Meta(max_length=512, description="of the version")] = ""


class ReportVersionInfo(Struct, frozen=True, kw_only=True):
    """A version, which publishing made."""

    version: Annotated[int, Meta(description="from 1")]
    name: str
    author: Annotated[str | None, Meta(description="null if the server has no accounts")]
    created_micros: int
    title: Title
    n_bytes: Annotated[int, Meta(description="of its document as JSON")]


class ReportVersionList(Struct, frozen=True):
    """The versions of a report, newest first."""

    versions: list[ReportVersionInfo]


class ReportChange(Struct, frozen=True, kw_only=True):
    """The answer to an update, and the data of a `change` event."""

    seq: Annotated[int, Meta(description="number of the draft's last change")]
    update: Annotated[
        str | None, Meta(description="base64 of the Yjs update; null in the answer to an update")
    ] = None
    client: Annotated[
        str | None, Meta(description="the page that sent it, which need not apply it again")
    ] = None


class PageState(Struct, frozen=True, kw_only=True):
    """The data of an `awareness` event."""

    client: Annotated[str, Meta(description="the page that sent it")]
    state: Annotated[str, Meta(description="base64 of what it sent")]


_reports = Endpoints("/api/v1/projects/{entity}/{project}/reports", tag="reports")


@_reports.get()
def list_reports(
    entity: str,
    project: str,
    *,
    search: Annotated[
        str,
        Meta(
            max_length=512,
            description="words in any order, each in the title, the description or the text",
        ),
    ] = "",
    order: Annotated[
        ReportOrder,
        Meta(
            description="`edited` and `created`: the newest first; `views`: the most opened "
            "first; `starred`: those that you starred first; `pinned`: those on the overview in "
            "the order in which they were pinned, then as `starred`"
        ),
    ] = "edited",
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100,
    cursor: str | None = None,
) -> ReportList:
    """List the reports of a project. Who may not edit sees those that were published, and searches
    in what was published.
    """


@_reports.post()
def create_report(entity: str, project: str, new: ReportCreate) -> Report:
    """Create a report as a draft."""


@_reports.get("/{report}")
def get_report(entity: str, project: str, report: str, *, version: _Version = PUBLISHED) -> Report:
    """Return a report: what was published last, a version, or the draft, which those see who may
    edit it.
    """


@_reports.patch("/{report}")
def edit_report(entity: str, project: str, report: str, edit: ReportEdit) -> ReportInfo:
    """Change title, description, width or blocks of the draft."""


@_reports.delete("/{report}")
def delete_report(
    entity: str,
    project: str,
    report: str,
    *,
    permanently: Annotated[
        bool, Meta(description="without the trash, or out of the trash")
    ] = False,
) -> None:
    """Move a report to the trash, with its versions."""


@_reports.put("/{report}/star")
def star_report(entity: str, project: str, report: str) -> None:
    """Star a report, for yourself."""


@_reports.delete("/{report}/star")
def unstar_report(entity: str, project: str, report: str) -> None:
    """Take your star from a report."""


@_reports.post("/{report}/views")
def note_report_view(entity: str, project: str, report: str) -> None:
    """Count an opening of what was published."""


@_reports.post("/{report}/undelete")
def undelete_report(entity: str, project: str, report: str) -> ReportInfo:
    """Restore a report from the trash."""


@_reports.post("/{report}/updates")
def update_report(
    entity: str,
    project: str,
    report: str,
    *,
    schema: Annotated[
        int, Meta(ge=1, description="the schema number that the page knows")
    ] = SCHEMA,
    client: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="an id of the page, returned in events"),
    ] = None,
) -> ReportChange:
    """Apply a Yjs update, the body, to the draft; it is durable once this answers.

    Sending one again changes nothing.
    """


@_reports.post("/{report}/sync")
def sync_report(entity: str, project: str, report: str) -> bytes:
    """Return the Yjs update that a page lacks. The body is the page's state vector; an empty one
    asks for the whole document.
    """


@_reports.get("/{report}/changes")
def follow_report(
    entity: str,
    project: str,
    report: str,
    *,
    after: Annotated[
        Annotated[int, Meta(ge=0)] | None, Meta(description="the last change that the page has")
    ] = None,
) -> bytes:
    """Stream the changes of a draft as they happen."""


@_reports.post("/{report}/awareness")
def send_awareness(
    entity: str,
    project: str,
    report: str,
    *,
    client: Annotated[str, Meta(min_length=1, max_length=64, description="an id of the page")],
) -> None:
    """Tell the other pages of a draft where the cursor of this one is. The body, such as a Yjs
    awareness update, is passed on and never stored.
    """


@_reports.post("/{report}/publish")
def publish_report(
    entity: str,
    project: str,
    report: str,
    options: ReportPublish = ReportPublish(),  # noqa: B008 (a frozen struct)
) -> ReportVersionInfo:
    """Make the draft the published version, which readers see."""


@_reports.get("/{report}/versions")
def list_report_versions(entity: str, project: str, report: str) -> ReportVersionList:
    """List the versions of a report, newest first."""


@_reports.post("/{report}/versions/{number}/restore")
def restore_report_version(entity: str, project: str, report: str, number: str) -> ReportInfo:
    """Give the draft the content of a version, as a difference. Published is what was before."""
