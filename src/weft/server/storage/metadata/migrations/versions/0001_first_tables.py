"""The first tables.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create all tables."""
    op.create_table(
        "path",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("path", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path")),
        sa.UniqueConstraint("path", name=op.f("uq_path_path")),
    )
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "team",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
        sa.UniqueConstraint("name", name=op.f("uq_team_name")),
    )
    op.create_table(
        "user",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("name", name=op.f("uq_user_name")),
    )
    op.create_table(
        "api_key",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key_hash", sa.String(length=128), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("expires_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_api_key_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_key_key_hash")),
    )
    op.create_index(op.f("ix_api_key_user_id"), "api_key", ["user_id"], unique=False)
    op.create_table(
        "entity",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_entity_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_entity_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity")),
        sa.UniqueConstraint("name", name=op.f("uq_entity_name")),
        comment="An owner of projects; one that no user owns belongs to the administrators",
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_team_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_member")),
    )
    op.create_table(
        "project",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "entity_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("active_micros", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("n_begun", sa.BigInteger(), nullable=False),
        sa.Column("trashed_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entity.id"], name=op.f("fk_project_entity_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        comment="n_begun: how many runs it was ever given; the next one's colour follows from it; "
        "trashed_micros: when it was deleted, NULL = it is not in the trash",
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_project_entity_id_name",
        "project",
        ["entity_id", "name"],
        unique=True,
        sqlite_where=sa.text("trashed_micros IS NULL"),
        postgresql_where=sa.text("trashed_micros IS NULL"),
    )
    op.create_index(op.f("ix_project_trashed_micros"), "project", ["trashed_micros"], unique=False)
    op.create_table(
        "run",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("run", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("run_group", sa.Text(), nullable=True),
        sa.Column("job_type", sa.Text(), nullable=True),
        sa.Column("color", sa.Integer(), nullable=False),
        sa.Column("user", sa.Text(), nullable=True),
        sa.Column("stamps", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("started_micros", sa.BigInteger(), nullable=False),
        sa.Column("runtime_from_micros", sa.BigInteger(), nullable=True),
        sa.Column("heartbeat_micros", sa.BigInteger(), nullable=True),
        sa.Column("ended_micros", sa.BigInteger(), nullable=True),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("origin_micros", sa.BigInteger(), nullable=False),
        sa.Column("stop_requested", sa.Boolean(), nullable=False),
        sa.Column("fork_run", sa.String(length=128), nullable=True),
        sa.Column("fork_step", sa.Text(), nullable=True),
        sa.Column("is_continued", sa.Boolean(), nullable=False),
        sa.Column("trashed_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_run_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("project_id", "run", name=op.f("uq_run_project_id_run")),
        comment="tags: JSON list; color: a number of the palette, from 1; "
        "stamps: JSON, by column, of the last change of name, notes, …, "
        "and of the earliest log that names the user; "
        "fork_step: JSON number; runtime_from_micros: NULL = started_micros; "
        "trashed_micros: when it was deleted, NULL = it is not in the trash",
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_run_project_id_created_micros"),
        "run",
        ["project_id", "created_micros"],
        unique=False,
    )
    op.create_index(op.f("ix_run_state"), "run", ["state"], unique=False)
    op.create_index(op.f("ix_run_trashed_micros"), "run", ["trashed_micros"], unique=False)
    op.create_table(
        "definition",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("step_metric", sa.Text(), nullable=True),
        sa.Column("step_sync", sa.Boolean(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=True),
        sa.Column("edit_micros", sa.BigInteger(), nullable=False),
        sa.Column("edit_writer", sa.String(length=128), nullable=False),
        sa.Column("edit_position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_definition_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "name", name=op.f("pk_definition")),
    )
    op.create_index(
        "ix_definition_hiding",
        "definition",
        ["run_id"],
        unique=False,
        sqlite_where=sa.text("hidden IS 1"),
        postgresql_where=sa.text("hidden IS true"),
    )
    op.create_table(
        "field",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("path_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Float(precision=53), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("exact", sa.Text(), nullable=True),
        sa.Column("edit_micros", sa.BigInteger(), nullable=False),
        sa.Column("edit_writer", sa.String(length=128), nullable=False),
        sa.Column("edit_position", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name=op.f("fk_field_path_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_field_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "scope", "path_id", name=op.f("pk_field")),
        comment="scope: config; logged or set: summary values that follow from rows, or not",
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_field_path_id_scope_run_id"),
        "field",
        ["path_id", "scope", "run_id"],
        unique=False,
    )
    op.create_table(
        "kept_record",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("writer", sa.String(length=128), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_kept_record_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "writer", "position", name=op.f("pk_kept_record")),
        comment="Records that have no table of their own, as they came (msgpack)",
    )
    op.create_index(
        op.f("ix_kept_record_run_id_kind"), "kept_record", ["run_id", "kind"], unique=False
    )
    op.create_table(
        "run_file",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "path", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("edit_micros", sa.BigInteger(), nullable=False),
        sa.Column("edit_writer", sa.String(length=128), nullable=False),
        sa.Column("edit_position", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_file_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "path", name=op.f("pk_run_file")),
        comment="state: stored, awaited (the content was announced, but not sent yet), failed or "
        "deleted; the stamp's writer is the log that announced the file",
    )
    op.create_index(
        op.f("ix_run_file_sha256_state_run_id"),
        "run_file",
        ["sha256", "state", "run_id"],
        unique=False,
    )
    op.create_index(
        "ix_run_file_awaited",
        "run_file",
        ["run_id", "edit_writer", "path"],
        unique=False,
        sqlite_where=sa.text("state = 'awaited'"),
        postgresql_where=sa.text("state = 'awaited'"),
    )
    op.create_table(
        "tombstone",
        sa.Column("entity", sa.String(length=128), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("run", sa.String(length=128), nullable=False),
        sa.Column("deleted_micros", sa.BigInteger(), nullable=False),
        sa.Column("purge_project_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "moved_run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["moved_run_id"],
            ["run.id"],
            name=op.f("fk_tombstone_moved_run_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("entity", "project", "run", name=op.f("pk_tombstone")),
        comment="purge_project_id: the project whose metric file still has to forget the run; "
        "moved_run_id: the run that was here and is in another project now",
    )
    op.create_index(
        op.f("ix_tombstone_purge_project_id"), "tombstone", ["purge_project_id"], unique=False
    )
    op.create_index(op.f("ix_tombstone_moved_run_id"), "tombstone", ["moved_run_id"], unique=False)
    op.create_table(
        "run_move",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_project_id", sa.BigInteger(), nullable=False),
        sa.Column("to_project_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_move_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_move")),
        comment="Moves under way: what a kill leaves of one is undone or finished at the next "
        "start",
    )
    op.create_table(
        "metric_tombstone",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("deleted_micros", sa.BigInteger(), nullable=False),
        sa.Column("purged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_metric_tombstone_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "key", name=op.f("pk_metric_tombstone")),
        comment="purged: whether the metric file has forgotten it; positions are kept there",
    )
    op.create_table(
        "run_writer",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("writer", sa.String(length=128), nullable=False),
        sa.Column("parent", sa.String(length=128), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("anchor_micros", sa.BigInteger(), nullable=True),
        sa.Column("offset_micros", sa.BigInteger(), nullable=True),
        sa.Column("resumed", sa.Boolean(), nullable=False),
        sa.Column("first_micros", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat_micros", sa.BigInteger(), nullable=True),
        sa.Column("exit_micros", sa.BigInteger(), nullable=True),
        sa.Column("exit_code", sa.BigInteger(), nullable=True),
        sa.Column("exit_state", sa.String(length=16), nullable=True),
        sa.Column("preempting", sa.Boolean(), nullable=False),
        sa.Column("record_position", sa.BigInteger(), nullable=False),
        sa.Column("run_record", sa.LargeBinary(), nullable=True),
        sa.Column("n_refused", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("n_damaged_bytes", sa.BigInteger(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_writer_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "writer", name=op.f("pk_run_writer")),
        comment="record_position: end of the last record applied; run_record: its last Run "
        "record; labels: JSON object",
    )
    op.create_table(
        "followed_log",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("writer", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_followed_log_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "writer", name=op.f("pk_followed_log")),
        comment="Writers whose logs are in the followed directory: a run goes when such a log "
        "goes",
    )
    op.create_table(
        "path_set",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("members", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path_set")),
        sa.UniqueConstraint("digest", name=op.f("uq_path_set_digest")),
        sqlite_autoincrement=True,
        comment="members: paths and kinds as `run_columns.path_sets` lists them; digest: their "
        "SHA-256",
    )
    op.create_table(
        "run_path_set",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.String(length=8), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_path_set_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["set_id"], ["path_set.id"], name=op.f("fk_run_path_set_set_id")),
        sa.PrimaryKeyConstraint("run_id", "root", name=op.f("pk_run_path_set")),
        sqlite_with_rowid=False,
        comment="Derived from field: deleted by each transaction that touches the root of the run",
    )
    op.create_index(op.f("ix_run_path_set_set_id"), "run_path_set", ["set_id"], unique=False)
    op.create_table(
        "run_source",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_run", sa.String(length=128), nullable=False),
        sa.Column("source_writer", sa.String(length=128), nullable=False),
        sa.Column("last_step", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_run_source_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "source_run", "source_writer", name=op.f("pk_run_source")
        ),
        comment="What forks and rewinds show of other writers, up to last_step (a JSON number)",
    )
    op.create_index(op.f("ix_run_source_source_run"), "run_source", ["source_run"], unique=False)
    op.create_table(
        "view",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("view", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=512), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("edited_micros", sa.BigInteger(), nullable=False),
        sa.Column("opened_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_view_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_view")),
        sa.UniqueConstraint("project_id", "view", name=op.f("uq_view_project_id_view")),
        comment="kind: personal, shared, default, link or columns; owner: name of a user, empty "
        "without accounts; document: JSON object, of UTF-8 n_bytes; version: from 1, one more "
        "with each edit",
    )
    op.create_index(
        "uq_view_project_id_owner",
        "view",
        ["project_id", "owner"],
        unique=True,
        sqlite_where=sa.text("kind = 'default'"),
        postgresql_where=sa.text("kind = 'default'"),
    )
    op.create_index(
        op.f("ix_view_project_id_kind_opened_micros"),
        "view",
        ["project_id", "kind", "opened_micros"],
        unique=False,
    )
