"""Servers that are killed while they create or migrate their tables: the next one finishes it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from sqlalchemy import create_engine, inspect, text

from at_length import case_at_length
from clickhouse_server import ClickHouseServer
from metric_answers import batch
from postgres_cluster import PostgresCluster
from release_data import RELEASES, load_metadata_of_release, unpack_release
from server_forks import fork_module
from weft.errors import ConfigError, Unavailable
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.contract import Column, RowBlock
from weft.server.storage.metadata import MetadataStore
from weft.server.storage.metadata.database.schema import HEAD
from weft_command import run_weft

CHILD = Path(__file__).with_name("migrating_child.py")


def is_killed(*words: object) -> bool:
    """Whether a server was killed at a statement; False if it needed fewer."""
    code = fork_module(CHILD, *words).wait(120)
    assert code in {0, -signal.SIGKILL}, code
    return code != 0


def contents_of(url: str) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """The columns and indexes of all tables, and all rows."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        inspector = inspect(connection)
        names = sorted(inspector.get_table_names())
        tables = {
            name: (
                [(column["name"], str(column["type"])) for column in inspector.get_columns(name)],
                sorted(str(index["name"]) for index in inspector.get_indexes(name)),
            )
            for name in names
        }
        rows = {
            name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')).all()))
            for name in names
        }
    engine.dispose()
    return tables, rows


def new_database(kind: str, release: str | None, folder: Path, cluster: PostgresCluster) -> str:
    """The address of a database of a release, or of an empty one."""
    folder.mkdir()
    url = cluster.new_database() if kind == "postgresql" else f"sqlite:///{folder}/metadata.db"
    if release is not None:
        unpack_release(release, folder)
        if kind == "postgresql":
            load_metadata_of_release(folder, url)
        else:
            url = f"sqlite:///{folder}/data/metadata.db"
    return url


@pytest.mark.timeout(1200)  # a hundred processes
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.parametrize(
    ("kind", "step", "release"),
    [
        ("sqlite", 20, RELEASES[0]),
        ("postgresql", 20, None),
        *(
            case_at_length(kind, step, release)
            for kind in ("sqlite", "postgresql")
            for step in (1, 20)
            for release in (None, *RELEASES)
            if (kind, step, release) not in {("sqlite", 20, RELEASES[0]), ("postgresql", 20, None)}
        ),
    ],
)
def test_a_migration_that_is_killed_at_any_statement_changes_nothing_until_it_is_whole(
    tmp_path: Path, postgres_cluster: PostgresCluster, kind: str, step: int, release: str | None
) -> None:
    whole = new_database(kind, release, tmp_path / "whole", postgres_cluster)
    MetadataStore(whole).close()
    expected = contents_of(whole)
    url = new_database(kind, release, tmp_path / "killed", postgres_cluster)
    before = contents_of(url)
    nth = 1
    while is_killed("migrate", url, nth):
        nth += step
        assert contents_of(url) in (before, expected)  # the last statements are reads
    assert nth > step
    assert contents_of(url) == expected


@pytest.mark.parametrize("step", [5, case_at_length(1)])
def test_tables_in_clickhouse_whose_creation_was_killed_are_finished_by_the_next_server(
    postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer, step: int
) -> None:
    databases: list[tuple[str, str]] = []
    nth = 1
    is_over = False
    while not is_over:
        url, clickhouse_url = postgres_cluster.new_database(), clickhouse_server.new_database()
        is_over = not is_killed("open_points", url, clickhouse_url, nth)
        databases.append((url, clickhouse_url))
        nth += step
    assert len(databases) > 2
    expected = tables_of(databases[-1][1])
    assert {name for name, _ in expected} >= {"col", "part", "owner", "points", "projects"}
    for url, clickhouse_url in databases:
        engine = SharedEngine(url, clickhouse_url, mirrors_points=True)
        assert tables_of(clickhouse_url) == expected
        store = engine.open("1")
        store.append([batch("r", "w", 0, rows_of(40))])
        store.compact(until_idle=True)
        assert [row.row for row in store.rows("r", limit=100)] == list(range(40))
        engine.close()


def rows_of(n_rows: int) -> RowBlock:
    at = np.arange(n_rows)
    return RowBlock(0, at, at * 1000, None, {"loss": [Column("float", None, at.astype(float))]})


def tables_of(clickhouse_url: str) -> list[tuple[str, str]]:
    """The names of all tables, and the statements that create them."""
    clients = Clients(clickhouse_url)
    query = f"SELECT name FROM system.tables WHERE database = '{clients.database}' ORDER BY name"
    tables = [
        (name.decode(), clients.read(f"SHOW CREATE TABLE {name.decode()}")[0][0].decode())
        for (name,) in clients.read(query)
    ]
    clients.close()
    return [(name, text.replace(clients.database, "weft")) for name, text in tables]


def add_to_version(connection: psycopg.Connection[Any], n: int) -> None:
    connection.execute(
        "UPDATE weft_metrics.version SET version = version + %s, oldest = oldest + %s", (n, n)
    )


def test_an_older_server_refuses_to_start_on_the_tables_of_a_newer_one(
    tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    url = postgres_cluster.new_shared()
    options = ["--data", str(tmp_path), "--metadata-url", url, "--port", "0"]
    with psycopg.connect(url, autocommit=True) as connection:
        add_to_version(connection, 1)
        with pytest.raises(Unavailable, match="a later version of weft made"):
            SharedEngine(url)
        done = run_weft("server", *options)
        assert done.exit_code == 2
        assert "a later version of weft made the tables of metrics" in done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(ConfigError, match="revision 9999"):
            MetadataStore(url)
        done = run_weft("server", *options)
        assert done.exit_code == 2
        assert "a later weft wrote it" in done.stderr
        # It has changed nothing.
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == (
            "9999",
        )
        connection.execute("UPDATE alembic_version SET version_num = %s", (HEAD,))
        add_to_version(connection, -1)
    SharedEngine(url).close()
