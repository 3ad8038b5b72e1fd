"""Collections and versions of artifacts: list, read, edit, delete. See `http.artifacts`."""

from __future__ import annotations

import builtins
from typing import Any, Final

import msgspec

from weft.errors import ConfigError, Conflict, LimitExceeded, NotFound
from weft.records.actions.activity import ActivityAction
from weft.records.files.artifact_references import files_address
from weft.records.files.artifacts import (
    LATEST,
    check_alias,
    check_artifact_name,
    check_artifact_type,
    check_tag,
    parse_link_target,
)
from weft.records.ids import DEFAULT_ENTITY, REGISTRY
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.locked import (
    check_unlocked,
    refusal_of_deletion,
    refusal_of_locking,
    refusal_of_unlocking,
)
from weft.server.services.access.paths import ProjectPath, RunPath, holder_of
from weft.server.services.access.permissions import Action, require
from weft.server.services.artifacts.aliases import check_expected, move_aliases, moved_aliases
from weft.server.services.artifacts.describing import (
    describe,
    describe_collections,
    find_collection,
    find_version,
    version_name,
)
from weft.server.services.artifacts.linking import (
    check_unlinked,
    link_version,
    linking_right,
    source_for,
    unlink_version,
    version_path,
)
from weft.server.services.artifacts.roles import require_member
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import (
    ActivityObject,
    ArtifactRow,
    CollectionRow,
    Transaction,
    clean_text,
)
from weft.wire.artifacts.artifacts import (
    MAX_CHANGES,
    MAX_METADATA_BYTES,
    Artifact,
    ArtifactChange,
    ArtifactCollection,
    ArtifactEdit,
    ArtifactHistory,
    ArtifactType,
    CollectionEdit,
    CollectionList,
    RunArtifacts,
    RunLink,
    VersionList,
)
from weft.wire.artifacts.registries import NewLink
from weft.wire.runs.runs import MAX_PAGE

_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_encode: Final = msgspec.json.encode


class ArtifactService(Service):
    """Operations on artifacts. Thread-safe."""

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

        `search` is a text in the name, the description or the tags, or in the description, the
        tags or the metadata of a version; it ignores case.
        """
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_PAGE)
        after = None if cursor is None else decode_cursor(cursor, str)
        project_id = self._stores.find_project(project)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            rows = metadata.collections.page(
                tx, project_id, type_=type_, search=search, after=after, limit=limit + 1
            )
            types = metadata.collections.types(tx, project_id)
            shown = describe_collections(self._stores, tx, project, rows[:limit])
        return CollectionList(
            collections=shown,
            types=[ArtifactType(name=name, n_collections=n) for name, n in types.items()],
            cursor=encode_cursor(rows[limit - 1].name) if len(rows) > limit else None,
        )

    def collection(self, actor: Actor, project: ProjectPath, name: str) -> ArtifactCollection:
        require(actor, Action.READ, holder_of(project))
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = find_collection(self._stores, tx, project, name)
            return describe_collections(self._stores, tx, project, [row])[0]

    def edit_collection(
        self, actor: Actor, project: ProjectPath, name: str, edit: CollectionEdit
    ) -> ArtifactCollection:
        """Change a collection.

        Its type can't change if it has links or links point to its versions.
        """
        require(actor, Action.WRITE, holder_of(project))
        metadata = self._stores.metadata
        tags = {check_tag(tag): True for tag in edit.add_tags}
        type_ = None if edit.type is msgspec.UNSET else check_artifact_type(edit.type)
        new_name = name if edit.name is msgspec.UNSET else check_artifact_name(edit.name)
        with metadata.write() as tx:
            row = find_collection(self._stores, tx, project, name)
            row = metadata.collections.get(tx, row.row_id, for_update=True)
            require_member(self._stores, tx, actor, row, ())
            if type_ is not None and type_ != row.type:
                if row.has_links:
                    raise ConfigError("the type of a collection of links stays", field="type")
                check_unlinked(actor, metadata.links.to_collection(tx, row.row_id), name)
            if new_name != name:
                if metadata.collections.find_collection(tx, row.project_id, new_name) is not None:
                    raise Conflict(f"project {project} has an artifact {new_name!r} already")
                metadata.artifact_files.move_references(
                    tx, files_address(*project, name), files_address(*project, new_name)
                )
            remaining_tags = [
                tag for tag in row.tags if tag not in edit.remove_tags and tag not in tags
            ]
            description = None
            if edit.description is not msgspec.UNSET:
                description = clean_text(edit.description)
                if description != row.description:
                    self._note_description(tx, actor, row.row_id, None)
            metadata.collections.edit(
                tx,
                row.row_id,
                name=None if new_name == name else new_name,
                description=description,
                type_=type_,
                tags=[*remaining_tags, *tags],
            )
        return self.collection(actor, project, new_name)

    def delete_collection(self, actor: Actor, project: ProjectPath, name: str) -> None:
        """Delete a collection with all its versions, and free their space at once.

        In a registry it has links, whose versions stay. Only admins of the registry may.
        Conflict if a version is locked or linked.
        """
        require(actor, Action.DELETE, holder_of(project))
        if project.entity == REGISTRY:
            require(actor, Action.ADMIN, holder_of(project))
        stores = self._stores
        with stores.metadata.write() as tx:
            row = find_collection(self._stores, tx, project, name)
            stores.metadata.collections.get(tx, row.row_id, for_update=True)
            check_unlinked(actor, stores.metadata.links.to_collection(tx, row.row_id), f"{name}")
            locks = stores.metadata.artifacts.locks_of_collection(tx, row.row_id)
            check_unlocked(locks, f"artifact {name}")
            stores.blobs.drop_after(tx, stores.metadata.collections.delete(tx, row.row_id))
            stores.audit.note(tx, actor, "artifact.remove", project.entity, f"{project}/{name}")

    def versions(
        self,
        actor: Actor,
        project: ProjectPath,
        name: str,
        *,
        limit: int = 100,
        cursor: str | None = None,
        oldest_first: bool = False,
    ) -> VersionList:
        """A page of a collection's versions, newest first; with the first, what is being sent."""
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_PAGE)
        after = None if cursor is None else decode_cursor(cursor, int)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            collection = find_collection(self._stores, tx, project, name)
            rows = metadata.artifacts.versions(
                tx, collection.row_id, after, limit + 1, oldest_first=oldest_first
            )
            shown = describe(self._stores, tx, actor, rows[:limit])
            begun = (
                metadata.artifacts.begun_in(tx, collection.row_id, MAX_PAGE)
                if after is None
                else []
            )
            sent = describe(self._stores, tx, actor, begun)
        following = encode_cursor(rows[limit - 1].version) if len(rows) > limit else None
        return VersionList(versions=shown, begun=sent, cursor=following)

    def get(self, actor: Actor, project: ProjectPath, name: str, ref: str) -> Artifact:
        """One version, by its version name, an alias, or its digest."""
        require(actor, Action.READ, holder_of(project))
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            return describe(self._stores, tx, actor, [row])[0]

    def edit(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, edit: ArtifactEdit
    ) -> Artifact:
        """Change a version. Of a link only aliases are moved: the version it points to has the
        rest.

        Outdated if another user moved an alias since it was read; nothing has changed then.
        Forbidden if the alias is protected in a registry.
        """
        require(actor, Action.WRITE, holder_of(project))
        changed_metadata = None if edit.metadata is msgspec.UNSET else _encode(edit.metadata)
        if changed_metadata is not None and len(changed_metadata) > MAX_METADATA_BYTES:
            raise LimitExceeded(
                f"the metadata of a version has at most {MAX_METADATA_BYTES:,} bytes as JSON, not "
                f"{len(changed_metadata):,}"
            )
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
                check_expected(edit.seen_aliases, before)
            moved = moved_aliases(before, row.version, added, edit.remove_aliases)
            require_member(stores, tx, actor, collection, moved)
            if collection.has_links:
                _check_only_aliases(stores, tx, actor, row, edit)
            move_aliases(
                stores, tx, collection.row_id, row.row_id, row.version, added,
                before=before, removed=edit.remove_aliases, user=actor.user or actor.entity,
            )  # fmt: skip
            if moved:
                aliases = ", ".join(sorted(moved))
                self._note(tx, actor, project, "artifact.alias", collection, row, note=aliases)
            remaining_tags = [
                tag for tag in row.tags if tag not in edit.remove_tags and tag not in tags
            ]
            description = None
            if edit.description is not msgspec.UNSET:
                description = clean_text(edit.description)
                if description != row.description:
                    self._note_description(tx, actor, collection.row_id, row.version)
            metadata.artifacts.edit(
                tx,
                row.row_id,
                description=description,
                metadata=None if changed_metadata is None else changed_metadata.decode(),
                tags=[*remaining_tags, *tags],
            )
            if edit.is_locked is not msgspec.UNSET:
                self._set_lock(tx, actor, project, name, row, is_locked=edit.is_locked)
            if edit.ttl_secs is not msgspec.UNSET:
                metadata.artifacts.set_lifetime(tx, row.row_id, edit.ttl_secs, now)
            changed = metadata.artifacts.by_id(tx, row.row_id)
            assert changed is not None
            return describe(stores, tx, actor, [changed])[0]

    def _note_description(
        self, tx: Transaction, actor: Actor, collection_id: int, version: int | None
    ) -> None:
        """Note a new description of a version, or of the collection, in its history."""
        self._stores.metadata.collections.note_change(
            tx, collection_id, self._stores.now(), actor.user or actor.entity, "describe", "",
            None, version,
        )  # fmt: skip

    def _set_lock(
        self,
        tx: Transaction,
        actor: Actor,
        project: ProjectPath,
        name: str,
        row: ArtifactRow,
        *,
        is_locked: bool,
    ) -> None:
        """Lock or unlock a version. One that is locked already keeps the user who locked it."""
        if is_locked == (row.locked_by is not None):
            return
        version = f"{project}/{name}:v{row.version}"
        artifacts, audit = self._stores.metadata.artifacts, self._stores.audit
        if is_locked:
            if self._stores.originals is not None:
                raise refusal_of_locking()
            artifacts.set_lock(tx, row.row_id, actor.named_editor, self._stores.now())
            audit.note(tx, actor, "lock.add", project.entity, version)
            return
        refusal = refusal_of_unlocking(actor, holder_of(project), version, row.locked_by)
        if refusal is not None:
            raise refusal
        artifacts.set_lock(tx, row.row_id, None, None)
        before = {"locked_by": row.locked_by}
        audit.note(tx, actor, "lock.remove", project.entity, version, before)

    def link(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, new: NewLink
    ) -> Artifact:
        """Have a version of a registry, or of a project, point to a version.

        Returns the version there. See `link_version`.
        """
        require(actor, linking_right(project), holder_of(project))
        stores = self._stores
        target = parse_link_target(new.target)
        aliases = [check_alias(alias) for alias in new.aliases]
        expected = None if new.seen_aliases is msgspec.UNSET else new.seen_aliases
        with stores.metadata.write() as tx:
            row = find_version(stores, tx, project, name, ref)
            source_id = stores.metadata.links.source_id(tx, row.row_id)
            source = stores.metadata.artifacts.by_id(tx, source_id, for_update=True)
            if source is None or source.state != "stored":
                raise NotFound(f"artifact {project}/{name}:{ref} was deleted")
            link_id = link_version(
                stores, tx, actor, source, target, aliases,
                user=actor.user or actor.entity, expected=expected,
            )  # fmt: skip
            return describe(stores, tx, actor, stores.metadata.artifacts.by_ids(tx, [link_id]))[0]

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

        `latest` moves to the newest remaining version. A link is removed: its source stays.
        Conflict if the version is locked, is linked in a registry, or has aliases besides
        `latest` without `with_aliases`.
        """
        require(actor, Action.DELETE, holder_of(project))
        with self._stores.metadata.write() as tx:
            unlocked = find_version(self._stores, tx, project, name, ref)
            row = self._stores.metadata.artifacts.by_id(tx, unlocked.row_id, for_update=True)
            if row is None or row.state != "stored":
                raise NotFound(f"artifact {project}/{name}:{ref} was deleted")
            links = self._stores.metadata.links.to(tx, [row.row_id])
            check_unlinked(actor, links, f"{name}:v{row.version}")
            if row.locked_by is not None:
                raise refusal_of_deletion(f"{name}:v{row.version}", row.locked_by)
            named = [alias for alias in row.aliases if alias != LATEST]
            if named and not with_aliases:
                raise Conflict(
                    f"{name}:v{row.version} has the alias {named[0]!r}: move it to another "
                    "version first, or delete it with its aliases"
                )
            user = actor.user or actor.entity
            collection = self._stores.metadata.collections.get(tx, row.collection_id)
            if collection.has_links:
                require_member(self._stores, tx, actor, collection, named)
                unlink_version(self._stores, tx, row, user)
            else:
                delete_version(self._stores, tx, row, user)
                self._note(tx, actor, project, "artifact.remove", collection, row)
            version = f"{project}/{name}:v{row.version}"
            aliases = {"aliases": row.aliases}
            self._stores.audit.note(tx, actor, "artifact.remove", project.entity, version, aliases)

    def _note(
        self,
        tx: Transaction,
        actor: Actor,
        project: ProjectPath,
        action: ActivityAction,
        collection: CollectionRow,
        row: ArtifactRow,
        *,
        note: str = "",
    ) -> None:
        """Note a change in the activity of a project. A registry has the history of its own."""
        if project.entity == REGISTRY:
            return
        changed = ActivityObject(f"{collection.name}:v{row.version}", type=collection.type)
        activity = self._stores.activity
        activity.note(tx, collection.project_id, actor.user, action, [changed], note=note)

    def of_run(self, actor: Actor, run: RunPath, *, folder: str | None = None) -> RunArtifacts:
        """The versions that a run logged, also those still being sent, used, and linked.

        With `folder`, only the version that a log announced under it.
        """
        require(actor, Action.READ, run)
        metadata = self._stores.metadata
        entry = self._stores.find_run(run)
        with metadata.read() as tx:
            if folder is not None:
                row = metadata.artifacts.by_folder(tx, entry.row_id, folder)
                if row is not None and row.same_as is not None:
                    row = metadata.artifacts.by_id(tx, row.same_as)
                rows_of_folder = [] if row is None else [row]
                return RunArtifacts(
                    logged=describe(self._stores, tx, actor, rows_of_folder),
                    used=[],
                    links=_links_of_run(self._stores, tx, actor, entry.row_id, folder),
                )
            uses = metadata.artifact_uses.of_runs(tx, [entry.row_id])
            logged = [use.artifact_id for use in uses if use.action == "log"]
            used = [use.artifact_id for use in uses if use.action == "use"]
            rows = {row.row_id: row for row in metadata.artifacts.by_ids(tx, {*logged, *used})}
            begun = metadata.artifacts.begun(tx, entry.row_id)
            stored = [rows[row_id] for row_id in logged if row_id in rows]
            return RunArtifacts(
                logged=describe(self._stores, tx, actor, [*stored, *begun]),
                used=describe(
                    self._stores, tx, actor, [rows[row_id] for row_id in used if row_id in rows]
                ),
                links=_links_of_run(self._stores, tx, actor, entry.row_id),
            )

    def history(
        self, actor: Actor, project: ProjectPath, name: str, *, limit: int = 100
    ) -> ArtifactHistory:
        """The newest changes of a collection: moves of aliases, with their users."""
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_CHANGES)
        collections = self._stores.metadata.collections
        with self._stores.metadata.read() as tx:
            row = find_collection(self._stores, tx, project, name)
            changes = collections.changes(tx, row.row_id, limit)
            total = collections.n_changes(tx, row.row_id)
        return ArtifactHistory(
            changes=[
                ArtifactChange(
                    changed_micros=change.changed_micros,
                    user=change.user,
                    action=change.action,
                    alias=change.alias,
                    from_version=version_name(change.from_version),
                    to_version=version_name(change.to_version),
                    source=change.source and source_for(actor, change.source),
                )
                for change in changes
            ],
            total=total,
        )


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


def _links_of_run(
    stores: Stores,
    tx: Transaction,
    actor: Actor,
    run_row_id: int,
    folder: str | None = None,
) -> builtins.list[RunLink]:
    """The links that a run asked for, without those that were made where the actor may not look;
    the reason of one that failed tells no more than what its log says.
    """
    requests = [
        request
        for request in stores.metadata.links.requests(tx, run_row_id)
        if folder is None or request.folder == folder
        if request.state == "failed"
        # `local` is the entity of the run, which the actor sees
        or request.target.startswith(f"{DEFAULT_ENTITY}/")
        or source_for(actor, request.target)
    ]
    link_rows = stores.metadata.artifacts.by_ids(
        tx, {request.link_id for request in requests if request.link_id is not None}
    )
    versions = {row.row_id: row.version for row in link_rows}
    return [
        RunLink(
            source=request.source or request.folder,
            target=request.target,
            aliases=request.aliases,
            state=request.state,
            version=version_name(versions.get(request.link_id or 0)),
            error=request.error,
        )
        for request in requests
    ]


def _check_only_aliases(
    stores: Stores, tx: Transaction, actor: Actor, row: ArtifactRow, edit: ArtifactEdit
) -> None:
    changes = (edit.description, edit.metadata, edit.ttl_secs, edit.is_locked)
    if edit.add_tags or edit.remove_tags or any(change is not msgspec.UNSET for change in changes):
        source = version_path(stores, tx, stores.metadata.links.source_id(tx, row.row_id))
        shown = source_for(actor, source) or "a version of a project that you can't see"
        raise ConfigError(f"this is a link: describe, tag and lock what it points to, {shown}")
