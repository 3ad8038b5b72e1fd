"""Entities, projects, their views, and the settings of the server. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from weft.records.limits import MAX_ID_BYTES, MAX_NAME_CHARS
from weft.server.storage.metadata.database.schema.base import (
    MAX_STATE_CHARS,
    ROW_ID,
    metadata,
    partial_index,
    reference,
    row_id,
)

setting: Final = Table(
    "setting",
    metadata,
    Column("key", String(MAX_ID_BYTES), primary_key=True),
    Column("value", Text, nullable=False),
)

lease: Final = Table(
    "lease",
    metadata,
    Column("name", String(MAX_ID_BYTES), primary_key=True),
    Column("owner", String(MAX_ID_BYTES), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("expires_micros", BigInteger, nullable=False),
    comment="Which server does a piece of work, until when by the database's clock; number: grows "
    "with each new owner",
)

entity: Final = Table(
    "entity",
    metadata,
    row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("user_id", ROW_ID, ForeignKey("user.id", ondelete="SET NULL")),
    Column("team_id", ROW_ID, ForeignKey("team.id", ondelete="SET NULL")),
    Column("created_micros", BigInteger, nullable=False),
    Column("quota_bytes", BigInteger),
    Column("quota_runs", BigInteger),
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
    Column("visibility", String(MAX_STATE_CHARS), nullable=False, server_default="private"),
    Column("open_role", String(MAX_STATE_CHARS), nullable=False, server_default="viewer"),
    Column("quota_bytes", BigInteger),
    Column("quota_runs", BigInteger),
    Column("retention", Text),
    # Excludes the trash, because a new project may have the name of a trashed one.
    partial_index(
        "uq_project_entity_id_name",
        "entity_id",
        "name",
        where="trashed_micros IS NULL",
        unique=True,
    ),
    Index(None, "trashed_micros"),
    # An id is the name of a metric file, so ids must not be reused after a deletion.
    sqlite_autoincrement=True,
    comment="n_begun: how many runs it was ever given; the next one's colour follows from it; "
    "trashed_micros: when it was deleted, NULL = it is not in the trash; visibility: private, "
    "restricted, open or public; open_role: of all who are signed in, if it is open or public; "
    "retention: JSON, the rules by which old things go",
)

project_member: Final = Table(
    "project_member",
    metadata,
    reference("project_id", "project", primary_key=True),
    reference("user_id", "user", primary_key=True),
    Column("role", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "user_id"),
    comment="People with a role of their own in a project, or in a registry",
)

project_team: Final = Table(
    "project_team",
    metadata,
    reference("project_id", "project", primary_key=True),
    reference("team_id", "team", primary_key=True),
    Column("role", String(MAX_STATE_CHARS), nullable=False),
    Index(None, "team_id"),
    comment="Teams whose members have a role in a project of others, or in a registry",
)

project_address: Final = Table(
    "project_address",
    metadata,
    Column("entity", String(MAX_ID_BYTES), primary_key=True),
    Column("project", String(MAX_ID_BYTES), primary_key=True),
    reference("project_id", "project"),
    Index(None, "project_id"),
    comment="Earlier addresses of projects that were moved or renamed",
)

activity: Final = Table(
    "activity",
    metadata,
    row_id(),
    reference("project_id", "project"),
    Column("at_micros", BigInteger, nullable=False),
    Column("user", String(MAX_ID_BYTES), nullable=False),
    Column("action", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("details", Text, nullable=False),
    Index(None, "project_id", "id"),
    comment="What people did in a project; details: JSON object",
)

share: Final = Table(
    "share",
    metadata,
    row_id(),
    reference("project_id", "project"),
    Column("share", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("kind", String(MAX_STATE_CHARS), nullable=False),
    Column("name", String(MAX_NAME_CHARS), nullable=False),
    Column("document", Text, nullable=False),
    Column("user", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("expires_micros", BigInteger),
    Column("revoked_micros", BigInteger),
    Column("may_embed", Boolean, nullable=False),
    Column("n_opened", BigInteger, nullable=False),
    Column("opened_micros", BigInteger),
    Index(None, "project_id"),
    comment="Links that show a part of a project; kind: run, selection, view or panel; "
    "document: JSON, the runs and panels that it shows",
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
    Column("edited_by", String(MAX_ID_BYTES), nullable=False, server_default=""),
    Column("trashed_micros", BigInteger),
    UniqueConstraint("project_id", "view"),
    # One default view per user.
    partial_index(
        "uq_view_project_id_owner", "project_id", "owner", where="kind = 'default'", unique=True
    ),
    Index(None, "project_id", "kind", "opened_micros"),
    comment="kind: personal, shared, default, link or columns; owner: name of a user, empty "
    "without accounts; document: JSON object, of UTF-8 n_bytes; version: from 1, one more with "
    "each edit",
)
