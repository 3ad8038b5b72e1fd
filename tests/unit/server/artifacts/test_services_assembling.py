"""Versions of several parts, and those that get files of the version before them."""

from __future__ import annotations

import pytest

from service_artifacts import PROJECT, ArtifactLog, entry
from weft.server.services.access.actors import LOCAL
from weft.server.services.opening.services import Services


@pytest.fixture
def logs(services: Services) -> list[ArtifactLog]:
    return [ArtifactLog(services, f"rank{rank}") for rank in range(3)]


def send_part(log: ArtifactLog, action: str, **files: bytes) -> None:
    entries = [entry(path, content) for path, content in files.items()]
    log.announce("net", entries, action=action, distributed_id="all")
    log.send_manifests()
    log.send(*files.values())


def files_of(services: Services, ref: str) -> dict[str, bytes]:
    listed = services.artifact_files.list(LOCAL, PROJECT, "net", ref).files
    return {
        file.path: b"".join(
            services.artifact_files.read(
                LOCAL, PROJECT, services.artifact_files.get(LOCAL, PROJECT, "net", ref, file.path)
            )
        )
        for file in listed
    }


def state(log: ArtifactLog) -> tuple[str, str | None]:
    (version,) = log.versions()
    return version.state, version.version


def test_parts_are_no_versions_until_the_last_run_ends_them(
    services: Services, logs: list[ArtifactLog]
) -> None:
    send_part(logs[0], "part", a=b"1")
    send_part(logs[1], "part", b=b"22")
    assert [state(log) for log in logs[:2]] == [("part", None)] * 2
    send_part(logs[2], "log", c=b"333")
    assert [state(log) for log in logs] == [("stored", "v0")] * 3
    assert files_of(services, "v0") == {"a": b"1", "b": b"22", "c": b"333"}
    version = services.artifacts.get(LOCAL, PROJECT, "net", "v0")
    assert (version.n_files, version.n_bytes) == (3, 6)


@pytest.mark.parametrize("is_read", [False, True], ids=["announced", "awaited"])
def test_the_end_waits_for_parts_that_are_still_being_sent(
    services: Services, logs: list[ArtifactLog], is_read: bool
) -> None:
    logs[0].announce("net", [entry("a", b"1")], action="part", distributed_id="all")
    logs[1].announce("net", [entry("b", b"22")], action="log", distributed_id="all")
    if is_read:
        logs[0].send_manifests()
    logs[1].send_manifests()
    logs[1].send(b"22")
    assert state(logs[1]) == ("awaited", None)
    logs[0].send_manifests()
    assert state(logs[1]) == ("awaited", None)
    logs[0].send(b"1")
    assert state(logs[1]) == ("stored", "v0")
    assert files_of(services, "v0") == {"a": b"1", "b": b"22"}


def test_a_part_of_another_id_is_left_alone(services: Services, logs: list[ArtifactLog]) -> None:
    logs[0].announce("net", [entry("a", b"1")], action="part", distributed_id="others")
    logs[0].send_manifests()
    logs[0].send(b"1")
    send_part(logs[1], "log", b=b"22")
    assert files_of(services, "v0") == {"b": b"22"}
    assert state(logs[0]) == ("part", None)


def test_parts_may_share_a_file_but_not_a_path(
    services: Services, logs: list[ArtifactLog]
) -> None:
    send_part(logs[0], "part", a=b"1")
    send_part(logs[1], "log", a=b"1", b=b"22")
    assert files_of(services, "v0") == {"a": b"1", "b": b"22"}
    send_part(logs[2], "part", a=b"1")
    other = ArtifactLog(services, "other")
    send_part(other, "log", a=b"2")
    (version,) = other.versions()
    assert version.state == "failed"
    assert "two parts of it have different files 'a'" in (version.error or "")


def test_a_folder_of_one_part_is_no_file_of_another(
    services: Services, logs: list[ArtifactLog]
) -> None:
    send_part(logs[0], "part", a=b"1")
    send_part(logs[1], "log", **{"a/b": b"2"})
    (version,) = logs[1].versions()
    assert version.state == "failed"
    assert (version.error or "").startswith("its files and those that it gets from others: ")


def test_a_version_fails_with_its_part(services: Services, logs: list[ArtifactLog]) -> None:
    logs[0].announce_manifest("net", b"{", action="part", distributed_id="all")
    send_part(logs[1], "log", b=b"22")
    assert state(logs[1]) == ("awaited", None)
    logs[0].send_manifests()
    (version,) = logs[1].versions()
    assert version.state == "failed"
    assert (version.error or "").startswith("a part of it failed: its manifest is invalid")


def test_an_incremental_version_has_the_files_before_it(
    services: Services, logs: list[ArtifactLog]
) -> None:
    (log, *_) = logs
    first = log.log("net", {"a": b"1", "b": b"22"}, is_incremental=True)
    assert (first.version, first.n_files) == ("v0", 2)
    second = log.log("net", {"b": b"new", "c": b"333"}, is_incremental=True)
    assert (second.version, second.n_files, second.n_bytes) == ("v1", 3, 7)
    assert files_of(services, "v1") == {"a": b"1", "b": b"new", "c": b"333"}
    assert log.log("net", {"c": b"333"}, is_incremental=True).version == "v1", "nothing is new"
    assert log.log("net", {"c": b"333"}).n_files == 1
