"""Tags of collections of artifacts.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column of tags."""
    op.add_column(
        "artifact_collection", sa.Column("tags", sa.Text(), nullable=False, server_default="[]")
    )
