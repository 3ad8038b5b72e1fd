"""Artifacts: collections, versions, their files, aliases, changes and uses.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of artifacts."""
    op.create_table(
        "artifact_collection",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("type", sa.String(length=128), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("n_begun", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_artifact_collection_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact_collection")),
        sa.UniqueConstraint(
            "project_id", "name", name=op.f("uq_artifact_collection_project_id_name")
        ),
        comment="n_begun: how many versions it was ever given; numbers are never given again",
    )
    op.create_table(
        "artifact",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("writer", sa.String(length=128), nullable=False),
        sa.Column(
            "folder", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("n_files", sa.BigInteger(), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("expires_micros", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("same_as", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["artifact_collection.id"],
            name=op.f("fk_artifact_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_artifact_run_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["same_as"], ["artifact.id"], name=op.f("fk_artifact_same_as"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact")),
        sa.UniqueConstraint(
            "collection_id", "version", name=op.f("uq_artifact_collection_id_version")
        ),
        sa.UniqueConstraint("run_id", "folder", name=op.f("uq_artifact_run_id_folder")),
        comment="version: NULL until all contents are stored; state: announced (its manifest was "
        "not read yet), awaited (contents are lacking), stored, same (as the version `same_as`), "
        "failed or deleted; folder: where its files are among those of the run; aliases: JSON "
        "list of those it shall have once it is stored; tags: JSON list",
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_artifact_begun",
        "artifact",
        ["run_id", "writer"],
        unique=False,
        sqlite_where=sa.text("version IS NULL"),
        postgresql_where=sa.text("version IS NULL"),
    )
    op.create_index(op.f("ix_artifact_digest"), "artifact", ["digest"], unique=False)
    op.create_index(
        op.f("ix_artifact_expires_micros"), "artifact", ["expires_micros"], unique=False
    )
    op.create_table(
        "artifact_change",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("changed_micros", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.Column("from_version", sa.BigInteger(), nullable=True),
        sa.Column("to_version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["artifact_collection.id"],
            name=op.f("fk_artifact_change_collection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact_change")),
        comment="The history of a collection: who moved which alias, and who deleted a version",
    )
    op.create_index(
        op.f("ix_artifact_change_collection_id_id"),
        "artifact_change",
        ["collection_id", "id"],
        unique=False,
    )
    op.create_table(
        "artifact_alias",
        sa.Column(
            "collection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.Column(
            "artifact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_alias_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["artifact_collection.id"],
            name=op.f("fk_artifact_alias_collection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("collection_id", "alias", name=op.f("pk_artifact_alias")),
    )
    op.create_index(
        op.f("ix_artifact_alias_artifact_id"), "artifact_alias", ["artifact_id"], unique=False
    )
    op.create_table(
        "artifact_file",
        sa.Column(
            "artifact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "path", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("n_bytes", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("checksum", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_file_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("artifact_id", "path", name=op.f("pk_artifact_file")),
        comment="state: stored, awaited, or reference: the content is kept elsewhere",
    )
    op.create_index(
        "ix_artifact_file_awaited",
        "artifact_file",
        ["artifact_id", "path"],
        unique=False,
        sqlite_where=sa.text("state = 'awaited'"),
        postgresql_where=sa.text("state = 'awaited'"),
    )
    op.create_index(
        op.f("ix_artifact_file_sha256_state_artifact_id"),
        "artifact_file",
        ["sha256", "state", "artifact_id"],
        unique=False,
    )
    op.create_table(
        "artifact_use",
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "artifact_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("used_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artifact_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_use_artifact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name=op.f("fk_artifact_use_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "artifact_id", "action", name=op.f("pk_artifact_use")),
        comment="action: log or use. With it, runs and artifacts are a graph",
    )
    op.create_index(
        op.f("ix_artifact_use_artifact_id"), "artifact_use", ["artifact_id"], unique=False
    )
