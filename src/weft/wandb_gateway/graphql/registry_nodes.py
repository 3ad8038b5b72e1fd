"""Registries: to the client, projects of an organization, with links to versions."""

from __future__ import annotations

from typing import Any, Final

from weft.records.ids import REGISTRY
from weft.server.services.access import ProjectPath
from weft.wandb_gateway.graphql.artifacts.artifact_nodes import (
    CollectionNode,
    MembershipNode,
)
from weft.wandb_gateway.graphql.connections import Connection, part_of
from weft.wandb_gateway.graphql.project_nodes import (
    ProjectNode,
    RegistryNode,
    find_project,
    list_projects,
)
from weft.wandb_gateway.graphql.request import Info, of
from weft.wandb_gateway.graphql.server_nodes import (
    EntityNode,
    OrganizationNode,
    ProjectInfoNode,
)
from weft.wire.artifacts.registries import Registry

_MOST: Final = 1000


class OwnerNode(EntityNode):
    """An entity, with what it owns."""

    def project(self, info: Info, name: str | None = None) -> ProjectInfoNode | None:
        return find_project(info, of(info).project(self.name, name))

    def projects(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[ProjectNode] | Connection[RegistryNode]:
        if self.name != REGISTRY:
            return list_projects(info, self.name, after, first)
        return part_of([RegistryNode(registry) for registry in _registries(info)], after, first)

    def artifact_collections(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[CollectionNode]:
        return part_of(_collections(info), after, first)

    def artifact_memberships(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[MembershipNode]:
        context = of(info)
        memberships: list[MembershipNode] = []
        for collection in _collections(info):
            versions = context.services.artifacts.versions(
                context.actor, collection.path, collection.name, limit=_MOST
            ).versions
            context.work.add(1 + len(versions))
            memberships += [MembershipNode(version) for version in versions]
        return part_of(memberships, after, first)


class OwnerOrganizationNode(OrganizationNode):
    """The organization, with its registries."""

    def org_entity(self, _: Info) -> OwnerNode:
        return OwnerNode(REGISTRY)


def _registries(info: Info) -> list[Registry]:
    context = of(info)
    return context.services.registries.list(context.actor)


def _collections(info: Info) -> list[CollectionNode]:
    context = of(info)
    nodes: list[CollectionNode] = []
    for registry in _registries(info):
        collections = context.services.artifacts.list(
            context.actor, ProjectPath(REGISTRY, registry.name), limit=_MOST
        ).collections
        context.work.add(1 + len(collections))
        nodes += [CollectionNode(collection) for collection in collections]
    return nodes
