"""Chunks sent ahead of their manifest: which are taken, who can use them, what is left."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from made_artifacts import sha256
from service_uploads import START, WriterLog
from weft.errors import Forbidden, NotFound, StorageFull
from weft.records.files.artifacts import Chunk, Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access import LOCAL, Actor, ProjectPath, RunPath
from weft.server.services.ingest import Upload
from weft.server.services.opening import Services
from weft.server.services.stores import storage_room
from weft.server.storage.blobs.contract import DRAFT_SECS
from weft.wire.files.contents import ContentsStored

CHUNK = 300_000
"""Smaller contents are not taken ahead."""

RUN = RunPath("local", "p", "r")
PROJECT = RUN.of_project


def chunks(n: int, size: int = CHUNK) -> list[bytes]:
    return [os.urandom(size) for _ in range(n)]


def send(
    services: Services,
    contents: Sequence[bytes],
    *,
    is_ahead: bool = False,
    actor: Actor = LOCAL,
    project: ProjectPath = PROJECT,
) -> ContentsStored:
    upload = services.contents.receive_many(actor, project, is_ahead=is_ahead)
    try:
        for content in contents:
            upload.begin(len(content))
            upload.write(content)
            upload.end()
        return upload.finish()
    finally:
        upload.discard()


def announce(
    services: Services, files: Sequence[Sequence[bytes]], *, run: RunPath = RUN, writer: str = "a"
) -> None:
    """Log one version for each file, given by its chunks, and send their manifests."""
    log = WriterLog(writer)
    manifests: list[bytes] = []
    records: list[File | Artifact] = []
    for number, parts in enumerate(files):
        whole = b"".join(parts)
        cut = [Chunk(len(part), sha256(part)) for part in parts]
        entry = ManifestEntry("large.bin", len(whole), sha256(whole), chunks=cut)
        manifests.append(msgspec.json.encode(Manifest([entry])))
        path = f"artifacts/{number:04d}.json"
        records.append(File(path, len(manifests[-1]), sha256(manifests[-1]), START))
        records.append(Artifact("log", "data", "dataset", path, [], START))
    upload = log.upload(Run(run.run, run.project, start_micros=START), *records)
    services.ingest.apply_upload(LOCAL, run, upload)
    send(services, manifests, project=run.of_project)


def lacking(services: Services, *, writer: str = "a", limit: int = 1000) -> list[str]:
    """All that a log lacks, page by page."""
    hashes: list[str] = []
    cursor: str | None = None
    while True:
        page = services.contents.lacking(LOCAL, RUN, writer, limit=limit, cursor=cursor)
        hashes += [content.sha256 for content in page.contents]
        cursor = page.cursor
        if cursor is None:
            return hashes


def versions(services: Services) -> int:
    """The number of complete versions."""
    return services.artifacts.collection(LOCAL, PROJECT, "data").n_versions


def drafts(services: Services) -> set[str]:
    return set(services.stores.blobs.store.suspended())


def test_what_came_ahead_is_not_sent_again(services_with_quota: Services) -> None:
    parts = [*chunks(5), b"end"]
    hashes = [sha256(part) for part in parts]
    lacked = services_with_quota.contents.lacking_ahead(LOCAL, RUN, hashes)
    assert (lacked.entity, lacked.project, lacked.sha256) == ("local", "p", hashes)
    sent = send(services_with_quota, parts[:3], is_ahead=True)
    assert (sent.n_stored, sent.refused) == (3, [])
    # a small content does not wait, and without the flag nothing is taken
    assert send(services_with_quota, parts[-1:], is_ahead=True).refused == hashes[-1:]
    assert send(services_with_quota, parts[3:4]).refused == hashes[3:4]
    assert services_with_quota.contents.lacking_ahead(LOCAL, RUN, hashes).sha256 == hashes[3:]
    announce(services_with_quota, [parts])
    assert lacking(services_with_quota) == hashes[3:]
    assert not drafts(services_with_quota)
    # what is awaited is sent as what the log lacks, and not ahead
    assert services_with_quota.contents.lacking_ahead(LOCAL, RUN, hashes).sha256 == []
    send(services_with_quota, parts[3:])
    assert versions(services_with_quota) == 1
    assert services_with_quota.contents.lacking_ahead(LOCAL, RUN, hashes).sha256 == []
    assert send(services_with_quota, parts[:2], is_ahead=True).n_stored == 0
    assert not drafts(services_with_quota)


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_a_version_waits_for_its_sender_although_all_came_ahead(
    services_with_quota: Services, limit: int
) -> None:
    first, second = chunks(3), chunks(3)
    send(services_with_quota, second + first[:2], is_ahead=True)
    announce(services_with_quota, [first, second])
    # The earlier one lacks its last content, and the later one must not overtake it.
    assert lacking(services_with_quota, limit=limit) == [sha256(first[2]), sha256(second[2])]
    assert versions(services_with_quota) == 0
    send(services_with_quota, first[2:])
    assert versions(services_with_quota) == 1
    send(services_with_quota, second[2:])
    assert versions(services_with_quota) == 2
    assert not drafts(services_with_quota)
    assert lacking(services_with_quota) == []


def test_a_chunk_that_comes_ahead_after_its_manifest_is_stored(
    services_with_quota: Services,
) -> None:
    parts = chunks(2)
    announce(services_with_quota, [parts])
    assert lacking(services_with_quota) == [sha256(part) for part in parts]
    assert send(services_with_quota, parts, is_ahead=True).n_stored == 2
    assert versions(services_with_quota) == 1
    assert not drafts(services_with_quota)


def test_two_requests_at_once_store_what_came_ahead_once(
    services_with_quota: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = chunks(3)
    hashes = [sha256(part) for part in parts]
    send(services_with_quota, parts[:2], is_ahead=True)
    announce(services_with_quota, [parts])
    blobs = services_with_quota.stores.blobs
    keep_many = blobs.keep_many
    others: list[list[str]] = []

    def keep_after_another_request(*arguments: Any) -> None:
        monkeypatch.undo()
        others.append(lacking(services_with_quota))
        keep_many(*arguments)

    monkeypatch.setattr(blobs, "keep_many", keep_after_another_request)
    assert sorted(lacking(services_with_quota)) == sorted(hashes), "the drafts are gone"
    assert others == [hashes[2:]]
    assert lacking(services_with_quota) == hashes[2:]
    send(services_with_quota, parts[2:])
    assert versions(services_with_quota) == 1


def test_another_project_has_nothing_of_it(services_with_quota: Services) -> None:
    parts = chunks(2)
    send(services_with_quota, parts, is_ahead=True)
    other = RunPath("local", "other", "r")
    services_with_quota.ingest.apply_upload(LOCAL, other, Upload("w", "w", 0, 10, live=True))
    hashes = [sha256(part) for part in parts]
    assert services_with_quota.contents.lacking_ahead(LOCAL, other, hashes).sha256 == hashes
    announce(services_with_quota, [parts], run=other)
    page = services_with_quota.contents.lacking(LOCAL, other, "a")
    assert [content.sha256 for content in page.contents] == hashes
    assert len(drafts(services_with_quota)) == 2


def test_another_user_can_neither_ask_nor_send(services_with_quota: Services) -> None:
    parts = chunks(1)
    send(services_with_quota, parts, is_ahead=True)
    stranger = Actor("user", "eve")
    with pytest.raises((Forbidden, NotFound)):
        services_with_quota.contents.lacking_ahead(stranger, RUN, [sha256(parts[0])])
    with pytest.raises((Forbidden, NotFound)):
        send(services_with_quota, parts, is_ahead=True, actor=stranger)


def test_chunks_that_wait_count_for_the_quota_once(
    services_with_quota: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_room, "RETRY_MEASURE_SECS", -1.0)
    parts = chunks(3, 1_200_000)
    send(services_with_quota, parts[:2], is_ahead=True)
    used = services_with_quota.stores.room.used_bytes(["local"])["local"]
    assert used >= 2_400_000
    send(services_with_quota, parts[2:], is_ahead=True)
    with pytest.raises(StorageFull):
        send(services_with_quota, chunks(1, 600_000), is_ahead=True)
    announce(services_with_quota, [parts])
    assert lacking(services_with_quota) == [sha256(parts[2])]
    send(services_with_quota, parts[2:])
    assert versions(services_with_quota) == 1


def test_what_no_manifest_names_goes_after_a_day(
    services_with_quota: Services, tmp_path: Path
) -> None:
    parts = chunks(2)
    send(services_with_quota, parts, is_ahead=True)
    services_with_quota.upkeep.gc(LOCAL, dry_run=False)
    assert len(drafts(services_with_quota)) == 2, "their manifest may still arrive"
    for path in tmp_path.glob("blobs/drafts/*-ahead"):
        then = time.time() - DRAFT_SECS - 60
        os.utime(path, (then, then))
    services_with_quota.upkeep.gc(LOCAL, dry_run=False)
    assert not drafts(services_with_quota)
    announce(services_with_quota, [parts])
    assert len(lacking(services_with_quota)) == 2


def test_chunks_go_with_their_project(services_with_quota: Services) -> None:
    send(services_with_quota, chunks(2), is_ahead=True)
    services_with_quota.projects.delete(LOCAL, PROJECT, permanently=True)
    assert not drafts(services_with_quota)
