"""Collections of artifacts: the versions of one name. Does network I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec import UNSET

from weft.client.api_client import ApiClient
from weft.client.artifact_client import VersionTarget
from weft.errors import NotFound, UsageError
from weft.records.times import iso_time
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.wire.artifacts.artifacts import (
    MAX_CHANGES,
    ArtifactChange,
    ArtifactCollection,
    CollectionEdit,
    delete_collection,
    edit_collection,
    get_artifact_history,
    get_collection,
    list_artifacts,
    list_versions,
)

if TYPE_CHECKING:
    from weft.sdk.artifacts.artifact import Artifact


class StoredCollection(WandbNames):
    """The versions of an artifact, or the links in a collection of a registry.

    The attributes can be set; `save()` sends the changes.

    Attributes:
        name: its name.
        description: a text for readers, in Markdown.
        tags: its tags.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "project_id": INSIDE,
        "project_internal_id": INSIDE,
        "snake_to_camel": INSIDE,
        "updated_at": "each version has its `created_at`",
    }

    def __init__(self, client: ApiClient, fields: ArtifactCollection) -> None:
        self._client = client
        self._take(fields)

    def _take(self, fields: ArtifactCollection) -> None:
        self._fields = fields
        self.name: str = fields.name
        self.description: str | None = fields.description
        self.tags: list[str] = list(fields.tags)

    def __repr__(self) -> str:
        return f"<ArtifactCollection {self.name} ({self.type})>"

    @property
    def type(self) -> str:
        return self._fields.type

    @property
    def entity(self) -> str:
        return self._fields.entity

    @property
    def project(self) -> str:
        return self._fields.project

    @property
    def id(self) -> str:
        """The qualified name: `entity/project/name`."""
        return self.qualified_name

    @property
    def qualified_name(self) -> str:
        return f"{self.entity}/{self.project}/{self._fields.name}"

    @property
    def created_at(self) -> str:
        """When it was made: ISO 8601, UTC."""
        return iso_time(self._fields.created_micros)

    @property
    def aliases(self) -> dict[str, str]:
        """The version that each alias names: `{"production": "v3"}`."""
        return dict(self._fields.aliases)

    def is_sequence(self) -> bool:
        """Whether versions are logged to it; False in a registry, which has links."""
        return not self._fields.has_links

    def load(self) -> StoredCollection:
        """Fetch it again."""
        self._take(self._client.call(get_collection, *self._path))
        return self

    def save(self) -> None:
        """Send the changed name, description and tags.

        Raises:
            Conflict: another artifact has the name.
            Forbidden: you may not change the project.
        """
        before, after = set(self._fields.tags), set(self.tags)
        edit = CollectionEdit(
            name=UNSET if self.name == self._fields.name else self.name,
            description=self.description or "",
            add_tags=sorted(after - before),
            remove_tags=sorted(before - after),
        )
        self._take(self._client.call(edit_collection, *self._path, edit))

    def change_type(self, new_type: str) -> None:
        """Change the type of all its versions.

        Raises:
            ConfigError: it is a collection of a registry.
        """
        edit = CollectionEdit(type=new_type)
        self._take(self._client.call(edit_collection, *self._path, edit))

    def delete(self) -> None:
        """Delete it with all versions permanently."""
        self._client.call(delete_collection, *self._path)

    def artifacts(
        self,
        per_page: int = 50,  # noqa: ARG002  W&B's argument
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[Artifact]:
        """Return its versions, newest first; the same as `versions`."""
        return self.versions()

    def versions(
        self,
        filter: Mapping[str, Any] | None = None,  # noqa: A002  W&B's name
    ) -> list[Artifact]:
        """Return its versions, newest first.

        Args:
            filter: `{"alias": …}` or `{"tag": …}`: only those that have it.
        """
        from weft.sdk.artifacts.artifact import Artifact

        criteria = checked_filter(filter, {"alias", "tag"})
        client = self._client.artifacts
        return [
            Artifact.from_server(client, version)
            for page in client.pages(list_versions, *self._path, limit=1000)
            for version in page.versions
            if _has(version.aliases, criteria.get("alias"))
            and _has(version.tags, criteria.get("tag"))
        ]

    def version(self, ref: str) -> Artifact:
        """Return one version, by its name such as `v3` or an alias.

        Raises:
            NotFound: no such version.
        """
        from weft.sdk.artifacts.artifact import Artifact

        client = self._client.artifacts
        return Artifact.from_server(client, client.version(VersionTarget(*self._path, ref)))

    def history(self) -> list[ArtifactChange]:
        """Return the links and moves of aliases with their users, newest first."""
        return self._client.call(get_artifact_history, *self._path, limit=MAX_CHANGES).changes

    @property
    def _path(self) -> tuple[str, str, str]:
        return self.entity, self.project, self._fields.name


class StoredArtifactType(WandbNames):
    """A type of a project's artifacts.

    Attributes:
        name: such as `model`.
    """

    not_here: ClassVar[Mapping[str, str]] = {"snake_to_camel": INSIDE}

    def __init__(self, client: ApiClient, entity: str, project: str, name: str) -> None:
        self._client = client
        self.entity, self.project, self.name = entity, project, name

    def __repr__(self) -> str:
        return f"<ArtifactType {self.name}>"

    @property
    def id(self) -> str:
        """The same as `name`."""
        return self.name

    def load(self) -> StoredArtifactType:
        """Check that the project has the type.

        Raises:
            NotFound: it has not.
        """
        page = self._client.call(list_artifacts, self.entity, self.project, limit=1)
        if self.name not in {type_.name for type_ in page.types}:
            raise NotFound(f"{self.entity}/{self.project} has no artifacts of type {self.name!r}")
        return self

    def collections(
        self,
        filters: Mapping[str, Any] | None = None,
        order: str | None = None,
        per_page: int = 50,  # noqa: ARG002  W&B's argument
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[StoredCollection]:
        """Return the artifacts of the type, by name.

        Args:
            filters: `{"name": …}`: only the one of this name.
            order: `-name` for the last name first.
        """
        criteria = {**checked_filter(filters, {"name", "type"}), "type": self.name}
        return collections_of(self._client, self.entity, self.project, criteria, order)

    def collection(self, name: str) -> StoredCollection:
        """Return one artifact of the type.

        Raises:
            NotFound: no such artifact, or it is of another type.
        """
        fields = self._client.call(get_collection, self.entity, self.project, name)
        if fields.type != self.name:
            raise NotFound(f"{self.entity}/{self.project}/{name} is no {self.name}")
        return StoredCollection(self._client, fields)


def collections_of(
    client: ApiClient,
    entity: str,
    project: str,
    criteria: Mapping[str, Any],
    order: str | None = None,
) -> list[StoredCollection]:
    """The collections of a project with these values, by name, or the last first for `-name`."""
    pages = client.pages(list_artifacts, entity, project, limit=1000)
    collections = [
        StoredCollection(client, collection)
        for page in pages
        for collection in page.collections
        if all(getattr(collection, name) == value for name, value in criteria.items())
    ]
    return collections[::-1] if (order or "").startswith("-") else collections


def checked_filter(criteria: Mapping[str, Any] | None, names: set[str]) -> Mapping[str, Any]:
    """A filter by these names; UsageError if it has another."""
    criteria = criteria or {}
    unknown = sorted(criteria.keys() - names)
    if unknown:
        raise UsageError(f"unknown filter {unknown[0]!r}: use {' or '.join(sorted(names))}")
    return criteria


def _has(values: Iterable[str], criterion: Any) -> bool:
    return criterion is None or criterion in values
