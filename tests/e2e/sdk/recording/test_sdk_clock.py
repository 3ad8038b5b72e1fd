"""Times of rows, whatever the network, the server and its clock do; a wrong clock is put right.

A script that shall be on another machine is told another boot id by a preloaded library, which
also sets clocks wrong (`tests/support/scripts/clock_shim.c`).
"""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from at_length import at_length, case_at_length
from live_runs import LiveServer
from relay import Relay
from sdk_script import start_script
from server_process import wait_until
from shims import build_shim
from weft.sdk.reading.stored.run import StoredRun

pytestmark = pytest.mark.timeout(300)

# Logs its own clock until the test closes its standard input.
LOGGING = """
    import select, sys, time, weft
    run = weft.init(id="{run_id}", project="tests", settings={{"system_interval_secs": 0}})
    begin = time.time()
    while True:
        run.log({{"true": time.time() - {ahead}}})
        if select.select([sys.stdin], [], [], 0.1)[0]:
            break
    run.finish()
"""
TOLERATED_SECS = 2.0
LAG_SECS = 3.0


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_shim("clock_shim", tmp_path_factory.mktemp("shim"))


def elsewhere(folder: Path, shim: Path, *, ahead_secs: int = 0) -> dict[str, str]:
    """The environment of a script on another machine, whose clock is ahead."""
    boot, clock = folder / "boot", folder / "ahead"
    boot.write_text("11111111-2222-3333-4444-555555555555\n")
    clock.write_text(str(ahead_secs))
    return {"LD_PRELOAD": str(shim), "SHIM_BOOT": str(boot), "SHIM_CLOCK": str(clock)}


def start(
    folder: Path, run_id: str, environment: dict[str, str], *, ahead_secs: int = 0
) -> subprocess.Popen[str]:
    code = LOGGING.format(run_id=run_id, ahead=ahead_secs)
    return start_script(folder, code, environment, stdin=subprocess.PIPE)


def end(script: subprocess.Popen[str]) -> None:
    _, stderr = script.communicate("end\n", timeout=180)
    assert script.returncode == 0, stderr


def assert_times_are_right(run: StoredRun) -> None:
    rows = list(run.scan_history())
    assert rows
    for row in rows:
        assert abs(row["_timestamp"] - row["true"]) < TOLERATED_SECS, row
        assert row["_runtime"] >= 0, row


@pytest.mark.parametrize(
    "is_elsewhere", [False, case_at_length(True)], ids=["same machine", "another machine"]
)
def test_a_server_that_sleeps_is_no_wrong_clock(
    live: LiveServer, tmp_path: Path, shim: Path, is_elsewhere: bool
) -> None:
    run_id = f"slept-{int(is_elsewhere)}"
    environment = live.environment | (elsewhere(tmp_path, shim) if is_elsewhere else {})
    with live.held_up():
        script = start(tmp_path, run_id, environment)
        wait_until(lambda: list(tmp_path.glob("weft/run-*/run-*.weft")), what="the log")
        time.sleep(LAG_SECS)  # how late the first request is
    wait_until(lambda: live.has(run_id), what="the run")
    end(script)
    run = live.ended(run_id)
    assert run.warnings == []
    assert_times_are_right(run)


@at_length
def test_a_slow_network_is_no_wrong_clock(live: LiveServer, tmp_path: Path, shim: Path) -> None:
    with Relay(live.url, lag_secs=LAG_SECS) as relay:
        environment = live.environment | elsewhere(tmp_path, shim) | {"WEFT_BASE_URL": relay.url}
        script = start(tmp_path, "slow", environment)
        wait_until(lambda: live.has("slow") and live.rows("slow"), what="rows")
        end(script)
        run = live.ended("slow")
    assert run.warnings == []
    assert_times_are_right(run)


@pytest.mark.parametrize("ahead_secs", [3600, case_at_length(-3600)], ids=["ahead", "behind"])
def test_a_wrong_clock_of_another_machine_is_put_right(
    live: LiveServer, tmp_path: Path, shim: Path, ahead_secs: int
) -> None:
    run_id = f"wrong{ahead_secs}"
    environment = live.environment | elsewhere(tmp_path, shim, ahead_secs=ahead_secs)
    end(start(tmp_path, run_id, environment, ahead_secs=ahead_secs))
    run = live.ended(run_id)
    assert_times_are_right(run)
    assert len(run.warnings) == 1, run.warnings
    (warning,) = run.warnings
    offset = re.search(r"is ([+-]\S+) s off", warning)
    assert offset is not None, warning
    # As exact as the fastest exchange: its two ways may take unlike times.
    assert float(offset[1]) == pytest.approx(ahead_secs, abs=TOLERATED_SECS)


@at_length
def test_steps_of_the_servers_clock_change_no_times(tmp_path: Path, shim: Path) -> None:
    ahead = tmp_path / "servers-ahead"
    ahead.write_text("0")
    clock = {"LD_PRELOAD": str(shim), "SHIM_CLOCK": str(ahead)}
    with LiveServer(tmp_path, env=clock) as live:
        run_ids = ["here", "there"]
        scripts = [
            start(tmp_path, "here", live.environment),
            start(tmp_path, "there", live.environment | elsewhere(tmp_path, shim)),
        ]
        for run_id in run_ids:
            wait_until(lambda run_id=run_id: live.has(run_id), what="the run")
        for secs in (3600, -3600, 100_000_000, -100_000_000, 0):
            ahead.write_text(str(secs))
            for run_id in run_ids:
                n_before = len(live.rows(run_id))
                wait_until(
                    lambda run_id=run_id, n=n_before: len(live.rows(run_id)) > n + 1,
                    what="rows while the clock is wrong",
                )
        for script in scripts:
            end(script)
        for run_id in run_ids:
            run = live.ended(run_id)
            assert run.warnings == []
            assert_times_are_right(run)
