"""The room for uploads: what arrives at the same time shares it, and the server keeps its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from weft.errors import StorageFull
from weft.server.services.access import LOCAL, ProjectPath, RunPath
from weft.server.services.files.service import FileUpload
from weft.server.services.ingest import Upload
from weft.server.services.opening import Services
from weft.server.services.opening.services import open_services
from weft.server.services.stores import StorageLimits, storage_room

MB = 10**6
RUN = RunPath("local", "p", "r")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    limits = StorageLimits(quota_bytes=4 * MB, reserve_bytes=0)
    opened = open_services(tmp_path, limits=limits, jobs=False)
    opened.ingest.apply(LOCAL, RUN, Upload("w", "w", 0, 10, live=True))
    yield opened
    opened.close()


def test_uploads_at_the_same_time_share_the_room(services: Services) -> None:
    content = os.urandom(2 * MB)

    def begin(name: str) -> FileUpload:
        return services.files.upload(LOCAL, RUN, name)

    first, second = begin("first"), begin("second")
    first.write(content)
    second.write(content[:MB])
    with pytest.raises(StorageFull, match=r"2\.0 MB are arriving"):
        second.write(content[MB:])
    second.abort()
    third = begin("third")
    third.write(content[::-1][: MB * 3 // 2])
    first.commit()
    third.commit()
    # what was stored counts once, and nothing counts for uploads that ended
    assert services.stores.room.used_bytes("local") < 4 * MB
    with pytest.raises(StorageFull) as full:
        begin("fourth").write(content)
    assert "arriving" not in str(full.value)


def test_contents_that_arrive_in_pieces_share_the_room(services: Services) -> None:
    upload = services.contents.receive_many(LOCAL, ProjectPath("local", "p"))
    upload.begin(3 * MB)
    file = services.files.upload(LOCAL, RUN, "file")
    with pytest.raises(StorageFull, match=r"3\.0 MB are arriving"):
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
    services: Services,
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

    room = services.stores.room
    room.limits = StorageLimits()
    monkeypatch.setattr(storage_room.shutil, "disk_usage", lambda _: Usage(total, free))
    assert (room.lack_for_server() is not None) == lacks_own
    if is_full:
        with pytest.raises(StorageFull, match="the disk is full"):
            room.check_disk(1)
    else:
        room.check_disk(1)
