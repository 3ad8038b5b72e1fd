"""Why a run, and each of its writers, ended badly.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add a column for one line of text to runs and to writers."""
    op.add_column("run", sa.Column("reason", sa.Text()))
    op.add_column("run_writer", sa.Column("exit_reason", sa.Text()))
