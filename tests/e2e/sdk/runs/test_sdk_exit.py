"""Every way in which a script can end: the state and code of its run, and nothing left behind."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from at_length import at_length, case_at_length
from fault_server import FaultServer
from live_runs import LiveServer, await_no_sidecar, kill_sidecars
from relay import Relay
from sdk_script import logs_in, run_script, script_environment, start_script
from server_process import wait_until
from weft.runlog.reader import read_header
from weft.sync.handle import RECONNECT_SECS
from weft.sync.uploading.tail import is_closed

pytestmark = pytest.mark.timeout(300)

BEGIN = """
import argparse, asyncio, atexit, os, resource, signal, sys, threading, time
import weft
{before}
run = weft.init(id="{run_id}")
run.log({{"a": 1}})
"""


@dataclass(frozen=True)
class Way:
    """One way to end.

    Attributes:
        script: what the script does after its first row; `a` counts rows.
        status: what its parent sees: an exit code, or minus a signal.
        state, code: what the run says.
        rows: values of `a`.
        before: what it does before `init`.
        reason: why the run ended badly; not compared if None.
    """

    name: str
    script: str
    status: int
    state: str
    code: int | None
    rows: tuple[int, ...] = (1,)
    before: str = ""
    reason: str | None = None


LATER = """
def later():
    for a in range(2, 6):
        time.sleep(0.05)
        run.log({"a": a})
"""
ALWAYS = """
def always():
    while True:
        weft.log({"b": 1})
        time.sleep(0.001)
threading.Thread(target=always, daemon=True).start()
time.sleep(0.1)
"""
CAUGHT = """
try:
    sys.exit(3)
except SystemExit:
    run.log({"a": 2})
"""

WAYS = [
    Way("end of the script", "", 0, "finished", 0),
    Way("exception", "raise ValueError('boom\\nhint')", 1, "failed", 1,
        reason="ValueError: boom"),
    Way("exception in with", "with run: raise ValueError", 1, "failed", 1,
        reason="ValueError"),
    Way("exception that was caught", "try: 1 / 0\nexcept Exception: pass", 0, "finished", 0),
    Way("exception in a coroutine", "async def f(): 1 / 0\nasyncio.run(f())", 1, "failed", 1),
    Way(
        "exception in a thread",
        "t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()", 0, "finished", 0,
    ),
    Way(
        "memory exhausted",
        "n = 1 << 30\nresource.setrlimit(resource.RLIMIT_AS, (n, n))\nx = b'x' * n * 2",
        1, "failed", 1,
    ),
    Way("sys.exit", "sys.exit(3)", 3, "failed", 3),
    Way("sys.exit without a code", "sys.exit()", 0, "finished", 0),
    Way("sys.exit with a message", "sys.exit('no key sk-q3vXw81LmZ0pT7aB')",
        1, "failed", 1, reason="no key ***"),
    Way("sys.exit in with", "with run: sys.exit(4)", 4, "failed", 4),
    Way("SystemExit in with", "with run: raise SystemExit(5)", 5, "failed", 5),
    Way("sys.exit that was caught", CAUGHT, 0, "finished", 0, (1, 2)),
    Way("sys.exit caught, then another", CAUGHT + "sys.exit(5)", 5, "failed", 5, (1, 2)),
    Way("sys.exit caught, then an exception", CAUGHT + "1 / 0", 1, "failed", 1, (1, 2)),
    Way(
        "sys.exit in a thread",
        "t = threading.Thread(target=sys.exit, args=(3,)); t.start(); t.join()", 0, "finished", 0,
    ),
    Way("sys.exit in a coroutine", "async def f(): sys.exit(3)\nasyncio.run(f())", 3, "failed", 3),
    Way("exit()", "exit(4)", 4, "failed", 4),
    Way("quit()", "quit()", 0, "finished", 0),
    Way("bad arguments", "argparse.ArgumentParser().parse_args(['x'])", 2, "failed", 2),
    Way("KeyboardInterrupt", "raise KeyboardInterrupt", -signal.SIGINT, "killed", 130),
    Way("Ctrl-C", "os.kill(0, signal.SIGINT); time.sleep(60)", -signal.SIGINT, "killed", 130),
    Way("SIGTERM", "os.kill(os.getpid(), 15); time.sleep(60)", -signal.SIGTERM, "killed", 143,
        reason="killed by signal 15 (SIGTERM)"),
    Way("SIGHUP", "os.kill(os.getpid(), 1); time.sleep(60)", -signal.SIGHUP, "killed", 129),
    Way(
        "SIGHUP under nohup", "os.kill(os.getpid(), 1); run.log({'a': 2})",
        0, "finished", 0, (1, 2),
        before="signal.signal(signal.SIGHUP, signal.SIG_IGN)",
    ),
    Way(
        "SIGTERM handled by the script", "os.kill(os.getpid(), 15); time.sleep(60)",
        6, "failed", 6,
        before="signal.signal(signal.SIGTERM, lambda *_: sys.exit(6))",
    ),
    Way("SIGKILL", "os.kill(os.getpid(), 9); time.sleep(60)", -signal.SIGKILL, "crashed", None),
    Way("SIGSEGV", "os.kill(os.getpid(), 11); time.sleep(60)", -signal.SIGSEGV, "crashed", None),
    Way("os._exit", "print('RuntimeError: no GPU'); time.sleep(2); os._exit(0)",
        0, "crashed", None,
        before="os.environ['WEFT_CONSOLE'] = 'auto'", reason="RuntimeError: no GPU"),
    Way("os.abort", "os.abort()", -signal.SIGABRT, "crashed", None),
    Way("finish with a code, then sys.exit", "weft.finish(7); sys.exit(1)", 1, "failed", 7),
    Way("finish, then an exception", "run.finish()\nraise ValueError", 1, "finished", 0),
    Way("finish with a wrong code", "run.finish('x')", 1, "failed", 1),
    Way("finish twice", "run.finish(); run.finish(3); weft.finish(3)", 0, "finished", 0),
    Way("finish at exit", "atexit.register(run.finish)", 0, "finished", 0),
    Way("finish in a thread", "t = threading.Thread(target=run.finish); t.start(); t.join()",
        0, "finished", 0),
    Way("a thread that logs on", LATER + "threading.Thread(target=later).start()",
        0, "finished", 0, (1, 2, 3, 4, 5)),
    Way("a daemon thread that logs on", ALWAYS, 0, "finished", 0),
    Way("an exit function that logs", LATER + "atexit.register(later)",
        0, "finished", 0, (1, 2, 3, 4, 5)),
    Way("an exit function that logs too late", "", 0, "finished", 0,
        before="atexit.register(lambda: weft.log({'a': 2}))"),
    Way("two runs, one after the other", "weft.init(id=run.id + 'x').log({'a': 1})",
        0, "finished", 0),
]  # fmt: skip


RARER = {
    "sys.exit without a code", "sys.exit with a message", "exit()", "quit()",
    "sys.exit in a thread", "sys.exit in a coroutine", "bad arguments", "SystemExit in with",
    "sys.exit caught, then an exception", "SIGHUP under nohup", "os.abort", "finish twice",
    "finish in a thread", "finish at exit", "a daemon thread that logs on",
    "an exit function that logs too late", "exception in a thread", "finish with a wrong code",
    "exception in a coroutine", "exception that was caught", "sys.exit in with", "SIGHUP",
    "sys.exit that was caught", "sys.exit caught, then another", "SIGSEGV",
    "SIGTERM handled by the script", "finish, then an exception", "sys.exit", "SIGKILL",
    "KeyboardInterrupt", "exception in with", "two runs, one after the other",
}  # fmt: skip
"""Ways that another one goes through most of the code for."""


@pytest.mark.parametrize(
    "way",
    [
        case_at_length(way, id=way.name) if way.name in RARER else pytest.param(way, id=way.name)
        for way in WAYS
    ],
)
def test_a_run_says_how_its_script_ended(way: Way, tmp_path: Path, live: LiveServer) -> None:
    run_id = f"exit-{WAYS.index(way)}"
    script = start_script(
        tmp_path,
        BEGIN.format(before=way.before, run_id=run_id) + way.script,
        {**script_environment(), **live.environment, "WEFT_SYSTEM_INTERVAL": "0"},
        start_new_session=True,  # a Ctrl-C goes to the whole process group
    )
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == way.status, stderr
    run = live.ended(run_id)
    assert (run.state, run.exit_code) == (way.state, way.code), stderr
    if way.reason is not None:
        wait_until(lambda: live.run(run_id).reason == way.reason, what="the reason")
    assert run.state != "finished" or run.reason is None
    word = {"failed": "failed", "killed": "was killed"}.get(way.state)
    assert stderr.count("(exit code ") == bool(word)
    assert not word or f"{word} (exit code {way.code})\n" in stderr
    assert live.values(run_id, "a") == list(way.rows)
    await_no_sidecar()
    if way.status == 0 and "thread" not in way.name:
        assert "Traceback" not in stderr, stderr
    if "daemon" in way.name or "too late" in way.name:
        assert "Traceback" not in stderr, stderr
        assert stderr.count("such rows are left out") <= 1


@at_length
def test_all_active_runs_end_with_the_script(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import sys, weft
        from weft.sdk.session import session
        first = weft.init(id="both-1")
        second = weft.init(id="both-2", reinit="create_new")
        third = weft.init(id="both-3", reinit="create_new", mode="offline")
        for run in (first, second, third):
            run.log({"a": 1})
        assert [run.id for run in session.runs] == ["both-1", "both-2", "both-3"]
        sys.exit(3)
        """,
        live.environment,
    )
    assert script.exit_code == 3, script.stderr
    for run_id in ("both-1", "both-2"):
        run = live.run(run_id)
        assert (run.state, run.exit_code) == ("failed", 3)
    assert script.stderr.index("both-2") < script.stderr.rindex("both-1"), "the newest ends first"
    await_no_sidecar()


@at_length
def test_runs_at_once_may_go_to_different_servers(tmp_path: Path, live: LiveServer) -> None:
    with FaultServer() as other:
        script = run_script(
            tmp_path,
            f"""
            import os, time, weft
            first = weft.init(id="here", reinit="create_new")
            os.environ["WEFT_BASE_URL"] = {other.url!r}
            second = weft.init(id="there", reinit="create_new")
            third = weft.init(id="there-too", reinit="create_new")
            for n in range(100):
                for run in (first, second, third):
                    run.log({{"n": n}})
            second.finish()
            for run in (first, third):
                run.log({{"n": 100}})
            time.sleep(1.1)
            first.log({{"n": 101}})
            """,
            {**live.environment, "WEFT_SYSTEM_INTERVAL": "0", "WEFT_DISABLE_METADATA": "true"},
        )
        assert script.exit_code == 0, script.stderr
        sent = {log.name.split(".")[1]: log.read_bytes() for log in tmp_path.rglob("*there*.weft")}
        assert len(sent) == 2
        assert other.logs == sent
    assert live.values("here", "n") == list(range(102))
    assert live.ended("here").state == "finished"
    assert not live.has("there")
    await_no_sidecar()


@pytest.fixture
def mute_address() -> Iterator[str]:
    """A server that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_ctrl_c_twice_ends_a_waiting_exit_at_once(tmp_path: Path, mute_address: str) -> None:
    script = start_script(
        tmp_path,
        """
        import time, weft
        runs = [weft.init(id=f"wait-{n}", reinit="create_new") for n in range(3)]
        for run in runs:
            run.log({"a": 1})
        print("ready", flush=True)
        """,
        {"WEFT_BASE_URL": mute_address, "WEFT_FINISH_TIMEOUT": "600"},
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "ready\n"
    deadline = time.monotonic() + 30
    while script.poll() is None and time.monotonic() < deadline:
        script.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert script.wait(30) is not None
    script.communicate()
    kill_sidecars()
    await_no_sidecar()


@at_length
def test_a_server_that_lets_one_run_wait_does_not_let_all_wait(
    tmp_path: Path, mute_address: str
) -> None:
    script = run_script(
        tmp_path,
        """
        import time, weft
        for n in range(5):
            run = weft.init(id=f"slow-{n}")
            run.log({"a": n})
            began = time.monotonic()
            run.finish()
            print(time.monotonic() - began)
        """,
        {"WEFT_MODE": "online", "WEFT_BASE_URL": mute_address, "WEFT_FINISH_TIMEOUT": "5"},
    )
    assert script.exit_code == 0, script.stderr
    assert script.stderr.count("continues in the background") == 5
    first, *later = map(float, script.stdout.split())
    assert first >= 5
    assert sum(later) < 2 * first, "they do not wait as long as the first"
    kill_sidecars()
    await_no_sidecar()


def test_a_server_that_restarts_as_the_run_ends_gets_all_of_it(
    tmp_path: Path, live: LiveServer
) -> None:
    with Relay(live.url) as relay:
        script = start_script(
            tmp_path,
            """
            import sys, weft
            run = weft.init(id="restart")
            run.log({"a": 1})
            sys.stdin.readline()
            run.log({"a": 2})
            """,
            {**live.environment, "WEFT_BASE_URL": relay.url},
            stdin=-1,
        )
        assert script.stdin is not None
        wait_until(lambda: live.has("restart") and live.values("restart", "a") == [1])
        relay.refuse()
        ended_secs = time.monotonic()
        script.stdin.write("\n")
        script.stdin.flush()
        (log,) = (path for path in logs_in(tmp_path) if read_header(path).parent_writer is None)
        wait_until(lambda: is_closed(log))
        time.sleep(0.3)  # so that `finish` meets a port that refuses; either way all arrives
        relay.listen()
        _, stderr = script.communicate(timeout=180)
        assert script.returncode == 0
        # on a machine where all this takes longer `finish` may leave it to the sidecar
        if time.monotonic() - ended_secs < RECONNECT_SECS:
            assert "not uploaded" not in stderr
        assert live.ended("restart").state == "finished"
        assert live.values("restart", "a") == [1, 2]
        await_no_sidecar()


def test_finish_says_its_code_and_may_be_quiet(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="quiet")
        run.log({"shown": 1})
        print("---", file=sys.stderr)
        run.finish(exit_code=5, quiet=True)
        """,
        live.environment,
    )
    run = live.ended("quiet")
    assert (run.state, run.exit_code) == ("failed", 5)
    assert script.stderr.partition("---\n")[2] == ""


def test_a_signal_amid_the_last_record_waits_for_it(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import os, signal, weft
        from weft.runlog.writer import LogWriter
        run = weft.init(id="amid")
        run.log({"a": 1})
        append = LogWriter.append
        def interrupted(self, record):
            os.kill(os.getpid(), signal.SIGTERM)
            append(self, record)
        LogWriter.append = interrupted
        run.finish()
        """,
        live.environment,
    )
    assert script.exit_code == -signal.SIGTERM
    run = live.ended("amid")
    assert (run.state, run.exit_code) == ("finished", 0), script.stderr
