"""`weft restore` in a real repository: the branch, the patch, and when nothing is changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from live_runs import LiveServer
from sdk_script import DESCRIBED, run_well, script_environment
from weft_command import run_weft

SECRET = "q3vXw81LmZ0pT7aB9cD4"


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_the_state_of_a_run_comes_back(
    tmp_path: Path, live: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    git(work, "init", "-q", "-b", "main")
    (work / ".gitignore").write_text("weft/\n")
    (work / "model.py").write_text("width = 1\n")
    git(work, "add", ".")
    git(work, "commit", "-qm", "first")
    commit = git(work, "rev-parse", "HEAD").strip()
    (work / "model.py").write_text(f"width = 2\napi_key = '{SECRET}'\n")
    run_well(
        work,
        """
        import time
        from pathlib import Path
        import weft

        run = weft.init(id="r1", config={"lr": 0.1})
        gathered = Path(run.dir, "environment.json")
        until = time.monotonic() + 60
        while not (gathered.is_file() and '"git"' in gathered.read_text()):
            assert time.monotonic() < until
            run.log({"loss": 1})
            time.sleep(0.05)
        run.finish()
        """,
        live.environment | DESCRIBED,
    )
    live.ended("r1")
    env = {"WEFT_BASE_URL": live.url, "WEFT_API_KEY": str(live.process.token)}

    changed = run_weft("restore", "tests/r1", env=env)
    assert changed.exit_code == 1, changed
    assert "the work tree has changes of its own" in changed.stdout
    assert f"git checkout -b weft/r1 {commit}" in changed.stdout
    assert "width = 2" in (work / "model.py").read_text()

    git(work, "commit", "-qam", "later")
    fetched = run_weft("restore", "tests/r1", tmp_path / "out", "--no-git", "--json", env=env)
    assert fetched.exit_code == 0, fetched
    assert {"config.yaml", "requirements.txt", "diff.patch"} <= set(fetched.report["files"])
    assert fetched.report["branch"] is None
    assert git(work, "branch", "--show-current") == "main\n"

    restored = run_weft("restore", "tests/r1", env=env)
    assert restored.exit_code == 0, restored
    assert "On the new branch weft/r1" in restored.stdout
    assert "model.py: 1 line of the patch had a secret" in restored.stdout
    assert git(work, "branch", "--show-current") == "weft/r1\n"
    assert git(work, "rev-parse", "HEAD").strip() == commit
    assert (work / "model.py").read_text() == "width = 2\napi_key = '***'\n"
    assert "lr" in (work / "r1/config.yaml").read_text()

    git(work, "checkout", "-q", "-f", "main")
    again = run_weft("restore", "tests/r1", "--json", env=env)
    assert again.exit_code == 1
    assert "already exists" in json.loads(again.stdout)["trouble"]
    assert git(work, "branch", "--show-current") == "main\n"


def test_shells_complete_commands() -> None:
    for shell in ("bash", "zsh", "fish"):
        script = run_weft("completion", shell)
        assert script.exit_code == 0, script
        assert "_WEFT_COMPLETE" in script.stdout
    variables = {"_WEFT_COMPLETE": "bash_complete", "COMP_WORDS": "weft res", "COMP_CWORD": "1"}
    # The variable is named after the program, which is not called `weft` here.
    program = "from weft.cli.main import cli; cli(prog_name='weft')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=script_environment(variables),
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["plain,restore"]
