"""The parts of which tables are made. Pure."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    event,
    text,
)

from weft.records.limits import MAX_ID_BYTES

MAX_STATE_CHARS: Final = 16
"""The longest name of a run's state."""

# SQLite assigns row ids only to INTEGER keys.
ROW_ID: Final = BigInteger().with_variant(Integer, "sqlite")

# Ordered by code point on both engines, so that a page can continue after a path.
BYTEWISE_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")

_POSTGRESQL_WHERE: Final = "postgresql_where"
"""In an index's `info`: its condition on PostgreSQL. If `Index` had it as an argument, SQLAlchemy
would load the drivers of PostgreSQL, which takes a twelfth of each server's start."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def row_id() -> Column[int]:
    return Column("id", ROW_ID, primary_key=True, autoincrement=True)


def reference(name: str, to: str, *, primary_key: bool = False, column: str = "id") -> Column[int]:
    return Column(
        name,
        ROW_ID,
        ForeignKey(f"{to}.{column}", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def stamp() -> list[Column[int] | Column[str]]:
    return [
        Column("edit_micros", BigInteger, nullable=False),
        Column("edit_writer", String(MAX_ID_BYTES), nullable=False),
        Column("edit_position", BigInteger, nullable=False),
    ]


def partial_index(
    name: str, *columns: Any, where: str, on_postgresql: str | None = None, unique: bool = False
) -> Index:
    """An index of the rows that meet a condition, in the SQL of both databases."""
    return Index(
        name,
        *columns,
        unique=unique,
        sqlite_where=text(where),
        info={_POSTGRESQL_WHERE: text(on_postgresql or where)},
    )


@event.listens_for(metadata, "before_create")
def _set_conditions(target: MetaData, connection: Connection, **_: object) -> None:
    """Before tables are created on PostgreSQL, give the indexes their conditions there."""
    if connection.dialect.name != "postgresql":
        return
    for table in target.tables.values():
        for index in table.indexes:
            if _POSTGRESQL_WHERE in index.info:
                index.dialect_options["postgresql"]["where"] = index.info[_POSTGRESQL_WHERE]
