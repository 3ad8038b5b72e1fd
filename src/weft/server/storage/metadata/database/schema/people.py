"""Users, teams and their keys. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from weft.records.limits import MAX_ID_BYTES
from weft.server.storage.metadata.database.schema.base import metadata, reference, row_id

user: Final = Table(
    "user",
    metadata,
    row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("email", Text),
    Column("password_hash", Text),
    Column("is_admin", Boolean, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
)

team: Final = Table(
    "team",
    metadata,
    row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("created_micros", BigInteger, nullable=False),
)

team_member: Final = Table(
    "team_member",
    metadata,
    reference("team_id", "team", primary_key=True),
    reference("user_id", "user", primary_key=True),
    Column("role", String(32), nullable=False),
)

api_key: Final = Table(
    "api_key",
    metadata,
    row_id(),
    reference("user_id", "user"),
    Column("key_hash", String(128), nullable=False, unique=True),
    Column("label", Text),
    Column("created_micros", BigInteger, nullable=False),
    Column("expires_micros", BigInteger),
    Index(None, "user_id"),
)
