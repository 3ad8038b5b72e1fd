"""P2 of the field report, 12 to 16: scripts that hang at their end.

Each test runs the script of a complaint and asserts what its author expected. A test of a hang
needs a bound; those here are generous, and nothing else is timed.
"""

from __future__ import annotations

import contextlib
import signal
from pathlib import Path

import pytest

from at_length import at_length
from fault_server import FaultServer, problem
from live_runs import LiveServer, await_no_sidecar, kill_sidecars, sidecars
from sdk_script import logs_in, run_script, run_well, start_script
from server_process import wait_until
from weft.errors import NotFound
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)


@at_length
def test_p2_12_wandb_4929_finish_returns_when_all_is_uploaded(
    tmp_path: Path, live: LiveServer
) -> None:
    # "when use sweep, this will block next run"; people kill the process that is left.
    script = run_script(
        tmp_path,
        """
        import weft
        for n in range(5):
            weft.init(id=f"sweep-{n}", config={"n": n})
            for epoch in range(20):
                weft.log({"loss": 1 / (epoch + 1), "epoch": epoch})
            weft.finish()
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    for n in range(5):
        assert live.run(f"sweep-{n}").state == "finished"
        assert live.values(f"sweep-{n}", "epoch") == list(range(20))
    await_no_sidecar()


@at_length
def test_p2_13_wandb_4441_a_slow_server_does_not_hold_up_the_next_run(
    tmp_path: Path, live: LiveServer
) -> None:
    # 15 to 20 minutes for each run of a sweep, as the upload was "just very very slow".
    with live.held_up():
        run_well(
            tmp_path,
            """
            import weft
            for n in range(3):
                run = weft.init(id=f"next-{n}")
                for epoch in range(10):
                    run.log({"epoch": epoch})
                run.finish()
            """,
            {**live.environment, "WEFT_FINISH_TIMEOUT": "1"},
        )
    for n in range(3):
        assert live.ended(f"next-{n}").state == "finished"
        assert live.values(f"next-{n}", "epoch") == list(range(10))
    await_no_sidecar()


@at_length
def test_p2_14_wandb_5601_finish_ends_each_time(tmp_path: Path, live: LiveServer) -> None:
    # "hangs stochastically": many ends, several at once.
    code = """
        import sys, weft
        for n in range(12):
            with weft.init(id=f"{sys.argv[0][-4]}-{n}-" + WORKER) as run:
                run.log({"n": n})
        """
    scripts = [
        start_script(tmp_path, code.replace("WORKER", repr(str(n))), live.environment)
        for n in range(4)
    ]
    for script in scripts:
        _, stderr = script.communicate(timeout=100)
        assert script.returncode == 0, stderr
        assert stderr.count("View run") == 24, stderr
    await_no_sidecar()


@at_length
def test_p2_15_wandb_11179_finish_ends_without_progress(tmp_path: Path, live: LiveServer) -> None:
    # It runs for ever and prints that history steps 4848-4993 are uploading, for 15 minutes.
    with live.held_up():
        script = run_well(
            tmp_path,
            """
            import weft
            weft.init(id="no-progress")
            for n in range(5000):
                weft.log({"n": n})
            weft.finish()
            print("went on")
            """,
            {**live.environment, "WEFT_FINISH_TIMEOUT": "1"},
        )
    assert script.stdout == "went on\n"
    last = script.stderr.splitlines()[-1]
    assert "No progress of the upload" in last
    assert "weft sync" in last
    assert live.ended("no-progress").state == "finished", "the upload went on without the script"
    assert live.values("no-progress", "n") == list(range(5000))


@at_length
def test_p2_15_wandb_6803_a_server_that_fails_is_said_and_not_waited_for(
    tmp_path: Path, live: LiveServer, faulty: FaultServer
) -> None:
    # "it would be really nice to have some kind of informative error [...] instead of just the
    # process running indefinitely": the server answered 500 to all of it.
    faulty.fault = lambda _: problem(500, "internal")
    script = start_script(
        tmp_path,
        """
        import sys, weft
        weft.init(id="five-hundred")
        weft.log({"text": "\\N{SNOWMAN}"})
        sys.stdin.readline()
        """,
        {**live.environment, "WEFT_BASE_URL": faulty.url, "WEFT_FINISH_TIMEOUT": "1"},
        stdin=-1,
    )
    # By its second try the uploader has noted how the first one ended.
    wait_until(lambda: len(faulty.uploads) > 1, what="a second try")
    _, stderr = script.communicate("\n", timeout=180)
    assert script.returncode == 0, stderr
    assert "(500): internal it is" in stderr.splitlines()[-1]
    kill_sidecars()

    def is_sent() -> bool:
        # A killed process lets go of its locks some moments after it is gone from the list. Its
        # own log may lack its first record, which is told each time.
        sync([tmp_path], base_url=live.url)
        with contextlib.suppress(NotFound):
            return live.values("five-hundred", "text") == ["\N{SNOWMAN}"]
        return False

    wait_until(is_sent, what="the row is at the server")


@at_length
def test_p2_15_wandb_4570_whoever_reads_the_script_s_output_gets_its_end(
    tmp_path: Path, live: LiveServer
) -> None:
    # "process never exits": a shell pipe, a scheduler or a notebook waits for the end of the
    # output, which whatever is left behind holds open.
    with live.held_up():
        script = start_script(
            tmp_path,
            """
            import weft
            run = weft.init(id="piped")
            run.log({"a": 1})
            print("trained")
            """,
            {**live.environment, "WEFT_FINISH_TIMEOUT": "0"},
        )
        stdout, stderr = script.communicate(timeout=180)
        assert (script.returncode, stdout) == (0, "trained\n"), stderr
        assert sidecars(), "the upload is still tried, by a process that holds neither pipe"
    assert live.ended("piped").state == "finished"
    assert live.values("piped", "a") == [1]
    await_no_sidecar()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_p2_16_ace_398_a_job_that_is_told_to_end_frees_its_gpus(
    tmp_path: Path, live: LiveServer, number: signal.Signals
) -> None:
    # GPUs stay reserved while the logger's finish hangs: the job has to be gone by itself.
    run_id = f"gpus-{number.name}"
    script = start_script(
        tmp_path,
        f"""
        import time, weft
        run = weft.init(id="{run_id}")
        run.log({{"a": 1}})
        print("ready", flush=True)
        time.sleep(600)
        """,
        {**live.environment, "WEFT_FINISH_TIMEOUT": "600"},
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    wait_until(lambda: live.has(run_id), what="the run")
    with live.held_up():
        script.send_signal(number)
        if number == signal.SIGINT:
            wait_until(lambda: logs_in(tmp_path)[0].read_bytes().count(b"killed"))
            script.send_signal(number)  # Ctrl-C again: nobody waits for the upload
        script.communicate(timeout=30)
        assert script.returncode == -number
    assert live.ended(run_id).state == "killed"
    assert live.values(run_id, "a") == [1]
