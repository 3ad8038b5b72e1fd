"""P2 of the field report, 22: trackers that take the training down with them.

Each test runs the script of a complaint and asserts what its author expected. A test of a hang
needs a bound; those here are generous, and nothing else is timed.
"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer, await_no_sidecar, kill_sidecars, sidecars
from relay import Relay
from sdk_script import start_script
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)

TRAINING = """
    import sys, weft
    run = weft.init(id="{run_id}")
    n = 0
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(500):
            run.log({{"n": n}}); n += 1
        print(n, flush=True)
    """


@at_length
def test_p2_22_verl_4904_training_outlives_the_loss_of_its_uploader(
    tmp_path: Path, live: LiveServer
) -> None:
    # "If wandb crashes for any reason, the training also crashes". "Training shouldn't crash.
    # Wandb to be resumed safely in the next iteration."
    script = start_script(
        tmp_path,
        TRAINING.format(run_id="outlives"),
        live.environment,
        stdin=-1,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    n_rows = 0
    for _ in range(2):
        wait_until(sidecars, what="a sidecar")
        kill_sidecars()
        await_no_sidecar()
        for _ in range(2):
            script.stdin.write("\n")
            script.stdin.flush()
            n_rows = int(script.stdout.readline())
            threading.Event().wait(1.1)  # a dead sidecar is noticed by a row a second later
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == 0, stderr
    assert live.ended("outlives").state == "finished"
    assert live.values("outlives", "n") == list(range(n_rows))


@at_length
def test_p2_22_wandb_3223_training_outlives_an_uploader_that_does_nothing_any_more(
    tmp_path: Path, live: LiveServer
) -> None:
    # "An hour after starting the training script, training stops": it waited for a process of
    # the client's that was there and did nothing.
    script = start_script(
        tmp_path,
        TRAINING.format(run_id="stalled"),
        {**live.environment, "WEFT_FINISH_TIMEOUT": "1"},
        stdin=-1,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    wait_until(lambda: live.has("stalled"), what="the run")
    (sidecar,) = sidecars()
    sidecar.suspend()
    for n_rows in range(500, 20_500, 500):
        script.stdin.write("\n")
        script.stdin.flush()
        assert int(script.stdout.readline()) == n_rows
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == 0, stderr
    assert "weft sync" in stderr
    assert live.run("stalled").state == "running"
    sidecar.resume()
    assert live.ended("stalled").state == "finished"
    assert live.values("stalled", "n") == list(range(20_000))


@at_length
def test_p2_22_wandb_6449_a_connection_that_breaks_is_no_matter_of_the_training_s(
    tmp_path: Path, live: LiveServer
) -> None:
    # "BrokenPipeError: [Errno 32]" amid training, "I assume it is related to networking issues".
    with Relay(live.url) as relay:
        script = start_script(
            tmp_path,
            TRAINING.format(run_id="broken"),
            {**live.environment, "WEFT_BASE_URL": relay.url},
            stdin=-1,
        )
        assert script.stdin is not None
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
        wait_until(lambda: live.has("broken"), what="the run")
        n_rows = 0
        for _ in range(3):
            relay.refuse()
            for _ in range(2):
                script.stdin.write("\n")
                script.stdin.flush()
                n_rows = int(script.stdout.readline())
            relay.listen()
            wait_until(lambda n_rows=n_rows: len(live.rows("broken")) == n_rows, what="all rows")
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
    assert not {"Error", "Traceback"} & set(stderr.replace(":", " ").split())
    assert live.ended("broken").state == "finished"
    assert live.values("broken", "n") == list(range(n_rows))


@at_length
def test_p2_22_openpi_1040_a_training_that_is_killed_without_a_word_is_told_from_one_that_is_still(
    tmp_path: Path, live: LiveServer
) -> None:
    # "no error train stop?": the run was called crashed, and nobody could say whether the training
    # had died or the tracker. One of these is killed as the kernel does it for want of memory;
    # the other is just busy.
    scripts = [
        start_script(tmp_path, TRAINING.format(run_id=run_id), live.environment, stdin=-1)
        for run_id in ("killed", "busy")
    ]
    for script in scripts:
        assert script.stdin is not None
        assert script.stdout is not None
        script.stdin.write("\n")
        script.stdin.flush()
        assert script.stdout.readline() == "ready\n"
        assert script.stdout.readline() == "500\n"
    wait_until(lambda: live.has("killed") and live.has("busy"), what="both runs")
    killed, busy = scripts
    killed.kill()
    killed.communicate(timeout=180)
    assert killed.returncode == -signal.SIGKILL
    run = live.ended("killed")
    assert run.state == "crashed"
    assert run.ended_at is not None
    assert live.values("killed", "n") == list(range(500)), "up to the last row before it died"
    assert live.run("busy").state == "running"
    _, stderr = busy.communicate("\n", timeout=180)
    assert busy.returncode == 0, stderr
    assert live.ended("busy").state == "finished"
    assert live.values("busy", "n") == list(range(1000))
