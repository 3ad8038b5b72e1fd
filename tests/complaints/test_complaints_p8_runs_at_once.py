"""P8 of the field report, 51: runs at once that corrupt what they share.

Each test runs the scripts of a complaint and asserts what its author expected. A test of a hang
needs a bound; those here are generous, and nothing else is timed.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer
from sdk_script import logs_in, start_script
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)


@at_length
def test_p8_51_aim_2869_runs_at_once_corrupt_nothing(tmp_path: Path, live: LiveServer) -> None:
    # Concurrent runs left a corrupt repository: here eight write into one folder, and two are
    # killed amid it.
    scripts = [
        start_script(
            tmp_path,
            f"""
            import time, weft
            run = weft.init(id="aim-{k}")
            for n in range(300):
                run.log({{"n": n}})
            print("logged", flush=True)
            time.sleep({60 if k < 2 else 0})
            """,
            live.environment,
        )
        for k in range(8)
    ]
    for script in scripts[:2]:
        assert script.stdout is not None
        assert script.stdout.readline() == "logged\n"
        script.kill()
    for k, script in enumerate(scripts):
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == (-signal.SIGKILL if k < 2 else 0), stderr
    for k in range(8):
        assert live.ended(f"aim-{k}").state == ("crashed" if k < 2 else "finished")
        assert live.values(f"aim-{k}", "n") == list(range(300))


@at_length
def test_p8_51_aim_2950_a_run_is_read_while_its_rows_are_still_written(
    tmp_path: Path, live: LiveServer
) -> None:
    # A single run of a SLURM job, and the web UI opened on it: "*.ldb file not found", as what the
    # query was reading had been merged into another file. Here a reader that began with the
    # first rows is at it while later ones come and the server puts them together.
    script = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="read-amid")
        n = 0
        for line in sys.stdin:
            for _ in range(2000):
                run.log({"n": n, "third": n / 3}); n += 1
            print(n, flush=True)
        """,
        live.environment,
        stdin=-1,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    script.stdin.write("\n")
    script.stdin.flush()
    assert script.stdout.readline() == "2000\n"
    wait_until(lambda: live.has("read-amid") and len(live.rows("read-amid")) == 2000)
    reader = (row for row in live.run("read-amid").scan_history(page_size=100))
    seen: list[int] = []
    for n_rows in range(4000, 14_000, 2000):
        seen += [next(reader)["n"] for _ in range(300)]
        script.stdin.write("\n")
        script.stdin.flush()
        assert script.stdout.readline() == f"{n_rows}\n"
        wait_until(lambda n=n_rows: len(live.rows("read-amid")) == n, what="later rows")
    seen += [row["n"] for row in reader]
    assert len(seen) >= 2000
    assert seen == list(range(len(seen)))
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == 0, stderr


@at_length
def test_p8_51_aim_2573_runs_that_are_the_first_of_all_at_once_make_the_place_they_need(
    tmp_path: Path, live: LiveServer
) -> None:
    # Concurrent runs and a repository that each of them finds missing: here six begin in the same
    # moment, in a folder and a project that are not there.
    scripts = [
        start_script(
            tmp_path,
            f"""
            import sys, weft
            print("ready", flush=True)
            sys.stdin.readline()
            with weft.init(id="first-{k}", project="first-of-all", dir="new/folder") as run:
                run.log({{"k": {k}}})
            """,
            live.environment,
            stdin=-1,
        )
        for k in range(6)
    ]
    for script in scripts:
        assert script.stdout is not None
        assert script.stdout.readline() == "ready\n"
    for script in scripts:
        assert script.stdin is not None
        script.stdin.write("\n")
        script.stdin.flush()
    for script in scripts:
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
        assert "WARNING" not in stderr
    runs = {run.id: run for run in live.api.runs("local/first-of-all")}
    assert sorted(runs) == [f"first-{k}" for k in range(6)]
    for k in range(6):
        assert [row["k"] for row in runs[f"first-{k}"].scan_history()] == [k]
    assert len(logs_in(tmp_path / "new" / "folder")) >= 6


@at_length
def test_p8_51_aim_2914_a_run_that_was_killed_leaves_no_lock_to_anybody(
    tmp_path: Path, live: LiveServer
) -> None:
    # Concurrent runs of which some were killed left locks and entries that had to be removed by
    # hand. Here one is killed while it writes; those beside it, whoever reads, whoever goes on
    # with it, and even two at once that do, are not held up by that.
    beside = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="beside-killed")
        run.log({"n": 0})
        print("logged", flush=True)
        sys.stdin.readline()
        run.log({"n": 1})
        """,
        live.environment,
        stdin=-1,
    )
    killed = start_script(
        tmp_path,
        """
        import itertools, weft
        run = weft.init(id="killed-amid")
        for n in itertools.count():
            run.log({"n": n})
            if n == 1000: print("logged", flush=True)
        """,
        live.environment,
    )
    for script in (beside, killed):
        assert script.stdout is not None
        assert script.stdout.readline() == "logged\n"
    killed.kill()
    killed.communicate(timeout=180)
    assert live.ended("killed-amid").state == "crashed"
    n_rows = len(live.rows("killed-amid"))
    assert live.values("killed-amid", "n") == list(range(n_rows))
    again = [
        start_script(
            tmp_path,
            f"""
            import weft
            with weft.init(id="killed-amid", resume="must") as run:
                run.log({{"again": {k}}})
            """,
            live.environment,
        )
        for k in range(2)
    ]
    for script in again:
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
        assert "WARNING" not in stderr
    assert live.ended("killed-amid").state == "finished"
    assert live.values("killed-amid", "n") == list(range(n_rows))
    assert sorted(live.values("killed-amid", "again")) == [0, 1]
    _, stderr = beside.communicate("\n", timeout=180)
    assert beside.returncode == 0, stderr
    assert live.values("beside-killed", "n") == [0, 1]
