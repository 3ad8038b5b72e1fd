"""Servers that move: from a data directory to PostgreSQL, and back, also after kills."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from archive_answers import answers_of, differences
from postgres_cluster import PostgresCluster
from release_data import unpack_release
from sdk_script import script_environment
from server_process import start_server
from weft.server.services.opening import open_services
from weft_command import Done, run_weft

pytestmark = pytest.mark.timeout(300)

PROJECT = "digits"


def make_target(folder: Path, **settings: str) -> Path:
    folder.mkdir()
    lines = [f'{name} = "{value}"\n' for name, value in settings.items()]
    (folder / "weft.toml").write_text("".join(lines))
    return folder


def migrate(data: Path, to: Path, *arguments: object) -> Done:
    return run_weft("server", "migrate", "--data", data, "--to", to, *arguments)


def answers(data: Path, url: str | None = None) -> dict[str, Any]:
    services = open_services(data, url, jobs=False)
    try:
        return answers_of(services, project=PROJECT)
    finally:
        services.close()


def rows_of_tables(data: Path) -> dict[str, list[dict[str, Any]]]:
    """All rows of the metadata in SQLite but those about servers themselves."""
    tables: dict[str, list[dict[str, Any]]] = {}
    with closing(sqlite3.connect(data / "metadata.db")) as db:
        names = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        for (name,) in db.execute(names).fetchall():
            cursor = db.execute(f'SELECT * FROM "{name}"')
            # A database that was upgraded has its columns in another order.
            columns = [column[0] for column in cursor.description]
            rows = [dict(sorted(zip(columns, row, strict=True))) for row in cursor]
            tables[name] = sorted(rows, key=repr)
    del tables["lease"], tables["sqlite_sequence"]
    own = {"migration", "metrics", "files", "token", "secret"}
    tables["setting"] = [row for row in tables["setting"] if row["key"] not in own]
    return tables


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A stopped server's directory: a project of an earlier release, a user, a team."""
    (tmp_path / "old").mkdir()
    unpack_release("0.1.0", tmp_path / "old")
    folder = tmp_path / "old" / "data"
    for words in (["user", "add", "ada"], ["team", "add", "vision", "--admin", "ada"]):
        done = run_weft("server", *words, "--data", folder)
        assert done.exit_code == 0, done.stderr
    return folder


def test_everything_of_a_server_moves_to_postgresql_and_back_unchanged(
    tmp_path: Path, data: Path, postgres_cluster: PostgresCluster
) -> None:
    before, tables = answers(data), rows_of_tables(data)
    url = postgres_cluster.new_database()
    shared = make_target(tmp_path / "shared", metadata_url=url, metrics_url="postgresql")
    report = migrate(data, shared, "--json").report
    assert (report["is_complete"], report["n_projects"] > 0, report["n_points"] > 0) == (
        True, True, True,
    )  # fmt: skip
    assert not differences(before, answers(shared, url))
    assert migrate(data, shared, "--json").report["is_complete"], "done already"
    back = make_target(tmp_path / "back")
    done = migrate(shared, back)
    assert (done.exit_code, "all of it was compared" in done.stdout) == (0, True), done.stderr
    assert not differences(before, answers(back))
    moved = rows_of_tables(back)
    assert all(row in moved["audit"] for row in tables.pop("audit"))
    assert [name for name in tables if moved[name] != tables[name]] == []
    assert (back / "token").read_text() == (data / "token").read_text()
    assert run_weft("server", "check", "--data", back).exit_code == 0
    with pytest.raises(RuntimeError, match="were moved to"):
        start_server(tmp_path, "--data", str(data))


KILL: Final = """
import importlib, os, signal, sys
module, name, n_before = sys.argv[1], sys.argv[2], int(sys.argv[3])
owner = importlib.import_module("weft.server.services.migration." + module)
*path, name = name.split(".")
for part in path:
    owner = getattr(owner, part)
original, n_calls = getattr(owner, name), 0
def call(*arguments, **named):
    global n_calls
    n_calls += 1
    if n_calls > n_before:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*arguments, **named)
setattr(owner, name, call)
sys.argv[:4] = ["weft"]
from weft.cli.main import main
main()
"""
"""Runs a `weft` command that is killed as it calls a function once more than `n_before` times."""


def test_a_second_start_completes_what_a_kill_in_the_middle_of_the_points_left(
    tmp_path: Path,
    data: Path,
    postgres_cluster: PostgresCluster,
) -> None:
    url = postgres_cluster.new_database()
    to = make_target(tmp_path / "new", metadata_url=url, metrics_url="postgresql")
    command = [sys.executable, "-c", KILL, "points", "PointCopy._write", "3"]
    words = ["server", "migrate", "--data", str(data), "--to", str(to)]
    killed = subprocess.run(
        [*command, *words], env=script_environment(), capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = answers(data)
    assert migrate(data, to, "--json").report["is_complete"]
    assert not differences(before, answers(to, url))
    assert not (to / "migration.jsonl").exists()
