"""Artifacts in the metadata database: versions of collections, from their announcement on.

A version is begun when a run log announces it, and gets its number and aliases in the transaction
that finds all of its contents stored. `artifact_collections` has its collection and the aliases,
`artifact_files` its files, `contents` says which of them are awaited, and `artifact_uses` which
runs logged or used it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select

from weft.records.files.artifacts import LATEST, version_number
from weft.server.storage.metadata.artifacts.files import blobs_of
from weft.server.storage.metadata.artifacts.uses import touch_runs_of
from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_alias,
    artifact_collection,
    artifact_link,
    entity,
    project,
    run,
)


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """A version of an artifact, or one that is still being sent.

    Attributes:
        version: its number; None until all contents are stored.
        state: `announced`, `awaited`, `part`, `stored`, `same`, `failed` or `deleted`.
        aliases: those it has; while it is being sent, those it will have.
        locked_by: who protects it from deletion; None if it is not locked.
    """

    row_id: int
    collection_id: int
    version: int | None
    state: str
    run_row_id: int | None
    writer: str
    folder: str
    aliases: list[str]
    tags: list[str]
    description: str
    metadata: str
    digest: str
    n_files: int
    n_bytes: int
    created_micros: int
    expires_micros: int | None
    ttl_secs: int | None
    step: int | None
    error: str | None
    same_as: int | None
    locked_by: str | None
    locked_micros: int | None


class ArtifactTable:
    """Reads and writes artifacts."""

    def begin(
        self,
        tx: Transaction,
        collection_id: int,
        run_row_id: int,
        writer: str,
        folder: str,
        aliases: Sequence[str],
        created_micros: int,
        *,
        error: str | None = None,
    ) -> None:
        """Add a version that a log announces, unless it was announced before."""
        tx.connection.execute(
            insert(tx, artifact)
            .values(
                collection_id=collection_id,
                state="announced" if error is None else "failed",
                run_id=run_row_id,
                writer=writer,
                folder=folder,
                aliases=json.dumps(list(aliases)),
                tags="[]",
                description="",
                metadata="{}",
                digest="",
                n_files=0,
                n_bytes=0,
                created_micros=created_micros,
                error=error,
            )
            .on_conflict_do_nothing()
        )

    def announced(self, tx: Transaction, run_row_id: int, writer: str) -> list[ArtifactRow]:
        """The versions of a log whose manifests were not read yet, in the order of the log."""
        query = _artifacts().where(
            artifact.c.run_id == run_row_id,
            artifact.c.writer == writer,
            artifact.c.version.is_(None),
            artifact.c.state == "announced",
        )
        return self._with_aliases(tx, query.order_by(artifact.c.folder))

    def awaited(self, tx: Transaction, run_row_id: int, writer: str) -> list[ArtifactRow]:
        """The versions of a log whose contents are still to come, in the order of the log."""
        query = _artifacts().where(
            artifact.c.run_id == run_row_id,
            artifact.c.writer == writer,
            artifact.c.version.is_(None),
            artifact.c.state == "awaited",
        )
        return self._with_aliases(tx, query.order_by(artifact.c.folder))

    def earlier(self, tx: Transaction, row: ArtifactRow) -> list[tuple[int, str]]:
        """Row ids and states of the versions of its collection that a version's log announced
        before it, and that have no number yet.
        """
        query = select(artifact.c.id, artifact.c.state).where(
            *_sent_with(row), artifact.c.folder < row.folder
        )
        return [(row_id, state) for row_id, state in tx.connection.execute(query)]

    def following(self, tx: Transaction, row: ArtifactRow) -> ArtifactRow | None:
        """The version of its collection that a version's log announced next, if still without a
        number.
        """
        query = _artifacts().where(*_sent_with(row), artifact.c.folder > row.folder)
        rows = self._with_aliases(tx, query.order_by(artifact.c.folder).limit(1))
        return rows[0] if rows else None

    def announcing(self, tx: Transaction) -> list[tuple[str, str, str, str]]:
        """Entity, project, run and writer of the logs that have announced such versions."""
        query = (
            select(entity.c.name, project.c.name, run.c.run, artifact.c.writer)
            .select_from(artifact.join(run, run.c.id == artifact.c.run_id))
            .join(project, project.c.id == run.c.project_id)
            .join(entity)
            .where(artifact.c.state == "announced")
            .group_by(entity.c.name, project.c.name, run.c.run, artifact.c.writer)
            .order_by(func.min(artifact.c.folder))
        )
        return [(row[0], row[1], row[2], row[3]) for row in tx.connection.execute(query)]

    def by_id(
        self, tx: Transaction, row_id: int, *, for_update: bool = False
    ) -> ArtifactRow | None:
        query = _artifacts().where(artifact.c.id == row_id)
        rows = self._with_aliases(tx, query.with_for_update() if for_update else query)
        return rows[0] if rows else None

    def find_version(
        self, tx: Transaction, entity_name: str, project_name: str, name: str, ref: str
    ) -> ArtifactRow | None:
        """A stored version by the name of its collection, and a version or alias."""
        query = (
            select(artifact_collection.c.id)
            .select_from(artifact_collection.join(project).join(entity))
            .where(
                entity.c.name == entity_name,
                project.c.name == project_name,
                project.c.trashed_micros.is_(None),
                artifact_collection.c.name == name,
            )
        )
        collection_id = tx.connection.execute(query).scalar_one_or_none()
        return None if collection_id is None else self.by_ref(tx, collection_id, ref)

    def announced_at(
        self, tx: Transaction, entity_name: str, project_name: str, name: str, folder: str
    ) -> ArtifactRow | None:
        """The version that a run of a project announced under a folder, also while it is sent."""
        query = (
            _artifacts()
            .select_from(artifact.join(artifact_collection).join(project).join(entity))
            .where(
                entity.c.name == entity_name,
                project.c.name == project_name,
                project.c.trashed_micros.is_(None),
                artifact_collection.c.name == name,
                artifact.c.folder == folder,
            )
        )
        return next(iter(self._with_aliases(tx, query)), None)

    def by_ref(self, tx: Transaction, collection_id: int, ref: str) -> ArtifactRow | None:
        """A stored version by its version name, an alias, or its digest."""
        number = version_number(ref)
        if number is not None:
            return self.by_version(tx, collection_id, number)
        return self.by_alias(tx, collection_id, ref) or self.by_digest(tx, collection_id, ref)

    def by_version(self, tx: Transaction, collection_id: int, version: int) -> ArtifactRow | None:
        """A stored version by its number."""
        query = _stored(collection_id).where(artifact.c.version == version)
        return next(iter(self._with_aliases(tx, query)), None)

    def by_alias(self, tx: Transaction, collection_id: int, alias: str) -> ArtifactRow | None:
        """A stored version by one of its aliases."""
        query = _stored(collection_id).join(artifact_alias).where(artifact_alias.c.alias == alias)
        return next(iter(self._with_aliases(tx, query)), None)

    def by_digest(self, tx: Transaction, collection_id: int, digest: str) -> ArtifactRow | None:
        """The newest stored version with a digest."""
        query = _stored(collection_id).where(artifact.c.digest == digest)
        query = query.order_by(artifact.c.version.desc()).limit(1)
        return next(iter(self._with_aliases(tx, query)), None)

    def newest(self, tx: Transaction, collection_id: int) -> ArtifactRow | None:
        """The stored version with the highest number."""
        return self.newest_of(tx, [collection_id]).get(collection_id)

    def newest_of(
        self, tx: Transaction, collection_ids: Collection[int]
    ) -> dict[int, ArtifactRow]:
        """The stored version with the highest number of each collection that has one."""
        highest = (
            select(artifact.c.collection_id, func.max(artifact.c.version).label("version"))
            .where(artifact.c.collection_id.in_(collection_ids), artifact.c.state == "stored")
            .group_by(artifact.c.collection_id)
            .subquery()
        )
        query = _artifacts().join(
            highest,
            (artifact.c.collection_id == highest.c.collection_id)
            & (artifact.c.version == highest.c.version),
        )
        return {row.collection_id: row for row in self._with_aliases(tx, query)}

    def by_ids(self, tx: Transaction, row_ids: Collection[int]) -> list[ArtifactRow]:
        """Versions by their row ids."""
        return self._with_aliases(tx, _artifacts().where(artifact.c.id.in_(row_ids)))

    def begun(self, tx: Transaction, run_row_id: int) -> list[ArtifactRow]:
        """Versions that a run has announced and are not stored, in the order of its logs."""
        query = _artifacts().where(
            artifact.c.run_id == run_row_id,
            artifact.c.version.is_(None),
            artifact.c.state != "same",
        )
        return self._with_aliases(tx, query.order_by(artifact.c.id))

    def begun_in(self, tx: Transaction, collection_id: int, limit: int) -> list[ArtifactRow]:
        """Versions that are still being sent to a collection, the oldest first."""
        query = _artifacts().where(artifact.c.collection_id == collection_id, _IS_BEGUN)
        return self._with_aliases(tx, query.order_by(artifact.c.id).limit(limit))

    def n_begun(self, tx: Transaction, collection_ids: Collection[int]) -> dict[int, int]:
        """Numbers of versions that are still being sent to collections, by row id."""
        return _counts(tx, collection_ids, _IS_BEGUN)

    def by_folder(self, tx: Transaction, run_row_id: int, folder: str) -> ArtifactRow | None:
        """The version that a run announced under a folder, also one that is still being sent."""
        query = _artifacts().where(artifact.c.run_id == run_row_id, artifact.c.folder == folder)
        return next(iter(self._with_aliases(tx, query)), None)

    def versions(
        self,
        tx: Transaction,
        collection_id: int,
        after: int | None,
        limit: int,
        *,
        oldest_first: bool = False,
    ) -> list[ArtifactRow]:
        """Stored versions, newest first, starting after the number `after` in this order."""
        query, number = _stored(collection_id), artifact.c.version
        if after is not None:
            query = query.where(number > after if oldest_first else number < after)
        order = number.asc() if oldest_first else number.desc()
        return self._with_aliases(tx, query.order_by(order).limit(limit))

    def counts(self, tx: Transaction, collection_ids: Collection[int]) -> dict[int, int]:
        """Numbers of the stored versions of collections, by row id."""
        return _counts(tx, collection_ids, artifact.c.state == "stored")

    def open(
        self,
        tx: Transaction,
        row_id: int,
        *,
        digest: str,
        description: str,
        metadata: str,
        tags: Sequence[str],
        n_files: int,
        n_bytes: int,
        expires_micros: int | None,
        ttl_secs: int | None = None,
        step: int | None = None,
    ) -> None:
        """Note what the manifest of an announced version says; its contents are awaited now."""
        tx.connection.execute(
            artifact.update()
            .where(artifact.c.id == row_id)
            .values(
                state="awaited",
                digest=digest,
                description=description,
                metadata=metadata,
                tags=json.dumps(list(tags)),
                n_files=n_files,
                n_bytes=n_bytes,
                expires_micros=expires_micros,
                ttl_secs=ttl_secs,
                step=step,
            )
        )

    def fail(self, tx: Transaction, row_id: int, error: str) -> None:
        """Note why a version that was announced can't be stored."""
        update_row(tx, artifact, row_id, state="failed", error=error)

    def store(self, tx: Transaction, row_id: int, version: int) -> None:
        """Give a version its number: all of its contents are stored."""
        update_row(tx, artifact, row_id, state="stored", version=version)

    def note_part(self, tx: Transaction, row_id: int) -> None:
        """Note that all contents of a part are stored."""
        update_row(tx, artifact, row_id, state="part")

    def resize(
        self, tx: Transaction, row_id: int, *, digest: str, n_files: int, n_bytes: int
    ) -> None:
        """Note what a version is, after it has got files of others."""
        update_row(tx, artifact, row_id, digest=digest, n_files=n_files, n_bytes=n_bytes)

    def note_same(self, tx: Transaction, row_id: int, same_as: int) -> None:
        """Note that a version that was announced has the files of one that is stored."""
        update_row(tx, artifact, row_id, state="same", same_as=same_as)

    def edit(
        self,
        tx: Transaction,
        row_id: int,
        *,
        description: str | None = None,
        metadata: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Set each given value of a version."""
        values: dict[str, Any] = {}
        if description is not None:
            values["description"] = description
        if metadata is not None:
            values["metadata"] = metadata
        if tags is not None:
            values["tags"] = json.dumps(list(tags))
        if values:
            update_row(tx, artifact, row_id, **values)

    def set_lifetime(
        self, tx: Transaction, row_id: int, ttl_secs: int | None, now_micros: int
    ) -> None:
        """Set how long from now on a version is kept; None: until a user deletes it."""
        expires_micros = None if ttl_secs is None else now_micros + ttl_secs * 1_000_000
        update_row(tx, artifact, row_id, ttl_secs=ttl_secs, expires_micros=expires_micros)

    def set_lock(self, tx: Transaction, row_id: int, user: str | None, micros: int | None) -> None:
        """Lock a version for a user as of a moment; None unlocks it."""
        values = {"locked_by": user, "locked_micros": micros}
        update_row(tx, artifact, row_id, **values)

    def locks_of_project(self, tx: Transaction, project_id: int) -> dict[str, str]:
        """Who locked each locked version of a project, by its name, as `digits:v3`."""
        return self._locks(tx, artifact_collection.c.project_id == project_id)

    def locks_of_collection(self, tx: Transaction, collection_id: int) -> dict[str, str]:
        """Who locked each locked version of a collection, by its name, as `digits:v3`."""
        return self._locks(tx, artifact_collection.c.id == collection_id)

    def _locks(self, tx: Transaction, condition: ColumnElement[bool]) -> dict[str, str]:
        query = (
            select(artifact_collection.c.name, artifact.c.version, artifact.c.locked_by)
            .join_from(
                artifact,
                artifact_collection,
                artifact_collection.c.id == artifact.c.collection_id,
            )
            .where(condition, artifact.c.locked_by.is_not(None), artifact.c.state == "stored")
            .order_by(artifact.c.id)
        )
        return {f"{row[0]}:v{row[1]}": row[2] for row in tx.connection.execute(query)}

    def note_deleted(self, tx: Transaction, row_id: int) -> None:
        """Take a version's aliases, and note that its files were deleted.

        Its number stays, so that it is never given again and runs that used it say so.
        """
        tx.connection.execute(
            artifact_alias.delete().where(artifact_alias.c.artifact_id == row_id)
        )
        update_row(tx, artifact, row_id, state="deleted")

    def drop_begun(self, tx: Transaction, run_row_ids: Sequence[int]) -> set[str]:
        """Delete versions that runs have begun and not completed; returns the blobs they used."""
        blobs: set[str] = set()
        for at in range(0, len(run_row_ids), MAX_PARAMETERS):
            batch = run_row_ids[at : at + MAX_PARAMETERS]
            begun = artifact.c.run_id.in_(batch) & artifact.c.version.is_(None)
            begun_versions = select(artifact.c.id).where(begun)
            blobs |= blobs_of(tx, begun_versions)
            tx.connection.execute(artifact.delete().where(begun))
        return blobs

    def drop_logged(self, tx: Transaction, run_row_ids: Sequence[int]) -> None:
        """Delete the versions that runs logged, and collections that then have none."""
        is_of_runs = artifact.c.run_id.in_(run_row_ids)
        query = select(artifact.c.collection_id).where(is_of_runs).distinct()
        for collection_id in list(tx.connection.execute(query).scalars()):
            of_it = artifact.c.collection_id == collection_id
            touch_runs_of(tx, select(artifact.c.id).where(of_it & is_of_runs))
            tx.connection.execute(artifact.delete().where(of_it & is_of_runs))
            newest = self.newest(tx, collection_id)
            if newest is not None:
                tx.connection.execute(
                    insert(tx, artifact_alias)
                    .values(collection_id=collection_id, alias=LATEST, artifact_id=newest.row_id)
                    .on_conflict_do_nothing()
                )
            elif not tx.connection.execute(select(artifact.c.id).where(of_it).limit(1)).first():
                tx.connection.execute(
                    artifact_collection.delete().where(artifact_collection.c.id == collection_id)
                )

    def expired(self, tx: Transaction, now_micros: int, limit: int) -> list[int]:
        """Row ids of stored versions whose time is over, and that are not in use.

        A version is in use if an alias but `latest` names it, if a link points to it, or if it is
        locked.
        """
        is_named = (
            select(artifact_alias.c.alias)
            .where(artifact_alias.c.artifact_id == artifact.c.id, artifact_alias.c.alias != LATEST)
            .exists()
        )
        is_linked = (
            select(artifact_link.c.link_id)
            .where(artifact_link.c.source_id == artifact.c.id)
            .exists()
        )
        query = (
            select(artifact.c.id)
            .where(
                artifact.c.expires_micros <= now_micros,
                artifact.c.state == "stored",
                artifact.c.locked_by.is_(None),
                ~is_named,
                ~is_linked,
            )
            .order_by(artifact.c.expires_micros)
            .limit(limit)
        )
        return list(tx.connection.execute(query).scalars())

    def _with_aliases(self, tx: Transaction, query: Select[*tuple[Any, ...]]) -> list[ArtifactRow]:
        """The rows of a query, those of stored versions with the aliases they have now."""
        rows = tx.connection.execute(query).all()
        stored = [row.id for row in rows if row.version is not None]
        aliases: dict[int, list[str]] = {}
        if stored:
            alias_query = select(artifact_alias.c.artifact_id, artifact_alias.c.alias)
            alias_query = alias_query.where(artifact_alias.c.artifact_id.in_(stored))
            for row_id, alias in tx.connection.execute(
                alias_query.order_by(artifact_alias.c.alias)
            ):
                aliases.setdefault(row_id, []).append(alias)
        return [_artifact(row, aliases) for row in rows]


_IS_BEGUN: Final = artifact.c.version.is_(None) & artifact.c.state.in_(("announced", "awaited"))


def _counts(
    tx: Transaction, collection_ids: Collection[int], condition: ColumnElement[bool]
) -> dict[int, int]:
    query = (
        select(artifact.c.collection_id, func.count())
        .where(artifact.c.collection_id.in_(collection_ids), condition)
        .group_by(artifact.c.collection_id)
    )
    return {row[0]: row[1] for row in tx.connection.execute(query)}


def _sent_with(row: ArtifactRow) -> tuple[ColumnElement[bool], ...]:
    """The condition of the versions that a version's log announces of its collection and that are
    still being sent.
    """
    return (
        artifact.c.run_id == row.run_row_id,
        artifact.c.writer == row.writer,
        artifact.c.version.is_(None),
        artifact.c.collection_id == row.collection_id,
        artifact.c.state.in_(("announced", "awaited")),
    )


def _artifacts() -> Select[*tuple[Any, ...]]:
    return select(artifact)


def _stored(collection_id: int) -> Select[*tuple[Any, ...]]:
    return _artifacts().where(
        artifact.c.collection_id == collection_id, artifact.c.state == "stored"
    )


def _artifact(row: Row[*tuple[Any, ...]], aliases: dict[int, list[str]]) -> ArtifactRow:
    is_begun = row.version is None
    return ArtifactRow(
        row_id=row.id,
        collection_id=row.collection_id,
        version=row.version,
        state=row.state,
        run_row_id=row.run_id,
        writer=row.writer,
        folder=row.folder,
        aliases=json.loads(row.aliases) if is_begun else aliases.get(row.id, []),
        tags=json.loads(row.tags),
        description=row.description,
        metadata=row.metadata,
        digest=row.digest,
        n_files=row.n_files,
        n_bytes=row.n_bytes,
        created_micros=row.created_micros,
        expires_micros=row.expires_micros,
        ttl_secs=row.ttl_secs,
        step=row.step,
        error=row.error,
        same_as=row.same_as,
        locked_by=row.locked_by,
        locked_micros=row.locked_micros,
    )
