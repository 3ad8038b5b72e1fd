"""Registries in the metadata database: which there are, and their protected aliases.

A registry is a project of the entity `registry`. `artifact_collections` has its collections, and
`artifact_links` says what their versions point to.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_collection,
    project,
    registry,
    registry_protected,
)


@dataclass(frozen=True, slots=True)
class RegistryRow:
    """A registry. It shares the row id of its project; `project_access` has its roles."""

    row_id: int
    name: str
    description: str
    created_micros: int


class RegistryTable:
    """Reads and writes registries."""

    def add_registry(self, tx: Transaction, project_id: int, default_role: str) -> bool:
        """Make a project a registry; False if it is one already."""
        row = tx.connection.execute(
            insert(tx, registry)
            .values(project_id=project_id)
            .on_conflict_do_nothing()
            .returning(registry.c.project_id)
        )
        if row.scalar_one_or_none() is None:
            return False
        update_row(tx, project, project_id, visibility="open", open_role=default_role)
        return True

    def find_registry(self, tx: Transaction, name: str) -> RegistryRow | None:
        return next(iter(_registries(tx, project.c.name == name)), None)

    def get(self, tx: Transaction, project_id: int) -> RegistryRow | None:
        """The registry that a project stands for, if it does."""
        return next(iter(_registries(tx, project.c.id == project_id)), None)

    def all(self, tx: Transaction) -> list[RegistryRow]:
        """All registries, by name."""
        return _registries(tx, true())

    def counts(self, tx: Transaction) -> dict[int, tuple[int, int]]:
        """Numbers of the collections and versions in registries, by row id."""
        query = (
            select(
                artifact_collection.c.project_id,
                func.count(artifact_collection.c.id.distinct()),
                func.count(artifact.c.id),
            )
            .select_from(
                registry.join(
                    artifact_collection,
                    artifact_collection.c.project_id == registry.c.project_id,
                ).outerjoin(
                    artifact,
                    (artifact.c.collection_id == artifact_collection.c.id)
                    & (artifact.c.state == "stored"),
                )
            )
            .group_by(artifact_collection.c.project_id)
        )
        return {row[0]: (row[1], row[2]) for row in tx.connection.execute(query)}

    def protect(self, tx: Transaction, row_id: int, alias: str) -> None:
        """Have only admins move an alias."""
        tx.connection.execute(
            insert(tx, registry_protected)
            .values(project_id=row_id, alias=alias)
            .on_conflict_do_nothing()
        )

    def unprotect(self, tx: Transaction, row_id: int, alias: str) -> None:
        """Have all members move an alias."""
        tx.connection.execute(
            registry_protected.delete().where(
                registry_protected.c.project_id == row_id, registry_protected.c.alias == alias
            )
        )

    def protected(self, tx: Transaction, row_ids: Collection[int]) -> dict[int, list[str]]:
        """The protected aliases of registries, by row id."""
        query = (
            select(registry_protected.c.project_id, registry_protected.c.alias)
            .where(registry_protected.c.project_id.in_(row_ids))
            .order_by(registry_protected.c.alias)
        )
        names: dict[int, list[str]] = {row_id: [] for row_id in row_ids}
        for row_id, alias in tx.connection.execute(query):
            names[row_id].append(alias)
        return names


def _registries(tx: Transaction, condition: ColumnElement[bool]) -> list[RegistryRow]:
    query = (
        select(
            project.c.id,
            project.c.name,
            func.coalesce(project.c.description, ""),
            project.c.created_micros,
        )
        .join_from(registry, project)
        .where(condition)
        .order_by(project.c.name)
    )
    return [RegistryRow(*row) for row in tx.connection.execute(query)]
