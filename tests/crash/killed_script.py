"""A script that is killed with the processes around it: its sidecar, file worker and server."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from files_at_work import file_workers
from server_process import ServerProcess, wait_until
from weft.runlog.layout import ensure_runtime_directory, sidecar_lock_path, sidecar_status_path
from weft.runlog.lock import is_locked
from weft.runlog.platform import is_running, process_start_time
from weft.sync.status import StatusPage
from weft_command import run_weft

VICTIMS = ("client", "sidecar", "worker", "server")


Kills = list[tuple[str, float]]
"""Who was killed, and when, in seconds after the start of the script or of its sidecar."""


class KilledScript:
    """One script, and the processes around it.

    Args:
        arguments: of the interpreter: the script and what it takes.
    """

    def __init__(
        self, folder: Path, server: ServerProcess, run_id: str, arguments: list[str]
    ) -> None:
        self.folder = folder
        self.server = server
        self.run_id = run_id
        self.environment = server.environment | {
            "WEFT_BASE_URL": server.url,
            "WEFT_DIR": str(folder),
            "WEFT_SILENT": "true",
        }
        self._errors = folder / f"{run_id}.stderr"
        with self._errors.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        self.start_time = process_start_time(self.process.pid) or 0

    def sidecar_pid(self) -> int | None:
        runtime = ensure_runtime_directory()
        path = sidecar_status_path(runtime, self.process.pid, self.start_time)
        try:
            page = StatusPage(path)
        except OSError:
            return None
        status = page.read()
        page.close()
        return status.pid if status else None

    def worker_pid(self) -> int | None:
        sidecar = self.sidecar_pid()
        try:
            workers = file_workers(psutil.Process(sidecar)) if sidecar else []
            return workers[0].pid if workers else None
        except psutil.NoSuchProcess:
            return None

    def kill(self, victim: str) -> bool:
        if victim == "client":
            if self.process.poll() is not None:
                return False
            self.process.kill()
            self.process.wait()
            return True
        find = {"server": lambda: self.server.pid, "worker": self.worker_pid}
        pid = find.get(victim, self.sidecar_pid)()
        if not pid:
            return False
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        if victim == "server":
            self.server.kill()
        return True

    def sidecar_alive(self) -> bool:
        runtime = ensure_runtime_directory()
        return is_locked(sidecar_lock_path(runtime, self.process.pid, self.start_time))

    def kill_at_random(
        self,
        chance: random.Random,
        latest_secs: float,
        restart: Callable[[], ServerProcess],
    ) -> Kills:
        """Kill some of the processes at random moments, then wait for the end of all.

        The moments count from the start of the script, or, three times out of four, from that of
        its sidecar: on a busy machine only few moments of the first kind have one.

        Args:
            restart: starts the server again at the same port.
        """
        victims = [victim for victim in VICTIMS if chance.random() < 0.5] or ["client"]
        chance.shuffle(victims)
        if chance.random() < 0.75:
            wait_until(
                lambda: self.sidecar_pid() or self.process.poll() is not None,
                what=f"the start of the sidecar of {self.run_id}",
            )
        begin = time.monotonic()
        moments = sorted(chance.uniform(0.02, latest_secs) for _ in victims)
        killed: list[tuple[str, float]] = []
        for victim, moment in zip(victims, moments, strict=True):
            time.sleep(max(0.0, begin + moment - time.monotonic()))
            if self.kill(victim):
                killed.append((victim, moment))
            if victim == "server":
                self.server = restart()
        self.wait()
        return killed

    def wait(self) -> None:
        """Wait for the end of the script and of its sidecar."""
        code = self.process.wait(timeout=120)
        text = self._errors.read_text(errors="replace")
        assert code in {0, -signal.SIGKILL}, f"{self.run_id} ended with {code}: {text}"
        wait_until(lambda: not self.sidecar_alive(), secs=120, what="the sidecar's end")

    def assert_ended(self) -> None:
        """No process of it is left."""
        assert not is_running(self.process.pid, self.start_time)

    def sync_by_hand(self) -> None:
        environment = self.environment | {"WEFT_BASE_URL": self.server.url}
        done = run_weft("sync", self.folder / "weft", env=environment)
        assert done.exit_code == 0, done.stderr


def count(kills: Kills, victims: Counter[str], moments: Counter[str]) -> None:
    """Add kills to the tallies that a test prints."""
    for victim, moment in kills:
        victims[victim] += 1
        moments[f"{moment // 0.2 * 0.2:.1f}-{moment // 0.2 * 0.2 + 0.2:.1f} s"] += 1


def assert_nothing_is_lost_or_left(server: ServerProcess) -> None:
    """No file lacks its content, and after gc no content is without a file."""

    def ask(path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = httpx.post(f"{server.url}/api/v1/server/{path}", json=body, timeout=120)
        last: dict[str, Any] = json.loads(answer.raise_for_status().text.splitlines()[-1])
        return last["result"]

    ask("gc", {})
    assert ask("check")["problems"] == []
    again = ask("gc", {})
    assert (again["blobs"], again["drafts"]) == ({"n": 0, "n_bytes": 0}, {"n": 0, "n_bytes": 0})
