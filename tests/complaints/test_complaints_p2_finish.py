"""P2 of the field report: scripts that hang at their end, and a client that holds training up.

Each test runs the script of a complaint and asserts what its author expected. A test of a hang
needs a bound; those here are generous, and nothing else is timed.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fault_server import FaultServer, problem
from live_runs import LiveServer, await_no_sidecar, sidecars
from sdk_script import logs_in, run_script, start_script
from server_process import wait_until

pytestmark = pytest.mark.timeout(120)


class MuteServer:
    """Takes connections and never answers: a firewall that swallows packets looks like it."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connected = threading.Event()
        self._sockets: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self._sockets.append(self._listener.accept()[0])
            except OSError:
                return
            self.connected.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for one in self._sockets:
            one.close()


@pytest.fixture
def mute() -> Iterator[MuteServer]:
    server = MuteServer()
    yield server
    server.close()
    for process in sidecars():
        process.kill()
    await_no_sidecar()


def online(url: str, **more: str) -> dict[str, str]:
    return {"WEFT_MODE": "online", "WEFT_BASE_URL": url, **more}


# -- 12 to 16: the end ---


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


def test_p2_13_wandb_4441_a_slow_server_does_not_hold_up_the_next_run(
    tmp_path: Path, faulty: FaultServer
) -> None:
    # 15 to 20 minutes for each run of a sweep, as the upload was "just very very slow".
    faulty.pause_millis = 60_000  # a minute between two uploads of a log
    script = run_script(
        tmp_path,
        """
        import weft
        for n in range(3):
            run = weft.init()
            for epoch in range(10):
                run.log({"epoch": epoch})
            run.finish()
        """,
        online(faulty.url, WEFT_FINISH_TIMEOUT="2"),
    )
    assert script.exit_code == 0, script.stderr
    assert len(logs_in(tmp_path)) == 3
    for process in sidecars():
        process.kill()


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


def test_p2_15_wandb_11179_finish_ends_without_progress(tmp_path: Path, mute: MuteServer) -> None:
    # It runs for ever and prints that history steps 4848-4993 are uploading, for 15 minutes.
    script = run_script(
        tmp_path,
        """
        import weft
        weft.init()
        for n in range(5000):
            weft.log({"n": n})
        weft.finish()
        print("went on")
        """,
        online(mute.url, WEFT_FINISH_TIMEOUT="1"),
    )
    assert (script.exit_code, script.stdout) == (0, "went on\n")
    last = script.stderr.splitlines()[-1]
    assert "No progress of the upload" in last
    assert "weft sync" in last


def test_p2_15_wandb_6803_a_server_that_fails_is_said_and_not_waited_for(
    tmp_path: Path, faulty: FaultServer
) -> None:
    # "it would be really nice to have some kind of informative error [...] instead of just the
    # process running indefinitely": the server answered 500 to all of it.
    faulty.fault = lambda _: problem(500, "internal")
    script = run_script(
        tmp_path,
        'import weft\nweft.init()\nweft.log({"text": "\\N{SNOWMAN}"})\nweft.finish()',
        online(faulty.url, WEFT_FINISH_TIMEOUT="1"),
    )
    assert script.exit_code == 0, script.stderr
    assert "500" in script.stderr.splitlines()[-1]
    for process in sidecars():
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_p2_16_ace_398_a_job_that_is_told_to_end_frees_its_gpus(
    tmp_path: Path, mute: MuteServer, number: signal.Signals
) -> None:
    # GPUs stay reserved while the logger's finish hangs: the job has to be gone by itself.
    script = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init()
        run.log({"a": 1})
        print("ready", flush=True)
        time.sleep(600)
        """,
        online(mute.url, WEFT_FINISH_TIMEOUT="600"),
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    assert mute.connected.wait(30)
    script.send_signal(number)
    if number == signal.SIGINT:
        wait_until(lambda: logs_in(tmp_path)[0].read_bytes().count(b"killed"))
        script.send_signal(number)  # Ctrl-C again: nobody waits for the upload
    script.communicate(timeout=30)
    assert script.returncode == -number


# -- 17, 20, 21: log ---


def test_p2_17_wandb_8666_log_does_not_wait_for_the_network(
    tmp_path: Path, faulty: FaultServer
) -> None:
    # "blocks the training loop periodically": 40 it/s, 20 it/s, 40 it/s.
    faulty.go_on.clear()
    script = start_script(
        tmp_path,
        """
        import weft
        run = weft.init()
        for n in range(50_000):
            run.log({"loss": 1.0 / (n + 1), "grad": 0.5, "lr": 1e-4, "step": n, "tokens": 512})
        print("done", flush=True)
        """,
        online(faulty.url),
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "done\n"
    assert faulty.logs == {}, "and not one byte was taken meanwhile"
    faulty.go_on.set()
    _, stderr = script.communicate(timeout=60)
    assert script.returncode == 0, stderr
    (log,) = (log for log in logs_in(tmp_path) if log.stat().st_size > 100_000)
    assert log.read_bytes() in faulty.logs.values()


def test_p2_17_wandb_3690_log_is_one_write_and_leaves_no_work_to_threads(tmp_path: Path) -> None:
    # "~2x slowdown" by logging each batch: here a call writes its row and that is all.
    script = run_script(
        tmp_path,
        """
        import threading, weft
        run = weft.init()
        (log,) = run.directory.glob("*.weft")
        run.log({"loss": 0.5, "n": 0})
        sizes = [log.stat().st_size]
        for n in range(1, 100):
            run.log({"loss": 0.5, "n": n})
            sizes.append(log.stat().st_size)
        assert all(new > old for old, new in zip(sizes, sizes[1:])), "nothing waits in the process"
        assert threading.active_count() == 1
        """,
    )
    assert script.exit_code == 0, script.stderr


def test_p2_20_mlflow_1867_rows_share_requests(tmp_path: Path, faulty: FaultServer) -> None:
    # A handshake per metric there (also mlflow#1550: no asynchronous logging; azure#45403: 700 ms
    # per call): here 5,000 rows of 10 metrics go in a handful of requests.
    script = run_script(
        tmp_path,
        """
        import weft
        with weft.init() as run:
            for n in range(5000):
                run.log({f"metric-{k}": n * k for k in range(10)})
        """,
        online(faulty.url),
    )
    assert script.exit_code == 0, script.stderr
    assert len(faulty.uploads) < 50


def test_p2_21_aim_2875_a_thousand_metrics_are_sent_at_once(
    tmp_path: Path, live: LiveServer
) -> None:
    # 2.5 minutes to send 1,000 metrics.
    script = run_script(
        tmp_path,
        """
        import weft
        with weft.init(id="thousand") as run:
            for n in range(10):
                run.log({f"metric-{k}": n + k for k in range(1000)})
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    rows = live.rows("thousand")
    assert [row["metric-999"] for row in rows] == list(range(999, 1009))
    assert all(len(row) == 1003 for row in rows)


# -- 18: import and init ---


def test_p2_18_wandb_5440_init_waits_for_no_server(tmp_path: Path, mute: MuteServer) -> None:
    # import ~1 s, init 2 to 10 s (SwanLab#1319: a long wait, too): both are local here.
    script = start_script(
        tmp_path,
        """
        import sys, weft
        heavy = {"numpy", "httpx", "requests", "pydantic", "psutil", "ssl", "sqlite3"}
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        run = weft.init()
        run.log({"a": 1})
        assert not heavy & set(sys.modules), heavy & set(sys.modules)
        print("logged", flush=True)
        """,
        online(mute.url, WEFT_FINISH_TIMEOUT="1"),
    )
    stdout, stderr = script.communicate(timeout=60)
    assert (script.returncode, stdout) == (0, "logged\n"), stderr


# -- 19: memory ---


def test_p2_19_wandb_12910_many_apis_take_no_memory(tmp_path: Path, live: LiveServer) -> None:
    # "~2.5 MiB per wandb.Api() instance": a job that polled was killed after ten hours.
    script = run_script(
        tmp_path,
        """
        import gc, os, psutil, weft
        me = psutil.Process()
        def taken():
            gc.collect()
            processes = [me, *me.children(recursive=True)]
            return sum(one.memory_info().rss for one in processes), me.num_fds()
        for n in range(60):
            api = weft.Api()
            try:
                api.run("local/tests/does-not-exist")
            except weft.errors.NotFound:
                pass
            if n == 20:
                before = taken()
        del api
        after = taken()
        assert after[0] < before[0] + (4 << 20), (before, after)
        assert after[1] <= before[1], (before, after)
        """,
        {**live.environment, "WEFT_API_KEY": live.process.token},
    )
    assert script.exit_code == 0, script.stderr


def test_p2_19_wandb_5957_trials_in_one_process_take_no_memory(
    tmp_path: Path, live: LiveServer
) -> None:
    # Ray Tune's callback makes a run per trial; memory grew with each.
    script = run_script(
        tmp_path,
        """
        import gc, psutil, weft
        me = psutil.Process()
        def taken():
            gc.collect()
            return me.memory_info().rss
        settings = {"silent": True}
        for trial in range(60):
            with weft.init(settings=settings, config={"trial": trial}) as run:
                for step in range(20):
                    run.log({f"m{k}": step * k for k in range(50)})
            if trial == 20:
                before = taken()
        assert taken() < before + (4 << 20), (before, taken())
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr


# -- 22: a client that takes training down with it ---


def test_p2_22_verl_4904_training_outlives_the_loss_of_its_uploader(
    tmp_path: Path, live: LiveServer
) -> None:
    # "If wandb crashes for any reason, the training also crashes"; wandb#6449: BrokenPipeError;
    # openpi#1040: training stops without an error; wandb#3223: it stalls for good.
    script = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="outlives")
        n = 0
        print("ready", flush=True)
        for line in sys.stdin:
            for _ in range(500):
                run.log({"n": n}); n += 1
            print(n, flush=True)
        """,
        live.environment,
        stdin=-1,
    )
    assert script.stdin is not None
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    n_rows = 0
    for _ in range(3):
        wait_until(sidecars, what="a sidecar")
        for process in sidecars():
            process.kill()
        wait_until(lambda: not sidecars())
        for _ in range(2):
            script.stdin.write("\n")
            script.stdin.flush()
            n_rows = int(script.stdout.readline())
            threading.Event().wait(1.1)  # a dead sidecar is noticed by a row a second later
    _, stderr = script.communicate(timeout=60)
    assert script.returncode == 0, stderr
    assert "BrokenPipe" not in stderr
    assert live.ended("outlives").state == "finished"
    assert live.values("outlives", "n") == list(range(n_rows))
