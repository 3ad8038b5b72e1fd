"""Registries on a server, and their collections. Does network I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from weft.client.api_client import ApiClient
from weft.errors import UsageError
from weft.records.ids import REGISTRY
from weft.records.times import iso_time
from weft.sdk.reading.stored.collections import StoredCollection, checked_filter, collections_of
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.wire.artifacts.registries import Registry as RegistryFields
from weft.wire.artifacts.registries import RegistryEdit, delete_registry, edit_registry

if TYPE_CHECKING:
    from weft.sdk.artifacts.artifact import Artifact


class Registry(WandbNames):
    """A registry: collections for all projects, whose versions are links.

    Attributes:
        name: the registry's name.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "artifact_types": "a collection takes the type of the first version that is linked to it",
        "allow_all_artifact_types": "all types may be linked",
        "organization": "a server has one set of registries",
        "snake_to_camel": INSIDE,
    }

    def __init__(self, client: ApiClient, fields: RegistryFields) -> None:
        self._client = client
        self._fields = fields
        self._description = fields.description
        self._visibility = fields.visibility
        self.name = fields.name

    def __repr__(self) -> str:
        return f"<Registry {self.name}>"

    @property
    def full_name(self) -> str:
        """Its name in names of versions: `registry/model`."""
        return f"{REGISTRY}/{self.name}"

    @property
    def entity(self) -> str:
        """`registry`, to which all registries belong."""
        return REGISTRY

    @property
    def path(self) -> list[str]:
        return [REGISTRY, self.name]

    @property
    def created_at(self) -> str:
        """When it was created: ISO 8601, UTC."""
        return iso_time(self._fields.created_micros)

    @property
    def description(self) -> str:
        return self._description

    @description.setter
    def description(self, text: str | None) -> None:
        self._description = text or ""

    @property
    def role(self) -> str:
        """The role of the user who asks: `viewer`, `member` or `admin`."""
        return self._fields.role

    @property
    def visibility(self) -> str:
        """`organization` if all users of the server see it, else `restricted`: only its members,
        the members of its teams, and administrators.
        """
        return "restricted" if self._visibility == "restricted" else "organization"

    @visibility.setter
    def visibility(self, text: str) -> None:
        if text != self.visibility:
            self._visibility = visibility_of(text)

    @property
    def default_role(self) -> str:
        """The role of users who have none of their own here."""
        return self._fields.default_role

    @property
    def members(self) -> dict[str, str]:
        """The users with a role of their own, and the role."""
        return dict(self._fields.members)

    @property
    def teams(self) -> dict[str, str]:
        """The teams whose members have a role, and the role."""
        return dict(self._fields.teams)

    @property
    def protected_aliases(self) -> list[str]:
        """The aliases that only admins move."""
        return list(self._fields.protected_aliases)

    def save(self) -> None:
        """Send the changed description and visibility.

        Raises:
            Forbidden: only its admins may.
        """
        self._edit(description=self._description, visibility=self._visibility)

    def protect(self, *aliases: str) -> None:
        """Have only admins move some aliases.

        Raises:
            Forbidden: only its admins may.
        """
        self._edit(protect=aliases)

    def unprotect(self, *aliases: str) -> None:
        """Have all members move some aliases.

        Raises:
            Forbidden: only its admins may.
        """
        self._edit(unprotect=aliases)

    def set_role(self, user: str, role: str | None) -> None:
        """Give a user the role `viewer`, `member` or `admin`; None: the default role.

        Raises:
            Forbidden: only its admins may.
            NotFound: no such user.
        """
        self._edit(members={user: role})

    def set_team_role(self, team: str, role: str | None) -> None:
        """Give the members of a team the role `viewer`, `member` or `admin`; None takes it away.

        Raises:
            Forbidden: only its admins may.
            NotFound: no such team.
        """
        self._edit(teams={team: role})

    def delete(self) -> None:
        """Delete it.

        Raises:
            Conflict: it has collections.
            Forbidden: only its admins may.
        """
        self._client.call(delete_registry, self.name)

    def collections(
        self,
        filter: Mapping[str, Any] | None = None,  # noqa: A002  W&B's name
        order: str | None = None,
        per_page: int = 100,  # noqa: ARG002  W&B's argument
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[StoredCollection]:
        """Return its collections, by name.

        Args:
            filter: `{"name": …}` or `{"type": …}`: only those with this value.
            order: `-name` for the last name first.
        """
        criteria = checked_filter(filter, {"name", "type"})
        return collections_of(self._client, REGISTRY, self.name, criteria, order)

    def versions(
        self,
        filter: Mapping[str, Any] | None = None,  # noqa: A002  W&B's name
        order: str | None = None,  # noqa: ARG002  W&B's argument
        per_page: int = 100,  # noqa: ARG002  W&B's argument
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[Artifact]:
        """Return the versions of all its collections, the newest of each first.

        Args:
            filter: `{"alias": …}` or `{"tag": …}`: only those that have it.
        """
        return [
            version for collection in self.collections() for version in collection.versions(filter)
        ]

    def _edit(self, **edit: Any) -> None:
        self._fields = self._client.call(edit_registry, self.name, RegistryEdit(**edit))


def visibility_of(text: str) -> Literal["open", "restricted"]:
    """The visibility that W&B's word stands for."""
    match text:
        case "organization" | "open":
            return "open"
        case "restricted":
            return "restricted"
        case _:
            raise UsageError(f"no visibility {text!r}: use organization or restricted")
