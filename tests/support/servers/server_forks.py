"""Starts processes of the `weft` command as forks of one that has imported what servers need, and
scripts as forks of one that has imported the client of weft or of W&B.

Hundreds of tests start a server, or run a command or a script, and most of its start is imports.
The process is one as any other but for that: `start_server`, `run_weft` and `run_script` use it
where a test changes nothing of the start of the interpreter.

    python server_forks.py SOCKET MODULE…

Takes requests at a Unix socket: a JSON line with `arguments` (of `weft`, or the path of a script),
`cwd` and `environment`, and the descriptors for stderr and, of a process that ends by itself,
stdout and stdin. Answers with the id of the process, and a second line with its exit status.
"""

from __future__ import annotations

import array
import atexit
import functools
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

IMPORTED = (
    "weft.cli.main", "weft.cli.server.serve", "weft.cli.server.settings_source", "weft.server.app",
    "uvicorn", "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl", "numpy", "pcodec", "nanoarrow", "zstandard",
    "alembic.command", "sqlalchemy.dialects.sqlite", "encodings.idna",
)  # fmt: skip


class ForkedProcess:
    """A process that was forked elsewhere, with what tests use of `subprocess.Popen`.

    Attributes:
        stderr: what it writes, as text.
    """

    def __init__(
        self, arguments: list[str], cwd: Path, environment: Mapping[str, str], forks: Path
    ) -> None:
        self.args = arguments
        self.returncode: int | None = None
        read, write = os.pipe()
        self._socket = request_fork(forks, arguments, cwd, environment, [write])
        os.close(write)
        self._answers = self._socket.makefile("r")
        self.pid = int(self._answers.readline())
        self.stderr = open(read, encoding="utf-8", errors="replace")  # noqa: SIM115

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._socket], [], [], 0)[0]:
            self._read_status()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._socket], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self._read_status()
        assert self.returncode is not None
        return self.returncode

    def _read_status(self) -> None:
        self.returncode = int(self._answers.readline())
        self._answers.close()
        self._socket.close()

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def request_fork(
    forks: Path,
    arguments: list[str],
    cwd: Path,
    environment: Mapping[str, str],
    descriptors: list[int],
) -> socket.socket:
    """Ask for a process; its id and its exit status are lines of the socket."""
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(forks))
    request = {"arguments": arguments, "cwd": str(cwd), "environment": dict(environment)}
    body = json.dumps(request).encode() + b"\n"
    rights = socket.SCM_RIGHTS, array.array("i", descriptors).tobytes()
    connection.sendmsg([body[:1]], [(socket.SOL_SOCKET, *rights)])
    connection.sendall(body[1:])
    return connection


def run_forked(
    arguments: list[str],
    cwd: Path,
    environment: Mapping[str, str],
    timeout_secs: float,
    stdin: str = "",
    parent: Path | None = None,
) -> tuple[int, str, str]:
    """Run `weft ARGUMENTS`, or a script, to its end: exit status, stdout and stderr."""
    with (
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
        tempfile.TemporaryFile() as typed,
    ):
        typed.write(stdin.encode())
        typed.seek(0)
        descriptors = [stderr.fileno(), stdout.fileno(), typed.fileno()]
        connection = request_fork(parent or forks(), arguments, cwd, environment, descriptors)
        with connection, connection.makefile("r") as answers:
            pid = int(answers.readline())
            if not select.select([connection], [], [], timeout_secs)[0]:
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(arguments, timeout_secs)
            status = int(answers.readline())
        outputs: list[str] = []
        for file in (stdout, stderr):
            file.seek(0)
            outputs.append(file.read().decode(errors="replace"))
    return status, *outputs


def changes_start(environment: Mapping[str, str]) -> bool:
    """Whether variables change how an interpreter starts or weft is imported, so that a fork would
    not have it."""
    return any(
        name.startswith(("LD_", "PYTHON", "MALLOC_", "WEFT_PORTABLE"))
        and os.environ.get(name) != value
        for name, value in environment.items()
    )


@functools.cache
def forks(
    python: str | Path = sys.executable,
    imported: tuple[str, ...] = IMPORTED,
    without: tuple[str, ...] = (),
) -> Path:
    """The socket of the parent of servers, or of scripts, of this process and those that it forks
    later, started by the first call.

    Args:
        python: its interpreter.
        imported: the modules that it has imported.
        without: beginnings of the variables that it does not have.
    """
    folder = tempfile.mkdtemp(prefix="weft-forks-")
    path = Path(folder, "socket")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(without)
    }
    command = [str(python), __file__, str(path), *imported]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    owner = os.getpid()

    def end() -> None:
        if os.getpid() != owner:
            return  # a worker of the tests
        parent.kill()
        parent.wait()
        shutil.rmtree(folder)

    atexit.register(end)
    deadline = time.monotonic() + 120
    while not path.exists():
        if parent.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the parent of servers did not start")
        time.sleep(0.01)
    return path


def main() -> None:
    from importlib import import_module

    for name in sys.argv[2:]:
        import_module(name)
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1] + ".new")
    listener.listen(64)
    os.rename(sys.argv[1] + ".new", sys.argv[1])  # noqa: PTH104  from now on it listens
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    asking: dict[int, socket.socket] = {}
    while True:
        ready = select.select([listener, wake_read, sys.stdin], [], [])[0]
        if sys.stdin in ready:
            return  # the tests have ended
        if wake_read in ready:
            os.read(wake_read, 512)
            tell_ended(asking)
        if listener in ready:
            connection, _ = listener.accept()
            request, descriptors = receive(connection)
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for closable in (listener, connection, *asking.values()):
                    closable.close()
                os.close(wake_read)
                os.close(wake_write)
                become(request, descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            connection.sendall(b"%d\n" % pid)
            asking[pid] = connection


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    first, ancillary, *_ = connection.recvmsg(1, socket.CMSG_SPACE(12))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2])
    with connection.makefile("rb") as file:
        return json.loads(first + file.readline()), descriptors.tolist()


def tell_ended(asking: dict[int, socket.socket]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        connection = asking.pop(pid)
        try:
            connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
        except OSError:
            pass  # its test does not ask any more
        connection.close()


def become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Be a process of the `weft` command, or of a script. Does not return."""
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for number, descriptor in zip((2, 1, 0), descriptors, strict=False):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    first, *_ = arguments = request["arguments"]
    if os.path.isabs(first):  # noqa: PTH117
        sys.argv = arguments
        sys.path[0] = os.path.dirname(first)  # noqa: PTH120  as Python sets it
        run_main(first)
        sys.exit(0)
    sys.argv = ["weft", *arguments]
    from weft.cli.main import main as weft

    weft()
    sys.exit(0)


def run_main(path: str) -> None:
    """Run a script as the main module, which stays until what is registered for the exit ran."""
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)


if __name__ == "__main__":
    main()
