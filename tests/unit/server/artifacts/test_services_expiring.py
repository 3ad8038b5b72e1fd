"""Versions whose time is over are deleted, except for those that something keeps."""

from __future__ import annotations

import pytest

from service_artifacts import PROJECT, ArtifactLog
from service_uploads import Clock
from weft.errors import Gone, NotFound
from weft.server.services.access.actors import LOCAL
from weft.server.services.artifacts import expiring
from weft.server.services.artifacts.expiring import expire_versions
from weft.server.services.opening.services import Services
from weft.wire.artifacts.artifacts import ArtifactEdit
from weft.wire.artifacts.registries import NewLink


@pytest.fixture
def log(services: Services) -> ArtifactLog:
    return ArtifactLog(services, "train")


def versions(services: Services) -> set[str | None]:
    listed = services.artifacts.versions(LOCAL, PROJECT, "net").versions
    return {version.version for version in listed}


def test_a_version_goes_when_its_time_is_over(
    services: Services, log: ArtifactLog, clock: Clock
) -> None:
    log.log("net", {"w": b"0"}, ttl_secs=60)
    log.log("net", {"w": b"1"}, ttl_secs=90)
    log.log("net", {"w": b"2"})
    clock.forward(59)
    expire_versions(services.stores)
    assert versions(services) == {"v0", "v1", "v2"}
    clock.forward(1)
    expire_versions(services.stores)
    assert versions(services) == {"v1", "v2"}
    clock.forward(10**6)
    expire_versions(services.stores)
    assert versions(services) == {"v2"}
    with pytest.raises((Gone, NotFound)):
        services.artifacts.get(LOCAL, PROJECT, "net", "v0")


def test_an_alias_a_link_and_a_lock_keep_a_version(
    services: Services, log: ArtifactLog, clock: Clock
) -> None:
    for number in range(4):
        log.log("net", {"w": b"%d" % number}, ttl_secs=60)
    services.artifacts.edit(LOCAL, PROJECT, "net", "v0", ArtifactEdit(add_aliases=["best"]))
    new = NewLink(target="registry/model/digits")
    services.artifacts.link(LOCAL, PROJECT, "net", "v1", new)
    services.artifacts.edit(LOCAL, PROJECT, "net", "v2", ArtifactEdit(is_locked=True))
    clock.forward(60)
    expire_versions(services.stores)
    assert versions(services) == {"v0", "v1", "v2"}, "v3 has the alias latest alone"
    services.artifacts.edit(LOCAL, PROJECT, "net", "v0", ArtifactEdit(remove_aliases=["best"]))
    services.artifacts.edit(LOCAL, PROJECT, "net", "v2", ArtifactEdit(is_locked=False))
    expire_versions(services.stores)
    assert versions(services) == {"v1"}


def test_a_call_deletes_some_and_says_whether_there_may_be_more(
    services: Services, log: ArtifactLog, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "_AT_ONCE", 2)
    for number in range(3):
        log.log("net", {"w": b"%d" % number}, ttl_secs=60 + number)
    clock.forward(100)
    assert expire_versions(services.stores)
    assert versions(services) == {"v2"}, "the oldest first"
    assert not expire_versions(services.stores)
    assert versions(services) == set()
