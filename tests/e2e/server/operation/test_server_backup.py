"""Backups of a busy server, restored elsewhere, where the same scripts go on."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from at_length import at_length
from history_rows import history_rows
from postgres_cluster import PostgresCluster
from relay import Relay
from run_log_bytes import HandMadeLog
from sdk_script import start_script
from server_process import ServerProcess, start_server, wait_until
from weft_command import Done, run_weft, start_weft

SCRIPT = """
import os, time, weft
run = weft.init(project="p", id="ID", config={"a": 1})
i = 0
while not os.path.exists("enough"):
    run.log({"i": i, "half": i / 2})
    i += 1
    time.sleep(0.002)
run.summary["n_rows"] = i
run.finish()
"""
"""Logs until there is a file called `enough`, so that what happens meanwhile may take any time."""


def get(server: ServerProcess, path: str, **query: Any) -> Any:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        answer = client.get(path, params=query)
        return answer.json() if answer.status_code == 200 else None


def rows_of(server: ServerProcess, run: str) -> list[dict[str, Any]]:
    return history_rows(server.url, run)


def restore(backup: Path, data: Path, *arguments: object) -> Done:
    done = run_weft("server", "restore", backup, "--data", data, "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return done


def back_up(server: ServerProcess, to: Path, *arguments: object) -> dict[str, Any]:
    done = run_weft("server", "backup", to, "--data", server.data, "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return done.report


def fill(server: ServerProcess, n_rows: int = 100, *, project: str = "p") -> HandMadeLog:
    log = HandMadeLog(project=project)
    log.keys("loss")
    log.config(lr=0.1, nan=float("nan"), big=2**60)
    log.rows([[1.0 / (i + 1)] for i in range(n_rows)])
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        log.upload(client).raise_for_status()
        client.put(f"{log.path}/files/a.bin", content=b"weights" * 9999).raise_for_status()
    return log


def test_scripts_go_on_against_a_restored_server_and_nothing_is_lost_or_doubled(
    tmp_path: Path, own_server: ServerProcess
) -> None:
    ids = ["one", "two"]
    with Relay(own_server.url) as relay:
        env = {"WEFT_MODE": "online", "WEFT_BASE_URL": relay.url, "WEFT_SYSTEM_INTERVAL": "0"}
        scripts = [start_script(tmp_path, SCRIPT.replace("ID", run), env) for run in ids]
        for run in ids:
            wait_until(lambda run=run: rows_of(own_server, run), what="rows are coming")
        backup = back_up(own_server, tmp_path / "backups")
        path = Path(backup["path"])
        n_then = {run: len(rows_of(own_server, run)) for run in ids}
        for run in ids:
            wait_until(
                lambda run=run: len(rows_of(own_server, run)) > n_then[run], what="more rows came"
            )
        relay.refuse()
        own_server.kill()
        restore(tmp_path / "backups", tmp_path / "restored")
        n_restored = 0
        with start_server(tmp_path, "--data", str(tmp_path / "restored")) as again:
            n_restored = sum(len(rows_of(again, run)) for run in ids)
            relay.lead_to(again.url)
            (tmp_path / "enough").touch()
            for script in scripts:
                _, stderr = script.communicate(timeout=120)
                assert script.returncode == 0, stderr
            n_logged = 0
            for run in ids:
                rows = rows_of(again, run)
                info = get(again, f"/api/v1/projects/local/p/runs/{run}")
                n_rows = info["summary"]["n_rows"]
                assert [row["i"] for row in rows] == list(range(n_rows))
                assert [row["half"] for row in rows] == [i / 2 for i in range(n_rows)]
                assert (info["state"], info["config"]["a"]) == ("finished", 1)
                n_logged += n_rows
        assert 0 < n_restored < n_logged, "the backup was made in between"
        assert run_weft("server", "check", "--data", tmp_path / "restored").exit_code == 0
        assert (path / "manifest.json").exists()


def test_a_backup_has_everything_and_can_be_made_without_a_server(
    tmp_path: Path, own_server: ServerProcess
) -> None:
    log = fill(own_server)
    fill(own_server, project="other")
    first = back_up(own_server, tmp_path / "backups")
    before = get(own_server, log.path)
    own_server.stop()
    second = back_up(own_server, tmp_path / "backups")
    assert (first["n_projects"], first["n_blobs"], first["missing"]) == (2, 1, [])
    assert first["path"] != second["path"]
    for backup, name in ((first, "x"), (second, "y")):
        restore(Path(backup["path"]), tmp_path / name)
        assert (tmp_path / name / "token").read_text() == (own_server.data / "token").read_text()
        with start_server(tmp_path, "--data", str(tmp_path / name)) as again:
            wait_until(lambda: get(again, log.path) == before, what="the summary is made anew")
            assert len(rows_of(again, "run1")) == 100
            with httpx.Client(base_url=again.url, trust_env=False) as client:
                assert client.get(f"{log.path}/files/a.bin").content == b"weights" * 9999
                projects = client.get("/api/v1/projects").raise_for_status().json()["projects"]
                assert {project["project"] for project in projects} == {"p", "other"}


@at_length
def test_further_backups_cost_no_second_lot_of_blobs(
    tmp_path: Path, own_server: ServerProcess
) -> None:
    log = fill(own_server)
    backups = tmp_path / "backups"
    large = os.urandom(5_000_000)
    with httpx.Client(base_url=own_server.url, trust_env=False, timeout=60) as client:
        client.put(f"{log.path}/files/large", content=large).raise_for_status()
    first = back_up(own_server, backups)
    second = back_up(own_server, backups)
    assert first["n_bytes"] > len(large)
    assert max(first["n_bytes_written"], second["n_bytes_written"]) < len(large)
    with httpx.Client(base_url=own_server.url, trust_env=False, timeout=60) as client:
        client.delete(f"{log.path}/files/large").raise_for_status()
    shutil.rmtree(first["path"])
    restore(backups, tmp_path / "restored")
    with (
        start_server(tmp_path, "--data", str(tmp_path / "restored")) as again,
        httpx.Client(base_url=again.url, trust_env=False, timeout=60) as client,
    ):
        assert client.get(f"{log.path}/files/large").content == large


@pytest.fixture(scope="module")
def sound_backup(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    with start_server(folder) as process:
        fill(process)
        return Path(back_up(process, folder / "backups")["path"])


@pytest.mark.parametrize(
    "damage", ["blob", "blob gone", "metadata", "metrics", "manifest", "manifest names", "newer"]
)
def test_a_damaged_backup_is_refused_whole(
    tmp_path: Path, sound_backup: Path, damage: str
) -> None:
    backup = tmp_path / "backups" / sound_backup.name
    shutil.copytree(sound_backup, backup)
    (blob,) = (path for path in backup.glob("blobs/*/*") if path.is_file())
    manifest = json.loads((backup / "manifest.json").read_bytes())
    if damage == "blob":
        replace_byte(blob)
    elif damage == "blob gone":
        blob.unlink()
    elif damage == "metadata":
        replace_byte(backup / "metadata.db")
    elif damage == "metrics":
        (path,) = (backup / "metrics").iterdir()
        replace_byte(path)
    elif damage == "manifest":
        (backup / "manifest.json").write_bytes(b'{"format": "weft backup"')
    elif damage == "manifest names":
        manifest["files"]["../../evil"] = {"n_bytes": 1, "sha256": "0" * 64}
        (backup / "manifest.json").write_text(json.dumps(manifest))
    else:
        manifest["version"] = 99
        (backup / "manifest.json").write_text(json.dumps(manifest))
    done = run_weft("server", "restore", backup, "--data", tmp_path / "restored")
    assert done.exit_code == 2
    assert done.stderr.startswith("weft: ")
    assert not (tmp_path / "restored").exists()
    assert [path.name for path in tmp_path.iterdir() if "restor" in path.name] == []


def replace_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 255
    # A new file: the old one may be a hard link to the server's own.
    path.unlink()
    path.write_bytes(data)


def test_restore_overwrites_nothing(tmp_path: Path, own_server: ServerProcess) -> None:
    fill(own_server)
    back_up(own_server, tmp_path / "backups")
    done = run_weft("server", "restore", tmp_path / "backups", "--data", own_server.data)
    assert done.exit_code == 2
    assert "move it away" in done.stderr
    assert len(rows_of(own_server, "run1")) == 100
    assert run_weft("server", "restore", tmp_path, "--data", tmp_path / "x").exit_code == 2
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "backups", tmp_path / "empty")


def test_what_was_deleted_just_then_stays_deleted(
    tmp_path: Path, own_server: ServerProcess
) -> None:
    """The metric file was frozen before the deletion, metadata after it."""
    log = fill(own_server)
    backup = Path(back_up(own_server, tmp_path / "backups")["path"])
    with httpx.Client(base_url=own_server.url, trust_env=False, timeout=60) as client:
        client.delete(log.path, params={"permanently": "true"}).raise_for_status()
    own_server.stop()
    # As if metadata had been frozen after that.
    later = backup / "metadata.db"
    later.unlink()
    with (
        closing(sqlite3.connect(own_server.data / "metadata.db")) as source,
        closing(sqlite3.connect(later)) as target,
    ):
        source.backup(target)
    manifest = json.loads((backup / "manifest.json").read_bytes())
    data = later.read_bytes()
    manifest["files"]["metadata.db"] = {
        "n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()
    }  # fmt: skip
    manifest["blobs"] = {}
    (backup / "manifest.json").write_text(json.dumps(manifest))
    restore(backup, tmp_path / "restored")
    with start_server(tmp_path, "--data", str(tmp_path / "restored")) as again:
        with httpx.Client(base_url=again.url, trust_env=False, timeout=60) as client:
            assert client.get(log.path).status_code == 410
            assert log.upload(client).status_code == 410
        (path,) = (tmp_path / "restored" / "metrics").glob("*.db")

        def is_forgotten() -> bool:
            with closing(sqlite3.connect(path)) as db:
                return db.execute("SELECT count(*) FROM run WHERE gone = 0").fetchone() == (0,)

        wait_until(is_forgotten, what="the metric file forgets the run")
    assert run_weft("server", "check", "--data", tmp_path / "restored").exit_code == 0


@at_length
def test_postgresql_is_dumped_and_restored_to_either_engine(
    tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    postgres_url = postgres_cluster.new_database()
    with start_server(tmp_path, "--metadata-url", postgres_url) as server:
        log = fill(server)
        backup = back_up(server, tmp_path / "backups", "--metadata-url", postgres_url)
        before = get(server, log.path)
        check = run_weft(
            "server", "check", "--data", server.data, "--metadata-url", postgres_url, "--json"
        )
        assert check.report["n_problems"] == 0
    assert (Path(backup["path"]) / "metadata.dump.zst").exists()
    elsewhere = postgres_cluster.new_database()
    for name, url in (("sqlite", None), ("postgres", elsewhere)):
        where = ("--metadata-url", url) if url else ()
        restore(tmp_path / "backups", tmp_path / name, *where)
        with start_server(tmp_path, "--data", str(tmp_path / name), *where) as again:
            wait_until(lambda: get(again, log.path) == before, what="the summary is made anew")
            assert len(rows_of(again, "run1")) == 100
            # Row ids go on where they were.
            fill(again, project="new")
            assert get(again, "/api/v1/projects/local/new/runs/run1")["config"]["lr"] == 0.1
    again_url = run_weft(
        "server", "restore", tmp_path / "backups", "--data", tmp_path / "z",
        "--metadata-url", elsewhere,
    )  # fmt: skip
    assert again_url.exit_code == 2
    assert "not empty" in again_url.stderr
    assert not (tmp_path / "z").exists()
    # From SQLite to PostgreSQL.
    third = postgres_cluster.new_database()
    run_weft("server", "backup", tmp_path / "b2", "--data", tmp_path / "sqlite")
    restore(tmp_path / "b2", tmp_path / "moved", "--metadata-url", third)
    with start_server(
        tmp_path, "--data", str(tmp_path / "moved"), "--metadata-url", third
    ) as again:
        wait_until(lambda: get(again, log.path) == before, what="the summary is made anew")


@at_length
def test_two_backups_at_once_do_not_mix(tmp_path: Path, own_server: ServerProcess) -> None:
    fill(own_server, 20_000)
    backups = tmp_path / "backups"
    processes = [
        start_weft("server", "backup", backups, "--data", own_server.data, "--json")
        for _ in range(3)
    ]
    codes = []
    for process in processes:
        _, stderr = process.communicate(timeout=300)
        assert "Traceback" not in stderr
        codes.append(process.returncode)
    assert 0 in codes
    assert set(codes) <= {0, 2}, "the other is told that one is being made"
    assert len(list(backups.glob("*/manifest.json"))) == codes.count(0)
    assert [path.name for path in backups.iterdir() if path.name.startswith(".")] == []
