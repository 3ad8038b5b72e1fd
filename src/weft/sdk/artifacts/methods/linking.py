"""Methods of `weft.Artifact` about what is around a version: runs, links, collections.

They do network I/O. Runs import artifacts, so `weft.Api` is taken by its name in `weft`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from weft.client.artifact_client import VersionTarget
from weft.errors import UsageError
from weft.records.files.artifacts import check_alias, parse_link_target
from weft.records.times import iso_time
from weft.sdk.artifacts.methods.stateful import Stateful
from weft.wire.artifacts.artifacts import ArtifactCollection, ArtifactLink, ArtifactSource

if TYPE_CHECKING:
    from typing_extensions import Self


class Linking(Stateful):
    """Links a version to collections, and finds the runs around it. A base of `Artifact`."""

    def link(self, target_path: str, aliases: Sequence[str] | None = None) -> Self:
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
        stored = self._stored
        return self._of(stored.client.link(stored.target, str(target), alias_names))

    def unlink(self) -> None:
        """Take this version out of the collection that it is linked to. What it points to stays.

        Raises:
            UsageError: it is no link.
            Forbidden: only other users may, or an alias that it has is protected.
        """
        stored = self._stored
        if stored.version.source is None:
            raise UsageError(
                f"{'/'.join(stored.target[:3])}:{stored.ref} is no link: unlink() is for links, "
                "and delete() for versions that were logged"
            )
        stored.delete(with_aliases=True)

    @property
    def is_link(self) -> bool:
        """Whether it points to a version that was logged."""
        return self._stored.version.source is not None

    @property
    def source_artifact(self) -> Self:
        """The version that it points to; itself if it is no link, or points to a version of a
        project that you may not see.
        """
        stored = self._stored
        return self._of(stored.client.version(_target_of(stored.source)))

    @property
    def linked_artifacts(self) -> list[Self]:
        """The links to it, or to what it points to."""
        stored = self._stored
        links = stored.client.version(stored.target).links
        return [self._of(stored.client.version(_target_of(link))) for link in links]

    @property
    def linked_at(self) -> str | None:
        """When it was linked to its collection: ISO 8601, UTC. None if it is no link."""
        source = self._stored.version.source
        return None if source is None else iso_time(source.linked_micros)

    @property
    def collection(self) -> ArtifactCollection:
        """The collection that it belongs to: its name, type, description, tags and aliases."""
        stored = self._stored
        return stored.client.collection(*stored.target[:3])

    @property
    def source_collection(self) -> ArtifactCollection:
        """The collection that `source_artifact` belongs to."""
        stored = self._stored
        return stored.client.collection(*_target_of(stored.source)[:3])

    @property
    def source_entity(self) -> str:
        """The entity of `source_artifact`."""
        return self._stored.source.entity

    @property
    def source_project(self) -> str:
        """The project of `source_artifact`."""
        return self._stored.source.project

    @property
    def source_name(self) -> str:
        """Name and version of `source_artifact`, such as `mnist-net:v3`."""
        return f"{self._stored.source.name}:{self._stored.source.version}"

    @property
    def source_version(self) -> str:
        """The version of `source_artifact`."""
        return self._stored.source.version

    @property
    def source_qualified_name(self) -> str:
        """`entity/project/name:version` of `source_artifact`."""
        return f"{self.source_entity}/{self.source_project}/{self.source_name}"

    def logged_by(self) -> Any:
        """Return the run that logged this version, as `Api.run` does; None if it was deleted.

        Raises:
            UsageError: it is not stored yet.
        """
        stored = self._stored
        run = stored.client.version(stored.target).logged_by
        return None if run is None else self._api().run(f"{run.entity}/{run.project}/{run.id}")

    def used_by(self) -> list[Any]:
        """Return the runs that have used this version, also of other projects.

        Of more than 2,000 runs, only some are returned.

        Raises:
            UsageError: it is not stored yet.
        """
        stored = self._stored
        graph = stored.client.lineage(stored.target, depth=1)
        nodes = {node.id: node for node in graph.nodes}
        users = [
            nodes[edge.target] for edge in graph.edges if nodes[edge.source].kind == "artifact"
        ]
        api = self._api()
        return [api.run(f"{run.entity}/{run.project}/{run.name}") for run in users]

    def _api(self) -> Any:
        server = self._stored.client.server
        return import_module("weft").Api(server.url, api_key=server.api_key)


def _target_of(version: ArtifactSource | ArtifactLink) -> VersionTarget:
    return VersionTarget(version.entity, version.project, version.name, version.version)
