"""An index of the metrics that runs define as x axes.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the index, of the few definitions that name a step metric."""
    where = sa.text("step_metric IS NOT NULL")
    op.create_index(
        "ix_definition_stepping",
        "definition",
        ["run_id", "step_metric"],
        unique=False,
        sqlite_where=where,
        postgresql_where=where,
    )
