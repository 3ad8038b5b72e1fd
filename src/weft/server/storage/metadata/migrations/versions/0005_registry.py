"""The registry: registries with their members and protected aliases, and links to versions.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables of the registry; a change of a collection says what was linked."""
    op.add_column("artifact_change", sa.Column("source", sa.Text(), nullable=True))
    op.create_table(
        "registry",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("default_role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_registry_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_registry")),
        comment="The projects of the entity `registry`. Their collections have links, not "
        "versions of their own",
    )
    op.create_table(
        "registry_member",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["registry.project_id"],
            name=op.f("fk_registry_member_project_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_registry_member_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "user_id", name=op.f("pk_registry_member")),
    )
    op.create_index(op.f("ix_registry_member_user_id"), "registry_member", ["user_id"])
    op.create_table(
        "registry_protected",
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["registry.project_id"],
            name=op.f("fk_registry_protected_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "alias", name=op.f("pk_registry_protected")),
        comment="Aliases that only admins of the registry move",
    )
    op.create_table(
        "artifact_link",
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("user", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_link_link_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_link_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_artifact_link")),
        comment="A version of a registry's collection, `link_id`, has the files of `source_id`",
    )
    op.create_index(op.f("ix_artifact_link_source_id"), "artifact_link", ["source_id"])
    op.create_table(
        "artifact_link_request",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("run_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("writer", sa.String(length=128), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["run.id"],
            name=op.f("fk_artifact_link_request_run_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["artifact.id"],
            name=op.f("fk_artifact_link_request_link_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifact_link_request")),
        sa.UniqueConstraint(
            "run_id",
            "writer",
            "position",
            name=op.f("uq_artifact_link_request_run_id_writer_position"),
        ),
        comment="Links that a log asks for, each made once. folder: of the version that the run "
        "logs, else source: its name; user: who sent the log; state: awaited, made or failed",
    )
    op.create_index(op.f("ix_artifact_link_request_link_id"), "artifact_link_request", ["link_id"])
