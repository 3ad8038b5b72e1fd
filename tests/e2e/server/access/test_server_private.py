"""Other users of the machine can read nothing that a server writes, wherever its data is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft_command import run_weft


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def opened_to_others(root: Path) -> dict[str, str]:
    """Paths below `root` with any right of group or others, with their modes."""
    modes: dict[str, str] = {}
    for path in [root, *root.rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        if mode & 0o077:
            modes[str(path.relative_to(root))] = oct(mode)
    return modes


def fill(server: ServerProcess) -> None:
    log = HandMadeLog(project="p")
    log.keys("loss")
    log.config(secret="a")
    log.rows([[1.0 / (i + 1)] for i in range(100)])
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
        log.upload(client).raise_for_status()
        client.put(f"{log.path}/files/a.bin", content=b"weights" * 9).raise_for_status()
        export = client.get("/api/v1/projects/local/p/archive")
        export.raise_for_status()
        client.post("/api/v1/projects/local/copy/archive", content=export.content)


def test_a_data_directory_that_was_there_before_is_closed_to_others(tmp_path: Path) -> None:
    data, backups = tmp_path / "data", tmp_path / "backups"
    data.mkdir(mode=0o755)
    backups.mkdir(mode=0o755)
    with start_server(tmp_path) as server:
        fill(server)
        names = {path.name for path in data.iterdir()}
        assert {"metadata.db", "metadata.db-wal", "metadata.db-shm", "metrics"} <= names
        assert any(path.name.endswith(".db-wal") for path in (data / "metrics").iterdir())
        assert opened_to_others(data) == {}
        assert run_weft("server", "backup", backups, "--data", data).exit_code == 0
    (backup,) = [path for path in backups.iterdir() if path.is_dir()]
    assert opened_to_others(backup) == {}
    assert run_weft("server", "backup", backups, "--data", data).exit_code == 0
    for archive in backups.iterdir():
        assert opened_to_others(archive) == {}
    restored = tmp_path / "restored"
    assert run_weft("server", "restore", backup, "--data", restored).exit_code == 0
    assert opened_to_others(restored) == {}
    # As an earlier weft, or `cp -r`, left it.
    for path in [data, *data.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    with start_server(tmp_path):
        left = opened_to_others(data)
    assert all(name.startswith("blobs/") and name.count("/") == 2 for name in left), left


def test_a_directory_with_other_things_in_it_keeps_its_own_mode(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    (data / "notes.txt").write_text("mine")
    with start_server(tmp_path) as server:
        fill(server)
        assert opened_to_others(data) == {".": "0o755", "notes.txt": "0o644"}


@at_length
def test_the_store_of_weft_ui_is_private(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with start_server(tmp_path, str(tmp_path / "runs"), command="ui") as server:
        address = f"{server.url}/readyz"
        wait_until(lambda: httpx.get(address, trust_env=False).is_success, what="it is ready")
        store = Path(server.environment["XDG_CACHE_HOME"]) / "weft"
        assert list(store.rglob("metadata.db"))
        assert opened_to_others(store) == {}
