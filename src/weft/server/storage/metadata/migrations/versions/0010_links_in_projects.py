"""Collections of links in projects, and the step at which a version was logged.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add both columns. So far all collections of registries had links, and no others."""
    op.add_column(
        "artifact_collection",
        sa.Column("has_links", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    collection = sa.table(
        "artifact_collection", sa.column("project_id"), sa.column("has_links", sa.Boolean())
    )
    registry = sa.table("registry", sa.column("project_id"))
    op.execute(
        collection.update()
        .where(collection.c.project_id.in_(sa.select(registry.c.project_id)))
        .values(has_links=sa.true())
    )
    op.add_column("artifact", sa.Column("step", sa.BigInteger()))
