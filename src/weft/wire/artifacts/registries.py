"""Registries: collections of links to versions of all projects, with roles of their own."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.limits import MAX_ID_BYTES
from weft.wire.artifacts.artifacts import ListOfNames, Version
from weft.wire.choices import one_of

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
    default_role: Annotated[Role, Meta(description="of users who are no members")]
    members: Annotated[dict[str, Role], Meta(description="users with roles of their own")]
    protected_aliases: Annotated[list[str], Meta(description="those that only admins move")]
    n_collections: int
    n_versions: int
    role: Annotated[Role, Meta(description="of the user who asks")]


class RegistryList(Struct, frozen=True, kw_only=True):
    """All registries, by name."""

    registries: list[Registry]


class RegistryEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes of a registry; fields that are left out stay."""

    description: Annotated[str, Meta(max_length=100_000)] | UnsetType = UNSET
    default_role: GivenRole | UnsetType = UNSET
    members: Annotated[
        dict[Annotated[str, Meta(max_length=MAX_ID_BYTES)], GivenRole | None],
        Meta(max_length=1000, description="roles to give; null takes one away"),
    ] = {}
    protect: Annotated[ListOfNames, Meta(description="aliases that only admins may move")] = []
    unprotect: Annotated[ListOfNames, Meta(description="aliases that all members may move")] = []


class NewLink(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
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
