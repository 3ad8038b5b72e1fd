"""Runs on a real server, waited for and read back through `weft.Api`; the processes they leave.

with LiveServer(tmp_path) as live:
    run_script(tmp_path, "...", live.environment)
    assert live.ended("my-run").state == "finished"
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

import weft
from server_process import start_server, usual_port, wait_until
from weft.client.script_client import ScriptClient
from weft.errors import NotFound, Unavailable
from weft.sdk.reading.stored.run import StoredRun
from weft.sync.control import LOCK_FD
from weft.wire.runs.runs import stop_run

PROJECT = "tests"
OPEN_STATES = frozenset({"pending", "running", "preempting"})


class LiveServer:
    """A server, and an `Api` to it.

    Attributes:
        environment: what sends a script's runs there.
    """

    def __init__(self, folder: Path, *args: str, env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        # Bound, not listening: the server can listen there, and no other process is given the port
        # while it is down.
        self._held_port = socket.socket()
        self._held_port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held_port.bind(("127.0.0.1", usual_port()))
        self.port = int(self._held_port.getsockname()[1])
        self.process = start_server(folder, "--port", str(self.port), *args, env=env)
        self.url = self.process.url
        self.api = weft.Api(self.url, api_key=self.process.token)
        self.environment = {
            "WEFT_MODE": "online", "WEFT_BASE_URL": self.url, "WEFT_PROJECT": PROJECT
        }  # fmt: skip

    def run(self, run_id: str) -> StoredRun:
        return self.api.run(f"local/{PROJECT}/{run_id}")

    def has(self, run_id: str) -> bool:
        try:
            self.run(run_id)
        except (NotFound, Unavailable):
            return False
        return True

    def ended(self, run_id: str, *, secs: float = 60.0) -> StoredRun:
        """The run, once its state says that it has ended."""
        wait_until(
            lambda: self.has(run_id) and self.run(run_id).state not in OPEN_STATES,
            secs=secs,
            what=f"end of run {run_id}",
        )
        return self.run(run_id)

    def rows(self, run_id: str) -> list[dict[str, Any]]:
        return list(self.run(run_id).scan_history())

    def values(self, run_id: str, key: str) -> list[Any]:
        """A metric's values in all of a run's rows, in the order of its history."""
        return [row[key] for row in self.rows(run_id) if key in row]

    def stop(self, run_id: str) -> None:
        """Ask for a run's end, as the browser does."""
        with closing(ScriptClient(self.url, self.process.token)) as client:
            client.call(stop_run, "local", PROJECT, run_id)

    @contextmanager
    def held_up(self) -> Generator[None]:
        """While the block lasts the server takes connections and answers nothing."""
        self.process.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.process.send_signal(signal.SIGCONT)

    def start_again(self) -> None:
        """Start the server anew, after its process was stopped or killed, on the same port."""
        self.process = start_server(self.folder, "--port", str(self.port))

    def close(self) -> None:
        self.api.close()
        self.process.__exit__()
        self._held_port.close()

    def __enter__(self) -> LiveServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def sidecars() -> list[psutil.Process]:
    """Sidecars of this test's scripts that run now: they have its runtime folder."""
    own = os.environ["XDG_RUNTIME_DIR"]
    processes: list[psutil.Process] = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        try:
            if "weft-sidecar" in words:
                is_own = process.environ().get("XDG_RUNTIME_DIR") == own
            elif "weft.sync.process" in words:  # a fork, which shows its parent's environment
                lock = Path(f"/proc/{process.pid}/fd/{LOCK_FD}").readlink()
                is_own = lock.is_relative_to(own)
            else:
                continue
        except (OSError, psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if is_own:
            processes.append(process)
    return [process for process in processes if process.is_running()]


def kill_sidecars() -> None:
    """Kill the sidecars of this test's scripts; one may end by itself meanwhile."""
    for process in sidecars():
        with suppress(psutil.NoSuchProcess):
            process.kill()


def await_no_sidecar() -> None:
    """No process is left, or will be."""
    wait_until(lambda: not sidecars(), secs=60, what="end of the sidecars")
