"""Real training processes with real sidecars against a server that behaves as it is told."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import sync_trainer
from at_length import at_length, case_at_length
from fault_server import HTML, FaultServer, problem
from made_logs import append_rows, finish_log, make_log, make_run_directory
from sdk_script import log_files_below
from shims import build_shim
from weft.records.record import Console, Exit, Key, Run, System
from weft.runlog.reader import read_header, read_records
from weft.sync.uploading.marker import Marker, write_marker
from weft_command import run_weft

TRAINER = Path(sync_trainer.__file__)
DEADLINE_SECS = 60.0


def wait_until(condition: Callable[[], object], subject: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for: {subject}"
        time.sleep(0.02)


class Trainer:
    """A training process and what it says."""

    def __init__(self, base: Path, *, cwd: Path | None = None, **options: Any) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(TRAINER), json.dumps({"base": str(base), **options})],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
        )

    def next(self, event: str) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        report = json.loads(line)
        assert report["event"] == event, report
        return report

    def close(self) -> None:
        """End it, and the sidecar that it left, if a test broke off."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def wait(self, code: int = 0) -> None:
        assert self.process.wait(DEADLINE_SECS) == code
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            rest = stream.read()
            assert "Traceback" not in rest, rest


def sidecar_of(log: Path) -> psutil.Process | None:
    """The sidecar that was started for a log's process."""
    for process in psutil.process_iter(["cmdline"]):
        if "weft-sidecar" in (process.info["cmdline"] or []):
            log_file = log.parent / "logs" / "sidecar.log"
            try:
                if Path(f"/proc/{process.pid}/fd/2").samefile(log_file):
                    return process
            except OSError:
                continue
    return None


def logs_by_writer(base: Path) -> dict[str, bytes]:
    return {log.name.split(".")[1]: log.read_bytes() for log in log_files_below(base)}


Start = Callable[..., Trainer]


@pytest.fixture
def start(faulty: FaultServer, tmp_path: Path) -> Iterator[Start]:
    """Start a trainer in `tmp_path` that uploads to `server`, unless told otherwise."""
    trainers: list[Trainer] = []

    def start_one(**options: Any) -> Trainer:
        trainers.append(Trainer(tmp_path, **{"url": faulty.url, **options}))
        return trainers[-1]

    yield start_one
    for trainer in trainers:
        trainer.close()
    for log in log_files_below(tmp_path):
        sidecar = sidecar_of(log)
        if sidecar is not None:
            sidecar.kill()


@pytest.fixture(params=["native", case_at_length("portable")])
def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The same test with every portable fallback forced: no posix_spawn, pidfd, poll, /proc."""
    if request.param == "portable":
        monkeypatch.setenv("WEFT_PORTABLE", "1")
    return str(request.param)


def test_a_run_is_uploaded_whole_and_no_process_stays(
    faulty: FaultServer, start: Start, tmp_path: Path, platform: str
) -> None:
    trainer = start(rows=200)
    started = trainer.next("started")
    assert started["alive"]
    finished = trainer.next("finished")
    assert finished["outcome"] == "uploaded"
    assert finished["n_unsent_bytes"] == 0
    assert trainer.next("closed")["ended"]
    assert not psutil.pid_exists(finished["sidecar"]) or sidecar_of(Path(started["log"])) is None
    trainer.wait()
    assert faulty.logs == logs_by_writer(tmp_path)
    runtime = Path(os.environ["XDG_RUNTIME_DIR"]) / f"weft-{os.getuid()}"
    assert not list(runtime.glob("*.status"))


@pytest.fixture
def synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[tuple[int, str]]]:
    """Pairs of processes and the files on which they have called fsync."""
    listed = tmp_path / "synced"
    monkeypatch.setenv("LD_PRELOAD", str(build_shim("fsync_shim", tmp_path)))
    monkeypatch.setenv("SHIM_SYNCED", str(listed))

    def found() -> set[tuple[int, str]]:
        lines = listed.read_text().splitlines() if listed.exists() else []
        return {(int(pid), path) for pid, _, path in (line.partition(" ") for line in lines)}

    return found


def test_the_sidecar_syncs_the_log_while_the_script_runs(
    faulty: FaultServer, start: Start, synced: Callable[[], set[tuple[int, str]]]
) -> None:
    trainer = start(ending="wait")
    log = trainer.next("started")["log"]
    sidecar = trainer.next("waiting")["sidecar"]
    wait_until(lambda: (sidecar, log) in synced(), "an fsync of the log")
    trainer.process.kill()
    trainer.wait(-signal.SIGKILL)
    assert {pid for pid, _ in synced()} == {sidecar}, "the script itself waits for no disk"


@at_length
def test_the_sidecar_syncs_the_log_of_a_finished_run(
    faulty: FaultServer, start: Start, synced: Callable[[], set[tuple[int, str]]]
) -> None:
    trainer = start(rows=1)
    log = trainer.next("started")["log"]
    finished = trainer.next("finished")
    assert trainer.next("closed")["ended"]
    trainer.wait()
    assert (finished["sidecar"], log) in synced()


def test_the_sidecar_is_no_child_of_the_script(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    trainer = start()
    assert trainer.next("started")["children"] == "none"
    trainer.next("finished")
    trainer.next("closed")
    trainer.wait()


def test_a_pipe_behind_the_script_ends_with_it(faulty: FaultServer, tmp_path: Path) -> None:
    faulty.go_on.clear()
    command = '"$0" "$1" "$2" | cat'
    options = json.dumps({"base": str(tmp_path), "url": faulty.url, "ending": "leave"})
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, str(TRAINER), options],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECS,
    )
    events = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert events == ["started", "left"]
    log = Path(json.loads(done.stdout.splitlines()[0])["log"])
    assert sidecar_of(log) is not None, "it still waits for the server"
    faulty.go_on.set()
    wait_until(lambda: sidecar_of(log) is None, "the sidecar's end")
    assert faulty.logs == logs_by_writer(tmp_path)


@at_length
def test_modules_in_the_working_directory_do_not_matter(
    faulty: FaultServer, start: Start, tmp_path: Path, platform: str
) -> None:
    cwd = tmp_path / "project"
    (cwd / "http").mkdir(parents=True)
    for name in ("select.py", "http/__init__.py", "msgspec.py", "psutil.py", "zstandard.py"):
        (cwd / name).write_text("raise SystemExit('a module of the working directory')\n")
    trainer = start(cwd=cwd, interval_secs=60.0)
    trainer.next("started")
    assert trainer.next("finished")["outcome"] == "uploaded"
    trainer.next("closed")
    trainer.wait()


def test_control_c_in_the_terminal_does_not_reach_the_sidecar(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    trainer = start(ending="wait")
    trainer.next("started")
    pid = trainer.next("waiting")["sidecar"]
    assert os.getsid(pid) == pid or os.getsid(pid) != os.getsid(trainer.process.pid)
    os.kill(pid, signal.SIGINT)
    trainer.process.kill()
    trainer.wait(-signal.SIGKILL)
    wait_until(lambda: not psutil.pid_exists(pid), "the sidecar's end")
    assert faulty.logs == logs_by_writer(tmp_path)


def test_a_killed_script_is_uploaded_and_marked(
    faulty: FaultServer, start: Start, tmp_path: Path, platform: str
) -> None:
    trainer = start(rows=1000, ending="kill")
    log = Path(trainer.next("started")["log"])
    trainer.wait(-signal.SIGKILL)
    wait_until(lambda: sidecar_of(log) is None, "the sidecar's end")
    assert faulty.logs == logs_by_writer(tmp_path)
    assert len(faulty.logs) == 2
    (own,) = [path for path in log.parent.glob("*.weft") if path != log]
    header = read_header(own)
    main = read_header(log)
    assert header is not None
    assert main is not None
    assert header.parent_writer == main.writer_id
    run, end = list(read_records(own))
    assert isinstance(run, Run)
    assert isinstance(end, Exit)
    assert (end.exit_code, end.state) == (0, "crashed")


def test_a_killed_sidecar_can_be_started_again(
    faulty: FaultServer, start: Start, tmp_path: Path, platform: str
) -> None:
    trainer = start(rows=50, ending="respawn", sigpipe=True)
    trainer.next("started")
    os.kill(trainer.next("waiting")["sidecar"], signal.SIGKILL)
    assert trainer.next("finished")["outcome"] == "uploaded"
    assert trainer.next("closed")["ended"]
    trainer.wait()
    assert faulty.logs == logs_by_writer(tmp_path)


def test_a_sidecar_killed_while_starting_again_loses_nothing(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    trainer = start(rows=5, ending="wait")
    log = Path(trainer.next("started")["log"])
    os.kill(trainer.next("waiting")["sidecar"], signal.SIGKILL)
    (sent,) = faulty.logs.values()
    wait_until(lambda: log.stat().st_size > len(sent) + 1_000, "rows that nobody sends")
    trainer.process.kill()
    trainer.wait(-signal.SIGKILL)
    # Both are dead; the next run in the same folder takes the log up.
    second = start(run_id="next0000", rows=3, ending="wait")
    second.next("started")
    second.next("waiting")
    main = read_header(log)
    assert main is not None
    wait_until(
        lambda: faulty.logs.get(main.writer_id) == log.read_bytes(), "the first log's upload"
    )
    late = [upload for upload in faulty.uploads if upload.writer == main.writer_id][-1]
    assert late.headers["x-weft-live"] == "0"
    second.process.kill()
    second.wait(-signal.SIGKILL)


def test_only_ones_own_unfinished_logs_for_this_server_are_taken_up(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    def left(run_id: str, marker: Marker | None = None, **options: Any) -> str:
        directory = make_run_directory(tmp_path, run_id, age_secs=60)
        log = make_log(directory, run_id=run_id, is_dead=True, **options)
        append_rows(log, 3)
        log.close()
        if marker:
            write_marker(log.path, marker)
        return log.header.writer_id

    expected = {
        left("plain000"),
        left("nowhere0", Marker(0, None)),
        left("thisone0", Marker(0, faulty.url)),
    }
    unwanted = {
        left("offline0", mode="offline"),
        left("another0", Marker(0, "http://weft.example.org")),
        left("machine0", machine_id="another machine"),
        left("done0000", Marker(10, faulty.url, done=True)),
    }
    trainer = start(ending="wait")
    trainer.next("started")
    trainer.next("waiting")
    wait_until(lambda: expected <= set(faulty.logs), "the logs to be taken up")
    trainer.process.kill()
    trainer.wait(-signal.SIGKILL)
    assert not unwanted & set(faulty.logs)


def test_logs_of_forked_children_are_uploaded_too(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    trainer = start(ending="forked")
    trainer.next("started")
    assert trainer.next("finished")["outcome"] == "uploaded"
    trainer.next("closed")
    trainer.wait()
    assert len(faulty.logs) == 2
    assert faulty.logs == logs_by_writer(tmp_path)


def test_one_sidecar_serves_the_later_runs_of_its_process(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    trainer = start(ending="rerun")
    trainer.next("started")
    trainer.next("finished")
    assert trainer.next("finished")["outcome"] == "uploaded"
    trainer.next("closed")
    trainer.wait()
    assert len(faulty.logs) == 2
    assert faulty.logs == logs_by_writer(tmp_path)


def test_system_metrics_are_a_log_of_their_own(
    faulty: FaultServer, start: Start, tmp_path: Path, platform: str
) -> None:
    trainer = start(interval_secs=0.3, n_samples=2)
    log = Path(trainer.next("started")["log"])
    assert trainer.next("finished")["states"] == ["done", "done"]
    trainer.next("closed")
    trainer.wait()
    assert faulty.logs == logs_by_writer(tmp_path)
    (own,) = [path for path in log.parent.glob("*.weft") if path != log]
    records = list(read_records(own))
    keys = {record.name for record in records if isinstance(record, Key)}
    assert {"system.cpu", "system.proc.memory.rssMB", "system.memory_percent"} <= keys
    assert {"system.cpu.0.cpu_percent", "system.disk./.usagePercent"} <= keys
    samples = [record for record in records if isinstance(record, System)]
    assert [sample.step for sample in samples] == list(range(len(samples)))
    assert len(samples) >= 2
    assert isinstance(records[-1], Exit)


def test_without_a_server_finish_says_so_and_no_process_stays(
    start: Start, tmp_path: Path, platform: str, unused_url: str
) -> None:
    trainer = start(url=unused_url)
    log = Path(trainer.next("started")["log"])
    finished = trainer.next("finished")
    assert finished["outcome"] == "no_server"
    assert finished["error"] == f"nothing listens at {unused_url}"
    assert finished["n_unsent_bytes"] == log.stat().st_size
    assert trainer.next("closed")["ended"]
    trainer.wait()


def test_without_an_address_nothing_is_waited_for(start: Start, tmp_path: Path) -> None:
    trainer = start(url=None)
    trainer.next("started")
    assert trainer.next("finished")["outcome"] == "no_address"
    assert trainer.next("closed")["ended"]
    trainer.wait()


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (HTML, "wrong_server", "text/html"),
        (problem(401, "forbidden"), "unauthorized", "needs a key"),
        case_at_length(problem(410, "gone"), "gone", "gone it is"),
        case_at_length(problem(413, "limit"), "refused", "limit it is"),
        (problem(400, "corrupt_log"), "refused", "corrupt_log it is"),
    ],
)
def test_finish_says_what_is_in_the_way(
    faulty: FaultServer, start: Start, tmp_path: Path, answer: Any, outcome: str, words: str
) -> None:
    faulty.fault = lambda _: answer
    trainer = start(linger_secs=0.5)
    trainer.next("started")
    finished = trainer.next("finished")
    assert finished["outcome"] == outcome
    assert words in finished["error"]
    trainer.next("closed")
    trainer.wait()


@pytest.mark.parametrize("fault", [case_at_length("500"), case_at_length("429"), "hang"])
def test_finish_is_bounded_when_the_server_is_not_well(
    faulty: FaultServer, start: Start, tmp_path: Path, fault: str
) -> None:
    if fault == "hang":
        faulty.go_on.clear()
    else:
        faulty.fault = lambda _: problem(int(fault), "error")
    trainer = start(no_progress_secs=0.5)
    log = Path(trainer.next("started")["log"])
    finished = trainer.next("finished")
    assert finished["outcome"] == "timeout"
    assert finished["n_unsent_bytes"] == log.stat().st_size
    faulty.fault = lambda _: None
    faulty.go_on.set()
    assert trainer.next("closed")
    trainer.wait()
    wait_until(lambda: sidecar_of(log) is None, "the sidecar's end")
    assert faulty.logs == logs_by_writer(tmp_path), "it went on without the script"


def test_a_sidecar_gives_up_when_there_is_no_progress(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    faulty.fault = lambda _: problem(503, "unavailable")
    trainer = start(ending="leave", linger_secs=0.5)
    log = Path(trainer.next("started")["log"])
    trainer.next("left")
    trainer.wait()
    wait_until(lambda: sidecar_of(log) is None, "the sidecar's end")


def test_a_stop_request_reaches_the_script(
    faulty: FaultServer, start: Start, tmp_path: Path
) -> None:
    faulty.stop = "ada"
    trainer = start()
    trainer.next("started")
    assert trainer.next("finished")["stop"]
    trainer.next("closed")
    trainer.wait()


def test_weft_sync_sends_what_lies_there_once(faulty: FaultServer, tmp_path: Path) -> None:
    for run_id in ("offline0", "offline1"):
        log = make_log(make_run_directory(tmp_path, run_id), run_id=run_id, mode="offline")
        append_rows(log, 100)
        finish_log(log)
    for _ in range(2):
        done = run_weft("sync", "--base-url", faulty.url, tmp_path)
        assert done.exit_code == 0, done.stderr
        assert done.stderr.startswith("weft: 2 runs (2 logs")
    assert faulty.logs == logs_by_writer(tmp_path)
    faulty.fault = lambda _: problem(410, "gone")
    done = run_weft("sync", "--base-url", faulty.url, tmp_path)
    assert done.exit_code == 1
    assert "gone it is" in done.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run_weft("sync", "--base-url", faulty.url, empty).exit_code == 2


def test_weft_sync_watch_sends_what_comes(faulty: FaultServer, tmp_path: Path) -> None:
    begun: dict[Path, bytes] = {}
    for run_id, n_bytes in (("begun000", 0), ("begun001", 20)):  # of the header
        log = make_log(make_run_directory(tmp_path, run_id), run_id=run_id, mode="offline")
        append_rows(log, 10)
        begun[log.path] = finish_log(log)
        log.path.write_bytes(begun[log.path][:n_bytes])
    process = subprocess.Popen(
        [sys.executable, "-m", "weft.cli.main", "sync", "--watch", str(tmp_path)],
        env={**os.environ, "WEFT_BASE_URL": faulty.url},
        stderr=subprocess.PIPE,
        text=True,
    )
    log = make_log(make_run_directory(tmp_path))
    append_rows(log, 10)
    wait_until(
        lambda: faulty.logs.get(log.header.writer_id) == log.path.read_bytes(), "the first rows"
    )
    append_rows(log, 10, first=10)
    data = finish_log(log)
    wait_until(lambda: faulty.logs[log.header.writer_id] == data, "the rest")
    for path, content in begun.items():
        path.write_bytes(content)
    wait_until(
        lambda: faulty.logs == logs_by_writer(tmp_path), "logs that had no record when it began"
    )
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=DEADLINE_SECS)
    assert process.returncode == 0, stderr
    assert "weft: 3 runs (3 logs" in stderr


@at_length
def test_weft_sync_shows_progress_on_a_terminal(faulty: FaultServer, tmp_path: Path) -> None:
    for run_id, n_rows in (("offline0", 60_000), ("offline1", 1)):
        log = make_log(make_run_directory(tmp_path, run_id), run_id=run_id, mode="offline")
        append_rows(log, n_rows)
        finish_log(log)
    screen, terminal = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "weft.cli.main", "sync", str(tmp_path)],
        env={**os.environ, "WEFT_BASE_URL": faulty.url},
        stderr=terminal,
    )
    os.close(terminal)
    shown = b""
    try:
        while part := os.read(screen, 4096):
            shown += part
    except OSError:
        pass  # how Linux says that the other end is closed
    os.close(screen)
    assert process.wait(DEADLINE_SECS) == 0
    progress = r"[█░]{30} \d+\.\d of 1\.\d MB · [012] of 2 runs · [\d,]+ runs/s"
    assert re.search(progress, shown.decode())
    assert shown.decode().splitlines()[-1].endswith(f"at {faulty.url}")


def test_weft_sync_sends_by_many_connections(faulty: FaultServer, tmp_path: Path) -> None:
    """A compressor that two threads use at once ends the process, or mixes their logs."""
    noise = random.Random(0)
    for number in range(40):
        log = make_log(make_run_directory(tmp_path, f"offline{number:02}"), mode="offline")
        for _ in range(16):
            log.append(Console("stdout", 0, log.micros(), noise.randbytes(30_000).hex()))
        finish_log(log)
    done = run_weft("sync", "--base-url", faulty.url, tmp_path)
    assert done.exit_code == 0, done.stderr
    assert faulty.logs == logs_by_writer(tmp_path)
