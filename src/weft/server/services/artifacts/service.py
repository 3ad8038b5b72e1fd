"""Collections and versions of artifacts: list, read, edit, delete. Called by `http.artifacts`."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from weft.errors import Conflict, NotFound, Outdated
from weft.records.artifacts import LATEST, check_alias, check_tag
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, may_act_for, require
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import (
    ArtifactRow,
    CollectionRow,
    NodeRow,
    Transaction,
    clean_text,
)
from weft.wire.artifacts import (
    MAX_CHANGES,
    Artifact,
    ArtifactChange,
    ArtifactCollection,
    ArtifactEdit,
    ArtifactHistory,
    ArtifactRun,
    ArtifactType,
    CollectionList,
    RunArtifacts,
    VersionList,
)
from weft.wire.runs import MAX_PAGE

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_encode: Final = msgspec.json.encode


class ArtifactService:
    """Operations on artifacts. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(
        self,
        actor: Actor,
        project: ProjectPath,
        *,
        type_: str | None = None,
        search: str = "",
        limit: int = 100,
        cursor: str | None = None,
    ) -> CollectionList:
        """A page of a project's collections, by name.

        Raises:
            NotFound: no such project.
            ConfigError: the limit or cursor is invalid.
        """
        require(actor, Action.READ, project)
        check_limit(limit, MAX_PAGE)
        after = None if cursor is None else decode_cursor(cursor, str)
        project_id = self._stores.find_project(project)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            rows = metadata.collections.page(
                tx, project_id, type_=type_, search=search, after=after, limit=limit + 1
            )
            types = metadata.collections.types(tx, project_id)
            shown = self._describe_collections(tx, project, rows[:limit])
        return CollectionList(
            collections=shown,
            types=[ArtifactType(name=name, n_collections=n) for name, n in types.items()],
            cursor=encode_cursor(rows[limit - 1].name) if len(rows) > limit else None,
        )

    def collection(self, actor: Actor, project: ProjectPath, name: str) -> ArtifactCollection:
        """One collection.

        Raises:
            NotFound: no such project or collection.
        """
        require(actor, Action.READ, project)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = self._collection(tx, project, name)
            return self._describe_collections(tx, project, [row])[0]

    def edit_collection(
        self, actor: Actor, project: ProjectPath, name: str, description: str
    ) -> ArtifactCollection:
        """Describe a collection.

        Raises:
            NotFound: no such project or collection.
        """
        require(actor, Action.WRITE, project)
        metadata = self._stores.metadata
        with metadata.write() as tx:
            row = self._collection(tx, project, name)
            metadata.collections.describe(tx, row.row_id, clean_text(description))
        return self.collection(actor, project, name)

    def delete_collection(self, actor: Actor, project: ProjectPath, name: str) -> None:
        """Delete a collection with all its versions, and free their space at once.

        Raises:
            NotFound: no such project or collection.
        """
        require(actor, Action.DELETE, project)
        stores = self._stores
        with stores.metadata.write() as tx:
            row = self._collection(tx, project, name)
            stores.blobs.drop_after(tx, stores.metadata.collections.delete(tx, row.row_id))

    def versions(
        self,
        actor: Actor,
        project: ProjectPath,
        name: str,
        *,
        limit: int = 100,
        cursor: str | None = None,
    ) -> VersionList:
        """A page of a collection's versions, newest first.

        Raises:
            NotFound: no such project or collection.
            ConfigError: the limit or cursor is invalid.
        """
        require(actor, Action.READ, project)
        check_limit(limit, MAX_PAGE)
        before = None if cursor is None else decode_cursor(cursor, int)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            collection = self._collection(tx, project, name)
            rows = metadata.artifacts.versions(tx, collection.row_id, before, limit + 1)
            shown = describe(self._stores, tx, actor, rows[:limit])
        following = encode_cursor(rows[limit - 1].version) if len(rows) > limit else None
        return VersionList(versions=shown, cursor=following)

    def get(self, actor: Actor, project: ProjectPath, name: str, ref: str) -> Artifact:
        """One version, by its version name, an alias, or its digest.

        Raises:
            NotFound: no such project, collection or version.
        """
        require(actor, Action.READ, project)
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            return describe(self._stores, tx, actor, [row])[0]

    def edit(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, edit: ArtifactEdit
    ) -> Artifact:
        """Change what describes a version, and move aliases to it.

        Raises:
            NotFound: no such project, collection or version.
            Outdated: an alias was moved by someone else since it was seen; nothing has changed.
            ConfigError: an alias or a tag is invalid.
        """
        require(actor, Action.WRITE, project)
        stores = self._stores
        metadata = stores.metadata
        added = [check_alias(alias) for alias in edit.add_aliases]
        tags = {check_tag(tag): True for tag in edit.add_tags}
        now = stores.now()
        with metadata.write() as tx:
            row = find_version(stores, tx, project, name, ref)
            collection = metadata.collections.get(tx, row.collection_id, for_update=True)
            before = metadata.collections.aliases(tx, collection.row_id)
            if edit.seen_aliases is not msgspec.UNSET:
                _check_seen(edit.seen_aliases, before)
            self._move_aliases(tx, actor, row, before, added, edit.remove_aliases)
            kept = [tag for tag in row.tags if tag not in edit.remove_tags and tag not in tags]
            metadata.artifacts.edit(
                tx,
                row.row_id,
                description=(
                    None if edit.description is msgspec.UNSET else clean_text(edit.description)
                ),
                metadata=(
                    None if edit.metadata is msgspec.UNSET else _encode(edit.metadata).decode()
                ),
                tags=[*kept, *tags],
            )
            if edit.ttl_secs is not msgspec.UNSET:
                expires = None if edit.ttl_secs is None else now + edit.ttl_secs * 1_000_000
                metadata.artifacts.set_expiry(tx, row.row_id, expires)
            changed = metadata.artifacts.by_id(tx, row.row_id)
            assert changed is not None
            return describe(stores, tx, actor, [changed])[0]

    def _move_aliases(
        self,
        tx: Transaction,
        actor: Actor,
        row: ArtifactRow,
        before: Mapping[str, int],
        added: Iterable[str],
        removed: Iterable[str],
    ) -> None:
        collections, now = self._stores.metadata.collections, self._stores.now()
        user = actor.user or actor.entity
        for alias in dict.fromkeys(removed):
            if before.get(alias) == row.version:
                collections.remove_alias(tx, row.collection_id, alias)
                collections.note_change(
                    tx, row.collection_id, now, user, "alias", alias, row.version, None
                )
        for alias in dict.fromkeys(added):
            if before.get(alias) != row.version:
                collections.put_alias(tx, row.collection_id, alias, row.row_id)
                collections.note_change(
                    tx,
                    row.collection_id,
                    now,
                    user,
                    "alias",
                    alias,
                    before.get(alias),
                    row.version,
                )

    def delete(
        self,
        actor: Actor,
        project: ProjectPath,
        name: str,
        ref: str,
        *,
        with_aliases: bool = False,
    ) -> None:
        """Delete a version, and free its space at once. Its number is never given again.

        `latest` goes to the newest version that is left.

        Raises:
            NotFound: no such project, collection or version.
            Conflict: it has aliases besides `latest`, and `with_aliases` is not set.
        """
        require(actor, Action.DELETE, project)
        with self._stores.metadata.write() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            named = [alias for alias in row.aliases if alias != LATEST]
            if named and not with_aliases:
                raise Conflict(
                    f"{name}:v{row.version} has the alias {named[0]!r}: move it to another "
                    "version first, or delete it with its aliases"
                )
            delete_version(self._stores, tx, row, actor.user or actor.entity)

    def of_run(self, actor: Actor, run: RunPath, *, folder: str | None = None) -> RunArtifacts:
        """What a run logged, also what is still being sent, and what it used.

        Args:
            folder: only what became of the version that a log announced under this folder.

        Raises:
            NotFound: no such run.
            Gone: the run was deleted.
        """
        require(actor, Action.READ, run)
        metadata = self._stores.metadata
        entry = self._stores.find_run(run)
        with metadata.read() as tx:
            if folder is not None:
                row = metadata.artifacts.by_folder(tx, entry.row_id, folder)
                if row is not None and row.same_as is not None:
                    row = metadata.artifacts.by_id(tx, row.same_as)
                found = [] if row is None else [row]
                return RunArtifacts(logged=describe(self._stores, tx, actor, found), used=[])
            uses = metadata.artifact_uses.of_runs(tx, [entry.row_id])
            logged = [one.artifact_id for one in uses if one.action == "log"]
            used = [one.artifact_id for one in uses if one.action == "use"]
            rows = {row.row_id: row for row in metadata.artifacts.by_ids(tx, {*logged, *used})}
            begun = metadata.artifacts.begun(tx, entry.row_id)
            made = [rows[row_id] for row_id in logged if row_id in rows]
            return RunArtifacts(
                logged=describe(self._stores, tx, actor, [*made, *begun]),
                used=describe(
                    self._stores, tx, actor, [rows[row_id] for row_id in used if row_id in rows]
                ),
            )

    def history(
        self, actor: Actor, project: ProjectPath, name: str, *, limit: int = 100
    ) -> ArtifactHistory:
        """The newest changes of a collection: who moved which alias.

        Raises:
            NotFound: no such project or collection.
            ConfigError: the limit is invalid.
        """
        require(actor, Action.READ, project)
        check_limit(limit, MAX_CHANGES)
        collections = self._stores.metadata.collections
        with self._stores.metadata.read() as tx:
            row = self._collection(tx, project, name)
            changes = collections.changes(tx, row.row_id, limit)
            total = collections.n_changes(tx, row.row_id)
        return ArtifactHistory(
            changes=[
                ArtifactChange(
                    changed_micros=micros,
                    user=user,
                    action=action,
                    alias=alias,
                    from_version=version_name(from_version),
                    to_version=version_name(to_version),
                )
                for micros, user, action, alias, from_version, to_version in changes
            ],
            total=total,
        )

    def _collection(self, tx: Transaction, project: ProjectPath, name: str) -> CollectionRow:
        return find_collection(self._stores, tx, project, name)

    def _describe_collections(
        self, tx: Transaction, project: ProjectPath, rows: Sequence[CollectionRow]
    ) -> builtins.list[ArtifactCollection]:
        metadata = self._stores.metadata
        row_ids = [row.row_id for row in rows]
        counts = metadata.artifacts.counts(tx, row_ids)
        newest = metadata.artifacts.newest_of(tx, row_ids)
        aliases = metadata.collections.aliases_of(tx, row_ids)
        return [
            ArtifactCollection(
                entity=project.entity,
                project=project.project,
                name=row.name,
                type=row.type,
                description=row.description,
                created_micros=row.created_micros,
                n_versions=counts.get(row.row_id, 0),
                aliases={alias: f"v{version}" for alias, version in aliases[row.row_id].items()},
                latest=(
                    _describe(newest[row.row_id], _place(project, row), None)
                    if row.row_id in newest
                    else None
                ),
            )
            for row in rows
        ]


def find_collection(
    stores: Stores, tx: Transaction, project: ProjectPath, name: str
) -> CollectionRow:
    """A collection by its name.

    Raises:
        NotFound: no such project or collection.
    """
    row = stores.metadata.collections.find(tx, stores.find_project(project), name)
    if row is None:
        raise NotFound(f"project {project} has no artifact {name!r}")
    return row


def find_version(
    stores: Stores, tx: Transaction, project: ProjectPath, name: str, ref: str
) -> ArtifactRow:
    """A stored version by its version name, an alias, or its digest.

    Raises:
        NotFound: no such project, collection or version.
    """
    collection = find_collection(stores, tx, project, name)
    row = stores.metadata.artifacts.by_ref(tx, collection.row_id, ref)
    if row is None:
        aliases = ", ".join(stores.metadata.collections.aliases(tx, collection.row_id))
        known = f"its aliases are {aliases}" if aliases else "it has no versions"
        raise NotFound(f"artifact {project}/{name} has no version {ref!r}: {known}")
    return row


def delete_version(stores: Stores, tx: Transaction, row: ArtifactRow, user: str) -> None:
    """Delete a version's files and aliases; its space is freed once `tx` is durable."""
    metadata = stores.metadata
    stores.blobs.drop_after(tx, metadata.artifact_files.clear(tx, row.row_id))
    metadata.artifacts.note_deleted(tx, row.row_id)
    metadata.collections.note_change(
        tx, row.collection_id, stores.now(), user, "delete", "", row.version, None
    )
    newest = metadata.artifacts.newest(tx, row.collection_id)
    if LATEST in row.aliases and newest is not None:
        metadata.collections.put_alias(tx, row.collection_id, LATEST, newest.row_id)


def describe(
    stores: Stores, tx: Transaction, actor: Actor, rows: Iterable[ArtifactRow]
) -> builtins.list[Artifact]:
    """Versions as they are shown, without those of projects that the actor may not see."""
    asked = [*rows]
    uses = stores.metadata.artifact_uses
    places = {node.row_id: node for node in uses.artifact_nodes(tx, {row.row_id for row in asked})}
    run_ids = {row.run_row_id for row in asked if row.run_row_id is not None}
    runs = {node.row_id: node for node in uses.run_nodes(tx, run_ids)}
    shown: builtins.list[Artifact] = []
    for row in asked:
        place = places.get(row.row_id)
        if place is None or not may_act_for(actor, ProjectPath(place.entity, place.project)):
            continue
        run = runs.get(row.run_row_id or 0)
        if run is not None and not may_act_for(actor, ProjectPath(run.entity, run.project)):
            run = None
        shown.append(_describe(row, place, run))
    return shown


def version_name(version: int | None) -> str | None:
    """The name of a version: `v` and its number."""
    return None if version is None else f"v{version}"


def _describe(row: ArtifactRow, place: NodeRow, run: NodeRow | None) -> Artifact:
    return Artifact(
        entity=place.entity,
        project=place.project,
        name=place.name,
        type=place.label,
        version=version_name(row.version),
        state="awaited" if row.state == "announced" else row.state,
        aliases=row.aliases,
        tags=row.tags,
        description=row.description,
        metadata=_decode(row.metadata),
        digest=row.digest,
        n_files=row.n_files,
        n_bytes=row.n_bytes,
        created_micros=row.created_micros,
        expires_micros=row.expires_micros,
        logged_by=run
        and ArtifactRun(
            entity=run.entity,
            project=run.project,
            id=run.name,
            name=run.label,
            state=run.state,
        ),
        error=row.error,
    )


def _place(project: ProjectPath, row: CollectionRow) -> NodeRow:
    return NodeRow(row.row_id, project.entity, project.project, row.name, row.type, None, "")


def _check_seen(seen: Mapping[str, str], now: Mapping[str, int]) -> None:
    for alias, version in seen.items():
        present = version_name(now.get(alias))
        if present != version:
            raise Outdated(
                f"alias {alias!r} is at {present or 'no version'} by now, not at {version}: "
                "look again, then decide"
            )
