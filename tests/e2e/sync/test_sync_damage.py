"""Logs whose bytes were damaged on the disk: what they held is lost, and everyone is told so."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from relay import Relay
from sdk_script import only_log, run_well, start_script
from server_process import wait_until
from weft.runlog.child_log import SIDECAR_PROCESS, make_child_log
from weft.runlog.format import MARK
from weft.sync.uploading.tail import read_head
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

N_ROWS = 50
OFFLINE = f"""
    import weft
    run = weft.init(id="{{run_id}}", project="tests", settings={{{{"system_interval_secs": 0}}}})
    for n in range({N_ROWS}):
        run.log({{{{"n": n}}}})
    run.finish()
"""


def flip_a_row(log: Path) -> None:
    """Flip a bit of the row before the last one and the Exit."""
    data = bytearray(log.read_bytes())
    end = len(data)
    for _ in range(3):
        end = data.rfind(MARK, 0, end)
    data[end + 10] ^= 0x40
    log.write_bytes(data)


def test_sync_tells_of_damage_and_so_does_the_run(live: LiveServer, tmp_path: Path) -> None:
    run_well(tmp_path, OFFLINE.format(run_id="flipped"))
    flip_a_row(only_log(tmp_path))
    sent = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert sent.exit_code == 1
    assert "are damaged, what they held is lost" in sent.stderr
    run = live.ended("flipped")
    assert len(live.rows("flipped")) == N_ROWS - 1
    (warning,) = run.warnings
    assert "are damaged; what they held is lost" in warning
    # All that is left is at the server: there is nothing to say of a second round.
    assert run_weft("sync", tmp_path / "weft", env=live.environment).exit_code == 0
    assert live.ended("flipped").warnings == [warning]


def test_a_directory_tells_of_damage(tmp_path: Path) -> None:
    run_well(tmp_path, OFFLINE.format(run_id="here"))
    flip_a_row(only_log(tmp_path))
    with closing(weft.Api(tmp_path)) as api:
        run = api.run("tests/here")
        assert len(list(run.scan_history())) == N_ROWS - 1
        (warning,) = run.warnings
    assert "are damaged; what they held is lost" in warning


@at_length
def test_a_log_that_ends_amid_a_record_is_told(live: LiveServer, tmp_path: Path) -> None:
    run_well(tmp_path, OFFLINE.format(run_id="cut"))
    log = only_log(tmp_path)
    data = log.read_bytes()
    last = len(data)
    for _ in range(3):  # the last row, the record of a file, the Exit
        last = data.rfind(MARK, 0, last)
    log.write_bytes(data[: last + 12])  # the last row has lost its end, the others are missing
    with closing(weft.Api(tmp_path)) as api:
        (warning,) = api.run("tests/cut").warnings
    assert warning.startswith("12 bytes at the end of a log are no whole record")
    sent = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert sent.exit_code == 1
    assert "12 bytes at the end are no whole record, what they held is lost" in sent.stderr
    assert len(live.rows("cut")) == N_ROWS - 1
    assert run_weft("sync", tmp_path / "weft", env=live.environment).exit_code == 0


@pytest.mark.parametrize("where", ["length", "text"])
def test_a_directory_names_a_log_whose_header_is_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    run_well(tmp_path, OFFLINE.format(run_id="headless"))
    log = only_log(tmp_path)
    data = bytearray(log.read_bytes())
    frame = data.find(MARK)
    data[frame + 7 if where == "length" else frame + 12] ^= 0x40
    log.write_bytes(data)
    os.utime(log, (0, 0))  # a header that is not whole may be one that is just being written
    with closing(weft.Api(tmp_path)) as api:
        assert [*api.projects(), *api.projects()] == []
    stderr = capsys.readouterr().err
    assert stderr.count(str(log)) == 1
    assert "is damaged" in stderr


def test_finish_tells_of_damage(live: LiveServer, tmp_path: Path) -> None:
    with Relay(live.url) as relay:
        relay.refuse()
        script = start_script(
            tmp_path,
            f"""
            import sys, weft
            run = weft.init(id="torn", settings={{"system_interval_secs": 0}})
            for n in range({N_ROWS}):
                run.log({{"n": n}})
            print("logged", flush=True)
            sys.stdin.readline()
            """,
            {**live.environment, "WEFT_BASE_URL": relay.url},
            stdin=subprocess.PIPE,
        )
        assert script.stdout is not None
        wait_until(lambda: "logged" in script.stdout.readline(), what="rows in the log")  # type: ignore[union-attr]
        flip_a_row(only_log(tmp_path))
        relay.listen()
        _, stderr = script.communicate("end\n", timeout=180)
    assert script.returncode == 0, stderr
    assert "are damaged, what they held is lost" in stderr
    assert len(live.ended("torn").warnings) == 1


@at_length
def test_the_log_of_a_sidecar_that_died_as_it_began_is_no_fault(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(tmp_path, OFFLINE.format(run_id="begun"))
    log = only_log(tmp_path)
    header, run, _ = read_head(log)
    child = make_child_log(log.parent, header, run, SIDECAR_PROCESS)
    child.close()
    whole = child.path.read_bytes()
    header_end = whole.index(MARK, whole.index(MARK) + 1)
    empty = child.path.with_name(f"run-begun.{'e' * 12}.weft")
    empty.touch()
    child.path.write_bytes(whole[:header_end])
    sent = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert sent.exit_code == 0, sent.stderr
    assert "record" not in sent.stderr
    assert len(live.rows("begun")) == N_ROWS
    removed = run_weft(
        "sync", "--clean", "--clean-force", "--clean-old-hours", "0", tmp_path / "weft",
        env=live.environment,
    )  # fmt: skip
    assert "1 run removed" in removed.stderr, removed.stderr
    assert not log.parent.exists()


def test_a_script_s_log_without_its_first_record_is_a_fault(
    live: LiveServer, tmp_path: Path
) -> None:
    run_well(tmp_path, OFFLINE.format(run_id="headless"))
    log = only_log(tmp_path)
    data = log.read_bytes()
    log.write_bytes(data[: data.index(MARK, data.index(MARK) + 1)])
    sent = run_weft("sync", tmp_path / "weft", env=live.environment)
    assert sent.exit_code == 1
    assert "no complete first record" in sent.stderr
