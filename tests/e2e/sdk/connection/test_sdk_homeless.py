"""A user without a home: a container that runs under any number, with no HOME and no passwd entry.

The environment has no HOME and no XDG folder, and the password database knows nobody.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from at_length import at_length
from sdk_script import Script, log_rows, logs_in, script_environment

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="a Windows user always has a profile"),
]

_NOBODY = """
import pwd

def unknown(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")

pwd.getpwuid = unknown
from pathlib import Path
try:
    Path.home()
except RuntimeError:
    pass
else:
    raise SystemExit("this user has a home")
"""


def run_homeless(folder: Path, code: str, *arguments: str, **env: str) -> Script:
    environment = script_environment({"TMPDIR": str(folder), **env})
    for name in [name for name in environment if name == "HOME" or name.startswith("XDG_")]:
        del environment[name]
    done = subprocess.run(
        [sys.executable, "-c", _NOBODY + code, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    return Script(done.returncode, done.stdout, done.stderr)


def run_weft(folder: Path, *arguments: str, **env: str) -> Script:
    return run_homeless(folder, "from weft.cli.main import main; main()", *arguments, **env)


LOGGING = "import weft\nweft.init(id='ab12cd34')\nweft.log({'loss': 0.5})\n"


def test_a_run_is_recorded(tmp_path: Path) -> None:
    script = run_homeless(tmp_path, LOGGING, WEFT_MODE="offline")
    assert script.exit_code == 0, script.stderr
    log, *_ = logs_in(tmp_path)
    assert [row["loss"] for row in log_rows(log)] == [0.5]


@at_length
def test_an_online_run_starts_its_upload_and_ends(tmp_path: Path, unused_url: str) -> None:
    script = run_homeless(tmp_path, LOGGING, WEFT_BASE_URL=unused_url)
    assert script.exit_code == 0, script.stderr
    assert "No server answered" in script.stderr
    assert "WARNING" not in script.stderr


@at_length
def test_status_says_that_there_is_no_server(tmp_path: Path) -> None:
    script = run_weft(tmp_path, "status")
    assert script.exit_code == 1
    assert script.stdout.startswith("no server")


@at_length
@pytest.mark.parametrize(("command", "remedy"), [("server", "--data"), ("ui", "XDG_CACHE_HOME")])
def test_a_server_asks_for_a_folder_in_one_line(tmp_path: Path, command: str, remedy: str) -> None:
    script = run_weft(tmp_path, command)
    assert script.exit_code == 2
    assert len(script.stderr.splitlines()) == 1
    assert remedy in script.stderr
