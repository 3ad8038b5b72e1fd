"""Marks of imports in progress; after a kill, they show what is left to finish or undo."""

from __future__ import annotations

import builtins
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import MAX_PARAMETERS, Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import project, run, setting

_PREFIX: Final = "import/"

CONCEALED: Final = 2**62
"""The deletion time of runs and projects being imported: trashed, hidden, and never expiring."""


@dataclass(frozen=True, slots=True)
class ImportMark:
    """An import that has begun.

    Until it `is_shown`, its runs are invisible; the metric file may still lack their names.
    """

    nonce: str
    project_id: int
    is_new: bool
    is_shown: bool = False

    def draft(self, name: str) -> str:
        """A run's name in the metric file until it is shown; no real run can have that name."""
        return f"/import/{self.nonce}/{name}"

    def shown(self) -> ImportMark:
        """The mark once its runs are visible."""
        return replace(self, is_shown=True)


class ImportTable:
    """Reads and writes marks, and hides the runs and projects being imported."""

    def put(self, tx: Transaction, mark: ImportMark) -> None:
        """Write or change a mark."""
        value = json.dumps([mark.project_id, mark.is_new, mark.is_shown])
        tx.connection.execute(
            insert(tx, setting)
            .values(key=_PREFIX + mark.nonce, value=value)
            .on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )

    def list(self, tx: Transaction) -> builtins.list[ImportMark]:
        query = select(setting.c.key, setting.c.value).where(setting.c.key.startswith(_PREFIX))
        return [
            ImportMark(key.removeprefix(_PREFIX), *json.loads(value))
            for key, value in tx.connection.execute(query)
        ]

    def remove(self, tx: Transaction, mark: ImportMark) -> None:
        """Remove the mark of an import that is finished or undone."""
        tx.connection.execute(setting.delete().where(setting.c.key == _PREFIX + mark.nonce))

    def conceal_project(self, tx: Transaction, project_id: int) -> None:
        """Hide a project that is being imported."""
        update_row(tx, project, project_id, trashed_micros=CONCEALED)

    def conceal_runs(self, tx: Transaction, row_ids: Sequence[int]) -> None:
        """Hide runs that are being imported."""
        for at in range(0, len(row_ids), MAX_PARAMETERS):
            batch = row_ids[at : at + MAX_PARAMETERS]
            tx.connection.execute(
                run.update().where(run.c.id.in_(batch)).values(trashed_micros=CONCEALED)
            )

    def concealed_runs(self, tx: Transaction, mark: ImportMark) -> Sequence[int]:
        """Row ids of the hidden runs of an import."""
        query = select(run.c.id).where(
            run.c.project_id == mark.project_id, run.c.trashed_micros == CONCEALED
        )
        return list(tx.connection.execute(query).scalars())

    def reveal(self, tx: Transaction, mark: ImportMark, path: tuple[str, str]) -> None:
        """Show the runs of an import, and its project if new."""
        concealed = self.concealed_runs(tx, mark)
        tx.connection.execute(
            run.update()
            .where(run.c.project_id == mark.project_id, run.c.trashed_micros == CONCEALED)
            .values(trashed_micros=None)
        )
        if mark.is_new:
            tx.connection.execute(
                project.update()
                .where(project.c.id == mark.project_id, project.c.name == path[1])
                .values(trashed_micros=None)
            )
        for row_id in concealed:
            tx.touched.update((part, row_id) for part in ("run", "config", "summary", "writers"))
