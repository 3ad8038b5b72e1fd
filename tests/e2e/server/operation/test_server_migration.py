"""Servers that move to PostgreSQL, ClickHouse and S3, and back, below scripts and after kills."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from archive_answers import answers_of, differences
from at_length import at_length, case_at_length
from clickhouse_server import ClickHouseServer
from history_rows import history_rows
from postgres_cluster import PostgresCluster
from relay import Relay
from release_data import unpack_release
from s3_server import NewBucket
from sdk_script import start_script
from server_process import ServerProcess, start_server, wait_until
from weft.server.services.opening import open_services
from weft_command import Done, assert_killed_by, run_weft

pytestmark = pytest.mark.timeout(300)

PROJECT = "digits"

SCRIPT = """
import os, time
import numpy as np
import weft
run = weft.init(project="p", id="live", config={"a": 1})
i = 0
while not os.path.exists("enough"):
    run.log({"i": i, "half": i / 2})
    print("line", i)
    if i % 100 == 0:
        run.log({"image": weft.Image(np.full((8, 8, 3), i % 251, np.uint8))})
    i += 1
    time.sleep(0.02)
run.summary["n_rows"] = i
run.finish()
"""


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


def rows_of(server: ServerProcess, run: str) -> list[dict[str, Any]]:
    return history_rows(server.url, run, "i,half")


def move_below_a_script(tmp_path: Path, settings: dict[str, str], env: dict[str, str]) -> None:
    """A script logs while its server moves, and goes on at the new one."""
    to = make_target(tmp_path / "new", **settings)
    with start_server(tmp_path, env=env) as server, Relay(server.url) as relay:
        user = run_weft("server", "user", "add", "ada", "--json", "--data", server.data).report
        sends = {"WEFT_MODE": "online", "WEFT_BASE_URL": relay.url, "WEFT_CONSOLE": "wrap"}
        script = start_script(tmp_path, SCRIPT, sends)
        wait_until(lambda: len(rows_of(server, "live")) > 50, what="rows are coming")
        done = migrate(server.data, to)
        assert done.exit_code == 0, done.stderr
        n_moved = len(rows_of(server, "live"))
        with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
            refused = client.patch("/api/v1/projects/local/p/runs/live", json={"name": "x"})
            assert (refused.status_code, "have moved" in refused.text) == (503, True)
            assert "retry-after" in refused.headers
        with start_server(tmp_path, "--data", str(to), env=env) as new:
            assert len(rows_of(new, "live")) == n_moved
            relay.lead_to(new.url)
            (tmp_path / "enough").touch()
            _, stderr = script.communicate(timeout=200)
            assert script.returncode == 0, stderr
            with httpx.Client(base_url=new.url, trust_env=False, timeout=60) as client:
                path = "/api/v1/projects/local/p/runs/live"
                info = client.get(path).raise_for_status().json()
                n_rows = info["summary"]["n_rows"]
                assert n_rows > n_moved, "the script went on"
                rows = [row for row in rows_of(new, "live") if "i" in row]
                assert [row["i"] for row in rows] == list(range(n_rows))
                assert [row["half"] for row in rows] == [i / 2 for i in range(n_rows)]
                assert (info["state"], info["config"]["a"]) == ("finished", 1)
                lines = client.get(f"{path}/logs", params={"limit": 10_000}).raise_for_status()
                texts = [line["text"] for line in lines.json()["lines"]]
                assert [t for t in texts if t.startswith("line ")] == [
                    f"line {i}" for i in range(n_rows)
                ]
                files = client.get(f"{path}/files").raise_for_status().json()["files"]
                assert len(files) >= n_rows // 100
                for file in files:
                    client.get(f"{path}/files/{file['path']}").raise_for_status()
                bearer = {"Authorization": f"Bearer {user['api_key']}"}
                assert client.get("/api/v1/account", headers=bearer).is_success


def test_a_script_logs_while_its_server_moves_and_every_row_is_there_once(
    tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    settings = {"metadata_url": postgres_cluster.new_database(), "metrics_url": "postgresql"}
    move_below_a_script(tmp_path, settings, {})


KILL: Final = """
import importlib, os, signal
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
"""
"""Has a process be killed as it calls a function once more than `n_before` times."""


@pytest.mark.parametrize(
    ("module", "name", "n_before"),
    [
        case_at_length("target", "open_storage", 0),
        case_at_length("target", "write_mark", 1, id="before the target is marked"),
        case_at_length("passes", "copy_tables", 0),
        case_at_length("contents", "ContentCopy.copy", 0),
        case_at_length("points", "PointCopy._write", 0),
        ("points", "PointCopy._write", 3),
        case_at_length("points", "_Present.digest", 2),
        case_at_length("progress_record", "ProgressRecord.add", 2),
        case_at_length("passes", "copy_tables", 2, id="after the rest was copied"),
        case_at_length("target", "write_mark", 2, id="before the source is left"),
        case_at_length("target", "write_mark", 3, id="between the last two marks"),
    ],
)
def test_a_second_start_completes_what_a_kill_left(
    tmp_path: Path,
    data: Path,
    postgres_cluster: PostgresCluster,
    module: str,
    name: str,
    n_before: int,
) -> None:
    url = postgres_cluster.new_database()
    to = make_target(tmp_path / "new", metadata_url=url, metrics_url="postgresql")
    kill = f"module, name, n_before = {module!r}, {name!r}, {n_before}\n{KILL}"
    assert_killed_by(kill, "server", "migrate", "--data", data, "--to", to)
    before = answers(data)
    assert migrate(data, to, "--json").report["is_complete"]
    assert not differences(before, answers(to, url))
    assert not (to / "migration.jsonl").exists()


def test_what_can_not_move_is_refused_with_the_remedy(
    tmp_path: Path, data: Path, postgres_cluster: PostgresCluster
) -> None:
    def refusal(to: Path, *arguments: object) -> str:
        done = migrate(data, to, *arguments)
        assert done.exit_code in (1, 2), done
        return done.stderr

    assert "this server's own" in refusal(data)
    assert "this server's own" in refusal(data / "inside")
    (tmp_path / "other").mkdir()
    assert run_weft("server", "user", "add", "bo", "--data", tmp_path / "other").exit_code == 0
    for arguments in ((), ("--dry-run",)):
        assert "can only be moved to an empty one" in refusal(tmp_path / "other", *arguments)
    away = make_target(tmp_path / "away", metadata_url="postgresql://weft@127.0.0.1:1/none")
    assert "is not available" in refusal(away)
    url = postgres_cluster.new_database()
    to = make_target(tmp_path / "new", metadata_url=url, metrics_url="postgresql")
    report = migrate(data, to, "--dry-run", "--json").report
    assert (report["dry_run"], report["is_complete"]) == (True, False)
    assert min(report[name] for name in ("n_projects", "n_runs", "n_rows", "n_blobs")) > 0
    assert [path.name for path in to.iterdir()] == ["weft.toml"], "a dry run writes nothing"
    with start_server(tmp_path, "--data", str(tmp_path / "busy")):
        assert "is in use by" in refusal(tmp_path / "busy")


@at_length
def test_a_server_moves_to_clickhouse_and_a_bucket_below_a_script(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    clickhouse_server: ClickHouseServer,
    s3_bucket: NewBucket,
) -> None:
    settings = {
        "metadata_url": postgres_cluster.new_database(),
        "metrics_url": clickhouse_server.new_database(),
        "files_url": s3_bucket.url,
    }
    move_below_a_script(tmp_path, settings, s3_bucket.environment)
