"""Runs are created when they began; when they arrived at the server has a column of its own.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column of arrivals, which `created_micros` held until now."""
    op.add_column(
        "run", sa.Column("arrived_micros", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute("UPDATE run SET arrived_micros = created_micros")
    op.execute(
        "UPDATE run SET created_micros = started_micros "
        "WHERE started_micros > 0 AND started_micros < created_micros"
    )
