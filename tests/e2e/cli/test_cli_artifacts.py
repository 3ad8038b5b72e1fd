"""`weft artifact` on a real server: put, get, list, compare, check, remove."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length
from live_runs import PROJECT, LiveServer
from sdk_script import script_environment
from weft_command import Done, run_weft

pytestmark = pytest.mark.timeout(300)


class Shell:
    """`weft artifact` in a folder of the test's own."""

    def __init__(self, live: LiveServer) -> None:
        self._live = live

    def run(self, *arguments: str | Path) -> Done:
        return run_weft("artifact", *arguments, env=self._live.environment)

    def well(self, *arguments: str | Path) -> str:
        done = self.run(*arguments)
        assert done.exit_code == 0, done.stderr
        return done.stdout

    def read(self, *arguments: str | Path) -> Any:
        return json.loads(self.well(*arguments, "--json"))


@pytest.fixture
def shell(live: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(live)


def test_a_folder_is_put_found_fetched_compared_and_removed(shell: Shell, tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "sub").mkdir(parents=True)
    (data / "a.txt").write_text("a")
    (data / "sub" / "Ünïcode [1].txt").write_text("u")
    first = shell.well("put", data, "--name", "shelf", "--alias", "clean")
    assert first == f"local/{PROJECT}/shelf:v0  2 files, 2 bytes\n"
    (data / "a.txt").unlink()
    (data / "a.txt").write_text("changed")
    (data / "new.txt").write_text("n")
    (data / "sub" / "Ünïcode [1].txt").unlink()
    second = shell.read("put", data, "-n", "shelf", "-d", "More rows")
    assert (second["name"], second["n_files"]) == (f"local/{PROJECT}/shelf:v1", 2)

    listed = shell.well("ls", PROJECT)
    assert listed.splitlines()[-1].split()[:4] == ["shelf", "dataset", "2", "v1"]
    versions = shell.read("ls", f"local/{PROJECT}/shelf")
    assert [(version["version"], version["aliases"]) for version in versions] == [
        ("v1", ["latest"]),
        ("v0", ["clean"]),
    ]
    assert shell.read("ls", f"{PROJECT}/shelf") == versions
    files = shell.well("ls", f"{PROJECT}/shelf:clean").splitlines()
    assert [line.split(maxsplit=2)[2] for line in files] == ["a.txt", "sub/Ünïcode [1].txt"]

    done = shell.run("diff", "shelf:v0", ":v1", "--json")
    assert done.exit_code == 1
    assert [(file["what"], file["path"]) for file in json.loads(done.stdout)["files"]] == [
        ("changed", "a.txt"),
        ("added", "new.txt"),
        ("removed", "sub/Ünïcode [1].txt"),
    ]
    assert "the same files" in shell.well("diff", "shelf:v0", "shelf:clean")

    folder = Path(shell.well("get", "shelf:clean").strip())
    assert folder == Path("artifacts/shelf:v0")
    assert (folder / "sub" / "Ünïcode [1].txt").read_text() == "u"
    assert shell.well("verify", "shelf:v0") == f"{folder} is local/{PROJECT}/shelf:v0\n"
    (folder / "a.txt").write_text("b")
    damaged = shell.run("verify", "shelf:v0")
    assert (damaged.exit_code, damaged.stderr) == (1, "weft: a.txt is not as it is in shelf:v0\n")
    assert "shelf:v0" in shell.well("lineage", "shelf:v0")

    refused = shell.run("rm", "shelf:v0")
    assert refused.exit_code == 2
    assert "has the alias 'clean'" in refused.stderr
    assert "is deleted" in shell.well("rm", "shelf:v0", "--with-aliases")
    gone = shell.run("get", "shelf:v0")
    assert (gone.exit_code, "has no version 'v0'" in gone.stderr) == (2, True)


def test_an_archive_takes_artifacts_along(shell: Shell, live: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    shell.well("put", tmp_path / "x", "--name", "moved")
    done = run_weft("export", f"local/{PROJECT}", tmp_path / "p.zip", env=live.environment)
    assert done.exit_code == 0
    arguments = ("import", tmp_path / "p.zip", "--project", "local/copied")
    moved = run_weft(*arguments, env=live.environment)
    assert re.search(r"and \d+ artifact versions? to local/copied", moved.stdout), moved.stderr
    artifact = live.api.artifact("local/copied/moved:latest")
    assert Path(artifact.file(str(tmp_path / "got"))).read_text() == "x"
    assert len(live.api.runs("local/copied")) == len(live.api.runs(f"local/{PROJECT}"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["get", "a/b/c/d:v0"], "is not the name of an artifact"),
        (["get", "never"], "has no artifact 'never'"),
        (["rm", "shelf"], "name the version to delete: shelf:v0"),
        (["put", ".", "--name", "a b"], "invalid artifact name 'a b'"),
        (["put", ".", "--name", "empty"], "has no files"),
    ],
)
def test_what_is_wrong_is_named(
    shell: Shell, live: LiveServer, arguments: list[str], message: str
) -> None:
    live.api.create_project(PROJECT, "local")
    done = shell.run(*arguments)
    assert done.exit_code == 2
    assert message in done.stderr


@at_length
def test_the_cache_is_shown_and_cleaned(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_CACHE_DIR", str(tmp_path / "cache"))
    (tmp_path / "weights.bin").write_bytes(b"w" * 100_000)
    shell.well("put", "weights.bin", "--name", "cached-weights")
    shell.well("get", "cached-weights")
    assert "1 file, 100.0 kB of at most 20.0 GB" in shell.well("cache", "info")
    assert shell.read("cache", "info")["n_bytes"] == 100_000
    assert shell.well("cache", "cleanup", "1MB").startswith("0 bytes removed")
    assert shell.read("cache", "cleanup")["n_freed_bytes"] == 100_000
    assert shell.read("cache", "info")["n_files"] == 0
    assert (tmp_path / "artifacts" / "cached-weights:v0" / "weights.bin").exists()
    assert "invalid size" in shell.run("cache", "cleanup", "lots").stderr


def on_a_terminal(*arguments: str | Path, env: dict[str, str]) -> str:
    """Run `weft artifact` where stderr is a terminal."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "weft.cli.main", "artifact", *map(str, arguments)],
        env=script_environment(env),
        stdout=subprocess.DEVNULL,
        stderr=inner,
    )
    os.close(inner)
    shown = b""
    while True:
        try:
            piece = os.read(outer, 4096)
        except OSError:  # its other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(outer)
    assert process.wait(60) == 0, shown
    return shown.decode()


@at_length
def test_a_terminal_shows_how_far_it_is(shell: Shell, live: LiveServer, tmp_path: Path) -> None:
    data = tmp_path / "many"
    data.mkdir()
    for number in range(3000):
        (data / f"{number}.bin").write_bytes(number.to_bytes(4, "big") * 400)
    shown = on_a_terminal("put", data, "--name", "many", env=live.environment)
    assert re.search(r"weft: many .*( MB|to be read and sent)", shown), shown
    shown = on_a_terminal("get", "many", "--root", tmp_path / "got", env=live.environment)
    assert re.search(r"weft: many:v0 [█░]{30} .* of 4\.8 MB · [\d,]+ of 3,000 files", shown), shown
    assert shown.endswith("\r")  # the line is gone at the end
    quiet = on_a_terminal(
        "get", "many", "--root", tmp_path / "again", env={**live.environment, "WEFT_QUIET": "true"}
    )
    assert quiet == ""
    assert shell.run("get", "many", "--root", tmp_path / "piped").stderr == ""
