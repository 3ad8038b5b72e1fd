"""An index of the references to files of other artifacts, by the collection that they lead to.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the index. References are ordered by code point, so that it finds a beginning."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("artifact_file", "reference", type_=sa.Text(collation="C"))
    op.create_index(
        "ix_artifact_file_referring",
        "artifact_file",
        [sa.text("substr(reference, 1, 420)")],
        unique=False,
        sqlite_where=sa.text("substr(reference, 1, 16) = 'weft-artifact://'"),
        postgresql_where=sa.text("substr(reference, 1, 16) = 'weft-artifact://'"),
    )
