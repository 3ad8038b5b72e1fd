"""The server itself, its users, and the entities that own projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from weft.records.files.artifacts import REGISTRY_PREFIX
from weft.records.ids import REGISTRY
from weft.server.services.access import SYSTEM, Action, EntityPath, ProjectPath, RunPath, may
from weft.wandb_gateway.graphql.connections import Connection, part_of
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.values import json_text
from weft.wandb_gateway.ids import entity_id, make_id, project_id, project_number, run_id, user_id

FEATURES: Final = (
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
    "ARTIFACT_MEMBERSHIP_IN_LINK_ARTIFACT_RESPONSE",
    "ARTIFACT_REGISTRY_SEARCH",
    "ARTIFACT_TAGS",
    "CLIENT_IDS",
    "FILESTREAM_GZIP",
    "INCLUDE_ARTIFACT_TYPES_IN_REGISTRY_CREATION",
    "LARGE_FILENAMES",
    "MARK_RUN_FILES_UPLOADED",
    "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
    "TOTAL_COUNT_IN_FILE_CONNECTION",
    "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION",
)
"""The features that the client may use beyond its oldest supported server."""

_NEWEST_CLIENT: Final = "99.0.0"
_OLDEST_CLIENT: Final = "0.0.1"


@dataclass(frozen=True, slots=True)
class Feature:
    name: str
    is_enabled: bool = True


class ServerInfoNode:
    """The server's versions and features."""

    cli_version_info: Final = {
        "max_cli_version": _NEWEST_CLIENT,
        "min_cli_version": _OLDEST_CLIENT,
    }

    def features(self, _: Context) -> Sequence[Feature]:
        return [Feature(name) for name in FEATURES]

    def latest_local_version_info(self, context: Context) -> dict[str, Any]:
        version = context.version
        return {
            "out_of_date": False,
            "latest_version_string": version,
            "version_on_this_instance_string": version,
        }


class UserNode:
    typename: Final = "User"

    def __init__(
        self,
        name: str,
        *,
        is_admin: bool = False,
        entity: str | None = None,
        email: str | None = None,
    ) -> None:
        self.id = user_id(name)
        self.name = name
        self.username = name
        self.email = email
        self.admin = is_admin
        self.entity = entity or name
        self.flags = json_text({"code_saving_enabled": True})
        self.photo_url: str | None = None
        self.deleted_at: str | None = None

    @classmethod
    def of_caller(cls, context: Context) -> UserNode:
        """The user of a request. The server's own user is `local`."""
        actor = context.actor
        is_admin = actor.is_admin or actor.kind == "local"
        if actor.user is None:
            return cls(actor.entity, is_admin=is_admin, entity=actor.entity)
        email = context.services.accounts.get(actor, actor.user).email
        return cls(actor.user, is_admin=is_admin, entity=actor.entity, email=email)

    def api_keys(self, context: Context) -> Connection[dict[str, str]]:
        """The keys of the caller. The server does not store their texts, so their names are their
        beginnings; the one key of its own user has that user's name.
        """
        if context.actor.user is None:
            key = {"id": make_id("ApiKey", self.name), "name": self.name, "description": ""}
            return part_of([key], None, None)
        if self.name != context.actor.user:
            return part_of([], None, None)
        keys = [
            {
                "id": make_id("ApiKey", str(key.id)),
                "name": f"{key.prefix}…",
                "description": key.name,
            }
            for key in context.services.keys.list(context.actor)
        ]
        return part_of(keys, None, 1000)

    def teams(self, context: Context) -> Connection[EntityNode]:
        """The entities of the user: their own, if they have one, and their teams, as far as the
        caller may see them.
        """
        actor = context.actor
        teams = actor.people.current.teams_of(self.name)
        names = [team for team in teams if may(actor, Action.READ, EntityPath(team))]
        if not names or self.entity not in names:
            names.insert(0, self.entity)
        return part_of([EntityNode(name) for name in names], None, 1000)

    def organizations(self, _: Context) -> list[OrganizationNode]:
        return [OrganizationNode()]


class EntityNode:
    """An owner of projects: a user, or the registries."""

    typename: Final = "Entity"

    def __init__(self, name: str) -> None:
        self.id = entity_id(name)
        self.name = name
        self.available = True
        self.photo_url: str | None = None
        self.read_only = False
        self.read_only_admin = False
        self.limits: dict[str, Any] = {}
        self.private_only = False
        self.storage_bytes = 0
        self.code_saving_enabled = True
        self.default_access = "PRIVATE"
        self.is_paid = False
        self.xxhash_digests_enabled = False

    def is_team(self, context: Context) -> bool:
        actor = context.actor
        is_team = self.name in actor.people.current.teams
        return self.name == REGISTRY or (
            is_team and may(actor, Action.READ, EntityPath(self.name))
        )

    def entity_type(self, context: Context) -> str:
        if self.name == REGISTRY:
            return "organization"
        return "team" if self.is_team(context) else "user"

    def members(self, context: Context) -> list[dict[str, Any]]:
        """The members of a team, service accounts last; else the user whose entity it is."""
        if self.name in context.actor.people.current.teams:
            members = context.services.teams.get(context.actor, self.name).members
            return [
                _member(
                    member.user,
                    member.role.upper(),
                    "SERVICE" if member.is_service_account else None,
                )
                for member in sorted(members, key=lambda member: member.is_service_account)
            ]
        user = self.user(context)
        return [] if user is None else [_member(user.name, "ADMIN" if user.admin else "MEMBER")]

    def organization(self, _: Context) -> OrganizationNode:
        return OrganizationNode()

    def user(self, context: Context) -> UserNode | None:
        own = context.actor
        if self.name == own.entity:
            return UserNode.of_caller(context)
        if not own.is_admin:
            return None  # who has an account is for administrators to know
        account = context.services.users.account(SYSTEM, self.name)
        return None if account is None else UserNode(self.name, is_admin=account.is_admin)


class ProjectInfoNode:
    """The project of another node."""

    typename: Final = "Project"

    def __init__(self, path: ProjectPath) -> None:
        self.path = path
        self.id = project_id(path)
        self.internal_id = make_id("ProjectInternalId", project_number(path))
        is_registry = path.entity == REGISTRY
        self.name = f"{REGISTRY_PREFIX}{path.project}" if is_registry else path.project
        self.entity_name = path.entity

    def entity(self, _: Context) -> EntityNode:
        return EntityNode(self.entity_name)


class RunInfoNode:
    """The run of another node."""

    typename: Final = "Run"

    def __init__(self, path: RunPath) -> None:
        self.path = path
        self.id = run_id(path)
        self.name = path.run

    def project(self, _: Context) -> ProjectInfoNode:
        return ProjectInfoNode(self.path.of_project)


class OrganizationNode:
    """All who use the server: its registries belong to them."""

    def __init__(self) -> None:
        self.id = make_id("Organization", REGISTRY)
        self.name = REGISTRY
        self.core_weave_organization_id: str | None = None
        self.feature_flags: list[Any] = []
        self.advanced_registry_features = {"advanced_search": False}

    def org_entity(self, _: Context) -> EntityNode:
        return EntityNode(REGISTRY)


def _member(name: str, role: str, account_type: str | None = None) -> dict[str, Any]:
    return {
        "id": user_id(name),
        "name": name,
        "username": name,
        "admin": role == "ADMIN",
        "pending": False,
        "role": role.lower(),
        "account_type": account_type or role,
    }
