"""Searches in the texts of reports, stars and openings, on SQLite and PostgreSQL: what is found,
and that readers learn no word of a draft.
"""

from __future__ import annotations

from typing import Any

import pytest
from pycrdt import XmlFragment

from report_page import ReportPage
from service_uploads import Clock
from weft.errors import Forbidden, NotFound
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.reports import searching
from weft.server.services.reports.listing.views import ReportViews
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.reports.texts import excerpt_of, fold, text_of_content, words_of
from weft.wire.projects.access import ProjectAccessEdit
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("local", "p")


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, P, ProjectEdit())


def paragraph(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "kind": "paragraph", "text": [{"text": text}]}


def new_report(services: Services, title: str, *texts: str, description: str = "") -> str:
    blocks = [paragraph(f"b{number}", text) for number, text in enumerate(texts)]
    new = ReportCreate(title=title, description=description, blocks=blocks)
    return services.reports.create(LOCAL, P, new).id


def titles(services: Services, search: str, actor: Actor = LOCAL) -> list[str]:
    return [info.title for info in services.reports.list(actor, P, search=search).reports]


def test_words_are_found_in_any_order_in_all_parts(services: Services) -> None:
    new_report(services, "Ablation", "The cosine schedule wins.", description="Learning rates")
    new_report(services, "Baseline", "The constant schedule.")
    assert titles(services, "schedule") == ["Baseline", "Ablation"]
    assert titles(services, "COSINE learning ablat") == ["Ablation"]
    assert titles(services, "cosine constant") == []
    assert titles(services, "100%_") == []
    answer = services.reports.list(LOCAL, P, search="wins cosine")
    match = answer.matches[answer.reports[0].id]
    assert match.block == "b0"
    assert match.pieces == ["The ", "cosine", " schedule ", "wins", "."]
    # a word of the title alone has no place in the text
    assert services.reports.list(LOCAL, P, search="ablation").matches == {}


def test_what_pages_type_is_found_and_what_they_delete_is_not(services: Services) -> None:
    report = new_report(services, "Notes", "alpha")
    assert titles(services, "alphagamma") == []
    page = ReportPage(services.reports.sync(LOCAL, P, report, b"")[0])
    services.reports.update(LOCAL, P, report, page.type(0, 5, "gamma"))
    assert titles(services, "alphagamma") == ["Notes"]

    def clear(_: object) -> None:
        fragment: XmlFragment = page.text
        del fragment.children[0]

    services.reports.update(LOCAL, P, report, page.change(clear))
    assert titles(services, "alpha") == []
    services.reports.edit(LOCAL, P, report, ReportEdit(title="Beta"))
    assert titles(services, "beta") == ["Beta"]


@pytest.fixture
def reader(services: Services) -> Actor:
    """Someone who has not signed in; everyone may read the project."""
    services.access.edit(LOCAL, P, ProjectAccessEdit(visibility="public"))
    return Actor("anyone", people=services.stores.people)


def test_readers_search_in_what_was_published(services: Services, reader: Actor) -> None:
    hidden = new_report(services, "Plans", "secret")
    report = new_report(services, "Results", "public words")
    services.reports.publish(LOCAL, P, report, ReportPublish())
    edit = ReportEdit(title="Salaries", blocks=[paragraph("b0", "secret words")])
    services.reports.edit(LOCAL, P, report, edit)
    assert titles(services, "secret") == ["Salaries", "Plans"]
    for search in ("secret", "salaries", "plans", "secret words"):
        answer = services.reports.list(reader, P, search=search)
        assert (answer.reports, answer.total, answer.matches) == ([], 0, {})
    answer = services.reports.list(reader, P, search="words")
    assert [info.title for info in answer.reports] == ["Results"]
    assert answer.matches[report].pieces == ["public ", "words", ""]
    services.reports.publish(LOCAL, P, report, ReportPublish())
    assert titles(services, "secret", reader) == ["Salaries"]
    assert titles(services, "public", reader) == []
    services.reports.delete(LOCAL, P, report)
    assert titles(services, "secret", reader) == []
    with pytest.raises(NotFound):
        services.report_readers.note_view(reader, P, hidden)


def test_a_search_makes_the_newest_texts_and_the_background_the_others(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        new_report(services, f"Report {number}", "same")
    monkeypatch.setattr(searching, "MAX_REFRESHED", 2)
    assert titles(services, "same") == ["Report 4", "Report 3"]
    search = ReportSearch(services.stores.metadata, services.reports._drafts)
    while search.refresh_some():
        pass
    assert len(titles(services, "same")) == 5


def test_stars_are_of_each_person(services: Services, reader: Actor) -> None:
    first, second = (new_report(services, title, "text") for title in ("First", "Second"))
    services.reports.publish(LOCAL, P, first, ReportPublish())
    assert not services.reports.get(LOCAL, P, first).is_starred
    for _ in range(2):
        services.report_readers.star(LOCAL, P, first)
    assert services.reports.get(LOCAL, P, first).is_starred
    listed = services.reports.list(LOCAL, P, order="starred").reports
    assert [(info.id, info.is_starred) for info in listed] == [(first, True), (second, False)]
    assert [info.is_starred for info in services.reports.list(reader, P).reports] == [False]
    with pytest.raises(Forbidden, match="sign in"):
        services.report_readers.star(reader, P, first)
    services.report_readers.unstar(LOCAL, P, first)
    assert not services.reports.get(LOCAL, P, first).is_starred


def test_openings_count_once_per_person_in_ten_minutes(services: Services, clock: Clock) -> None:
    report = new_report(services, "Seen", "text")
    views = ReportViews()
    readers = type(services.report_readers)(services.stores, views)

    def n_views() -> int:
        views.save(services.stores.metadata)
        return services.reports.list(LOCAL, P, order="views").reports[0].n_views

    readers.note_view(LOCAL, P, report)
    assert n_views() == 0  # a draft
    services.reports.publish(LOCAL, P, report, ReportPublish())
    readers.note_view(LOCAL, P, report)
    readers.note_view(LOCAL, P, report)
    readers.note_view(Actor("local", address="10.0.0.7"), P, report)
    assert n_views() == 2
    clock.micros += 600_000_001
    readers.note_view(LOCAL, P, report)
    assert n_views() == 3


def test_texts_have_the_words_of_all_blocks() -> None:
    text = {"text": [{"text": "in "}, {"kind": "math", "latex": "x^2"}, {"user": "ada"}]}
    inner = {"kind": "paragraph", **text}
    blocks: list[dict[str, Any]] = [
        {"id": "l", "kind": "list", "style": "bullet", "items": [{"blocks": [inner]}]},
        {"id": "t", "kind": "table", "rows": [{"cells": [{"blocks": [inner]}]}]},
        {"id": "c", "kind": "columns", "columns": [{"blocks": [inner]}]},
        {"id": "q", "kind": "quote", "blocks": [inner]},
        {"id": "f", "kind": "collapsible", "summary": [{"text": "More"}], "blocks": [inner]},
        {"id": "i", "kind": "image", "alt": "a cat", "caption": "Cat\x00s"},
        {"id": "k", "kind": "code", "code": "import  weft\nweft.init()"},
        {
            "id": "g",
            "kind": "grid",
            "runSets": {"a": {"name": "All runs"}},
            "panels": {"b": {"kind": "line", "title": "Loss"}, "c": {"kind": "line"}},
        },
        {"id": "u", "kind": "hologram", "text": "unknown", "blocks": 5, "items": [None]},
    ]
    content = {"title": "T", "description": "D", "blocks": blocks}
    words = text_of_content("draft", 1, content).words.split("\n")
    line = "in x^2ada"
    assert words == [
        *("t", "d", line, line, line, line, "more", line, "a cat", "cat s"),
        *("import weft weft.init()", "all runs", "loss"),
    ]


def test_excerpts_keep_the_case_and_are_short() -> None:
    long = " ".join(["before"] * 60 + ["Größe"] + ["after"] * 60)
    match = excerpt_of(f'[["", "none"], ["x", "{long}"]]', words_of("GRÖSSE größe")[1:])
    assert match is not None
    assert match.pieces[1] == "Größe"
    assert match.pieces[0].startswith("…")
    assert match.pieces[-1].endswith("…")
    assert len("".join(match.pieces)) < 170
    assert excerpt_of(None, ["x"]) is None
    for text in ("İstanbul", "ΣΑΣ", "ẞ", "plain"):
        assert len(fold(text)) == len(text)
