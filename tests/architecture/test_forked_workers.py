"""`pytest --workers` runs each test once, and no failure of a worker is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from forked_workers import Files

TESTS = Path(__file__).parents[1]

FIXTURE = """
import os, pytest
import forked_workers

forked_workers.forks = lambda: None  # no test starts a server, and its imports take seconds

@pytest.fixture(scope="session")
def shared():
    yield
    with open("ended", "a") as file:
        file.write(f"{os.getpid()} ")
"""
PASSING = """
import os, pytest

@pytest.mark.parametrize("i", range(3))
def test_passes(shared, i, tmp_path, capfd):
    os.system("echo printed")
    assert capfd.readouterr().out == "printed\\n"
    with open("passed", "a") as file:
        file.write(f"{os.getpid()} ")
"""


def test_each_test_runs_once_and_lost_workers_are_reported(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(FIXTURE)
    for name in ("a", "b", "c"):
        (tmp_path / f"test_{name}.py").write_text(PASSING)
    (tmp_path / "test_d.py").write_text(
        "import os\ndef test_fails(): assert 0\ndef test_is_killed(): os.kill(os.getpid(), 9)\n"
    )
    paths = os.pathsep.join((str(TESTS), str(TESTS / "support/servers")))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "forked_workers", "--workers", "2"],
        cwd=tmp_path,
        # the plugins of others take most of its time
        env={**os.environ, "PYTHONPATH": paths, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "2 failed, 9 passed" in done.stdout, done.stdout
    assert "test_d.py::test_is_killed - its process ended with -9" in done.stdout
    assert done.returncode == 1
    pids = (tmp_path / "passed").read_text().split()
    assert len(pids) == 9
    # a worker that is not killed closes its fixtures of the session, once
    ended = (tmp_path / "ended").read_text().split() if (tmp_path / "ended").exists() else []
    assert set(ended) <= set(pids)
    assert len(ended) == len(set(ended))


def test_what_is_slow_to_start_is_of_one_worker_while_others_have_files(tmp_path: Path) -> None:
    plain, late = tmp_path / "test_plain.py", tmp_path / "test_late.py"
    plain.write_text("")
    late.write_text('request.getfixturevalue("s3_bucket")')

    def file(*fixtures: str, path: Path = plain) -> list[Any]:
        return [SimpleNamespace(path=path, fixturenames=fixtures)]

    needed = [file("s3_server"), file(), file("postgres_url"), file("chromium"), file(path=late)]
    files = Files([*needed, file("chromium", "page"), file()])
    first, second, third = "first", "second", "third"
    workers: list[Any] = [first, second, third, first, third, second, third, first]
    assert [files.take(worker) for worker in workers] == [0, 3, 1, 2, 6, 5, 4, None]
