"""The sidecar and `weft sync` against the real server: what a run looks like there afterwards."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import zstandard

import sync_trainer
import weft
from at_length import at_length
from made_logs import append_rows, finish_log, make_log, make_run_directory
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.client.script_client import ScriptClient
from weft.errors import Gone, NotFound
from weft.records.ids import new_run_id
from weft.records.record import File
from weft.runlog.format import encode_frame, encode_payload
from weft.runlog.layout import ensure_runtime_directory, upload_lock_path
from weft.runlog.lock import FileLock
from weft.wire.ingest.small_logs import MAX_LOGS, SmallLog, SmallLogAnswers
from weft.wire.runs.runs import delete_run, get_run, stop_run
from weft_command import Done, run_weft

TRAINER = Path(sync_trainer.__file__)


@pytest.fixture
def run_id() -> str:
    """A run of the test's own: the server is shared."""
    return new_run_id()


@pytest.fixture
def script_client(server: ServerProcess) -> Iterator[ScriptClient]:
    client = ScriptClient(server.url)
    yield client
    client.close()


def train(base: Path, url: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TRAINER), json.dumps({"base": str(base), "url": url, **options})],
        capture_output=True,
        text=True,
        timeout=180,
    )


@pytest.fixture
def stopped_after_test() -> Iterator[Callable[[subprocess.Popen[Any]], None]]:
    """Takes processes; those that run still when the test ends, or breaks off, are killed."""
    started: list[subprocess.Popen[Any]] = []
    yield started.append
    for process in started:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


@pytest.fixture
def start_training(
    stopped_after_test: Callable[[subprocess.Popen[Any]], None],
) -> Callable[..., subprocess.Popen[str]]:
    """Start a training process."""

    def start(base: Path, url: str, **options: Any) -> subprocess.Popen[str]:
        arguments = json.dumps({"base": str(base), "url": url, "linger_secs": 5.0, **options})
        process = subprocess.Popen(
            [sys.executable, str(TRAINER), arguments], stdout=subprocess.PIPE, text=True
        )
        stopped_after_test(process)
        return process

    return start


def state_of(client: ScriptClient, run_id: str) -> str | None:
    try:
        return str(client.call_json(get_run, "local", "demo", run_id)["state"])
    except NotFound:
        return None
    except Gone:
        return "deleted"


def n_rows(client: ScriptClient, run_id: str) -> int:
    return len(list(weft.Api(client.url).run(f"local/demo/{run_id}").scan_history(["loss"])))


def test_a_finished_run_is_finished_when_finish_returns(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    done = train(tmp_path, server.url, run_id=run_id, rows=500)
    assert '"outcome": "uploaded"' in done.stdout, done.stdout + done.stderr
    assert state_of(script_client, run_id) == "finished"
    assert n_rows(script_client, run_id) == 500


def test_a_killed_run_is_crashed_without_waiting_for_silence(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    done = train(tmp_path, server.url, run_id=run_id, rows=500, ending="kill")
    assert done.returncode == -signal.SIGKILL
    wait_until(lambda: state_of(script_client, run_id) == "crashed", what="the run's state")
    assert n_rows(script_client, run_id) == 500


def test_an_offline_run_sent_twice_is_there_once(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    log = make_log(make_run_directory(tmp_path, run_id), run_id=run_id, mode="offline")
    append_rows(log, 300)
    finish_log(log)
    for _ in range(2):
        done = run_weft("sync", env={"WEFT_BASE_URL": server.url}, cwd=tmp_path)
        assert done.exit_code == 0, done.stderr
        assert re.search(r"^weft: 1 run \(1 log, \d\.\d kB\) is now at http", done.stderr)
    assert state_of(script_client, run_id) == "finished"
    assert n_rows(script_client, run_id) == 300


def test_sync_waits_for_a_sidecar_that_still_sends_an_ended_run(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    other_id = new_run_id()
    for name in (run_id, other_id):
        log = make_log(make_run_directory(tmp_path, name), run_id=name)
        append_rows(log, 10)
        finish_log(log)
    (held,) = tmp_path.glob(f"**/run-{run_id}.*.weft")
    sidecars = FileLock(upload_lock_path(ensure_runtime_directory(), held))
    assert sidecars.acquire()
    with ThreadPoolExecutor(1) as pool:
        environment = {"WEFT_BASE_URL": server.url}
        sync = pool.submit(run_weft, "sync", env=environment, cwd=tmp_path)
        wait_until(lambda: state_of(script_client, other_id) == "finished", what="the other run")
        assert state_of(script_client, run_id) is None
        sidecars.release()
        done = sync.result()
    assert done.exit_code == 0, done.stderr
    assert "2 runs (2 logs" in done.stderr
    assert n_rows(script_client, run_id) == 10


def send_small(server: ServerProcess, logs: list[SmallLog]) -> httpx.Response:
    body = zstandard.compress(msgspec.msgpack.encode(logs))
    return httpx.post(f"{server.url}/api/v1/logs", content=body, trust_env=False)


def small_log(project: str, run: str, **fields: Any) -> SmallLog:
    log = HandMadeLog(run=run, writer=f"{run}w", project=project)
    log.keys("loss")
    log.rows([[0.5], [0.25]])
    log.finish()
    values = {"data": log.data, **fields}
    return SmallLog(entity="local", project=project, run=run, writer=f"{run}w", **values)


def test_small_logs_sent_together_fare_by_themselves(
    script_client: ScriptClient, server: ServerProcess, run_id: str
) -> None:
    project = f"small-{run_id}"
    first, last = small_log(project, "first"), small_log(project, "last")
    foreign = small_log(project, "foreign", data=first.data)
    torn = small_log(project, "torn", data=first.data[:-3])
    existing = small_log(project, "known")
    deleted = small_log(project, "deleted")
    assert send_small(server, [existing, deleted]).status_code == 200
    script_client.call(delete_run, "local", project, "deleted")
    logs = [first, foreign, torn, existing, deleted, last]
    answers = msgspec.json.decode(send_small(server, logs).content, type=SmallLogAnswers).logs
    assert [answer.code for answer in answers] == [
        "", "corrupt_log", "corrupt_log", "position", "gone", "",
    ]  # fmt: skip
    assert [answer.position for answer in answers] == [
        len(first.data), None, None, len(existing.data), None, len(last.data),
    ]  # fmt: skip
    for run in ("first", "known", "last"):
        stored = script_client.call_json(get_run, "local", project, run)
        assert (stored["state"], stored["summary"]) == ("finished", {"loss": 0.25})
    for run in ("foreign", "torn"):
        with pytest.raises(NotFound):
            script_client.call_json(get_run, "local", project, run)


def test_a_request_of_small_logs_has_limits(server: ServerProcess) -> None:
    log = small_log("limits", "run1")
    too_many = send_small(server, [log] * (MAX_LOGS + 1))
    assert (too_many.status_code, too_many.json()["code"]) == (413, "limit")
    too_long = send_small(server, [small_log("limits", "run1", data=bytes(4 << 20))])
    assert (too_long.status_code, too_long.json()["code"]) == (413, "limit")
    misnamed = send_small(server, [small_log("limits", "run1"), small_log("limits", "../x")])
    assert (misnamed.status_code, misnamed.json()["code"]) == (400, "invalid")
    twice = send_small(server, [log, log])
    assert (twice.status_code, twice.json()["code"]) == (400, "invalid")
    body = zstandard.compress(b"no logs")
    other = httpx.post(f"{server.url}/api/v1/logs", content=body, trust_env=False)
    assert (other.status_code, other.json()["code"]) == (400, "invalid")


def test_many_offline_runs_are_sent_together(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    runs = [f"{run_id}-{number}" for number in range(12)]
    for run in runs:
        directory = make_run_directory(tmp_path, run)
        (directory / "files").mkdir()
        note = json.dumps({"host": run}).encode()
        (directory / "files" / "metadata.json").write_bytes(note)
        log = make_log(directory, run_id=run, project=run_id, mode="offline")
        log.append(File("metadata.json", len(note), hashlib.sha256(note).hexdigest()))
        append_rows(log, 3)
        finish_log(log)
    for _ in range(2):
        done = run_weft("sync", "--base-url", server.url, ".", cwd=tmp_path)
        assert done.exit_code == 0, done.stderr
        assert done.stderr.startswith("weft: 12 runs (12 logs, ")
    for run in runs:
        stored = script_client.call_json(get_run, "local", run_id, run)
        assert (stored["state"], stored["summary"]) == ("finished", {"loss": 1.0})
        path = f"/api/v1/projects/local/{run_id}/runs/{run}/files/metadata.json"
        assert httpx.get(server.url + path, trust_env=False).json() == {"host": run}


def test_a_local_server_that_died_before_the_sidecar_looked_is_found_again(
    tmp_path: Path, run_id: str, stopped_after_test: Callable[[subprocess.Popen[Any]], None]
) -> None:
    code = f"""
import os, sys, weft
run = weft.init(project="demo", id={run_id!r})
os.kill(int(sys.argv[1]), 9)
run.log({{"loss": 1}})
sys.stdin.readline()
run.finish()
"""
    with start_server(tmp_path, own=True) as first:
        script = subprocess.Popen(
            [sys.executable, "-c", code, str(first.pid)],
            cwd=tmp_path,
            env={**first.environment, "WEFT_SILENT": "true"},
            stdin=subprocess.PIPE,
        )
        stopped_after_test(script)
        first.process.wait(120)
    with start_server(tmp_path, own=True) as second, closing(ScriptClient(second.url)) as client:
        wait_until(
            lambda: summary_of(client, run_id).get("loss") == 1,
            what="the row at the server's new address",
        )
        script.communicate(b"\n", timeout=180)
    assert script.returncode == 0


def summary_of(client: ScriptClient, run_id: str) -> dict[str, Any]:
    """Empty while the run is not known; a row may come later than its run."""
    try:
        return dict(client.call_json(get_run, "local", "demo", run_id)["summary"])
    except NotFound:
        return {}


def test_a_folder_without_runs_is_named(server: ServerProcess, tmp_path: Path) -> None:
    done = run_weft("sync", "--base-url", server.url, tmp_path)
    assert (done.exit_code, done.stderr) == (2, f"weft: no run logs in {tmp_path}\n")


def test_damage_in_a_log_costs_only_the_damaged_rows(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    log = make_log(make_run_directory(tmp_path, run_id), run_id=run_id, mode="offline")
    append_rows(log, 10)
    start = log.size
    append_rows(log, 1, first=10)
    end = log.size
    append_rows(log, 10, first=11)
    data = bytearray(finish_log(log))
    data[start + 12 : end] = bytes(end - start - 12)
    log.path.write_bytes(data)
    done = run_weft("sync", "--base-url", server.url, tmp_path)
    assert done.exit_code == 1, done.stderr
    assert "damaged" in done.stderr
    assert n_rows(script_client, run_id) == 20


def test_a_copied_and_continued_log_is_kept_and_said(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    def sync(directory: Path) -> Done:
        return run_weft("sync", "--base-url", server.url, directory)

    log = make_log(make_run_directory(tmp_path / "first", run_id), run_id=run_id, is_dead=True)
    append_rows(log, 10)
    copy = tmp_path / "second" / log.path.parent.relative_to(tmp_path / "first")
    shutil.copytree(log.path.parent, copy)
    append_rows(log, 5, first=10)
    finish_log(log)
    with (copy / log.path.name).open("ab") as file:
        for step in range(10, 20):
            file.write(encode_frame(encode_payload([3, 0, 1, step, [-1.0], 0, "x"])))
    whole = (copy / log.path.name).read_bytes()
    assert sync(tmp_path / "first").exit_code == 0
    done = sync(tmp_path / "second")
    assert done.exit_code != 0
    assert "went on differently" in done.stderr
    assert (copy / log.path.name).read_bytes() == whole
    assert n_rows(script_client, run_id) == 15


def test_a_deleted_run_is_not_brought_back(
    script_client: ScriptClient,
    server: ServerProcess,
    start_training: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    run_id: str,
) -> None:
    trainer = start_training(tmp_path, server.url, run_id=run_id, ending="wait")
    assert trainer.stdout is not None
    trainer.stdout.readline()
    sidecar = json.loads(trainer.stdout.readline())["sidecar"]
    wait_until(lambda: state_of(script_client, run_id) == "running", what="the run")
    script_client.call(delete_run, "local", "demo", run_id)
    trainer.kill()
    trainer.wait()
    wait_until(lambda: not Path(f"/proc/{sidecar}").exists(), what="the sidecar's end")
    assert state_of(script_client, run_id) == "deleted"
    assert list(tmp_path.rglob("run-*.weft")), "the log is kept"


@at_length
def test_a_stop_request_reaches_the_script(
    script_client: ScriptClient,
    server: ServerProcess,
    start_training: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
    run_id: str,
) -> None:
    trainer = start_training(tmp_path, server.url, run_id=run_id, ending="until_stop")
    wait_until(lambda: state_of(script_client, run_id) == "running", what="the run")
    script_client.call(stop_run, "local", "demo", run_id)
    out, _ = trainer.communicate(timeout=180)
    assert '"stop": "a user' in out


def test_a_dead_process_log_sent_later_was_never_running(
    script_client: ScriptClient, server: ServerProcess, tmp_path: Path, run_id: str
) -> None:
    log = make_log(make_run_directory(tmp_path, run_id), run_id=run_id, is_dead=True)
    append_rows(log, 10)
    log.close()
    done = run_weft("sync", "--base-url", server.url, tmp_path)
    assert done.exit_code == 0, done.stderr
    # Pending: more of it may come. After five minutes of silence it is crashed.
    assert state_of(script_client, run_id) in {"pending", "crashed"}
    assert n_rows(script_client, run_id) == 10
