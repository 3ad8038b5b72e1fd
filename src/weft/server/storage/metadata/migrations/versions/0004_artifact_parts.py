"""Versions that get files of others: distributed and incremental ones; uses of awaited versions.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "artifact_assembly",
        sa.Column(
            "artifact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("distributed_id", sa.String(length=128), nullable=False),
        sa.Column("is_part", sa.Boolean(), nullable=False),
        sa.Column("is_incremental", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_assembly_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["artifact_collection.id"],
            name=op.f("fk_artifact_assembly_collection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact_id", name=op.f("pk_artifact_assembly")),
        comment="Versions that get files of others. distributed_id: what the parts of one version "
        "have in common with it, or empty; is_part: a part, whose state is `part` once it is "
        "complete; is_incremental: it gets the files of the newest version before it",
    )
    op.create_index(
        op.f("ix_artifact_assembly_collection_id_distributed_id"),
        "artifact_assembly",
        ["collection_id", "distributed_id"],
        unique=False,
    )
    op.create_table(
        "awaited_use",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entity", sa.String(length=128), nullable=False),
        sa.Column("project", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("ref", sa.String(length=128), nullable=False),
        sa.Column(
            "folder", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("used_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_awaited_use_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "entity", "project", "name", "ref", "folder", name=op.f("pk_awaited_use")
        ),
        comment="Uses of versions that are not there yet, such as those of offline runs that are "
        "sent first; ref: a version or an alias; folder: where the files are among those of the "
        "run that logs it, if known",
    )
    op.create_index(
        op.f("ix_awaited_use_entity_project_name"),
        "awaited_use",
        ["entity", "project", "name"],
        unique=False,
    )
