"""Faults of the server while a script runs: one warning each; `strict=True` raises them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from at_length import at_length, case_at_length
from fault_server import HTML, Answer, FaultServer, Upload, problem
from live_runs import LiveServer, await_no_sidecar
from sdk_script import Script, log_files_below, log_rows, logs_in, run_script, start_script
from server_process import wait_until
from weft.client.script_client import ScriptClient
from weft.wire.runs.runs import delete_run, get_run, undelete_run

pytestmark = pytest.mark.timeout(300)

# Logs until a warning was told, and for two further looks at the upload.
LOGS = """
    n_rows = 0
    def log_until(is_enough):
        global n_rows
        while not is_enough():
            run.log({"n": n_rows}); n_rows += 1
            time.sleep(0.1)
    deadline = time.monotonic() + 60
    log_until(lambda: run._recorder.guard.counts["upload"] or time.monotonic() > deadline)
    n_enough = n_rows + 25
    log_until(lambda: n_rows >= n_enough)
    print("all logged", n_rows)
    """

TROUBLE = """
    import time, weft
    run = weft.init(id="trouble", strict=STRICT)
    """

DELETED = """
    import time, weft
    run = weft.init(id="deleted")
    run.log({"n": 0})
    while not open("go").read():
        time.sleep(0.05)
    """

FAULTS: dict[str, tuple[Callable[[Upload], Answer | None], str]] = {
    "a wrong key": (lambda _: problem(401, "forbidden"), "needs a key"),
    "a deleted run": (lambda _: problem(410, "gone"), "gone it is"),
    "another program": (lambda _: HTML, "no weft server"),
    "a full server": (lambda _: problem(503, "unavailable"), "unavailable it is"),
}


def run_logs(folder: Path, url: str, *, strict: bool) -> Script:
    return run_script(
        folder,
        TROUBLE.replace("STRICT", str(strict)) + LOGS,
        {
            "WEFT_MODE": "online",
            "WEFT_BASE_URL": url,
            "WEFT_FINISH_TIMEOUT": "0.5",
            "WEFT_DISABLE_METADATA": "true",
        },
    )


@pytest.mark.parametrize("fault", ["a wrong key", *map(case_at_length, [*FAULTS][1:])])
def test_a_fault_of_the_server_is_one_warning_and_raises_if_strict(
    tmp_path: Path, fault: str
) -> None:
    answer, says = FAULTS[fault]
    with FaultServer() as server:
        server.fault = answer
        loose = run_logs(tmp_path, server.url, strict=False)
        assert loose.exit_code == 0, loose.stderr
        assert loose.stdout.startswith("all logged ")
        warnings = [line for line in loose.stderr.splitlines() if "WARNING" in line]
        assert len(warnings) == 1, loose.stderr
        assert "nothing is uploaded" in warnings[0]
        assert says in warnings[0]
        log, *_ = logs_in(tmp_path)
        assert len(log_rows(log)) == int(loose.stdout.split()[-1])
        strict_folder = tmp_path / "strict"
        strict_folder.mkdir()
        strict = run_logs(strict_folder, server.url, strict=True)
        assert strict.exit_code == 1
        assert "all logged" not in strict.stdout
        assert "weft.errors.WeftError: nothing is uploaded" in strict.stderr
        server.fault = lambda _: None  # a full one would be asked for ten more minutes
        await_no_sidecar()


@at_length
def test_a_strict_run_whose_end_is_not_uploaded_raises(tmp_path: Path) -> None:
    code = """
        import weft
        run = weft.init(strict=True)
        run.log({"n": 1})
        try:
            run.finish()
        except weft.errors.Unavailable as error:
            print(error)
        """
    script = run_script(
        tmp_path, code, {"WEFT_MODE": "online", "WEFT_BASE_URL": "http://127.0.0.1:9"}
    )
    assert script.exit_code == 0, script.stderr
    assert "the run was not uploaded: nothing listens at http://127.0.0.1:9" in script.stdout


def test_a_script_whose_run_is_deleted_goes_on_and_is_told(tmp_path: Path) -> None:
    with LiveServer(tmp_path / "server") as live:
        (tmp_path / "go").write_text("")
        script = start_script(tmp_path, DELETED + LOGS, live.environment)
        wait_until(lambda: live.has("deleted"))
        client = ScriptClient(live.url, live.process.token)
        client.call(delete_run, "local", "tests", "deleted")
        client.close()
        (tmp_path / "go").write_text("on")
        stdout, stderr = script.communicate(timeout=180)
        assert script.returncode == 0
        assert "all logged" in stdout
        assert stderr.count("WARNING nothing is uploaded") == 1
        assert "deleted" in stderr
        await_no_sidecar()


RESTORED = """
    import pathlib, time, weft
    run = weft.init(id="restored")
    end = pathlib.Path("end")
    n = 0
    while not end.exists():
        run.log({"n": n})
        n += 1
        time.sleep(0.1)
    run.finish()
    print("logged", n)
    """


@at_length
def test_a_run_that_is_deleted_and_restored_gets_all_its_rows(
    live: LiveServer, tmp_path: Path
) -> None:
    script = start_script(tmp_path, RESTORED, live.environment)
    wait_until(lambda: live.has("restored"))
    client = ScriptClient(live.url, live.process.token)

    def last_value() -> int:
        return client.call(get_run, "local", "tests", "restored").summary["n"]

    client.call(delete_run, "local", "tests", "restored")
    (log,) = log_files_below(tmp_path)
    n_bytes = log.stat().st_size
    wait_until(lambda: log.stat().st_size > n_bytes + 1000)  # the server refuses rows meanwhile
    client.call(undelete_run, "local", "tests", "restored")
    value = last_value()
    wait_until(lambda: last_value() > value + 10, secs=90)
    (tmp_path / "end").touch()
    stdout, stderr = script.communicate(timeout=180)
    assert script.returncode == 0, stderr
    n_rows = int(stdout.split()[-1])
    await_no_sidecar()
    assert last_value() == n_rows - 1
    client.close()


UNREADABLE = """
import pathlib, weft
run = weft.init(settings={"finish_timeout_secs": 30 if MAY_WAIT else 2})
run.log({"n": 1})
log = pathlib.Path(run.dir).parent / f"run-{run.id}.ab12cd34ef56.weft"
LINE
run.finish()
log.unlink()
"""


@pytest.mark.parametrize(
    ("line", "closing"),
    [
        ("log.write_bytes(bytes(1000))", "ERROR 1.0 kB of the run's log are damaged"),
        pytest.param("log.symlink_to(log)", "can't be read: Too many levels of", marks=at_length),
    ],
    ids=["damaged", "not opened"],
)
def test_a_log_of_a_process_that_can_not_be_read_is_named_at_the_end(
    live: LiveServer, tmp_path: Path, line: str, closing: str
) -> None:
    may_wait = str("bytes" in line)
    code = UNREADABLE.replace("LINE", line).replace("MAY_WAIT", may_wait)
    script = run_script(tmp_path, code, live.environment)
    assert script.exit_code == 0, script.stderr
    assert script.stderr.count(closing) == 1, script.stderr
    await_no_sidecar()
