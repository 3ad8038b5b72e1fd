"""Tables that are created in DuckDB for a query: their rows and their CREATE statement. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from weft.tables.batches import Field, TableBatch


@dataclass(frozen=True, slots=True)
class Table:
    """A table to create: by the statement `create`, from the relation `source` with `fields` and
    `batches`.
    """

    fields: Sequence[Field]
    create: str
    batches: Iterator[TableBatch]


def creation(name: str, fields: Sequence[Field]) -> str:
    """The statement that creates a table from a relation `source` with these fields."""
    selected = ", ".join(
        f"{quote(field.name)}::TIMESTAMP AS {quote(field.name)}"
        if field.type == "time"
        else quote(field.name)
        for field in fields
    )
    return f"CREATE TABLE {name} AS SELECT {selected} FROM source"


def quote(name: str) -> str:
    """A quoted SQL identifier; the name may contain any characters.

    >>> quote("train/loss")
    '"train/loss"'
    """
    return '"' + name.replace('"', '""') + '"'
