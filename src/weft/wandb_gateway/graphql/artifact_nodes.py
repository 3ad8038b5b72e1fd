"""Artifacts: versions, their collections and types, their files, and what they are linked to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from weft.errors import ConfigError, Forbidden, NotFound
from weft.records.artifacts import LATEST
from weft.records.ids import REGISTRY
from weft.server.services.access import ProjectPath, RunPath
from weft.wandb_gateway.artifacts import VersionPath
from weft.wandb_gateway.graphql.connections import (
    Connection,
    Edge,
    PageInfo,
    limit_of,
    page_of,
    part_of,
)
from weft.wandb_gateway.graphql.request import Info, of
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode, RunInfoNode
from weft.wandb_gateway.graphql.values import json_text, time_text
from weft.wandb_gateway.ids import make_id, read_id
from weft.wire.artifacts import Artifact, ArtifactCollection, ArtifactFile

_MAX_LISTED: Final = 1000
_FILE_PAGE: Final = 10_000


class TagNode:
    """A tag."""

    typename: Final = "Tag"

    def __init__(self, name: str) -> None:
        self.id = make_id("Tag", name)
        self.name = name


class AliasNode:
    """An alias of a version."""

    typename: Final = "ArtifactAlias"

    def __init__(self, alias: str, project: ProjectPath, collection: str) -> None:
        self.id = make_id("ArtifactAlias", alias, collection, project.project, project.entity)
        self.alias = alias
        self._project = project
        self._collection = collection

    def artifact_collection(self, info: Info) -> CollectionNode | None:
        return find_collection(info, self._project, self._collection)


class TypeNode:
    """A type of artifacts."""

    typename: Final = "ArtifactType"

    def __init__(self, project: ProjectPath, name: str) -> None:
        self._project = project
        self.id = make_id("ArtifactType", name, project.project, project.entity)
        self.name = name
        self.description: str | None = None

    def created_at(self, info: Info) -> str:
        context = of(info)
        found = context.services.artifacts.list(
            context.actor, self._project, type_=self.name, limit=1
        ).collections
        return time_text(found[0].created_micros if found else context.services.stores.now())

    def artifact_collection(self, info: Info, name: str) -> CollectionNode | None:
        found = find_collection(info, self._project, name)
        return found if found is not None and found.type_name == self.name else None

    def artifact_collections(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[CollectionNode]:
        return list_collections(info, self._project, self.name, after, first)


class CollectionNode:
    """A collection of versions."""

    def __init__(self, found: ArtifactCollection) -> None:
        self.path = ProjectPath(found.entity, found.project)
        self._collection = found
        self.typename = "ArtifactPortfolio" if found.entity == REGISTRY else "ArtifactSequence"
        self.id = collection_id(self.path, found.name)
        self.name = found.name
        self.type_name = found.type
        self.description = found.description or None
        self.state = "READY"
        self.created_at = time_text(found.created_micros)
        self.updated_at = self.created_at
        self.digest_algorithm = "MANIFEST_MD5"

    def project(self, _: Info) -> ProjectInfoNode:
        return ProjectInfoNode(self.path)

    def default_artifact_type(self, _: Info) -> TypeNode:
        return TypeNode(self.path, self.type_name)

    def tags(self, _: Info, first: int | None = None) -> Connection[TagNode]:
        return part_of([TagNode(tag) for tag in self._collection.tags], None, first)

    def aliases(
        self, info: Info, after: str | None = None, first: int | None = None
    ) -> Connection[AliasNode]:
        context = of(info)
        found = context.services.artifacts.collection(context.actor, self.path, self.name)
        nodes = [AliasNode(alias, self.path, self.name) for alias in found.aliases]
        return part_of(nodes, after, first)

    def latest_artifact(self, _: Info) -> ArtifactNode | None:
        latest = self._collection.latest
        return None if latest is None else ArtifactNode(latest)

    def artifacts(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[ArtifactNode]:
        context = of(info)
        page = context.services.artifacts.versions(
            context.actor, self.path, self.name, limit=limit_of(first), cursor=after or None
        )
        edges = [
            Edge(ArtifactNode(one), page.cursor or "", one.version or "") for one in page.versions
        ]
        info_ = PageInfo(page.cursor, page.cursor is not None)
        return Connection(edges, info_, self._collection.n_versions)

    def artifact_membership(self, info: Info, alias_name: str) -> MembershipNode | None:
        return find_membership(info, self.path, self.name, alias_name)


class MembershipNode:
    """A version in a collection."""

    typename: Final = "ArtifactCollectionMembership"

    def __init__(self, found: Artifact) -> None:
        self._artifact = ArtifactNode(found)
        self._path = ProjectPath(found.entity, found.project)
        self.id = make_id("ArtifactMembership", found.name, found.version or "", *self._path)
        self.version_index = self._artifact.version_index
        self.created_at = self._artifact.created_at
        self.aliases = self._artifact.aliases

    def artifact_collection(self, info: Info) -> CollectionNode | None:
        return find_collection(info, self._path, self._artifact.path.name)

    def artifact(self, _: Info) -> ArtifactNode:
        return self._artifact

    def files(
        self,
        info: Info,
        names: list[str] | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[ArtifactFileNode]:
        return self._artifact.files(info, names, after, first)


class ArtifactNode:
    """A stored version."""

    typename: Final = "Artifact"
    digest_algorithm: Final = "MANIFEST_MD5"
    history_step: Final = None

    def __init__(self, found: Artifact) -> None:
        self._artifact = found
        self.path = VersionPath.of(found)
        project = self.path.project
        self.id = self.path.id
        self.version_index = int((found.version or "v0")[1:])
        self.description = found.description or None
        self.metadata = json_text(found.metadata)
        self.tags = [TagNode(tag) for tag in found.tags]
        self.state = "COMMITTED"
        self.size = found.n_bytes
        self.file_count = found.n_files
        self.commit_hash = found.digest[:32]
        self.created_at = time_text(found.created_micros)
        self.updated_at = self.created_at
        ttl = -1
        if found.expires_micros is not None:
            ttl = max((found.expires_micros - found.created_micros) // 1_000_000, 1)
        self.ttl_duration_seconds = ttl
        self.ttl_is_inherited = found.expires_micros is None
        self.aliases = [AliasNode(alias, project, found.name) for alias in found.aliases]

    def artifact_sequence(self, info: Info) -> CollectionNode:
        """The collection in which the version was made, also if this is a link to it."""
        source = self._artifact.source
        project, name = self.path.project, self.path.name
        if source is not None:
            project, name = ProjectPath(source.entity, source.project), source.name
        context = of(info)
        try:
            found = context.services.artifacts.collection(context.actor, project, name)
        except (NotFound, Forbidden):
            found = context.services.artifacts.collection(
                context.actor, self.path.project, self.path.name
            )
        node = CollectionNode(found)
        node.typename = "ArtifactSequence"
        return node

    def artifact_type(self, _: Info) -> TypeNode:
        return TypeNode(self.path.project, self._artifact.type)

    def digest(self, info: Info) -> str:
        context = of(info)
        return context.versions.digest(context.actor, self._artifact)

    def current_manifest(self, _: Info) -> ManifestNode:
        return ManifestNode(self.path)

    def created_by(self, _: Info) -> RunInfoNode | None:
        run = self._artifact.logged_by
        return None if run is None else RunInfoNode(RunPath(run.entity, run.project, run.id))

    def used_by(self, info: Info) -> Connection[RunInfoNode]:
        context = of(info)
        found = context.services.lineage.of_version(context.actor, *self.path, depth=1)
        own = next(
            (
                one.id
                for one in found.nodes
                if one.kind == "artifact" and (one.name, one.version) == self.path[1:]
            ),
            None,
        )
        after = {edge.target for edge in found.edges if edge.source == own}
        runs = [one for one in found.nodes if one.kind == "run" and one.id in after]
        return page_of([RunInfoNode(RunPath(one.entity, one.project, one.name)) for one in runs])

    def files(
        self,
        info: Info,
        names: list[str] | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[ArtifactFileNode]:
        context = of(info)
        if names:
            context.work.add(len(names) + self.file_count // 10)
            wanted = set(names)
            page = [
                one
                for one in context.versions.files(context.actor, self.path)
                if one.path in wanted
            ]
            return page_of([ArtifactFileNode(self.path, one) for one in page], total=len(page))
        found = context.services.artifact_files.list(
            context.actor,
            *self.path,
            limit=limit_of(first, _FILE_PAGE),
            cursor=after or None,
        )
        nodes = [ArtifactFileNode(self.path, one) for one in found.files]
        return page_of(nodes, found.cursor, self.file_count)

    def files_by_manifest_entries(
        self,
        info: Info,
        storage_layout: str,
        manifest_version: str,
        entries: list[dict[str, Any]] | None = None,
        storage_region: str | None = None,
    ) -> Connection[ArtifactFileNode]:
        wanted = {str(one.get("path") or one.get("name")) for one in entries or ()}
        return self.files(info, sorted(wanted)) if wanted else page_of([])

    def artifact_memberships(self, info: Info) -> Connection[MembershipNode]:
        context = of(info)
        found = [MembershipNode(self._artifact)]
        for link in self._artifact.links:
            path = VersionPath(ProjectPath(REGISTRY, link.registry), link.name, link.version)
            linked = context.versions.find(context.actor, path)
            if linked is not None:
                found.append(MembershipNode(linked))
        return page_of(found)


class ManifestNode:
    """The manifest of a stored version."""

    def __init__(self, path: VersionPath) -> None:
        self._path = path
        self.id = make_id("ArtifactManifest", "v1", *path.project, path.name, path.ref)

    def file(self, info: Info) -> dict[str, Any]:
        path = self._path
        link = of(info).link(
            "GET", "manifest", *path.project, path.name, path.ref, "wandb_manifest.json"
        )
        return {"id": self.id, "direct_url": link, "name": "wandb_manifest.json"}


class ArtifactFileNode:
    """A file of a stored version."""

    typename: Final = "File"

    def __init__(self, path: VersionPath, found: ArtifactFile) -> None:
        self._path = path
        self._file = found
        self.id = make_id("ArtifactFile", *path.project, path.name, path.ref, found.path)
        self.name = found.path
        self.display_name = found.path
        self.size_bytes = found.n_bytes
        self.mimetype = found.media_type
        self.storage_path = found.path
        self.updated_at: str | None = None
        self.digest = found.checksum
        self.md5 = found.checksum

    def url(self, info: Info, upload: bool | None = None) -> str:
        return self.direct_url(info)

    def direct_url(self, info: Info) -> str:
        """Where the content is; of a reference its address, which the client follows itself."""
        if self._file.reference:
            return self._file.reference
        path = self._path
        return of(info).link(
            "GET", "artifact", *path.project, path.name, path.ref, self._file.path
        )


def collection_id(project: ProjectPath, name: str) -> str:
    """The id of a collection."""
    return make_id("ArtifactCollection", "v1", name, project.project, project.entity)


def collection_path(text: str) -> tuple[ProjectPath, str]:
    """The project and the name of a collection's id.

    Raises:
        NotFound: it is not the id of a collection.
    """
    _, name, project, entity = read_id("ArtifactCollection", text, 4)
    return ProjectPath(entity, project), name


def find_collection(info: Info, project: ProjectPath, name: str) -> CollectionNode | None:
    """A collection of a project; None if it is not found."""
    context = of(info)
    try:
        return CollectionNode(context.services.artifacts.collection(context.actor, project, name))
    except (NotFound, ConfigError):
        return None


def find_membership(
    info: Info, project: ProjectPath, name: str, ref: str
) -> MembershipNode | None:
    """A version of a collection, by number, alias or digest; None if it is not found."""
    context = of(info)
    try:
        found = context.versions.find(context.actor, VersionPath(project, name, ref or LATEST))
    except ConfigError:
        found = None
    if found is None and len(ref) == 32:
        found = context.versions.with_digest(context.actor, project, name, ref)
    return None if found is None or found.version is None else MembershipNode(found)


def list_collections(
    info: Info, project: ProjectPath, type_: str | None, after: str | None, first: int | None
) -> Connection[CollectionNode]:
    """A page of a project's collections, by name."""
    context = of(info)
    try:
        page = context.services.artifacts.list(
            context.actor, project, type_=type_, limit=limit_of(first), cursor=after or None
        )
    except NotFound:
        return part_of((), None, None)
    types = [one for one in page.types if type_ is None or one.name == type_]
    nodes = [CollectionNode(one) for one in page.collections]
    return page_of(nodes, page.cursor, sum(one.n_collections for one in types))


def list_types(
    info: Info, project: ProjectPath, after: str | None, first: int | None
) -> Connection[TypeNode]:
    """The types of a project's artifacts, by name."""
    context = of(info)
    try:
        found = context.services.artifacts.list(context.actor, project, limit=1).types
    except NotFound:
        found = []
    return part_of([TypeNode(project, one.name) for one in found], after, first)


def list_of_run(
    info: Info, run: RunPath, action: str, after: str | None, first: int | None
) -> Connection[ArtifactNode]:
    """The versions that a run logged or used."""
    context = of(info)
    found = context.services.artifacts.of_run(context.actor, run)
    versions: Sequence[Artifact] = found.used if action == "use" else found.logged
    context.work.add(len(versions))
    nodes = [ArtifactNode(one) for one in versions if one.version is not None]
    return part_of(nodes[:_MAX_LISTED], after, first)
