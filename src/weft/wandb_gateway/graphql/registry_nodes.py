"""Registries: to the client, projects of an organization, with links to versions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from weft.records.files.artifacts import REGISTRY_PREFIX
from weft.records.ids import REGISTRY
from weft.server.services.access import ProjectPath
from weft.wandb_gateway.graphql.artifacts.artifact_nodes import CollectionNode, MembershipNode
from weft.wandb_gateway.graphql.connections import Connection, part_of
from weft.wandb_gateway.graphql.project_nodes import (
    ProjectNode,
    RegistryNode,
    find_project,
    list_projects,
)
from weft.wandb_gateway.graphql.registry_filters import Fields, in_order, read_condition
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.server_nodes import EntityNode, OrganizationNode, ProjectInfoNode
from weft.wandb_gateway.graphql.values import time_text
from weft.wandb_gateway.ids import project_number
from weft.wandb_gateway.pages import pages_of
from weft.wire.artifacts.artifacts import Artifact, ArtifactCollection
from weft.wire.artifacts.registries import Registry

_PAGE: Final = 1000

_REGISTRY_FIELDS: Final = ("id", "name", "description", "created_at", "updated_at")
_COLLECTION_FIELDS: Final = ("name", "tag", "description", "created_at", "updated_at")
_VERSION_FIELDS: Final = ("version", "tag", "alias", "metadata", "created_at", "updated_at")


class OwnerNode(EntityNode):
    """An entity, with what it owns."""

    def project(self, context: Context, name: str | None = None) -> ProjectInfoNode | None:
        return find_project(context, context.project(self.name, name))

    def projects(
        self,
        context: Context,
        filters: str | None = None,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
    ) -> Connection[ProjectNode] | Connection[RegistryNode]:
        if self.name != REGISTRY:
            return list_projects(context, self.name, after, first)
        registries = in_order([*_registries(context, filters, "filters")], order, _registry_fields)
        return part_of([RegistryNode(registry) for registry in registries], after, first)

    def artifact_collections(
        self,
        context: Context,
        project_filters: str | None = None,
        filters: str | None = None,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
        **_: Any,
    ) -> Connection[CollectionNode]:
        listed = [*_collections(context, project_filters, filters)]
        collections = in_order(listed, order, _collection_fields)
        return part_of([CollectionNode(collection) for collection in collections], after, first)

    def artifact_memberships(
        self,
        context: Context,
        project_filters: str | None = None,
        collection_filters: str | None = None,
        filters: str | None = None,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
    ) -> Connection[MembershipNode]:
        matches = read_condition(filters, "filters", _VERSION_FIELDS)
        listed = [
            version
            for collection in _collections(
                context, project_filters, collection_filters, "collectionFilters"
            )
            for version in _versions(context, collection)
            if matches(_version_fields(version))
        ]
        versions = in_order(listed, order, _version_fields)
        return part_of([MembershipNode(version) for version in versions], after, first)


class OwnerOrganizationNode(OrganizationNode):
    """The organization, with its registries."""

    def org_entity(self, _: Context) -> OwnerNode:
        return OwnerNode(REGISTRY)


def _registries(
    context: Context, filters: str | None, argument: str = "projectFilters"
) -> Iterator[Registry]:
    matches = read_condition(filters, argument, _REGISTRY_FIELDS)
    for registry in context.services.registries.list(context.actor):
        if matches(_registry_fields(registry)):
            yield registry


def _collections(
    context: Context, project_filters: str | None, filters: str | None, argument: str = "filters"
) -> Iterator[ArtifactCollection]:
    matches = read_condition(filters, argument, _COLLECTION_FIELDS)
    for registry in _registries(context, project_filters):
        for collection in _collections_of(context, registry):
            if matches(_collection_fields(collection)):
                yield collection


def _collections_of(context: Context, registry: Registry) -> Iterator[ArtifactCollection]:
    path = ProjectPath(REGISTRY, registry.name)
    for page in pages_of(
        lambda cursor: context.services.artifacts.list(
            context.actor, path, limit=_PAGE, cursor=cursor
        )
    ):
        context.work.add(1 + len(page.collections))
        yield from page.collections


def _versions(context: Context, collection: ArtifactCollection) -> Iterator[Artifact]:
    path = ProjectPath(collection.entity, collection.project)
    for page in pages_of(
        lambda cursor: context.services.artifacts.versions(
            context.actor, path, collection.name, limit=_PAGE, cursor=cursor
        )
    ):
        context.work.add(1 + len(page.versions))
        yield from page.versions


def _registry_fields(registry: Registry) -> Fields:
    return {
        "id": project_number(ProjectPath(REGISTRY, registry.name)),
        "name": f"{REGISTRY_PREFIX}{registry.name}",
        "description": registry.description,
        **_times(registry.created_micros),
    }


def _collection_fields(collection: ArtifactCollection) -> Fields:
    return {
        "name": collection.name,
        "tag": collection.tags,
        "description": collection.description,
        **_times(collection.created_micros),
    }


def _version_fields(version: Artifact) -> Fields:
    return {
        "version": version.version,
        "tag": version.tags,
        "alias": version.aliases,
        "metadata": version.metadata,
        **_times(version.created_micros),
    }


def _times(created_micros: int) -> Fields:
    created = time_text(created_micros)
    return {"created_at": created, "updated_at": created}
