"""The lifetime that a version of an artifact was given, next to when it ends.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the column. Of earlier versions it is the time from their creation, in whole seconds."""
    op.add_column("artifact", sa.Column("ttl_secs", sa.BigInteger()))
    op.execute(
        "UPDATE artifact SET ttl_secs = (expires_micros - created_micros + 500000) / 1000000 "
        "WHERE expires_micros > created_micros"
    )
