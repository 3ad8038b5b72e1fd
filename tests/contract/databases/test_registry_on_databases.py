"""The registry on SQLite and on a real PostgreSQL: links, aliases that move, what stays."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from at_length import engines_at_length
from service_uploads import START, Clock, WriterLog
from weft.errors import ConfigError, Conflict, Forbidden, NotFound, Outdated
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath, RunPath
from weft.server.services.artifacts.expiring import expire_versions
from weft.server.services.artifacts.linking import make_links
from weft.server.services.opening.services import Services, open_services
from weft.server.services.users import AuditQuery
from weft.wire.artifacts.artifacts import ArtifactEdit, CollectionEdit
from weft.wire.artifacts.registries import NewLink, RegistryEdit
from weft.wire.runs.runs import RunEdit
from weft.wire.server.teams import TeamAddition

PROJECT = ProjectPath("local", "mnist")
MODELS = ProjectPath("registry", "model")
TARGET = "registry/model/digits"
PEOPLE = ("ada", "bob", "eve")


def store(
    services: Services,
    run: str,
    content: bytes,
    links: Sequence[Artifact] = (),
    project: ProjectPath = PROJECT,
) -> None:
    """Log a version of `net` with one file; the links are asked for before it is stored."""
    manifest = msgspec.json.encode(
        Manifest([ManifestEntry("w", len(content), hashlib.sha256(content).hexdigest())])
    )
    path = RunPath(*project, run)
    log = WriterLog("w")
    described = File("artifacts/1.json", len(manifest), hashlib.sha256(manifest).hexdigest(), 1)
    upload = log.upload(
        Run(run, "mnist", start_micros=START),
        described,
        Artifact("log", "net", "model", "artifacts/1.json", [], 1),
        *links,
    )
    services.ingest.apply_upload(LOCAL, path, upload)
    services.contents.store(LOCAL, project, [manifest])
    services.contents.lacking(LOCAL, path, "w")
    services.contents.store(LOCAL, project, [content])


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def link(services: Services, ref: str, *aliases: str) -> str | None:
    new = NewLink(target=TARGET, aliases=list(aliases))
    return services.artifacts.link(LOCAL, PROJECT, "net", ref, new).version


@engines_at_length("postgresql")
def test_links_have_numbers_and_aliases_of_their_own(services: Services) -> None:
    for at in range(3):
        store(services, f"run{at}", b"%d" % at)
    assert link(services, "v2", "staging") == "v0"
    assert link(services, "v0") == "v1"
    assert link(services, "v2", "production") == "v0"
    listed = services.artifacts.versions(LOCAL, MODELS, "digits").versions
    assert [(link.version, link.aliases) for link in listed] == [
        ("v1", ["latest"]),
        ("v0", ["production", "staging"]),
    ]
    assert [link.source.version for link in listed if link.source] == ["v0", "v2"]
    (file,) = services.artifact_files.list(LOCAL, MODELS, "digits", "staging").files
    got = services.artifact_files.get(LOCAL, MODELS, "digits", "staging", file.path)
    assert b"".join(services.artifact_files.read(LOCAL, MODELS, got)) == b"2"
    version = services.artifacts.get(LOCAL, PROJECT, "net", "v2")
    assert [(link.entity, link.project, link.name, link.version) for link in version.links] == [
        (*MODELS, "digits", "v0")
    ]
    graph = services.lineage.of_version(LOCAL, MODELS, "digits", "staging")
    assert {(node.kind, node.name) for node in graph.nodes} == {
        ("artifact", "net"),
        ("run", "run2"),
    }
    (node,) = (node for node in graph.nodes if node.kind == "artifact")
    assert [link.version for link in node.links] == ["v0"]
    registry = services.registries.get(LOCAL, RegistryPath("model"))
    assert (registry.n_collections, registry.n_versions, registry.role) == (1, 2, "admin")
    assert services.projects.list(LOCAL)[0].project == "mnist"
    assert len(services.projects.list(LOCAL)) == 1


@engines_at_length("postgresql")
def test_a_version_without_a_lifetime_stays(services: Services) -> None:
    store(services, "run1", b"weights")
    store(services, "run2", b"other weights")
    services.artifacts.edit(LOCAL, PROJECT, "net", "v1", ArtifactEdit(ttl_secs=1))
    clock = services.stores.now
    assert isinstance(clock, Clock)
    clock.forward(100)
    assert not expire_versions(services.stores)
    assert services.artifacts.get(LOCAL, PROJECT, "net", "v0").version == "v0"


@engines_at_length("postgresql")
def test_a_locked_version_stays_until_it_is_unlocked(services: Services) -> None:
    for user in PEOPLE:
        services.users.add_user(LOCAL, user)
    members = {"ada": "member", "bob": "member", "eve": "admin"}
    services.teams.add_team(LOCAL, TeamAddition(name="lab", members=members))
    ada, bob, eve = (Actor("user", user, people=services.stores.people) for user in PEOPLE)
    project = ProjectPath("lab", "mnist")
    for at in range(2):
        store(services, f"run{at}", b"%d" % at, project=project)
    lock, unlock = ArtifactEdit(is_locked=True), ArtifactEdit(is_locked=False)
    locked = services.artifacts.edit(ada, project, "net", "v0", lock)
    assert locked.locked_by == "ada"
    again = services.artifacts.edit(bob, project, "net", "v0", lock)
    assert (again.locked_by, again.locked_micros) == ("ada", locked.locked_micros)
    services.artifacts.edit(bob, project, "net", "v0", ArtifactEdit(ttl_secs=1))
    services.artifacts.edit(bob, project, "net", "v1", ArtifactEdit(ttl_secs=1))
    for delete in (
        lambda: services.artifacts.delete(bob, project, "net", "v0", with_aliases=True),
        lambda: services.artifacts.delete_collection(eve, project, "net"),
        lambda: services.projects.delete(eve, project),
        lambda: services.projects.delete(eve, project, permanently=True),
        lambda: services.teams.delete(eve, "lab"),
    ):
        with pytest.raises(Conflict, match=r"net:v0.* locked by ada"):
            delete()
    clock = services.stores.now
    assert isinstance(clock, Clock)
    clock.forward(100)
    services.artifacts.edit(LOCAL, project, "net", "v1", ArtifactEdit(remove_aliases=["latest"]))
    expire_versions(services.stores)
    listed = services.artifacts.versions(ada, project, "net").versions
    assert [version.version for version in listed] == ["v0"], "bulk deletion leaves the locked one"
    with pytest.raises(Forbidden, match="they or an admin"):
        services.artifacts.edit(bob, project, "net", "v0", unlock)
    services.runs.edit(bob, project.run("run1"), RunEdit(is_locked=True))
    listed_locks = services.projects.locks(ada, project)
    assert (listed_locks.runs, listed_locks.versions) == ({"run1": "bob"}, {"net:v0": "ada"})
    named = rf"run {project}/run1, locked by bob, and {project}/net:v0, locked by ada"
    with pytest.raises(Conflict, match=rf"in {project} \(2\): {named}; unlock them, with"):
        services.teams.delete(eve, "lab")
    assert services.teams.locks(eve, "lab").projects == {"mnist": listed_locks}
    with pytest.raises(Forbidden, match="takes the role admin"):
        services.teams.locks(ada, "lab")
    with pytest.raises(Forbidden, match="is locked by bob"):
        services.runs.edit(ada, project.run("run1"), RunEdit(is_locked=False))
    services.runs.edit(eve, project.run("run1"), RunEdit(is_locked=False))
    assert services.artifacts.edit(eve, project, "net", "v0", unlock).locked_by is None
    expire_versions(services.stores)
    assert not services.artifacts.versions(ada, project, "net").versions
    locks = services.audit.page(LOCAL, AuditQuery(action="lock")).entries
    assert [(entry.action, entry.actor, entry.object) for entry in locks] == [
        ("lock.remove", "eve", "lab/mnist/net:v0"),
        ("lock.remove", "eve", "lab/mnist/run1"),
        ("lock.add", "bob", "lab/mnist/run1"),
        ("lock.add", "ada", "lab/mnist/net:v0"),
    ]
    assert locks[0].before == {"locked_by": "ada"}


@engines_at_length("postgresql")
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
    assert [(change.action, change.source) for change in changes] == [
        ("unlink", "local/mnist/net:v0"),
        ("alias", None),
        ("link", "local/mnist/net:v0"),
    ]


@engines_at_length("postgresql")
def test_links_of_a_project_are_those_of_its_users(services: Services) -> None:
    store(services, "run1", b"weights")
    for target in ("local/mnist/best", "local/other/portfolio"):
        new = NewLink(target=target, aliases=["prod"])
        link = services.artifacts.link(LOCAL, PROJECT, "net", "v0", new)
        assert f"{link.entity}/{link.project}/{link.name}:{link.version}" == f"{target}:v0"
    other = ProjectPath("local", "other")
    (file,) = services.artifact_files.list(LOCAL, other, "portfolio", "prod").files
    assert file.n_bytes == len(b"weights")
    assert services.artifacts.collection(LOCAL, other, "portfolio").has_links
    assert not services.artifacts.collection(LOCAL, PROJECT, "net").has_links
    # A user who may not see a project is not told of its links.
    source = services.artifacts.get(LOCAL, PROJECT, "net", "v0")
    assert {(link.project, link.name) for link in source.links} == {
        ("mnist", "best"),
        ("other", "portfolio"),
    }
    bob, his = Actor("user", "bob"), ProjectPath("bob", "mnist")
    store(services, "run1", b"weights of bob", project=his)
    with pytest.raises(Forbidden):
        services.artifacts.link(bob, his, "net", "v0", NewLink(target="ada/other/x"))
    services.artifacts.link(LOCAL, his, "net", "v0", NewLink(target="ada/other/x"))
    assert services.artifacts.get(bob, his, "net", "v0").links == []
    shown = services.artifacts.get(Actor("user", "ada"), ProjectPath("ada", "other"), "x", "v0")
    assert (shown.n_bytes, shown.logged_by) == (len(b"weights of bob"), None)
    # Nothing is logged to links, and nothing linked to what was logged.
    log = WriterLog("w")
    upload = log.upload(
        Run("run2", "mnist", start_micros=START),
        Artifact("log", "best", "model", "artifacts/2.json", [], 1),
    )
    services.ingest.apply_upload(LOCAL, RunPath(*PROJECT, "run2"), upload)
    (refused,) = services.artifacts.of_run(LOCAL, RunPath(*PROJECT, "run2")).logged
    assert (refused.state, "has links" in (refused.error or "")) == ("failed", True)
    with pytest.raises(Conflict, match="were logged"):
        services.artifacts.link(LOCAL, PROJECT, "net", "v0", NewLink(target="local/mnist/net"))
    # A project goes with the links to it that are its own.
    with pytest.raises(Conflict, match="unlink local/other/portfolio:v0"):
        services.projects.delete(LOCAL, PROJECT)
    services.artifacts.delete(LOCAL, other, "portfolio", "v0", with_aliases=True)
    services.projects.delete(LOCAL, PROJECT, permanently=True)


def test_a_collection_gets_another_name_and_references_follow(services: Services) -> None:
    store(services, "run1", b"weights")
    for nth, name in enumerate(("net", "nets"), 2):
        entry = ManifestEntry("w", 7, reference=f"weft-artifact://local/mnist/{name}:v0/a%20b")
        manifest = msgspec.json.encode(Manifest([entry]))
        described = File("artifacts/1.json", len(manifest), sha256(manifest), 1)
        upload = WriterLog("w").upload(
            Run(f"run{nth}", "mnist", start_micros=START),
            described,
            Artifact("log", f"user{nth}", "model", "artifacts/1.json", [], 1),
        )
        path = RunPath(*PROJECT, f"run{nth}")
        services.ingest.apply_upload(LOCAL, path, upload)
        services.contents.store(LOCAL, PROJECT, [manifest])
        services.contents.lacking(LOCAL, path, "w")
    link(services, "v0", "production")
    edited = services.artifacts.edit_collection(
        LOCAL, PROJECT, "net", CollectionEdit(name="Better", description="new")
    )
    assert (edited.name, edited.description, edited.n_versions) == ("Better", "new", 1)
    with pytest.raises(NotFound):
        services.artifacts.collection(LOCAL, PROJECT, "net")
    addresses = [
        services.artifact_files.list(LOCAL, PROJECT, f"user{nth}", "v0").files[0].reference
        for nth in (2, 3)
    ]
    assert addresses == [
        "weft-artifact://local/mnist/Better:v0/a%20b",
        "weft-artifact://local/mnist/nets:v0/a%20b",
    ]
    (linked,) = services.artifacts.versions(LOCAL, MODELS, "digits").versions
    assert linked.source is not None
    assert linked.source.name == "Better"
    assert services.artifacts.of_run(LOCAL, RunPath(*PROJECT, "run1")).logged[0].name == "Better"
    for taken_name in ("user2", "a/b"):
        with pytest.raises((Conflict, ConfigError)):
            services.artifacts.edit_collection(
                LOCAL, PROJECT, "Better", CollectionEdit(name=taken_name)
            )


@engines_at_length("postgresql")
def test_links_within_a_project_are_in_its_archive(
    services: Services, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    store(services, "run1", b"weights")
    for target in ("local/mnist/best", "local/mnist/best", "local/mnist/empty"):
        new = NewLink(target=target, aliases=["prod"])
        services.artifacts.link(LOCAL, PROJECT, "net", "v0", new)
    store(services, "run2", b"other")
    services.artifacts.link(LOCAL, PROJECT, "net", "v1", NewLink(target="local/other/out"))
    services.artifacts.delete(LOCAL, PROJECT, "empty", "v0", with_aliases=True)
    path = tmp_path / "project.zip"
    for project in ("mnist", "other"):
        with path.open("wb") as file:
            for piece in services.archives.export(LOCAL, ProjectPath("local", project)):
                file.write(piece)
        target = open_services(tmp_path_factory.mktemp("target"), now=Clock(), jobs=False)
        target.archives.import_(LOCAL, path)
        if project == "mnist":
            got = target.artifacts.get(LOCAL, PROJECT, "best", "prod")
            assert got.source is not None
            assert (got.source.name, got.source.version, got.n_files) == ("net", "v0", 1)
            assert target.artifacts.collection(LOCAL, PROJECT, "empty").has_links
        else:
            other = ProjectPath("local", "other")
            assert target.artifacts.versions(LOCAL, other, "out").versions == []
            assert target.artifacts.collection(LOCAL, other, "out").has_links
        target.close()


@engines_at_length("postgresql")
def test_an_alias_is_only_taken_from_the_version_that_has_it(services: Services) -> None:
    for at in range(2):
        store(services, f"run{at}", b"%d" % at)
    services.artifacts.edit(LOCAL, PROJECT, "net", "v1", ArtifactEdit(add_aliases=["best"]))
    services.artifacts.edit(
        LOCAL, PROJECT, "net", "v0", ArtifactEdit(remove_aliases=["best", "latest", "unknown"])
    )
    services.artifacts.edit(LOCAL, PROJECT, "net", "v1", ArtifactEdit(remove_aliases=["latest"]))
    assert services.artifacts.get(LOCAL, PROJECT, "net", "best").version == "v1"
    assert services.artifacts.get(LOCAL, PROJECT, "net", "latest").version == "v1"
    changes = services.artifacts.history(LOCAL, PROJECT, "net").changes
    assert [(change.action, change.alias) for change in changes] == [("alias", "best")]
    services.artifacts.edit(LOCAL, PROJECT, "net", "v1", ArtifactEdit(remove_aliases=["best"]))
    assert services.artifacts.get(LOCAL, PROJECT, "net", "v1").aliases == ["latest"]


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

    writers = [threading.Thread(target=promote, args=(version,)) for version in ("v0", "v1")]
    for version in writers:
        version.start()
    for version in writers:
        version.join()
    (winner,) = (outcome for outcome in outcomes if isinstance(outcome, str))
    (loser,) = (outcome for outcome in outcomes if isinstance(outcome, Outdated))
    assert "not at no version: look again" in str(loser)
    assert services.artifacts.get(LOCAL, MODELS, "digits", "production").version == winner


def test_a_link_of_a_log_is_made_once_when_its_version_is_stored(services: Services) -> None:
    artifact = Artifact("link", "", "", "artifacts/1.json", ["staging"], 2, target=TARGET)
    log_of = RunPath(*PROJECT, "run1")
    store(services, "run1", b"weights", [artifact])
    links = services.artifacts.of_run(LOCAL, log_of).links
    assert [(link.state, link.version, link.target) for link in links] == [("made", "v0", TARGET)]
    assert link(services, "v0") == "v0"
    store(services, "run2", b"other")
    link(services, "v1", "staging")
    make_links(services.stores)
    again = WriterLog("w2").upload(
        Artifact("link", "local/mnist/net:v9", "", "", [], 2, target=TARGET),
        Artifact("link", "local/mnist/net:v0", "", "", ["best"], 3, target="registry/none/digits"),
    )
    services.ingest.apply_upload(LOCAL, log_of, again)
    first, *failed = services.artifacts.of_run(LOCAL, log_of).links
    assert first.state == "made"
    assert [link.state for link in failed] == ["failed", "failed"]
    assert "no artifact local/mnist/net:v9" in (failed[0].error or "")
    assert "no registry 'none'" in (failed[1].error or "")
    assert services.artifacts.get(LOCAL, MODELS, "digits", "staging").version == "v1"


@engines_at_length("postgresql")
def test_a_registry_is_deleted_once_it_is_empty(services: Services) -> None:
    path = RegistryPath("speech")
    registry = services.registries.put(
        LOCAL, path, RegistryEdit(description="x", protect=["prod"])
    )
    assert (registry.protected_aliases, registry.default_role) == (["prod"], "member")
    store(services, "run1", b"weights")
    new = NewLink(target="speech/digits")
    services.artifacts.link(LOCAL, PROJECT, "net", "v0", new)
    with pytest.raises(Conflict, match="delete them first"):
        services.registries.delete(LOCAL, path)
    services.artifacts.delete_collection(LOCAL, ProjectPath("registry", "speech"), "digits")
    services.registries.delete(LOCAL, path)
    assert services.registries.list(LOCAL) == []
    services.artifacts.delete(LOCAL, PROJECT, "net", "v0", with_aliases=True)
