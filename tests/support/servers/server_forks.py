"""Starts processes of the `weft` command as forks of one that has imported what servers need, and
scripts as forks of one that has imported the client of weft or of W&B; sidecars and their file
workers are forks as well.

Hundreds of tests start a server, or run a command or a script, and most of its start is imports.
The process is one as any other but for that: `start_server`, `run_weft` and `run_script` use it
where a test changes nothing of the start of the interpreter. `fork_parent.py` is what is forked.
"""

from __future__ import annotations

import atexit
import functools
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import fork_parent
from fork_parent import request_fork

IMPORTED = (
    "weft.cli.main", "weft.cli.server.serve", "weft.cli.server.settings_source", "weft.server.app",
    "uvicorn", "uvicorn.lifespan.on", "uvicorn.loops.auto", "uvicorn.loops.uvloop",
    "uvicorn.protocols.http.httptools_impl", "numpy", "pcodec", "nanoarrow", "zstandard",
    "alembic.command", "sqlalchemy.dialects.sqlite", "encodings.idna",
    "warm_server", "service_uploads", "weft.cli.runs.lists", "weft.cli.server.accounts",
    "weft.cli.server.users", "weft.cli.settings.folder_settings", "weft.cli.artifacts.versions",
    "weft.wandb_gateway.graphql.documents", "weft.wandb_gateway.graphql.execution",
    "weft.sdk.reading.api", "weft.sync.by_hand.command", "weft.cli.sweeps", "psycopg",
    "weft.server.storage.clickhouse.engine",
    "weft.cli.imports.wandb_import", "weft.cli.imports.wandb_artifacts",
)  # fmt: skip


class ForkedProcess(subprocess.Popen[str]):
    """A process that is forked elsewhere; else as `Popen`, of which it takes the pipes."""

    def __init__(
        self,
        arguments: list[str],
        cwd: str | Path,
        environment: Mapping[str, str],
        forks: str | Path,
        sidecars: Path | None = None,
        before: str = "",
        **pipes: Any,
    ) -> None:
        self._before = before
        self._forks = forks
        self._sidecars = sidecars
        pipes = {"encoding": "utf-8", "errors": "replace", **pipes}
        super().__init__(arguments, cwd=cwd, env=environment, **pipes)

    def _execute_child(self, arguments: list[str], *more: Any) -> None:
        """Overrides how `Popen` starts a process, given both ends of its pipes."""
        cwd, environment = more[4:6]
        ends = dict(zip((0, 1, 2), (more[9], more[12], more[14]), strict=True))
        descriptors = {number: end for number, end in ends.items() if end != -1}
        self._socket = request_fork(
            self._forks, arguments, cwd, environment, descriptors, self._sidecars, self._before
        )
        getattr(self, "_close_pipe_fds")(*more[9:15])  # noqa: B009
        self._answers = self._socket.makefile("r")
        self.pid = int(self._answers.readline())

    def _try_wait(self, flags: int) -> tuple[int, int]:
        """Overrides how `Popen` calls `waitpid`, as the process is a child of another."""
        poll = select.poll()  # `select` takes no descriptor above 1023
        poll.register(self._socket, select.POLLIN)
        if not poll.poll(0 if flags & os.WNOHANG else None):
            return 0, 0
        code = int(self._answers.readline())
        self._answers.close()
        self._socket.close()
        return self.pid, code << 8 if code >= 0 else -code

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def fork_module(path: Path, *arguments: object) -> ForkedProcess:
    """A process that runs a file of Python over the server's modules, as a fork of the parent of
    servers: it may be killed at any moment, and most of its start would be imports."""
    words = [str(path), *map(str, arguments)]
    return ForkedProcess(words, path.parent, os.environ, forks(), stdout=1, stderr=2)


def run_forked(
    arguments: list[str],
    cwd: Path,
    environment: Mapping[str, str],
    timeout_secs: float,
    stdin: str = "",
    parent: Path | None = None,
    sidecars: Path | None = None,
    before: str = "",
) -> tuple[int, str, str]:
    """Run `weft ARGUMENTS`, or a script, to its end: exit status, stdout and stderr.

    Args:
        parent: what is forked; by default the parent of servers.
        sidecars: the parent of the sidecars that it starts, if they are forks too.
        before: Python that the process runs first.
    """
    with (
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
        tempfile.TemporaryFile() as typed,
    ):
        typed.write(stdin.encode())
        typed.seek(0)
        descriptors = {0: typed.fileno(), 1: stdout.fileno(), 2: stderr.fileno()}
        connection = request_fork(
            parent or forks(), arguments, cwd, environment, descriptors, sidecars, before
        )
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


_START_SECS: Final = 600
"""Longest wait for a parent that compiles all that it imports, on a busy machine."""


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
    command = [str(python), fork_parent.__file__, str(path), *imported]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, env=environment)
    owner = os.getpid()

    def end() -> None:
        if os.getpid() != owner:
            return  # a worker of the tests
        parent.kill()
        parent.wait()
        shutil.rmtree(folder)

    atexit.register(end)
    deadline = time.monotonic() + _START_SECS
    while not path.exists():
        if (status := parent.poll()) is not None:
            raise RuntimeError(f"the parent of servers ended at its start, with status {status}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"the parent of servers did not start in {_START_SECS} s")
        time.sleep(0.01)
    return path
