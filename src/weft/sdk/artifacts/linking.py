"""Links of a stored version: link, unlink, the versions that point to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import UsageError
from weft.records.files.artifacts import check_alias, parse_link_target
from weft.records.times import iso_time
from weft.sdk.artifacts.fetching import Fetching
from weft.wire.artifacts.artifacts import Artifact as StoredArtifact
from weft.wire.artifacts.artifacts import ArtifactCollection, ArtifactSource

if TYPE_CHECKING:
    from weft.sdk.setup.settings import Settings

_Self = TypeVar("_Self", bound="Linking")


class Linking(Fetching):
    """Links a version to collections. A base of `Artifact`."""

    def link(self: _Self, target_path: str, aliases: Sequence[str] | None = None) -> _Self:
        """Link this version to a collection of a registry, or of a project.

        A version there then points to this one, with a number and aliases of its own. One that is
        linked already keeps its number. An artifact that was logged a moment ago is waited for;
        `run.link_artifact()` needs no server.

        Args:
            target_path: the collection: `model/digits` or `wandb-registry-model/digits` of a
                registry, `entity/project/digits` of a project. It is made if it is not there.
            aliases: its aliases there, such as `staging`.

        Returns:
            The version there.

        Raises:
            NotFound: no such registry.
            Forbidden: only other users may, or an alias is protected.
            Conflict: the collection has another type, or versions of its own.
            UsageError: it was not logged.
        """
        target = parse_link_target(target_path)
        alias_names = [check_alias(alias) for alias in aliases or ()]
        self.wait()
        return self._of(self._connected.link(self._target, str(target), alias_names))

    def unlink(self) -> None:
        """Take this version out of the collection that it is linked to. What it points to stays.

        Raises:
            UsageError: it is no link.
            Forbidden: only other users may, or an alias that it has is protected.
        """
        if not self.is_link:
            raise UsageError(
                f"{self.qualified_name} is no link: unlink() is for links, and delete() for "
                "versions that were logged"
            )
        self._connected.delete(self._target, with_aliases=True)

    @property
    def is_link(self) -> bool:
        """Whether it points to a version that was logged."""
        return self._version.source is not None

    @property
    def source_artifact(self: _Self) -> _Self:
        """The version that it points to; itself if it is no link.

        Raises:
            Forbidden: the version is in a project of another user.
        """
        source = self._source
        target = VersionTarget(source.entity, source.project, source.name, source.version)
        return self._of(self._connected.version(target))

    @property
    def linked_artifacts(self: _Self) -> list[_Self]:
        """The links to it, or to what it points to."""
        client, stored = self._connected, self._connected.version(self._target)
        return [
            self._of(
                client.version(VersionTarget(link.entity, link.project, link.name, link.version))
            )
            for link in stored.links
        ]

    @property
    def linked_at(self) -> str | None:
        """When it was linked to its collection: ISO 8601, UTC. None if it is no link."""
        source = self._version.source
        return None if source is None else iso_time(source.linked_micros)

    @property
    def collection(self) -> ArtifactCollection:
        """The collection that it belongs to: its name, type, description, tags and aliases."""
        return self._connected.collection(self.entity, self.project, self._name)

    @property
    def source_collection(self) -> ArtifactCollection:
        """The collection that `source_artifact` belongs to."""
        source = self._source
        return self._connected.collection(source.entity, source.project, source.name)

    @property
    def source_entity(self) -> str:
        """The entity of `source_artifact`."""
        return self._source.entity

    @property
    def source_project(self) -> str:
        """The project of `source_artifact`."""
        return self._source.project

    @property
    def source_name(self) -> str:
        """Name and version of `source_artifact`, such as `mnist-net:v3`."""
        return f"{self._source.name}:{self._source.version}"

    @property
    def source_version(self) -> str:
        """The version of `source_artifact`."""
        return self._source.version

    @property
    def source_qualified_name(self) -> str:
        """`entity/project/name:version` of `source_artifact`."""
        return f"{self.source_entity}/{self.source_project}/{self.source_name}"

    @property
    def _source(self) -> ArtifactSource:
        stored = self._version
        return stored.source or ArtifactSource(
            entity=stored.entity,
            project=stored.project,
            name=stored.name,
            version=stored.version or "",
            linked_micros=stored.created_micros,
            linked_by="",
        )

    @classmethod
    def from_server(
        cls: type[_Self],
        client: ArtifactClient,
        stored: StoredArtifact,
        settings: Settings | None = None,
    ) -> _Self:
        """A version that a server has."""
        raise NotImplementedError

    def _of(self: _Self, stored: StoredArtifact) -> _Self:
        return self.from_server(self._connected, stored, self._settings)
