"""Stops the renderers of a test's browsers for a part of each moment: their pages are slower then.

Chromium's own throttle keeps two threads of each open page spinning, also of one that waits, so
that a few pages take both processors from the server that they wait for.

Usage: slow_pages.py PID RATE     PID: of the process whose descendants the browsers are.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

PERIOD_SECS: Final = 0.02
LOOKS_EVERY_SECS: Final = 0.2


@contextlib.contextmanager
def slow_pages(rate: float) -> Generator[None]:
    """Let pages of browsers that this process starts run `rate` times slower within the block."""
    command = [sys.executable, "-S", "-E", __file__, str(os.getpid()), str(rate)]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(30) == 0


def renderers_below(pid: int) -> list[int]:
    """Process ids of Chromium's renderers among the descendants of a process."""
    parents: dict[int, int] = {}
    renderers: list[int] = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            number = int(folder.name)
            parents[number] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                renderers.append(number)

    def is_below(number: int | None) -> bool:
        while number is not None and number != pid:
            number = parents.get(number)
        return number == pid

    return [number for number in renderers if is_below(number)]


def send_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def main(pid: int, rate: float) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    renderers: list[int] = []
    last_look = 0.0
    try:
        while os.getppid() == pid:
            if time.monotonic() - last_look >= LOOKS_EVERY_SECS:
                last_look, renderers = time.monotonic(), renderers_below(pid)
            send_all(renderers, signal.SIGSTOP)
            time.sleep(PERIOD_SECS * (1 - 1 / rate))
            send_all(renderers, signal.SIGCONT)
            time.sleep(PERIOD_SECS / rate)
    finally:
        send_all(renderers, signal.SIGCONT)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
