"""Many processes and threads that make one run: each row there once, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from at_length import at_length, case_at_length
from live_runs import LiveServer, await_no_sidecar
from sdk_script import Script, log_files_below, log_rows, logs_in, run_script, start_script
from server_process import wait_until
from weft.runlog.format import Header
from weft.runlog.reader import read_header

pytestmark = pytest.mark.timeout(300)


def headers_in(folder: Path) -> list[Header]:
    """The headers of all logs but the sidecars' own."""
    headers = [header for log in log_files_below(folder) if (header := read_header(log))]
    return [header for header in headers if header.labels.get("process") != "system"]


def group_of(leader: int) -> list[psutil.Process]:
    """The processes of a process group that run; a zombie does not."""
    descendants: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                descendants.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return descendants


def finished(processes: list[subprocess.Popen[str]]) -> list[Script]:
    scripts: list[Script] = []
    for process in processes:
        stdout, stderr = process.communicate(timeout=180)
        scripts.append(Script(process.returncode, stdout, stderr))
    return scripts


# -- ranks ---

RANK = """
import os, sys, weft
run = weft.init()
rank = int(os.environ["RANK"] if "RANK" in os.environ else os.environ["SLURM_PROCID"])
for n in range(50):
    run.log({"loss": 100 * rank + n})
sys.exit(int(os.environ.get("FAIL", "0")))
"""


def torchrun(rank: int, n_ranks: int = 4) -> dict[str, str]:
    return {
        "RANK": str(rank), "LOCAL_RANK": str(rank % 2), "GROUP_RANK": str(rank // 2),
        "WORLD_SIZE": str(n_ranks),
    }  # fmt: skip


def slurm(rank: int, n_ranks: int = 4) -> dict[str, str]:
    return {
        "SLURM_PROCID": str(rank), "SLURM_LOCALID": str(rank % 2), "SLURM_NODEID": str(rank // 2),
        "SLURM_STEP_NUM_TASKS": str(n_ranks),
    }  # fmt: skip


@pytest.mark.parametrize("launcher", [torchrun, case_at_length(slurm)])
def test_ranks_that_share_an_id_are_one_run(
    tmp_path: Path, live: LiveServer, launcher: Callable[[int], dict[str, str]]
) -> None:
    """On two machines: each node has a folder and a name of its own."""
    run_id = "ranks-torchrun" if launcher is torchrun else "ranks-slurm"
    nodes = [tmp_path / "node0", tmp_path / "node1"]
    for node in nodes:
        node.mkdir()
    scripts = finished([
        start_script(
            nodes[rank // 2],
            RANK,
            {
                **live.environment, **launcher(rank), "WANDB_RUN_ID": run_id,
                "WANDB_HOST": f"node-{rank // 2}",
            },
        )
        for rank in range(4)
    ])  # fmt: skip
    assert [script.exit_code for script in scripts] == [0] * 4, scripts
    assert ["View run" in script.stderr for script in scripts] == [True, False, False, False]
    run = live.ended(run_id)
    assert (run.state, run.exit_code) == ("finished", 0)
    expected = [100 * rank + n for rank in range(4) for n in range(50)]
    assert sorted(live.values(run_id, "loss")) == expected
    headers = sorted(headers_in(tmp_path), key=lambda header: header.labels["rank"])
    assert [header.parent_writer for header in headers] == [None] * 4
    stored = {writer.writer: writer for writer in run.writers}
    assert [stored[header.writer_id].labels for header in headers] == [
        header.labels for header in headers
    ]
    assert [(header.host, header.labels) for header in headers] == [
        (
            f"node-{rank // 2}",
            {
                "process": "main", "rank": str(rank), "local_rank": str(rank % 2),
                "node": str(rank // 2),
            },
        )
        for rank in range(4)
    ]  # fmt: skip
    await_no_sidecar()


def test_a_rank_that_fails_fails_the_run(tmp_path: Path, live: LiveServer) -> None:
    scripts = finished([
        start_script(
            tmp_path,
            RANK,
            {**live.environment, **torchrun(rank, 2), "WANDB_RUN_ID": "one-fails",
             "FAIL": str(3 * rank)},
        )
        for rank in range(2)
    ])  # fmt: skip
    assert [script.exit_code for script in scripts] == [0, 3]
    run = live.ended("one-fails")
    assert (run.state, run.exit_code) == ("failed", 3)


# -- children ---


@pytest.mark.parametrize("method", ["fork", "spawn", case_at_length("forkserver")])
@pytest.mark.parametrize(
    "kind", ["Process", case_at_length("Pool"), case_at_length("ProcessPoolExecutor")]
)
def test_a_run_goes_with_the_work_to_other_processes(
    tmp_path: Path, live: LiveServer, method: str, kind: str
) -> None:
    run_id = f"{method}-{kind}"
    script = run_script(
        tmp_path,
        f"""
        import multiprocessing, os, sys
        from concurrent.futures import ProcessPoolExecutor
        import weft

        def work(run, n):
            run.log({{"worker": n}})
            assert weft.run is run, weft.run
            assert run.config.lr == 0.1
            weft.log({{"again": n}})

        def main():
            run = weft.init(id="{run_id}", config={{"lr": 0.1}}, name="sent")
            run.log({{"main": 1}})
            context = multiprocessing.get_context("{method}")
            if "{kind}" == "Process":
                workers = [context.Process(target=work, args=(run, n)) for n in range(6)]
                for worker in workers: worker.start()
                for worker in workers: worker.join()
                assert [worker.exitcode for worker in workers] == [0] * 6
            elif "{kind}" == "Pool":
                with context.Pool(2) as pool:
                    pool.starmap(work, [(run, n) for n in range(6)], chunksize=1)
                    pool.close(); pool.join()
            else:
                with ProcessPoolExecutor(2, mp_context=context) as pool:
                    list(pool.map(work, [run] * 6, range(6)))
            run.log({{"main": 2}})

        if __name__ == "__main__":
            main()
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert "Traceback" not in script.stderr, script.stderr
    await_no_sidecar()  # it ends once the logs of all processes are sent
    run = live.ended(run_id)
    assert (run.state, run.name) == ("finished", "sent")
    assert sorted(live.values(run_id, "worker")) == list(range(6))
    assert sorted(live.values(run_id, "again")) == list(range(6))
    assert live.values(run_id, "main") == [1, 2]
    headers = headers_in(tmp_path)
    mains = [header.writer_id for header in headers if header.parent_writer is None]
    children = [header for header in headers if header.parent_writer is not None]
    assert len(mains) == 1
    assert 1 <= len(children) <= 6
    assert {header.parent_writer for header in children} == set(mains)
    expected = {"process": "fork" if method == "fork" else "spawn"}
    assert [header.labels for header in children] == [expected] * len(children)


CHILD_ENDS = {
    "os._exit": "os._exit(3)",
    "sys.exit": "sys.exit(3)",
    "exception": "raise ValueError('expected')",
    "SIGKILL": "os.kill(os.getpid(), 9)",
    "SIGTERM": "os.kill(os.getpid(), 15); time.sleep(60)",
    "end": "sys.exit(0)",
    "finish": "run.finish(); os._exit(0)",
    "with": "run.__exit__(ValueError, ValueError(), None); os._exit(3)",
}


@pytest.mark.parametrize("logs", [True, case_at_length(False)])
@pytest.mark.parametrize(
    "ending",
    [
        case_at_length(name) if name in {"sys.exit", "SIGTERM", "with"} else name
        for name in CHILD_ENDS
    ],
)
def test_a_forked_childs_end_leaves_the_run_to_its_parent(
    tmp_path: Path, live: LiveServer, ending: str, logs: bool
) -> None:
    run_id = f"child-{list(CHILD_ENDS).index(ending)}-{logs}"
    script = run_script(
        tmp_path,
        f"""
        import os, sys, time, weft
        run = weft.init(id="{run_id}")
        run.log({{"main": 1}})
        pid = os.fork()
        if pid == 0:
            if {logs}:
                run.log({{"child": 1}})
            {CHILD_ENDS[ending]}
        _, status = os.waitpid(pid, 0)
        run.log({{"main": 2}})
        from weft.runlog.platform import PORTABLE
        try:
            if not PORTABLE:  # there the sidecar is a child
                os.wait()
                sys.exit("there is another child")
        except ChildProcessError:
            pass
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    run = live.ended(run_id)
    assert (run.state, run.exit_code) == ("finished", 0), script.stderr
    assert live.values(run_id, "main") == [1, 2]
    assert live.values(run_id, "child") == [1] * logs
    assert len(headers_in(tmp_path)) == 1 + logs
    await_no_sidecar()


def test_a_child_that_says_so_fails_the_run(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="child-says")
        pid = os.fork()
        if pid == 0:
            run.log({"child": 1})
            run.finish(exit_code=3)
            os._exit(0)
        os.waitpid(pid, 0)
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    run = live.ended("child-says")
    assert (run.state, run.exit_code) == ("failed", 3)


def test_a_child_may_start_a_run_of_its_own_beside(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="parent")
        pid = os.fork()
        if pid == 0:
            with weft.init(id="of-its-own") as mine:
                mine.log({"a": 1})
            os._exit(0)
        os.waitpid(pid, 0)
        run.log({"a": 2})
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert live.ended("of-its-own").state == "finished"
    assert live.ended("parent").state == "finished"
    assert (live.values("of-its-own", "a"), live.values("parent", "a")) == ([1], [2])
    await_no_sidecar()


def test_children_log_on_after_the_script_has_ended(tmp_path: Path, live: LiveServer) -> None:
    """A daemon: its parent ends the run, and it goes on."""
    process = start_script(
        tmp_path,
        """
        import os, sys, time, weft
        run = weft.init(id="daemon")
        run.log({"main": 1})
        is_begun, begin = os.pipe()
        if os.fork() == 0:
            os.setsid()
            run.log({"child": 0})
            os.write(begin, b"\\n")
            for n in range(1, 20):
                time.sleep(0.1)
                run.log({"child": n})
            os._exit(0)
        os.close(begin)
        os.read(is_begun, 1)  # a log that is made after the run's end is not looked for
        """,
        live.environment,
    )
    _, stderr = process.communicate(timeout=180)
    assert process.returncode == 0, stderr
    wait_until(
        lambda: live.has("daemon") and live.values("daemon", "child") == list(range(20)),
        what="all rows of the daemon",
    )
    assert live.ended("daemon").state == "finished"
    await_no_sidecar()


def test_a_child_that_begins_to_log_after_the_run_has_ended_is_uploaded(
    tmp_path: Path, live: LiveServer
) -> None:
    script = run_script(
        tmp_path,
        """
        import os, weft
        run = weft.init(id="late-child")
        run.log({"main": 1})
        (finished, say_finished), (logged, say_logged) = os.pipe(), os.pipe()
        if os.fork() == 0:
            os.read(finished, 1)
            run.log({"child": 2})
            os.write(say_logged, b"!")
            os._exit(0)
        run.finish()
        os.write(say_finished, b"!")
        os.read(logged, 1)
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    wait_until(lambda: live.values("late-child", "child") == [2], what="the child's row")
    await_no_sidecar()


def test_a_run_that_was_sent_to_another_machine_is_joined_there(
    tmp_path: Path, live: LiveServer
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    script = run_script(
        here,
        """
        import copyreg, pickle, pathlib, msgspec, weft
        run = weft.init(id="sent-away", config={"lr": 1})
        run.log({"here": 1})
        attach, (sent,) = copyreg.dispatch_table[weft.Run](run)
        sent = msgspec.structs.replace(sent, directory="/nowhere/to/be/found", pid=1)
        pathlib.Path("run.pickle").write_bytes(pickle.dumps((attach, sent)))
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    script = run_script(
        there,
        """
        import pickle, pathlib, weft
        attach, sent = pickle.loads(pathlib.Path("../here/run.pickle").read_bytes())
        run = attach(sent)
        run.log({"there": 1})
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert (live.values("sent-away", "here"), live.values("sent-away", "there")) == ([1], [1])
    assert live.ended("sent-away").config == {"lr": 1}


# -- threads and tasks ---


@at_length
def test_rows_of_threads_and_tasks_are_all_there(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import asyncio, threading, weft
        run = weft.init(id="threads")
        def work(t):
            for n in range(200):
                weft.log({"thread": 1000 * t + n})
        threads = [threading.Thread(target=work, args=(t,)) for t in range(8)]
        for t in threads: t.start()
        async def task(t):
            for n in range(20):
                await asyncio.sleep(0)
                run.log({"task": 100 * t + n})
        async def main():
            await asyncio.gather(*(task(t) for t in range(50)))
        asyncio.run(main())
        for t in threads: t.join()
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert live.ended("threads").state == "finished"
    threads = [1000 * t + n for t in range(8) for n in range(200)]
    assert sorted(live.values("threads", "thread")) == threads
    assert sorted(live.values("threads", "task")) == [
        100 * t + n for t in range(50) for n in range(20)
    ]
    steps = [row["_step"] for row in live.rows("threads")]
    assert sorted(steps) == list(range(8 * 200 + 50 * 20)), "no step is given twice"


# -- forks at bad moments ---


@at_length
def test_forks_while_everything_else_goes_on_never_hang(tmp_path: Path, live: LiveServer) -> None:
    """Threads log, print, and begin and end runs; meanwhile the main thread forks and forks."""
    script = run_script(
        tmp_path,
        """
        import os, sys, threading, time, weft
        run = weft.init(id="storm")
        silent = {"silent": True}
        over = threading.Event()
        def log():
            n = 0
            while not over.is_set():
                run.log({"main": n}); n += 1
        def complain():
            while not over.is_set():
                sys.stderr.write("." * 80 + "\\n"); sys.stderr.flush()
        def begin_and_end():
            while not over.is_set():
                with weft.init(mode="offline", reinit="create_new", settings=silent) as other:
                    other.log({"a": 1})
        threads = [threading.Thread(target=f) for f in (log, log, complain, begin_and_end)]
        for t in threads: t.start()
        n_children = 40
        for n in range(n_children):
            pid = os.fork()
            if pid == 0:
                run.log({"child": n, "odd": object()})  # warns, to stderr
                os._exit(0)
            deadline = time.monotonic() + 30
            while True:
                done, status = os.waitpid(pid, os.WNOHANG)
                if done:
                    break
                if time.monotonic() > deadline:
                    os.kill(pid, 9)
                    os.waitpid(pid, 0)
                    print("HUNG", n)
                    break
                time.sleep(0.001)
        over.set()
        for t in threads: t.join()
        print("main", run.step)
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr[-2000:]
    assert "HUNG" not in script.stdout
    run = live.ended("storm")
    assert run.state == "finished"
    assert sorted(live.values("storm", "child")) == list(range(40))
    n_rows = int(script.stdout.split()[-1])
    assert len(live.values("storm", "main")) == n_rows
    await_no_sidecar()


@pytest.mark.parametrize(
    "held", ["session.lock", case_at_length("history._lock"), case_at_length("stderr")]
)
def test_a_child_forked_while_a_thread_holds_a_lock_logs_and_ends(
    tmp_path: Path, live: LiveServer, held: str
) -> None:
    run_id = f"held-{held.replace('.', '')}"
    hold = {
        "session.lock": "lock = session.lock",
        "history._lock": "lock = run._recorder.history._lock",
        "stderr": "lock = Stderr()",
    }[held]
    script = run_script(
        tmp_path,
        f"""
        import os, sys, threading, time, weft
        from weft.sdk.session import session
        class Stderr:
            # A pipe that nobody reads: the write that holds stderr's lock does not return.
            def __enter__(self):
                read, write = os.pipe()
                self.saved = os.dup(2)
                os.dup2(write, 2)
                self.thread = threading.Thread(target=lambda: sys.stderr.write("x" * 200_000))
                self.thread.start()
                time.sleep(0.1)
                self.read = read
                os.dup2(self.saved, 2)
                os.close(write)
            def __exit__(self, *_):
                while self.thread.is_alive():
                    os.read(self.read, 100_000)
        run = weft.init(id="{run_id}")
        run.log({{"main": 1}})
        {hold}
        taken, leave = threading.Event(), threading.Event()
        def hold():
            with lock:
                taken.set()
                leave.wait()
        thread = threading.Thread(target=hold)
        thread.start()
        taken.wait()
        pid = os.fork()
        if pid == 0:
            run.log({{"child": 1, "odd": object()}})
            run.summary["b"] = 2
            run.finish()
            os._exit(7)
        deadline = time.monotonic() + 30
        while not (done := os.waitpid(pid, os.WNOHANG))[0] and time.monotonic() < deadline:
            time.sleep(0.01)
        leave.set()
        thread.join()
        assert done[0] and os.waitstatus_to_exitcode(done[1]) == 7, done
        """,
        {**live.environment, "PYTHONUNBUFFERED": ""},  # else stderr has no lock
    )
    assert script.exit_code == 0, script.stderr[-3000:]
    assert live.ended(run_id).state == "finished"
    assert (live.values(run_id, "child"), live.values(run_id, "main")) == ([1], [1])


@at_length
def test_no_zombie_and_no_child_is_left_in_a_pool_that_is_killed(
    tmp_path: Path, live: LiveServer
) -> None:
    """A scheduler ends the whole process group: the run is killed, and nothing goes on."""
    process = start_script(
        tmp_path,
        """
        import multiprocessing, os, time, weft
        def work(n):
            while True:
                weft.log({"worker": n}); time.sleep(0.01)
        run = weft.init(id="group")
        run.log({"main": 1})
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=work, args=(n,)) for n in range(3)]
        for worker in workers: worker.start()
        time.sleep(0.3)
        print("ready", flush=True)
        time.sleep(60)
        """,
        live.environment,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    os.killpg(process.pid, signal.SIGTERM)
    _, stderr = process.communicate(timeout=180)
    assert process.returncode == -signal.SIGTERM, stderr
    run = live.ended("group")
    assert (run.state, run.exit_code) == ("killed", 143)
    await_no_sidecar()
    wait_until(lambda: not group_of(process.pid), what="end of the whole group")


# -- alerts, preemption ---


def test_alerts_are_recorded_once_in_their_while(tmp_path: Path, live: LiveServer) -> None:
    process = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="alerts")
        run.alert("loss is NaN", "at step 3", level="ERROR")
        run.alert("loss is NaN", "at step 4", level="ERROR")
        run.alert("slow", "first", wait_duration=1e-6)
        run.alert("slow", "second", wait_duration=1e-6)
        sys.stdin.readline()
        """,
        live.environment,
        stdin=-1,
    )
    # They are seen while the script runs, at once.
    wait_until(lambda: live.has("alerts") and len(live.run("alerts").alerts) == 3)
    assert [(alert.title, alert.text, alert.level) for alert in live.run("alerts").alerts] == [
        ("loss is NaN", "at step 3", "ERROR"),
        ("slow", "first", "INFO"),
        ("slow", "second", "INFO"),
    ]
    _, stderr = process.communicate("\n", timeout=180)
    assert process.returncode == 0, stderr


def test_a_run_that_is_to_be_preempted_says_so_and_is_preempted(
    tmp_path: Path, live: LiveServer
) -> None:
    process = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="preempted")
        run.log({"a": 1})
        run.mark_preempting()
        time.sleep(60)
        """,
        live.environment,
    )
    wait_until(lambda: live.has("preempted") and live.run("preempted").state == "preempting")
    process.kill()
    process.communicate()
    assert live.ended("preempted").state == "preempted"


def test_a_signal_in_a_childs_first_moments_ends_it(tmp_path: Path) -> None:
    """As `terminate()` of a pool does that was only just made."""
    script = run_script(
        tmp_path,
        """
        import os, signal, weft
        run = weft.init()
        run.log({"a": 1})
        for _ in range(50):
            child = os.fork()
            if child == 0:
                signal.alarm(30)  # what ends it where the signal is lost
                while True:
                    signal.pause()
            os.kill(child, signal.SIGTERM)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
        run.log({"a": 2})
        """,
    )
    assert script.exit_code == 0, script.stderr
    log, *_ = logs_in(tmp_path)
    assert [row["a"] for row in log_rows(log)] == [1, 2]
