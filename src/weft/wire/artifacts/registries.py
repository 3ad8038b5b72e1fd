"""Registries: collections of links to versions of all projects, with roles of their own."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.limits import MAX_ID_BYTES
from weft.wire.artifacts.artifacts import Artifact, ListOfNames, Version
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.server.teams import NewVisibility, VisibilityName

VIEWER: Final = "viewer"
MEMBER: Final = "member"
ADMIN: Final = "admin"

Role = Annotated[
    str,
    one_of(
        VIEWER, MEMBER, ADMIN,
        description="viewer: may read; member: may also link, unlink, and move aliases that are "
        "not protected; admin: may do anything",
    ),
]  # fmt: skip


GivenRole = Literal["viewer", "member", "admin"]


class Registry(Struct, frozen=True, kw_only=True):
    """A registry. Its collections are the artifacts of the project `registry/<its name>`."""

    name: str
    description: str
    created_micros: int
    default_role: Annotated[
        Role, Meta(description="of users who are no members, unless it is restricted")
    ]
    visibility: Annotated[
        VisibilityName,
        Meta(description="restricted: members and teams of it alone; open: all who are signed in"),
    ]
    members: Annotated[dict[str, Role], Meta(description="users with roles of their own")]
    teams: Annotated[dict[str, Role], Meta(description="teams, and the role of their members")]
    protected_aliases: Annotated[list[str], Meta(description="those that only admins move")]
    n_collections: int
    n_versions: int
    role: Annotated[Role, Meta(description="of the user who asks")]


class RegistryList(Struct, frozen=True, kw_only=True):
    """All registries, by name."""

    registries: list[Registry]


class RegistryEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a registry; fields that are left out stay."""

    description: Annotated[str, Meta(max_length=100_000)] | UnsetType = UNSET
    visibility: NewVisibility | UnsetType = UNSET
    default_role: GivenRole | UnsetType = UNSET
    members: Annotated[
        dict[Annotated[str, Meta(max_length=MAX_ID_BYTES)], GivenRole | None],
        Meta(max_length=1000, description="roles to give; null takes one away"),
    ] = {}
    teams: Annotated[
        dict[Annotated[str, Meta(max_length=MAX_ID_BYTES)], GivenRole | None],
        Meta(max_length=1000, description="roles of teams' members; null takes one away"),
    ] = {}
    protect: Annotated[ListOfNames, Meta(description="aliases that only admins may move")] = []
    unprotect: Annotated[ListOfNames, Meta(description="aliases that all members may move")] = []


class NewLink(RequestBody, frozen=True, kw_only=True):
    """A version of a collection of a registry that is to point to a version."""

    target: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=3 * MAX_ID_BYTES,
            description="the collection, as `registry/model/digits`; made if it is not there",
        ),
    ]
    aliases: Annotated[ListOfNames, Meta(description="its aliases there")] = []
    seen_aliases: (
        Annotated[
            dict[str, Version | None],
            Meta(
                description="the versions that aliases of the collection had when they were seen, "
                "null for one that no version had; if one has another by now, nothing is changed "
                "(412)"
            ),
        ]
        | UnsetType
    ) = UNSET


_registries = Endpoints("/api/v1/registries", tag="registries")
_project = Endpoints("/api/v1/projects/{entity}/{project}/artifacts", tag="artifacts")


@_registries.get()
def list_registries() -> RegistryList:
    """List all registries, by name."""


@_registries.get("/{registry}")
def get_registry(registry: str) -> Registry:
    """Return a registry: who may do what there, and which aliases are protected."""


@_registries.put("/{registry}")
def put_registry(
    registry: str,
    edit: RegistryEdit = RegistryEdit(),  # noqa: B008 (a frozen struct)
) -> Registry:
    """Create a registry if it does not exist, and change it. Who creates it is its admin."""


@_registries.patch("/{registry}")
def edit_registry(registry: str, edit: RegistryEdit) -> Registry:
    """Describe a registry, give roles in it, and protect aliases. Only its admins may."""


@_registries.delete("/{registry}")
def delete_registry(registry: str) -> None:
    """Delete a registry that has no collections. Only its admins may."""


@_project.post("/{artifact}/versions/{version}/links")
def link_version(entity: str, project: str, artifact: str, version: str, new: NewLink) -> Artifact:
    """Link a version to a collection of a registry, and return the version there.

    One that is linked there already keeps its number: only its aliases move.
    """
