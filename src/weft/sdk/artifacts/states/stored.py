"""A version on a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.sdk.artifacts.fetching.version_files import VersionFiles
from weft.sdk.artifacts.states.description import Description
from weft.wire.artifacts.artifacts import Artifact, ArtifactSource


class Stored:
    """A version on a server, as that last described it."""

    def __init__(
        self, client: ArtifactClient, version: Artifact, description: Description | None = None
    ) -> None:
        self.client = client
        self.description = description or Description(version.name, version.type)
        self._note(version)

    @property
    def ref(self) -> str | None:
        """The version, such as `v3`."""
        return self.version.version

    @property
    def target(self) -> VersionTarget:
        """The names of the version on the server."""
        version = self.version
        return VersionTarget(version.entity, version.project, version.name, version.version or "")

    @property
    def url(self) -> str:
        """The address of the version's page."""
        entity, project, name, version = self.target
        path = f"{entity}/{project}/artifacts/{self.version.type}/{name}/{version}"
        return f"{self.client.url}/{quote(path)}"

    @property
    def files(self) -> VersionFiles:
        """The files of it."""
        version = self.version
        return VersionFiles(self.client, self.target, version.n_files, version.n_bytes)

    @property
    def source(self) -> ArtifactSource:
        """The version that it points to; itself if it is no link."""
        entity, project, name, version = self.target
        return self.version.source or ArtifactSource(
            entity=entity,
            project=project,
            name=name,
            version=version,
            linked_micros=self.version.created_micros,
            linked_by="",
        )

    def edit(self, **edit: Any) -> None:
        """Change the version; see `ArtifactClient.edit`."""
        self._note(self.client.edit(self.target, edit))

    def set_names(self, kind: str, names: Sequence[str]) -> None:
        """Give the version these `aliases` or `tags`, and no others."""
        present: list[str] = getattr(self.version, kind)
        added = [name for name in names if name not in present]
        removed = [name for name in present if name not in names]
        self.edit(**{f"add_{kind}": added, f"remove_{kind}": removed})

    def delete(self, *, with_aliases: bool) -> None:
        """Delete the version; see `ArtifactClient.delete`."""
        self.client.delete(self.target, with_aliases=with_aliases)

    def _note(self, version: Artifact) -> None:
        self.version, description = version, self.description
        description.text, description.metadata = version.description, dict(version.metadata)
        description.tags, description.ttl_secs = list(version.tags), version.ttl_secs or 0
