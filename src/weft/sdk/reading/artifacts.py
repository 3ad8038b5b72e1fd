"""Artifacts as `weft.Api` reads them."""

from __future__ import annotations

from collections.abc import Sequence

from weft.client.api_client import ApiClient
from weft.client.artifact_client import VersionTarget
from weft.errors import NotFound, UsageError
from weft.records.files.artifacts import parse_artifact_path
from weft.sdk.artifacts.artifact import Artifact
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.reading.paths import project_name as parse_project
from weft.sdk.reading.stored.collections import StoredArtifactType, StoredCollection
from weft.wire.artifacts.artifacts import get_collection, list_artifacts, list_versions


class ApiArtifacts:
    """Versions of artifacts. A base of `Api`."""

    _client: ApiClient

    @property
    def _default(self) -> ProjectName:
        raise NotImplementedError

    def artifact(self, name: str, type: str | None = None) -> Artifact:  # noqa: A002
        """Return a version of an artifact.

        Args:
            name: `entity/project/name:v3`, or with an alias in place of the version. Without one
                it is the latest version; entity and project default to those in `settings`.
            type: the type that it must have.

        Raises:
            NotFound: no such version.
            UsageError: it has another type.
        """
        client = self._client.artifacts
        target = VersionTarget(*parse_artifact_path(name, *self._default))
        artifact = Artifact.from_server(client, client.version(target))
        if type is not None and artifact.type != type:
            raise UsageError(f"{artifact.name} is a {artifact.type}, not a {type}")
        return artifact

    def artifact_exists(self, name: str, type: str | None = None) -> bool:  # noqa: A002
        """Return whether there is such a version; see `artifact`."""
        try:
            self.artifact(name, type)
        except (NotFound, UsageError):
            return False
        return True

    def artifact_collection_exists(self, name: str, type: str) -> bool:  # noqa: A002
        """Return whether there is an artifact of a name and type, in any version."""
        entity, project, collection, _ = parse_artifact_path(name, *self._default)
        try:
            existing = self._client.call(get_collection, entity, project, collection)
        except NotFound:
            return False
        return existing.type == type

    def artifact_types(
        self,
        project: str | None = None,
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[StoredArtifactType]:
        """Return the types of a project's artifacts; each has a `name`.

        Args:
            project: `entity/project`. Defaults to the project in `settings`.
        """
        names = project_name(project, self._default)
        types = self._client.call(list_artifacts, *names, limit=1).types
        return [StoredArtifactType(self._client, *names, type_.name) for type_ in types]

    def artifact_type(self, type_name: str, project: str | None = None) -> StoredArtifactType:
        """Return a type of a project's artifacts, such as `model`.

        Raises:
            NotFound: the project has no artifacts of the type.
        """
        names = project_name(project, self._default)
        return StoredArtifactType(self._client, *names, type_name).load()

    def artifact_collections(
        self,
        project_name: str,
        type_name: str,
        order: str | None = None,
        per_page: int = 50,
        start: str | None = None,
    ) -> list[StoredCollection]:
        """Return the artifacts of a type, each with its versions; by name.

        Args:
            project_name: `entity/project`, or `project`.
            order: `-name` for the last name first.
        """
        names = parse_project(project_name, self._default)
        type_ = StoredArtifactType(self._client, *names, type_name)
        return type_.collections(order=order, per_page=per_page, start=start)

    def artifact_collection(self, type_name: str, name: str) -> StoredCollection:
        """Return an artifact with its versions, aliases and description.

        Args:
            type_name: the type that it must have.
            name: `entity/project/name`, or its end.

        Raises:
            NotFound: no such artifact of that type.
        """
        entity, project, collection, _ = parse_artifact_path(name, *self._default)
        return StoredArtifactType(self._client, entity, project, type_name).collection(collection)

    def artifact_versions(self, type_name: str, name: str, per_page: int = 50) -> list[Artifact]:
        """Return the versions of an artifact; W&B's older name for `artifacts`."""
        return self.artifacts(type_name, name, per_page=per_page)

    def artifacts(
        self,
        type_name: str,
        name: str,
        order: str | None = None,
        per_page: int = 50,  # noqa: ARG002  W&B's argument
        tags: str | Sequence[str] | None = None,
        start: str | None = None,  # noqa: ARG002  W&B's argument
    ) -> list[Artifact]:
        """Return the versions of an artifact, newest first.

        Args:
            type_name: the type that it must have.
            name: `entity/project/name`, or its end.
            order: `+createdAt` for the oldest first.
            tags: only versions that have all of these.

        Raises:
            NotFound: no such artifact of that type.
        """
        client = self._client.artifacts
        entity, project, collection, _ = parse_artifact_path(name, *self._default)
        if client.call(get_collection, entity, project, collection).type != type_name:
            raise NotFound(f"{entity}/{project}/{collection} is no {type_name}")
        required_tags = {tags} if isinstance(tags, str) else set(tags or ())
        versions = [
            Artifact.from_server(client, version)
            for page in client.pages(list_versions, entity, project, collection, limit=1000)
            for version in page.versions
            if required_tags <= set(version.tags)
        ]
        return versions[::-1] if order in {"+createdAt", "createdAt"} else versions
