"""Single rows: their columns, and changes of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from weft.server.storage.metadata.database.engine import Transaction


def columns_of(table: Table, row: Any) -> Any:
    """The columns that the fields of a row are named after; `row_id` is `id`."""
    names = getattr(row, "__dataclass_fields__", None) or row._fields
    return [table.c["id" if name == "row_id" else name] for name in names]


def update_row(tx: Transaction, table: Table, row_id: int, /, **values: Any) -> None:
    """Set some columns of one row; does nothing if it is gone."""
    tx.connection.execute(table.update().where(table.c.id == row_id).values(**values))
