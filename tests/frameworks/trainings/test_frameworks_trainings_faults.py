"""Trainings go on, whatever happens to weft: a slow server or none, a full disk, errors."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from framework_script import WITH_TENSORFLOW, run_alone
from live_runs import LiveServer, await_no_sidecar
from sdk_script import Script

HERE = Path(__file__).parent
NAMES: Final = sorted(path.stem.removesuffix("_script") for path in HERE.glob("*_script.py"))

WITH_CALLBACKS: Final = (
    "catboost",
    "keras",
    "lightgbm",
    "lightning",
    "sklearn",
    "transformers",
    "xgboost",
)

HEAD = """
import os, warnings
warnings.filterwarnings("ignore")
os.environ.update(HF_HUB_OFFLINE="1", WANDB_RUN_GROUP="faults")
os.environ.pop("PYTEST_CURRENT_TEST", None)
"""

# Below the public names: the user sees a wrong call of theirs, and a fault of weft as a warning.
BROKEN = """
from weft.sdk.rows.history import History
class Broken(RuntimeError):
    pass
def broken(*arguments, **options):
    raise Broken("a fault of weft")
for name in ("append", "append_line", "append_record", "define", "store_files", "store_media"):
    setattr(History, name, broken)
"""

# The peers from which the process of the training reads: its sidecar is another process.
WATCHED = """
import socket
peers = []
def watched(read):
    def call(connection, *arguments):
        peers.append(connection.getpeername())
        return read(connection, *arguments)
    return call
socket.socket.recv = watched(socket.socket.recv)
socket.socket.recv_into = watched(socket.socket.recv_into)
"""

AUTOLOG = """
import weft
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
weft.autolog()
with weft.init(project="tests"):
    LogisticRegression().fit(*load_iris(return_X_y=True))
"""

ENDED = "\nprint('the training has ended')\n"


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk that is full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "weft", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("a disk can't be mounted here")
    try:
        (folder / "others").write_bytes(bytes(60 << 10))
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def train(name: str, folder: Path, head: str = "", **variables: str) -> str:
    """Run a training over weft to its end; returns what it wrote to stderr."""
    code = head + (HERE / f"{name}_script.py").read_text()
    return run_training(code, folder, variables, is_forked=name not in WITH_TENSORFLOW).stderr


def run_training(
    code: str, folder: Path, variables: dict[str, str], *, is_forked: bool = True
) -> Script:
    work = folder / "work"
    work.mkdir()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment = {
        **inherited, "HOME": str(folder), "WEFT_DIR": str(folder / "weft"), **variables
    }  # fmt: skip
    script = run_alone(HEAD + code + ENDED, work, environment, over_weft=True, is_forked=is_forked)
    assert script.exit_code == 0, script.stderr[-3000:]
    assert "the training has ended" in script.stdout
    return script


@pytest.mark.parametrize("name", NAMES)
def test_training_goes_on_when_functions_of_weft_raise(name: str, tmp_path: Path) -> None:
    assert "a fault of weft" in train(name, tmp_path, BROKEN, WEFT_MODE="offline")


# Lightning's logger chooses the folder itself.
@pytest.mark.parametrize("name", ["transformers"])
def test_training_goes_on_where_the_disk_is_full_without_a_server(
    name: str, full_disk: Path, tmp_path: Path
) -> None:
    stderr = train(
        name, tmp_path, WEFT_MODE="online", WEFT_BASE_URL="http://127.0.0.1:9",
        WEFT_DIR=str(full_disk),
    )  # fmt: skip
    assert "ERROR" in stderr or "WARNING" in stderr


@pytest.mark.parametrize("name", ["autolog", *WITH_CALLBACKS])
def test_training_waits_for_no_answer_of_a_server_that_holds_its_first(
    name: str, live: LiveServer, tmp_path: Path
) -> None:
    code = AUTOLOG if name == "autolog" else (HERE / f"{name}_script.py").read_text()
    variables = {
        **live.environment, "WEFT_API_KEY": str(live.process.token),
        "WEFT_JOB_TYPE": name, "WEFT_FINISH_TIMEOUT": "0.1",
    }  # fmt: skip
    with live.held_up():
        script = run_training(
            WATCHED + code + "\nprint('peers', peers)\n", tmp_path, variables,
            is_forked=name not in WITH_TENSORFLOW,
        )  # fmt: skip
    (line,) = (line for line in script.stdout.splitlines() if line.startswith("peers"))
    assert str(live.port) not in line
    await_no_sidecar()
    (run,) = live.api.runs("local/tests", filters={"jobType": name})
    assert run.state == "finished"
    assert list(run.scan_history())
