"""Shows the progress of long commands: one line on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Final

import click

from weft.records.sizes import shown_size

_SECS_BETWEEN: Final = 0.1
_COUNTED_IN_BYTES: Final = frozenset(
    {"databases", "metrics", "files", "archive", "check", "sending"}
)


class ProgressLine:
    """One line of the terminal that is overwritten, and cleared at the end; not `shown` to callers
    that want only the result.
    """

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown and sys.stderr.isatty()
        self._drawn_secs = 0.0
        self._phase = ""

    def __call__(self, phase: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if not self._shown or (phase == self._phase and now - self._drawn_secs < _SECS_BETWEEN):
            return
        self._drawn_secs, self._phase = now, phase
        share = f" {min(done / total, 1.0):4.0%}" if total else ""
        amount = shown_size(done) if phase in _COUNTED_IN_BYTES else f"{done:,}"
        self._draw(f"{phase}{share}  {amount}")

    def write(self, text: str) -> None:
        """Show a line of the caller's text."""
        if self._shown:
            self._phase = text
            self._draw(text)

    def _draw(self, text: str) -> None:
        click.echo(f"\r\x1b[Kweft: {text}", nl=False, err=True)

    def close(self) -> None:
        """Clear the line."""
        if self._shown and self._phase:
            click.echo("\r\x1b[K", nl=False, err=True)
