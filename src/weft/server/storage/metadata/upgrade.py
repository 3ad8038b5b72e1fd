"""Upgrades a metadata database to the newest migration when it is opened. Does I/O.

Alembic takes a third of a second to load, so a database that is up to date is opened without it,
and an empty one gets its tables from `schema`. Tests check that the migrations make the same
tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from weft.errors import ConfigError
from weft.server.storage.metadata.engine import Database, Transaction
from weft.server.storage.metadata.schema import HEAD, metadata

_MIGRATIONS: Final = Path(__file__).parent / "migrations"


def upgrade(database: Database) -> None:
    """Create the tables of an empty database, or run the missing migrations.

    Everything is done in one transaction.

    Raises:
        ConfigError: a later version of weft has changed the database.
    """
    with database.read() as tx:
        if _revision(tx) == HEAD:
            return
    with database.write() as tx:
        if not inspect(tx.connection).get_table_names():
            metadata.create_all(tx.connection)
            _version.create(tx.connection)
            tx.connection.execute(_version.insert().values(version_num=HEAD))
            return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with database.write() as tx:
        revision = _revision(tx)
        if revision is not None and revision not in known:
            raise ConfigError(
                f"metadata database is at revision {revision}, which this weft does not know: "
                "open it with the weft that wrote it, or a later one"
            )
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "head")


_version: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""The version table as Alembic creates it."""


def _revision(tx: Transaction) -> str | None:
    if not inspect(tx.connection).has_table("alembic_version"):
        return None
    return tx.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
