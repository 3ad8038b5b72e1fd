"""Entities, projects, their views, and the settings of the server. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from weft.records.limits import MAX_ID_BYTES, MAX_NAME_CHARS
from weft.server.storage.metadata.database.schema.base import (
    POSTGRESQL_WHERE,
    ROW_ID,
    metadata,
    reference,
    row_id,
)

setting: Final = Table(
    "setting",
    metadata,
    Column("key", String(MAX_ID_BYTES), primary_key=True),
    Column("value", Text, nullable=False),
)

entity: Final = Table(
    "entity",
    metadata,
    row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("user_id", ROW_ID, ForeignKey("user.id", ondelete="SET NULL")),
    Column("team_id", ROW_ID, ForeignKey("team.id", ondelete="SET NULL")),
    Column("created_micros", BigInteger, nullable=False),
    comment="An owner of projects; one that no user owns belongs to the administrators",
)

project: Final = Table(
    "project",
    metadata,
    row_id(),
    reference("entity_id", "entity"),
    Column("name", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("active_micros", BigInteger, nullable=False),
    Column("description", Text),
    Column("n_begun", BigInteger, nullable=False),
    Column("trashed_micros", BigInteger),
    # Excludes the trash, because a new project may have the name of a trashed one.
    Index(
        "uq_project_entity_id_name",
        "entity_id",
        "name",
        unique=True,
        sqlite_where=text("trashed_micros IS NULL"),
        info={POSTGRESQL_WHERE: text("trashed_micros IS NULL")},
    ),
    Index(None, "trashed_micros"),
    # An id is the name of a metric file, so ids must not be reused after a deletion.
    sqlite_autoincrement=True,
    comment="n_begun: how many runs it was ever given; the next one's colour follows from it; "
    "trashed_micros: when it was deleted, NULL = it is not in the trash",
)

view: Final = Table(
    "view",
    metadata,
    row_id(),
    reference("project_id", "project"),
    Column("view", String(MAX_ID_BYTES), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("owner", String(MAX_ID_BYTES), nullable=False),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("document", Text, nullable=False),
    Column("n_bytes", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("edited_micros", BigInteger, nullable=False),
    Column("opened_micros", BigInteger, nullable=False),
    UniqueConstraint("project_id", "view"),
    # One default view per user.
    Index(
        "uq_view_project_id_owner",
        "project_id",
        "owner",
        unique=True,
        sqlite_where=text("kind = 'default'"),
        info={POSTGRESQL_WHERE: text("kind = 'default'")},
    ),
    Index(None, "project_id", "kind", "opened_micros"),
    comment="kind: personal, shared, default, link or columns; owner: name of a user, empty "
    "without accounts; document: JSON object, of UTF-8 n_bytes; version: from 1, one more with "
    "each edit",
)
