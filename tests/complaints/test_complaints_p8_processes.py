"""P8 of the field report, 52 to 55: many processes, locked and corrupt databases.

Each test runs the scripts of a complaint and asserts what its author expected. A test of a hang
needs a bound; those here are generous, and nothing else is timed.
"""

from __future__ import annotations

import signal
import sqlite3
import threading
from pathlib import Path

import psutil
import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import LiveServer, await_no_sidecar, sidecars
from sdk_script import run_script, start_script
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)

RUN = """
    import weft
    run = weft.init(id="{run_id}")
    for n in range({n_rows}):
        run.log({{"n": n}})
    print("logged", flush=True)
    """


@at_length
def test_p8_52_trackio_133_a_dashboard_beside_a_training_meets_no_lock(
    tmp_path: Path, live: LiveServer
) -> None:
    # "database is locked" as soon as training and dashboard run at once.
    over = threading.Event()
    looks: list[int] = []
    failures: list[Exception] = []

    def look() -> None:
        api = weft.Api(live.url, api_key=live.process.token)
        while not over.is_set():
            for run_id in ("beside-0", "beside-1"):
                try:
                    looks.append(len(list(api.run(f"local/tests/{run_id}").scan_history())))
                except weft.errors.NotFound:
                    continue
                except Exception as error:
                    failures.append(error)
        api.close()

    viewers = [threading.Thread(target=look) for _ in range(3)]
    for viewer in viewers:
        viewer.start()
    scripts = [
        start_script(tmp_path, RUN.format(run_id=f"beside-{k}", n_rows=5000), live.environment)
        for k in range(2)
    ]
    for script in scripts:
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
        assert "WARNING" not in stderr
    over.set()
    for viewer in viewers:
        viewer.join()
    assert failures == []
    assert looks
    for k in range(2):
        assert live.values(f"beside-{k}", "n") == list(range(5000))


@at_length
def test_p8_53_trackio_448_tasks_of_a_slurm_array_log_to_one_project(
    tmp_path: Path, live: LiveServer
) -> None:
    # "once the third of my slurm array jobs starts running I get multiple errors".
    scripts = [
        start_script(
            tmp_path,
            RUN.format(run_id=f"array-{task}", n_rows=200),
            {
                **live.environment,
                "SLURM_ARRAY_TASK_ID": str(task),
                "SLURM_JOB_ID": str(700 + task),
                "SLURM_PROCID": "0",
            },
        )
        for task in range(6)
    ]
    for script in scripts:
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
        assert "WARNING" not in stderr
    for task in range(6):
        assert live.ended(f"array-{task}").state == "finished"
        assert live.values(f"array-{task}", "n") == list(range(200))
        # Each is a job of its own: no rank is made up from the array.
        (main,) = (w for w in live.run(f"array-{task}").writers if w.parent is None)
        assert main.labels == {"process": "main"}


@at_length
def test_p8_54_trackio_492_a_server_that_is_killed_leaves_no_corrupt_database(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with LiveServer(folder) as live:
        script = start_script(
            tmp_path,
            """
            import sys, weft
            run = weft.init(id="killed-server")
            n = 0
            for line in sys.stdin:
                for _ in range(3000):
                    run.log({"n": n, "x": n / 3}); n += 1
                print(n, flush=True)
            """,
            live.environment,
            stdin=-1,
        )
        assert script.stdin is not None
        assert script.stdout is not None
        n_rows = 0
        for _ in range(3):
            script.stdin.write("\n")
            script.stdin.flush()
            n_rows = int(script.stdout.readline())
            wait_until(lambda: live.has("killed-server"))
            live.process.kill()
            databases = [
                path
                for path in live.process.data.rglob("*")
                if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"
            ]
            assert databases
            for path in databases:
                with sqlite3.connect(path) as database:
                    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                database.close()
            live.start_again()
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
        assert live.values("killed-server", "n") == list(range(n_rows))
        assert live.ended("killed-server").state == "finished"


@at_length
def test_p8_55_wandb_12079_workers_forked_beside_an_api_never_hang(
    tmp_path: Path, live: LiveServer
) -> None:
    # A DataLoader's forked workers collected the parent's public API objects, whose finalizers
    # waited for threads that only the parent has.
    script = run_script(
        tmp_path,
        """
        import gc, multiprocessing, os, weft
        api = weft.Api()
        run = weft.init(id="loader")
        run.log({"epoch": 0})
        context = multiprocessing.get_context("fork")
        def worker(n, queue):
            global api
            del api
            gc.collect()
            run.log({"batch": n})
            queue.put(n)
        for epoch in range(3):
            queue = context.Queue()
            workers = [context.Process(target=worker, args=(n, queue)) for n in range(4)]
            for w in workers: w.start()
            assert sorted(queue.get(timeout=30) for _ in workers) == [0, 1, 2, 3]
            for w in workers: w.join(30)
            assert [w.exitcode for w in workers] == [0] * 4
            run.log({"epoch": epoch + 1})
        """,
        {**live.environment, "WEFT_API_KEY": live.process.token},
        is_forked=False,
    )
    assert script.exit_code == 0, script.stderr
    assert live.values("loader", "epoch") == [0, 1, 2, 3]
    await_no_sidecar()  # the workers' rows come after those of the script, which ends without them
    assert sorted(live.values("loader", "batch")) == sorted(3 * [0, 1, 2, 3])


SPAWNED = """
    import multiprocessing, sys, weft
    def main(rank):
        run = weft.init(id=f"{prefix}-{{rank}}")
        run.log({{"rank": rank}})
        {ending}
    if __name__ == "__main__":
        context = multiprocessing.get_context("{method}")
        ranks = [context.Process(target=main, args=(rank,)) for rank in range(3)]
        for rank in ranks: rank.start()
        for rank in ranks: rank.join()
        print([rank.exitcode for rank in ranks])
    """


@pytest.mark.parametrize("method", ["fork", case_at_length("spawn")])
@pytest.mark.parametrize(
    ("ending", "code", "state"),
    [
        ("raise ValueError('of a worker')", 1, "failed"),
        case_at_length("sys.exit(3)", 3, "failed"),
        case_at_length("pass", 0, "finished"),
    ],
)
def test_p8_55_wandb_1771_errors_of_workers_are_seen_and_end_them(
    tmp_path: Path, live: LiveServer, method: str, ending: str, code: int, state: str
) -> None:
    # With wandb.init() in a worker "the program [does not] throw an error and stop running", and
    # one without an error does not stop either.
    prefix = f"worker-{method}-{state}-{code}"
    script = run_script(
        tmp_path, SPAWNED.format(prefix=prefix, ending=ending, method=method), live.environment
    )
    assert script.exit_code == 0, script.stderr
    assert script.stdout == f"{[code] * 3}\n"
    assert script.stderr.count("ValueError: of a worker") == (3 if code == 1 else 0)
    for rank in range(3):
        run = live.ended(f"{prefix}-{rank}")
        assert (run.state, run.exit_code) == (state, code)
        assert live.values(run.id, "rank") == [rank]
    await_no_sidecar()


@at_length
def test_p8_55_wandb_5388_a_job_that_ends_leaves_no_zombie(
    tmp_path: Path, live: LiveServer
) -> None:
    # Stopped from the browser it went on, and left an unkillable [wandb-service] <defunct>.
    script = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="stop-me")
        print("ready", flush=True)
        while True:
            run.log({"a": 1})
            time.sleep(0.05)
        """,
        {**live.environment, "SLURM_JOB_ID": "1"},
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    wait_until(lambda: live.has("stop-me") and live.rows("stop-me"))
    assert psutil.Process(script.pid).children(recursive=True) == []
    assert len(sidecars()) == 1
    live.stop("stop-me")
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == -signal.SIGINT, stderr
    run = live.ended("stop-me")
    assert (run.state, run.exit_code) == ("killed", 130)
    await_no_sidecar()


@at_length
def test_p8_55_wandb_452_rows_of_ranks_can_be_told_apart(tmp_path: Path, live: LiveServer) -> None:
    # "distributed logging confusion": which process logged what, and who may call init at all.
    scripts = [
        start_script(
            tmp_path,
            """
            import os, weft
            run = weft.init(settings={"label": f"rank {os.environ['RANK']}"})
            run.log({"loss": int(os.environ["RANK"])})
            """,
            {
                **live.environment, "WANDB_RUN_ID": "told-apart", "RANK": str(rank),
                "LOCAL_RANK": str(rank), "WORLD_SIZE": "3",
            },
        )
        for rank in range(3)
    ]  # fmt: skip
    for script in scripts:
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0, stderr
    assert sorted(live.values("told-apart", "loss")) == [0, 1, 2]
    writers = [w for w in live.run("told-apart").writers if w.parent is None]
    labels = sorted((w.labels for w in writers), key=lambda labels: labels["rank"])
    assert labels == [
        {"process": "main", "rank": str(r), "local_rank": str(r), "label": f"rank {r}"}
        for r in range(3)
    ]
    assert [w.exit_code for w in writers] == [0, 0, 0]
