"""The room for uploads: what arrives at the same time shares it, and the server keeps its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from made_artifacts import sha256
from service_uploads import SECOND, START, WriterLog
from weft.errors import StorageFull
from weft.records.record import Exit, File, Preempting, Run, Summary
from weft.server.services.access import LOCAL, ProjectPath, RunPath
from weft.server.services.files.service import FileUpload
from weft.server.services.ingest import SentUpload, Upload
from weft.server.services.opening import Services
from weft.server.services.stores import StorageLimits, storage_room
from weft.server.storage.metadata import Transaction

MB = 10**6
RUN = RunPath("local", "p", "r")
PROJECT = ProjectPath("local", "p")


def test_uploads_at_the_same_time_share_the_room(services_with_quota: Services) -> None:
    content = os.urandom(2 * MB)

    def begin(name: str) -> FileUpload:
        return services_with_quota.files.upload(LOCAL, RUN, name)

    first, second = begin("first"), begin("second")
    first.write(content)
    second.write(content[:MB])
    with pytest.raises(StorageFull, match=r"no room for this upload of 2\.0 MB"):
        second.write(content[MB:])
    second.abort()
    third = begin("third")
    third.write(content[::-1][: MB * 3 // 2])
    first.commit()
    third.commit()
    # what was stored counts once, and nothing counts for uploads that ended
    assert services_with_quota.stores.room.used_bytes(["local"])["local"] < 4 * MB
    with pytest.raises(StorageFull):
        begin("fourth").write(content)


def test_contents_that_arrive_in_pieces_share_the_room(services_with_quota: Services) -> None:
    upload = services_with_quota.contents.receive_many(LOCAL, ProjectPath("local", "p"))
    upload.begin(3 * MB)
    file = services_with_quota.files.upload(LOCAL, RUN, "file")
    with pytest.raises(StorageFull, match="no room for this upload"):
        file.write(bytes(2 * MB))
    upload.discard()
    file.write(bytes(2 * MB))
    file.abort()


@pytest.mark.parametrize(
    ("total", "free", "is_full", "lacks_own"),
    [
        (100 * MB, 3 * MB, False, False),
        (100 * MB, 1 * MB, True, False),
        (100 * MB, MB // 3, True, True),
        (10**12, 300 * MB, False, False),
        (10**12, 65 * MB, True, False),
        (10**12, 63 * MB, True, True),
    ],
)
def test_the_server_stays_ready_while_uploads_are_refused(
    services_with_quota: Services,
    monkeypatch: pytest.MonkeyPatch,
    total: int,
    free: int,
    *,
    is_full: bool,
    lacks_own: bool,
) -> None:
    class Usage(NamedTuple):
        total: int
        free: int

    room = services_with_quota.stores.room
    room.limits = StorageLimits()
    monkeypatch.setattr(storage_room.shutil, "disk_usage", lambda _: Usage(total, free))
    assert (room.lack_for_server() is not None) == lacks_own
    if is_full:
        with pytest.raises(StorageFull, match="the disk is full"):
            room.check_disk(1)
    else:
        room.check_disk(1)


def announce(services: Services, writer: str, contents: Sequence[bytes]) -> None:
    """Make the project await contents, as files of a run."""
    log = WriterLog(writer)
    files = [
        File(f"{writer}/{number}", len(data), sha256(data), START)
        for number, data in enumerate(contents)
    ]
    services.ingest.apply_upload(LOCAL, RUN, log.upload(Run("r", "p", start_micros=START), *files))


def send_piece(services: Services, content: bytes, start: int, stop: int) -> None:
    upload = services.contents.receive(LOCAL, PROJECT, sha256(content), start)
    try:
        upload.write(content[start:stop])
        upload.finish()
    finally:
        upload.suspend()


@pytest.mark.parametrize("is_measured", [True, False])
def test_drafts_between_two_requests_count(
    services_with_quota: Services, monkeypatch: pytest.MonkeyPatch, *, is_measured: bool
) -> None:
    if is_measured:
        monkeypatch.setattr(storage_room, "MEASURE_SECS", -1.0)
    first, second, third = (os.urandom(2 * MB) for _ in range(3))
    announce(services_with_quota, "a", [first, second, third])
    room = services_with_quota.stores.room

    def used() -> float:
        return room.used_bytes(["local"])["local"] / MB

    before = used()
    assert before < 0.2
    send_piece(services_with_quota, first, 0, MB)
    send_piece(services_with_quota, first, MB, 2 * MB - 10)
    # another one fits as far as it was sent, and then none does
    room.limits = StorageLimits(quota_bytes=int(4.2 * MB), reserve_bytes=0)
    send_piece(services_with_quota, second, 0, MB)
    with pytest.raises(StorageFull, match=r"no room for this upload of 2\.0 MB"):
        send_piece(services_with_quota, third, 0, MB)
    assert used() - before == pytest.approx(3, abs=0.1)
    send_piece(services_with_quota, first, 2 * MB - 10, 2 * MB)
    send_piece(services_with_quota, second, MB, 2 * MB)
    assert used() - before == pytest.approx(4, abs=0.1)
    with pytest.raises(StorageFull):
        send_piece(services_with_quota, third, 0, 1)
    assert services_with_quota.stores.blobs.store.suspended() == {}


def test_the_drafts_of_a_deleted_project_are_removed(services_with_quota: Services) -> None:
    content = os.urandom(2 * MB)
    announce(services_with_quota, "a", [content])
    send_piece(services_with_quota, content, 0, MB)
    assert list(services_with_quota.stores.blobs.store.suspended().values()) == [MB]
    services_with_quota.projects.delete(LOCAL, PROJECT, permanently=True)
    assert services_with_quota.stores.blobs.store.suspended() == {}


def test_logs_that_arrive_together_share_the_room(services_with_quota: Services) -> None:
    services_with_quota.ingest.apply_upload(
        LOCAL, RunPath("local", "p", "b"), Upload("w", "w", 0, 10, live=True)
    )
    uploads = [
        SentUpload(
            LOCAL, RunPath("local", "p", name), Upload("w", "w", 10, 10 + 3 * MB, n_bytes=3 * MB)
        )
        for name in ("r", "b")
    ]
    first, second = services_with_quota.ingest.apply_uploads(LOCAL, uploads)
    assert not isinstance(first, Exception)
    assert isinstance(second, StorageFull)
    assert "no room for this upload of 3.0 MB" in str(second)


def test_how_a_run_ended_is_taken_at_the_quota(services_with_quota: Services) -> None:
    services_with_quota.stores.room.limits = StorageLimits(quota_bytes=1, reserve_bytes=0)
    log = WriterLog("w")
    log.position = 10
    with pytest.raises(StorageFull):
        services_with_quota.ingest.apply_upload(
            LOCAL, RUN, log.upload(Summary(START, [(["a"], 1)]))
        )
    log.position = 10
    services_with_quota.ingest.apply_upload(
        LOCAL, RUN, log.upload(Preempting(START), Exit(START + SECOND, 3))
    )
    assert services_with_quota.runs.get(LOCAL, RUN).state == "preempted"
    # only of runs that are there
    new = WriterLog("w").upload(Exit(START, 0))
    with pytest.raises(StorageFull):
        services_with_quota.ingest.apply_upload(LOCAL, RunPath("local", "p", "new"), new)


def test_the_sizes_of_all_users_are_measured_together_and_seldom(
    services_with_quota: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["ada", "bob", "cy"]
    for name in names:
        services_with_quota.users.add_user(LOCAL, name)
        path = RunPath(name, "p", "r")
        services_with_quota.ingest.apply_upload(LOCAL, path, Upload("w", "w", 0, 10, live=True))
    measured: list[Sequence[str]] = []
    sizes = services_with_quota.stores.metadata.content_sizes
    measure = sizes.of_entities

    def counted(tx: Transaction, names: Sequence[str]) -> dict[str, int]:
        measured.append(names)
        return measure(tx, names)

    monkeypatch.setattr(sizes, "of_entities", counted)
    monkeypatch.setattr(storage_room, "MEASURE_SECS", -1.0)
    before = [user.n_bytes for user in services_with_quota.users.list(LOCAL).users]
    assert measured == [names]
    monkeypatch.setattr(storage_room, "MEASURE_SECS", 1000.0)
    upload = services_with_quota.files.upload(LOCAL, RunPath("ada", "p", "r"), "a.bin")
    upload.write(bytes(MB))
    upload.commit()
    after = [user.n_bytes for user in services_with_quota.users.list(LOCAL).users]
    assert [b - a for a, b in zip(before, after, strict=True)] == [MB, 0, 0]
    assert measured == [names]
