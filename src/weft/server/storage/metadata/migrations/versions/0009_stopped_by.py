"""Who asked a run to stop.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column of the user or program that stopped a run."""
    op.add_column("run", sa.Column("stopped_by", sa.Text()))
