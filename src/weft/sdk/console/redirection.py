"""Sends the descriptors 1 and 2 of this process through a relay process. Does I/O.

What any code writes there, C libraries and child processes included, reaches the relay
(`console.relay`), which prints it where it would have gone and records it in a log of its own. A
terminal is replaced by a pseudo-terminal of the same size, anything else by a pipe.

No failure of the relay stops the script: a thread of this process, which does nothing but wait for
the relay's death, then puts the descriptors back and prints what was on the way.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
from pathlib import Path
from typing import Final

import msgspec

from weft.sdk.console.unseekable import hide_position
from weft.sync.isolated import isolated_command, spawn_detached
from weft.sync.spawn import package_folders

if sys.platform != "win32":
    import fcntl
    import termios

DESCRIPTORS: Final = {"stdout": 1, "stderr": 2}
FINISH_SECS: Final = 2.0
"""Longest wait of `close` for the relay's record of what was printed."""

_MOST_ANSWER_BYTES: Final = 4096
"""At most so much is written to a pipe, and read from it, at once."""

_SAY_CHARS: Final = 600
"""A text is sent in pieces that a pipe takes whole, as several processes may send."""

FIRST_DATA_FD: Final = 3
ANSWER_FD: Final = 7


class RelayTask(msgspec.Struct, frozen=True):
    """The task of the relay: the first line it receives.

    `output` is None if another process of the run writes `output.log`. Streams are in the order of
    their descriptors from `FIRST_DATA_FD`.
    """

    log: str
    output: str | None
    streams: list[str]
    patterns: list[str]
    is_redacted: bool


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Record a text that is not printed."""

    text: str


class Finish(msgspec.Struct, frozen=True, tag="finish"):
    """Record the text that was printed, close the log, and continue printing."""


Message = Say | Finish


class Recorded(msgspec.Struct, frozen=True):
    """The relay's answer when its log is complete: the number of replaced secrets by kind."""

    redacted: dict[str, int]


class Redirection:
    """The descriptors 1 and 2 of this process while they lead to a relay process.

    The descriptors are redirected from the constructor to `close`. Then `redacted`, secrets by
    kind, is known. After an OSError, nothing was changed.
    """

    def __init__(
        self, log: Path, output: Path | None, patterns: list[str], *, is_on: bool
    ) -> None:
        self._pid = os.getpid()
        self._is_recorded = threading.Event()
        self.redacted: dict[str, int] = {}
        self._lock = threading.Lock()
        self._is_back = False
        opened: list[int] = []
        ends: dict[str, tuple[int, int]] = {}
        try:
            for name, fd in DESCRIPTORS.items():
                pair = _open_pair(fd)
                if pair is not None:
                    ends[name] = pair
                    opened += pair
            if not ends:
                raise OSError("neither standard output nor standard error is open")
            control = os.pipe()
            opened += control
            answer = os.pipe()
            opened += answer
            task = RelayTask(
                str(log), None if output is None else str(output), list(ends), patterns, is_on
            )
            os.write(control[1], msgspec.json.encode(task) + b"\n")
            _spawn([read for read, _ in ends.values()], control[0], answer[1])
            self._before = {name: _keep(DESCRIPTORS[name]) for name in ends}
        except (OSError, ValueError):
            for fd in opened:
                os.close(fd)
            raise
        os.close(control[0])
        os.close(answer[1])
        self._control, self._answer = control[1], answer[0]
        # The reading ends stay open here too: until the descriptors are back, what is written
        # after the relay's death waits in them and is not a broken pipe.
        self._reads = {name: read for name, (read, _) in ends.items()}
        self._identities: dict[str, tuple[int, int]] = {}
        _flush_streams()
        for name, (_, write) in ends.items():
            os.dup2(write, DESCRIPTORS[name])
            os.close(write)
            self._identities[name] = _identity(DESCRIPTORS[name])
        streams = [sys.stdout if name == "stdout" else sys.stderr for name in ends]
        self._shows = [hide_position(stream) for stream in streams]
        threading.Thread(target=self._watch, name="weft-relay-watch", daemon=True).start()

    def say(self, text: str) -> None:
        """Record a text without printing it.

        A forked child may call it too. OSError if the relay is gone.
        """
        for start in range(0, len(text), _SAY_CHARS):
            message = Say(text[start : start + _SAY_CHARS])
            os.write(self._control, msgspec.json.encode(message) + b"\n")

    def leave(self) -> None:
        """In a forked child: what it prints still goes to the relay; the rest is its parent's."""
        self._is_back = True
        for fd in (*self._reads.values(), *self._before.values(), self._answer):
            os.close(fd)

    def close(self) -> bool:
        """Wait until the relay has recorded what was printed, and put the descriptors back.

        False if it has not.
        """
        if os.getpid() != self._pid:
            return True
        _flush_streams()
        try:
            os.write(self._control, msgspec.json.encode(Finish()) + b"\n")
            is_recorded = self._is_recorded.wait(FINISH_SECS)
        except OSError:
            is_recorded = False
        self._put_back()
        os.close(self._control)
        return is_recorded

    def _watch(self) -> None:
        """Wait for the relay's end. If it comes too early, take over its printing."""
        with contextlib.suppress(OSError):
            answer = os.read(self._answer, _MOST_ANSWER_BYTES)
            if answer:
                self.redacted = msgspec.json.decode(answer, type=Recorded).redacted
                self._is_recorded.set()
                os.read(self._answer, 1)
        # Waiting text comes before the script's next text. The relay ends by itself once no
        # process holds a writing end: then nothing waits.
        self._print_rest(is_waiting=False)
        self._put_back()
        self._print_rest(is_waiting=True)
        for fd in (*self._reads.values(), *self._before.values(), self._answer):
            os.close(fd)

    def _put_back(self) -> None:
        """Give each descriptor what it had, unless the script has redirected it since."""
        with self._lock:
            if self._is_back:
                return
            self._is_back = True
            for name, before in self._before.items():
                fd = DESCRIPTORS[name]
                with contextlib.suppress(OSError):
                    if _identity(fd) == self._identities[name]:
                        os.dup2(before, fd)
            for show in self._shows:
                show()

    def _print_rest(self, *, is_waiting: bool) -> None:
        """Print what a dead relay has not.

        Child processes may still write to their copies: `is_waiting`.
        """
        poller = select.poll()
        targets = {read: self._before[name] for name, read in self._reads.items()}
        for read in targets:
            poller.register(read, select.POLLIN)
        while targets and (ready := poller.poll(None if is_waiting else 0)):
            for read, _ in ready:
                try:
                    data = os.read(read, 65_536)
                    write_all(targets[read], data)
                except (
                    OSError
                ):  # a pseudo-terminal without writers, or no process reads the output
                    data = b""
                if not data:
                    poller.unregister(read)
                    del targets[read]


def write_all(fd: int, data: bytes) -> None:
    """Write all bytes, also to a descriptor that does not block.

    OSError if no process reads it.
    """
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            poll = select.poll()  # `select` takes no descriptor above 1023
            poll.register(fd, select.POLLOUT)
            poll.poll()


def copy_size(source: int, target: int) -> None:
    """Give a pseudo-terminal the size of a terminal."""
    size = fcntl.ioctl(source, termios.TIOCGWINSZ, b"\0" * 8)
    fcntl.ioctl(target, termios.TIOCSWINSZ, size)


def _open_pair(fd: int) -> tuple[int, int] | None:
    """Open the reading and the writing end that replace a descriptor; None if it is closed."""
    try:
        is_terminal = os.isatty(fd)
        os.fstat(fd)
    except OSError:
        return None
    if not is_terminal:
        return os.pipe()
    read, write = os.openpty()
    with contextlib.suppress(OSError, termios.error):
        # The real terminal turns "\n" into "\r\n"; the relay must get what the script wrote.
        mode = termios.tcgetattr(fd)
        mode[1] &= ~termios.OPOST
        mode[3] &= ~termios.ECHO
        termios.tcsetattr(write, termios.TCSANOW, mode)
        copy_size(fd, read)
    return read, write


def _keep(fd: int) -> int:
    """Duplicate a descriptor to a high number that child processes don't inherit."""
    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)


def _identity(fd: int) -> tuple[int, int]:
    status = os.fstat(fd)
    return status.st_dev, status.st_ino


def _flush_streams() -> None:
    """Pass on what Python and the C library hold back."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    with contextlib.suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).fflush(None)


def _spawn(reads: list[int], control: int, answer: int) -> None:
    """Start the relay. It shares the standard output and error of this process."""
    command = isolated_command("weft.sdk.console.relay", "weft-relay", package_folders())
    data = dict(enumerate(reads, FIRST_DATA_FD))
    if not spawn_detached(command, {0: control, **data, ANSWER_FD: answer}):
        raise OSError("this system can't start a relay process")
