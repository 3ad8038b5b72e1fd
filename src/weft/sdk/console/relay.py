"""The relay process of a redirected console: prints what it receives, and records it. Does I/O.

Started by `redirection` with the script's standard output and error as its own. It receives the
script's output by pipes or pseudo-terminals, writes it on at once, and keeps its lines in a log of
its own, whose parent is the run's main writer.

It ignores Ctrl-C and lives as long as any process holds its pipes: child processes may print after
the run's end, and that is printed, but no longer recorded.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from codecs import getincrementaldecoder
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import CorruptLog
from weft.records.record import Console, Exit, Run
from weft.records.secrets.redaction import Redactor
from weft.runlog.child_log import make_child_log
from weft.runlog.reader import read_header, read_records
from weft.sdk.console.capture import Capture
from weft.sdk.console.output_file import OutputFile
from weft.sdk.console.redirection import (
    ANSWER_FD,
    DESCRIPTORS,
    FIRST_DATA_FD,
    Finish,
    Message,
    Recorded,
    RelayTask,
    copy_size,
    write_all,
)
from weft.sdk.guard import Guard

TICK_SECS: Final = 0.5
_READ_BYTES: Final = 65_536


class RelayLog:
    """The log that the relay's lines go to."""

    def __init__(self, main_log: Path) -> None:
        header = read_header(main_log)
        run = next((record for record in read_records(main_log) if isinstance(record, Run)), None)
        if header is None or run is None:
            raise CorruptLog(f"{main_log} has no header")
        self._writer = make_child_log(main_log.parent, header, run, "console")
        self.lock = self._writer.lock

    def append_line(self, stream: str, number: int, text: str) -> None:
        """Append a console line."""
        self._writer.append(Console(stream, number, self._writer.micros(), text))

    def close(self) -> None:
        self._writer.append(Exit(self._writer.micros(), 0))
        self._writer.close()


class Relay:
    """The streams of a redirected console, each with its target, and the log of their lines."""

    def __init__(self, task: RelayTask) -> None:
        self._streams = dict(enumerate(task.streams, FIRST_DATA_FD))
        utf8 = getincrementaldecoder("utf-8")
        self._decoders = {fd: utf8(errors="replace") for fd in self._streams}
        self._terminals = [fd for fd in self._streams if os.isatty(fd)]
        self._open_targets = set(self._streams)
        self._unread = bytearray()
        self._log: RelayLog | None = None
        self._capture: Capture | None = None
        with contextlib.suppress(OSError, CorruptLog):  # then it only prints
            self._log = RelayLog(Path(task.log))
            self._capture = Capture(
                self._log,
                Guard(silent=True),
                output=None if task.output is None else OutputFile(Path(task.output)),
                make_redactor=lambda: Redactor(task.patterns, is_on=task.is_redacted),
            )
        for fd in self._streams:
            os.set_blocking(fd, False)

    def run(self, control: int) -> None:
        """Relay until no process holds the script's ends."""
        poller = select.poll()
        for fd in (*self._streams, control):
            poller.register(fd, select.POLLIN)
        reading = set(self._streams)
        while reading:
            for fd, _ in poller.poll(TICK_SECS * 1000):
                if fd == control:
                    if not self._obey(control):
                        poller.unregister(control)
                elif not self._pass_on(fd):
                    poller.unregister(fd)
                    reading.discard(fd)
            self._tick()
        self._finish()

    def _pass_on(self, fd: int) -> bool:
        """Print and record what a stream has; whether more can come."""
        try:
            data = os.read(fd, _READ_BYTES)
        except BlockingIOError:
            return True
        except OSError:  # how a pseudo-terminal ends
            data = b""
        if data and fd in self._open_targets:
            try:
                write_all(DESCRIPTORS[self._streams[fd]], data)
            except OSError:
                # Whoever read the output has gone (`train | head`); it is still recorded.
                self._open_targets.discard(fd)
        if self._capture is not None:
            text = self._decoders[fd].decode(data, final=not data)
            if text:
                self._capture.record_text(self._streams[fd], text)
        return bool(data)

    def _obey(self, control: int) -> bool:
        """Do what the script asks for; whether more can come."""
        data = os.read(control, _READ_BYTES)
        self._unread += data
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            message = msgspec.json.decode(line, type=Message)
            if isinstance(message, Finish):
                self._drain()
                self._finish()
            elif self._capture is not None:
                self._drain()
                self._capture.record_lines(message.text)
        return bool(data)

    def _drain(self) -> None:
        """Pass on what the script wrote before it asked for something."""
        for fd in self._streams:
            ready = select.poll()
            ready.register(fd, select.POLLIN)
            while ready.poll(0) and self._pass_on(fd):
                pass

    def _tick(self) -> None:
        if self._capture is not None:
            self._capture.flush_due()
        for fd in self._terminals:
            with contextlib.suppress(OSError):
                copy_size(DESCRIPTORS[self._streams[fd]], fd)

    def _finish(self) -> None:
        """Close the log; what comes later is only printed."""
        capture, self._capture = self._capture, None
        log, self._log = self._log, None
        if capture is not None:
            capture.close()
        if log is not None:
            log.close()
            redacted = {} if capture is None else dict(capture.redacted)
            with contextlib.suppress(OSError):
                os.write(ANSWER_FD, msgspec.json.encode(Recorded(redacted)))


def main() -> int:
    """Run as the relay; the task is the first line of standard input."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return 1
        line += byte
    Relay(msgspec.json.decode(line, type=RelayTask)).run(0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
