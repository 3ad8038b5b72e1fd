"""Killed in the middle of an upload of a file, of gc, backup and restore: nothing is half done."""

from __future__ import annotations

import http.client
import os
from pathlib import Path

import httpx

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft_command import kill_weft, run_weft

LARGE = os.urandom(3_000_000)
GC = ("server", "gc", "--data")


def fill(server: ServerProcess, n_files: int = 1) -> HandMadeLog:
    log = HandMadeLog()
    log.keys("loss")
    log.rows([[1.0 / (i + 1)] for i in range(5000)])
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        log.upload(client).raise_for_status()
        for nth in range(n_files):
            content = LARGE + b"%d" % nth
            client.put(f"{log.path}/files/{nth}", content=content).raise_for_status()
    return log


def assert_whole(data: Path) -> None:
    done = run_weft("server", "check", "--data", data)
    assert done.exit_code == 0, done.stdout


def test_a_server_killed_in_the_middle_of_an_upload_has_the_old_file(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        log = fill(server)
        port = int(server.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.putrequest("PUT", f"{log.path}/files/0")
        connection.putheader("Content-Length", "50000000")
        connection.endheaders()
        connection.send(os.urandom(5_000_000))
        drafts = server.data / "blobs" / "drafts"
        wait_until(
            lambda: any(path.stat().st_size for path in drafts.iterdir()),
            what="some of the upload has come",
        )
        server.kill()
        connection.close()
    done = run_weft("server", "gc", "--data", server.data, "--json")
    assert done.report["drafts"]["n_bytes"] > 0
    assert_whole(server.data)
    with (
        start_server(tmp_path) as again,
        httpx.Client(base_url=again.url, trust_env=False) as client,
    ):
        assert client.get(f"{log.path}/files/0").content == LARGE + b"0"


def test_gc_may_be_killed(tmp_path: Path, n_rounds: int) -> None:
    n_kills = max(n_rounds // 5, 2)
    with start_server(tmp_path) as server:
        log = fill(server)
        for lost in range(10 * n_kills):
            folder = server.data / "blobs" / f"{lost % 200:02x}"
            folder.mkdir(exist_ok=True)
            (folder / (folder.name + f"{lost:062x}")).write_bytes(b"x" * 100)
        server.kill()

    def n_lost() -> int:
        return sum(path.stat().st_size == 100 for path in server.data.glob("blobs/*/*"))

    for nth in range(n_kills):
        n_there = n_lost()
        kill_weft("os.remove", server.data / "blobs", 3 + nth % 5, *GC, server.data)
        assert n_lost() == n_there - 3 - nth % 5, "it was killed in the middle"
    assert run_weft("server", "gc", "--data", server.data).exit_code == 0
    assert run_weft("server", "gc", "--data", server.data, "--json").report["n_bytes"] == 0
    assert_whole(server.data)
    with (
        start_server(tmp_path) as again,
        httpx.Client(base_url=again.url, trust_env=False) as client,
    ):
        assert client.get(f"{log.path}/files/0").content == LARGE + b"0"


@at_length
def test_backup_and_restore_may_be_killed(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        log = fill(server, n_files=8)
        server.stop()
    backups, restored = tmp_path / "backups", tmp_path / "restored"
    kill_weft("os.link", backups, 4, "server", "backup", backups, "--data", server.data)
    assert len(list(backups.glob(".partial-*/blobs/*/*"))) == 4, "it was killed in the middle"
    assert list(backups.glob("*/manifest.json")) == []
    assert run_weft("server", "backup", backups, "--data", server.data).exit_code == 0
    assert len(list(backups.glob("*/manifest.json"))) == 1
    assert list(backups.glob(".partial-*")) == []

    restore = ("server", "restore", backups, "--data", restored)
    # Among its files, and as it is about to put the directory in its place.
    for event, n_before in (("os.link", 4), ("os.rename", 0)):
        kill_weft(event, tmp_path / ".restored.restoring", n_before, *restore)
        assert (tmp_path / ".restored.restoring").exists()
        assert not restored.exists()
    assert run_weft(*restore).exit_code == 0
    assert not (tmp_path / ".restored.restoring").exists()
    assert_whole(restored)
    with (
        start_server(tmp_path, "--data", str(restored)) as again,
        httpx.Client(base_url=again.url, trust_env=False) as client,
    ):
        assert client.get(f"{log.path}/files/7").content == LARGE + b"7"
