"""A real Jupyter kernel whose cells a test runs, as a notebook's front end would.

with Kernel(tmp_path, environment) as kernel:
    kernel.run("import weft; run = weft.init()").html
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

from sdk_script import script_environment

CELL_SECS = 60.0


@dataclass
class Cell:
    """The output of a cell.

    Attributes:
        html: HTML blocks, in order.
        stdout, stderr: text.
        error: the exception's name; '' = it ended well.
    """

    html: list[str] = field(default_factory=list[str])
    stdout: str = ""
    stderr: str = ""
    error: str = ""


class Kernel:
    """A kernel in a process of its own, working in `folder`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        # Ports would be chosen free here and bound by the kernel later, if they still are. The
        # path of a socket may have a hundred characters.
        self._sockets = tempfile.TemporaryDirectory(prefix="weft-kernel-")
        self._manager: Any = KernelManager(
            transport="ipc", ip=str(Path(self._sockets.name) / "kernel")
        )
        # a busy machine may need longer to end a run than the 5 s after which a kernel is killed
        self._manager.shutdown_wait_time = CELL_SECS
        self._manager.kernel_cmd = [
            sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"
        ]  # fmt: skip
        ipython = {"IPYTHONDIR": str(folder / ".ipython"), "JUPYTER_PLATFORM_DIRS": "1"}
        self._manager.start_kernel(
            cwd=str(folder), env=script_environment({**environment, **ipython})
        )
        self._connect()

    def _connect(self) -> None:
        self._client: Any = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=CELL_SECS)

    @property
    def pid(self) -> int:
        return self._manager.provisioner.pid

    def run(self, code: str) -> Cell:
        """Run a cell and wait for its end."""
        cell = Cell()

        def collect(message: dict[str, Any]) -> None:
            content = message["content"]
            kind = message["msg_type"]
            if kind == "stream" and content["name"] == "stdout":
                cell.stdout += content["text"]
            elif kind == "stream":
                cell.stderr += content["text"]
            elif kind in {"display_data", "execute_result"}:
                cell.html.append(content["data"].get("text/html", ""))
                if kind == "execute_result" and "text/html" not in content["data"]:
                    cell.stdout += content["data"].get("text/plain", "")
            elif kind == "error":
                cell.error = content["ename"]

        self._client.execute_interactive(
            code, output_hook=collect, timeout=CELL_SECS, allow_stdin=False
        )
        return cell

    def interrupt_after(self, code: str, started: Path) -> Cell:
        """Run a cell, and interrupt it once it has made the file `started`."""

        def press() -> None:
            while not started.exists():
                time.sleep(0.01)
            os.kill(self.pid, signal.SIGINT)  # what the button "Interrupt" comes to

        thread = threading.Thread(target=press, daemon=True)
        thread.start()
        cell = self.run(code)
        thread.join(CELL_SECS)
        return cell

    def restart(self) -> None:
        """Do the same as the button "Restart"."""
        self._client.stop_channels()
        self._manager.restart_kernel(now=False)
        self._connect()

    def shut_down(self, *, now: bool = False) -> None:
        """End it; `now` = kill it."""
        if self._manager.has_kernel:
            self._client.stop_channels()
            self._manager.shutdown_kernel(now=now)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.shut_down()
        self._manager.cleanup_resources()
        self._sockets.cleanup()
