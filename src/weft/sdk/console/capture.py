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
from weft.records.record import Console, Record
from weft.sdk.console.output_file import OutputFile
from weft.sdk.console.taps import taps
from weft.sdk.console.terminal import MAX_COLUMNS, Line, Terminal
from weft.sdk.guard import Guard

if TYPE_CHECKING:
    from weft.records.redaction import Redactor

STREAMS: Final = ("stdout", "stderr")
OPEN_PER_SEC: Final = 2.0
OPEN_AT_ONCE: Final = 10
"""Open lines are written twice a second on average, and this often in a row after a pause: what a
script prints before it falls silent is then there."""


_MOST_COUNTED_LINES: Final = 1000

_RETURNS: Final = re.compile(r"(?<=\r)(?!\n)")
"""Where the cursor has gone back to the beginning of its line, to write over it."""


class ConsoleLog(Protocol):
    """Where lines go: the part of `History` that the capture needs."""

    @property
    def lock(self) -> RLock: ...  # pyright: ignore[reportGeneralTypeIssues]

    def append_record(self, make: Callable[[int], Record]) -> None: ...


class Capture:
    """See this module.

    Attributes:
        output: the file for people. None if another process of the run writes it.
        redacted: how many secrets were replaced, by kind.
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
        self._terminals: dict[str, Terminal] = {}
        self._waiting: list[tuple[str, str]] = []
        self._busy = False
        self._full_at = self._due_at = self._clock()

    def after_fork(self) -> None:
        """Begin anew in a forked child: its lines are its own, and `output.log` its parent's."""
        if self.output is not None:
            self.output.close()
            self.output = None
        self._begin()

    def listen(self) -> None:
        """Listen to the present `sys.stdout` and `sys.stderr`."""
        for name in STREAMS:
            stop = taps.add(name, self._listener(name))
            if stop is not None:
                self._stops.append(stop)

    def _listener(self, name: str) -> Callable[[str], None]:
        def listen(text: str) -> None:
            self.feed(name, text)

        return listen

    def feed(self, stream: str, text: str) -> None:
        """Record text of a stream. Never raises an error."""
        try:
            with self._log.lock:
                if self._busy:
                    # A signal handler or a warning prints amid another text of this thread.
                    self._waiting.append((stream, text))
                    return
                self._busy = True
                try:
                    self._take(stream, text)
                    while self._waiting:
                        self._take(*self._waiting.pop(0))
                finally:
                    self._busy = False
        except Exception as error:  # noqa: BLE001  never into the user's print
            self._warn(error)

    def say(self, text: str) -> None:
        """Record lines that are not printed, below the open line of `stdout`. Never raises."""
        with self._log.lock:
            terminal = self._terminals.get("stdout")
            is_amid = terminal is not None and terminal.is_amid_line
            self.feed("stdout", f"\n{text}" if is_amid else text)

    def flush(self) -> None:
        """Write unfinished lines, as at the end of the run. Never raises an error."""
        try:
            with self._log.lock:
                for stream, terminal in self._terminals.items():
                    for line in terminal.take_all():
                        self._write(stream, line, is_open=line.number == terminal.open_number)
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def flush_due(self) -> None:
        """Write unfinished lines if the last time was long enough ago."""
        try:
            with self._log.lock:
                if not self._busy:
                    self._write_open()
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def close(self) -> None:
        """Stop listening, and write the rest."""
        for stop in self._stops:
            stop()
        self._stops.clear()
        self.flush()
        with self._log.lock:
            if self.output is not None:
                for stream, terminal in self._terminals.items():
                    last = terminal.last_line()
                    if last.text:
                        self.output.put(stream, last.number, self._redact(stream, last))
                self.output.close()

    def _take(self, stream: str, text: str) -> None:
        terminal = self._terminals.get(stream)
        if terminal is None:
            terminal = self._terminals[stream] = Terminal()
        text = text if text.isascii() else _clean(text)
        if "\r" in text:
            for piece in _RETURNS.split(text):
                terminal.feed(piece)
                if piece.endswith("\r"):
                    self._hide_in_open(stream, terminal.open_line)
        else:
            terminal.feed(text)
        if "\n" in text or len(text) > MAX_COLUMNS:
            for line in terminal.take_finished():
                self._write(stream, line, is_open=False)
        if terminal.changed:
            self._write_open()

    def _write_open(self) -> None:
        now = self._clock()
        if now < self._due_at:
            return
        if not any(terminal.changed for terminal in self._terminals.values()):
            return
        # `_full_at` is when a pause will have been long enough for `OPEN_AT_ONCE` in a row.
        self._full_at = max(self._full_at, now) + 1 / OPEN_PER_SEC
        self._due_at = self._full_at - (OPEN_AT_ONCE - 1) / OPEN_PER_SEC
        for stream, terminal in self._terminals.items():
            for line in terminal.take_all():
                self._write(stream, line, is_open=line.number == terminal.open_number)

    def _write(self, stream: str, line: Line, *, is_open: bool) -> None:
        text, number = self._redact(stream, line), line.number
        self._log.append_record(lambda micros: Console(stream, number, micros, text))
        if self.output is not None and not is_open:
            self.output.put(stream, number, text)

    def _hide_in_open(self, stream: str, line: Line) -> None:
        """Redact a line that is about to be overwritten: what stays of a secret has no name."""
        redacted = self._redact(stream, line)
        if redacted != line.shown():
            line.text, line.styles = redacted, None

    def _redact(self, stream: str, line: Line) -> str:
        """The line without secrets, with its colors if it has none."""
        shown = line.shown()
        if self._redactor is None:
            if self._make_redactor is None:
                return shown
            self._redactor = self._make_redactor()
        # Colors may stand in the middle of a secret, or between it and its name.
        plain = shown if line.styles is None else line.text.rstrip(" ")
        text = self._redactor.line(plain)
        if text == plain:
            return shown
        if self._redactor.counts:
            if len(self._redacted_lines) >= _MOST_COUNTED_LINES:
                self._redacted_before = self.redacted
                self._redacted_lines.clear()
            self._redacted_lines[stream, line.number] = self._redactor.counts.copy()
            self._redactor.counts.clear()
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
