"""Changes of single rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from weft.server.storage.metadata.database.engine import Transaction


def update_row(tx: Transaction, table: Table, row_id: int, /, **values: Any) -> None:
    """Set some columns of one row; does nothing if it is gone."""
    tx.connection.execute(table.update().where(table.c.id == row_id).values(**values))
