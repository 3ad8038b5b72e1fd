"""Sweeps: hyper-parameter searches, their agents and trials; which sweep a run belongs to.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of sweeps; a run says which sweep it belongs to."""
    op.add_column("run", sa.Column("sweep", sa.String(length=128), nullable=True))
    op.create_index(op.f("ix_run_project_id_sweep"), "run", ["project_id", "sweep"])
    op.create_table(
        "sweep",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "project_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sweep", sa.String(length=128), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("run_cap", sa.BigInteger(), nullable=True),
        sa.Column("prior", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("next_number", sa.BigInteger(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("edited_micros", sa.BigInteger(), nullable=False),
        sa.Column("ended_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_sweep_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
        sa.UniqueConstraint("project_id", "sweep", name=op.f("uq_sweep_project_id_sweep")),
        comment="config: JSON, as given; prior: JSON list of the parameters and values of runs "
        "from before; next_number: of the next trial",
    )
    op.create_index(op.f("ix_sweep_state"), "sweep", ["state"])
    op.create_table(
        "sweep_agent",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("agent", sa.String(length=128), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("created_micros", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat_micros", sa.BigInteger(), nullable=False),
        sa.Column("has_left", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_agent_sweep_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_agent")),
        sa.UniqueConstraint("sweep_id", "agent", name=op.f("uq_sweep_agent_sweep_id_agent")),
        comment="agent: an id that it made; number: counted from 1 in its sweep",
    )
    op.create_table(
        "sweep_trial",
        sa.Column(
            "sweep_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.String(length=128), nullable=False),
        sa.Column("agent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("resumes", sa.Boolean(), nullable=False),
        sa.Column("stopped_early", sa.Boolean(), nullable=False),
        sa.Column("metric_values", sa.Text(), nullable=True),
        sa.Column("loss", sa.Float(precision=53), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("given_micros", sa.BigInteger(), nullable=False),
        sa.Column("ended_micros", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_trial_sweep_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["sweep_agent.id"],
            name=op.f("fk_sweep_trial_agent_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("sweep_id", "number", name=op.f("pk_sweep_trial")),
        sa.UniqueConstraint("sweep_id", "run", name=op.f("uq_sweep_trial_sweep_id_run")),
        comment="state: queued, given, finished or failed; parameters: JSON; metric_values: JSON "
        "list, one number per metric of the sweep; loss: of the only metric, less is better",
    )
    op.create_index(op.f("ix_sweep_trial_agent_id"), "sweep_trial", ["agent_id"])
    op.create_index(op.f("ix_sweep_trial_sweep_id_state"), "sweep_trial", ["sweep_id", "state"])
    op.create_index(op.f("ix_sweep_trial_sweep_id_loss"), "sweep_trial", ["sweep_id", "loss"])
