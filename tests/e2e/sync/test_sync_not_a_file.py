"""Pipes, sockets, devices and folders that are named like logs: they hold nobody up."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from sdk_script import only_log, run_well
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

ONE_ROW = """
    import weft
    run = weft.init(id="{run_id}", project="tests", settings={{"system_interval_secs": 0}})
    run.log({{"n": 1}})
    {trap}
    run.finish()
"""


def make_traps(directory: Path) -> None:
    """Put everything that is no file beside the logs of a run, under names of logs."""
    os.mkfifo(directory / "run-a.pipe00000000.weft")
    (directory / "run-a.folder000000.weft").mkdir()
    (directory / "run-a.device000000.weft").symlink_to("/dev/zero")
    (directory / "run-a.linked000000.weft").symlink_to("run-a.pipe00000000.weft")
    here = Path.cwd()
    os.chdir(directory)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("run-a.socket000000.weft")
    finally:
        os.chdir(here)


def test_sync_passes_by_what_is_no_file(live: LiveServer, tmp_path: Path) -> None:
    run_well(tmp_path, ONE_ROW.format(run_id="beside", trap=""))
    log = only_log(tmp_path)
    os.mkfifo(f"{log}.synced")
    files = log.parent / "files"
    (files / "metadata.json").unlink(missing_ok=True)
    os.mkfifo(files / "metadata.json")
    make_traps(log.parent)
    sent = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert sent.exit_code == 1
    assert sent.stderr.count("not a file: ") == 5
    assert live.values("beside", "n") == [1]


@at_length
def test_a_directory_is_read_past_what_is_no_file(tmp_path: Path) -> None:
    run_well(tmp_path, ONE_ROW.format(run_id="beside", trap=""))
    make_traps(only_log(tmp_path).parent)
    with closing(weft.Api(tmp_path)) as api:
        assert [row["n"] for row in api.run("tests/beside").scan_history()] == [1]


def test_finish_waits_for_no_pipe(live: LiveServer, tmp_path: Path) -> None:
    trap = "import os; os.mkfifo(run.directory / 'run-a.pipe00000000.weft')"
    run_well(tmp_path, ONE_ROW.format(run_id="piped", trap=trap), live.environment)
    done = run_well(tmp_path, ONE_ROW.format(run_id="next", trap=""), live.environment)
    assert "View run" in done.stderr + done.stdout
    assert live.values("next", "n") == [1]
