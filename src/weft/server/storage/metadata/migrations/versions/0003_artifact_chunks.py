"""Chunks of the large files of artifacts.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table of chunks."""
    op.create_table(
        "artifact_chunk",
        sa.Column(
            "artifact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "path", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_chunk_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact_id", "path", "start", name=op.f("pk_artifact_chunk")),
        comment="The chunks of files whose state is chunked; state: stored or awaited",
    )
    op.create_index(
        "ix_artifact_chunk_awaited",
        "artifact_chunk",
        ["artifact_id", "path", "start"],
        unique=False,
        sqlite_where=sa.text("state = 'awaited'"),
        postgresql_where=sa.text("state = 'awaited'"),
    )
    op.create_index(
        op.f("ix_artifact_chunk_sha256_state_artifact_id"),
        "artifact_chunk",
        ["sha256", "state", "artifact_id"],
        unique=False,
    )
