"""Versions and collections as they are shown, and the versions that names mean."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import msgspec

from weft.errors import NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.access.permissions import Action, may
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import (
    ArtifactRow,
    CollectionRow,
    LinkPlace,
    LinkRow,
    NodeRow,
    Transaction,
)
from weft.wire.artifacts.artifacts import (
    Artifact,
    ArtifactCollection,
    ArtifactLink,
    ArtifactRun,
    ArtifactSource,
)

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def find_collection(
    stores: Stores, tx: Transaction, project: ProjectPath, name: str
) -> CollectionRow:
    """A collection by its name."""
    row = stores.metadata.collections.find_collection(tx, stores.find_project(project), name)
    if row is None:
        raise NotFound(f"project {project} has no artifact {name!r}")
    return row


def find_version(
    stores: Stores, tx: Transaction, project: ProjectPath, name: str, ref: str
) -> ArtifactRow:
    """A stored version by its version name, an alias, or its digest."""
    collection = find_collection(stores, tx, project, name)
    row = stores.metadata.artifacts.by_ref(tx, collection.row_id, ref)
    if row is None:
        aliases = ", ".join(stores.metadata.collections.aliases(tx, collection.row_id))
        existing = f"its aliases are {aliases}" if aliases else "it has no versions"
        raise NotFound(f"artifact {project}/{name} has no version {ref!r}: {existing}")
    return row


def describe(
    stores: Stores, tx: Transaction, actor: Actor, rows: Iterable[ArtifactRow]
) -> list[Artifact]:
    """Versions as they are shown, without versions of projects that the actor may not see.

    A version of a registry is shown like its source, under its own name and aliases.
    """
    requested = [*rows]
    metadata = stores.metadata
    uses = metadata.artifact_uses
    rows_by_id = {row.row_id: row for row in requested}
    links = metadata.links.of(tx, rows_by_id.keys())
    if links:
        sources = {link.source_id for link in links.values()}
        rows_by_id |= {
            row.row_id: row for row in metadata.artifacts.by_ids(tx, sources - rows_by_id.keys())
        }
    nodes = {node.row_id: node for node in uses.artifact_nodes(tx, rows_by_id.keys())}
    run_ids = {row.run_row_id for row in rows_by_id.values() if row.run_row_id is not None}
    runs = {node.row_id: node for node in uses.run_nodes(tx, run_ids)}
    linked = links_to(stores, tx, actor, rows_by_id.keys() - links.keys())
    shown: list[Artifact] = []
    for row in requested:
        node = nodes.get(row.row_id)
        if node is None or not may(
            actor, Action.READ, holder_of(ProjectPath(node.entity, node.project))
        ):
            continue
        link = links.get(row.row_id)
        content = row if link is None else rows_by_id[link.source_id]
        run = runs.get(content.run_row_id or 0)
        if run is not None and not may(actor, Action.READ, ProjectPath(run.entity, run.project)):
            run = None
        shown.append(
            msgspec.structs.replace(
                _describe(row, node, run, content),
                source=None if link is None else _source(actor, link, row, nodes),
                links=linked.get(content.row_id, []),
            )
        )
    return shown


def links_to(
    stores: Stores, tx: Transaction, actor: Actor, row_ids: Collection[int]
) -> dict[int, list[ArtifactLink]]:
    """The links to some versions that the actor may see, by row id of these versions."""
    links: dict[int, list[ArtifactLink]] = {}
    for link in stores.metadata.links.to(tx, row_ids):
        if may(actor, Action.READ, holder_of(ProjectPath(link.entity, link.project))):
            links.setdefault(link.source_id, []).append(_link(link))
    return links


def _link(target: LinkPlace) -> ArtifactLink:
    return ArtifactLink(
        entity=target.entity,
        project=target.project,
        name=target.name,
        version=f"v{target.version}",
        aliases=target.aliases,
    )


def _source(
    actor: Actor, link: LinkRow, row: ArtifactRow, nodes: Mapping[int, NodeRow]
) -> ArtifactSource | None:
    node = nodes.get(link.source_id)
    if node is None:
        return None
    is_visible = may(actor, Action.READ, ProjectPath(node.entity, node.project))
    # The link stands for what one may not see, so that clients use the version all the same.
    shown = node if is_visible else nodes[row.row_id]
    return ArtifactSource(
        entity=shown.entity,
        project=shown.project,
        name=shown.name,
        version=f"v{shown.version}",
        linked_micros=row.created_micros,
        linked_by=link.user,
        is_hidden=not is_visible,
    )


def describe_collections(
    stores: Stores, tx: Transaction, project: ProjectPath, rows: Collection[CollectionRow]
) -> list[ArtifactCollection]:
    """Collections of a project as they are shown, each with its newest version."""
    metadata = stores.metadata
    row_ids = [row.row_id for row in rows]
    counts = metadata.artifacts.counts(tx, row_ids)
    begun = metadata.artifacts.n_begun(tx, row_ids)
    newest = metadata.artifacts.newest_of(tx, row_ids)
    aliases = metadata.collections.aliases_of(tx, row_ids)
    return [
        ArtifactCollection(
            entity=project.entity,
            project=project.project,
            name=row.name,
            type=row.type,
            description=row.description,
            tags=row.tags,
            has_links=row.has_links,
            created_micros=row.created_micros,
            n_versions=counts.get(row.row_id, 0),
            n_begun=begun.get(row.row_id, 0),
            aliases={alias: f"v{version}" for alias, version in aliases[row.row_id].items()},
            latest=(
                _describe(newest[row.row_id], _node(project, row), None, newest[row.row_id])
                if row.row_id in newest
                else None
            ),
        )
        for row in rows
    ]


def version_name(version: int | None) -> str | None:
    """The name of a version: `v` and its number."""
    return None if version is None else f"v{version}"


def _describe(
    row: ArtifactRow, node: NodeRow, run: NodeRow | None, content: ArtifactRow
) -> Artifact:
    """A version; `content` is the row that it points to, if it is a link."""
    return Artifact(
        entity=node.entity,
        project=node.project,
        name=node.name,
        type=node.label,
        version=version_name(row.version),
        state="awaited" if row.state == "announced" else row.state,
        aliases=row.aliases,
        tags=content.tags,
        description=content.description,
        metadata=_decode(content.metadata),
        digest=content.digest,
        n_files=content.n_files,
        n_bytes=content.n_bytes,
        created_micros=content.created_micros,
        expires_micros=content.expires_micros,
        ttl_secs=content.ttl_secs,
        step=content.step,
        locked_by=content.locked_by,
        locked_micros=content.locked_micros,
        logged_by=None
        if run is None
        else ArtifactRun(
            entity=run.entity,
            project=run.project,
            id=run.name,
            name=run.label,
            state=run.state,
        ),
        error=row.error,
    )


def _node(project: ProjectPath, row: CollectionRow) -> NodeRow:
    return NodeRow(row.row_id, project.entity, project.project, row.name, row.type, None, "")
