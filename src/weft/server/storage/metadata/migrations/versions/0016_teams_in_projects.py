"""Roles of teams in projects of others, and in registries; the times of locks and of the last use
of accounts; changes of runs, saves of columns, leases of their work, removals and pieces of
contents, shares of quotas, what signing in at any of them needs, and counts of changes of sweeps;
origins of runs whose logs came in another order than they began.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables, and the columns of the moments of locks and of the last use of accounts."""
    op.add_column("run", sa.Column("locked_micros", sa.BigInteger()))
    op.add_column("run", sa.Column("notes_by", sa.String(length=128)))
    op.add_column("artifact", sa.Column("locked_micros", sa.BigInteger()))
    op.add_column("user", sa.Column("seen_micros", sa.BigInteger()))
    op.add_column("invitation", sa.Column("withdrawn_micros", sa.BigInteger()))
    for table in ("sweep", "sweep_trial"):
        op.add_column(
            table,
            sa.Column("n_changes", sa.BigInteger(), nullable=False, server_default="0"),
        )
    op.create_index(
        op.f("ix_sweep_trial_sweep_id_n_changes"), "sweep_trial", ["sweep_id", "n_changes"]
    )
    op.execute(
        'UPDATE "user" SET seen_micros = '
        '(SELECT max(used_micros) FROM session WHERE session.user_id = "user".id)'
    )
    earliest = (
        "(SELECT min(anchor_micros + coalesce(offset_micros, 0)) FROM run_writer "
        "WHERE run_id = run.id AND parent IS NULL)"
    )
    op.execute(
        f"UPDATE run SET is_continued = true, origin_micros = {earliest} "
        f"WHERE {earliest} < origin_micros"
    )
    op.create_table(
        "project_team",
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("team_id", _ROW_ID, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_project_team_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("fk_project_team_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "team_id", name=op.f("pk_project_team")),
        comment="Teams whose members have a role in a project of others, or in a registry",
    )
    op.create_index(op.f("ix_project_team_team_id"), "project_team", ["team_id"])
    op.create_table(
        "run_change",
        sa.Column("id", _ROW_ID, autoincrement=True, nullable=False),
        sa.Column("server", sa.String(length=128), nullable=False),
        sa.Column("transaction", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("touched", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_change")),
        sqlite_autoincrement=True,
        comment="Runs that a server has changed: for minutes, for other servers of the database "
        "(PostgreSQL only), and as long as a column_save is older; touched: row ids by part",
    )
    op.create_index(op.f("ix_run_change_transaction"), "run_change", ["transaction"])
    op.create_table(
        "column_save",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("project_id", _ROW_ID, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_column_save_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_column_save")),
        comment="Saves of a project's columns in the data directories of servers; owner: a "
        "directory; mark: the id of run_change up to which the save has the changes",
    )
    op.create_index(op.f("ix_column_save_project_id"), "column_save", ["project_id"])
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("expires_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
        comment="Which server does a piece of work, until when by the database's clock; number: "
        "grows with each new owner",
    )
    op.create_table(
        "content_removal",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_content_removal")),
        comment="Removals of contents, for other servers of the database: PostgreSQL only, for a "
        "day; state: due, begun or done; mark: of the last one that was done",
    )
    op.create_index(op.f("ix_content_removal_micros"), "content_removal", ["micros"])
    op.create_table(
        "draft_piece",
        sa.Column("draft", sa.String(length=128), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("draft", "start", name=op.f("pk_draft_piece")),
        comment="Pieces of contents that servers of the database receive in several requests, as "
        "objects of their bucket; draft: of a project and a SHA-256",
    )
    op.create_index(op.f("ix_draft_piece_micros"), "draft_piece", ["micros"])
    op.create_table(
        "quota_usage",
        sa.Column("owner", sa.String(length=257), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_quota_usage")),
        comment="Bytes of an entity or project with a quota, for all servers of the database; "
        "micros: of the time at which they were measured, later ones are added",
    )
    op.create_table(
        "quota_claim",
        sa.Column("owner", sa.String(length=257), nullable=False),
        sa.Column("server", sa.String(length=32), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "server", name=op.f("pk_quota_claim")),
        comment="Bytes of a quota that a server may receive without asking the others, until it "
        "is silent for a minute",
    )
    op.create_table(
        "login_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=128), nullable=False),
        sa.Column("seal", sa.String(length=32), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_login_code")),
        comment="Codes that sign one browser in; user: empty for the server's own user; seal: of "
        "the user, without which the code does nothing",
    )
    op.create_index(
        op.f("ix_login_code_user_created_micros"), "login_code", ["user", "created_micros"]
    )
    op.create_table(
        "used_state",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_used_state")),
        comment="States of sign-ins that a provider has confirmed, which work once",
    )
    op.create_index(op.f("ix_used_state_expires_micros"), "used_state", ["expires_micros"])
    op.create_table(
        "failed_try",
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("n_failures", sa.BigInteger(), nullable=False),
        sa.Column("last_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_hash", name=op.f("pk_failed_try")),
        comment="Wrong passwords of the last hour, per account and address; source_hash: of both, "
        "or of one",
    )
    op.create_index(op.f("ix_failed_try_last_micros"), "failed_try", ["last_micros"])
