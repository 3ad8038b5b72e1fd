"""Console capture with real scripts: lines in the run log, in `output.log`, after `kill -9`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from at_length import case_at_length
from sdk_script import records_of
from weft.records.record import Console, Row

SCRIPT = """
import os, signal, sys
import weft as wandb

run = wandb.init(mode="offline")
print("epoch 1: loss", 0.5)
sys.stderr.write("10%\\r50%\\r100%\\n")
print("--api_key=sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg")
run.write_logs("only recorded\\n")
if hasattr(os, "fork"):
    pid = os.fork()
    if not pid:
        print("in the child", flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
sys.stdout.flush()
if "kill" in sys.argv:
    os.kill(os.getpid(), signal.SIGKILL)
print("open", end="")
run.finish()
print("\\nafter the run")
"""


def run_script(directory: Path, *arguments: str, **variables: str) -> tuple[str, list[Path]]:
    script = directory / "train.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=directory,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout, sorted((directory / "weft").glob("run-*/run-*.weft"))


def lines_of(logs: list[Path]) -> list[tuple[str, str]]:
    return [(record.stream, record.text) for log in logs for record in records_of(log, Console)]


def test_what_a_script_prints_is_recorded(tmp_path: Path) -> None:
    printed, logs = run_script(tmp_path)
    assert printed.splitlines()[-1] == "after the run"
    assert "sk-proj" in printed  # what the terminal shows is unchanged
    console_lines = lines_of(logs)
    for line in [
        ("stdout", "epoch 1: loss 0.5"),
        ("stderr", "100%"),
        ("stdout", "--api_key=***"),
        ("stdout", "only recorded"),
        ("stdout", "open"),
    ]:
        assert line in console_lines
    assert ("stdout", "after the run") not in console_lines
    assert ("stdout", "in the child") in console_lines
    (output,) = (tmp_path / "weft").glob("run-*/files/output.log")
    lines = output.read_text().splitlines()
    assert lines == ["epoch 1: loss 0.5", "100%", "--api_key=***", "only recorded", "open"]


def test_finished_lines_survive_kill_9(tmp_path: Path) -> None:
    _, logs = run_script(tmp_path, "kill")
    lines = lines_of(logs)
    assert ("stdout", "epoch 1: loss 0.5") in lines
    assert ("stdout", "only recorded") in lines
    (output,) = (tmp_path / "weft").glob("run-*/files/output.log")
    assert "only recorded" in output.read_text()


def test_console_off_records_nothing(tmp_path: Path) -> None:
    _, logs = run_script(tmp_path, WANDB_CONSOLE="off")
    assert lines_of(logs) == [("stdout", "only recorded")]


STRANGE = """
import logging, sys
import weft

with weft.init(mode="offline") as run:
    print("ünïcode ✓")
    if sys.stdout is not None:
        sys.stdout.write("a" * 1_000_000 + "\\n")
        sys.stdout.buffer.write(b"\\xff\\xfe no UTF-8\\n")
    logging.warning("told")
    run.log({"a": 1})
"""


@pytest.mark.parametrize("console", ["wrap", case_at_length("redirect")])
@pytest.mark.parametrize(
    ("command", "variables"),
    [
        pytest.param("", {"LC_ALL": "xx_YY.nonsense"}, id="broken locale"),
        pytest.param(
            "", {"LC_ALL": "C", "PYTHONIOENCODING": "ascii:replace", "PYTHONUTF8": "0"}, id="ASCII"
        ),
        pytest.param(">&-", {}, id="closed stdout"),
        pytest.param(">&- 2>&-", {}, id="closed stdout and stderr"),
        pytest.param("", {"PATH": "/none", "HOME": "/proc/none", "NETRC": "/proc"}, id="no tools"),
    ],
)
def test_a_script_in_strange_surroundings_runs_and_is_recorded(
    tmp_path: Path, console: str, command: str, variables: dict[str, str]
) -> None:
    (tmp_path / "train.py").write_text(STRANGE)
    done = subprocess.run(
        ["/bin/sh", "-c", f"'{sys.executable}' train.py {command}"],
        cwd=tmp_path,
        env={**os.environ, "WEFT_CONSOLE": console, **variables},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    logs = sorted((tmp_path / "weft").glob("run-*/run-*.weft"))
    assert [row.values for log in logs for row in records_of(log, Row)] == [[1]]
    lines = lines_of(logs)
    if not command:
        assert ("stdout", "ünïcode ✓") in lines or ("stdout", "?n?code ?") in lines
        assert sum(len(text) for _, text in lines) >= 1_000_000
    if "2>&-" not in command:
        assert ("stderr", "WARNING:root:told") in lines
