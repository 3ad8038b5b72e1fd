"""Upgrades a metadata database to the newest migration when it is opened. Does I/O.

Alembic takes a third of a second to load, so a database that is up to date is opened without it,
and a new one gets its tables from `schema`. Tests check that the migrations turn the databases of
earlier releases into the same tables.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    Column,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    create_mock_engine,
    inspect,
    text,
)
from sqlalchemy.exc import ProgrammingError

from weft.errors import ConfigError
from weft.server.storage.metadata.database.engine import Database, Transaction
from weft.server.storage.metadata.database.schema import HEAD, OLDEST, metadata
from weft.server.storage.metadata.settings import SettingTable
from weft.version import VERSION

_MIGRATIONS: Final = Path(__file__).parent / "migrations"

_LOCK: Final = 0x77656675
"""The advisory lock of PostgreSQL under which one of its servers upgrades."""

_NO_RIGHTS: Final = "42501"
"""PostgreSQL's code of a refusal for want of rights."""

OLDEST_SETTING: Final = "oldest_revision"
"""The setting by which a later weft says which earlier ones work with the tables that it made."""

_LOCK_SECS: Final = 10
"""A statement that changes a table waits so long for those who read it, and all others meanwhile
for the statement."""

OLDEST_POSTGRESQL: Final = 13
"""The first one with `pg_current_snapshot`, by which servers read each other's changes."""


def upgrade(database: Database) -> None:
    """Create the tables of a new database, or run the missing migrations, in one transaction.
    Servers of one PostgreSQL that start at once wait for the one that does so.

    A later version's tables stay as they are if that version says that this one works with them.
    A database may have tables of other programs, under other names. ConfigError if one has a name
    that weft needs, if another later version, or one before 0.1.0, wrote the database, or if
    PostgreSQL is too old or gives too few rights.
    """
    with database.read() as tx:
        if tx.dialect == "postgresql":
            version = tx.connection.execute(text("SHOW server_version_num")).scalar_one()
            check_postgresql(int(version) // 10_000)
        if refusal_of_tables(tx) is None:
            return
    try:
        _upgrade(database)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) != _NO_RIGHTS:
            raise
        raise ConfigError(
            "the user of the metadata database may not make tables in it: make it the owner,"
            " with ALTER DATABASE … OWNER TO …"
        ) from error


def refusal_of_tables(tx: Transaction) -> str | None:
    """Why this weft can't work with the tables; None if it can."""
    revision = revision_of(tx)
    if revision == HEAD:
        return None
    if revision is None:
        return "the metadata database has no tables"
    if revision > HEAD:
        oldest = SettingTable().find_setting(tx, OLDEST_SETTING)
        if oldest is not None and oldest <= HEAD:
            return None
    return f"weft {VERSION} does not know revision {revision} of the metadata database"


def check_postgresql(version: int) -> None:
    """Refuse a PostgreSQL whose major version is too old, with `ConfigError`.

    >>> check_postgresql(15)
    """
    if version < OLDEST_POSTGRESQL:
        raise ConfigError(
            f"PostgreSQL {version} is too old: weft needs {OLDEST_POSTGRESQL} or later"
        )


def _upgrade(database: Database) -> None:
    with database.write() as tx:
        _wait_for_others(tx)
        if revision_of(tx) is None:
            existing = metadata.tables.keys() & set(inspect(tx.connection).get_table_names())
            if existing:
                raise ConfigError(
                    f"the metadata database has a table {min(existing)!r} of another program: "
                    "give weft a database of its own"
                )
            for statement in _table_statements(tx.connection.dialect.name):
                tx.connection.exec_driver_sql(statement)
            _version.create(tx.connection, checkfirst=True)
            tx.connection.execute(_version.insert().values(version_num=HEAD))
            return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    revisions = {script.revision for script in scripts.walk_revisions()}
    with database.write() as tx:
        _wait_for_others(tx)
        revision = revision_of(tx)
        if revision not in revisions:
            raise ConfigError(
                f"weft {VERSION} does not know revision {revision} of the metadata database: "
                "a later weft wrote it, or one before 0.1.0; open it with that one"
            )
        if tx.dialect == "postgresql":
            tx.connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_SECS}s'")
        config.attributes["connection"] = tx.connection
        command.upgrade(config, "head")
        SettingTable().replace(tx, OLDEST_SETTING, OLDEST)


def _wait_for_others(tx: Transaction) -> None:
    if tx.dialect == "postgresql":
        tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


@cache
def _table_statements(dialect: str) -> tuple[str, ...]:
    """The statements that create all tables: to write them takes longer than to run them, and a
    process may open many new databases, as the tests do.
    """
    statements: list[str] = []

    def write(statement: Any, *_: object, **__: object) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    driver = "postgresql+psycopg" if dialect == "postgresql" else dialect
    engine = create_mock_engine(f"{driver}://", write)
    metadata.create_all(engine, checkfirst=False)
    return tuple(statements)


_version: Final = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""The version table as Alembic creates it."""


def revision_of(tx: Transaction) -> str | None:
    if not inspect(tx.connection).has_table("alembic_version"):
        return None
    return tx.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
