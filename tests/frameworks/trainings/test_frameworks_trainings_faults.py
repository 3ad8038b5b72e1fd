"""Trainings go on, whatever happens to weft: no server, a full disk, functions that raise."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from framework_script import WITH_TENSORFLOW, run_alone

HERE = Path(__file__).parent
NAMES: Final = sorted(path.stem.removesuffix("_script") for path in HERE.glob("*_script.py"))

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
    work = folder / "work"
    work.mkdir()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    environment = {
        **inherited, "HOME": str(folder), "WEFT_DIR": str(folder / "weft"), **variables
    }  # fmt: skip
    code = HEAD + head + (HERE / f"{name}_script.py").read_text() + ENDED
    script = run_alone(
        code, work, environment, over_weft=True, is_forked=name not in WITH_TENSORFLOW
    )
    assert script.exit_code == 0, script.stderr[-3000:]
    assert "the training has ended" in script.stdout
    return script.stderr


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
