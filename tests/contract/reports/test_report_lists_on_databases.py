"""Lists of reports on SQLite and PostgreSQL: pins on the overview of a project, reports of
many projects, and small pictures, of which no one sees more than they may.
"""

from __future__ import annotations

from typing import Any

import pytest

from weft.errors import ConfigError, Forbidden, LimitExceeded, NotFound
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.reports.figures import FigureAnswer
from weft.wire.projects.access import ProjectAccessEdit
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.figures import FigureCapture, FigureRequest
from weft.wire.reports.listing import MAX_PINNED
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("local", "p")


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, P, ProjectEdit())


@pytest.fixture
def reader(services: Services) -> Actor:
    """Someone who has not signed in; everyone may read the project."""
    services.access.edit(LOCAL, P, ProjectAccessEdit(visibility="public"))
    return Actor("anyone", people=services.stores.people)


def new_report(services: Services, title: str, path: ProjectPath = P) -> str:
    return services.reports.create(LOCAL, path, ReportCreate(title=title)).id


def pinned(services: Services, actor: Actor = LOCAL) -> list[str]:
    """The titles of the pinned reports, in the order of the overview."""
    answer = services.reports.list(actor, P, order="pinned")
    return [info.title for info in answer.reports if info.pinned_micros is not None]


def test_pins_are_the_same_for_all_who_may_read(services: Services, reader: Actor) -> None:
    first, second, third = (new_report(services, title) for title in ("First", "Second", "Third"))
    for report in (second, first, second):
        services.report_listing.pin(LOCAL, P, report)
    assert pinned(services) == ["Second", "First"]
    listed = services.reports.list(LOCAL, P, order="pinned").reports
    assert [info.id for info in listed] == [second, first, third]
    # a pinned draft is for those who may see drafts
    assert pinned(services, reader) == []
    services.reports.publish(LOCAL, P, first, ReportPublish())
    assert pinned(services, reader) == ["First"]
    for change in (services.report_listing.pin, services.report_listing.unpin):
        with pytest.raises(Forbidden):
            change(reader, P, first)
    services.report_listing.unpin(LOCAL, P, second)
    assert pinned(services) == ["First"]


def test_a_project_has_few_pins_and_the_trash_counts_for_none(services: Services) -> None:
    reports = [new_report(services, str(number)) for number in range(MAX_PINNED + 1)]
    for report in reports[:-1]:
        services.report_listing.pin(LOCAL, P, report)
    with pytest.raises(LimitExceeded, match="unpin one"):
        services.report_listing.pin(LOCAL, P, reports[-1])
    services.reports.delete(LOCAL, P, reports[0])
    services.report_listing.pin(LOCAL, P, reports[-1])
    with pytest.raises(NotFound):
        services.report_listing.pin(LOCAL, P, "absent")
    # restored, it has its pin again
    services.reports.undelete(LOCAL, P, reports[0])
    assert pinned(services) == [str(number) for number in range(MAX_PINNED + 1)]


OTHER = ProjectPath("lab", "q")


def published(services: Services, title: str, path: ProjectPath = P) -> str:
    report = new_report(services, title, path)
    services.reports.publish(LOCAL, path, report, ReportPublish())
    return report


def gallery(services: Services, actor: Actor = LOCAL, **options: Any) -> list[str]:
    """The titles of all pages, each of two reports."""
    titles: list[str] = []
    cursor = None
    while True:
        page = services.report_listing.gallery(actor, limit=2, cursor=cursor, **options)
        titles += [report.title for report in page.reports]
        cursor = page.cursor
        if cursor is None:
            return titles


def test_a_gallery_has_the_reports_of_all_projects_newest_first(services: Services) -> None:
    services.projects.put(LOCAL, OTHER, ProjectEdit())
    first = new_report(services, "First")
    published(services, "Second", OTHER)
    published(services, "Third")
    new_report(services, "Fourth", OTHER)
    deleted = published(services, "Deleted", OTHER)
    services.reports.delete(LOCAL, OTHER, deleted)
    assert gallery(services) == ["Fourth", "Third", "Second", "First"]
    assert gallery(services, entity="lab") == ["Fourth", "Second"]
    assert gallery(services, entity="absent") == []
    assert gallery(services, state="published") == ["Third", "Second"]
    assert gallery(services, state="draft") == ["Fourth", "First"]
    services.reports.edit(LOCAL, P, first, ReportEdit(title="Last"))
    services.report_readers.star(LOCAL, P, first)
    page = services.report_listing.gallery(LOCAL, limit=2)
    assert [(r.entity, r.project, r.title, r.is_starred) for r in page.reports] == [
        ("local", "p", "Last", True),
        ("lab", "q", "Fourth", False),
    ]
    # a page goes on where the last one ended, also after a report moved to the front
    services.reports.edit(LOCAL, P, first, ReportEdit(title="Last again"))
    after = services.report_listing.gallery(LOCAL, limit=2, cursor=page.cursor)
    assert [r.title for r in after.reports] == ["Third", "Second"]
    assert after.cursor is None
    with pytest.raises(ConfigError, match="cursor"):
        services.report_listing.gallery(LOCAL, cursor="x")
    services.projects.delete(LOCAL, OTHER)
    assert gallery(services) == ["Last again", "Third"]


def test_a_gallery_tells_readers_what_was_published_alone(
    services: Services, reader: Actor
) -> None:
    services.projects.put(LOCAL, OTHER, ProjectEdit())
    new_report(services, "Secret draft")
    published(services, "Secret project", OTHER)
    report = published(services, "Findings")
    edit = ReportEdit(title="Secret findings", description="all words")
    services.reports.edit(LOCAL, P, report, edit)
    assert gallery(services, search="secret") == [
        *("Secret findings", "Secret project", "Secret draft")
    ]
    (info,) = services.report_listing.gallery(reader).reports
    assert (info.title, info.has_changes) == ("Findings", False)
    assert gallery(services, reader, search="secret") == []
    assert gallery(services, reader, search="words") == []
    assert gallery(services, reader, search="FIND") == ["Findings"]
    assert gallery(services, reader, entity="lab") == []
    assert gallery(services, reader, state="draft") == []
    services.reports.publish(LOCAL, P, report, ReportPublish())
    assert gallery(services, reader, search="words secret") == ["Secret findings"]


def test_a_gallery_shows_where_the_words_stand(services: Services) -> None:
    text = {"id": "b", "kind": "paragraph", "text": [{"text": "The cosine schedule wins."}]}
    services.reports.create(LOCAL, P, ReportCreate(title="Ablation", blocks=[text]))
    (info,) = services.report_listing.gallery(LOCAL, search="cosine").reports
    assert info.match is not None
    assert (info.match.block, info.match.pieces) == ("b", ["The ", "cosine", " schedule wins."])
    (info,) = services.report_listing.gallery(LOCAL, search="ablat").reports
    assert info.match is None


GRID = {
    "id": "curves",
    "kind": "grid",
    "runSets": {"all": {}},
    "panels": {"loss": {"kind": "line", "keys": ["loss"]}},
}


def test_a_picture_is_of_figures_that_the_reader_may_see(
    services: Services, reader: Actor
) -> None:
    services.projects.put(LOCAL, OTHER, ProjectEdit())
    report = services.reports.create(LOCAL, P, ReportCreate(title="A", blocks=[GRID])).id
    services.reports.publish(LOCAL, P, report, ReportPublish())

    def tag(actor: Actor) -> str | None:
        return services.reports.list(actor, P).reports[0].thumbnail

    assert tag(LOCAL) is None
    request = FigureRequest(method="GET", path="metrics/names")
    capture = FigureCapture(part="curves", project=str(OTHER), requests=[request])
    target = services.report_figures.begin(LOCAL, P, report, "1", capture)
    answers = [FigureAnswer(request, 200, "application/json", b"{}")]
    services.report_figures.store(LOCAL, target, answers, {})
    assert tag(LOCAL) is not None
    assert tag(reader) is None
    assert [info.thumbnail for info in services.report_listing.gallery(reader).reports] == [None]
    for actor in (LOCAL, reader):  # the grid has no answer with curves
        assert services.report_listing.thumbnail(actor, P, report).curves == []
    hidden = new_report(services, "Draft")
    with pytest.raises(NotFound):
        services.report_listing.thumbnail(reader, P, hidden)
