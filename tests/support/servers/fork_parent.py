"""A process whose forks are servers, commands, scripts or sidecars; see `server_forks`.

    python fork_parent.py SOCKET MODULE…

Takes requests at a Unix socket: a JSON line with `arguments` (of `weft`, of a sidecar or its file
worker, `wandb` and its own, or the path of a script), `cwd`, `environment` and Python to run
`before`, and descriptors with the numbers that they get. Answers with the id of the process, and a
second line with its exit status.
"""

from __future__ import annotations

import array
import atexit
import fcntl
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn

SIDECAR = "weft-sidecar"
FILE_WORKER = "weft-files"
WANDB = "wandb"
_HIGH_FD = 20


def request_fork(
    forks: str | os.PathLike[str],
    arguments: Sequence[str],
    cwd: str | os.PathLike[str],
    environment: Mapping[str, str],
    descriptors: Mapping[int, int],
    sidecars: str | os.PathLike[str] | None = None,
    before: str = "",
) -> socket.socket:
    """Ask for a process; its id and its exit status are lines of the socket.

    Args:
        descriptors: those of the new process, and which of this process's they are.
        sidecars: the socket of the parent of the process's sidecars, if they are forks.
        before: Python that the process runs first.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(os.fspath(forks))
    request = {
        "arguments": [*arguments],
        "cwd": os.fspath(cwd),
        "environment": dict(environment),
        "numbers": [*descriptors],
        "sidecars": sidecars and os.fspath(sidecars),
        "before": before,
    }
    body = json.dumps(request).encode() + b"\n"
    rights = socket.SCM_RIGHTS, array.array("i", descriptors.values()).tobytes()
    connection.sendmsg([body[:1]], [(socket.SOL_SOCKET, *rights)])
    connection.sendall(body[1:])
    return connection


def main() -> None:
    from importlib import import_module

    for name in sys.argv[2:]:
        import_module(name)
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1] + ".new")
    listener.listen(64)
    forks = sys.argv[1]
    os.rename(forks + ".new", forks)  # noqa: PTH104  from now on it listens
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
                become(request, descriptors, forks)
            for descriptor in descriptors:
                os.close(descriptor)
            asking[pid] = connection
            send(connection, pid)


def receive(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    first, ancillary, *_ = connection.recvmsg(1, socket.CMSG_SPACE(16))
    descriptors = array.array("i")
    descriptors.frombytes(ancillary[0][2])
    with connection.makefile("rb") as file:
        return json.loads(first + file.readline()), descriptors.tolist()


def send(connection: socket.socket, number: int) -> None:
    try:
        connection.sendall(b"%d\n" % number)
    except OSError:
        pass  # its test does not ask any more


def tell_ended(asking: dict[int, socket.socket]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        connection = asking.pop(pid)
        send(connection, os.waitstatus_to_exitcode(status))
        connection.close()


# --- in a fork --------------------------------------------------------------------------------


def become(request: dict[str, Any], descriptors: list[int], forks: str) -> None:
    """Be a process of the `weft` or `wandb` command, a script, a sidecar or its file worker. Does
    not return."""
    place(descriptors, request["numbers"])
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    if request["sidecars"] is not None:
        fork_sidecars(request["sidecars"])
    exec(request["before"], {})
    first, *_ = arguments = request["arguments"]
    if os.path.isabs(first):  # noqa: PTH117
        sys.argv = arguments
        sys.path[0] = os.path.dirname(first)  # noqa: PTH120  as Python sets it
        run_and_exit(lambda: run_main(first))
    if first == SIDECAR:
        from weft.sync.process import main as sidecar

        os.setsid()
        sys.argv = ["-c", *arguments]
        fork_file_workers(forks)
        run_and_exit(lambda: sys.exit(sidecar()))
    if first == FILE_WORKER:
        from weft.sync.files.worker import main as file_worker

        sys.argv = ["-c", *arguments]
        run_and_exit(lambda: sys.exit(file_worker()))
    if first == WANDB:
        from weft.cli.wandb.command import main as wandb

        sys.argv = arguments
        run_and_exit(wandb)
    from weft.cli.main import main as weft

    sys.argv = ["weft", *arguments]
    run_and_exit(weft)


def place(descriptors: Sequence[int], numbers: Sequence[int]) -> None:
    """Give descriptors their numbers; 0 is empty unless it is one of them."""
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH_FD) for fd in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    for copy, number in zip(copies, numbers, strict=True):
        os.dup2(copy, number)
        os.close(copy)


def fork_sidecars(parent: str) -> None:
    """Have sidecars that this process starts be forks of a process that has imported theirs."""
    from weft.sync import spawn

    def spawn_detached(command: Sequence[str], descriptors: Mapping[int, int]) -> bool:
        arguments = command[command.index(SIDECAR) :]
        with request_fork(parent, arguments, "/", os.environ, descriptors) as answer:
            return bool(answer.recv(1))

    vars(spawn)["spawn_detached"] = spawn_detached


def fork_file_workers(parent: str) -> None:
    """Have the file workers of this process, a sidecar, be forks of its own parent."""
    from server_forks import ForkedProcess
    from weft.sync.files import worker_process

    def spawn_child(command: list[str]) -> ForkedProcess:
        arguments = command[command.index(FILE_WORKER) :]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": 2}
        return ForkedProcess(
            arguments, "/", os.environ, parent, encoding=None, errors=None, **pipes
        )

    vars(worker_process)["spawn_child"] = spawn_child


def run_main(path: str) -> None:
    """Run a script as the main module, which stays until what is registered for the exit ran."""
    module = ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)


def run_and_exit(function: Callable[[], object]) -> NoReturn:
    """Exit as Python does after a call, but leave modules and objects as they are: to end them
    takes 0.1 s of CPU, ten times what a command does, as each is copied from the parent first.
    Other exceptions than `SystemExit` are left to Python."""
    status: object = 0
    try:
        function()
    except SystemExit as end:
        status = end.code
    if status is not None and not isinstance(status, int):
        print(status, file=sys.stderr)
        status = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # as of a script that was started without it
            stream.flush()
    os._exit(status or 0)


if __name__ == "__main__":
    main()
