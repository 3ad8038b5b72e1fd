"""Collections of links in projects, and the step at which a version was logged.

Written out in full, not taken from `schema`: what a release created never changes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_COMMENTS = {
    "artifact": "version: NULL until all contents are stored; state: announced (its manifest was "
    "not read yet), awaited (contents are lacking), stored, same (as the version `same_as`), "
    "failed or deleted; folder: where its files are among those of the run; aliases: JSON list of "
    "those it gets once it is stored; tags: JSON list; step: of the newest row of the run "
    "that logged it, at that time",
    "artifact_collection": "n_begun: how many versions it was ever given; numbers are never given "
    "again; has_links: its versions are links, and none are logged to it",
    "artifact_link": "A version of a collection of links, `link_id`, has the files of `source_id`",
}


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
    if op.get_bind().dialect.supports_comments:
        for table, comment in _COMMENTS.items():
            op.create_table_comment(table, comment)
