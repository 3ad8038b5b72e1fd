"""`console="redirect"` with real scripts: output of C code, a dying relay, terminals, loggers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from at_length import case_at_length
from sdk_script import records_of
from server_process import wait_until
from weft.errors import ConfigError
from weft.records.record import Console, Exit
from weft.runlog.reader import read_header
from weft.sdk.setup.settings import Settings

SCRIPT = """
import ctypes, logging, os, signal, subprocess, sys
import weft as wandb

settings = wandb.Settings(console="redirect", capture_loggers={"app": "INFO"})
run = wandb.init(mode="offline", id="first", settings=settings)
how = sys.argv[1]

def kill_relay():
    import psutil
    while True:
        for process in psutil.process_iter(["cmdline", "name"]):
            words = process.info["cmdline"] or []
            if "weft-relay" in words and words[0] == sys.executable:
                # of several tests at once: ours has our output
                theirs = os.readlink(f"/proc/{process.pid}/fd/1")
                if theirs == sys.argv[2]:
                    process.kill()
                    return

print("from Python", flush=True)
ctypes.CDLL(None).puts(b"from C")
subprocess.run(["sh", "-c", "echo from a child; echo its error >&2"])
os.write(2, b"10%\\r50%\\r100%\\n")
if how == "relay":
    kill_relay()
    for i in range(20_000):
        print("after the relay", i)
    sys.stdout.flush()
    subprocess.run(["sh", "-c", "echo late child"])
else:
    logging.getLogger("app").info("too low for its logger")
    logging.getLogger("app").warning("slow")
    run.write_logs("only recorded")
    print("--api_key=sk-proj-Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg")
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        print("in the fork", flush=True)
        run.write_logs("the fork records")
        os._exit(0)
    os.waitpid(pid, 0)
    print("terminal", sys.stdout.isatty(), end=" ")
    print(os.get_terminal_size().columns if sys.stdout.isatty() else "")
if how == "kill":
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
run.finish(exit_code=3)
print("after the run", flush=True)
with wandb.init(mode="offline", id="second", settings=settings):
    os.write(1, b"in the second run\\n")
"""

RECORDED = {
    "from Python",
    "from C",
    "from a child",
    "its error",
    "100%",
    "WARNING:app:slow",
    "only recorded",
    "--api_key=***",
    "in the fork",
    "the fork records",
}


def lines_of(directory: Path, run_id: str = "first") -> set[str]:
    """The recorded lines of a run."""
    logs = directory.glob(f"weft/run-*/run-{run_id}.*.weft")
    return {line.text for log in logs for line in records_of(log, Console)}


def run_script(directory: Path, way: str) -> str:
    script = directory / "train.py"
    script.write_text(SCRIPT)
    printed = directory / "printed"
    with printed.open("w") as output:
        subprocess.run(
            [sys.executable, str(script), way, str(printed)],
            cwd=directory,
            env={**os.environ, "PYTHONPATH": ""},
            stdout=output,
            stderr=output,
            timeout=100,
        )
    return printed.read_text()


def test_what_any_code_writes_is_recorded(tmp_path: Path) -> None:
    printed = run_script(tmp_path, "whole")
    first = lines_of(tmp_path)
    assert first >= RECORDED | {"terminal False"}
    assert "INFO:app:too low for its logger" not in first
    assert "after the run" not in first
    assert lines_of(tmp_path, "second") >= {"in the second run"}
    for text in ("from Python", "from C", "in the fork", "after the run", "in the second run"):
        assert printed.count(f"{text}\n") == 1
    assert "only recorded" not in printed
    assert "sk-proj" in printed  # what is printed is unchanged
    (output,) = tmp_path.glob("weft/run-*-first/files/output.log")
    assert set(output.read_text().splitlines()) >= RECORDED
    # a second writer of the run has no say in how the run ended; the sidecar's own log
    # of a run this short may come after the script's end
    wait_until(
        lambda: _exit_codes(output.parents[1]) == {"main": [3], "console": [0], "system": [0]},
        what="each writer has recorded its own end",
    )


def _exit_codes(run_directory: Path) -> dict[str, list[int]]:
    """The exit codes in each log of a run, by the label of the process that wrote it."""
    headers = {log: read_header(log) for log in run_directory.glob("run-*.weft")}
    return {
        header.labels["process"]: [record.exit_code for record in records_of(log, Exit)]
        for log, header in headers.items()
        if header is not None
    }


def test_what_was_written_survives_kill_9(tmp_path: Path) -> None:
    printed = run_script(tmp_path, "kill")
    assert "after the run" not in printed
    # the relay ends a moment after the script
    wait_until(lambda: lines_of(tmp_path) >= RECORDED, what="the relay has recorded all")


def test_a_dead_relay_loses_and_stops_nothing(tmp_path: Path) -> None:
    printed = run_script(tmp_path, "relay")
    lines = Counter(printed.splitlines())
    expected = [f"after the relay {i}" for i in range(20_000)]
    # where the descriptors were put back, a line may be cut: its rest comes later
    assert sum(lines[line] == 1 for line in expected) >= 19_990
    assert Counter(printed) >= Counter("\n".join(expected))
    assert lines["late child"] == 1
    assert lines["after the run"] == 1
    assert "the relay of the console did not record everything" in printed


def test_a_terminal_stays_a_terminal(tmp_path: Path) -> None:
    import fcntl
    import pty
    import struct
    import termios

    (tmp_path / "train.py").write_text(SCRIPT)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 123, 0, 0))
    script = subprocess.Popen(
        [sys.executable, "train.py", "whole"],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while data := os.read(ours, 65_536):
            shown += data
    except OSError:
        pass  # how a pseudo-terminal ends
    assert script.wait(100) == 0
    assert b"\r\nterminal True 123\r\n" in shown
    assert "terminal True 123" in lines_of(tmp_path)
    assert b"10%\r50%\r100%\r\n" in shown


def test_a_reader_that_leaves_ends_no_script(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import os, weft\n"
        "run = weft.init(mode='offline', id='first', settings={'console': 'redirect'})\n"
        "for i in range(50_000):\n"
        "    os.write(1, b'line %d\\n' % i)\n"
        "run.finish()\n"
        "open('ended', 'w').close()\n"
    )
    command = f"{sys.executable} train.py | head -n 1"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert done.stdout == "line 0\n"
    assert (tmp_path / "ended").exists()
    assert {"line 0", "line 49999"} <= lines_of(tmp_path)


@pytest.mark.parametrize(
    ("loggers", "levels"),
    [
        ({"app": "info", "root": 40}, {"app": "INFO", "root": "ERROR"}),
        (
            "app:WARN,lib.core:DEBUG,plain",
            {"app": "WARNING", "lib.core": "DEBUG", "plain": "INFO"},
        ),
        (["app"], {"app": "INFO"}),
    ],
)
def test_loggers_are_named_with_levels(loggers: object, levels: dict[str, str]) -> None:
    assert Settings(capture_loggers=loggers).capture_loggers == levels


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ConfigError, match="invalid level for 'app': 'LOUD'; levels are DEBUG"):
        Settings(capture_loggers={"app": "LOUD"})


WRAPPING = """
import io, sys
import weft

print("before", flush=True)
with weft.init(mode="offline", settings={"console": "redirect"}):
    print("began")
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    sys.stderr.reconfigure(newline="\\n")
    print("ünïcode", flush=True)
    other = io.TextIOWrapper(sys.stdout.buffer, encoding="latin-1", line_buffering=True)
    other.write("é\\n")
    other.detach()
"""


@pytest.mark.parametrize("unbuffered", ["", case_at_length("1")])
def test_streams_into_files_may_change_their_encoding(tmp_path: Path, unbuffered: str) -> None:
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        done = subprocess.run(
            [sys.executable, "-c", WRAPPING],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=out,
            stderr=err,
            timeout=120,
        )
    assert done.returncode == 0, (tmp_path / "err").read_text()
    printed = (tmp_path / "out").read_bytes().splitlines()
    assert printed == [b"before", b"began", "ünïcode".encode(), "é".encode("latin-1")]
