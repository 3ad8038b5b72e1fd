"""What a run tells of its environment, by a real script in a real repository."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from live_runs import await_no_sidecar
from sdk_script import latest_run, logs_in, records_of, run_script, run_well
from weft.records.record import Config, File

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
        {"WEFT_SYSTEM_INTERVAL": "60", "WEFT_CONSOLE": "wrap"},
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
    script = run_script(tmp_path, PRINTS, {"WEFT_CONSOLE": console})
    assert script.exit_code == 0, script.stderr
    noted = json.loads((latest_run(tmp_path) / "files/metadata.json").read_text())
    assert noted["redacted"] == {"named": 2, "huggingface": 1}


def test_an_offline_run_that_logs_once_has_its_environment_after_its_end(tmp_path: Path) -> None:
    code = """
        import time, weft
        with weft.init(mode="offline", id="once") as run:
            run.log({"a": 1})
            time.sleep(1.1)  # shorter runs have none
        """
    run_well(tmp_path, code, WEFT_SYSTEM_INTERVAL="15")
    (directory,) = (tmp_path / "weft").glob("run-*")
    await_no_sidecar()
    environment = json.loads((directory / "files" / "environment.json").read_text())
    assert environment["cpu_count_logical"] > 0
    assert (directory / "files" / "requirements.txt").stat().st_size > 0


def test_the_gathering_ends_with_its_run(tmp_path: Path, environment: dict[str, str]) -> None:
    # What it wrote afterwards would differ from what is recorded of the file.
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text("#!/bin/sh\nexec sleep 600\n")
    git.chmod(0o755)
    code = """
        import pathlib, psutil, time, weft

        def gathering() -> list[str]:
            found = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
            return [one for one in found if "weft-capture" in one and str(directory) in one]

        run = weft.init(id="ends")
        directory = pathlib.Path(run.dir).parent
        while not (pathlib.Path(run.dir) / "requirements.txt").exists():
            time.sleep(0.05)
        print(len(gathering()), "before")
        run.finish()
        print(len(gathering()), "after")
        """
    path = f"{git.parent}{os.pathsep}{os.environ['PATH']}"
    output = run_well(tmp_path, code, environment, PATH=path).stdout
    assert output.splitlines() == ["1 before", "0 after"]
