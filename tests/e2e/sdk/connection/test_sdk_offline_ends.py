"""Scripts in processes of their own, mode offline: ways to end, and several processes."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from at_length import at_length
from sdk_script import exit_of, log_rows, logs_in, only_log, records_of, run_script, start_script
from weft.records.record import Exit

START_METHODS = ["fork", "spawn", "forkserver"] if hasattr(os, "fork") else ["spawn"]

# -- ways to end ---

BEGIN = 'import os, signal, sys, time, weft\nrun = weft.init()\nrun.log({"a": 1})\n'


@pytest.mark.parametrize(
    ("ending", "code", "recorded"),
    [
        ("pass", 0, (0, None)),
        ("raise ValueError('boom')", 1, (1, None)),
        ("sys.exit(3)", 3, (3, None)),
        ("sys.exit()", 0, (0, None)),
        ("sys.exit('message')", 1, (1, None)),
        ("raise KeyboardInterrupt", -signal.SIGINT, (130, "killed")),
        ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -signal.SIGTERM, (143, "killed")),
        ("weft.finish(exit_code=7); sys.exit(1)", 1, (7, None)),
        ("with run: raise ValueError", 1, (1, None)),
        ("with run: sys.exit(4)", 4, (4, None)),
        ("with run: raise SystemExit(5)", 5, (5, None)),
        ("os._exit(9)", 9, None),
        ("os.kill(os.getpid(), signal.SIGKILL); time.sleep(60)", -signal.SIGKILL, None),
    ],
)
def test_the_log_says_how_the_process_ended(
    tmp_path: Path, ending: str, code: int, recorded: tuple[int, str | None] | None
) -> None:
    script = run_script(tmp_path, BEGIN + ending)
    assert script.exit_code == code, script.stderr
    end = exit_of(tmp_path)
    assert (end and (end.exit_code, end.state)) == recorded
    assert [row["a"] for row in log_rows(only_log(tmp_path))] == [1]


def test_ctrl_c_from_the_terminal_ends_the_run_as_killed(tmp_path: Path) -> None:
    code = BEGIN + 'print("ready", flush=True)\ntime.sleep(60)'
    process = start_script(tmp_path, code, {"WEFT_MODE": "offline", "WEFT_SYSTEM_INTERVAL": "0"})
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=180)
    ending = exit_of(tmp_path)
    assert ending is not None
    assert (ending.exit_code, ending.state) == (130, "killed")


def test_a_sigterm_handler_of_the_users_own_stays(tmp_path: Path) -> None:
    code = """
        import os, signal, sys, time
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(21))
        import weft
        weft.init().log({"a": 1})
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
        """
    assert run_script(tmp_path, code).exit_code == 21
    ending = exit_of(tmp_path)
    assert ending is not None
    assert ending.exit_code == 21


@at_length
def test_a_finished_run_is_not_touched_by_a_later_exception(tmp_path: Path) -> None:
    assert run_script(tmp_path, BEGIN + "weft.finish()\nraise ValueError").exit_code == 1
    ending = exit_of(tmp_path)
    assert ending is not None
    assert ending.exit_code == 0


# -- several processes ---


@pytest.mark.parametrize("method", START_METHODS)
def test_multiprocessing_ends_and_keeps_the_parents_run(tmp_path: Path, method: str) -> None:
    script = run_script(
        tmp_path,
        f"""
        import multiprocessing, weft

        def work(n):
            if weft.run is not None:
                weft.log({{"worker": n}})
            return n

        if __name__ == "__main__":
            weft.init().log({{"a": 1}})
            with multiprocessing.get_context("{method}").Pool(2) as pool:
                assert pool.map(work, range(20)) == list(range(20))
            weft.log({{"a": 2}})
        """,
    )
    assert script.exit_code == 0, script.stderr
    main, *workers = logs_in(tmp_path)
    assert [row["a"] for row in log_rows(main)] == [1, 2]
    assert records_of(main, Exit)[0].exit_code == 0
    logged = sorted(row["worker"] for log in workers for row in log_rows(log))
    assert logged == (list(range(20)) if method == "fork" else [])
    assert not any(records_of(log, Exit) for log in workers)


@at_length
def test_two_clients_with_one_run_id_write_side_by_side(tmp_path: Path) -> None:
    code = """
        import sys, weft
        with weft.init(id="shared", project="p") as run:
            for n in range(500):
                run.log({"n": n})
        """
    environment = {"WEFT_MODE": "offline", "WEFT_SYSTEM_INTERVAL": "0"}
    clients = [start_script(tmp_path, code, environment) for _ in range(2)]
    for client in clients:
        _, stderr = client.communicate(timeout=180)
        assert client.returncode == 0, stderr
    rows = [[row["n"] for row in log_rows(log)] for log in logs_in(tmp_path)]
    # a sidecar that gathers after the end may have written a log of its own, without rows
    assert [of_log for of_log in rows if of_log] == [list(range(500)), list(range(500))]


def test_a_spinning_thread_beside_log_loses_nothing(tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import threading, weft
        run = weft.init()
        stop = threading.Event()
        def spin():
            while not stop.is_set():
                sum(range(1000))
        thread = threading.Thread(target=spin)
        thread.start()
        for n in range(3000):
            run.log({"n": n})
        stop.set()
        """,
    )
    assert script.exit_code == 0, script.stderr
    assert [row["n"] for row in log_rows(only_log(tmp_path))] == list(range(3000))
