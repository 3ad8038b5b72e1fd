"""Reports on SQLite and on a real PostgreSQL: drafts that pages and scripts change at once,
updates that are refused, publishing, versions, the trash, archives, and two servers.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from archive_edits import entries, in_lines, pack
from at_length import engines_at_length
from postgres_cluster import PostgresCluster, share_disk
from report_page import ReportPage
from server_process import wait_until
from service_uploads import Clock
from weft.errors import (
    ConfigError,
    Conflict,
    CorruptLog,
    Forbidden,
    Gone,
    NotFound,
    Outdated,
)
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services, open_services
from weft.server.services.removal.trash import expire
from weft.server.services.reports import drafts
from weft.server.services.reports.drafts import Awareness, DraftNews
from weft.server.services.users import AuditQuery
from weft.wire.projects.access import ProjectMove
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.comments import NewThread
from weft.wire.reports.reports import (
    MAX_AWARENESS_BYTES,
    ReportCreate,
    ReportEdit,
    ReportPublish,
)

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("local", "p")


@pytest.fixture(autouse=True)
def project(request: pytest.FixtureRequest) -> None:
    if "services" in request.fixturenames:  # tests of two servers are of PostgreSQL alone
        services: Services = request.getfixturevalue("services")
        services.projects.put(LOCAL, P, ProjectEdit())


def paragraph(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "kind": "paragraph", "text": [{"text": text}] if text else []}


def new_report(services: Services, *texts: str, title: str = "Ablation") -> str:
    blocks = [paragraph(f"b{number}", text) for number, text in enumerate(texts)]
    return services.reports.create(LOCAL, P, ReportCreate(title=title, blocks=blocks)).id


def page_of(services: Services, report: str) -> ReportPage:
    return ReportPage(services.reports.sync(LOCAL, P, report, b"")[0])


def texts_of(services: Services, report: str, version: str = "draft") -> list[str]:
    document = services.reports.get(LOCAL, P, report, version=version).document
    return ["".join(run["text"] for run in block["text"]) for block in document.blocks]


def test_pages_and_a_script_edit_one_draft_at_once(services: Services) -> None:
    report = new_report(services, "alpha", "beta", "gamma")
    pages = [page_of(services, report) for _ in range(3)]

    def write(number: int) -> None:
        for _ in range(40):
            update = pages[number].type(number, 0, "abc"[number])
            services.reports.update(LOCAL, P, report, update)

    with ThreadPoolExecutor(4) as pool:
        writes = [pool.submit(write, number) for number in range(3)]
        for title in ("one", "two", "three"):
            services.reports.edit(LOCAL, P, report, ReportEdit(title=title))
        for done in writes:
            done.result()
    assert texts_of(services, report) == [
        "a" * 40 + "alpha", "b" * 40 + "beta", "c" * 40 + "gamma",
    ]  # fmt: skip
    info = services.reports.list(LOCAL, P).reports[0]
    assert (info.seq, info.title, info.has_changes) == (1 + 120 + 3, "three", True)


def test_an_update_counts_once(services: Services) -> None:
    report = new_report(services, "alpha")
    page = page_of(services, report)
    updates = [page.type(0, 0, "x"), page.type(0, 0, "y")]
    for update in (*updates, *updates):
        seq = services.reports.update(LOCAL, P, report, update).seq
    assert seq == 3
    assert texts_of(services, report) == ["yxalpha"]
    whole = page.doc.get_update()
    assert services.reports.update(LOCAL, P, report, whole).seq == 3


def test_a_script_replaces_blocks_and_what_people_type_elsewhere_stays(services: Services) -> None:
    report = new_report(services, "alpha", "beta", "gamma")
    page = page_of(services, report)
    typed = page.type(0, 5, "!")
    blocks = [paragraph("b2", "gamma"), paragraph("b0", "alpha"), paragraph("new", "delta")]
    before = services.reports.sync(LOCAL, P, report, b"")[1]
    services.reports.edit(LOCAL, P, report, ReportEdit(blocks=blocks, seq=before))
    services.reports.update(LOCAL, P, report, typed)
    assert texts_of(services, report) == ["gamma", "alpha!", "delta"]
    with pytest.raises(Outdated):
        services.reports.edit(LOCAL, P, report, ReportEdit(title="late", seq=before))
    same = services.reports.get(LOCAL, P, report, version="draft")
    again = services.reports.edit(LOCAL, P, report, ReportEdit(blocks=same.document.blocks))
    assert again.seq == same.seq


def test_an_update_is_refused_and_the_draft_goes_on(services: Services) -> None:
    report = new_report(services, "alpha")
    for update in (b"hello world", page_of(services, report).add("script", "alert(1)")):
        with pytest.raises(ConfigError):
            services.reports.update(LOCAL, P, report, update)
        assert texts_of(services, report) == ["alpha"]
    page = page_of(services, report)
    assert services.reports.update(LOCAL, P, report, page.type(0, 0, "x")).seq == 2
    assert texts_of(services, report) == ["xalpha"]


def test_an_update_without_the_ones_before_it_waits_for_a_synchronization(
    services: Services,
) -> None:
    report = new_report(services, "alpha")
    page = page_of(services, report)
    page.type(0, 0, "lost")
    second = page.type(0, 4, "!")
    with pytest.raises(Conflict, match="synchronize"):
        services.reports.update(LOCAL, P, report, second)
    assert texts_of(services, report) == ["alpha"]
    vector = page_of(services, report).state_vector
    services.reports.update(LOCAL, P, report, page.doc.get_update(vector))
    assert texts_of(services, report) == ["lost!alpha"]


def test_a_page_that_does_not_know_the_schema_may_not_write(services: Services) -> None:
    report = new_report(services, "alpha")
    page = page_of(services, report)
    newer = page.change(lambda _: page.map("meta").update({"schema": 2}))
    services.reports.update(LOCAL, P, report, newer, schema=2)
    with pytest.raises(Outdated, match="reload the page"):
        services.reports.update(LOCAL, P, report, page.type(0, 0, "x"), schema=1)
    with pytest.raises(Conflict, match="upgrade"):
        services.reports.edit(LOCAL, P, report, ReportEdit(title="x"))
    assert services.reports.update(LOCAL, P, report, page.doc.get_update(), schema=2).seq == 3


def test_many_updates_become_one_and_publishing_forgets_deleted_text(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "COMPACTED_UPDATES", 10)
    report = new_report(services, "alpha")
    page = page_of(services, report)
    for _ in range(25):
        services.reports.update(LOCAL, P, report, page.type(0, 0, "x"))
    project_id = services.stores.find_project(P)
    metadata = services.stores.metadata

    def stored() -> list[tuple[int, bytes]]:
        with metadata.read() as tx:
            row = metadata.reports.find_report(tx, project_id, report)
            assert row is not None
            return [tuple(update) for update in metadata.reports.updates_after(tx, row.row_id, 0)]

    assert [seq for seq, _ in stored()] == [20, *range(21, 27)]
    services.reports.update(LOCAL, P, report, page.type(0, 0, "secret"))
    del page.characters(0)[0:6]
    services.reports.update(LOCAL, P, report, page.take())
    assert any(b"secret" in data for _, data in stored())
    services.reports.publish(LOCAL, P, report, ReportPublish())
    ((seq, snapshot),) = stored()
    assert seq == 28
    assert b"secret" not in snapshot
    assert texts_of(services, report) == ["x" * 25 + "alpha"]
    # a page that missed all of it gets the snapshot
    news: list[DraftNews | None] = []
    services.reports.follow(LOCAL, P, report, news.append, after=1).close()
    assert [item.seq for item in news if item is not None] == [28]


def test_followers_are_told_of_each_change_in_order_and_of_the_end(services: Services) -> None:
    report = new_report(services, "alpha")
    page = page_of(services, report)
    services.reports.update(LOCAL, P, report, page.type(0, 0, "1"))
    news: list[DraftNews | None] = []
    follower = services.reports.follow(LOCAL, P, report, news.append, after=1)
    services.reports.update(LOCAL, P, report, page.type(0, 0, "2"), client="page")
    services.reports.edit(LOCAL, P, report, ReportEdit(title="New"))
    services.reports.delete(LOCAL, P, report)
    assert [item and (item.seq, item.client) for item in news] == [
        (2, None), (3, "page"), (4, None), None,
    ]  # fmt: skip
    reader = ReportPage()
    reader.doc.apply_update(page_update(services, report))
    for item in news:
        if item is not None:
            reader.doc.apply_update(item.update)
    assert str(reader.characters(0)) == "21alpha"
    follower.close()


def page_update(services: Services, report: str) -> bytes:
    """The first stored update of a report, also of one in the trash."""
    metadata = services.stores.metadata
    with metadata.read() as tx:
        row = metadata.reports.find_report(tx, services.stores.find_project(P), report)
        assert row is not None
        return metadata.reports.updates_after(tx, row.row_id, 0)[0].data


def test_readers_see_what_was_published(services: Services, lab: None) -> None:
    path = ProjectPath("lab", "p")
    ada, bob, eve = (actor_of(services, name) for name in ("ada", "bob", "eve"))
    services.projects.put(ada, path, ProjectEdit())
    blocks = [paragraph("a", "draft")]
    report = services.reports.create(bob, path, ReportCreate(title="Draft", blocks=blocks))
    assert services.reports.list(eve, path).reports == []
    for version in ("published", "draft", "1"):
        with pytest.raises(NotFound):
            services.reports.get(eve, path, report.id, version=version)
    services.reports.publish(bob, path, report.id, ReportPublish(name="first"))
    services.reports.edit(bob, path, report.id, ReportEdit(title="Secret", blocks=[]))
    (info,) = services.reports.list(eve, path).reports
    assert (info.title, info.author, info.has_changes, info.published_by) == (
        "Draft", "bob", False, "bob",
    )  # fmt: skip
    assert services.reports.list(eve, path, search="secret").total == 0
    assert services.reports.list(bob, path, search="secret").total == 1
    shown = services.reports.get(eve, path, report.id)
    assert (shown.version, shown.title, shown.document.blocks) == (1, "Draft", blocks)
    with pytest.raises(Forbidden):
        services.reports.get(eve, path, report.id, version="draft")
    services.reports.publish(bob, path, report.id, ReportPublish())
    with pytest.raises(Forbidden):
        services.reports.get(eve, path, report.id, version="1")
    assert services.reports.get(eve, path, report.id).document.blocks == []
    entries = services.activity.of_project(eve, path).entries
    assert [(entry.action, entry.n) for entry in entries] == [("report.publish", 1)]


def actor_of(services: Services, name: str) -> Actor:
    actor = services.users.account(LOCAL, name)
    assert actor is not None
    return actor


def test_a_version_is_restored_as_a_difference(services: Services) -> None:
    report = new_report(services, "alpha", "beta")
    with pytest.raises(NotFound, match="never published"):
        services.reports.get(LOCAL, P, report)
    first = services.reports.publish(LOCAL, P, report, ReportPublish(name="first"))
    assert (first.version, first.name, first.title) == (1, "first", "Ablation")
    page = page_of(services, report)
    blocks = [paragraph("b0", "alpha two")]
    services.reports.edit(LOCAL, P, report, ReportEdit(title="Two", blocks=blocks, more={"x": 1}))
    second = services.reports.publish(LOCAL, P, report, ReportPublish())
    restored = services.reports.restore(LOCAL, P, report, "1")
    assert (restored.title, restored.published_version, restored.has_changes) == (
        "Ablation", 2, True,
    )  # fmt: skip
    assert texts_of(services, report) == ["alpha", "beta"]
    assert texts_of(services, report, "published") == ["alpha two"]
    assert services.reports.get(LOCAL, P, report, version="draft").document.more == {}
    page.receive(services.reports.sync(LOCAL, P, report, page.state_vector)[0])
    assert str(page.characters(0)) == "alpha"
    versions = services.reports.versions(LOCAL, P, report).versions
    assert [version.version for version in versions] == [second.version, 1]
    with pytest.raises(NotFound, match="no version 9"):
        services.reports.restore(LOCAL, P, report, "9")
    with pytest.raises(ConfigError):
        services.reports.get(LOCAL, P, report, version="first")


def test_reports_are_listed_in_pages_and_orders(services: Services) -> None:
    for title in ("beta", "Alpha", "gamma"):
        new_report(services, title=title)
    first = services.reports.list(LOCAL, P, limit=2)
    rest = services.reports.list(LOCAL, P, limit=2, cursor=first.cursor)
    titles = [info.title for info in (*first.reports, *rest.reports)]
    assert (titles, rest.cursor, first.total) == (["gamma", "Alpha", "beta"], None, 3)
    by_title = services.reports.list(LOCAL, P, order="title").reports
    assert [info.title for info in by_title] == ["Alpha", "beta", "gamma"]
    assert services.reports.list(LOCAL, P, search="ALP").reports[0].title == "Alpha"


def test_a_deleted_report_lies_in_the_trash(services: Services) -> None:
    services.users.add_user(LOCAL, "ada")
    report, other = new_report(services, "alpha"), new_report(services, title="Other")
    services.reports.publish(LOCAL, P, report, ReportPublish())
    page = page_of(services, report)
    services.reports.delete(LOCAL, P, report)
    for call in (
        lambda: services.reports.get(LOCAL, P, report),
        lambda: services.reports.update(LOCAL, P, report, page.type(0, 0, "x")),
        lambda: services.reports.delete(LOCAL, P, report),
    ):
        with pytest.raises(Gone, match="out of the trash"):
            call()
    assert [item.title for item in services.trash.list(LOCAL, P).reports] == ["Ablation"]
    back = services.reports.undelete(LOCAL, P, report)
    assert (back.id, back.published_version) == (report, 1)
    assert texts_of(services, report) == ["alpha"]
    services.reports.update(LOCAL, P, report, page.doc.get_update())
    services.reports.delete(LOCAL, P, other)
    services.reports.delete(LOCAL, P, other, permanently=True)
    services.reports.delete(LOCAL, P, report)
    services.trash.empty(LOCAL, P)
    third = new_report(services)
    services.reports.delete(LOCAL, P, third)
    services.stores.trash_micros = 0
    expire(services.stores)
    for gone in (report, other, third):
        with pytest.raises(NotFound):
            services.reports.undelete(LOCAL, P, gone)
    entries = services.audit.page(LOCAL, AuditQuery(action="report")).entries
    assert [entry.action for entry in reversed(entries)] == [
        *("report.remove", "report.restore", "report.remove", "report.purge"),
        *("report.remove", "report.purge", "report.remove"),
    ]


def test_a_new_report_has_nothing_of_one_that_was_deleted_permanently(services: Services) -> None:
    first = new_report(services, "alpha", "beta")
    services.reports.edit(LOCAL, P, first, ReportEdit(title="Old"))
    services.reports.delete(LOCAL, P, first, permanently=True)
    second = new_report(services, "gamma")
    assert texts_of(services, second) == ["gamma"]
    services.reports.edit(LOCAL, P, second, ReportEdit(title="New"))
    assert services.reports.get(LOCAL, P, second, version="draft").title == "New"


def test_a_report_moves_with_its_project_and_goes_with_it(services: Services) -> None:
    report = new_report(services, "alpha")
    there = ProjectPath("local", "there")
    services.moves.move(LOCAL, P, ProjectMove(project="there"))
    assert services.reports.get(LOCAL, there, report, version="draft").title == "Ablation"
    services.projects.delete(LOCAL, there, permanently=True)
    with services.stores.metadata.read() as tx:
        assert services.stores.metadata.reports.by_row_id(tx, 1) is None
        assert services.stores.metadata.reports.updates_after(tx, 1, 0) == []


def archive_of(services: Services, path: Path) -> tuple[Path, str]:
    report = new_report(services, "alpha")
    services.reports.publish(LOCAL, P, report, ReportPublish(name="first"))
    page = page_of(services, report)
    services.reports.update(LOCAL, P, report, page.type(0, 0, "x"))
    services.reports.delete(LOCAL, P, new_report(services, "in the trash"))
    path.write_bytes(b"".join(services.archives.export(LOCAL, P)))
    return path, report


def test_an_archive_has_reports_with_drafts_and_versions(
    services: Services, tmp_path: Path
) -> None:
    archive, report = archive_of(services, tmp_path / "p.zip")
    there = ProjectPath("local", "there")
    assert services.archives.import_(LOCAL, archive, there).n_reports == 1
    for version in ("draft", "1"):
        was = services.reports.get(LOCAL, P, report, version=version)
        assert services.reports.get(LOCAL, there, report, version=version) == was
    page = ReportPage(services.reports.sync(LOCAL, there, report, b"")[0])
    assert services.reports.update(LOCAL, there, report, page.type(0, 0, "y")).seq == 3
    with pytest.raises(Conflict, match="already has reports of the archive"):
        services.archives.import_(LOCAL, archive, there)
    assert services.archives.import_(LOCAL, archive, there, skip_existing=True).n_reports == 0
    assert services.reports.get(LOCAL, there, report, version="draft").seq == 3


def with_script(lines: list[dict[str, Any]]) -> None:
    page = ReportPage()
    update = page.add("script", "alert(1)")
    lines[0]["updates"] = [
        {"seq": 2, "kind": "snapshot", "data": base64.b64encode(update).decode()}
    ]


@engines_at_length("postgresql")
@pytest.mark.parametrize(
    "change",
    [
        with_script,
        lambda lines: lines[0]["updates"].clear(),
        lambda lines: lines[0]["updates"][0].update(data="!"),
        lambda lines: lines[0]["report"].update(published_version=7),
        lambda lines: lines[0]["report"].update(seq="x"),
        lambda lines: lines[0]["versions"][0].update(document="AAAA"),
        lambda lines: lines.append(lines[0]),
    ],
)
def test_a_damaged_archive_leaves_nothing(
    services: Services, tmp_path: Path, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    archive, _ = archive_of(services, tmp_path / "p.zip")
    contents = entries(archive)
    in_lines("reports.jsonl", change)(contents)
    there = ProjectPath("local", "there")
    with pytest.raises(CorruptLog, match=r"reports\.jsonl"):
        services.archives.import_(LOCAL, pack(tmp_path / "bad.zip", contents), there)
    with pytest.raises(NotFound):
        services.reports.list(LOCAL, there)


@pytest.fixture
def servers(
    postgres_cluster: PostgresCluster, tmp_path: Path, clock: Clock
) -> Iterator[tuple[Services, Services]]:
    url = postgres_cluster.new_shared()
    folders = [tmp_path / "first", tmp_path / "second"]
    share_disk(*folders)
    first, second = (open_services(folder, url, now=clock, jobs=False) for folder in folders)
    yield first, second
    second.close()
    first.close()


def test_two_servers_write_one_draft_at_once(servers: tuple[Services, Services]) -> None:
    first, second = servers
    first.projects.put(LOCAL, P, ProjectEdit())
    report = new_report(first, "")
    follower = second.background._others
    follower.follow()
    news: list[DraftNews | None] = []
    second.reports.follow(LOCAL, P, report, news.append, after=0)
    barrier = threading.Barrier(2)

    def write(services: Services, letter: str) -> None:
        page = page_of(services, report)
        barrier.wait()
        for number in range(60):
            update = page.add("paragraph", f"{letter}{number}")
            services.reports.update(LOCAL, P, report, update)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, first, "a"), pool.submit(write, second, "b")]:
            done.result()
    expected = {"", *(f"{letter}{number}" for letter in "ab" for number in range(60))}
    for services in servers:
        texts = texts_of(services, report)
        assert len(texts) == len(expected)
        assert set(texts) == expected

    def newest() -> DraftNews | None:
        follower.follow()
        return news[-1]

    wait_until(lambda: (last := newest()) is not None and last.seq == 121)
    assert [item.seq for item in news if item is not None] == list(range(1, 122))
    first.reports.delete(LOCAL, P, report)
    wait_until(lambda: newest() is None)


def test_cursors_reach_the_pages_at_another_server(servers: tuple[Services, Services]) -> None:
    first, second = servers
    first.projects.put(LOCAL, P, ProjectEdit())
    report = new_report(first, "")
    sender, follower = first.background._others, second.background._others
    follower.follow()
    states: list[DraftNews | Awareness | None] = []
    second.reports.follow(LOCAL, P, report, states.append, after=None)
    largest = bytes(range(256)) * (MAX_AWARENESS_BYTES // 256)
    for state in (b"at 1", b"at 2"):
        first.reports.send_awareness(LOCAL, P, report, state, client="page")
    first.reports.send_awareness(LOCAL, P, report, largest, client="other")

    def states_there() -> int:
        sender.tell()
        follower.follow()
        return len(states)

    wait_until(lambda: states_there() == 2)
    assert states == [Awareness("page", b"at 2"), Awareness("other", largest)]


def test_pages_at_another_server_are_told_of_comments(servers: tuple[Services, Services]) -> None:
    first, second = servers
    first.projects.put(LOCAL, P, ProjectEdit())
    report = new_report(first, "alpha")
    follower = second.background._others
    follower.follow()
    subscription = second.stores.live.subscribe(LOCAL, P)
    first.report_comments.add_thread(LOCAL, P, report, NewThread(body="why?"))

    def is_told() -> bool:
        follower.follow()
        news = subscription.take()
        return news is not None and news[0].comments

    wait_until(is_told)
    subscription.close()
