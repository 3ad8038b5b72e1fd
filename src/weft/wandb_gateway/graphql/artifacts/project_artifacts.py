"""The artifacts of a project, or of a registry."""

from __future__ import annotations

from typing import Any

from weft.wandb_gateway.graphql.artifacts.artifact_nodes import (
    ArtifactNode,
    CollectionNode,
    MembershipNode,
    TypeNode,
    find_collection,
    find_membership,
    list_collections,
    list_types,
)
from weft.wandb_gateway.graphql.connections import MAX_PAGE, Connection
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode


class ProjectArtifacts(ProjectInfoNode):
    """A project or registry, with its artifacts."""

    def artifact(self, context: Context, name: str) -> ArtifactNode | None:
        membership = self.artifact_collection_membership(context, name)
        return None if membership is None else membership.artifact(context)

    def artifact_type(self, context: Context, name: str) -> TypeNode | None:
        types = [edge.node for edge in list_types(context, self.path, None, MAX_PAGE).edges]
        return next((node for node in types if node.name == name), None)

    def artifact_types(
        self,
        context: Context,
        include_all: bool | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[TypeNode]:
        return list_types(context, self.path, after, MAX_PAGE if include_all else first)

    def artifact_collection(self, context: Context, name: str) -> CollectionNode | None:
        return find_collection(context, self.path, name)

    def artifact_collections(
        self, context: Context, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[CollectionNode]:
        return list_collections(context, self.path, None, after, first)

    def artifact_collection_membership(self, context: Context, name: str) -> MembershipNode | None:
        collection, _, ref = name.rpartition("/")[2].partition(":")
        return find_membership(context, self.path, collection, ref)
