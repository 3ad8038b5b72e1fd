"""Reads the trainer's control lines and detects its end. Runs in the sidecar; does I/O.

The wake pipe's end of file means that no further run follows. The process itself is watched too
(by pidfd if available, else by pid and start time), because a child that C code forked may keep
the pipe open.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from typing import Final

from weft.runlog.platform import PORTABLE, is_running
from weft.sync.control import Control, Start, decode_lines

_CHECK_SECS: Final = 1.0
_READ_BYTES: Final = 65536


class ParentWatch:
    """The trainer, seen from its sidecar through the wake pipe's read end.

    It has `ended` when it has exited or closed the pipe.
    """

    def __init__(self, fd: int) -> None:
        self.ended = False
        self._fd = fd
        self._unread = b""
        self._pid = 0
        self._pid_start = 0
        self._pidfd = -1
        self._next_check_secs = 0.0
        self._poll = None if PORTABLE or not hasattr(select, "poll") else select.poll()
        self._other_fds: frozenset[int] = frozenset()
        self._inbox: deque[Control] = deque()
        self._arrived = threading.Event()
        if self._poll is None:
            threading.Thread(target=self._read_forever, daemon=True).start()
        else:
            self._poll.register(fd, select.POLLIN)

    def start(self) -> tuple[Start, list[Control]] | None:
        """Wait for the Start line; returns it and the lines after it. None if none came."""
        while True:
            was_over = self.ended
            messages = self.wait(_CHECK_SECS)
            if messages and isinstance(messages[0], Start):
                self._follow(messages[0])
                return messages[0], messages[1:]
            if was_over:
                return None

    def wait(self, secs: float) -> list[Control]:
        """Wait at most `secs` for control lines, a wake or the trainer's end.

        After the trainer's end one more call returns what was still in the pipe.
        """
        if self._poll is None:
            if not self.ended:
                self._arrived.wait(secs)
                self._arrived.clear()
            messages: list[Control] = []
            while self._inbox:
                messages.append(self._inbox.popleft())
        elif self.ended:
            os.set_blocking(self._fd, False)
            messages = self._read()
        else:
            messages = self._read_polled(self._poll, secs)
        if self._pid and self._pidfd < 0 and time.monotonic() >= self._next_check_secs:
            self._next_check_secs = time.monotonic() + _CHECK_SECS
            self.ended = self.ended or not is_running(self._pid, self._pid_start)
        return messages

    def also(self, fds: frozenset[int]) -> None:
        """Also end a `wait` when one of these descriptors is readable; replaces earlier ones."""
        if self._poll is None:
            return
        for fd in self._other_fds - fds:
            self._poll.unregister(fd)
        for fd in fds - self._other_fds:
            self._poll.register(fd, select.POLLIN)
        self._other_fds = fds

    def _follow(self, start: Start) -> None:
        self._pid, self._pid_start = start.pid, start.pid_start
        opened = getattr(os, "pidfd_open", None)
        if self._poll is None or opened is None:
            return
        try:
            self._pidfd = opened(start.pid)
        except OSError:
            return  # it has ended or the kernel is too old: `is_running` checks it instead
        self._poll.register(self._pidfd, select.POLLIN)
        # The pidfd is opened by pid alone, which another process may have reused.
        self.ended = not is_running(start.pid, start.pid_start)

    def _read_polled(self, poll: select.poll, secs: float) -> list[Control]:
        messages: list[Control] = []
        for fd, _ in poll.poll(max(0.0, secs) * 1000):
            if fd == self._pidfd:
                self.ended = True
                poll.unregister(fd)
                os.set_blocking(self._fd, False)  # what it wrote last is still in the pipe
                messages += self._read()
            elif fd == self._fd and not self.ended:
                messages += self._read()
        return messages

    def _read(self) -> list[Control]:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except BlockingIOError:
            return []
        if not data:
            self.ended = True
        whole, newline, unread = (self._unread + data).rpartition(b"\n")
        self._unread = unread
        return decode_lines(whole) if newline else []

    def _read_forever(self) -> None:
        while not self.ended:
            self._inbox.extend(self._read())
            self._arrived.set()
