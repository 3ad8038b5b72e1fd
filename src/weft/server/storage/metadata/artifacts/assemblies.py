"""Versions that get files of others: the parts that several runs log, and incremental versions."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Select, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import artifact, artifact_assembly, run


class AssemblyRow(NamedTuple):
    """The assembly of a version from the files of others.

    Attributes:
        distributed_id: what its parts have in common with it; '' if it has none.
        is_part: whether it is a part itself.
        is_incremental: whether it gets the files of the newest version before it.
    """

    distributed_id: str = ""
    is_part: bool = False
    is_incremental: bool = False


class ArtifactAssemblyTable:
    """Reads and writes how versions are put together."""

    def put(self, tx: Transaction, artifact_id: int, collection_id: int, row: AssemblyRow) -> None:
        """Note how a version is put together; what was noted before is replaced."""
        statement = insert(tx, artifact_assembly).values(
            artifact_id=artifact_id, collection_id=collection_id, **row._asdict()
        )
        tx.connection.execute(
            statement.on_conflict_do_update(index_elements=["artifact_id"], set_=row._asdict())
        )

    def of(self, tx: Transaction, artifact_id: int) -> AssemblyRow:
        """The assembly of a version from the files of others."""
        query = select(
            artifact_assembly.c.distributed_id,
            artifact_assembly.c.is_part,
            artifact_assembly.c.is_incremental,
        ).where(artifact_assembly.c.artifact_id == artifact_id)
        row = tx.connection.execute(query).one_or_none()
        return AssemblyRow() if row is None else AssemblyRow(*row)

    def parts(self, tx: Transaction, collection_id: int, distributed_id: str) -> list[int]:
        """Row ids of the parts that no version has taken, in the order of their announcement.

        Those that runs in the trash did not complete are left out: they never will be.
        """
        is_complete = artifact.c.state.in_(("part", "failed"))
        is_begun = artifact.c.state.in_(("announced", "awaited"))
        query = (
            _assemblies()
            .outerjoin(run, run.c.id == artifact.c.run_id)
            .where(
                artifact_assembly.c.collection_id == collection_id,
                artifact_assembly.c.distributed_id == distributed_id,
                artifact_assembly.c.is_part,
                is_complete | (is_begun & run.c.trashed_micros.is_(None)),
            )
        )
        return list(tx.connection.execute(query.order_by(artifact.c.id)).scalars())

    def waiting(self, tx: Transaction, collection_id: int, distributed_id: str) -> list[int]:
        """Row ids of the versions that wait for parts."""
        query = _assemblies().where(
            artifact_assembly.c.collection_id == collection_id,
            artifact_assembly.c.distributed_id == distributed_id,
            ~artifact_assembly.c.is_part,
            artifact.c.state == "awaited",
        )
        return list(tx.connection.execute(query.order_by(artifact.c.id)).scalars())

    def all_waiting(self, tx: Transaction, after: int, limit: int) -> list[int]:
        """Row ids, above `after`, of the versions of all collections that wait for parts."""
        query = _assemblies().where(
            artifact_assembly.c.distributed_id != "",
            ~artifact_assembly.c.is_part,
            artifact.c.state == "awaited",
            artifact.c.id > after,
        )
        return list(tx.connection.execute(query.order_by(artifact.c.id).limit(limit)).scalars())

    def forget(self, tx: Transaction, artifact_id: int) -> None:
        """A part was taken, or its failure was told: it belongs to no later version."""
        tx.connection.execute(
            artifact_assembly.delete().where(artifact_assembly.c.artifact_id == artifact_id)
        )


def _assemblies() -> Select[int]:
    return select(artifact.c.id).join(
        artifact_assembly, artifact_assembly.c.artifact_id == artifact.c.id
    )
