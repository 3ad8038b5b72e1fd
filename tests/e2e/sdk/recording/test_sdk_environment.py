"""The environment that a run records, by a real script in a real repository."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from at_length import at_length
from live_runs import PROJECT, LiveServer, await_no_sidecar, kill_sidecars, sidecars
from sdk_script import (
    DESCRIBED,
    latest_run,
    logs_in,
    records_of,
    run_script,
    run_well,
    start_script,
)
from server_process import wait_until
from weft.records.record import Config, Exit, File
from weft.runlog.reader import read_header
from weft_command import run_weft

SECRET = "q3vXw81LmZ0pT7aB9cD4"


def test_the_sidecar_gathers_the_environment_and_no_secret_is_stored(tmp_path: Path) -> None:
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", f"https://me:{SECRET}@example.org/x.git"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x", "--allow-empty"],
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    script = run_script(
        tmp_path,
        f"""
        import sys
        import time
        from pathlib import Path

        sys.argv += ["--token", "{SECRET}"]
        import weft

        run = weft.init(mode="offline", config={{"api_key": "{SECRET}", "lr": 0.1}})
        print("--token", "{SECRET}")
        assert run.config.api_key == "{SECRET}"
        gathered = Path(run.dir, "environment.json")
        until = time.monotonic() + 30
        while not (gathered.is_file() and '"git"' in gathered.read_text()):
            assert time.monotonic() < until
            run.log({{"loss": 1}})
            time.sleep(0.05)
        run.finish()
        """,
        {"WEFT_SYSTEM_INTERVAL": "60", "WEFT_CONSOLE": "wrap"} | DESCRIBED,
    )
    assert script.exit_code == 0, script.stderr
    await_no_sidecar()  # a slow one may take longer than the script waits for it
    directory = latest_run(tmp_path)
    facts = json.loads((directory / "files/environment.json").read_text())
    assert facts["git"]["remote"] == "https://me:***@example.org/x.git"
    assert facts["git"]["branch"] == "main"
    (stored,) = (directory / "files/code").iterdir()
    assert 'sys.argv += ["--token", "***"]\n' in stored.read_text()
    # the remote, and four lines of the script
    assert facts["redacted"] == {"url_password": 1, "named": 4}
    noted = json.loads((directory / "files/metadata.json").read_text())
    assert noted["redacted"] == {"named": 3}, "argument, config, console"
    packages = (directory / "files/requirements.txt").read_text().splitlines()
    assert any(line.startswith("msgspec==") for line in packages)
    logs = logs_in(tmp_path)
    assert {"environment.json", "requirements.txt"} <= {
        file.path for log in logs for file in records_of(log, File)
    }
    configs = [config for log in logs for config in records_of(log, Config)]
    assert (["api_key"], "***") in [value for config in configs for value in config.values]
    for path in directory.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


PRINTS = f"""
import sys
import weft

with weft.init(mode="offline"):
    for percent in range(100):
        print(f"{{percent}}% --token {SECRET}", end="\\r")
    print("\\nhf_" + "{SECRET}" * 2)
    print("--password {SECRET}", end="", flush=True)
"""


@pytest.mark.parametrize("console", ["wrap", "redirect"])
def test_redactions_of_the_console_are_counted_by_line(tmp_path: Path, console: str) -> None:
    script = run_script(tmp_path, PRINTS, {"WEFT_CONSOLE": console} | DESCRIBED)
    assert script.exit_code == 0, script.stderr
    noted = json.loads((latest_run(tmp_path) / "files/metadata.json").read_text())
    assert noted["redacted"] == {"named": 2, "huggingface": 1}


SHORT = """
import time
import weft

run = weft.init(id="short")
run.log({"a": 1})
began = time.monotonic()
run.finish()
"""


def make_repository(folder: Path) -> str:
    """Make a repository with a commit and a change of it. Returns the commit."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]

    def ask(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    (folder / "model.py").write_text("depth = 1\n")
    ask("init", "-q")
    ask("add", "model.py")
    ask("commit", "-qm", "first")
    (folder / "model.py").write_text("depth = 2\n")
    return ask("rev-parse", "HEAD")


def test_a_short_offline_run_has_its_environment_after_its_end(tmp_path: Path) -> None:
    commit = make_repository(tmp_path)
    run_well(tmp_path, SHORT, DESCRIBED)
    await_no_sidecar()
    files = latest_run(tmp_path) / "files"
    facts = json.loads((files / "environment.json").read_text())
    assert facts["git"]["commit"] == commit
    assert int(facts["memory"]["total"]) > 0
    assert "+depth = 2" in (files / "diff.patch").read_text()
    assert (files / "requirements.txt").stat().st_size > 0
    assert [path.name for path in (files / "code").iterdir()] == [facts["codePath"]]
    recorded = [file.path for log in logs_in(tmp_path) for file in records_of(log, File)]
    assert {"environment.json", "diff.patch", "requirements.txt"} <= set(recorded)


@at_length
def test_an_image_without_a_repository_states_commit_program_and_arguments(tmp_path: Path) -> None:
    stated = {
        "WANDB_GIT_COMMIT": "0123456789abcdef0123456789abcdef01234567",
        "WANDB_GIT_REMOTE_URL": "https://user:secret1234@example.org/lab/code.git",
        "WANDB_PROGRAM": "launcher/train.py",
        "WANDB_ARGS": '["--lr", "0.1"]',
    }
    run_well(tmp_path, SHORT, {**DESCRIBED, **stated})
    await_no_sidecar()
    files = latest_run(tmp_path) / "files"
    git = json.loads((files / "environment.json").read_text())["git"]
    assert git["commit"] == stated["WANDB_GIT_COMMIT"]
    assert git["remote"].startswith("https://")
    assert "secret1234" not in git["remote"]
    process = json.loads((files / "metadata.json").read_text())
    assert (process["program"], process["args"]) == ("launcher/train.py", ["--lr", "0.1"])


def test_a_short_run_is_described_at_the_server_and_its_end_stays(tmp_path: Path) -> None:
    commit = make_repository(tmp_path)
    with LiveServer(tmp_path / "server") as live:
        run_well(tmp_path, SHORT, live.environment | DESCRIBED)
        run = live.ended("short")
        exit_record = records_of(logs_in(tmp_path)[0], Exit)[0]
        await_no_sidecar()
        run = live.run("short")
        names = {file.name for file in run.files()}
        assert {"environment.json", "requirements.txt", "diff.patch", "metadata.json"} <= names
        assert run.metadata["git"]["commit"] == commit
        assert int(run.metadata["memory"]["total"]) > 0
        assert run.state == "finished"
        header = read_header(logs_in(tmp_path)[0])
        assert header is not None
        ended = datetime.fromisoformat(str(run.ended_at).replace("Z", "+00:00")).timestamp()
        # It ended with its script, not with the log of its files.
        assert ended == pytest.approx((header.wall_micros + exit_record.micros) / 1e6, abs=0.05)


class WaitingGit(NamedTuple):
    """A `git` that waits: the search path for it, the file that it makes when it begins, and that
    at which it ends.
    """

    path: str
    began: Path
    ends: Path


@pytest.fixture
def waiting_git(tmp_path: Path) -> Iterator[WaitingGit]:
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    began, ends = tmp_path / "began", tmp_path / "ends"
    git.write_text(f"#!/bin/sh\ntouch {began}\nwhile [ ! -e {ends} ]; do sleep 0.05; done\n")
    git.chmod(0o755)
    yield WaitingGit(f"{git.parent}{os.pathsep}{os.environ['PATH']}", began, ends)
    ends.touch()  # it may have outlived a sidecar that was killed


@at_length
def test_finish_and_exit_wait_for_no_git(tmp_path: Path, waiting_git: WaitingGit) -> None:
    path, began, ends = waiting_git
    with LiveServer(tmp_path / "server") as live:
        code = SHORT.replace("run.finish()", wait_for(began) + "run.finish()\nprint('over')")
        # Nobody lets git end before the script has.
        output = run_well(tmp_path, code, live.environment | DESCRIBED, PATH=path).stdout
        assert output.splitlines() == ["over"]
        assert sidecars(), "it is still gathering"
        assert live.ended("short").state == "finished"
        ends.touch()
        await_no_sidecar()
        run = live.run("short")
        assert int(run.metadata["memory"]["total"]) > 0
        assert "requirements.txt" in {file.name for file in run.files()}


@at_length
def test_an_environment_that_a_server_did_not_take_before_its_end_holds_no_sidecar(
    tmp_path: Path, waiting_git: WaitingGit
) -> None:
    path, began, ends = waiting_git
    code = (
        SHORT
        + """
import pathlib
pathlib.Path("over").touch()
until = time.monotonic() + 120
while not pathlib.Path(run.dir, "environment.json").exists():
    assert time.monotonic() < until
    time.sleep(0.02)
"""
    )
    with LiveServer(tmp_path / "server") as live:
        script = start_script(tmp_path, code, live.environment | DESCRIBED | {"PATH": path})
        wait_until(Path(tmp_path, "over").exists, what="end of the run")
        assert live.run("short").state == "finished"
        wait_until(began.exists, what="start of the gathering")
        with live.held_up():
            ends.touch()
            output, errors = script.communicate(timeout=120)
            assert script.returncode == 0, output + errors
            live.process.kill()
        await_no_sidecar()
        live.start_again()
        assert "memory" not in live.run("short").metadata
        sync = run_weft("sync", tmp_path / "weft", env=live.environment)
        assert sync.exit_code == 0, sync
        assert int(live.run("short").metadata["memory"]["total"]) > 0


def wait_for(path: Path) -> str:
    """Lines of a script that wait for a file."""
    return f"""
import pathlib
until = time.monotonic() + 60
while not pathlib.Path({str(path)!r}).exists():
    assert time.monotonic() < until
    run.log({{"a": 1}})
    time.sleep(0.02)
"""


@at_length
def test_many_short_runs_of_a_process_all_have_it(tmp_path: Path) -> None:
    make_repository(tmp_path)
    code = """
        import weft
        for number in range(40):
            with weft.init(id=f"r{number}") as run:
                run.log({"a": 1})
        """
    with LiveServer(tmp_path / "server") as live:
        run_well(tmp_path, code, live.environment | DESCRIBED)
        await_no_sidecar()
        runs = list(live.api.runs(f"local/{PROJECT}"))
        assert len(runs) == 40
        assert all("git" in run.metadata and run.state == "finished" for run in runs)


@at_length
def test_the_next_run_in_the_folder_gathers_for_one_whose_sidecar_was_killed(
    tmp_path: Path, waiting_git: WaitingGit
) -> None:
    commit = make_repository(tmp_path)
    path, began, _ = waiting_git
    with LiveServer(tmp_path / "server") as live:
        run_well(tmp_path, SHORT, live.environment | DESCRIBED, PATH=path)
        wait_until(began.exists, secs=60, what="start of the gathering")
        live.ended("short")
        (directory,) = (tmp_path / "weft").glob("run-*-short")
        wait_until(lambda: sidecars(), what="a sidecar that gathers")
        kill_sidecars()
        # It looks for what others left two seconds after its start.
        code = SHORT.replace("short", "other").replace(
            "run.finish()", wait_for(directory / "files/environment.json") + "run.finish()"
        )
        run_well(tmp_path, code, live.environment | DESCRIBED)
        await_no_sidecar()
        facts = live.run("short").metadata
        assert facts["git"]["commit"] == commit
        assert live.run("other").metadata["git"]["commit"] == commit


@at_length
def test_what_a_killed_sidecar_left_is_gathered_as_far_as_it_is_still_true(
    tmp_path: Path, waiting_git: WaitingGit
) -> None:
    commit = make_repository(tmp_path)
    path, began, _ = waiting_git
    run_well(tmp_path, SHORT, DESCRIBED, PATH=path, WEFT_PROJECT=PROJECT)
    wait_until(began.exists, secs=60, what="start of the gathering")
    kill_sidecars()
    directory = latest_run(tmp_path)
    assert not (directory / "files/environment.json").exists()
    with LiveServer(tmp_path / "server") as live:
        assert run_weft("sync", directory, env=live.environment).exit_code == 0
        facts = live.run("short").metadata
    assert facts["git"]["commit"] == commit
    assert facts["git"]["dirty"] is True
    assert int(facts["memory"]["total"]) > 0
    assert facts["notes"] == [
        "code: not recorded: the process that records it was killed",
        "diff.patch is not stored: the process that records it was killed",
    ]
    assert not (directory / "files/diff.patch").exists()
