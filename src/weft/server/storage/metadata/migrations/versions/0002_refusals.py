"""How many records of a writer's log were refused, and why the first of them was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the two columns."""
    op.add_column(
        "run_writer", sa.Column("n_refused", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("run_writer", sa.Column("refusal", sa.Text(), nullable=True))
