"""The console capture of a run whose descriptors go through a relay. Does I/O.

It has the interface of `capture.Capture`, which here works in the relay process.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from weft.errors import WeftError
from weft.sdk.console.redirection import Redirection
from weft.sdk.guard import Guard


class Redirected:
    """The capture of a run whose descriptors lead to a relay process.

    `output` is `output.log`, None if another process of the run writes it. `redacted`, replaced
    secrets by kind, is known after `close`. After an OSError, nothing was changed.
    """

    def __init__(
        self,
        log: Path,
        guard: Guard,
        output: Path | None,
        patterns: list[str],
        *,
        is_redacted: bool,
    ) -> None:
        self._guard = guard
        self.redacted: Counter[str] = Counter()
        self._redirection: Redirection | None = Redirection(
            log, output, patterns, is_on=is_redacted
        )

    def record_lines(self, text: str) -> None:
        """Record lines that are not printed."""
        if self._redirection is None:
            return
        try:
            self._redirection.say(text)
        except OSError as error:
            self._warn(f"console output can't be recorded: {error}")

    def flush_due(self) -> None:
        """Nothing is due here: the relay keeps the time."""

    def after_fork(self) -> None:
        """In a forked child: what it prints is recorded with its parent's output."""
        if self._redirection is not None:
            self._redirection.leave()

    def close(self) -> None:
        """Wait for the relay's record, at most 2 s, and put the descriptors back."""
        redirection, self._redirection = self._redirection, None
        if redirection is None:
            return
        if not redirection.close():
            self._warn("the relay of the console did not record everything that was printed")
        self.redacted.update(redirection.redacted)

    def _warn(self, sentence: str) -> None:
        try:
            self._guard.warn("console", sentence)
        except WeftError:
            pass  # even in a strict run, `finish` continues
