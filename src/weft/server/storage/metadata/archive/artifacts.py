"""Exports and imports artifacts and their versions as plain values, for archives.

Links to versions of the same project are included; those to versions of others are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from sqlalchemy import Table, select

from weft.errors import CorruptLog
from weft.server.storage.metadata.archive.rows import own_columns, plain_row, row_values
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_alias,
    artifact_change,
    artifact_chunk,
    artifact_collection,
    artifact_file,
    artifact_link,
    artifact_use,
    run,
)

_ROWS_AT_ONCE: Final = 5000

_CONTENTS: Final[Mapping[str, Table]] = {"files": artifact_file, "chunks": artifact_chunk}


class ArchivedArtifactTable:
    """Reads and writes all rows of a project's artifacts, as plain values."""

    def read_collections(self, tx: Transaction, project_id: int) -> Iterator[dict[str, Any]]:
        """All collections of a project, each with the versions of its aliases and its history."""
        columns = own_columns(artifact_collection)
        query = select(artifact_collection.c.id, *columns).where(
            artifact_collection.c.project_id == project_id
        )
        rows = tx.connection.execute(query.order_by(artifact_collection.c.id)).all()
        for row_id, *values in rows:
            aliases = tx.connection.execute(
                select(artifact_alias.c.alias, artifact.c.version)
                .join_from(artifact_alias, artifact)
                .where(artifact_alias.c.collection_id == row_id, ~_leads_out(project_id))
                .order_by(artifact_alias.c.alias)
            )
            changed = own_columns(artifact_change)
            changes = tx.connection.execute(
                select(*changed)
                .where(artifact_change.c.collection_id == row_id)
                .order_by(artifact_change.c.id)
            )
            yield {
                "collection": plain_row(columns, values),
                "aliases": {row.alias: row.version for row in aliases},
                "changes": [plain_row(changed, change) for change in changes],
            }

    def read_versions(self, tx: Transaction, project_id: int) -> Iterator[dict[str, Any]]:
        """All versions that have a number, with their files, and with the runs of the project that
        logged or used them. Links follow what they point to.
        """
        columns = own_columns(artifact)
        query = (
            select(artifact.c.id, artifact_collection.c.name, run.c.run, *columns)
            .select_from(artifact.join(artifact_collection))
            .outerjoin(run, (run.c.id == artifact.c.run_id) & _is_of(project_id))
            .where(
                artifact_collection.c.project_id == project_id,
                artifact.c.version.is_not(None),
                ~_leads_out(project_id),
            )
            .order_by(artifact.c.id)
        )
        for row in cast("list[Any]", tx.connection.execute(query).all()):
            row_id = row[0]
            uses = tx.connection.execute(
                select(run.c.run, artifact_use.c.action, artifact_use.c.used_micros)
                .join_from(artifact_use, run)
                .where(artifact_use.c.artifact_id == row_id, _is_of(project_id))
                .order_by(run.c.run, artifact_use.c.action)
            )
            record: dict[str, Any] = {
                "name": row[1],
                "run": row[2],
                "version": plain_row(columns, row[3:]),
                "uses": [[*use] for use in uses],
                "link": _link(tx, row_id),
            }
            for part, table in _CONTENTS.items():
                own = own_columns(table)
                part_query = select(*own).where(table.c.artifact_id == row_id)
                rows = tx.connection.execute(part_query.order_by(*table.primary_key.columns))
                record[part] = [plain_row(own, row) for row in rows]
            yield record

    def write_collection(self, tx: Transaction, project_id: int, record: dict[str, Any]) -> int:
        """Add a collection as returned by `read_collections`, without aliases; its row id."""
        values = row_values(artifact_collection, record.get("collection"))
        row_id = tx.connection.execute(
            artifact_collection.insert()
            .values(project_id=project_id, **values)
            .returning(artifact_collection.c.id)
        ).scalar_one()
        changes = [
            {"collection_id": row_id, **row_values(artifact_change, change)}
            for change in record["changes"]
        ]
        if changes:
            tx.connection.execute(artifact_change.insert(), changes)
        return row_id

    def write_version(
        self,
        tx: Transaction,
        collection_id: int,
        runs: Mapping[str, int],
        record: dict[str, Any],
    ) -> None:
        """Add a version as returned by `read_versions`.

        `runs` are row ids of those that were imported, by id; uses by others are left out.
        """
        logged_by = runs.get(record["run"]) if record["run"] is not None else None
        values = row_values(artifact, record.get("version"))
        row_id = tx.connection.execute(
            artifact.insert()
            .values(collection_id=collection_id, run_id=logged_by, **values)
            .returning(artifact.c.id)
        ).scalar_one()
        if record.get("link") is not None:
            _write_link(tx, collection_id, row_id, *record["link"])
        for part, table in _CONTENTS.items():
            rows = record[part]
            for at in range(0, len(rows), _ROWS_AT_ONCE):
                batch = rows[at : at + _ROWS_AT_ONCE]
                tx.connection.execute(
                    table.insert(),
                    [{"artifact_id": row_id, **row_values(table, row)} for row in batch],
                )
        uses = [
            {"artifact_id": row_id, "run_id": runs[name], "action": action, "used_micros": micros}
            for name, action, micros in record["uses"]
            if name in runs
        ]
        if uses:
            tx.connection.execute(artifact_use.insert(), uses)

    def write_aliases(
        self, tx: Transaction, collection_id: int, aliases: Mapping[str, int]
    ) -> None:
        """Give versions of a collection their aliases; CorruptLog if one is missing."""
        query = select(artifact.c.version, artifact.c.id).where(
            artifact.c.collection_id == collection_id, artifact.c.state == "stored"
        )
        ids = {row.version: row.id for row in tx.connection.execute(query)}
        for alias, version in aliases.items():
            if version not in ids:
                raise CorruptLog(f"the archive is damaged: alias {alias!a} has no version")
            tx.connection.execute(
                artifact_alias.insert().values(
                    collection_id=collection_id, alias=alias, artifact_id=ids[version]
                )
            )


def _link(tx: Transaction, row_id: int) -> list[Any] | None:
    """Of a link, name and number of what it points to, and who linked it; None of others."""
    source = artifact.alias()
    query = (
        select(artifact_collection.c.name, source.c.version, artifact_link.c.user)
        .select_from(artifact_link.join(source, source.c.id == artifact_link.c.source_id))
        .join(artifact_collection, artifact_collection.c.id == source.c.collection_id)
        .where(artifact_link.c.link_id == row_id)
    )
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else [*row]


def _write_link(
    tx: Transaction, collection_id: int, row_id: int, name: str, version: int, user: str
) -> None:
    link = artifact_collection.alias()
    query = (
        select(artifact.c.id)
        .select_from(artifact.join(artifact_collection))
        .join(link, link.c.project_id == artifact_collection.c.project_id)
        .where(
            link.c.id == collection_id,
            link.c.has_links,
            ~artifact_collection.c.has_links,
            artifact_collection.c.name == name,
            artifact.c.version == version,
            artifact.c.state == "stored",
        )
    )
    source_id = tx.connection.execute(query).scalar_one_or_none()
    if source_id is None:
        raise CorruptLog(f"the archive is damaged: a link points to {name!a}:v{version}")
    tx.connection.execute(
        artifact_link.insert().values(link_id=row_id, source_id=source_id, user=user)
    )


def _leads_out(project_id: int) -> Any:
    """Whether a version is a link to one of another project."""
    source, its_collection = artifact.alias(), artifact_collection.alias()
    return (
        select(artifact_link.c.link_id)
        .select_from(artifact_link.join(source, source.c.id == artifact_link.c.source_id))
        .join(its_collection, its_collection.c.id == source.c.collection_id)
        .where(artifact_link.c.link_id == artifact.c.id, its_collection.c.project_id != project_id)
        .exists()
    )


def _is_of(project_id: int) -> Any:
    return (run.c.project_id == project_id) & run.c.trashed_micros.is_(None)
