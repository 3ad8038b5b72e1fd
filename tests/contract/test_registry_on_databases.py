"""The registry on SQLite and on a real PostgreSQL: links, aliases that move, what stays."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from postgres_cluster import postgres_cluster, postgres_url
from service_uploads import START, Clock, WriterLog
from weft.errors import Conflict, Outdated
from weft.records.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import ProjectPath, RegistryPath, RunPath
from weft.server.services.artifacts.expiring import expire_versions
from weft.server.services.artifacts.linking import make_links
from weft.server.services.opening.services import Services, open_services
from weft.wire.artifacts import ArtifactEdit
from weft.wire.registries import NewLink, RegistryEdit

__all__ = ["postgres_cluster", "postgres_url"]

PROJECT = ProjectPath("local", "mnist")
MODELS = ProjectPath("registry", "model")
TARGET = "registry/model/digits"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None


@pytest.fixture
def services(url: str | None, tmp_path: Path) -> Iterator[Services]:
    services = open_services(tmp_path, url, now=Clock(), jobs=False)
    yield services
    services.close()


def store(services: Services, run: str, content: bytes, links: Sequence[Artifact] = ()) -> None:
    """Log a version of `net` with one file; the links are asked for before it is stored."""
    manifest = msgspec.json.encode(
        Manifest([ManifestEntry("w", len(content), hashlib.sha256(content).hexdigest())])
    )
    path = RunPath(*PROJECT, run)
    log = WriterLog("w")
    described = File("artifacts/1.json", len(manifest), hashlib.sha256(manifest).hexdigest(), 1)
    upload = log.upload(
        Run(run, "mnist", start_micros=START),
        described,
        Artifact("log", "net", "model", "artifacts/1.json", [], 1),
        *links,
    )
    services.ingest.apply(LOCAL, path, upload)
    services.contents.store(LOCAL, PROJECT, [manifest])
    services.contents.lacking(LOCAL, path, "w")
    services.contents.store(LOCAL, PROJECT, [content])


def link(services: Services, ref: str, *aliases: str) -> str | None:
    new = NewLink(target=TARGET, aliases=list(aliases))
    return services.artifacts.link(LOCAL, PROJECT, "net", ref, new).version


def test_links_have_numbers_and_aliases_of_their_own(services: Services) -> None:
    for at in range(3):
        store(services, f"run{at}", b"%d" % at)
    assert link(services, "v2", "staging") == "v0"
    assert link(services, "v0") == "v1"
    assert link(services, "v2", "production") == "v0"
    listed = services.artifacts.versions(LOCAL, MODELS, "digits").versions
    assert [(one.version, one.aliases) for one in listed] == [
        ("v1", ["latest"]),
        ("v0", ["production", "staging"]),
    ]
    assert [one.source.version for one in listed if one.source] == ["v0", "v2"]
    (file,) = services.artifact_files.list(LOCAL, MODELS, "digits", "staging").files
    got = services.artifact_files.get(LOCAL, MODELS, "digits", "staging", file.path)
    assert b"".join(services.artifact_files.read(LOCAL, MODELS, got)) == b"2"
    made = services.artifacts.get(LOCAL, PROJECT, "net", "v2")
    assert [(one.registry, one.name, one.version) for one in made.links] == [
        ("model", "digits", "v0")
    ]
    graph = services.lineage.of_version(LOCAL, MODELS, "digits", "staging")
    assert {(one.kind, one.name) for one in graph.nodes} == {("artifact", "net"), ("run", "run2")}
    (node,) = (one for one in graph.nodes if one.kind == "artifact")
    assert [one.version for one in node.links] == ["v0"]
    registry = services.registries.get(LOCAL, RegistryPath("model"))
    assert (registry.n_collections, registry.n_versions, registry.role) == (1, 2, "admin")
    assert services.projects.list(LOCAL)[0].project == "mnist"
    assert len(services.projects.list(LOCAL)) == 1


def test_what_is_linked_is_neither_deleted_nor_expires(services: Services) -> None:
    store(services, "run1", b"weights")
    assert link(services, "v0", "production") == "v0"
    for delete in (
        lambda: services.artifacts.delete(LOCAL, PROJECT, "net", "v0", with_aliases=True),
        lambda: services.artifacts.delete_collection(LOCAL, PROJECT, "net"),
        lambda: services.projects.delete(LOCAL, PROJECT),
        lambda: services.projects.delete(LOCAL, PROJECT, permanently=True),
    ):
        with pytest.raises(Conflict, match="weft artifact unlink registry/model/digits:v0"):
            delete()
    services.artifacts.edit(LOCAL, PROJECT, "net", "v0", ArtifactEdit(ttl_secs=1))
    clock = services.stores.now
    assert isinstance(clock, Clock)
    clock.forward(100)
    assert not expire_versions(services.stores)
    assert services.artifacts.get(LOCAL, PROJECT, "net", "v0").version == "v0"
    services.runs.delete(LOCAL, RunPath(*PROJECT, "run1"), permanently=True)
    assert services.artifacts.get(LOCAL, MODELS, "digits", "production").n_files == 1
    services.artifacts.delete(LOCAL, MODELS, "digits", "v0", with_aliases=True)
    expire_versions(services.stores)
    assert services.artifacts.versions(LOCAL, PROJECT, "net").versions == []
    assert services.artifacts.versions(LOCAL, MODELS, "digits").versions == []
    changes = services.artifacts.history(LOCAL, MODELS, "digits").changes
    assert [(one.action, one.source) for one in changes] == [
        ("unlink", "local/mnist/net:v0"),
        ("alias", None),
        ("link", "local/mnist/net:v0"),
    ]


def test_of_two_who_move_an_alias_at_once_one_is_told(services: Services) -> None:
    for at in range(3):
        store(services, f"run{at}", b"%d" % at)
        link(services, f"v{at}")
    outcomes: list[object] = []
    begin = threading.Barrier(2)

    def promote(version: str) -> None:
        edit = ArtifactEdit(add_aliases=["production"], seen_aliases={"production": None})
        begin.wait()
        try:
            services.artifacts.edit(LOCAL, MODELS, "digits", version, edit)
            outcomes.append(version)
        except Outdated as error:
            outcomes.append(error)

    writers = [threading.Thread(target=promote, args=(one,)) for one in ("v0", "v1")]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    (winner,) = (one for one in outcomes if isinstance(one, str))
    (loser,) = (one for one in outcomes if isinstance(one, Outdated))
    assert "not at no version: look again" in str(loser)
    assert services.artifacts.get(LOCAL, MODELS, "digits", "production").version == winner


def test_a_link_of_a_log_is_made_once_when_its_version_is_stored(services: Services) -> None:
    asked = Artifact("link", "", "", "artifacts/1.json", ["staging"], 2, target=TARGET)
    log_of = RunPath(*PROJECT, "run1")
    store(services, "run1", b"weights", [asked])
    found = services.artifacts.of_run(LOCAL, log_of).links
    assert [(one.state, one.version, one.target) for one in found] == [("made", "v0", TARGET)]
    assert link(services, "v0") == "v0"
    store(services, "run2", b"other")
    link(services, "v1", "staging")
    make_links(services.stores)
    again = WriterLog("w2").upload(
        Artifact("link", "local/mnist/net:v9", "", "", [], 2, target=TARGET),
        Artifact("link", "local/mnist/net:v0", "", "", ["best"], 3, target="registry/none/digits"),
    )
    services.ingest.apply(LOCAL, log_of, again)
    first, *failed = services.artifacts.of_run(LOCAL, log_of).links
    assert first.state == "made"
    assert [one.state for one in failed] == ["failed", "failed"]
    assert "no artifact local/mnist/net:v9" in (failed[0].error or "")
    assert "no registry 'none'" in (failed[1].error or "")
    assert services.artifacts.get(LOCAL, MODELS, "digits", "staging").version == "v1"


def test_a_registry_is_deleted_once_it_is_empty(services: Services) -> None:
    path = RegistryPath("speech")
    made = services.registries.put(LOCAL, path, RegistryEdit(description="x", protect=["prod"]))
    assert (made.protected_aliases, made.default_role) == (["prod"], "member")
    store(services, "run1", b"weights")
    new = NewLink(target="speech/digits")
    services.artifacts.link(LOCAL, PROJECT, "net", "v0", new)
    with pytest.raises(Conflict, match="delete them first"):
        services.registries.delete(LOCAL, path)
    services.artifacts.delete_collection(LOCAL, ProjectPath("registry", "speech"), "digits")
    services.registries.delete(LOCAL, path)
    assert services.registries.list(LOCAL) == []
    services.artifacts.delete(LOCAL, PROJECT, "net", "v0", with_aliases=True)
