"""Captures the console of one run in this process. Does I/O.

Receives text from `taps`, or from `Run.write_logs`, in the thread that prints; hands Console
records to the run log and finished lines to `output_file`. There is no thread, queue or pipe: a
line that was printed is durable when `print` returns.

An unfinished line, such as a progress bar, is written at most twice a second on average, and when
the run ends. Nothing here raises into `print`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from weft.errors import WeftError
from weft.sdk.console import MAX_COLUMNS
from weft.sdk.console.output_file import OutputFile
from weft.sdk.console.stream_lines import StreamLines
from weft.sdk.console.taps import taps
from weft.sdk.guard import Guard

if TYPE_CHECKING:
    from weft.records.secrets.redaction import Redactor
    from weft.sdk.console.terminal import Line

STREAMS: Final = ("stdout", "stderr")
OPEN_PER_SEC: Final = 2.0
OPEN_AT_ONCE: Final = 10
"""Open lines are written twice a second on average, and this often in a row after a pause: what a
script prints before it falls silent is then there."""


_MOST_COUNTED_LINES: Final = 1000

_RETURNS: Final = r"(?<=\r)(?!\n)"
"""The points where the cursor has returned to the beginning of its line, to write over it."""


if TYPE_CHECKING:

    class ConsoleLog(Protocol):
        """The target of lines: the part of `History` that the capture needs."""

        @property
        def lock(self) -> RLock: ...

        def append_line(self, stream: str, number: int, text: str) -> None: ...


class Capture:
    """The console output of one run in this process, on its way to the log.

    `output` is None if another process of the run writes it.
    """

    def __init__(
        self,
        log: ConsoleLog,
        guard: Guard,
        *,
        output: OutputFile | None = None,
        make_redactor: Callable[[], Redactor] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._log = log
        self._guard = guard
        self.output = output
        # Made at the first line: its patterns take milliseconds to load, which `init` saves.
        self._make_redactor = make_redactor
        self._redactor: Redactor | None = None
        # A progress bar is redacted each time it is written, and counts once.
        self._redacted_lines: dict[tuple[str, int], Counter[str]] = {}
        self._redacted_before: Counter[str] = Counter()
        self._clock = clock
        self._stops: list[Callable[[], None]] = []
        self._begin()

    @property
    def redacted(self) -> Counter[str]:
        return sum(self._redacted_lines.values(), self._redacted_before)

    def _begin(self) -> None:
        self._lock = self._log.lock
        self._streams = {name: StreamLines() for name in STREAMS}
        self._waiting: list[tuple[str, str]] = []
        self._busy = False
        self._full_at = self._due_at = self._clock()

    def after_fork(self) -> None:
        """Begin again in a forked child: its lines are its own, and `output.log` its parent's."""
        if self.output is not None:
            self.output.abandon()
            self.output = None
        self._begin()

    def listen(self) -> None:
        """Listen to the present `sys.stdout` and `sys.stderr`."""
        for name in STREAMS:
            stop = taps.add(name, self.listener(name))
            if stop is not None:
                self._stops.append(stop)

    def listener(self, stream: str) -> Callable[[str], None]:
        """Make the function that records what a stream prints. It never raises an error.

        `print` calls it twice for a line, first with its text: that is kept without a lock.
        """
        clock, record_text = self._clock, self.record_text

        def listen(text: str) -> None:
            if text == "\n" or clock() >= self._due_at or not self._streams[stream].add(text):
                record_text(stream, text)

        return listen

    def record_text(self, stream: str, text: str) -> None:
        """Record text of a stream. Never raises an error."""
        try:
            with self._lock:
                if self._busy:
                    # A signal handler or a warning prints amid another text of this thread.
                    self._waiting.append((stream, text))
                    return
                self._busy = True
                try:
                    line = self._streams[stream].end_line() if text == "\n" else None
                    if line is not None:
                        self._write_plain(stream, *line)
                    else:
                        self._record(stream, text)
                    if self._waiting:
                        self._record_waiting()
                finally:
                    self._busy = False
        except Exception as error:  # noqa: BLE001  never into the user's print
            self._warn(error)

    def record_lines(self, text: str) -> None:
        """Record lines that are not printed, below the open line of `stdout`. Never raises."""
        with self._lock:
            is_amid = self._streams["stdout"].is_amid_line
            self.record_text("stdout", f"\n{text}" if is_amid else text)

    def flush(self) -> None:
        """Write unfinished lines, as at the end of the run. Never raises an error."""
        try:
            with self._lock:
                self._write_changed()
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def flush_due(self) -> None:
        """Write unfinished lines, at most twice a second."""
        try:
            with self._lock:
                if not self._busy:
                    self._write_open()
                    if self.output is not None:
                        self.output.flush()
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def close(self) -> None:
        """Stop listening, and write the rest."""
        for stop in self._stops:
            stop()
        self._stops.clear()
        with self._lock:
            for lines in self._streams.values():
                if not lines.is_plain:
                    lines.terminal.end_sequence()
        self.flush()
        with self._lock:
            if self.output is not None:
                for stream, lines in self._streams.items():
                    if lines.is_plain and not lines.is_amid_line:
                        continue
                    lines.settle()
                    last = lines.terminal.last_line()
                    if last.text:
                        self.output.put(stream, last.number, self._redact(stream, last))
                self.output.close()

    def _record(self, stream: str, text: str) -> None:
        lines = self._streams[stream]
        ended = lines.take(text)
        if ended is None:
            self._record_controls(stream, lines, text if text.isascii() else _clean(text))
            return
        for number, plain in ended:
            self._write_plain(stream, number, plain)
        if lines.has_changed:
            self._write_open()

    def _record_waiting(self) -> None:
        while self._waiting:
            self._record(*self._waiting.pop(0))

    def _write_plain(self, stream: str, number: int, plain: str) -> None:
        """Write a line that has ended and has no styles."""
        shown = plain.rstrip(" ")
        if self._redactor is None or not self._redactor.passes(shown):
            shown = self._redact_text(stream, number, shown)
        self._log.append_line(stream, number, shown)
        if self.output is not None:
            self.output.put(stream, number, shown)

    def _record_controls(self, stream: str, lines: StreamLines, text: str) -> None:
        """Take text that needs a terminal."""
        terminal = lines.terminal
        if "\r" in text:
            for piece in re.split(_RETURNS, text):
                terminal.feed(piece)
                if piece.endswith("\r"):
                    self._hide_in_open(stream, terminal.open_line)
        else:
            terminal.feed(text)
        if "\n" in text or len(text) > MAX_COLUMNS:
            for line in terminal.take_finished():
                self._write_line(stream, line, is_open=False)
        if terminal.changed:
            self._write_open()
        lines.rest()

    def _write_open(self) -> None:
        now = self._clock()
        if now < self._due_at:
            return
        if not any(lines.has_changed for lines in self._streams.values()):
            return
        # `_full_at` is when a pause will have been long enough for `OPEN_AT_ONCE` in a row.
        self._full_at = max(self._full_at, now) + 1 / OPEN_PER_SEC
        self._due_at = self._full_at - (OPEN_AT_ONCE - 1) / OPEN_PER_SEC
        self._write_changed()

    def _write_changed(self) -> None:
        for stream, lines in self._streams.items():
            if not lines.has_changed:
                continue
            if lines.is_plain:
                number, text = lines.take_open()
                shown = self._redact_text(stream, number, text.rstrip(" "))
                self._log.append_line(stream, number, shown)
                continue
            terminal = lines.terminal
            for line in terminal.take_all():
                self._write_line(stream, line, is_open=line.number == terminal.open_number)

    def _write_line(self, stream: str, line: Line, *, is_open: bool) -> None:
        text = self._redact(stream, line)
        self._log.append_line(stream, line.number, text)
        if self.output is not None and not is_open:
            self.output.put(stream, line.number, text)

    def _hide_in_open(self, stream: str, line: Line) -> None:
        """Redact a line that is about to be overwritten: what stays of a secret has no name."""
        redacted = self._redact(stream, line)
        if redacted != line.shown():
            line.text, line.styles = redacted, None

    def _redact(self, stream: str, line: Line) -> str:
        """The line without secrets, with its colors if it has none."""
        if line.styles is None:
            return self._redact_text(stream, line.number, line.shown())
        # Colors may stand in the middle of a secret, or between it and its name.
        plain = line.text.rstrip(" ")
        text = self._redact_text(stream, line.number, plain)
        return line.shown() if text == plain else text

    def _redact_text(self, stream: str, number: int, plain: str) -> str:
        """A line's text without secrets."""
        redactor = self._redactor
        if redactor is None:
            if self._make_redactor is None:
                return plain
            redactor = self._redactor = self._make_redactor()
        text = redactor.line(plain)
        if text != plain and redactor.counts:
            if len(self._redacted_lines) >= _MOST_COUNTED_LINES:
                self._redacted_before = self.redacted
                self._redacted_lines.clear()
            self._redacted_lines[stream, number] = redactor.counts.copy()
            redactor.counts.clear()
        return text

    def _warn(self, error: Exception) -> None:
        try:
            self._guard.warn("console", f"console output can't be recorded: {error}")
        except (WeftError, RecursionError):
            pass  # even in a strict run, `print` does not fail


def _clean(text: str) -> str:
    """Return text that UTF-8 can encode: bytes that were no UTF-8 become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="surrogatepass").decode(errors="replace")
    return text
