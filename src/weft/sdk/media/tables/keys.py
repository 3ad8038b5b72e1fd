"""Cells that point into tables: keys and indexes. No I/O.

`Table.set_pk` makes keys of a column's texts, and `Table.get_index` gives the indexes of rows. Put
into another table's cells they make that column refer to this table.
"""

from __future__ import annotations

from typing import Any, Protocol


class KeyedTable(Protocol):
    """The table that a key or index belongs to."""

    @property
    def columns(self) -> list[Any]:
        """Names of its columns."""
        ...

    @property
    def data(self) -> list[list[Any]]:
        """Its rows."""
        ...


class TableKey(str):
    """A text that names a row by one of its columns. There is no `table` until one is set."""

    table: KeyedTable | None = None
    column: str | int | None = None

    @classmethod
    def of(cls, text: str, table: KeyedTable, column: str | int) -> TableKey:
        """Make a key of a text."""
        key = cls(text)
        key.table, key.column = table, column
        return key

    def get_row(self) -> dict[Any, Any] | None:
        """Return the row by column, None if the table has no such row."""
        if self.table is None:
            return None
        index = self.table.columns.index(self.column)
        for row in self.table.data:
            if row[index] == self:
                return dict(zip(self.table.columns, row, strict=True))
        return None


class TableIndex(int):
    """A row's number that knows its table; None if it was read back."""

    table: KeyedTable | None = None

    @classmethod
    def of(cls, number: int, table: KeyedTable) -> TableIndex:
        """Make an index of a number."""
        index = cls(number)
        index.table = table
        return index

    def get_row(self) -> dict[Any, Any] | None:
        """Return the row by column, None if the table is not known."""
        if self.table is None:
            return None
        return dict(zip(self.table.columns, self.table.data[self], strict=True))
