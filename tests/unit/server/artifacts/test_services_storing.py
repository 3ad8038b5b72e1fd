"""Announcements become versions once their contents are there, in the order of their log."""

from __future__ import annotations

import pytest

from service_artifacts import ArtifactLog, entry
from weft.records.files.artifacts import ManifestEntry
from weft.server.services.artifacts.storing import read_manifests, store_complete
from weft.server.services.opening.services import Services


@pytest.fixture
def log(services: Services) -> ArtifactLog:
    return ArtifactLog(services, "train")


def states(log: ArtifactLog) -> list[tuple[str, str | None]]:
    return [(version.state, version.version) for version in log.versions()]


def test_a_version_waits_for_its_manifest_then_for_each_content(log: ArtifactLog) -> None:
    log.announce("net", [entry("a", b"1"), entry("b", b"22")])
    assert states(log) == [("awaited", None)]
    log.send(*log.manifests)
    assert log.ask_lacking() == ["artifacts/0001/a", "artifacts/0001/b"]
    log.send(b"1")
    assert states(log) == [("awaited", None)]
    log.send(b"22")
    assert states(log) == [("stored", "v0")]
    (version,) = log.versions()
    assert (version.n_files, version.n_bytes, version.aliases) == (2, 3, ["latest"])


def test_contents_that_the_project_has_are_not_sent_again(log: ArtifactLog) -> None:
    log.log("data", {"a": b"1"})
    log.announce("net", [entry("same", b"1")])
    log.send_manifests()
    assert states(log) == [("stored", "v0"), ("stored", "v0")]


def test_versions_are_numbered_in_the_order_of_the_log(log: ArtifactLog) -> None:
    """Though the second lacks nothing, it waits for the first."""
    log.log("data", {"a": b"1"})
    log.announce("net", [entry("new", b"new")], aliases=["best"])
    log.announce("net", [entry("old", b"1")])
    log.send(log.manifests[2])
    assert log.ask_lacking() == ["artifacts/0002.json"]
    log.send(log.manifests[1])
    log.ask_lacking()
    assert states(log)[1:] == [("awaited", None), ("awaited", None)]
    log.send(b"new", b"1")
    assert states(log)[1:] == [("stored", "v0"), ("stored", "v1")]
    assert [version.aliases for version in log.versions()[1:]] == [["best"], ["latest"]]


def test_a_later_version_waits_for_no_lost_manifest_if_asked_so(
    services: Services, log: ArtifactLog
) -> None:
    log.log("data", {"a": b"1"})
    log.announce("net", [entry("lost", b"lost")])
    log.announce("net", [entry("old", b"1")])
    log.send(log.manifests[2])
    registered = services.stores.registry.find_present(log.path)
    assert registered is not None
    assert read_manifests(services.stores, registered, "wtrain"), "one is still to come"
    assert states(log)[2] == ("awaited", None)
    read_manifests(services.stores, registered, "wtrain", any_order=True)
    log.send(b"1")
    assert states(log)[2] == ("stored", "v0")


def test_contents_that_another_log_sends_change_no_order(
    services: Services, log: ArtifactLog
) -> None:
    for content in (b"1", b"2", b"3"):
        log.announce("net", [entry("a", content)])
    log.send_manifests()
    log.send(b"3", b"2")
    assert states(log) == [("awaited", None)] * 3
    log.send(b"1")
    assert states(log) == [("stored", "v0"), ("stored", "v1"), ("stored", "v2")]


def test_a_later_version_waits_for_no_lost_content_if_asked_so(
    services: Services, log: ArtifactLog
) -> None:
    log.announce("net", [entry("lost", b"lost")])
    log.announce("net", [entry("a", b"1")])
    log.send_manifests()
    log.send(b"1")
    assert states(log) == [("awaited", None), ("awaited", None)]
    registered = services.stores.registry.find_present(log.path)
    assert registered is not None
    read_manifests(services.stores, registered, "wtrain", any_order=True)
    assert states(log) == [("awaited", None), ("stored", "v0")]


def test_the_same_files_again_are_no_new_version_but_move_aliases(log: ArtifactLog) -> None:
    log.log("net", {"a": b"1"}, aliases=["best"])
    log.log("net", {"a": b"2"})
    again = log.log("net", {"a": b"2"}, aliases=["best"])
    assert again.version == "v1"
    assert sorted(again.aliases) == ["best", "latest"]
    assert [version.version for version in log.versions()] == ["v0", "v1", "v1"]


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b"{", "its manifest is invalid"),
        (b"[" * 100_000, "its manifest is invalid"),
        (b'{"entries": [{"path": "a", "reference": "s3://b/a"}, {"path": "a"}]}', "files 'a'"),
        (b'{"entries": [{"path": "../a"}]}', "../a"),
    ],
)
def test_a_manifest_that_no_one_can_read_fails_its_version(
    services: Services, log: ArtifactLog, manifest: bytes, words: str
) -> None:
    log.announce_manifest("net", manifest)
    log.send_manifests()
    (version,) = log.versions()
    assert (version.state, version.version) == ("failed", None)
    assert words in (version.error or "")
    assert log.log("net", {"a": b"1"}).version == "v0", "the next one is stored"


def test_contents_of_references_stay_where_they_are(log: ArtifactLog) -> None:
    log.announce("net", [ManifestEntry("a", reference="s3://bucket/a", checksum="etag")])
    log.send_manifests()
    assert states(log) == [("stored", "v0")]


def test_a_lifetime_counts_from_the_manifest_on(services: Services, log: ArtifactLog) -> None:
    version = log.log("net", {"a": b"1"}, ttl_secs=60, step=7, tags=["t"], description="d")
    assert version.expires_micros == services.stores.now() + 60_000_000
    assert (version.ttl_secs, version.step, version.tags, version.description) == (
        60,
        7,
        ["t"],
        "d",
    )


def test_to_store_again_changes_nothing(services: Services, log: ArtifactLog) -> None:
    log.log("net", {"a": b"1"})
    log.announce("net", [entry("b", b"2")])
    log.send_manifests()
    stores = services.stores
    before = log.versions()
    with stores.metadata.write() as tx:
        ids = [row.row_id for row in stores.metadata.artifacts.by_ids(tx, range(10))]
        store_complete(stores, tx, [*ids, *ids, 99])
    assert log.versions() == before
