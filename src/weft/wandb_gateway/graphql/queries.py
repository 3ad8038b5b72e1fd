"""The root of all queries."""

from __future__ import annotations

from weft.errors import NotFound
from weft.wandb_gateway.graphql.artifacts.artifact_nodes import (
    ArtifactNode,
    CollectionNode,
    collection_path,
    find_collection,
)
from weft.wandb_gateway.graphql.connections import Connection, part_of
from weft.wandb_gateway.graphql.project_nodes import (
    ProjectNode,
    RegistryNode,
    find_project,
    list_projects,
)
from weft.wandb_gateway.graphql.registry_nodes import OwnerNode, OwnerOrganizationNode
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.server_nodes import ServerInfoNode, UserNode
from weft.wandb_gateway.graphql.view_nodes import ReportNode, WorkspaceNode, find_view


class Queries:
    """The fields of the type `Query`."""

    def viewer(self, context: Context) -> UserNode:
        return UserNode.of_caller(context)

    def server_info(self, _: Context) -> ServerInfoNode:
        return ServerInfoNode()

    def entity(self, context: Context, name: str | None = None) -> OwnerNode:
        return OwnerNode(context.entity(name))

    def organization(self, _: Context, name: str | None = None) -> OwnerOrganizationNode:
        return OwnerOrganizationNode()

    def project(
        self, context: Context, name: str | None = None, entity_name: str | None = None
    ) -> ProjectNode | RegistryNode | None:
        return find_project(context, context.project(entity_name, name))

    def model(
        self, context: Context, name: str | None = None, entity_name: str | None = None
    ) -> ProjectNode | RegistryNode | None:
        return self.project(context, name, entity_name)

    def models(
        self,
        context: Context,
        entity_name: str | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[ProjectNode]:
        return list_projects(context, entity_name, after, first)

    def artifact(self, context: Context, id: str) -> ArtifactNode | None:
        try:
            return ArtifactNode(context.drafts.version(context.actor, id))
        except NotFound:
            return None

    def artifact_collection(self, context: Context, id: str) -> CollectionNode | None:
        return find_collection(context, *collection_path(id))

    def view(self, context: Context, id: str) -> ReportNode | WorkspaceNode | None:
        return find_view(context, id)

    def client_id_mapping(self, context: Context, client_id: str) -> dict[str, str] | None:
        artifact_id = context.drafts.id_of_client_id(context.actor, client_id)
        return None if artifact_id is None else {"server_id": artifact_id}

    def users(self, context: Context, query: str | None = None) -> Connection[UserNode]:
        """The users that the caller may see, by a part of a name or mail address: themselves, and
        all if they are an administrator.
        """
        own = UserNode.of_caller(context)
        visible = [own]
        if own.admin:
            users = context.services.users.list(context.actor).users
            visible += [
                UserNode(user.name, is_admin=user.is_admin, email=user.email)
                for user in users
                if user.name != own.name
            ]
        text = (query or "").lower()
        matching = [user for user in visible if any(text in name for name in _names(user))]
        # `Api.user` takes the first: it has to be the one who is named, not `bobby` for `bob`.
        return part_of(sorted(matching, key=lambda user: text not in _names(user)), None, 1000)


def _names(user: UserNode) -> tuple[str, ...]:
    return (user.name.lower(), (user.email or "").lower())
