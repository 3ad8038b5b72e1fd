"""Tables that a query finds in DuckDB: their rows, and the statement that makes one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weft.server.services.table_formats.tables import Field, TableBatch


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be made.

    Attributes:
        fields: of the rows that `source` will give.
        create: makes the table of a relation `source`.
    """

    fields: Sequence[Field]
    create: str
    batches: Iterator[TableBatch]


def creation(name: str, fields: Sequence[Field]) -> str:
    """The statement that makes a table of a relation `source` with these fields."""
    selected = ", ".join(
        f"{quote(one.name)}::TIMESTAMP AS {quote(one.name)}"
        if one.type == "time"
        else quote(one.name)
        for one in fields
    )
    return f"CREATE TABLE {name} AS SELECT {selected} FROM source"


def quote(name: str) -> str:
    """A name as SQL takes it, whatever characters it has.

    >>> quote("train/loss")
    '"train/loss"'
    """
    return '"' + name.replace('"', '""') + '"'
