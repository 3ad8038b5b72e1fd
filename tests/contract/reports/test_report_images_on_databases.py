"""Images of reports on SQLite and PostgreSQL: who may add and read them, their limits, and what
becomes of their contents.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from archive_edits import entries, pack
from report_pictures import picture
from weft.errors import (
    ConfigError,
    CorruptLog,
    Forbidden,
    Gone,
    LimitExceeded,
    NotFound,
    StorageFull,
)
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening.services import Services
from weft.server.services.reports.images import service as images
from weft.wire.projects.access import ProjectMove
from weft.wire.projects.projects import ProjectEdit
from weft.wire.reports.images import ReportImage
from weft.wire.reports.reports import ReportCreate, ReportEdit, ReportPublish
from weft.wire.server.usage import QuotaEdit

pytestmark = pytest.mark.usefixtures("ticking")

P = ProjectPath("local", "p")


@pytest.fixture(autouse=True)
def project(services: Services) -> None:
    services.projects.put(LOCAL, P, ProjectEdit())


def new_report(services: Services, path: ProjectPath = P, actor: Actor = LOCAL) -> str:
    return services.reports.create(actor, path, ReportCreate(title="A")).id


def add(
    services: Services,
    report: str,
    content: bytes | None = None,
    path: ProjectPath = P,
    actor: Actor = LOCAL,
) -> ReportImage:
    return services.report_images.add(actor, path, report, content or picture())


def read(
    services: Services,
    report: str,
    image: ReportImage,
    path: ProjectPath = P,
    actor: Actor = LOCAL,
) -> bytes:
    return b"".join(services.report_images.get(actor, path, report, image.sha256).read())


def publish(
    services: Services,
    report: str,
    *images: ReportImage,
    path: ProjectPath = P,
    actor: Actor = LOCAL,
) -> None:
    blocks = [
        {"id": f"i{n}", "kind": "image", "sha256": image.sha256} for n, image in enumerate(images)
    ]
    services.reports.edit(actor, path, report, ReportEdit(blocks=blocks))
    services.reports.publish(actor, path, report, ReportPublish())


def is_stored(services: Services, image: ReportImage) -> bool:
    return any(blob.sha256 == image.sha256 for blob in services.stores.blobs.store.list())


def actor_of(services: Services, name: str) -> Actor:
    actor = services.users.account(LOCAL, name)
    assert actor is not None
    return actor


def test_an_image_is_stored_once_however_often_it_is_added(services: Services) -> None:
    report, other = new_report(services), new_report(services)
    image = add(services, report)
    assert (image.media_type, image.width_px, image.height_px) == ("image/png", 120, 80)
    assert image.n_bytes == len(picture())
    assert add(services, report) == image
    assert read(services, report, image) == picture()
    with pytest.raises(NotFound, match="has no image"):
        read(services, other, image)
    again = add(services, other)
    assert again.sha256 == image.sha256
    assert len([*services.stores.blobs.store.list()]) == 1
    assert read(services, other, image) == picture()


def test_readers_get_the_images_of_what_is_published(services: Services, lab: None) -> None:
    path = ProjectPath("lab", "runs")
    ada, bob, eve, dan = (actor_of(services, name) for name in ("ada", "bob", "eve", "dan"))
    services.projects.put(ada, path, ProjectEdit())
    report = new_report(services, path, bob)
    shown = add(services, report, path=path, actor=bob)
    hidden = add(services, report, picture("blue"), path, bob)
    assert (shown.added_by, read(services, report, hidden, path, ada)) == ("bob", picture("blue"))
    for actor in (eve, dan):
        with pytest.raises((Forbidden, NotFound)):
            add(services, report, picture("green"), path, actor)
        with pytest.raises((Forbidden, NotFound)):
            read(services, report, shown, path, actor)
    publish(services, report, shown, path=path, actor=bob)
    assert read(services, report, shown, path, eve) == picture()
    with pytest.raises(NotFound, match="has no image"):
        read(services, report, hidden, path, eve)
    with pytest.raises((Forbidden, NotFound)):
        read(services, report, shown, path, dan)
    # a version that names another one takes the first from readers, not from writers
    publish(services, report, hidden, path=path, actor=bob)
    with pytest.raises(NotFound, match="has no image"):
        read(services, report, shown, path, eve)
    assert read(services, report, hidden, path, eve) == picture("blue")
    assert read(services, report, shown, path, ada) == picture()


def test_a_text_with_a_hash_shows_no_image(services: Services, lab: None) -> None:
    path = ProjectPath("lab", "runs")
    ada, eve = (actor_of(services, name) for name in ("ada", "eve"))
    services.projects.put(ada, path, ProjectEdit())
    report = new_report(services, path, ada)
    image = add(services, report, path=path, actor=ada)
    text = f'"sha256":"{image.sha256}"'
    blocks = [{"id": "a", "kind": "paragraph", "text": [{"text": text}]}]
    services.reports.edit(ada, path, report, ReportEdit(blocks=blocks))
    services.reports.publish(ada, path, report, ReportPublish())
    with pytest.raises(NotFound, match="has no image"):
        read(services, report, image, path, eve)


def test_what_is_no_image_is_refused_and_not_stored(services: Services) -> None:
    report = new_report(services)
    for content in (b"", b"<svg/>", b"text", picture()[:-20]):
        with pytest.raises(ConfigError):
            services.report_images.add(LOCAL, P, report, content)
    with pytest.raises(LimitExceeded, match="at most 10"):
        services.report_images.add(LOCAL, P, report, picture() + b"x" * (10 << 20))
    assert [*services.stores.blobs.store.list()] == []


def test_the_images_of_a_report_have_a_bound(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = new_report(services)
    monkeypatch.setattr(images, "MAX_IMAGES", 2)
    first = add(services, report)
    add(services, report, picture("blue"))
    with pytest.raises(LimitExceeded, match="has 2 images"):
        add(services, report, picture("green"))
    assert add(services, report) == first
    monkeypatch.setattr(images, "MAX_IMAGES", 200)
    n_bytes = sum(len(picture(color)) for color in ("red", "blue", "green"))
    monkeypatch.setattr(images, "MAX_IMAGES_BYTES", n_bytes)
    add(services, report, picture("green"))
    with pytest.raises(LimitExceeded, match="has 3 images"):
        add(services, report, picture("white"))
    assert len([*services.stores.blobs.store.list()]) == 3


def test_an_image_needs_room_in_the_quota(services: Services, lab: None) -> None:
    report = new_report(services)
    services.usage.set_project_quota(LOCAL, P, QuotaEdit(quota_bytes=100))
    with pytest.raises(StorageFull, match="no room"):
        add(services, report)
    assert [*services.stores.blobs.store.list()] == []


def test_contents_stay_as_long_as_their_report(services: Services) -> None:
    report, other = new_report(services), new_report(services)
    image = add(services, report)
    publish(services, report, image)
    publish(services, report)  # a former version names it
    assert services.upkeep.gc(LOCAL).n_bytes == 0
    assert services.upkeep.check(LOCAL).problems == []
    assert read(services, report, image) == picture()
    services.reports.delete(LOCAL, P, report)
    for action in (lambda: read(services, report, image), lambda: add(services, report)):
        with pytest.raises(Gone):
            action()
    assert is_stored(services, image)
    services.reports.undelete(LOCAL, P, report)
    assert read(services, report, image) == picture()
    services.reports.delete(LOCAL, P, report)
    services.trash.empty(LOCAL, P)
    assert not is_stored(services, image)
    remaining = add(services, other, picture("blue"))
    services.projects.delete(LOCAL, P, permanently=True)
    assert not is_stored(services, remaining)


def test_a_content_stays_while_another_report_has_it(services: Services) -> None:
    report, other = new_report(services), new_report(services)
    image = add(services, report)
    add(services, other)
    services.reports.delete(LOCAL, P, report, permanently=True)
    assert read(services, other, image) == picture()
    services.reports.delete(LOCAL, P, other, permanently=True)
    assert not is_stored(services, image)


def test_a_report_moves_with_its_images(services: Services) -> None:
    report = new_report(services)
    image = add(services, report)
    there = ProjectPath("local", "there")
    services.moves.move(LOCAL, P, ProjectMove(project="there"))
    assert read(services, report, image, there) == picture()


def test_images_count_as_bytes_of_their_project(services: Services) -> None:
    before = services.sizes.project(LOCAL, P).n_bytes
    image = add(services, new_report(services))
    add(services, new_report(services))
    assert services.sizes.project(LOCAL, P).n_bytes == before + image.n_bytes
    assert services.stores.room.used_bytes(["local"])["local"] >= image.n_bytes


def test_an_archive_has_images(services: Services, tmp_path: Path) -> None:
    report = new_report(services)
    image = add(services, report)
    unnamed = add(services, report, picture("blue"))
    publish(services, report, image)
    archive = tmp_path / "p.zip"
    archive.write_bytes(b"".join(services.archives.export(LOCAL, P)))
    there = ProjectPath("local", "there")
    services.archives.import_(LOCAL, archive, there)
    services.projects.delete(LOCAL, P, permanently=True)
    assert services.upkeep.gc(LOCAL).n_bytes == 0
    assert read(services, report, image, there) == picture()
    assert read(services, report, unnamed, there) == picture("blue")
    assert services.report_images.get(LOCAL, there, report, image.sha256).info == image


def test_a_damaged_archive_of_images_is_refused(services: Services, tmp_path: Path) -> None:
    report = new_report(services)
    image = add(services, report)
    archive = tmp_path / "p.zip"
    archive.write_bytes(b"".join(services.archives.export(LOCAL, P)))
    contents = entries(archive)
    line = msgspec.json.decode(contents["reports.jsonl"])
    without_content = {name: data for name, data in contents.items() if image.sha256 not in name}
    active = line | {"images": [line["images"][0] | {"media_type": "image/svg+xml"}]}
    twice = line | {"images": line["images"] * 2}
    for broken in (
        without_content,
        contents | {"reports.jsonl": msgspec.json.encode(active) + b"\n"},
        contents | {"reports.jsonl": msgspec.json.encode(twice) + b"\n"},
    ):
        with pytest.raises(CorruptLog, match="images of other types"):
            services.archives.import_(
                LOCAL, pack(tmp_path / "bad.zip", broken), ProjectPath("local", "bad")
            )


def test_an_archive_of_reports_without_images_is_imported(
    services: Services, tmp_path: Path
) -> None:
    report = new_report(services)
    archive = tmp_path / "p.zip"
    archive.write_bytes(b"".join(services.archives.export(LOCAL, P)))
    contents = entries(archive)
    line = msgspec.json.decode(contents["reports.jsonl"])
    del line["images"]
    contents["reports.jsonl"] = msgspec.json.encode(line) + b"\n"
    there = ProjectPath("local", "there")
    services.archives.import_(LOCAL, pack(tmp_path / "old.zip", contents), there)
    assert services.reports.get(LOCAL, there, report, version="draft").title == "A"


def test_a_backup_has_images(services: Services, tmp_path_factory: pytest.TempPathFactory) -> None:
    add(services, new_report(services))
    assert services.upkeep.backup(LOCAL, str(tmp_path_factory.mktemp("backups"))).n_blobs == 1
