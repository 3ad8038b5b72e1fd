"""A run whose server, disk or machine is not well: it never stops, never waits, loses nothing.

Where something is lost all the same, the run says what; `strict=True` raises instead.
"""

from __future__ import annotations

import os
import signal
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from at_length import at_length, case_at_length
from fault_server import DROP, Answer, FaultServer, Upload, problem
from live_runs import LiveServer, await_no_sidecar, sidecars
from sdk_script import log_rows, logs_in, records_of, run_script, start_script
from server_process import wait_until
from shims import build_shim
from weft.records.record import Gap
from weft_command import Done, run_weft, start_weft

pytestmark = pytest.mark.timeout(300)


def online(server: FaultServer) -> dict[str, str]:
    # the sidecar of a run that notes its machine has a log of its own, which these tests count
    return {
        "WEFT_MODE": "online", "WEFT_BASE_URL": server.url, "WEFT_SYSTEM_INTERVAL": "0",
        "WEFT_DISABLE_METADATA": "true",
    }  # fmt: skip


def warnings_in(stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if "WARNING" in line]


def synced(folder: Path, environment: dict[str, str]) -> Done:
    """`weft sync` of all runs below a folder."""
    return run_weft("sync", folder / "weft", env=environment)


# -- the server ---

TALKING = """
    import sys, weft
    run = weft.init(id="{run_id}", settings={{"system_interval_secs": 0}})
    n = 0
    def rows(count):
        global n
        for _ in range(count):
            run.log({{"n": n, "x": n / 7}}); n += 1
        print(n, flush=True)
    rows(10)
    for line in sys.stdin:
        rows(int(line))
    """


class Talk:
    """A script that logs as many rows as it is told."""

    def __init__(self, folder: Path, run_id: str, environment: dict[str, str]) -> None:
        self.process = start_script(folder, TALKING.format(run_id=run_id), environment, stdin=-1)
        self.read()

    def read(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def ask(self, n_rows: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{n_rows}\n")
        self.process.stdin.flush()

    def log(self, n_rows: int) -> int:
        """Log some rows; how many there are now."""
        self.ask(n_rows)
        return self.read()

    def end(self) -> str:
        """End the script; what it said to stderr."""
        _, stderr = self.process.communicate(timeout=180)
        assert self.process.returncode == 0, stderr
        return stderr


@pytest.mark.parametrize("n_thousands", [25, case_at_length(100)])
def test_a_server_that_is_away_for_long_gets_everything_when_it_is_back(
    tmp_path: Path, n_thousands: int
) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with LiveServer(folder) as live:
        talk = Talk(tmp_path, "away", live.environment)
        wait_until(lambda: live.has("away") and len(live.values("away", "n")) == 10)
        live.process.kill()
        (sidecar,) = sidecars()
        talk.log(1000)
        trainer = psutil.Process(talk.process.pid)
        before = [process.memory_info().rss for process in (trainer, sidecar)]
        n_rows = 0
        for _ in range(n_thousands // 5):
            n_rows = talk.log(5000)
        after = [process.memory_info().rss for process in (trainer, sidecar)]
        assert all(new < old + (10 << 20) for old, new in zip(before, after, strict=True))
        live.start_again()
        wait_until(lambda: len(live.values("away", "n")) == n_rows)
        stderr = talk.end()
        assert warnings_in(stderr) == []
        assert live.values("away", "n") == list(range(n_rows))
        assert live.ended("away").state == "finished"
        await_no_sidecar()


def test_a_server_that_restarts_in_mid_run_has_each_row_once(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir()
    with LiveServer(folder) as live:
        talk = Talk(tmp_path, "restarts", live.environment)
        n_rows = 0
        for kill in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            n_rows = talk.log(2000)
            live.process.process.send_signal(kill)
            talk.log(100)
            live.process.stop()
            live.start_again()
        n_rows = talk.log(100)
        # a server that takes long to start again is told of
        assert [line for line in warnings_in(talk.end()) if "nothing listens" not in line] == []
        assert live.values("restarts", "n") == list(range(n_rows))
        assert live.ended("restarts").state == "finished"
        await_no_sidecar()


def test_log_and_init_do_not_wait_for_a_server_that_hangs(
    tmp_path: Path, faulty: FaultServer
) -> None:
    faulty.go_on.clear()
    talk = Talk(tmp_path, "hangs", online(faulty))
    assert talk.log(20_000) == 20_010, "while no request was answered"
    assert faulty.logs == {}
    faulty.go_on.set()
    talk.end()
    log, *_ = logs_in(tmp_path)
    assert list(faulty.logs.values()) == [log.read_bytes()]


@at_length
def test_a_slow_server_sets_the_pace_of_the_upload_only(
    tmp_path: Path, faulty: FaultServer
) -> None:
    faulty.pause_millis = 1000
    talk = Talk(tmp_path, "slow", online(faulty))
    for _ in range(20):
        talk.log(500)
    n_requests = len(faulty.uploads)
    faulty.pause_millis = 0
    talk.end()
    log, *_ = logs_in(tmp_path)
    assert list(faulty.logs.values()) == [log.read_bytes()]
    assert n_requests < 20


FAULTS: dict[str, Answer] = {
    "full disk": problem(507, "unavailable"),
    "busy": problem(503, "unavailable"),
    "too many requests": problem(429, "unavailable"),
    "failing": problem(500, "internal"),
    "a proxy's page": Answer(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"}),
    "breaking off": DROP,
}


@pytest.mark.parametrize(
    "fault",
    [
        "full disk",
        "breaking off",
        *map(case_at_length, ("busy", "too many requests", "failing", "a proxy's page")),
    ],
)
def test_a_server_that_can_take_nothing_for_a_while_gets_all_later(
    tmp_path: Path, faulty: FaultServer, fault: str
) -> None:
    refused: list[Upload] = []

    def answer(upload: Upload) -> Answer | None:
        if len(refused) < 4:
            refused.append(upload)
            return FAULTS[fault]
        return None

    talk = Talk(tmp_path, "unwell", online(faulty))
    wait_until(lambda: faulty.logs)
    faulty.fault = answer
    talk.log(1000)
    wait_until(lambda: len(refused) == 4)
    assert warnings_in(talk.end()) == []
    log, *_ = logs_in(tmp_path)
    assert list(faulty.logs.values()) == [log.read_bytes()]
    await_no_sidecar()


def test_a_server_that_was_set_back_to_an_older_version_is_said_and_tried_again(
    tmp_path: Path, faulty: FaultServer
) -> None:
    faulty.fault = lambda _: problem(400, "newer_log")
    talk = Talk(tmp_path, "newer", online(faulty))
    wait_until(lambda: faulty.uploads)
    assert talk.log(100) == 110
    stderr = talk.end()
    assert "newer_log" in stderr
    assert "weft sync" in stderr
    warnings = warnings_in(stderr)  # none from a script that ends before it looks again
    assert len(warnings) <= 1, stderr
    assert all("newer_log" in line for line in warnings)
    await_no_sidecar()
    faulty.fault = lambda _: None
    done = synced(tmp_path, online(faulty))
    assert done.exit_code == 0, done.stderr
    log, *_ = logs_in(tmp_path)
    assert list(faulty.logs.values()) == [log.read_bytes()]


def test_a_laptop_that_slept_goes_on_where_it_was(tmp_path: Path, live: LiveServer) -> None:
    """Trainer and sidecar stand still; their connection dies meanwhile, unseen."""
    talk = Talk(tmp_path, "asleep", live.environment)
    wait_until(lambda: live.has("asleep") and len(live.values("asleep", "n")) == 10)
    (sidecar,) = sidecars()
    processes = [psutil.Process(talk.process.pid), sidecar]
    talk.ask(5000)
    for process in processes:
        process.suspend()
    live.process.kill()
    live.start_again()
    time.sleep(1.5)
    for process in processes:
        process.resume()
    talk.read()
    n_rows = talk.log(100)
    wait_until(lambda: len(live.values("asleep", "n")) == n_rows)
    assert sidecars() == [sidecar], "the same one goes on"
    assert warnings_in(talk.end()) == []
    assert live.ended("asleep").state == "finished"
    assert live.values("asleep", "n") == list(range(n_rows))


def test_a_clock_that_jumps_moves_no_row(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="clock")
        real = time.time_ns
        for n in range(6):
            time.time_ns = lambda: real() + (-1) ** n * 86_400_000_000_000
            run.log({"n": n})
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    rows = live.rows("clock")
    times = [row["_timestamp"] for row in rows]
    assert [row["n"] for row in rows] == list(range(6))
    assert times == sorted(times)
    assert times[-1] - times[0] < 60


# -- the disk ---


def test_a_disk_that_was_full_for_long_leaves_a_gap_that_is_known(
    tmp_path: Path, live: LiveServer
) -> None:
    """64 MB wait in memory; the oldest rows beyond that go, and the log says how many."""
    script = run_script(
        tmp_path,
        """
        import resource, time, weft
        run = weft.init(id="gap")
        text = "x" * 1_000_000
        run.log({"n": 0})
        everything = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, everything))
        for n in range(1, 81):
            run.log({"n": n, "text": text})
        resource.setrlimit(resource.RLIMIT_FSIZE, (everything, everything))
        time.sleep(0.25)
        run.log({"n": 81})
        """,
        live.environment,
        is_forked=False,
    )
    assert script.exit_code == 0, script.stderr
    assert len(warnings_in(script.stderr)) == 1, script.stderr
    log, *_ = logs_in(tmp_path)
    # a try in between has room for a gap record, and none for a row
    n_lost = sum(gap.n_rows for gap in records_of(log, Gap))
    values = live.values("gap", "n")
    assert n_lost == 82 - len(values) > 0
    assert values == [0, *range(n_lost + 1, 82)]
    assert f"ERROR {n_lost} rows were lost" in script.stderr
    assert live.ended("gap").state == "finished"


def test_a_directory_that_is_removed_stops_nothing(tmp_path: Path, live: LiveServer) -> None:
    script = run_script(
        tmp_path,
        """
        import os, shutil, weft
        run = weft.init(id="removed")
        run.log({"n": 0})
        while os.path.exists("weft"):  # the sidecar may still put something there
            shutil.rmtree("weft", ignore_errors=True)
        for n in range(1, 100):
            run.log({"n": n})
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    assert "Traceback" not in script.stderr, script.stderr
    assert len(warnings_in(script.stderr)) == 1, script.stderr
    assert "removed" in script.stderr
    await_no_sidecar()


def test_a_directory_that_is_moved_is_not_called_lost(live: LiveServer, tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(id="moved")
        run.log({"n": 0})
        run.directory.rename(run.directory.with_name("run-20260101_000000-moved"))
        for n in range(1, 100):
            run.log({"n": n})
        """,
        live.environment,
    )
    assert script.exit_code == 0, script.stderr
    (warning,) = warnings_in(script.stderr)
    assert "was moved" in warning
    assert "lost" not in warning
    log, *_ = logs_in(tmp_path)
    assert [row["n"] for row in log_rows(log)] == list(range(100))
    await_no_sidecar()


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that makes a folder like a badly mounted NFS."""
    return build_shim("nfs_shim", tmp_path_factory.mktemp("shim"))


@pytest.fixture
def on_nfs(tmp_path: Path, shim: Path) -> dict[str, str]:
    """The environment of a script that has `WEFT_DIR` on NFS: no locks, maps, fsync or links."""
    folder = tmp_path / "nfs"
    folder.mkdir()
    mounts = tmp_path / "mountinfo"
    line = f"900 1 0:77 / {folder} rw - nfs server:/export rw\n"
    mounts.write_text(Path("/proc/self/mountinfo").read_text() + line)
    return {
        "LD_PRELOAD": str(shim), "SHIM_FOLDER": str(folder), "SHIM_MOUNTS": str(mounts),
        "WEFT_DIR": str(folder),
    }  # fmt: skip


NFS = """
    import fcntl, mmap, os, weft
    from weft.runlog.writer import _write_releasing_gil
    folder = os.environ["WEFT_DIR"]
    with open(f"{folder}/probe", "w+b") as file:
        file.write(b"x" * 4096); file.flush()
        for call in (
            lambda: fcntl.flock(file, fcntl.LOCK_EX),
            lambda: fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB),
            lambda: mmap.mmap(file.fileno(), 4096),
            lambda: os.fsync(file.fileno()),
            lambda: os.symlink("a", f"{folder}/b"),
        ):
            try:
                call()
                raise SystemExit("the folder is too good")
            except OSError:
                pass
    run = weft.init(id="nfs", STRICT)
    writer = run._recorder.log.writer
    assert writer._write is _write_releasing_gil, "a stalled mount must not stop other threads"
    for n in range(FIRST, FIRST + 500):
        run.log({"n": n})
    """


@at_length
def test_a_run_lies_on_nfs_as_anywhere(
    tmp_path: Path, live: LiveServer, on_nfs: dict[str, str]
) -> None:
    environment = {**live.environment, **on_nfs}
    plain = NFS.replace("STRICT", "strict=True").replace("FIRST", "0")
    script = run_script(tmp_path, plain, environment)
    assert script.exit_code == 0, script.stderr
    assert warnings_in(script.stderr) == []
    assert live.ended("nfs").state == "finished"
    resumed = NFS.replace("STRICT", "resume='must'").replace("FIRST", "500")
    script = run_script(tmp_path, resumed, environment)
    assert script.exit_code == 0, script.stderr
    assert warnings_in(script.stderr) == []
    assert live.values("nfs", "n") == list(range(1000))
    assert [row["_step"] for row in live.rows("nfs")] == list(range(1000))
    assert not list((tmp_path / "nfs").rglob("*.lock")), "locks lie on this machine"
    await_no_sidecar()


@at_length
def test_a_run_on_nfs_is_sent_by_weft_sync(
    tmp_path: Path, live: LiveServer, on_nfs: dict[str, str]
) -> None:
    plain = NFS.replace('"nfs", STRICT', '"nfs-later"').replace("FIRST", "0")
    script = run_script(tmp_path, plain, {**live.environment, "WEFT_MODE": "offline", **on_nfs})
    assert script.exit_code == 0, script.stderr
    sync = start_weft("sync", tmp_path / "nfs/weft", env={**live.environment, **on_nfs})
    _, stderr = sync.communicate(timeout=180)
    assert sync.returncode == 0, stderr
    assert live.values("nfs-later", "n") == list(range(500))
    assert live.run("nfs-later").state == "finished"


# -- strict ---

STRICT_FAULTS: dict[str, str] = {
    "a full disk": """
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, resource.RLIM_INFINITY))
        for n in range(500):
            run.log({"n": n, "text": "x" * 100})
        """,
    "a value that can't be kept": 'run.log({"odd": object()})',
}


@pytest.mark.parametrize("fault", STRICT_FAULTS)
def test_strict_raises_what_is_else_a_warning(tmp_path: Path, fault: str) -> None:
    begin = "import resource, weft\nrun = weft.init(strict={})\nrun.log({{'n': 0}})\n"
    code = textwrap.dedent(STRICT_FAULTS[fault])
    loose = run_script(tmp_path, begin.format(False) + code)
    assert loose.exit_code == 0, loose.stderr
    assert len(warnings_in(loose.stderr)) == 1
    strict = run_script(tmp_path, begin.format(True) + code)
    assert strict.exit_code == 1
    assert "weft.errors." in strict.stderr


# -- many short runs ---

SHORT_RUNS = """
    import ctypes, gc, os, sys, threading, psutil, weft

    me = psutil.Process()

    def figures():
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # holes of the heap are no leak
        return {
            "descriptors": me.num_fds(),
            "threads": threading.active_count(),
            "children": len(me.children(recursive=True)),
            "memory": me.memory_info().rss,
        }

    n_runs = int(sys.argv[1]) if len(sys.argv) > 1 else N_RUNS
    for n in range(n_runs):
        run = weft.init(settings={"silent": True, "system_interval_secs": 0})
        for step in range(3):
            run.log({"loss": step})
        run.finish()
        if n == n_runs // 4:
            before = figures()
    after = figures()
    print(before, after)
    for name in ("descriptors", "threads", "children"):
        assert after[name] <= before[name], (name, before, after)
    assert after["memory"] < before["memory"] + (5 << 20), (before, after)
    """


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("where", ["server", "no server", "no address"])
@at_length
def test_short_runs_in_one_process_leak_nothing(
    tmp_path: Path, live: LiveServer, where: str
) -> None:
    """A sweep in one process; `WEFT_TEST_RUNS=2000` makes as many runs as the issue asks for."""
    environments: dict[str, Callable[[], dict[str, str]]] = {
        "server": lambda: live.environment,
        "no server": lambda: {"WEFT_MODE": "online", "WEFT_BASE_URL": "http://127.0.0.1:9"},
        "no address": lambda: {"WEFT_MODE": "online"},
    }
    n_runs = int(os.environ.get("WEFT_TEST_RUNS", "120"))
    process = start_script(
        tmp_path, SHORT_RUNS.replace("N_RUNS", str(n_runs)), environments[where]()
    )
    _, stderr = process.communicate(timeout=1000)
    assert process.returncode == 0, stderr
    await_no_sidecar()
    logs = logs_in(tmp_path)
    assert len(logs) == 2 * n_runs, "the environment of each is in a log of its own"
    assert all(len(log_rows(log)) == 3 for log in logs[: n_runs : max(1, n_runs // 20)])
