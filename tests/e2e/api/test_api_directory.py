"""`weft.Api("./weft")`: a bare directory asked like a server, by scripts in their own process."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

import weft
from at_length import at_length, case_at_length
from directory_engines import engine_processes as engine_processes
from sdk_script import log_rows, only_log, run_script, run_well, start_script
from server_process import start_server, wait_until
from weft.errors import ConfigError, Conflict, NoSuchRun, Unavailable
from weft.sdk.reading.directory_server import DirectoryServer

pytestmark = pytest.mark.timeout(300)

with_own_process = pytest.mark.usefixtures("engine_processes")
"""For tests that look at the engine's process, which is a fork else."""

WRITE = """
import weft
for number in range(3):
    with weft.init(id=f"run{number}", project="bare", config={"lr": number / 10}) as run:
        for step in range(200):
            run.log({"loss": number + 1 / (step + 1)})
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with three runs that no server has."""
    folder = tmp_path_factory.mktemp("written")
    run_well(folder, WRITE)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy of that directory."""
    return shutil.copytree(written, tmp_path / "work")


def engines() -> list[psutil.Process]:
    """The engines that processes of this test, or their children, have started."""
    engine_processes: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if "--while-stdin-open" in process.cmdline():
                engine_processes.append(process)
        except psutil.Error:
            continue
    return engine_processes


def engine_of(root: Path) -> psutil.Process | None:
    """The engine of a directory."""
    return next((engine for engine in engines() if str(root) in _arguments(engine)), None)


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:  # it has just ended
        return []


def test_a_script_reads_a_directory_as_it_reads_a_server(folder: Path) -> None:
    done = run_well(
        folder,
        """
        import os, weft
        api = weft.Api("./weft")
        runs = api.runs("bare", "config.lr > 0", order="-config.lr")
        print([run.id for run in runs], len(runs), runs[0].summary["loss"])
        run = api.run("bare/run1")
        print(run.state, len(list(run.scan_history())), run.history(samples=5).shape[1])
        print(api.history(runs, ["loss"]).arrow().num_rows)
        print([project.name for project in api.projects()])
        try:
            api.run("bare/nothere")
        except weft.CommError as error:
            print(type(error).__name__, flush=True)

        pid = os.fork()
        if pid == 0:
            print("child", len(api.runs("bare")), flush=True)
            raise SystemExit(0)
        os.waitpid(pid, 0)
        print("parent", len(api.runs("bare")), api.url == weft.Api("weft").url)
        """,
    )
    assert done.stdout.splitlines() == [
        "['run2', 'run1'] 2 2.005", "finished 200 4", "400", "['bare']", "NoSuchRun",
        "child 3", "parent 3 True",
    ], "a forked child doesn't end its parent's engine"  # fmt: skip
    assert engine_of(folder / "weft") is None, "the engine ends with its script"


@at_length
def test_what_was_read_once_is_not_read_again(folder: Path) -> None:
    code = 'import weft\nprint(len(weft.Api("./weft").runs("bare")))\n'
    assert run_well(folder, code).stdout == "3\n"
    cache = Path(os.environ["XDG_CACHE_HOME"]) / "weft/ui"
    (store,) = cache.iterdir()
    for log in (folder / "weft").glob("run-*/run-*.weft"):
        os.truncate(log, 0)  # what is left is what the cache has
    assert run_well(folder, code).stdout == "3\n"
    shutil.rmtree(store)
    assert (
        run_well(folder, 'import weft\nprint(len(list(weft.Api("./weft").projects())))').stdout
        == "0\n"
    )


def test_live_runs_are_seen(folder: Path) -> None:
    api = weft.Api(folder / "weft")
    process = start_script(
        folder,
        """
        import time, weft
        run = weft.init(id="live0001", project="bare", mode="offline")
        for step in range(100_000):
            run.log({"step": step})
            if step == 50:
                print("begun", flush=True)
            time.sleep(0.002)
        """,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        (run_folder,) = (folder / "weft").glob("run-*live0001")
        log = only_log(run_folder)
        wait_until(lambda: len(log_rows(log)) >= 50, what="rows in its log")
        n_written = len(log_rows(log))
        api.flush()
        run = api.run("bare/live0001")
        assert run.state == "running"
        n_first = len(list(run.scan_history()))
        assert n_first >= n_written
        wait_until(lambda: len(list(run.scan_history())) > n_first + 50, what="further rows")
        # A log that grows all the time is caught up with, too.
        assert len(api.runs("bare")) == 4
    finally:
        process.kill()
        process.communicate()
    api.close()


def test_a_run_that_has_just_ended_is_there(folder: Path) -> None:
    done = run_well(
        folder,
        """
        import weft
        api = weft.Api("./weft")
        for number in range(3):
            with weft.init(id=f"late{number}", project="bare") as run:
                run.log({"loss": number})
            found = api.run(f"bare/late{number}")
            # What is in a list, and what filters know, is as new.
            runs = api.runs("bare", f"summary.loss = {number}", order="-summary.loss")
            print(found.state, found.summary["loss"], [run.state for run in runs])
        """,
    )
    assert done.stdout.splitlines() == [f"finished {n} ['finished']" for n in range(3)]


@pytest.mark.parametrize("ending", ["kill", case_at_length("interrupt"), case_at_length("close")])
@with_own_process
def test_the_engine_ends_with_who_started_it(folder: Path, ending: str) -> None:
    process = start_script(
        folder,
        """
        import sys, time, weft
        api = weft.Api("weft")
        print(api.runs("bare")[0].id, flush=True)
        if sys.stdin.readline() == "close\\n":
            del api
            print("closed", flush=True)
            sys.stdin.readline()
        """,
        stdin=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "run0\n"
        assert engine_of(folder / "weft") is not None
        if ending == "kill":
            process.kill()
        elif ending == "interrupt":
            process.send_signal(signal.SIGINT)
        else:
            process.stdin.write(f"{ending}\n")
            process.stdin.flush()
        if ending == "close":
            assert process.stdout.readline() == "closed\n"
        wait_until(lambda: engine_of(folder / "weft") is None, what="the engine's end")
    finally:
        process.kill()
        process.communicate()


@at_length
@with_own_process
def test_two_readers_share_one_engine_and_outlive_each_other(folder: Path) -> None:
    code = """
    import sys, weft
    api = weft.Api("weft")
    print(api.url, flush=True)
    run = api.run("bare/run1")
    for line in sys.stdin:
        print(len(list(run.scan_history(page_size=50))), flush=True)
    """
    readers = [start_script(folder, code, stdin=subprocess.PIPE) for _ in range(2)]
    try:
        addresses: set[str] = set()
        for reader in readers:
            assert reader.stdout is not None
            addresses.add(reader.stdout.readline())
        assert len(addresses) == 1
        root = str(folder / "weft")
        wait_until(
            lambda: sum(root in _arguments(engine) for engine in engines()) == 1, what="one engine"
        )
        engine: Any = engine_of(folder / "weft")
        owner = next(reader for reader in readers if reader.pid == engine.ppid())
        other = next(reader for reader in readers if reader is not owner)
        owner.communicate("read\n", timeout=180)
        wait_until(lambda: not engine.is_running(), what="the engine's end")
        output, _ = other.communicate("read\nread\n", timeout=180)
        assert output == "200\n200\n"
    finally:
        for reader in readers:
            reader.kill()
            reader.communicate()


def test_a_removed_directory_is_gone_and_a_new_one_begins_clean(folder: Path) -> None:
    api = weft.Api(folder / "weft", timeout=60)
    assert len(list(api.run("bare/run1").scan_history())) == 200
    shutil.rmtree(folder / "weft")
    with pytest.raises(Unavailable, match="can't be read"):
        api.runs("bare")
    run_well(folder, WRITE.replace("range(3)", "range(1, 2)").replace("200", "3"))
    assert [run.id for run in api.runs("bare")] == ["run1"]
    assert len(list(api.run("bare/run1").scan_history())) == 3


@at_length
@with_own_process
def test_an_engine_that_hangs_is_not_waited_for_without_end(folder: Path) -> None:
    api = weft.Api(folder / "weft")

    def made() -> weft.Api | None:
        with suppress(Unavailable):  # on a machine that is busy, 3 s may be too short now and then
            return weft.Api(folder / "weft", timeout=3)
        return None

    impatient = wait_until(made, what="an answer within 3 s")
    assert isinstance(impatient, weft.Api)
    engine = engine_of(folder / "weft")
    assert engine is not None
    engine.suspend()
    try:
        with pytest.raises(Unavailable):
            impatient.runs("bare")
        with pytest.raises(Unavailable):
            weft.Api(folder / "weft", timeout=1)
    finally:
        engine.resume()
    assert len(api.runs("bare")) == 3


@with_own_process
def test_a_browser_page_that_shows_the_directory_is_asked(folder: Path, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"]}
    with start_server(tmp_path, str(folder / "weft"), command="ui", env=cache) as ui:
        api = weft.Api(folder / "weft")
        assert api.url == ui.url
        assert len(api.runs("bare")) == 3
        assert engine_of(folder / "weft") is None
    # It was ended: the next question starts one.
    assert len(api.runs("bare")) == 3
    assert engine_of(folder / "weft") is not None
    del api
    assert engine_of(folder / "weft") is None


@at_length
def test_changes_are_kept_in_the_directory(folder: Path) -> None:
    run_well(
        folder,
        """
        import weft
        api = weft.Api("weft")
        run = api.run("bare/run0")
        run.name, run.tags, run.config["lr"] = "better", ["kept"], 7
        run.update()
        api.run("bare/run2").delete()
        """,
    )
    shutil.rmtree(Path(os.environ["XDG_CACHE_HOME"]) / "weft/ui")
    api = weft.Api(folder)
    run = api.run("bare/run0")
    assert (run.name, run.tags, run.config["lr"]) == ("better", ["kept"], 7)
    assert [run.id for run in api.runs("bare")] == ["run0", "run1"]
    with pytest.raises(Conflict, match=r"can't be locked.*weft sync"):
        run.lock()
    assert api.run("bare/run0").locked_by is None


def test_a_directory_that_can_not_be_written_is_read(folder: Path) -> None:
    paths = [folder / "weft", *(folder / "weft").rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        api = weft.Api(folder / "weft")
        assert len(api.runs("bare")) == 3
        assert len(list(api.run("bare/run2").scan_history())) == 200
        if os.getuid() != 0:
            run = api.run("bare/run0")
            run.name = "other"
            with pytest.raises(Unavailable):
                run.update()
    finally:
        for path in paths:
            path.chmod(stat.S_IRWXU)


@at_length
def test_a_script_beside_files_called_like_pythons_own(folder: Path) -> None:
    code_folder = folder / "code"
    code_folder.mkdir()
    for name in ("queue.py", "select.py", "uvicorn.py", "json.py"):
        (code_folder / name).write_text("raise SystemExit('the wrong one')\n")
    script = folder / "read.py"
    script.write_text('import weft\nprint(len(weft.Api("../weft").runs("bare")))\n')
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, cwd=code_folder, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "3\n"), done.stderr


@with_own_process
def test_what_is_no_directory_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no directory"):
        weft.Api("./nothing-here")
    with pytest.raises(ConfigError, match="no directory"):
        weft.Api(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    api = weft.Api(tmp_path / "empty")
    assert list(api.projects()) == []
    with pytest.raises(NoSuchRun):
        api.run("bare/run0")
    broken = run_script(
        folder, 'import weft\nweft.Api("weft")\n', {"XDG_CACHE_HOME": "/proc/nowhere"}
    )
    assert "did not start" in broken.stderr
    assert engine_of(folder / "weft") is None


@with_own_process
def test_objects_of_one_process_share_an_engine_by_any_name_of_the_directory(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(folder / "weft")
    first = weft.Api(tmp_path / "link")
    assert DirectoryServer(folder / "weft", api_policy()).root == (folder / "weft").resolve()
    second = weft.Api(str(folder / "weft"))
    assert first.url == second.url
    run = second.run("bare/run1")
    del second
    assert len(list(first.run("bare/run1").scan_history())) == 200
    del first
    assert len(list(run.scan_history())) == 200, "what was handed out can be asked still"
    del run
    assert engine_of(folder / "weft") is None


def api_policy() -> Any:
    from weft.client.policy import Policy

    return Policy()
