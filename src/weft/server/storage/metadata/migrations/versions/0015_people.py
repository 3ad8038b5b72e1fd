"""People: teams, sessions, invitations, roles of projects, shares, locks, quotas, audit.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_COMMENTS = {
    "api_key": "scope: read, log, write or admin, each with those before it",
    "project": "n_begun: how many runs it was ever given; the next one's colour follows from it; "
    "trashed_micros: when it was deleted, NULL = it is not in the trash; visibility: "
    "private, restricted, open or public; open_role: of all who are signed in, if it "
    "is open or public; retention: JSON, the rules by which old things go",
    "run": "tags: JSON list; color: a number of the palette, from 1; stamps: JSON, by column, of "
    "the last change of name, notes, …, and of the earliest log that names the user; "
    "fork_step: JSON number; runtime_from_micros: NULL = started_micros; trashed_micros: "
    "when it was deleted, NULL = it is not in the trash; edited_by: who last changed it by "
    "hand; locked_by: who protects it from deletion",
    "team": "default_visibility: of new projects; is_closed: its projects can't be made open or "
    "public, and nothing of them can be shared",
    "team_member": "role: viewer, member or admin",
    "user": "default_entity: of runs that name none, NULL = the user's own; disabled_micros: "
    "since when the user is refused, NULL = not; seal: changes when a key or password is taken "
    "away, and ends what was derived from it",
}


def upgrade() -> None:
    """Add the tables and columns; the roles of registries become those of their projects."""
    _create_tables()
    _add_columns()
    op.execute(
        "INSERT INTO project_member (project_id, user_id, role) "
        "SELECT project_id, user_id, role FROM registry_member"
    )
    op.execute(
        "UPDATE project SET visibility = 'open', open_role = "
        "(SELECT default_role FROM registry WHERE registry.project_id = project.id) "
        "WHERE id IN (SELECT project_id FROM registry)"
    )
    op.drop_index("ix_registry_member_user_id", table_name="registry_member")
    op.drop_table("registry_member")
    op.drop_column("registry", "default_role")
    if op.get_bind().dialect.supports_comments:
        for table, comment in _COMMENTS.items():
            op.create_table_comment(table, comment)


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at_micros", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("key_prefix", sa.String(length=16), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("entity", sa.String(length=128), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        comment="role: that the actor had then; before, after: JSON, without secrets",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_actor_id"), "audit", ["actor", "id"])
    op.create_index(op.f("ix_audit_at_micros"), "audit", ["at_micros"])
    op.create_index(op.f("ix_audit_entity_id"), "audit", ["entity", "id"])
    op.create_table(
        "invitation",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("user_id", _ROW_ID),
        sa.Column("team_id", _ROW_ID),
        sa.Column("role", sa.String(length=16)),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("expires_micros", sa.BigInteger(), nullable=False),
        sa.Column("used_micros", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_invitation_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_invitation_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        comment="Links that work once; purpose: invite, or reset (of the password of user_id)",
    )
    op.create_index(op.f("ix_invitation_team_id"), "invitation", ["team_id"])
    op.create_index(op.f("ix_invitation_user_id"), "invitation", ["user_id"])
    op.create_table(
        "service_account",
        sa.Column("user_id", _ROW_ID, nullable=False),
        sa.Column("team_id", _ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_service_account_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_service_account_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_service_account")),
        comment="Users that are programs of a team: they have keys, no password and no entity",
    )
    op.create_index(op.f("ix_service_account_team_id"), "service_account", ["team_id"])
    op.create_table(
        "session",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ROW_ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("used_micros", sa.BigInteger(), nullable=False),
        sa.Column("expires_micros", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("method", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        comment="Browsers that are signed in; method: password, key, proxy or the name of a "
        "provider",
    )
    op.create_index(op.f("ix_session_expires_micros"), "session", ["expires_micros"])
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"])
    op.create_table(
        "user_identity",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("user_id", _ROW_ID, nullable=False),
        sa.Column("provider", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_identity_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_identity")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_user_identity_provider_subject")),
        comment="Accounts at OIDC providers that sign a user in",
    )
    op.create_index(op.f("ix_user_identity_user_id"), "user_identity", ["user_id"])
    op.create_table(
        "user_picture",
        sa.Column("user_id", _ROW_ID, nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_picture_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_picture")),
    )
    op.create_table(
        "activity",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("at_micros", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_activity_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        comment="What people did in a project; details: JSON object",
    )
    op.create_index(op.f("ix_activity_project_id_id"), "activity", ["project_id", "id"])
    op.create_table(
        "api_key_limit",
        sa.Column("key_id", _ROW_ID, nullable=False),
        sa.Column("entity_id", _ROW_ID, nullable=False),
        sa.Column("project_id", _ROW_ID),
        sa.ForeignKeyConstraint(
            ["entity_id"],
            ["entity.id"],
            name=op.f("fk_api_key_limit_entity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_key.id"], name=op.f("fk_api_key_limit_key_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_api_key_limit_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_key_limit")),
        comment="The entity, or the project of it, to which a key is limited",
    )
    op.create_index(op.f("ix_api_key_limit_entity_id"), "api_key_limit", ["entity_id"])
    op.create_index(op.f("ix_api_key_limit_project_id"), "api_key_limit", ["project_id"])
    op.create_table(
        "project_address",
        sa.Column("entity", sa.String(length=128), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_address_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entity", "project", name=op.f("pk_project_address")),
        comment="Earlier addresses of projects that were moved or renamed",
    )
    op.create_index(op.f("ix_project_address_project_id"), "project_address", ["project_id"])
    op.create_table(
        "project_member",
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("user_id", _ROW_ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_member_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_project_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_project_member")),
        comment="People with a role of their own in a project, or in a registry",
    )
    op.create_index(op.f("ix_project_member_user_id"), "project_member", ["user_id"])
    op.create_table(
        "share",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("share", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("expires_micros", sa.BigInteger()),
        sa.Column("revoked_micros", sa.BigInteger()),
        sa.Column("may_embed", sa.Boolean(), nullable=False),
        sa.Column("n_opened", sa.BigInteger(), nullable=False),
        sa.Column("opened_micros", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_share_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share")),
        sa.UniqueConstraint("share", name=op.f("uq_share_share")),
        comment="Links that show a part of a project; kind: run, selection, view or panel; "
        "document: JSON, the runs and panels that it shows",
    )
    op.create_index(op.f("ix_share_project_id"), "share", ["project_id"])


def _add_columns() -> None:
    op.add_column(
        "api_key", sa.Column("prefix", sa.String(length=16), server_default="", nullable=False)
    )
    op.add_column(
        "api_key", sa.Column("scope", sa.String(length=16), server_default="admin", nullable=False)
    )
    op.add_column("api_key", sa.Column("used_micros", sa.BigInteger()))
    op.add_column("api_key", sa.Column("used_address", sa.Text()))
    op.add_column("artifact", sa.Column("locked_by", sa.String(length=128)))
    op.add_column("entity", sa.Column("quota_bytes", sa.BigInteger()))
    op.add_column("entity", sa.Column("quota_runs", sa.BigInteger()))
    op.add_column(
        "project",
        sa.Column("visibility", sa.String(length=16), server_default="private", nullable=False),
    )
    op.add_column(
        "project",
        sa.Column("open_role", sa.String(length=16), server_default="viewer", nullable=False),
    )
    op.add_column("project", sa.Column("quota_bytes", sa.BigInteger()))
    op.add_column("project", sa.Column("quota_runs", sa.BigInteger()))
    op.add_column("project", sa.Column("retention", sa.Text()))
    op.add_column("run", sa.Column("edited_by", sa.String(length=128)))
    op.add_column("run", sa.Column("edited_micros", sa.BigInteger()))
    op.add_column("run", sa.Column("locked_by", sa.String(length=128)))
    op.add_column(
        "sweep", sa.Column("edited_by", sa.String(length=128), server_default="", nullable=False)
    )
    op.add_column("team", sa.Column("display_name", sa.Text(), server_default="", nullable=False))
    op.add_column("team", sa.Column("description", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "team",
        sa.Column(
            "default_visibility", sa.String(length=16), server_default="private", nullable=False
        ),
    )
    op.add_column(
        "team", sa.Column("is_closed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("team", sa.Column("trashed_micros", sa.BigInteger()))
    op.add_column(
        "team_member",
        sa.Column("joined_micros", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.add_column("user", sa.Column("display_name", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "user",
        sa.Column("is_email_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("user", sa.Column("default_entity", sa.String(length=128)))
    op.add_column("user", sa.Column("disabled_micros", sa.BigInteger()))
    op.add_column(
        "user", sa.Column("seal", sa.String(length=32), server_default="", nullable=False)
    )
    op.add_column(
        "view", sa.Column("edited_by", sa.String(length=128), server_default="", nullable=False)
    )
    op.add_column("view", sa.Column("trashed_micros", sa.BigInteger()))
