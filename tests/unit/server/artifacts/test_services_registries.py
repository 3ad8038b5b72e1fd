"""Registries: who may see, make, change and delete one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service_artifacts import PROJECT, ArtifactLog
from weft.errors import ConfigError, Conflict, Forbidden, NotFound
from weft.server.services.access.actors import LOCAL, SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath
from weft.server.services.opening.services import Services
from weft.server.services.users import AuditQuery
from weft.wire.artifacts.registries import NewLink, RegistryEdit

MODELS = RegistryPath("vision")

Sign = Callable[[str], Actor]


@pytest.fixture
def sign(services: Services) -> Sign:
    for name in ("ada", "bob"):
        services.users.add_user(LOCAL, name)

    def actor(name: str) -> Actor:
        account = services.users.account(SYSTEM, name)
        assert account is not None
        return account

    return actor


def test_the_user_who_makes_a_registry_is_its_admin(services: Services, sign: Sign) -> None:
    registry = services.registries.put(sign("ada"), MODELS, RegistryEdit(description="nets"))
    assert (registry.name, registry.description, registry.role) == ("vision", "nets", "admin")
    assert (registry.default_role, registry.visibility, registry.members) == (
        "member",
        "open",
        {"ada": "admin"},
    )
    seen = services.registries.get(sign("bob"), MODELS)
    assert seen.role == "member"
    with pytest.raises(Forbidden):
        services.registries.put(sign("bob"), MODELS, RegistryEdit(description="mine"))
    assert services.registries.get(LOCAL, MODELS).description == "nets"


def test_a_restricted_registry_is_seen_by_its_members_alone(
    services: Services, sign: Sign
) -> None:
    services.registries.put(sign("ada"), MODELS, RegistryEdit(visibility="restricted"))
    assert [registry.name for registry in services.registries.list(sign("ada"))] == ["vision"]
    bob = sign("bob")
    assert services.registries.list(bob) == []
    with pytest.raises(NotFound):
        services.registries.get(bob, MODELS)
    with pytest.raises(Conflict, match="the name 'vision' is taken"):
        services.registries.put(bob, MODELS, RegistryEdit())
    services.registries.edit(sign("ada"), MODELS, RegistryEdit(members={"bob": "viewer"}))
    assert services.registries.get(sign("bob"), MODELS).role == "viewer"
    services.registries.edit(sign("ada"), MODELS, RegistryEdit(members={"bob": None}))
    with pytest.raises(NotFound):
        services.registries.get(sign("bob"), MODELS)


@pytest.mark.parametrize("name", ["", "a/b", "x" * 200])
def test_a_name_must_be_one(services: Services, name: str) -> None:
    with pytest.raises(ConfigError):
        services.registries.put(LOCAL, RegistryPath(name), RegistryEdit())


def test_aliases_are_protected_and_freed(services: Services, sign: Sign) -> None:
    ArtifactLog(services, "train").log("net", {"w": b"0"})
    edit = RegistryEdit(protect=["production", "staging"])
    assert services.registries.put(LOCAL, MODELS, edit).protected_aliases == [
        "production",
        "staging",
    ]
    bob = sign("bob")
    own = ArtifactLog(services, "own", project=ProjectPath("bob", "p"), actor=bob)
    own.log("net", {"w": b"1"})

    def link(alias: str) -> None:
        new = NewLink(target="registry/vision/digits", aliases=[alias])
        services.artifacts.link(bob, own.path.of_project, "net", "v0", new)

    with pytest.raises(Forbidden, match="production"):
        link("production")
    edited = services.registries.edit(LOCAL, MODELS, RegistryEdit(unprotect=["production"]))
    assert edited.protected_aliases == ["staging"]
    link("production")
    with pytest.raises(ConfigError):
        services.registries.edit(LOCAL, MODELS, RegistryEdit(protect=["v3"]))


def test_a_registry_is_deleted_once_it_is_empty(services: Services, sign: Sign) -> None:
    ArtifactLog(services, "train").log("net", {"w": b"0"})
    services.registries.put(LOCAL, MODELS, RegistryEdit())
    new = NewLink(target="registry/vision/digits")
    services.artifacts.link(LOCAL, PROJECT, "net", "v0", new)
    registry = services.registries.get(LOCAL, MODELS)
    assert (registry.n_collections, registry.n_versions) == (1, 1)
    with pytest.raises(Conflict, match="has 1 collections"):
        services.registries.delete(LOCAL, MODELS)
    services.artifacts.delete_collection(LOCAL, ProjectPath("registry", "vision"), "digits")
    with pytest.raises(Forbidden):
        services.registries.delete(sign("bob"), MODELS)
    services.registries.delete(LOCAL, MODELS)
    assert services.registries.list(LOCAL) == []
    with pytest.raises(NotFound, match="no registry 'vision'"):
        services.registries.get(LOCAL, MODELS)
    entries = services.audit.page(LOCAL, AuditQuery()).entries
    noted = [entry.action for entry in entries if entry.action.startswith("registry.")]
    assert noted == ["registry.remove", "registry.add"]
