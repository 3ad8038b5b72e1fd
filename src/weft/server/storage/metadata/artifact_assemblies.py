"""Versions that get files of others: the parts that several runs log, and incremental versions."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from weft.server.storage.metadata.engine import Transaction, insert
from weft.server.storage.metadata.schema import artifact, artifact_assembly


class AssemblyRow(NamedTuple):
    """How a version is put together.

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
        """How a version is put together."""
        query = select(
            artifact_assembly.c.distributed_id,
            artifact_assembly.c.is_part,
            artifact_assembly.c.is_incremental,
        ).where(artifact_assembly.c.artifact_id == artifact_id)
        found = tx.connection.execute(query).one_or_none()
        return AssemblyRow() if found is None else AssemblyRow(*found)

    def parts(self, tx: Transaction, collection_id: int, distributed_id: str) -> list[int]:
        """Row ids of the parts that no version has taken, in the order of their announcement."""
        return self._of_id(tx, collection_id, distributed_id, is_part=True)

    def waiting(self, tx: Transaction, collection_id: int, distributed_id: str) -> list[int]:
        """Row ids of the versions that wait for parts."""
        return self._of_id(tx, collection_id, distributed_id, is_part=False)

    def forget(self, tx: Transaction, artifact_id: int) -> None:
        """A part was taken, or its failure was told: it belongs to no later version."""
        tx.connection.execute(
            artifact_assembly.delete().where(artifact_assembly.c.artifact_id == artifact_id)
        )

    def _of_id(
        self, tx: Transaction, collection_id: int, distributed_id: str, *, is_part: bool
    ) -> list[int]:
        query = (
            select(artifact_assembly.c.artifact_id)
            .join(artifact, artifact.c.id == artifact_assembly.c.artifact_id)
            .where(
                artifact_assembly.c.collection_id == collection_id,
                artifact_assembly.c.distributed_id == distributed_id,
                artifact_assembly.c.is_part == is_part,
                artifact.c.state.in_(_OPEN_PART if is_part else _OPEN),
            )
            .order_by(artifact_assembly.c.artifact_id)
        )
        return list(tx.connection.execute(query).scalars())


_OPEN = ("awaited",)
_OPEN_PART = ("announced", "awaited", "part", "failed")
