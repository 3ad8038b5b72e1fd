"""`weft server gc` and `weft server check`: beside a running server, and without one."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from at_length import at_length, case_at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, wait_until
from stored_blobs import replace_small_blob
from weft.server.storage.metrics import SqliteMetricStore
from weft_command import Done, run_weft


def fill(server: ServerProcess) -> HandMadeLog:
    """A run of two metrics with 10,000 rows, and a file."""
    log = HandMadeLog()
    log.keys("loss", "train/acc")
    log.rows([[1.0 / (i + 1), i] for i in range(10_000)])
    log.finish()
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        log.upload(client).raise_for_status()
        client.put(f"{log.path}/files/a.bin", content=b"weights" * 999).raise_for_status()
    return log


def metric_file(server: ServerProcess) -> Path:
    (path,) = (server.data / "metrics").glob("*.db")
    return path


def compacted(server: ServerProcess) -> Path:
    """The metric file, with chunks; the server is stopped."""
    server.stop()
    store = SqliteMetricStore(metric_file(server))
    store.compact(until_idle=True)
    store.close()
    return metric_file(server)


def command(server: ServerProcess, name: str, *arguments: object) -> Done:
    return run_weft("server", name, "--data", server.data, "--json", *arguments)


def plant_garbage(server: ServerProcess) -> int:
    """Leave garbage of each kind, as kills and full disks do; its bytes."""
    blobs = server.data / "blobs"
    (blobs / "drafts" / "0123456789abcdef").write_bytes(b"x" * 1000)
    lost = "ab" + "0" * 62
    (blobs / "ab").mkdir(exist_ok=True)
    (blobs / "ab" / lost).write_bytes(b"y" * 2000)
    with closing(sqlite3.connect(metric_file(server), isolation_level=None)) as db:
        top = db.execute("SELECT max(part) FROM part").fetchone()[0] or 0
        db.execute("INSERT INTO part VALUES (?, 0, ?)", (top + 5000, b"w" * 500))
    (server.data / "metrics" / "999.db").write_bytes(b"z" * 4000)
    return 1000 + 2000 + 4000 + 500


@pytest.mark.parametrize("running", [True, case_at_length(False)])
def test_gc_frees_what_nothing_needs_and_nothing_else(
    own_server: ServerProcess, running: bool
) -> None:
    log = fill(own_server)
    if not running:
        compacted(own_server)
    metric_file_ids = {path.name for path in (own_server.data / "metrics").glob("*.db")}
    planted = 7500
    if running:
        assert plant_garbage(own_server) == planted
        dry = command(own_server, "gc", "--dry-run")
        assert dry.exit_code == 0
        assert dry.report["n_bytes"] == planted
        assert command(own_server, "gc", "--dry-run").report["n_bytes"] == planted
    else:
        # A server's start removes lost metric files by itself.
        assert plant_garbage(own_server) == planted
    done = command(own_server, "gc")
    assert done.exit_code == 0, done.stderr
    assert done.report["blobs"] == {"n": 1, "n_bytes": 2000}
    assert done.report["drafts"]["n_bytes"] == 1000
    assert done.report["parts"] == {"n": 1, "n_bytes": 500}
    assert command(own_server, "gc").report["n_bytes"] == 0
    assert {path.name for path in (own_server.data / "metrics").glob("*.db")} == metric_file_ids
    assert command(own_server, "check").report["n_problems"] == 0
    if running:
        with httpx.Client(base_url=own_server.url, trust_env=False) as client:
            assert client.get(f"{log.path}/files/a.bin").content == b"weights" * 999


@pytest.mark.parametrize("running", [True, case_at_length(False)])
def test_check_finds_nothing_wrong_with_a_healthy_server(
    own_server: ServerProcess, running: bool
) -> None:
    fill(own_server)
    if not running:
        compacted(own_server)
    done = command(own_server, "check")
    assert done.exit_code == 0, done.stdout
    report = done.report
    assert (report["n_problems"], report["n_projects"], report["n_runs"]) == (0, 1, 1)
    assert (report["n_blobs"], report["n_unused_bytes"]) == (1, 0)
    assert report["n_bytes"] > 0
    plain = run_weft("server", "check", "--data", own_server.data)
    assert plain.exit_code == 0
    assert "1 run of 1 project, 1 file," in plain.stdout
    assert "0 problems" in plain.stdout


def flip_byte(path: Path, table: str, nth: int, column: str) -> int:
    """Change one bit in the middle of one blob; which row that is."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        key, data = db.execute(
            f"SELECT {column}, data FROM {table} ORDER BY {column} LIMIT 1 OFFSET {nth}"
        ).fetchone()
        damaged = bytearray(data)
        damaged[len(damaged) // 2] ^= 1
        db.execute(f"UPDATE {table} SET data = ? WHERE {column} = ?", (bytes(damaged), key))
        return int(key)


@at_length
def test_a_flipped_bit_anywhere_in_a_metric_file_is_found_and_named(
    own_server: ServerProcess,
) -> None:
    fill(own_server)
    path = compacted(own_server)
    with closing(sqlite3.connect(path)) as db:
        n_parts = db.execute("SELECT count(*) FROM part").fetchone()[0]
        columns = db.execute(
            "SELECT name, part FROM col JOIN key USING (key) ORDER BY part DESC"
        ).fetchall()
    whole = path.read_bytes()
    metrics: set[str | None] = set()
    for nth in range(0, n_parts, max(n_parts // 6, 1)):
        path.write_bytes(whole)
        part = flip_byte(path, "part", nth, "part")
        done = command(own_server, "check")
        assert done.exit_code == 1
        (problem,) = done.report["problems"]
        metric = next((name for name, first in columns if first <= part), None)
        assert (problem["project"], problem["run"]) == ("local/p", "run1")
        assert problem["writer"] == "writer1"
        assert problem.get("metric") == metric
        assert f"checksum of part {part} is wrong" in problem["detail"]
        metrics.add(metric)
    assert metrics >= {"loss", "train/acc"}
    stdout = run_weft("server", "check", "--data", own_server.data).stdout
    assert "local/p/run1 metric" in stdout


def test_a_flipped_bit_in_fresh_rows_is_found_and_named(own_server: ServerProcess) -> None:
    fill(own_server)
    own_server.stop()
    if (
        sqlite3.connect(metric_file(own_server))
        .execute("SELECT count(*) FROM fresh")
        .fetchone()[0]
    ):
        flip_byte(metric_file(own_server), "fresh", 0, "fresh")
        done = command(own_server, "check")
        assert done.exit_code == 1
        assert done.report["problems"][0]["run"] == "run1"
        assert "checksum of fresh batch" in done.report["problems"][0]["detail"]


def test_a_damaged_page_is_found(own_server: ServerProcess) -> None:
    fill(own_server)
    path = compacted(own_server)
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 2))
    done = command(own_server, "check")
    assert done.exit_code in {1, 2}, done.stdout
    if done.exit_code == 1:
        assert done.report["n_problems"] >= 1
    else:
        assert "weft: " in done.stderr


def test_missing_parts_are_found(own_server: ServerProcess) -> None:
    fill(own_server)
    path = compacted(own_server)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (part,) = db.execute(
            "SELECT part FROM col JOIN key USING (key) WHERE name = 'loss'"
        ).fetchone()
        db.execute("DELETE FROM part WHERE part = ?", (part,))
    (problem,) = command(own_server, "check").report["problems"]
    assert (problem["run"], problem["metric"]) == ("run1", "loss")
    assert "1 of" in problem["detail"]
    assert "missing" in problem["detail"]


def test_damaged_and_missing_files_are_found_and_named(own_server: ServerProcess) -> None:
    log = fill(own_server)
    with httpx.Client(base_url=own_server.url, trust_env=False) as client:
        client.put(f"{log.path}/files/b/c.txt", content=b"second").raise_for_status()
        lost = client.get(f"{log.path}/files", params={"prefix": "b/"}).json()["files"][0]
        file = client.get(f"{log.path}/files", params={"prefix": "a"}).json()["files"][0]
        large = client.put(f"{log.path}/files/d.bin", content=bytes(300_000)).json()
    replace_small_blob(own_server.data, lost["sha256"], None)
    replace_small_blob(own_server.data, file["sha256"], b"weightz" * 999)
    damaged = own_server.data / "blobs" / large["sha256"][:2] / large["sha256"]
    damaged.write_bytes(bytes(299_999) + b"x")
    done = command(own_server, "check")
    assert done.exit_code == 1
    problems = {problem["file"]: problem for problem in done.report["problems"]}
    plain = run_weft("server", "check", "--data", own_server.data).stdout
    assert "weft server restore" in plain
    assert "weft sync" in plain
    assert "blob" not in plain
    assert problems["a.bin"]["detail"] == "its content is not what was stored"
    assert problems["d.bin"]["detail"] == "its content is not what was stored"
    assert problems["b/c.txt"]["detail"] == "its content is missing"
    assert {problem["run"] for problem in problems.values()} == {"run1"}
    # Sent again, a damaged content is put right.
    with httpx.Client(base_url=own_server.url, trust_env=False) as client:
        client.put(f"{log.path}/files/a.bin", content=b"weights" * 999).raise_for_status()
        client.put(f"{log.path}/files/d.bin", content=bytes(300_000)).raise_for_status()
    assert [problem["file"] for problem in command(own_server, "check").report["problems"]] == [
        "b/c.txt"
    ]


@at_length
def test_commands_say_what_they_can_not_do(tmp_path: Path) -> None:
    nothing = run_weft("server", "gc", "--data", tmp_path / "none")
    assert nothing.exit_code == 2
    assert "no server's data" in nothing.stderr
    assert not (tmp_path / "none").exists()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.txt").write_text("mine")
    for words in (("check",), ("gc",), ("backup", tmp_path / "kept"), ("user", "list")):
        other = run_weft("server", *words, "--data", tmp_path / "papers")
        assert other.exit_code == 2, words
        assert "no server's data" in other.stderr
    assert [path.name for path in (tmp_path / "papers").iterdir()] == ["thesis.txt"]
    assert run_weft("server", "restore", tmp_path / "none").exit_code == 2


def test_only_the_servers_own_user_or_token_may_ask(own_server: ServerProcess) -> None:
    for name in ("gc", "check", "backup"):
        foreign = httpx.post(
            f"{own_server.url}/api/v1/server/{name}",
            json={},
            headers={"Origin": "http://evil.test"},
        )
        assert foreign.status_code == 403
    for body in ({"dry_run": "perhaps"}, {"dry": True}, []):
        answer = httpx.post(f"{own_server.url}/api/v1/server/gc", json=body)
        assert answer.status_code == 400
    for destination in (
        "relative/path",
        "",
        str(own_server.data),
        str(own_server.data / "x"),
        None,
    ):
        answer = httpx.post(
            f"{own_server.url}/api/v1/server/backup", json={"destination": destination}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_work_ends_when_nobody_waits_for_it(own_server: ServerProcess) -> None:
    fill(own_server)
    with httpx.stream("POST", f"{own_server.url}/api/v1/server/check", timeout=30) as answer:
        next(answer.iter_lines())
    wait_until(
        lambda: httpx.get(f"{own_server.url}/healthz").status_code == 200,
        what="the server serves on",
    )
    assert own_server.stop() == 0
