"""A real `weft server` (or `weft ui`) in a process of its own, for tests.

    with start_server(tmp_path) as server:
        httpx.get(f"{server.url}/healthz")

It listens on a free port (see `listening_on`), keeps its data in `tmp_path/data` and its XDG
folders below `tmp_path`, so no test meets another's server, nor the user's.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path

from free_port import free_port
from server_forks import ForkedProcess, changes_start, forks

READY = re.compile(r"^weft: serving (https?://\S+)")
START_DEADLINE_SECS = 120.0


_open_servers: weakref.WeakSet[ServerProcess] = weakref.WeakSet()


_usual_port = 0


@contextlib.contextmanager
def listening_on(port: int) -> Generator[None]:
    """Let servers that start in the block listen on a port while no other of them does."""
    global _usual_port
    before, _usual_port = _usual_port, port
    try:
        yield
    finally:
        _usual_port = before


def usual_port() -> int:
    """The port of `listening_on`; 0 outside of it, and while a server has that port."""
    end = f":{_usual_port}"
    return 0 if any((server._url or "").endswith(end) for server in _open_servers) else _usual_port


def ended_servers() -> Iterator[tuple[int, str]]:
    """The exit codes and last lines of servers that ended though no test ended them."""
    for server in list(_open_servers):
        if server.has_ended:
            yield server.process.returncode, "".join(server.lines[-200:])


class ServerProcess:
    """A running server.

    Attributes:
        url: such as `http://127.0.0.1:40123`.
        data: its data directory.
        environment: what it was started with; pass it to clients that shall find it.
    """

    def __init__(
        self,
        arguments: list[str],
        *,
        data: Path,
        cwd: Path,
        environment: dict[str, str],
        is_forked: bool = False,
        before: str = "",
    ) -> None:
        """Start it.

        Args:
            arguments: the command line, or what follows `weft` if it is forked.
            is_forked: see `server_forks`.
            before: Python that a fork runs first.
        """
        self.data = data
        self.environment = environment
        self.lines: list[str] = []
        self._ready = threading.Event()
        self._url: str | None = None
        self.process: subprocess.Popen[str]
        if is_forked:
            self.process = ForkedProcess(
                arguments, cwd, environment, forks(), before=before, stderr=subprocess.PIPE
            )
        else:
            self.process = subprocess.Popen(
                arguments, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True
            )
        _open_servers.add(self)
        self._reader = threading.Thread(target=self._read_stderr, daemon=True)
        self._reader.start()
        if not self._ready.wait(START_DEADLINE_SECS) or self._url is None:
            self.kill()
            raise RuntimeError(f"the server did not start:\n{self.stderr}")

    def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            match = READY.match(line)
            if match:
                self._url = match[1]
                self._ready.set()
        self._ready.set()  # end of file: it has died, or will never say

    @property
    def url(self) -> str:
        assert self._url is not None
        return self._url

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def has_token(self) -> bool:
        return (self.data / "token").exists()

    @property
    def token(self) -> str:
        return (self.data / "token").read_text().strip()

    @property
    def stderr(self) -> str:
        return "".join(self.lines)

    @property
    def has_ended(self) -> bool:
        """Whether the process has ended by itself."""
        return self in _open_servers and self.process.poll() is not None

    def stop(self, timeout_secs: float = 60.0) -> int:
        """End it as Ctrl-C or systemd would; the exit code."""
        _open_servers.discard(self)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout_secs)
        self._close()
        return code

    def kill(self) -> None:
        """End it without a chance to clean up."""
        _open_servers.discard(self)
        self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        self._reader.join(5.0)
        if self.process.stderr is not None:
            self.process.stderr.close()

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.stop()
        if self.process.poll() is None:
            self.kill()


def start_server(
    tmp_path: Path,
    *args: str,
    env: Mapping[str, str] | None = None,
    command: str = "server",
    own: bool = False,
    n_descriptors: int | None = None,
    before: str = "",
    is_forked: bool = True,
) -> ServerProcess:
    """Start a server on a free port and wait until it says that it serves.

    Args:
        tmp_path: `data/` and the XDG folders are made here; start again with the same `tmp_path`
            to find the same data. Without `--data` in `args`, `tmp_path/data` is the directory.
        args: further arguments of the command.
        env: further environment variables.
        command: `server` or `ui`.
        own: on the default data directory, where the user's scripts find it by themselves.
        before: Python that the server's process runs first, to shorten an interval of it.
        n_descriptors: how many it may have open (`ulimit -n`).
        is_forked: whether it may be a fork, see `server_forks`; not where `before` changes a name
            that other modules of weft import, as those of a fork have it by then.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("WEFT_", "XDG_"))
    }
    for variable in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        folder = tmp_path / "xdg" / variable.lower()
        folder.mkdir(parents=True, exist_ok=True)
        environment[variable] = str(folder)
    environment.update(env or {})
    if n_descriptors is not None:
        bound = f"resource.setrlimit(resource.RLIMIT_NOFILE, ({n_descriptors}, {n_descriptors}))"
        before = f"import resource; {bound}\n{before}"
    run = ["-m", "weft.cli.main"]
    if before:
        run = [
            "-c",
            f"{before}\nimport runpy\nrunpy.run_module('weft.cli.main', None, '__main__')",
        ]
    is_forked = is_forked and not changes_start(env or {})
    arguments = [command, *args] if is_forked else [sys.executable, *run, command, *args]
    if "--port" not in args:
        arguments += ["--port", str(usual_port() or free_port())]
    data = tmp_path / "data"
    if "--data" in args:
        data = Path(args[args.index("--data") + 1])
    elif own:
        data = Path(environment["XDG_DATA_HOME"], "weft")
    elif command == "server":
        arguments += ["--data", str(data)]
    if command == "ui" and "--no-browser" not in args:
        arguments.append("--no-browser")
    return ServerProcess(
        arguments,
        data=data,
        cwd=tmp_path,
        environment=environment,
        is_forked=is_forked,
        before=before,
    )


def wait_until(condition: object, *, secs: float = 60.0, what: str = "condition") -> object:
    """Call `condition` until it gives something true; that is the result."""
    assert callable(condition)
    deadline = time.monotonic() + secs
    pause_secs = 0.02
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} not met within {secs} s")
        time.sleep(pause_secs)
        # to ask costs time, of which what is waited for may be short
        pause_secs = min(1.2 * pause_secs, 0.2)
