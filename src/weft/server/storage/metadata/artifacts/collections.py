"""Collections of artifacts in the metadata database, and the history of their aliases."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select

from weft.server.storage.metadata.artifacts.files import blobs_of
from weft.server.storage.metadata.artifacts.uses import touch_runs_of
from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import columns_of, update_row
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_alias,
    artifact_change,
    artifact_collection,
)


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A collection of versions.

    `n_begun` is the number of the next version. If it `has_links`, its versions are links, so that
    none are logged to it.
    """

    row_id: int
    project_id: int
    name: str
    type: str
    description: str
    created_micros: int
    n_begun: int
    has_links: bool
    tags: list[str]


class ChangeRow(NamedTuple):
    changed_micros: int
    user: str
    action: str
    alias: str
    from_version: int | None
    to_version: int | None
    source: str | None


class CollectionTable:
    """Reads and writes collections of artifacts."""

    def find_collection(self, tx: Transaction, project_id: int, name: str) -> CollectionRow | None:
        query = _collections().where(
            artifact_collection.c.project_id == project_id, artifact_collection.c.name == name
        )
        return _collection(tx.connection.execute(query).one_or_none())

    def get(self, tx: Transaction, row_id: int, *, for_update: bool = False) -> CollectionRow:
        query = _collections().where(artifact_collection.c.id == row_id)
        row = tx.connection.execute(query.with_for_update() if for_update else query).one()
        collection = _collection(row)
        assert collection is not None
        return collection

    def make(
        self,
        tx: Transaction,
        project_id: int,
        name: str,
        type_: str,
        now_micros: int,
        *,
        has_links: bool = False,
    ) -> CollectionRow:
        """The collection with this name. It is created if it does not exist."""
        tx.connection.execute(
            insert(tx, artifact_collection)
            .values(
                project_id=project_id,
                name=name,
                type=type_,
                description="",
                created_micros=now_micros,
                n_begun=0,
                has_links=has_links,
            )
            .on_conflict_do_nothing()
        )
        existing = self.find_collection(tx, project_id, name)
        assert existing is not None
        return existing

    def page(
        self,
        tx: Transaction,
        project_id: int,
        *,
        type_: str | None,
        search: str,
        after: str | None,
        limit: int,
    ) -> list[CollectionRow]:
        """A project's collections by name, starting after `after`.

        `search` ignores case and looks in the name, the description and the tags, and in the
        description, the tags and the metadata of stored versions.
        """
        query = _collections().where(artifact_collection.c.project_id == project_id)
        if type_ is not None:
            query = query.where(artifact_collection.c.type == type_)
        if search:
            query = query.where(_has_text(search))
        if after is not None:
            query = query.where(artifact_collection.c.name > after)
        rows = tx.connection.execute(query.order_by(artifact_collection.c.name).limit(limit))
        return [_row(row) for row in rows]

    def types(self, tx: Transaction, project_id: int) -> dict[str, int]:
        """Numbers of a project's collections, by type."""
        query = (
            select(artifact_collection.c.type, func.count())
            .where(artifact_collection.c.project_id == project_id)
            .group_by(artifact_collection.c.type)
            .order_by(artifact_collection.c.type)
        )
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def take_number(self, tx: Transaction, collection: CollectionRow) -> int:
        """The number of the collection's next version; `tx` has locked the collection."""
        update_row(tx, artifact_collection, collection.row_id, n_begun=collection.n_begun + 1)
        return collection.n_begun

    def edit(
        self,
        tx: Transaction,
        row_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        type_: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Set each given value of a collection."""
        values = {
            "name": name,
            "description": description,
            "type": type_,
            "tags": None if tags is None else json.dumps(list(tags)),
        }
        changes = {name: value for name, value in values.items() if value is not None}
        if name is not None:
            touch_runs_of(tx, select(artifact.c.id).where(artifact.c.collection_id == row_id))
        if changes:
            update_row(tx, artifact_collection, row_id, **changes)

    def delete(self, tx: Transaction, row_id: int) -> set[str]:
        """Delete a collection with all its versions; returns the blobs that they used."""
        own_versions = select(artifact.c.id).where(artifact.c.collection_id == row_id)
        blobs = blobs_of(tx, own_versions)
        touch_runs_of(tx, own_versions)
        tx.connection.execute(
            artifact_collection.delete().where(artifact_collection.c.id == row_id)
        )
        return blobs

    def blobs_of_project(self, tx: Transaction, project_id: int) -> set[str]:
        """The blobs that a project's artifacts use."""
        own_versions = (
            select(artifact.c.id)
            .join(artifact_collection)
            .where(artifact_collection.c.project_id == project_id)
        )
        return blobs_of(tx, own_versions)

    def put_alias(self, tx: Transaction, collection_id: int, alias: str, artifact_id: int) -> None:
        """Give a version an alias, which no other version of the collection then has."""
        statement = insert(tx, artifact_alias).values(
            collection_id=collection_id, alias=alias, artifact_id=artifact_id
        )
        tx.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["collection_id", "alias"], set_={"artifact_id": artifact_id}
            )
        )

    def remove_alias(self, tx: Transaction, collection_id: int, alias: str) -> None:
        """Take an alias away."""
        tx.connection.execute(
            artifact_alias.delete().where(
                artifact_alias.c.collection_id == collection_id, artifact_alias.c.alias == alias
            )
        )

    def aliases(self, tx: Transaction, collection_id: int) -> dict[str, int]:
        """The version numbers of a collection's aliases, by alias."""
        return self.aliases_of(tx, [collection_id])[collection_id]

    def aliases_of(
        self, tx: Transaction, collection_ids: Collection[int]
    ) -> dict[int, dict[str, int]]:
        """For each collection, what `aliases` returns."""
        query = (
            select(artifact_alias.c.collection_id, artifact_alias.c.alias, artifact.c.version)
            .join(artifact)
            .where(artifact_alias.c.collection_id.in_(collection_ids))
            .order_by(artifact_alias.c.alias)
        )
        aliases: dict[int, dict[str, int]] = {row_id: {} for row_id in collection_ids}
        for row_id, alias, version in tx.connection.execute(query):
            aliases[row_id][alias] = version
        return aliases

    def note_change(
        self,
        tx: Transaction,
        collection_id: int,
        now_micros: int,
        user: str,
        action: str,
        alias: str = "",
        from_version: int | None = None,
        to_version: int | None = None,
        source: str | None = None,
    ) -> None:
        """Add to the history of a collection; `source` is the version that a link points to."""
        tx.connection.execute(
            artifact_change.insert().values(
                collection_id=collection_id,
                changed_micros=now_micros,
                user=user,
                action=action,
                alias=alias,
                from_version=from_version,
                to_version=to_version,
                source=source,
            )
        )

    def n_changes(self, tx: Transaction, collection_id: int) -> int:
        """The number of changes in the history of a collection."""
        query = select(func.count()).select_from(artifact_change)
        of_it = artifact_change.c.collection_id == collection_id
        return tx.connection.execute(query.where(of_it)).scalar_one()

    def changes(self, tx: Transaction, collection_id: int, limit: int) -> list[ChangeRow]:
        """The newest changes first."""
        query = (
            select(*artifact_change.c[ChangeRow._fields])
            .where(artifact_change.c.collection_id == collection_id)
            .order_by(artifact_change.c.id.desc())
            .limit(limit)
        )
        rows: Any = tx.connection.execute(query)
        return [ChangeRow(*row) for row in rows]


def _has_text(search: str) -> ColumnElement[bool]:
    def holds(column: ColumnElement[Any]) -> ColumnElement[bool]:
        return column.icontains(search, autoescape=True)

    of_it = artifact.c.collection_id == artifact_collection.c.id
    described = or_(*(holds(artifact.c[name]) for name in ("description", "tags", "metadata")))
    versions = select(artifact.c.id).where(of_it, artifact.c.state == "stored", described)
    return or_(
        holds(artifact_collection.c.name),
        holds(artifact_collection.c.description),
        holds(artifact_collection.c.tags),
        versions.exists(),
    )


_COLLECTION: Final = columns_of(artifact_collection, CollectionRow)


def _collections() -> Any:
    return select(*_COLLECTION)


def _collection(row: Any) -> CollectionRow | None:
    return None if row is None else _row(row)


def _row(row: Any) -> CollectionRow:
    values = list(row)
    values[-1] = json.loads(values[-1])
    return CollectionRow(*values)
