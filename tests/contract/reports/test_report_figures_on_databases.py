"""Figures of reports on SQLite and PostgreSQL: who may store and read them, their limits, and what
becomes of their contents.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from archive_edits import entries, in_lines, pack
from service_uploads import Clock
from weft.errors import Conflict, CorruptLog, Forbidden, LimitExceeded, NotFound
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.reports import figures
from weft.server.services.reports.figures import FigureAnswer
from weft.wire.projects.access import ProjectMove
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.figures import FigureCapture, FigureInfo, FigureRequest
from weft.wire.reports.reports import ReportCreate, ReportPublish

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("local", "p")
NAMES = FigureRequest(method="GET", path="metrics/names")


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, P, ProjectEdit())


def new_report(services: Services, path: ProjectPath = P, actor: Actor = LOCAL) -> str:
    report = services.reports.create(actor, path, ReportCreate(title="A")).id
    services.reports.publish(actor, path, report, ReportPublish())
    return report


def store(
    services: Services,
    report: str,
    content: bytes = b"{}",
    *,
    part: str = "grid",
    project: str | None = None,
    path: ProjectPath = P,
    actor: Actor = LOCAL,
) -> FigureInfo:
    capture = FigureCapture(part=part, project=project, requests=[NAMES])
    target = services.report_figures.begin(actor, path, report, "1", capture)
    answers = [FigureAnswer(NAMES, 200, "application/json", content)]
    return services.report_figures.store(actor, target, answers, {"all": 0})


def read(
    services: Services, report: str, info: FigureInfo, path: ProjectPath = P, actor: Actor = LOCAL
) -> bytes:
    _, pieces = services.report_figures.content(actor, path, report, "1", info.sha256)
    return gzip.decompress(b"".join(pieces))


def is_stored(services: Services, info: FigureInfo) -> bool:
    return any(blob.sha256 == info.sha256 for blob in services.stores.blobs.store.list())


def test_a_figure_is_stored_once(services: Services, clock: Clock) -> None:
    report = new_report(services)
    first = store(services, report, b"one")
    assert read(services, report, first).endswith(b"one")
    second = store(services, report, b"two")
    assert services.reports.get(LOCAL, P, report).figures == [second]
    assert not is_stored(services, first)
    clock.forward(figures.REPLACE_MICROS / 1e6)
    with pytest.raises(Conflict, match="do not change"):
        store(services, report, b"three")
    assert store(services, report, b"three", part="other").part == "other"


def test_only_its_capturer_may_replace_a_figure(services: Services, lab: None) -> None:
    path = ProjectPath("lab", "runs")
    ada, bob, eve, dan = (actor_of(services, name) for name in ("ada", "bob", "eve", "dan"))
    services.projects.put(ada, path, ProjectEdit())
    report = new_report(services, path, bob)
    info = store(services, report, path=path, actor=bob)
    with pytest.raises(Conflict):
        store(services, report, path=path, actor=ada)
    for actor in (eve, dan):
        with pytest.raises((Forbidden, NotFound)):
            store(services, report, part="x", path=path, actor=actor)
    assert read(services, report, info, path, eve)
    with pytest.raises((Forbidden, NotFound)):
        read(services, report, info, path, dan)


def test_a_reader_gets_no_figure_of_a_project_that_they_may_not_read(
    services: Services, lab: None
) -> None:
    path = ProjectPath("lab", "runs")
    ada, bob, eve = (actor_of(services, name) for name in ("ada", "bob", "eve"))
    services.projects.put(ada, path, ProjectEdit())
    own = ProjectPath("bob", "private")
    services.projects.put(bob, own, ProjectEdit())
    report = new_report(services, path, bob)
    info = store(services, report, project="bob/private", path=path, actor=bob)
    assert services.reports.get(bob, path, report).figures == [info]
    assert read(services, report, info, path, bob)
    for actor in (ada, eve):
        assert services.reports.get(actor, path, report).figures == []
        with pytest.raises(NotFound):
            read(services, report, info, path, actor)
    with pytest.raises((Forbidden, NotFound)):
        store(services, report, project="bob/private", part="x", path=path, actor=ada)
    services.projects.delete(bob, own)
    assert services.reports.get(bob, path, report).figures == []


def test_a_part_has_a_figure_of_each_of_its_projects(services: Services, clock: Clock) -> None:
    other = ProjectPath("local", "other")
    services.projects.put(LOCAL, other, ProjectEdit())
    report = new_report(services)
    own = store(services, report, b"own")
    first = store(services, report, b"first", project="local/other")
    assert services.reports.get(LOCAL, P, report).figures == [own, first]
    # the report's own project by its name is the same one
    own = store(services, report, b"own again", project="local/p")
    second = store(services, report, b"second", project="local/other")
    assert services.reports.get(LOCAL, P, report).figures == [own, second]
    assert [(info.part, info.project) for info in (own, second)] == [
        ("grid", None),
        ("grid", "local/other"),
    ]
    assert read(services, report, own).endswith(b"own again")
    assert read(services, report, second).endswith(b"second")
    assert not is_stored(services, first)
    clock.forward(figures.REPLACE_MICROS / 1e6)
    for project in (None, "local/other"):
        with pytest.raises(Conflict, match="do not change"):
            store(services, report, b"late", project=project)
    services.projects.put(LOCAL, ProjectPath("local", "third"), ProjectEdit())
    third = store(services, report, b"third", project="local/third")
    assert services.reports.get(LOCAL, P, report).figures == [own, second, third]


def test_each_reader_gets_the_figures_of_the_projects_of_a_part_that_they_may_read(
    services: Services, lab: None
) -> None:
    path = ProjectPath("lab", "runs")
    ada, bob, eve = (actor_of(services, name) for name in ("ada", "bob", "eve"))
    services.projects.put(ada, path, ProjectEdit())
    for actor in (ada, bob):
        services.projects.put(actor, ProjectPath(actor.user or "", "private"), ProjectEdit())
    report = new_report(services, path, bob)
    of_lab = store(services, report, b"lab", path=path, actor=ada)
    of_ada = store(services, report, b"ada", project="ada/private", path=path, actor=ada)
    of_bob = store(services, report, b"bob", project="bob/private", path=path, actor=bob)
    shown = {actor: services.reports.get(actor, path, report).figures for actor in (ada, bob, eve)}
    assert shown == {ada: [of_lab, of_ada], bob: [of_lab, of_bob], eve: [of_lab]}
    assert read(services, report, of_ada, path, ada).endswith(b"ada")
    for actor in (bob, eve):
        with pytest.raises(NotFound):
            read(services, report, of_ada, path, actor)
    # who may not read one project stores the figure of the other, and replaces no one else's
    with pytest.raises((Forbidden, NotFound)):
        store(services, report, project="ada/private", path=path, actor=bob)
    with pytest.raises(Conflict):
        store(services, report, path=path, actor=bob)


def test_readers_get_no_figures_of_former_versions(services: Services, lab: None) -> None:
    path = ProjectPath("lab", "runs")
    ada, eve = (actor_of(services, name) for name in ("ada", "eve"))
    services.projects.put(ada, path, ProjectEdit())
    report = new_report(services, path, ada)
    info = store(services, report, path=path, actor=ada)
    services.reports.publish(ada, path, report, ReportPublish())
    assert read(services, report, info, path, ada)
    with pytest.raises(Forbidden):
        read(services, report, info, path, eve)


def test_the_figures_of_a_version_have_a_limit(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MAX_FIGURE_BYTES", 1000)
    services.projects.put(LOCAL, ProjectPath("local", "other"), ProjectEdit())
    report = new_report(services)
    store(services, report, os.urandom(400))
    n_blobs = len([*services.stores.blobs.store.list()])
    noise = os.urandom(600)
    with pytest.raises(LimitExceeded, match="at most 1000 bytes"):
        store(services, report, noise, part="large")
    with pytest.raises(LimitExceeded, match="at most 1000 bytes"):
        store(services, report, noise, project="local/other")
    assert len([*services.stores.blobs.store.list()]) == n_blobs
    assert [info.part for info in services.reports.get(LOCAL, P, report).figures] == ["grid"]


def test_contents_stay_as_long_as_their_report(services: Services, clock: Clock) -> None:
    report = new_report(services)
    other = new_report(services)
    shared = store(services, report, b"same")
    assert services.upkeep.gc(LOCAL).n_bytes == 0
    assert services.upkeep.check(LOCAL).problems == []
    services.reports.delete(LOCAL, P, report)
    assert is_stored(services, shared)
    services.reports.undelete(LOCAL, P, report)
    assert read(services, report, shared)
    services.reports.delete(LOCAL, P, report)
    services.trash.empty(LOCAL, P)
    assert not is_stored(services, shared)
    remaining = store(services, other, b"other")
    services.projects.delete(LOCAL, P, permanently=True)
    assert not is_stored(services, remaining)


def test_a_report_moves_with_its_figures(services: Services) -> None:
    report = new_report(services)
    info = store(services, report)
    there = ProjectPath("local", "there")
    services.moves.move(LOCAL, P, ProjectMove(project="there"))
    assert services.reports.get(LOCAL, there, report).figures == [info]
    assert read(services, report, info, there)


def test_figures_count_as_bytes_of_their_project(services: Services) -> None:
    before = services.sizes.project(LOCAL, P).n_bytes
    info = store(services, new_report(services))
    assert services.sizes.project(LOCAL, P).n_bytes == before + info.n_bytes
    assert services.stores.room.used_bytes(["local"])["local"] >= info.n_bytes


def test_an_archive_has_figures(services: Services, tmp_path: Path) -> None:
    services.projects.put(LOCAL, ProjectPath("local", "other"), ProjectEdit())
    report = new_report(services)
    info = store(services, report, b"archived")
    other = store(services, report, b"of another", project="local/other")
    archive = tmp_path / "p.zip"
    archive.write_bytes(b"".join(services.archives.export(LOCAL, P)))
    there = ProjectPath("local", "there")
    services.archives.import_(LOCAL, archive, there)
    assert services.reports.get(LOCAL, there, report).figures == [info, other]
    services.projects.delete(LOCAL, P, permanently=True)
    assert read(services, report, info, there).endswith(b"archived")
    assert read(services, report, other, there).endswith(b"of another")

    def refuse(name: str, contents: dict[str, bytes]) -> None:
        bad = ProjectPath("local", "bad")
        with pytest.raises(CorruptLog, match="a figure twice, or without"):
            services.archives.import_(LOCAL, pack(tmp_path / name, contents), bad)

    contents = entries(archive)
    refuse("short.zip", {n: c for n, c in contents.items() if n != f"blobs/{info.sha256}"})
    # two figures of one project in one part
    in_lines("reports.jsonl", lambda lines: lines[0]["figures"][1].update(project=""))(contents)
    refuse("twice.zip", contents)


def test_a_backup_has_figures(
    services: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store(services, new_report(services))
    assert services.upkeep.backup(LOCAL, str(tmp_path_factory.mktemp("backups"))).n_blobs == 1


def actor_of(services: Services, name: str) -> Actor:
    actor = services.users.account(LOCAL, name)
    assert actor is not None
    return actor
