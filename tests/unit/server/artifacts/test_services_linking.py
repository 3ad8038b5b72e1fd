"""Links to versions: by a person, and at the request of a log, made once the version is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service_artifacts import PROJECT, ArtifactLog, entry
from weft.errors import Conflict, Forbidden, NotFound, Outdated
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath
from weft.server.services.artifacts.linking import make_links, source_for
from weft.server.services.opening.services import Services
from weft.wire.artifacts.artifacts import Artifact
from weft.wire.artifacts.registries import NewLink, RegistryEdit

MODELS = ProjectPath("registry", "model")
TARGET = "registry/model/digits"


@pytest.fixture
def log(services: Services) -> ArtifactLog:
    return ArtifactLog(services, "train")


@pytest.fixture
def sign(services: Services) -> Callable[[str], Actor]:
    def actor(name: str) -> Actor:
        services.users.add_user(LOCAL, name)
        account = services.users.account(SYSTEM, name)
        assert account is not None
        return account

    return actor


def link(services: Services, ref: str, *aliases: str, target: str = TARGET) -> Artifact:
    new = NewLink(target=target, aliases=[*aliases])
    return services.artifacts.link(LOCAL, PROJECT, "net", ref, new)


def linked(services: Services) -> dict[str | None, tuple[str, list[str]]]:
    """The versions of the registry's collection: what each points to, and its aliases."""
    return {
        version.version: (version.source.version if version.source else "", version.aliases)
        for version in services.artifacts.versions(LOCAL, MODELS, "digits").versions
    }


def requests(services: Services, log: ArtifactLog) -> list[tuple[str, str | None, str | None]]:
    links = services.artifacts.of_run(LOCAL, log.path).links
    return [(request.state, request.version, request.error) for request in links]


def test_a_version_is_linked_once_and_its_aliases_move(
    services: Services, log: ArtifactLog
) -> None:
    for content in (b"0", b"1"):
        log.log("net", {"w": content})
    assert link(services, "v1", "staging").version == "v0"
    assert link(services, "v0").version == "v1"
    assert link(services, "v1", "best").version == "v0"
    assert linked(services) == {"v0": ("v1", ["best", "staging"]), "v1": ("v0", ["latest"])}
    link(services, "v0", "best")
    assert linked(services) == {"v0": ("v1", ["staging"]), "v1": ("v0", ["best", "latest"])}


def test_a_link_to_a_link_points_to_the_version_itself(
    services: Services, log: ArtifactLog
) -> None:
    log.log("net", {"w": b"0"})
    link(services, "v0")
    again = services.artifacts.link(
        LOCAL, MODELS, "digits", "v0", NewLink(target="registry/model/copies")
    )
    assert again.source is not None
    assert (again.source.project, again.source.name) == ("mnist", "net")


def test_numbers_of_links_that_were_taken_out_are_not_given_again(
    services: Services, log: ArtifactLog
) -> None:
    for content in (b"0", b"1"):
        log.log("net", {"w": content})
        link(services, "latest")
    services.artifacts.delete(LOCAL, MODELS, "digits", "v1")
    assert linked(services) == {"v0": ("v0", ["latest"])}, "latest goes to the one that is left"
    assert link(services, "v1").version == "v2"
    changes = services.artifacts.history(LOCAL, MODELS, "digits").changes
    assert [change.action for change in changes][:2] == ["link", "unlink"]


def test_a_collection_has_links_of_one_type_or_logged_versions(
    services: Services, log: ArtifactLog
) -> None:
    log.log("net", {"w": b"0"})
    log.log("data", {"w": b"0"}, kind="dataset")
    link(services, "v0")
    with pytest.raises(Conflict, match="has versions of the type model, not dataset"):
        services.artifacts.link(LOCAL, PROJECT, "data", "v0", NewLink(target=TARGET))
    with pytest.raises(Conflict, match="has versions that were logged"):
        link(services, "v0", target="local/mnist/data")


def test_a_version_that_a_link_points_to_stays(services: Services, log: ArtifactLog) -> None:
    log.log("net", {"w": b"0"})
    link(services, "v0")
    link(services, "v0", target="registry/model/others")
    with pytest.raises(
        Conflict, match=r"linked in a registry, as registry/model/\w+:v0 and 1 more"
    ):
        services.artifacts.delete(LOCAL, PROJECT, "net", "v0")
    for name in ("digits", "others"):
        services.artifacts.delete_collection(LOCAL, MODELS, name)
    services.artifacts.delete(LOCAL, PROJECT, "net", "v0")


def test_a_link_is_refused_if_an_alias_moved_meanwhile(
    services: Services, log: ArtifactLog
) -> None:
    for content in (b"0", b"1"):
        log.log("net", {"w": content})
    link(services, "v0", "best")
    for seen in ({"best": None}, {"best": "v1"}):
        new = NewLink(target=TARGET, aliases=["best"], seen_aliases=seen)
        with pytest.raises(Outdated, match="alias 'best' is at v0 by now"):
            services.artifacts.link(LOCAL, PROJECT, "net", "v1", new)
    assert list(linked(services)) == ["v0"], "nothing was made"
    new = NewLink(target=TARGET, aliases=["best"], seen_aliases={"best": "v0"})
    assert services.artifacts.link(LOCAL, PROJECT, "net", "v1", new).version == "v1"


def test_a_log_s_link_waits_for_its_version_and_is_made_once(
    services: Services, log: ArtifactLog
) -> None:
    manifest = log.announce("net", [entry("w", b"0")])
    log.link(TARGET, "staging", manifest=manifest)
    make_links(services.stores)
    assert requests(services, log) == [("awaited", None, None)]
    log.send_manifests()
    log.send(b"0")
    assert requests(services, log) == [("made", "v0", None)]
    assert linked(services) == {"v0": ("v0", ["latest", "staging"])}
    services.artifacts.delete(LOCAL, MODELS, "digits", "v0", with_aliases=True)
    make_links(services.stores)
    assert linked(services) == {}, "one that was taken out is not made again"


@pytest.mark.parametrize(
    ("version", "target", "words"),
    [
        ("local/mnist/net:v9", TARGET, "no artifact local/mnist/net:v9"),
        ("local/mnist/net:v0", "registry/none/digits", "no registry 'none': there are "),
        ("local/mnist/net:v0", "local/mnist/net", "has versions that were logged"),
    ],
)
def test_a_log_s_link_that_can_not_be_made_says_why(
    services: Services, log: ArtifactLog, version: str, target: str, words: str
) -> None:
    log.log("net", {"w": b"0"})
    log.link(target, version=version)
    ((state, number, error),) = requests(services, log)
    assert (state, number) == ("failed", None)
    assert words in (error or "")


def test_a_log_s_link_is_made_with_the_rights_of_its_user(
    services: Services, sign: Callable[[str], Actor]
) -> None:
    services.registries.put(LOCAL, RegistryPath("guarded"), RegistryEdit(protect=["production"]))
    log = ArtifactLog(services, "train", project=ProjectPath("ada", "mnist"), actor=sign("ada"))
    log.log("net", {"w": b"0"})
    log.link("registry/guarded/digits", "production", version="ada/mnist/net:v0")
    log.link("registry/guarded/digits", "staging", version="ada/mnist/net:v0")
    (refused, accepted) = requests(services, log)
    assert refused[0] == "failed"
    assert "production" in (refused[2] or "")
    assert accepted == ("made", "v0", None)


def test_a_link_that_a_user_may_not_see_is_not_named(
    services: Services, sign: Callable[[str], Actor]
) -> None:
    bob, project = sign("bob"), ProjectPath("bob", "p")
    ArtifactLog(services, "train", project=project, actor=bob).log("net", {"w": b"0"})
    edit = RegistryEdit(visibility="restricted")
    services.registries.put(LOCAL, RegistryPath("hidden"), edit)
    new = NewLink(target="registry/hidden/digits")
    with pytest.raises(NotFound, match="no registry 'hidden': there are model, dataset;"):
        services.artifacts.link(bob, project, "net", "v0", new)
    services.artifacts.link(LOCAL, project, "net", "v0", new)
    with pytest.raises(Conflict, match="net:v0 is linked where you may not look"):
        services.artifacts.delete(bob, project, "net", "v0")
    assert services.artifacts.get(bob, project, "net", "v0").links == []
    assert source_for(bob, "registry/hidden/digits:v0") is None
    assert source_for(LOCAL, "registry/hidden/digits:v0") == "registry/hidden/digits:v0"


def test_who_may_not_log_to_a_project_may_not_link_its_versions(
    services: Services, log: ArtifactLog, sign: Callable[[str], Actor]
) -> None:
    log.log("net", {"w": b"0"})
    with pytest.raises(Forbidden, match="user bob may not use local/mnist"):
        services.artifacts.link(sign("bob"), PROJECT, "net", "v0", NewLink(target=TARGET))
