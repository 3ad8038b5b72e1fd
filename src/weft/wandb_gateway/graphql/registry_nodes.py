"""Registries: to the client, projects of an organization, with links to versions."""

from __future__ import annotations

from typing import Any, Final

from weft.errors import NotFound
from weft.records.ids import REGISTRY
from weft.server.services.access import ProjectPath, RegistryPath
from weft.wandb_gateway.graphql.artifact_nodes import (
    CollectionNode,
    MembershipNode,
    TypeNode,
    list_types,
)
from weft.wandb_gateway.graphql.connections import Connection, part_of
from weft.wandb_gateway.graphql.project_nodes import ProjectNode, find_project, list_projects
from weft.wandb_gateway.graphql.request import Info, of
from weft.wandb_gateway.graphql.server_nodes import (
    EntityNode,
    OrganizationNode,
    ProjectInfoNode,
)
from weft.wandb_gateway.graphql.values import time_text
from weft.wandb_gateway.ids import make_id
from weft.wire.registries import Registry

PREFIX: Final = "wandb-registry-"
"""With it begins the name of the project that stands for a registry."""

_MOST: Final = 1000


class RegistryNode(ProjectInfoNode):
    """A registry."""

    access: Final = "PRIVATE"
    allow_all_artifact_types_in_registry: Final = True

    def __init__(self, found: Registry) -> None:
        super().__init__(ProjectPath(REGISTRY, found.name))
        self._registry = found
        self.name = f"{PREFIX}{found.name}"
        self.description = found.description or None
        self.created_at = time_text(found.created_micros)
        self.updated_at = self.created_at

    def artifact_types(self, info: Info, **_: Any) -> Connection[TypeNode]:
        return list_types(info, self.path, None, _MOST)

    def members(self, _: Info) -> list[dict[str, Any]]:
        return [
            {"id": make_id("User", user), "name": user, "username": user, "role": {"name": role}}
            for user, role in self._registry.members.items()
        ]

    def team_members(self, _: Info) -> list[Any]:
        return []


class OwnerNode(EntityNode):
    """An entity, with what it owns."""

    def project(self, info: Info, name: str | None = None) -> ProjectInfoNode | None:
        if self.name != REGISTRY:
            return find_project(info, ProjectPath(self.name, name or ""))
        context = of(info)
        try:
            path = RegistryPath((name or "").removeprefix(PREFIX))
            return RegistryNode(context.services.registries.get(context.actor, path))
        except NotFound:
            return None

    def projects(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[ProjectNode] | Connection[RegistryNode]:
        if self.name != REGISTRY:
            return list_projects(info, self.name, after, first)
        return part_of([RegistryNode(one) for one in _registries(info)], after, first)

    def artifact_collections(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[CollectionNode]:
        return part_of(_collections(info), after, first)

    def artifact_memberships(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[MembershipNode]:
        context = of(info)
        found: list[MembershipNode] = []
        for collection in _collections(info):
            versions = context.services.artifacts.versions(
                context.actor, collection.path, collection.name, limit=_MOST
            ).versions
            context.work.add(1 + len(versions))
            found += [MembershipNode(version) for version in versions]
        return part_of(found, after, first)


class OwnerOrganizationNode(OrganizationNode):
    """The organization, with its registries."""

    def org_entity(self, _: Info) -> OwnerNode:
        return OwnerNode(REGISTRY)


def _registries(info: Info) -> list[Registry]:
    context = of(info)
    return context.services.registries.list(context.actor)


def _collections(info: Info) -> list[CollectionNode]:
    context = of(info)
    found: list[CollectionNode] = []
    for registry in _registries(info):
        collections = context.services.artifacts.list(
            context.actor, ProjectPath(REGISTRY, registry.name), limit=_MOST
        ).collections
        context.work.add(1 + len(collections))
        found += [CollectionNode(one) for one in collections]
    return found
