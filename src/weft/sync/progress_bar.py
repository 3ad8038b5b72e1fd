"""Shows how much of logs or of an artifact is moved. Does I/O: writes to stderr."""

from __future__ import annotations

import sys
import time
from typing import Final

from weft.records.sizes import shown_progress, shown_size

BAR_SECS: Final = 0.2
BAR_CHARS: Final = 30

_RATE_SECS: Final = 1.0
"""The time after which a rate means something."""


class ProgressBar:
    """A progress line on a terminal, with `what` it is about; prints nothing elsewhere.

    Totals are 0 if unknown, or if files are not counted. The number of runs is shown if there are
    several.
    """

    def __init__(self, label: str = "", *, is_shown: bool = True, has_rate: bool = False) -> None:
        self.total_bytes = 0
        self.n_runs = 0
        self.total_files = 0
        self._began_secs = time.monotonic()
        self._label = f"{label} " if label else ""
        self._shown = is_shown and sys.stderr.isatty()
        self._has_rate = has_rate
        self._next_secs = 0.0
        self._width = 0

    def draw(self, n_bytes: int, n_sent_runs: int = 0, *, n_files: int = 0) -> None:
        """Show the number of bytes moved."""
        now = time.monotonic()
        if not self._shown or now < self._next_secs:
            return
        self._next_secs = now + BAR_SECS
        secs = now - self._began_secs
        line = f"weft: {self._label}{n_bytes / 1e6:.1f} MB"
        if self.total_bytes:
            part = min(1.0, n_bytes / self.total_bytes)
            bar = ("█" * round(part * BAR_CHARS)).ljust(BAR_CHARS, "░")
            line = (
                f"weft: {self._label}{bar} {n_bytes / 1e6:.1f} of {self.total_bytes / 1e6:.1f} MB"
            )
        if self.n_runs > 1:
            line += f" · {shown_progress(n_sent_runs, self.n_runs, secs)}"
        if self.total_files:
            line += f" · {n_files:,} of {self.total_files:,} files"
        if self._has_rate and n_bytes and secs >= _RATE_SECS:
            line += f" · {shown_size(int(n_bytes / secs))}/s"
        self._write(line)

    def say(self, text: str) -> None:
        """Show a text in place of the bar."""
        now = time.monotonic()
        if self._shown and now >= self._next_secs:
            self._next_secs = now + BAR_SECS
            self._write(f"weft: {self._label}{text}")

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r{line.ljust(self._width)}")
        sys.stderr.flush()
        self._width = len(line)

    def draw_files(self, n_files: int) -> None:
        """Show the number of files made."""
        self.say(f"{n_files:,} files made")

    def clear(self) -> None:
        """Remove the line."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            self._width = 0
