"""Alembic's entry: runs migrations on the connection that `upgrade` hands over."""

from alembic import context

from weft.server.storage.metadata.database.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
