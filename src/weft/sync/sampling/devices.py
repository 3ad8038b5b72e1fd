"""The sidecar's end of the device process: starts, asks and ends it. Does I/O.

Drivers, network file systems and endpoints can take long or hang, even where no signal reaches
them. They are measured by a process that the sidecar never waits for.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from weft.sync.isolated import isolated_command
from weft.sync.messages import tell
from weft.sync.sampling import amd, apple, nvml, tpu
from weft.sync.sampling.settings import SamplingSettings
from weft.sync.sampling.source import Figures

RESTART_SECS: Final = 60.0
END_SECS: Final = 0.2

MACHINE: Final = b"machine\n"
PROCESS: Final = b"process\n"
"""The two questions: all figures, or only those about the training."""


class DeviceTask(msgspec.Struct, frozen=True):
    """The first line that the device process gets; `pid` is the root of the training's process
    tree.
    """

    pid: int
    settings: SamplingSettings


def has_devices(settings: SamplingSettings, root: Path = Path("/")) -> bool:
    """Whether there may be anything for a device process. Never calls a driver."""
    return bool(
        settings.endpoints
        or settings.disk_paths
        or nvml.may_be_there(root)
        or amd.cards(root / "sys")
        or tpu.may_be_there(root)
        or shutil.which(apple.TOOL)
    )


class Devices:
    """The device process of a sidecar, with `spawn.package_folders` on its path."""

    def __init__(self, task: DeviceTask, folders: Sequence[str]) -> None:
        self._task = task
        self._folders = folders
        self._answers: deque[Figures] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_asked = False
        self._is_useless = False
        self._start_secs = 0.0
        self._start()

    def ask(self, *, with_machine: bool) -> None:
        """Ask for a sample, with figures of the machine or without, and do not wait for it."""
        process = self._process
        if process is not None and process.poll() is not None:
            self._lose(process)
        if self._process is None and not self._is_useless:
            self._start()
        # An unanswered question means that it was stopped: more of them would fill the pipe.
        if self._process is None or self._is_asked:
            return
        self._is_asked = True
        self._send(MACHINE if with_machine else PROCESS)

    def take(self) -> Figures:
        """The figures measured since the last call."""
        figures: Figures = {}
        while self._answers:
            figures |= self._answers.popleft()
        return figures

    def close(self) -> None:
        """End the process, without waiting for one that hangs in its driver."""
        process, self._process = self._process, None
        if process is None:
            return
        _close_input(process)
        process.kill()
        try:
            process.wait(END_SECS)
        except subprocess.TimeoutExpired:
            tell("the device process hangs in a driver and is left behind")

    def _start(self) -> None:
        if time.monotonic() < self._start_secs:
            return
        self._start_secs = time.monotonic() + RESTART_SECS
        module = "weft.sync.sampling.device_process"
        try:
            process = subprocess.Popen(
                isolated_command(module, "weft-devices", self._folders),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        except OSError as error:
            tell(f"devices can't be measured: {error}")
            return
        self._process = process
        self._is_asked = False
        threading.Thread(target=self._read, args=[process], daemon=True).start()
        # The settings may contain secrets, and every user of the machine sees command lines.
        self._send(msgspec.json.encode(self._task) + b"\n")

    def _send(self, line: bytes) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended; the next question finds out

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is None:
            return
        decoder = msgspec.json.Decoder(Figures)
        with process.stdout:
            for line in process.stdout:
                try:
                    figures = decoder.decode(line)
                except msgspec.DecodeError:
                    continue  # a library printed it
                if figures:
                    self._answers.append(figures)
                else:
                    self._is_asked = False
        # `close` may have left it behind, and nothing else reaps it then.
        process.wait()

    def _lose(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        _close_input(process)
        self._is_useless = process.returncode == 0
        if not self._is_useless:
            tell(f"the device process ended ({process.returncode}): a new one will be started")


def _close_input(process: subprocess.Popen[bytes]) -> None:
    try:
        if process.stdin is not None:
            process.stdin.close()
    except OSError:
        pass  # it has ended, and a question was on its way
