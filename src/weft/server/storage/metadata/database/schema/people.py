"""Users, teams, their ways of signing in, and traces of what people did. Pure."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from weft.records.limits import MAX_ID_BYTES
from weft.server.storage.metadata.database.schema.base import (
    MAX_STATE_CHARS,
    ROW_ID,
    metadata,
    reference,
    row_id,
)

user: Final = Table(
    "user",
    metadata,
    row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("email", Text),
    Column("password_hash", Text),
    Column("is_admin", Boolean, nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False, server_default=""),
    Column("is_email_verified", Boolean, nullable=False, server_default=false()),
    Column("default_entity", String(MAX_ID_BYTES)),
    Column("disabled_micros", BigInteger),
    Column("seal", String(32), nullable=False, server_default=""),
    Column("seen_micros", BigInteger),
    comment="default_entity: of runs that name none, NULL = the user's own; disabled_micros: "
    "since when the user is refused, NULL = not; seal: changes when a key or password is taken "
    "away, and ends what was derived from it",
)

user_picture: Final = Table(
    "user_picture",
    metadata,
    reference("user_id", "user", primary_key=True),
    Column("media_type", String(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

user_identity: Final = Table(
    "user_identity",
    metadata,
    row_id(),
    reference("user_id", "user"),
    Column("provider", String(MAX_ID_BYTES), nullable=False),
    Column("subject", Text, nullable=False),
    UniqueConstraint("provider", "subject"),
    Index(None, "user_id"),
    comment="Accounts at OIDC providers that sign a user in",
)

service_account: Final = Table(
    "service_account",
    metadata,
    reference("user_id", "user", primary_key=True),
    reference("team_id", "team"),
    Index(None, "team_id"),
    comment="Users that are programs of a team: they have keys, no password and no entity",
)

session: Final = Table(
    "session",
    metadata,
    row_id(),
    reference("user_id", "user"),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_micros", BigInteger, nullable=False),
    Column("used_micros", BigInteger, nullable=False),
    Column("expires_micros", BigInteger, nullable=False),
    Column("address", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("method", String(MAX_ID_BYTES), nullable=False),
    Index(None, "user_id"),
    Index(None, "expires_micros"),
    comment="Browsers that are signed in; method: password, key, proxy or the name of a provider",
)

invitation: Final = Table(
    "invitation",
    metadata,
    row_id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("purpose", String(MAX_STATE_CHARS), nullable=False),
    Column("email", Text),
    Column("user_id", ROW_ID, ForeignKey("user.id", ondelete="CASCADE")),
    Column("team_id", ROW_ID, ForeignKey("team.id", ondelete="CASCADE")),
    Column("role", String(MAX_STATE_CHARS)),
    Column("is_admin", Boolean, nullable=False),
    Column("created_by", String(MAX_ID_BYTES), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Column("expires_micros", BigInteger, nullable=False),
    Column("used_micros", BigInteger),
    Column("withdrawn_micros", BigInteger),
    Index(None, "user_id"),
    Index(None, "team_id"),
    comment="Links that work once; purpose: invite, or reset (of the password of user_id)",
)

login_code: Final = Table(
    "login_code",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("user", String(MAX_ID_BYTES), nullable=False),
    Column("seal", String(32), nullable=False),
    Column("created_micros", BigInteger, nullable=False),
    Index(None, "user", "created_micros"),
    comment="Codes that sign one browser in; user: empty for the server's own user; seal: of the "
    "user, without which the code does nothing",
)

used_state: Final = Table(
    "used_state",
    metadata,
    Column("state_hash", String(64), primary_key=True),
    Column("expires_micros", BigInteger, nullable=False),
    Index(None, "expires_micros"),
    comment="States of sign-ins that a provider has confirmed, which work once",
)

failed_try: Final = Table(
    "failed_try",
    metadata,
    Column("source_hash", String(64), primary_key=True),
    Column("n_failures", BigInteger, nullable=False),
    Column("last_micros", BigInteger, nullable=False),
    Index(None, "last_micros"),
    comment="Wrong passwords of the last hour, per account and address; source_hash: of both, or "
    "of one",
)

team: Final = Table(
    "team",
    metadata,
    row_id(),
    Column("name", String(MAX_ID_BYTES), nullable=False, unique=True),
    Column("created_micros", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False, server_default=""),
    Column("description", Text, nullable=False, server_default=""),
    Column(
        "default_visibility", String(MAX_STATE_CHARS), nullable=False, server_default="private"
    ),
    Column("is_closed", Boolean, nullable=False, server_default=false()),
    Column("trashed_micros", BigInteger),
    comment="default_visibility: of new projects; is_closed: its projects can't be made open or "
    "public, and nothing of them can be shared",
)

team_member: Final = Table(
    "team_member",
    metadata,
    reference("team_id", "team", primary_key=True),
    reference("user_id", "user", primary_key=True),
    Column("role", String(32), nullable=False),
    Column("joined_micros", BigInteger, nullable=False, server_default="0"),
    comment="role: viewer, member or admin",
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
    Column("prefix", String(16), nullable=False, server_default=""),
    Column("scope", String(MAX_STATE_CHARS), nullable=False, server_default="admin"),
    Column("used_micros", BigInteger),
    Column("used_address", Text),
    Index(None, "user_id"),
    comment="scope: read, log, write or admin, each with those before it",
)

api_key_limit: Final = Table(
    "api_key_limit",
    metadata,
    reference("key_id", "api_key", primary_key=True),
    reference("entity_id", "entity"),
    Column("project_id", ROW_ID, ForeignKey("project.id", ondelete="CASCADE")),
    Index(None, "entity_id"),
    Index(None, "project_id"),
    comment="The entity, or the project of it, to which a key is limited",
)

audit: Final = Table(
    "audit",
    metadata,
    row_id(),
    Column("at_micros", BigInteger, nullable=False),
    Column("actor", String(MAX_ID_BYTES), nullable=False),
    Column("role", String(MAX_STATE_CHARS), nullable=False),
    Column("address", Text, nullable=False),
    Column("key_prefix", String(16), nullable=False),
    Column("action", String(64), nullable=False),
    Column("entity", String(MAX_ID_BYTES), nullable=False),
    Column("object", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Index(None, "at_micros"),
    Index(None, "entity", "id"),
    Index(None, "actor", "id"),
    sqlite_autoincrement=True,
    comment="role: that the actor had then; before, after: JSON, without secrets",
)
