"""Databases of earlier releases, migrated, have the tables and values that a new one has."""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, inspect, text

from postgres_cluster import PostgresCluster
from release_data import RELEASES, load_metadata_of_release, unpack_release
from weft.errors import ConfigError
from weft.server.storage.metadata import MetadataStore, NewRun, Transaction, upgrade
from weft.server.storage.metadata.database.schema import HEAD, OLDEST, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_cluster").new_database()
    return f"sqlite:///{tmp_path / 'metadata.db'}"


@pytest.fixture(params=RELEASES)
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_url: str) -> str:
    """Address of a release's database."""
    unpack_release(request.param, tmp_path)
    if empty_url.startswith("postgresql"):
        load_metadata_of_release(tmp_path, empty_url)
        return empty_url
    return f"sqlite:///{tmp_path / 'data' / 'metadata.db'}"


def engine_of(url: str) -> Engine:
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://"))


# `test_a_rename_looks_at_the_references_of_its_collection_only` is of the index by expression.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
@pytest.mark.filterwarnings(
    "ignore:autogenerate skipping metadata-specified expression-based index"
)
def test_a_migrated_database_has_the_tables_of_the_schema(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    MetadataStore(url).close()
    engine = engine_of(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) >= set(metadata.tables)
    engine.dispose()


@pytest.mark.parametrize("release", [None, *RELEASES])
def test_servers_that_start_at_once_upgrade_their_database_together(
    release: str | None, tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    url = postgres_cluster.new_database()
    if release is not None:
        unpack_release(release, tmp_path)
        load_metadata_of_release(tmp_path, url)
    barrier = threading.Barrier(4)

    def start(_: int) -> str | None:
        barrier.wait()
        store = MetadataStore(url)
        with store.read() as tx:
            revision = upgrade.revision_of(tx)
        store.close()
        return revision

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(start, range(4))) == [HEAD] * 4


def plan_of(tx: Transaction, query: Callable[[], object]) -> str:
    """The plan of the one statement that a function executes."""
    executed: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        executed.append((statement, parameters))

    event.listen(tx.connection, "before_cursor_execute", note)
    query()
    event.remove(tx.connection, "before_cursor_execute", note)
    ((statement, parameters),) = executed
    explain = "EXPLAIN QUERY PLAN "
    if tx.dialect == "postgresql":
        explain = "EXPLAIN "
        tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return str(tx.connection.exec_driver_sql(explain + statement, parameters).all())


def test_a_rename_looks_at_the_references_of_its_collection_only(url: str) -> None:
    store = MetadataStore(url)
    mnist, digits = "weft-artifact://lab/p/mnist:", "weft-artifact://lab/p/digits:"
    with store.write() as tx:
        plan = plan_of(tx, lambda: store.artifact_files.move_references(tx, mnist, digits))
    assert "ix_artifact_file_referring" in plan
    condition = "Index Cond" if tx.dialect == "postgresql" else "<expr>>? AND <expr><?"
    assert condition in plan
    store.close()


@pytest.mark.parametrize("runs", [None, ["r1", "r2"]])
def test_step_metrics_are_read_from_their_index(url: str, runs: list[str] | None) -> None:
    store = MetadataStore(url)
    with store.write() as tx:
        plan = plan_of(tx, lambda: store.definitions.used_step_metrics(tx, 1, runs))
    assert "ix_definition_stepping" in plan
    store.close()


@pytest.mark.parametrize("release", RELEASES)
def test_a_migrated_sqlite_file_has_the_statements_of_a_new_one(
    release: str, tmp_path: Path
) -> None:
    unpack_release(release, tmp_path)
    MetadataStore(f"sqlite:///{tmp_path}/data/metadata.db").close()
    MetadataStore(f"sqlite:///{tmp_path}/new.db").close()

    def tables(path: Path) -> dict[str, list[str]]:
        # the order of columns and constraints is left out
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
            return {name: sorted(re.split(r",\s*|\n[\s)]*", sql)) for name, sql in rows}

    assert tables(tmp_path / "data/metadata.db") == tables(tmp_path / "new.db")
    assert tables(tmp_path / "new.db").keys() > set(metadata.tables)


def test_runs_of_0_1_0_are_created_when_they_began(url: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        for run, started in (("synced", 50), ("ahead", 500), ("no-clock", 0)):
            connection.execute(
                text(
                    "INSERT INTO run (project_id, run, name, tags, color, stamps, state,"
                    " created_micros, started_micros, origin_micros, stop_requested, is_continued)"
                    " VALUES (1, :run, 'n', '[]', 1, '{}', 'finished', 100, :started, 1, false,"
                    " false)"
                ),
                {"run": run, "started": started},
            )
    engine.dispose()
    store = MetadataStore(url)
    with store.read() as tx:
        rows = store.runs.get_many(tx, "local", "digits", ["synced", "ahead", "no-clock"])
    assert {name: (row.created_micros, row.arrived_micros) for name, row in rows.items()} == {
        "synced": (50, 100),
        "ahead": (100, 100),
        "no-clock": (100, 100),
    }
    store.close()


def test_runs_whose_later_log_came_first_count_from_the_earliest(url: str) -> None:
    engine = engine_of(url)
    with engine.begin() as connection:
        for run, origin in (("late", 500), ("right", 40)):
            connection.execute(
                text(
                    "INSERT INTO run (id, project_id, run, name, tags, color, stamps, state,"
                    " created_micros, started_micros, origin_micros, stop_requested, is_continued)"
                    " VALUES (:id, 1, :run, 'n', '[]', 1, '{}', 'finished', 100, 40, :origin,"
                    " false, false)"
                ),
                {"id": 900 + origin, "run": run, "origin": origin},
            )
            for writer, parent, anchor in (("main", None, 50), ("system", "main", 30)):
                connection.execute(
                    text(
                        "INSERT INTO run_writer (run_id, writer, parent, anchor_micros,"
                        " offset_micros, resumed, first_micros, preempting, record_position)"
                        " VALUES (:id, :writer, :parent, :anchor, -10, false, 100, false, 1)"
                    ),
                    {"id": 900 + origin, "writer": writer, "parent": parent, "anchor": anchor},
                )
    engine.dispose()
    store = MetadataStore(url)
    with store.read() as tx:
        refs = store.runs.refs(tx, 1, ["late", "right"])
    assert {name: (ref.origin_micros, ref.is_continued) for name, ref in refs.items()} == {
        "late": (40, True),
        "right": (40, False),
    }
    store.close()


def test_the_newest_migration_is_the_head_of_the_schema() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    migrations = Path(upgrade.__file__).parent / "migrations"
    config.set_main_option("script_location", str(migrations))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


@pytest.mark.parametrize("revision", ["9999", "0006"])
def test_a_database_of_an_unknown_revision_is_refused(empty_url: str, revision: str) -> None:
    MetadataStore(empty_url).close()
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    with pytest.raises(ConfigError, match=f"revision {revision}"):
        MetadataStore(empty_url)
    with engine.connect() as connection:
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    engine.dispose()
    assert version == revision


def test_a_migrated_database_tells_which_revisions_work_with_it(url: str) -> None:
    store = MetadataStore(url)
    with store.read() as tx:
        assert store.settings.find_setting(tx, upgrade.OLDEST_SETTING) == OLDEST
    store.close()


def migrate_as_a_later_weft(url: str, oldest: str) -> None:
    """Add a column, and the marks of a migration that this weft does not have."""
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE run ADD COLUMN later VARCHAR(9) DEFAULT 'x'"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        statement = text("INSERT INTO setting (key, value) VALUES ('oldest_revision', :oldest)")
        connection.execute(statement, {"oldest": oldest})
    engine.dispose()


def test_servers_work_with_tables_to_which_a_later_one_added(empty_url: str) -> None:
    earlier = MetadataStore(empty_url)
    migrate_as_a_later_weft(empty_url, HEAD)
    for run, store in (("of-earlier", earlier), ("of-restarted", MetadataStore(empty_url))):
        assert store.refusal_of_tables() is None
        with store.write() as tx:
            project_id = store.projects.make(tx, "local", "p", 1)
            new = NewRun(run, run, "running", 10, 10, 10, color=1)
            store.runs.create(tx, "local", "p", project_id, [new])
        with store.read() as tx:
            assert store.runs.get(tx, "local", "p", run) is not None
        store.close()


def test_a_server_whose_tables_a_later_one_changed_says_so(empty_url: str) -> None:
    store = MetadataStore(empty_url)
    migrate_as_a_later_weft(empty_url, "0999")
    assert "revision 0999" in (store.refusal_of_tables() or "")
    store.close()
    with pytest.raises(ConfigError, match="a later weft wrote it"):
        MetadataStore(empty_url)


def test_migrations_after_the_oldest_only_add() -> None:
    folder = Path(upgrade.__file__).parent / "migrations" / "versions"
    for path in folder.glob("*.py"):
        if path.name[:4] > OLDEST:
            operations = set(
                re.findall(r"op\.(\w+)\(", path.read_text().partition("downgrade")[0])
            )
            assert operations <= {"add_column", "create_table", "create_index", "f"}, path.name


def test_tables_of_another_program_are_left_alone(empty_url: str) -> None:
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stranger (id INTEGER)"))
    MetadataStore(empty_url).close()
    with engine.begin() as connection:
        assert {"stranger", "run"} <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_a_name_that_another_program_took_is_an_error(empty_url: str) -> None:
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE project (id INTEGER)"))
    with pytest.raises(ConfigError, match="table 'project' of another program"):
        MetadataStore(empty_url)
    with engine.begin() as connection:
        assert inspect(connection).get_table_names() == ["project"]
    engine.dispose()
