"""Artifacts: versions, their collections and types, their files, and what they are linked to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from weft.errors import ConfigError, NotFound
from weft.records.files.artifacts import LATEST
from weft.server.services.access import Action, ProjectPath, RunPath, may
from weft.wandb_gateway.artifacts import VersionPath
from weft.wandb_gateway.graphql.artifacts.artifact_file_nodes import ArtifactFileNode, ManifestNode
from weft.wandb_gateway.graphql.connections import (
    Connection,
    Edge,
    PageInfo,
    limit_of,
    page_of,
    part_of,
)
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode, RunInfoNode
from weft.wandb_gateway.graphql.values import json_text, time_text
from weft.wandb_gateway.ids import make_id, read_id
from weft.wandb_gateway.runs.config import read_object
from weft.wire.artifacts.artifacts import Artifact, ArtifactCollection

_MAX_LISTED: Final = 1000
_FILE_PAGE: Final = 10_000


class TagNode:
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

    def artifact_collection(self, context: Context) -> CollectionNode | None:
        return find_collection(context, self._project, self._collection)


class TypeNode:
    typename: Final = "ArtifactType"

    def __init__(self, project: ProjectPath, name: str) -> None:
        self._project = project
        self.id = make_id("ArtifactType", name, project.project, project.entity)
        self.name = name
        self.description: str | None = None

    def created_at(self, context: Context) -> str:
        collections = context.services.artifacts.list(
            context.actor, self._project, type_=self.name, limit=1
        ).collections
        return time_text(
            collections[0].created_micros if collections else context.services.stores.now()
        )

    def artifact_collection(self, context: Context, name: str) -> CollectionNode | None:
        collection = find_collection(context, self._project, name)
        return collection if collection is not None and collection.type_name == self.name else None

    def artifact_collections(
        self, context: Context, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[CollectionNode]:
        return list_collections(context, self._project, self.name, after, first)


class CollectionNode:
    """A collection of versions."""

    def __init__(self, collection: ArtifactCollection) -> None:
        self.path = ProjectPath(collection.entity, collection.project)
        self._collection = collection
        self.typename = "ArtifactPortfolio" if collection.has_links else "ArtifactSequence"
        self.id = collection_id(self.path, collection.name)
        self.name = collection.name
        self.type_name = collection.type
        self.description = collection.description or None
        self.state = "READY"
        self.created_at = time_text(collection.created_micros)
        self.updated_at = self.created_at
        self.digest_algorithm = "MANIFEST_MD5"

    def project(self, _: Context) -> ProjectInfoNode:
        return ProjectInfoNode(self.path)

    def default_artifact_type(self, _: Context) -> TypeNode:
        return TypeNode(self.path, self.type_name)

    def tags(self, _: Context, first: int | None = None) -> Connection[TagNode]:
        return part_of([TagNode(tag) for tag in self._collection.tags], None, first)

    def aliases(
        self, context: Context, after: str | None = None, first: int | None = None
    ) -> Connection[AliasNode]:
        collection = context.services.artifacts.collection(context.actor, self.path, self.name)
        nodes = [AliasNode(alias, self.path, self.name) for alias in collection.aliases]
        return part_of(nodes, after, first)

    def latest_artifact(self, _: Context) -> ArtifactNode | None:
        latest = self._collection.latest
        return None if latest is None else ArtifactNode(latest)

    def artifacts(
        self,
        context: Context,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
        filters: str | None = None,
    ) -> Connection[ArtifactNode]:
        _check_filters(filters)
        page = context.services.artifacts.versions(
            context.actor,
            self.path,
            self.name,
            limit=limit_of(first),
            cursor=after or None,
            oldest_first=_is_ascending(order),
        )
        edges = [
            Edge(ArtifactNode(version), page.cursor or "", version.version or "")
            for version in page.versions
        ]
        info_ = PageInfo(page.cursor, page.cursor is not None)
        return Connection(edges, info_, self._collection.n_versions)

    def artifact_membership(self, context: Context, alias_name: str) -> MembershipNode | None:
        return find_membership(context, self.path, self.name, alias_name)


class MembershipNode:
    """A version in a collection."""

    typename: Final = "ArtifactCollectionMembership"

    def __init__(self, version: Artifact) -> None:
        self._artifact = ArtifactNode(version)
        self._path = ProjectPath(version.entity, version.project)
        self.id = make_id("ArtifactMembership", version.name, version.version or "", *self._path)
        self.version_index = _version_index(version.version)
        linked_micros = None if version.source is None else version.source.linked_micros
        self.created_at = time_text(linked_micros or version.created_micros)
        self.aliases = [AliasNode(alias, self._path, version.name) for alias in version.aliases]

    def artifact_collection(self, context: Context) -> CollectionNode | None:
        return find_collection(context, self._path, self._artifact.path.name)

    def artifact(self, _: Context) -> ArtifactNode:
        return self._artifact

    def files(
        self,
        context: Context,
        names: list[str] | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[ArtifactFileNode]:
        return self._artifact.files(context, names, after, first)


class ArtifactNode:
    """A stored version. For a link the version that it points to, with the aliases of the link."""

    typename: Final = "Artifact"
    digest_algorithm: Final = "MANIFEST_MD5"

    def __init__(self, version: Artifact) -> None:
        self._artifact = version
        self.path = VersionPath.of(version)
        project = self.path.project
        source = version.source
        self.version_index = _version_index(version.version if source is None else source.version)
        # The client takes one off.
        self.history_step = None if version.step is None else version.step + 1
        self.description = version.description or None
        self.metadata = json_text(version.metadata)
        self.tags = [TagNode(tag) for tag in version.tags]
        self.state = "COMMITTED"
        self.size = version.n_bytes
        self.file_count = version.n_files
        self.commit_hash = version.digest[:32]
        self.created_at = time_text(version.created_micros)
        self.updated_at = self.created_at
        self.ttl_duration_seconds = -1 if version.ttl_secs is None else version.ttl_secs
        self.ttl_is_inherited = version.ttl_secs is None
        aliases = version.aliases
        if source is not None and version.version is not None:
            # In lists, the client reads the number of a link from its aliases.
            aliases = [*aliases, version.version]
        self.aliases = [AliasNode(alias, project, version.name) for alias in aliases]

    def id(self, context: Context) -> str:
        """Its id. A link has the id of its target, if the user may see the target."""
        return self._logged(context).id

    def _logged(self, context: Context) -> VersionPath:
        """The path under which the version was logged; the link's if the user may not see it."""
        source = self._artifact.source
        if source is None:
            return self.path
        project = ProjectPath(source.entity, source.project)
        if not may(context.actor, Action.READ, project):
            return self.path
        return VersionPath(project, source.name, source.version)

    def artifact_sequence(self, context: Context) -> CollectionNode:
        """The collection in which the version was logged, also if this is a link to it."""
        logged = self._logged(context)
        collection = context.services.artifacts.collection(
            context.actor, logged.project, logged.name
        )
        node = CollectionNode(collection)
        node.typename = "ArtifactSequence"
        return node

    def artifact_type(self, _: Context) -> TypeNode:
        return TypeNode(self.path.project, self._artifact.type)

    def digest(self, context: Context) -> str:
        return context.versions.digest(context.actor, self._artifact)

    def current_manifest(self, _: Context) -> ManifestNode:
        return ManifestNode(self.path)

    def created_by(self, _: Context) -> RunInfoNode | None:
        run = self._artifact.logged_by
        return None if run is None else RunInfoNode(RunPath(run.entity, run.project, run.id))

    def used_by(self, context: Context) -> Connection[RunInfoNode]:
        graph = context.services.lineage.of_version(context.actor, *self.path, depth=1)
        own = next(
            (
                node.id
                for node in graph.nodes
                if node.kind == "artifact" and (node.name, node.version) == self.path[1:]
            ),
            None,
        )
        after = {edge.target for edge in graph.edges if edge.source == own}
        runs = [node for node in graph.nodes if node.kind == "run" and node.id in after]
        return page_of(
            [RunInfoNode(RunPath(node.entity, node.project, node.name)) for node in runs]
        )

    def files(
        self,
        context: Context,
        names: list[str] | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[ArtifactFileNode]:
        if names:
            context.work.add(len(names) + self.file_count // 10)
            paths = set(names)
            selected = [
                file
                for file in context.versions.files(context.actor, self.path)
                if file.path in paths
            ]
            return page_of(
                [ArtifactFileNode(self.path, file) for file in selected], total=len(selected)
            )
        page = context.services.artifact_files.list(
            context.actor,
            *self.path,
            limit=limit_of(first, _FILE_PAGE),
            cursor=after or None,
        )
        nodes = [ArtifactFileNode(self.path, file) for file in page.files]
        return page_of(nodes, page.cursor, self.file_count)

    def files_by_manifest_entries(
        self,
        context: Context,
        storage_layout: str,
        manifest_version: str,
        entries: list[dict[str, Any]] | None = None,
        storage_region: str | None = None,
    ) -> Connection[ArtifactFileNode]:
        paths = {str(entry.get("path") or entry.get("name")) for entry in entries or ()}
        return self.files(context, sorted(paths)) if paths else page_of([])

    def artifact_memberships(self, context: Context) -> Connection[MembershipNode]:
        memberships = [MembershipNode(self._artifact)]
        for link in self._artifact.links:
            path = VersionPath(ProjectPath(link.entity, link.project), link.name, link.version)
            linked = context.versions.find_version(context.actor, path)
            if linked is not None:
                memberships.append(MembershipNode(linked))
        return page_of(memberships)


def _version_index(version: str | None) -> int:
    return int((version or "v0")[1:])


def _is_ascending(order: str | None) -> bool:
    """Whether an order of versions has the oldest first; times order them as their numbers do."""
    key = (order or "-versionIndex").removeprefix("+")
    is_ascending = not key.startswith("-")
    if key.removeprefix("-").replace("_", "").lower() not in {"versionindex", "createdat"}:
        raise ConfigError(f"order: versions have no order {key[:80]!r}", field="order")
    return is_ascending


def _check_filters(filters: str | None) -> None:
    """Refuse filters that would be ignored."""
    if filters and read_object(filters, "filters") not in ({}, {"state": "COMMITTED"}):
        raise ConfigError(
            "filters: weft does not filter versions; ask with tags=, or filter the list",
            field="filters",
        )


def collection_id(project: ProjectPath, name: str) -> str:
    return make_id("ArtifactCollection", "v1", name, project.project, project.entity)


class CollectionPath(NamedTuple):
    project: ProjectPath
    name: str


def collection_path(text: str) -> CollectionPath:
    """The collection of an id."""
    _, name, project, entity = read_id("ArtifactCollection", text, 4)
    return CollectionPath(ProjectPath(entity, project), name)


def find_collection(context: Context, project: ProjectPath, name: str) -> CollectionNode | None:
    """A collection of a project; None if it is not found."""
    try:
        return CollectionNode(context.services.artifacts.collection(context.actor, project, name))
    except (NotFound, ConfigError):
        return None


def find_membership(
    context: Context, project: ProjectPath, name: str, ref: str
) -> MembershipNode | None:
    """A version of a collection, by number, alias or digest; None if it is not found."""
    try:
        version = context.versions.find_version(
            context.actor, VersionPath(project, name, ref or LATEST)
        )
    except ConfigError:
        version = None
    if version is None and len(ref) == 32:
        version = context.versions.with_digest(context.actor, project, name, ref)
    return None if version is None or version.version is None else MembershipNode(version)


def list_collections(
    context: Context, project: ProjectPath, type_: str | None, after: str | None, first: int | None
) -> Connection[CollectionNode]:
    """A page of a project's collections, by name."""
    try:
        page = context.services.artifacts.list(
            context.actor, project, type_=type_, limit=limit_of(first), cursor=after or None
        )
    except NotFound:
        return part_of((), None, None)
    types = [entry for entry in page.types if type_ is None or entry.name == type_]
    nodes = [CollectionNode(collection) for collection in page.collections]
    return page_of(nodes, page.cursor, sum(entry.n_collections for entry in types))


def list_types(
    context: Context, project: ProjectPath, after: str | None, first: int | None
) -> Connection[TypeNode]:
    """The types of a project's artifacts, by name."""
    try:
        types = context.services.artifacts.list(context.actor, project, limit=1).types
    except NotFound:
        types = []
    return part_of([TypeNode(project, type_.name) for type_ in types], after, first)


def list_of_run(
    context: Context, run: RunPath, action: str, after: str | None, first: int | None
) -> Connection[ArtifactNode]:
    """The versions that a run logged or used."""
    artifacts = context.services.artifacts.of_run(context.actor, run)
    versions: Sequence[Artifact] = artifacts.used if action == "use" else artifacts.logged
    context.work.add(len(versions))
    nodes = [ArtifactNode(version) for version in versions if version.version is not None]
    return part_of(nodes[:_MAX_LISTED], after, first)
