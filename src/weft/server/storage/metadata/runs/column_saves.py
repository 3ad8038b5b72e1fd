"""The saves of columns that are true: their names, and the changes of runs since. Does I/O.

`services.columns.saved_columns` has the files, and names a save there only after its name is here.
A save is true as it is, except for the runs in `run_change` after its mark:

1. `begin` takes the mark. From then on each transaction that touches runs adds to `run_change`.
2. Once `is_settled`, what is read has all changes up to the mark, and perhaps more.
3. `finish` gives the save its name after all that was read is committed. So a database that has
   the name, be it restored from a backup, has all of that, and each later change after the mark.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import func, select

from weft.server.storage.metadata.database.changes import Part
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import column_save, run_change
from weft.server.storage.metadata.database.shared_changes import touched_in

MAX_CHANGES: Final = 100_000
"""A save that is further behind is forgotten, so that `run_change` stays small."""

_NEXT_TRANSACTION: Final = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
_OLDEST_OPEN: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


class BegunSave(NamedTuple):
    """A save without its final name. `next_transaction` is 0 on SQLite."""

    draft: str
    mark: int
    next_transaction: int


class SaveChanges(NamedTuple):
    """Row ids of the runs that were changed after a mark, by part."""

    mark: int
    touched: dict[Part, set[int]]


class ColumnSaveTable:
    """Reads and writes names of saves."""

    def begin(self, tx: Transaction, owner: str, project_id: int, draft: str) -> BegunSave:
        """Begin a save under a name that no other one ever has."""
        mark = self.last_change(tx)
        transaction = 0
        if tx.dialect != "sqlite":
            # Read second: a change up to the mark is by a transaction that began before it.
            transaction = tx.connection.exec_driver_sql(_NEXT_TRANSACTION).scalar_one()
        row = {"name": draft, "owner": owner, "project_id": project_id, "mark": mark}
        tx.connection.execute(column_save.insert(), row)
        return BegunSave(draft, mark, transaction)

    def is_settled(self, tx: Transaction, save: BegunSave) -> bool:
        """Whether all transactions that may have added changes up to the mark have ended."""
        if tx.dialect == "sqlite":
            return True
        oldest: int = tx.connection.exec_driver_sql(_OLDEST_OPEN).scalar_one()
        return oldest >= save.next_transaction

    def finish(self, tx: Transaction, save: BegunSave, name: str) -> bool:
        """Give a save its name; False if it was forgotten meanwhile."""
        query = column_save.update().where(column_save.c.name == save.draft).values(name=name)
        return tx.connection.execute(query).rowcount == 1

    def forget(self, tx: Transaction, name: str) -> None:
        tx.connection.execute(column_save.delete().where(column_save.c.name == name))

    def forget_others(self, tx: Transaction, owner: str, project_id: int, name: str) -> None:
        """Forget the owner's saves of a project except one, and changes that no save needs."""
        tx.connection.execute(
            column_save.delete().where(
                column_save.c.owner == owner,
                column_save.c.project_id == project_id,
                column_save.c.name != name,
            )
        )
        self.trim(tx)

    def trim(self, tx: Transaction) -> None:
        """Forget saves that are too far behind, and, on SQLite, changes that no save needs."""
        last = self.last_change(tx)
        tx.connection.execute(column_save.delete().where(column_save.c.mark < last - MAX_CHANGES))
        if tx.dialect == "sqlite":
            query = select(func.coalesce(func.min(column_save.c.mark), last))
            oldest = tx.connection.execute(query).scalar_one()
            # The last one stays: marks are ids of changes that are there.
            is_unused = (run_change.c.id <= oldest) & (run_change.c.id < last)
            tx.connection.execute(run_change.delete().where(is_unused))

    def changes_since(self, tx: Transaction, project_id: int, name: str) -> SaveChanges | None:
        """The changes of all projects' runs since a save; None if the save is not true."""
        query = select(column_save.c.mark).where(
            column_save.c.name == name, column_save.c.project_id == project_id
        )
        mark = tx.connection.execute(query).scalar_one_or_none()
        if mark is None:
            return None
        changes = select(run_change.c.touched).where(run_change.c.id > mark)
        return SaveChanges(mark, touched_in(tx.connection.execute(changes).scalars()))

    def last_change(self, tx: Transaction) -> int:
        """The id of the last change that is listed; 0 without any."""
        return tx.connection.execute(
            select(func.coalesce(func.max(run_change.c.id), 0))
        ).scalar_one()
