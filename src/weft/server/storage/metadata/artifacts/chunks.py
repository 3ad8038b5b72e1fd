"""Chunks of the large files of artifact versions in the metadata database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_chunk,
    artifact_collection,
    artifact_file,
)


class ArtifactChunkRow(NamedTuple):
    """A chunk of a file of a version, `stored` or `awaited`. `start` is its offset in bytes."""

    path: str
    start: int
    sha256: str
    n_bytes: int
    state: str


class ArtifactChunkTable:
    """Reads and writes chunks of files. They are removed with the files (`artifact_files`)."""

    def add_chunks(
        self, tx: Transaction, artifact_id: int, rows: Sequence[ArtifactChunkRow]
    ) -> None:
        """Add chunks to a version; those that it has are left as they are."""
        if rows:
            tx.connection.execute(
                insert(tx, artifact_chunk).on_conflict_do_nothing(),
                [{"artifact_id": artifact_id, **row._asdict()} for row in rows],
            )

    def files_with(
        self, tx: Transaction, project_id: int, contents: Collection[str]
    ) -> dict[str, tuple[int, str]]:
        """Where a project has some contents in chunks: artifact and path by the content's hash."""
        if not contents:
            return {}
        file = artifact_file.c
        query = (
            select(file.sha256, file.artifact_id, file.path)
            .select_from(artifact_file.join(artifact).join(artifact_collection))
            .where(
                file.sha256.in_(contents),
                file.state == "chunked",
                artifact.c.state.in_(("stored", "part")),
                artifact_collection.c.project_id == project_id,
            )
        )
        return {row[0]: (row[1], row[2]) for row in tx.connection.execute(query)}

    def of_file(
        self, tx: Transaction, artifact_id: int, path: str, start: int = 0, stop: int | None = None
    ) -> list[ArtifactChunkRow]:
        """The chunks of a file that have its bytes `[start, stop)`, in order."""
        chunk = artifact_chunk.c
        query = select(*chunk[ArtifactChunkRow._fields]).where(
            chunk.artifact_id == artifact_id,
            chunk.path == path,
            chunk.start + chunk.n_bytes > start,
        )
        if stop is not None:
            query = query.where(chunk.start < stop)
        rows: Any = tx.connection.execute(query.order_by(chunk.start))
        return [ArtifactChunkRow(*row) for row in rows]
