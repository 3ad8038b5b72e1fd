"""Links in the metadata database: versions that point to versions of other collections.

A link is a row of `artifact` in a collection of a registry, or of links in a project. It has a
number and aliases of its own, and no files. Links that a run log asks for wait here until their
version is stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select

from weft.server.storage.metadata.artifacts.versions import ArtifactRow
from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_alias,
    artifact_collection,
    artifact_link,
    artifact_link_request,
    entity,
    project,
)


class LinkRow(NamedTuple):
    """The version that a link points to, and the user who linked it."""

    link_id: int
    source_id: int
    user: str


@dataclass(frozen=True, slots=True)
class LinkPlace:
    """A version that points to a version, and where it is."""

    link_id: int
    source_id: int
    entity: str
    project: str
    name: str
    version: int
    aliases: list[str]


@dataclass(frozen=True, slots=True)
class LinkRequestRow:
    """A link that a run log asks for: `awaited`, `made` or `failed`.

    `folder` belongs to the version that the run logs; '' if `source` names another one.
    """

    row_id: int
    run_row_id: int
    folder: str
    source: str
    target: str
    aliases: list[str]
    user: str
    state: str
    error: str | None
    link_id: int | None


class LinkTable:
    """Reads and writes links."""

    def add_link(
        self,
        tx: Transaction,
        collection_id: int,
        version: int,
        source: ArtifactRow,
        user: str,
        now_micros: int,
    ) -> int:
        """Add a version that points to a stored one; its row id."""
        link_id = tx.connection.execute(
            artifact.insert()
            .values(
                collection_id=collection_id,
                version=version,
                state="stored",
                writer="",
                folder="",
                aliases="[]",
                tags="[]",
                description="",
                metadata="{}",
                digest=source.digest,
                n_files=source.n_files,
                n_bytes=source.n_bytes,
                created_micros=now_micros,
            )
            .returning(artifact.c.id)
        ).scalar_one()
        tx.connection.execute(
            artifact_link.insert().values(link_id=link_id, source_id=source.row_id, user=user)
        )
        return link_id

    def remove(self, tx: Transaction, link_id: int) -> None:
        """Let a version point to nothing; its number is not given again."""
        tx.connection.execute(artifact_link.delete().where(artifact_link.c.link_id == link_id))

    def of(self, tx: Transaction, row_ids: Collection[int]) -> dict[int, LinkRow]:
        """Targets of versions that are links, by row id; others are left out."""
        query = select(
            artifact_link.c.link_id, artifact_link.c.source_id, artifact_link.c.user
        ).where(artifact_link.c.link_id.in_(row_ids))
        return {row[0]: LinkRow(*row) for row in tx.connection.execute(query)}

    def source_id(self, tx: Transaction, row_id: int) -> int:
        """The row id of the version that a version points to; of one that is no link its own."""
        link = self.of(tx, [row_id]).get(row_id)
        return row_id if link is None else link.source_id

    def find_link(self, tx: Transaction, collection_id: int, source_id: int) -> int | None:
        """The row id of a collection's version that points to a version."""
        query = (
            select(artifact_link.c.link_id)
            .join(artifact, artifact.c.id == artifact_link.c.link_id)
            .where(
                artifact.c.collection_id == collection_id,
                artifact_link.c.source_id == source_id,
            )
        )
        return tx.connection.execute(query).scalar_one_or_none()

    def to(self, tx: Transaction, source_ids: Collection[int]) -> list[LinkPlace]:
        """The links to some versions, by their names."""
        return self._places(tx, artifact_link.c.source_id.in_(source_ids))

    def to_collection(self, tx: Transaction, collection_id: int) -> list[LinkPlace]:
        """The links to versions of a collection."""
        own_versions = select(artifact.c.id).where(artifact.c.collection_id == collection_id)
        return self._places(tx, artifact_link.c.source_id.in_(own_versions))

    def to_project(self, tx: Transaction, project_id: int) -> list[LinkPlace]:
        """The links in other projects to versions of a project."""
        own_versions = (
            select(artifact.c.id)
            .join(artifact_collection)
            .where(artifact_collection.c.project_id == project_id)
        )
        return self._places(
            tx, artifact_link.c.source_id.in_(own_versions) & (project.c.id != project_id)
        )

    def _places(self, tx: Transaction, condition: ColumnElement[bool]) -> list[LinkPlace]:
        query = (
            select(
                artifact_link.c.link_id,
                artifact_link.c.source_id,
                entity.c.name,
                project.c.name,
                artifact_collection.c.name,
                artifact.c.version,
            )
            .join_from(artifact_link, artifact, artifact.c.id == artifact_link.c.link_id)
            .join(artifact_collection, artifact_collection.c.id == artifact.c.collection_id)
            .join(project, project.c.id == artifact_collection.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(condition)
            .order_by(
                entity.c.name, project.c.name, artifact_collection.c.name, artifact.c.version
            )
        )
        rows = tx.connection.execute(query).all()
        alias_query = select(artifact_alias.c.artifact_id, artifact_alias.c.alias).where(
            artifact_alias.c.artifact_id.in_([row[0] for row in rows])
        )
        aliases: dict[int, list[str]] = {}
        if rows:
            for link_id, alias in tx.connection.execute(
                alias_query.order_by(artifact_alias.c.alias)
            ):
                aliases.setdefault(link_id, []).append(alias)
        return [LinkPlace(*row[:6], aliases.get(row[0], [])) for row in rows]

    def ask(
        self,
        tx: Transaction,
        run_row_id: int,
        writer: str,
        position: int,
        *,
        folder: str,
        source: str,
        target: str,
        aliases: Collection[str],
        user: str,
        error: str | None = None,
    ) -> None:
        """Note a link that a log asks for, unless it was noted before; with `error`, as failed."""
        tx.connection.execute(
            insert(tx, artifact_link_request)
            .values(
                run_id=run_row_id,
                writer=writer,
                position=position,
                folder=folder,
                source=source,
                target=target,
                aliases=json.dumps(list(aliases)),
                user=user,
                state="awaited" if error is None else "failed",
                error=error,
            )
            .on_conflict_do_nothing()
        )

    def requests(self, tx: Transaction, run_row_id: int) -> list[LinkRequestRow]:
        """All links that the logs of a run ask for, in their order."""
        return _requests(tx, artifact_link_request.c.run_id == run_row_id)

    def awaited(self, tx: Transaction, run_row_id: int | None = None) -> list[LinkRequestRow]:
        """The links that are still to be made, of one run or of all."""
        condition = artifact_link_request.c.state == "awaited"
        if run_row_id is not None:
            condition &= artifact_link_request.c.run_id == run_row_id
        return _requests(tx, condition)

    def lock_request(self, tx: Transaction, row_id: int) -> LinkRequestRow | None:
        """A request, which no other transaction then makes."""
        query = select(artifact_link_request.c.id).where(artifact_link_request.c.id == row_id)
        tx.connection.execute(query.with_for_update())
        return next(iter(_requests(tx, artifact_link_request.c.id == row_id)), None)

    def note_made(self, tx: Transaction, row_id: int, link_id: int) -> None:
        """Note that a link that a log asked for was made."""
        _note(tx, row_id, state="made", link_id=link_id)

    def note_failed(self, tx: Transaction, row_id: int, error: str) -> None:
        """Note why a link that a log asked for can't be made."""
        _note(tx, row_id, state="failed", error=error)


def _note(tx: Transaction, row_id: int, **values: Any) -> None:
    update_row(tx, artifact_link_request, row_id, **values)


def _requests(tx: Transaction, condition: ColumnElement[bool]) -> list[LinkRequestRow]:
    columns = artifact_link_request.c[
        "id", "run_id", "folder", "source", "target", "aliases", "user", "state", "error",
        "link_id",
    ]  # fmt: skip
    query = select(*columns).where(condition)
    rows = tx.connection.execute(query.order_by(artifact_link_request.c.id))
    return [LinkRequestRow(*row[:5], json.loads(row[5]), *row[6:]) for row in rows]
